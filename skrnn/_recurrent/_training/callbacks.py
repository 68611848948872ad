"""The user's callbacks for skorch, and those that skrnn adds."""

from __future__ import annotations

import copy
import re
from typing import Any

from skorch.callbacks import Callback, EarlyStopping, InputShapeSetter
from tqdm.auto import tqdm

from .history import Best
from .split import Split


def check_callbacks(callbacks: list[Any] | None) -> None:
    """Raise ValueError unless each item is a skorch callback, or a pair of a name and one.

    In a pair None takes the place of a callback that is switched off. Names are part of the
    names of parameters, so they have no double underscore.
    """
    for item in callbacks or []:
        is_pair = isinstance(item, tuple | list) and len(item) == 2
        callback = item[1] if is_pair else item
        if is_pair and not (isinstance(item[0], str) and item[0] and "__" not in item[0]):
            raise ValueError(
                "The name of a callback must be a string that is not empty and has no '__', but "
                f"is {item[0]!r}."
            )
        if is_pair and callback is None:
            continue
        kind = callback if isinstance(callback, type) else type(callback)
        if not issubclass(kind, Callback):
            raise ValueError(
                f"callbacks must be callbacks of skorch, or pairs of a name and a callback, but "
                f"{item!r} is neither."
            )
        if issubclass(kind, InputShapeSetter):
            raise ValueError(
                "The callback InputShapeSetter cannot be used, since the network has the shape of "
                "X already. Leave it out."
            )


def training_callbacks(
    more: list[Any] | None,
    *,
    verbose: int,
    early_stopping: bool,
    n_iter_no_change: int,
    tol: float,
) -> list[Any]:
    """Return the callbacks that an estimator's parameters ask for, then copies of the user's.

    Parameters
    ----------
    more : list or None
        The user's callbacks.
    verbose, early_stopping, n_iter_no_change, tol
        As in the estimators.
    """
    callbacks: list[Any] = []
    if verbose:
        callbacks.append(("progress", EpochProgressBar()))
    if early_stopping:
        stopping = EarlyStopping(patience=n_iter_no_change, threshold=tol, sink=_print_nothing)
        callbacks += [("best_weights", BestWeights()), ("early_stopping", stopping)]
    try:
        return callbacks + copy.deepcopy(more or [])
    except Exception as error:
        raise TypeError(
            f"callbacks must be objects that can be copied, since each fit uses copies, but "
            f"copy.deepcopy fails: {error}. Open files and connections in on_train_begin."
        ) from error


def may_change_network(callbacks: list[tuple[str, Callback]]) -> bool:
    """Tell whether a callback may change the network or its optimizer between two epochs.

    All may, but those that skrnn adds.
    """
    own = EpochProgressBar, BestWeights, EarlyStopping
    return any(type(callback) not in own for _, callback in callbacks)


def best_epoch(net: Any) -> Best:
    """Return the epoch whose weights `BestWeights` restored, without it the one of lowest loss."""
    restored: BestWeights | None = dict(net.callbacks_).get("best_weights")
    if restored is not None:
        return restored.best_
    best: dict[str, Best] = net.history.best
    return best.get("valid_loss", best.get("train_loss", Best()))


def explain_callback_error(error: Exception, history: list[dict[str, Any]]) -> None:
    """Raise ValueError with the cure, where an error of a callback or schedule names none.

    Parameters
    ----------
    error : Exception
        Raised while the callbacks were called.
    history : list of dict
        Of the net, with the present epoch.
    """
    text = str(error)
    missing = re.search(r"'(\w+)'.* found in history", text)
    if missing:
        recorded = sorted(key for key in history[-1] if key.endswith(("_loss", "_best")))
        raise ValueError(
            f"A callback looks for {missing[1]!r} in the history, but epoch {len(history)} has "
            f"only {', '.join(recorded)} and the records of the callbacks before it. 'valid_loss' "
            "needs validation rows: pass X_val and y_val to fit, or choose monitor='train_loss'. "
            "A score needs its EpochScoring in front."
        ) from error
    if "specified number of total steps" in text:
        raise ValueError(
            f"A schedule of the learning rate is over after epoch {len(history)}: {text}. Set "
            "total_steps to the steps of all trainings together, those of fit and of each later "
            "fit or partial_fit."
        ) from error


def _print_nothing(*args: Any) -> None:
    """Replace ``print`` in skorch's callbacks."""


class BestWeights(Callback):
    """Restore, after training, the weights with the lowest validation loss.

    skorch's EarlyStopping restores the last epoch that improved by more than its threshold. This
    one restores the best epoch, however small its improvement.
    """

    def on_train_begin(self, net: Any, X: Split, **kwargs: Any) -> None:
        """Forget earlier trainings. If training continues, keep the present weights."""
        self.best_ = Best()
        self.best_state_ = None
        if net.history:
            self._keep(net, net.mean_loss(X.validation))

    def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
        """Keep a copy of the weights if their loss is the lowest so far."""
        loss = net.history[-1, "valid_loss"]
        if loss < self.best_.loss:
            self._keep(net, loss)

    def _keep(self, net: Any, loss: float) -> None:
        self.best_ = Best(loss, net.history.weights_of)
        self.best_state_ = copy.deepcopy(net.module_.state_dict())

    def on_train_end(self, net: Any, **kwargs: Any) -> None:
        """Restore the best weights."""
        if self.best_state_ is not None:
            net.module_.load_state_dict(self.best_state_)
            net.history.weights_of = self.best_.epoch
        self.best_state_ = None


class EpochProgressBar(Callback):
    """Show a progress bar over the epochs, with the latest losses."""

    def on_train_begin(self, net: Any, **kwargs: Any) -> None:
        """Show an empty bar."""
        self.bar_ = tqdm(total=net.max_epochs, unit="epoch")

    def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
        """Advance by one epoch."""
        epoch = net.history[-1]
        losses = {
            name: f"{epoch[key]:.4g}"
            for name, key in (("loss", "train_loss"), ("validation", "valid_loss"))
            if key in epoch
        }
        self.bar_.set_postfix(losses, refresh=False)
        self.bar_.update()

    def on_train_end(self, net: Any, **kwargs: Any) -> None:
        """Leave the last state of the bar on the screen."""
        self.bar_.close()
        del self.bar_
