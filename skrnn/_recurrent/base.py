"""Base of the recurrent estimators: their public methods, and the steps of a training."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if

from skrnn._recurrent._network.device import check_device, memory_errors
from skrnn._recurrent._network.losses import LOSSES, WeightedLoss
from skrnn._recurrent._network.modules import ARCHITECTURES
from skrnn._recurrent._network.optimizers import OPTIMIZERS, optimizer_options
from skrnn._recurrent._network.torch_modes import own_torch_modes
from skrnn._recurrent._training.backend import BACKENDS
from skrnn._recurrent._training.callbacks import best_epoch, check_callbacks, training_callbacks
from skrnn._recurrent._training.net import RecurrentNet
from skrnn._recurrent._training.split import Split, make_split
from skrnn._recurrent._training.usefulness import why_useless
from skrnn._validation.newest_rows import warn_if_last_rows_are_older
from skrnn._validation.numbers import check_range
from skrnn._validation.parameters import Interval
from skrnn._validation.rows import (
    training_rows,
    validation_rows,
    warn_if_validation_is_far,
)
from skrnn._validation.sequence_regressor import SequenceRegressorMixin
from skrnn._validation.sequences import (
    check_same_features,
    check_sequences,
    remember_features,
)
from skrnn._validation.targets import check_targets, check_weights

from .callback_parameters import CallbackParametersMixin
from .prediction import PredictionMixin, quantiles_to_learn


def _trains_by_epochs(estimator: BaseRecurrentEstimator) -> bool:
    """Tell whether partial_fit is available; raise an error that says why not."""
    if estimator.early_stopping:
        raise AttributeError(
            "partial_fit trains for one epoch, so it cannot stop early. Set early_stopping=False, "
            "or call fit with warm_start=True."
        )
    return True


@dataclass(kw_only=True, eq=False, repr=False)
class BaseRecurrentEstimator(PredictionMixin, CallbackParametersMixin):
    """Base of the recurrent estimators. Their docstrings describe the parameters.

    The fields of the dataclass are the parameters: each public class gets an ``__init__`` of
    its own that assigns them.
    """

    _cell: ClassVar[str]

    hidden_size: int = field(default=32, kw_only=False)
    num_layers: int = 1
    bidirectional: bool = False
    dropout: float = 0.0
    architecture: str = "many-to-one"
    loss: str = "squared_error"
    quantile: float | Sequence[float] = 0.5
    huber_delta: float = 1.0
    optimizer: str | Callable[..., torch.optim.Optimizer] = "adam"
    learning_rate: float = 0.01
    weight_decay: float = 0.0
    max_grad_norm: float | None = None
    batch_size: int = 32
    max_epochs: int = 30
    shuffle: bool = True
    early_stopping: bool = False
    validation_fraction: float = 0.1
    n_iter_no_change: int = 10
    tol: float = 1e-4
    warm_start: bool = False
    backend: str = "auto"
    device: str | torch.device = "cpu"
    callbacks: list[Any] | None = None
    random_state: int | np.random.RandomState | None = None
    verbose: int = 0

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "hidden_size": [Interval(Integral, 1, None, closed="left")],
        "num_layers": [Interval(Integral, 1, None, closed="left")],
        "bidirectional": ["boolean"],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "architecture": [StrOptions(set(ARCHITECTURES))],
        "loss": [StrOptions(set(LOSSES))],
        "quantile": [Interval(Real, 0, 1, closed="neither"), list, tuple, np.ndarray],
        "huber_delta": [Interval(Real, 0, None, closed="neither")],
        "optimizer": [StrOptions(set(OPTIMIZERS)), callable],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "max_grad_norm": [None, Interval(Real, 0, None, closed="neither")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "max_epochs": [Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, 1, closed="left")],
        "warm_start": ["boolean"],
        "backend": [StrOptions(set(BACKENDS))],
        "device": [str, torch.device],
        "callbacks": [None, list],
        "random_state": [
            Interval(Integral, 0, 2**32 - 1, closed="both"),
            np.random.RandomState,
            None,
        ],
        "verbose": ["verbose"],
    }

    # -- the public methods ----------------------------------------------------

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
    ) -> Self:
        """Train the network.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps, n_features) or \
                (n_samples, n_timesteps)
            Sequences. 2-D input holds univariate sequences, with one column for each
            time step. In 3-D input, leading time steps that are NaN in every feature
            are padding: the row is a shorter sequence. Rows of padding alone are not
            used.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Target of each row. If ``architecture`` has time steps in its output, the
            shape is (n_samples, n_steps) or (n_samples, n_steps, n_outputs). A horizon
            of one step may be of shape (n_samples,). Targets at steps of padding are
            not used.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row in the loss. Rows of weight zero are not used.
        X_val, y_val : array-like, default=None
            Validation rows. Their loss is recorded in ``validation_loss_curve_``.
            ``early_stopping`` uses them instead of the last rows of `X`.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If the input is not valid, or if the loss becomes NaN or infinite. The
            estimator then stays as it was before.
        MemoryError
            If there is not enough memory for the network.

        Warns
        -----
        ConvergenceWarning
            If after at least 50 updates of the weights, or after early stopping, the loss of
            the training rows is no lower than that of a constant prediction; or if Ctrl-C
            ends the training.
        """
        return self._train(X, y, sample_weight, X_val, y_val)

    @available_if(_trains_by_epochs)
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Train the network for one more epoch, from the present weights.

        Not available with ``early_stopping=True``, which needs several epochs.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps, n_features) or \
                (n_samples, n_timesteps)
            Sequences, as in :meth:`fit`.
        y : array-like
            Targets, as in :meth:`fit`.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row in the loss.

        Returns
        -------
        self : object
            The estimator, after one more epoch.
        """
        return self._train(X, y, sample_weight, one_epoch=True)

    @property
    def _holds_out_last_rows(self) -> bool:
        return self.early_stopping

    # -- training ----------------------------------------------------------------

    def _train(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
        *,
        one_epoch: bool = False,
    ) -> Self:
        """Check the input, split it, train a new net, and only then change the estimator."""
        owner = type(self).__name__
        earlier = getattr(self, "net_", None) if self.warm_start or one_epoch else None
        stops_early = self.early_stopping and not one_epoch
        steps = ARCHITECTURES[self.architecture].steps
        quantiles = quantiles_to_learn(self.loss, self.quantile)
        check_device(str(self.device))
        check_callbacks(self.callbacks)

        sequences = check_sequences(X, owner=owner)
        if earlier is not None:
            check_same_features(self, X, sequences)
        dtype = sequences.values.dtype if earlier is None else earlier.dtype
        check_range(sequences.values, dtype, name="X", owner=owner)
        targets = check_targets(y, sequences, steps=steps, dtype=dtype, owner=owner)
        weight = check_weights(sample_weight, sequences, owner=owner)
        rows = training_rows(sequences, targets, weight, owner=owner)
        given = validation_rows(X_val, y_val, sequences, targets, steps=steps, owner=owner)
        if given is not None:
            check_range(given.X, dtype, name="X_val", owner=owner)
            warn_if_validation_is_far(rows.y, given.y, owner=owner)
        if stops_early:
            warn_if_last_rows_are_older(self, y, validated=given is not None)
        split = make_split(rows, given, held_out=self.validation_fraction if stops_early else None)
        if quantiles is not None:
            split = split.with_copies(len(quantiles))

        with own_torch_modes(str(self.device)), memory_errors(f"{owner}.fit"):
            net = self._make_net(
                split,
                quantiles,
                dtype=dtype,
                max_epochs=1 if one_epoch else self.max_epochs,
                early_stopping=stops_early,
            )
            net.initialize()
            if earlier is not None:
                net.resume(earlier)
            net.partial_fit(split)

        if earlier is None:
            remember_features(self, X, sequences)
        self._y_ndim, self._quantiles = targets.ndim, quantiles
        self.n_outputs_ = targets.values.shape[-1]
        self._take_results(net, earlier)
        if not one_epoch:
            is_table = sequences.ndim == 2 and hasattr(X, "columns")
            self._warn_if_useless(split, n_timesteps=sequences.values.shape[1] if is_table else 0)
        return self

    def _make_net(
        self,
        split: Split,
        quantiles: NDArray[Any] | None,
        *,
        dtype: np.dtype[Any],
        max_epochs: int,
        early_stopping: bool,
    ) -> RecurrentNet:
        """Return a net with the parameters of this estimator, for rows of some shape."""
        architecture = ARCHITECTURES[self.architecture]
        aligned = architecture.steps == "input"
        X, y = split.training.X, split.training.y
        network = {
            "cell": self._cell,
            "n_features": X.shape[2],
            "hidden_size": int(self.hidden_size),
            "num_layers": int(self.num_layers),
            "bidirectional": bool(self.bidirectional),
            "nonlinearity": getattr(self, "nonlinearity", None),  # of RNNRegressor
            # Aligned targets have as many steps as the input, whatever its length.
            "target_shape": (None, *y.shape[2:]) if aligned else y.shape[1:],
            "dropout": float(self.dropout),
        }
        return RecurrentNet(
            architecture.module,
            **{f"module__{name}": value for name, value in network.items()},
            criterion=WeightedLoss,
            criterion__name=self.loss,
            criterion__quantile=self.quantile if quantiles is None else quantiles.tolist(),
            criterion__delta=self.huber_delta,
            **optimizer_options(
                self.optimizer,
                learning_rate=self.learning_rate,
                weight_decay=self.weight_decay,
                device=str(self.device),
            ),
            batch_size=min(int(self.batch_size), len(X)),
            max_epochs=max_epochs,
            shuffle=self.shuffle,
            max_grad_norm=self.max_grad_norm,
            callbacks=training_callbacks(
                self.callbacks,
                verbose=self.verbose,
                early_stopping=early_stopping,
                n_iter_no_change=self.n_iter_no_change,
                tol=self.tol,
            ),
            backend=self.backend,
            device=str(self.device),
            seed=check_random_state(self.random_state).randint(np.iinfo(np.int32).max),
            dtype=dtype,
            aligned=aligned,
        )

    def _take_results(self, net: RecurrentNet, earlier: RecurrentNet | None) -> None:
        """Set the attributes that describe a training, and warn if it was interrupted."""
        n_before = 0 if earlier is None else len(earlier.history)
        for name, key in (("loss_curve_", "train_loss"), ("validation_loss_curve_", "valid_loss")):
            # The losses before are known: one more epoch takes the same time after thousands.
            before = [] if earlier is None else getattr(self, name)
            losses = [epoch[key] for epoch in net.history[n_before:] if key in epoch]
            setattr(self, name, before + losses)
        self.net_ = net
        self.backend_ = net.backend_
        self.n_iter_ = len(net.history)
        self.best_loss_, self.best_epoch_ = best_epoch(net)
        if net.interrupted_in_ is not None:
            warnings.warn(
                f"Training was interrupted in epoch {net.interrupted_in_}. The estimator keeps "
                "the weights that it had learned by then.",
                ConvergenceWarning,
                stacklevel=5,
            )

    def _warn_if_useless(self, split: Split, *, n_timesteps: int) -> None:
        """Warn if a constant predicts the training rows as well.

        `n_timesteps` is the number of columns of a table, otherwise 0.
        """
        reason = why_useless(self.net_, split.training)
        if reason is None:
            return
        advice = (
            f" X is a two-dimensional table, and each of its rows was read as a sequence of "
            f"{n_timesteps} step(s). If its rows are time steps, put SlidingWindowTransformer in "
            "front."
        )
        warnings.warn(
            f"{type(self).__name__} has learned nothing: {reason}. Likely remedies: scale X and y "
            "(StandardScaler in front, TransformedTargetRegressor around), put it into a "
            "WindowNormalizedRegressor, or change learning_rate "
            f"(now {self.learning_rate:g}).{advice if n_timesteps else ''}",
            ConvergenceWarning,
            stacklevel=5,
        )


class BaseRecurrentRegressor(SequenceRegressorMixin, BaseRecurrentEstimator):
    """Base of the recurrent regressors."""

    def _scored_steps(self, X: ArrayLike) -> NDArray[np.intp] | None:
        """Return the number of real steps of each row, if targets are aligned with the input."""
        if not self.net_.aligned:
            return None
        return check_sequences(X, owner=type(self).__name__).lengths
