"""skorch callbacks that skrnn adds to those a user may pass."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from skorch.callbacks import Callback, EarlyStopping
from tqdm.auto import tqdm


def check_callbacks(callbacks: list[Any] | None) -> None:
    """Raise ValueError unless every item is a callback of skorch, or a name and one."""
    for item in callbacks or []:
        callback = item[1] if isinstance(item, tuple | list) and len(item) == 2 else item
        kind = callback if isinstance(callback, type) else type(callback)
        if not issubclass(kind, Callback):
            raise ValueError(
                f"callbacks must hold callbacks of skorch, or pairs of a name and one, but "
                f"{item!r} is neither."
            )


def training_callbacks(
    *,
    verbose: int,
    early_stopping: bool,
    n_iter_no_change: int,
    tol: float,
    more: list[Any] | None,
) -> list[Any]:
    """Return the callbacks that an estimator's parameters ask for, then copies of the user's.

    Parameters
    ----------
    verbose, n_iter_no_change, tol
        As in the estimators.
    early_stopping : bool
        Whether there are validation rows to stop by.
    more : list or None
        The user's callbacks.
    """
    callbacks: list[Any] = []
    if verbose:
        callbacks.append(("progress", EpochProgressBar()))
    if early_stopping:
        stopping = EarlyStopping(patience=n_iter_no_change, threshold=tol, sink=_mute)
        callbacks += [("best_weights", BestWeights()), ("early_stopping", stopping)]
    return callbacks + copy.deepcopy(more or [])


def _mute(*args: Any) -> None:
    """Swallow what skorch's callbacks would print."""


class BestWeights(Callback):
    """Puts back, after training, the weights of the epoch with the lowest validation loss.

    skorch's EarlyStopping restores the last epoch that improved by its threshold;
    this one the best epoch, however little it improved.
    """

    def on_train_begin(self, net: Any, X: Any = None, **kwargs: Any) -> None:
        """Start from nothing, or from the weights that training goes on from."""
        self.best_loss_ = np.inf
        self.best_state_ = None
        if net.history:
            self._keep(net, net.mean_loss(X.validation))

    def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
        """Keep a copy of the weights if they are the best so far."""
        loss = net.history[-1, "valid_loss"]
        if loss < self.best_loss_:
            self._keep(net, loss)

    def _keep(self, net: Any, loss: float) -> None:
        self.best_loss_ = loss
        self.best_state_ = copy.deepcopy(net.module_.state_dict())

    def on_train_end(self, net: Any, **kwargs: Any) -> None:
        """Restore the best weights."""
        if self.best_state_ is not None:
            net.module_.load_state_dict(self.best_state_)
        self.best_state_ = None


class EpochProgressBar(Callback):
    """Shows a progress bar over the epochs, with the latest losses."""

    def on_train_begin(self, net: Any, **kwargs: Any) -> None:
        """Open the bar."""
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
        """Close the bar and leave its last state on the screen."""
        self.bar_.close()
        del self.bar_
