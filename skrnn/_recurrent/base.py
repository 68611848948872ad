"""What all recurrent estimators share: parameters, training, prediction."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.metaestimators import available_if

from skrnn._recurrent._network.device import check_device
from skrnn._recurrent._network.losses import LOSSES, WeightedLoss
from skrnn._recurrent._network.modules import ARCHITECTURES
from skrnn._recurrent._network.optimizers import OPTIMIZERS, optimizer_options
from skrnn._recurrent._training.backend import BACKENDS
from skrnn._recurrent._training.batches import Rows
from skrnn._recurrent._training.callbacks import check_callbacks, training_callbacks
from skrnn._recurrent._training.memory import memory_errors
from skrnn._recurrent._training.net import RecurrentNet
from skrnn._recurrent._training.resume import check_same_network
from skrnn._recurrent._training.training_rows import (
    hold_out_tail,
    training_rows,
    with_validation,
)
from skrnn._validation.sequences import (
    Sequences,
    check_fitted_input,
    check_same_features,
    check_sequences,
    remember_features,
)
from skrnn._validation.targets import Targets, check_targets, check_weights


def _trains_by_epochs(estimator: BaseRecurrentEstimator) -> bool:
    """Tell whether partial_fit is there; the error says why it is not."""
    if estimator.early_stopping:
        raise AttributeError(
            "partial_fit trains for one epoch and cannot stop early: set early_stopping=False, or "
            "call fit with warm_start=True."
        )
    return True


class BaseRecurrentEstimator(BaseEstimator):
    """Base of the recurrent estimators; see the subclasses for the parameters."""

    _cell: ClassVar[str]

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "hidden_size": [Interval(Integral, 1, None, closed="left")],
        "num_layers": [Interval(Integral, 1, None, closed="left")],
        "bidirectional": ["boolean"],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "architecture": [StrOptions(set(ARCHITECTURES))],
        "loss": [StrOptions(set(LOSSES))],
        "quantile": [Interval(Real, 0, 1, closed="neither")],
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
        "tol": [Interval(Real, 0, None, closed="left")],
        "warm_start": ["boolean"],
        "backend": [StrOptions(set(BACKENDS))],
        "device": [str, torch.device],
        "callbacks": [None, list],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        hidden_size: int = 32,
        *,
        num_layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        architecture: str = "many-to-one",
        loss: str = "squared_error",
        quantile: float = 0.5,
        huber_delta: float = 1.0,
        optimizer: str | Callable[..., torch.optim.Optimizer] = "adam",
        learning_rate: float = 0.01,
        weight_decay: float = 0.0,
        max_grad_norm: float | None = None,
        batch_size: int = 32,
        max_epochs: int = 100,
        shuffle: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        tol: float = 1e-4,
        warm_start: bool = False,
        backend: str = "auto",
        device: str | torch.device = "cpu",
        callbacks: list[Any] | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ) -> None:
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bidirectional = bidirectional
        self.dropout = dropout
        self.architecture = architecture
        self.loss = loss
        self.quantile = quantile
        self.huber_delta = huber_delta
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.max_grad_norm = max_grad_norm
        self.batch_size = batch_size
        self.max_epochs = max_epochs
        self.shuffle = shuffle
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.warm_start = warm_start
        self.backend = backend
        self.device = device
        self.callbacks = callbacks
        self.random_state = random_state
        self.verbose = verbose

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
            Sequences. 2-D input holds univariate sequences, one column a time step.
            In 3-D input, leading time steps that are NaN in every feature are
            padding: such a row is a shorter sequence. Rows of nothing but padding
            are left out.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets, in the order of the rows. With time steps, as ``architecture``
            says, (n_samples, n_steps) or (n_samples, n_steps, n_outputs); those at
            steps of padding are not read.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row in the loss; a row of weight zero is left out.
        X_val, y_val : array-like, default=None
            Validation rows. They are watched in ``validation_loss_curve_``, and
            ``early_stopping`` uses them in place of the last rows of `X`.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If the input is malformed, or the loss becomes NaN or infinite. The
            estimator stays as it was.
        MemoryError
            If the network does not fit into memory.
        """
        return self._train(X, y, sample_weight, X_val, y_val)

    @available_if(_trains_by_epochs)
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Train for one epoch more, from the present weights.

        Not available with ``early_stopping=True``, which has to see several epochs.

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
            The estimator, trained on.
        """
        return self._train(X, y, sample_weight, one_epoch_more=True)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Predict the targets of sequences.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps, n_features) or \
                (n_samples, n_timesteps)
            Sequences. 3-D input may have another number of time steps than in
            :meth:`fit`. A row of nothing but padding is predicted from the initial
            state.

        Returns
        -------
        y : ndarray of shape (n_samples,), (n_samples, n_outputs) or with time steps
            Predictions, in the shape that `y` had in :meth:`fit`; float32 for float32
            `X`, else float64. "many-to-many" predicts as many steps as `X`
            has; a step of padding is predicted from the initial state.
        """
        sequences = check_fitted_input(self, X)
        rows = Rows(sequences.values, sequences.lengths)
        with memory_errors(f"{type(self).__name__}.predict"):
            y = self.net_.predict(rows).astype(rows.X.dtype, copy=False)
        return y if self._y_has_outputs else y[..., 0]

    # -- training ----------------------------------------------------------------

    def _train(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
        *,
        one_epoch_more: bool = False,
    ) -> Self:
        """Check everything, train a new net, and only then change the estimator."""
        owner = type(self).__name__
        earlier = getattr(self, "net_", None) if self.warm_start or one_epoch_more else None
        check_device(str(self.device))
        check_callbacks(self.callbacks)
        sequences = check_sequences(X, owner=owner)
        dtype = sequences.values.dtype if earlier is None else earlier.dtype
        steps = ARCHITECTURES[self.architecture].steps
        targets = check_targets(y, sequences, steps=steps, dtype=dtype, owner=owner)
        weight = check_weights(sample_weight, sequences, owner=owner)
        if earlier is not None:
            check_same_features(self, X, sequences)
        rows = training_rows(sequences, targets, weight, owner=owner)
        if given := X_val is not None or y_val is not None:
            with_validation(rows, X_val, y_val, sequences, targets, steps=steps, owner=owner)
        with memory_errors(f"{owner}.fit"):
            stops_early = self.early_stopping and not one_epoch_more
            if stops_early and not given:
                rows = hold_out_tail(rows, self.validation_fraction)
            net = self._make_net(
                sequences,
                targets,
                rows,
                max_epochs=1 if one_epoch_more else self.max_epochs,
                early_stopping=stops_early,
                dtype=dtype,
            )
            net.initialize()
            if earlier is not None:
                check_same_network(earlier, net, owner=owner)
                net.resume(earlier)
            net.partial_fit(rows)
        if earlier is None:
            remember_features(self, X, sequences)
        self._y_has_outputs = targets.has_outputs
        self.n_outputs_ = targets.values.shape[-1]
        self._take_results(net)
        if net.interrupted_in_ is not None:
            warnings.warn(
                f"Training was interrupted in epoch {net.interrupted_in_}; the estimator keeps "
                "the weights that it had learned by then.",
                ConvergenceWarning,
                stacklevel=3,
            )
        return self

    def _take_results(self, net: RecurrentNet) -> None:
        history = net.history.to_list()
        self.net_ = net
        self.backend_ = net.backend_
        self.loss_curve_ = [epoch["train_loss"] for epoch in history]
        self.validation_loss_curve_ = [e["valid_loss"] for e in history if "valid_loss" in e]
        self.n_iter_ = len(history)
        restored = dict(net.callbacks_).get("best_weights")
        curve = self.validation_loss_curve_ or self.loss_curve_
        self.best_loss_ = min(curve, default=np.inf) if restored is None else restored.best_loss_

    def _make_net(
        self,
        sequences: Sequences,
        targets: Targets,
        rows: Rows,
        *,
        max_epochs: int,
        early_stopping: bool,
        dtype: np.dtype[Any],
    ) -> RecurrentNet:
        architecture = ARCHITECTURES[self.architecture]
        target_shape = targets.values.shape[1:]
        if architecture.steps == "input":
            target_shape = (None, *target_shape[1:])  # whatever the input has
        network = {
            "cell": self._cell,
            "n_features": sequences.values.shape[2],
            "hidden_size": int(self.hidden_size),
            "num_layers": int(self.num_layers),
            "bidirectional": bool(self.bidirectional),
            "nonlinearity": getattr(self, "nonlinearity", None),
        }
        seed = check_random_state(self.random_state).randint(np.iinfo(np.int32).max)
        return RecurrentNet(
            architecture.module,
            aligned=architecture.steps == "input",
            **{f"module__{name}": value for name, value in network.items()},
            module__target_shape=target_shape,
            module__dropout=float(self.dropout),
            criterion=WeightedLoss,
            criterion__name=self.loss,
            criterion__quantile=self.quantile,
            criterion__delta=self.huber_delta,
            **optimizer_options(
                self.optimizer,
                learning_rate=self.learning_rate,
                weight_decay=self.weight_decay,
                device=str(self.device),
            ),
            batch_size=min(self.batch_size, len(rows)),
            max_epochs=max_epochs,
            shuffle=self.shuffle,
            max_grad_norm=self.max_grad_norm,
            backend=self.backend,
            talkative=bool(self.verbose),
            callbacks=training_callbacks(
                verbose=self.verbose,
                early_stopping=early_stopping,
                n_iter_no_change=self.n_iter_no_change,
                tol=self.tol,
                more=self.callbacks,
            ),
            device=str(self.device),
            seed=seed,
            dtype=dtype,
        )
