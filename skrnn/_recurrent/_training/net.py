"""The skorch net that trains the networks, and what it does differently from skorch.

skorch supplies the training loop, the history and the callbacks. This net takes its batches from
arrays in memory, draws each random number from its own generator, runs an epoch in the compiled
backend where that is faster, and raises an error if the loss is not finite.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import torch
from numpy.typing import DTypeLike, NDArray
from skorch import NeuralNet
from skorch.utils import to_numpy
from torch import Tensor

from skrnn._recurrent._compiled.engine import Engine
from skrnn._recurrent._network.initialization import LeavesWeightsEmpty, initialize_weights
from skrnn._recurrent._network.modules import stacks_of
from skrnn._recurrent._network.optimizers import (
    check_is_optimizer,
    explain_optimizer,
    kind_of,
    without_importing_compiler,
)
from skrnn._recurrent._network.torch_threads import torch_threads_for
from skrnn._validation.rows import Rows
from skrnn._validation.sequences import is_real_step

from .backend import any_wants_batches, can_predict, choose_backend
from .batches import Batches, Inputs, move_padding_to_front, real_steps
from .callbacks import explain_callback_error, may_change_network
from .divergence import divergence
from .history import EpochHistory
from .interrupts import notice_ctrl_c
from .schedules import continued_schedules
from .split import Split

# Rows in each batch of a prediction: enough for the vector units, few enough for the cache
# (benchmarks/prediction.py).
PREDICTION_BATCH_SIZE = 1024


class RecurrentNet(NeuralNet):
    """A skorch net that is trained on the rows of a split.

    Parameters
    ----------
    module : type
        Class of the network. Its parameters are passed as ``module__<name>``.
    seed : int
        Seed of the initial weights, the order of rows, and dropout.
    dtype : numpy dtype
        Floating-point type of the weights.
    aligned : bool, default=False
        Whether the targets have the time steps of the input.
    shuffle : bool, default=True
        Whether each epoch visits the rows in a new order.
    max_grad_norm : float or None, default=None
        Largest norm of the gradient of a batch.
    backend : {"auto", "compiled", "torch"}, default="auto"
        Backend that runs the epochs.
    **kwargs
        Parameters of :class:`skorch.NeuralNet`.

    Attributes
    ----------
    rng_ : numpy.random.Generator
        Source of all random numbers.
    backend_ : {"compiled", "torch"}
        Backend of the last epoch.
    interrupted_in_ : int or None
        Epoch in which the user interrupted the training.
    """

    def __init__(
        self,
        module: type[torch.nn.Module],
        *,
        seed: int,
        dtype: DTypeLike,
        aligned: bool = False,
        shuffle: bool = True,
        max_grad_norm: float | None = None,
        backend: str = "auto",
        **kwargs: Any,
    ) -> None:
        super().__init__(module, verbose=0, train_split=None, predict_nonlinearity=None, **kwargs)
        self.seed = seed
        self.dtype = np.dtype(dtype)
        self.aligned = aligned
        self.shuffle = shuffle
        self.max_grad_norm = max_grad_norm
        self.backend = backend
        self.interrupted_in_: int | None = None
        self._ctrl_c = False
        self._is_chosen = False
        self._engine: Engine | None = None
        self._continued: RecurrentNet | None = None

    # -- start ---------------------------------------------------------------

    @property
    def _default_callbacks(self) -> list[Any]:
        # Without skorch's own, which print a log and average the losses of batches.
        return []

    def initialize(self) -> RecurrentNet:
        """Create network, optimizer and callbacks, and choose the backend of the first epoch."""
        super().initialize()
        self.backend_ = self._choose_backend()
        return self

    def initialize_history(self) -> RecurrentNet:
        """Create an empty history."""
        self.history_ = EpochHistory()
        return self

    def initialize_module(self) -> RecurrentNet:
        """Create the network, with weights drawn from this net's own generator."""
        self.rng_ = np.random.default_rng(self.seed)
        self._engine = None
        with LeavesWeightsEmpty():
            super().initialize_module()
        self.module_.to(getattr(torch, self.dtype.name))
        generator = torch.Generator().manual_seed(self._draw_seed())
        initialize_weights(self.module_, generator)
        return self

    def initialize_optimizer(self, *args: Any, **kwargs: Any) -> RecurrentNet:
        """Create the optimizer; raise an error that says how it was called if it cannot be."""
        _, options = self.get_params_for_optimizer("optimizer", [])
        with explain_optimizer(self.optimizer, options), without_importing_compiler():
            super().initialize_optimizer(*args, **kwargs)
            check_is_optimizer(self.optimizer_)
        return self

    def resume(self, earlier: RecurrentNet) -> RecurrentNet:
        """Continue from the state of an earlier net.

        What training changes is copied, so that `earlier` stays as it is. The state of the
        optimizer is kept if only its rates have changed. Schedules of the learning rate go on
        if neither they nor the learning rate have changed.

        Parameters
        ----------
        earlier : RecurrentNet
            Trained, with a network of the same shape.

        Raises
        ------
        ValueError
            If the network has another shape.
        """
        before, now = (
            net.get_params_for("module")
            | {"architecture": net.module.__name__, "n_quantiles": net.criterion_.n_quantiles}
            for net in (earlier, self)
        )
        for name in sorted(now):
            if name != "dropout" and before[name] != now[name]:
                raise ValueError(
                    f"Training cannot continue from the present weights: {name} was "
                    f"{before[name]} and is {now[name]} now. Keep it, or call fit with "
                    "warm_start=False."
                )
        self.module_.load_state_dict(earlier.module_.state_dict())
        if kind_of(self.optimizer_) == kind_of(earlier.optimizer_):
            state = copy.deepcopy(earlier.optimizer_.state_dict())
            options = self.optimizer_.state_dict()["param_groups"]
            self.optimizer_.load_state_dict({"state": state["state"], "param_groups": options})
            # torch loads everything but the number of steps in the type of the weights. NAdam's
            # product of momenta keeps its own type.
            for loaded, kept in zip(
                self.optimizer_.state.values(), state["state"].values(), strict=True
            ):
                if "mu_product" in kept:
                    loaded["mu_product"] = loaded["mu_product"].to(kept["mu_product"].dtype)
            self._continued = earlier  # whose schedules go on when the training begins
        self.rng_ = copy.deepcopy(earlier.rng_)
        self.history.continue_from(earlier.history)
        return self

    # -- batches -------------------------------------------------------------

    def get_split_datasets(
        self, X: Split, y: None = None, **fit_params: Any
    ) -> tuple[Rows, Rows | None]:
        """Return the two parts of a split."""
        return X.training, X.validation

    def get_iterator(self, dataset: Rows, training: bool = False) -> Batches:
        """Return the batches of some rows."""
        return Batches(
            dataset,
            self.batch_size if training else PREDICTION_BATCH_SIZE,
            dtype=self.dtype,
            device=self.device,
            aligned=self.aligned,
            training=training,
            rng=self.rng_ if training and self.shuffle else None,
        )

    def infer(self, x: Inputs, **fit_params: Any) -> Tensor:
        """Return the outputs of the network for one batch."""
        return self.module_(x.X, x.lengths)

    def get_loss(
        self, y_pred: Tensor, y_true: Tensor, X: Inputs | None = None, training: bool = False
    ) -> Tensor:
        """Return the weighted mean loss of one batch, over its real steps."""
        if X is None:
            return self.criterion_(y_pred, y_true)
        weight = X.weight
        if X.lengths is not None and self.aligned:
            real = real_steps(X.lengths, y_true.shape[1]).to(y_true.device)
            y_pred, y_true = y_pred[real], y_true[real]
            weight = None if weight is None else weight[:, None].expand(real.shape)[real]
        return self.criterion_(y_pred, y_true, weight)

    def train_step_single(self, batch: Any, **fit_params: Any) -> Any:
        """Compute the gradient of one batch, and clip it to ``max_grad_norm``."""
        step = super().train_step_single(batch, **fit_params)
        if self.max_grad_norm is not None:
            torch.nn.utils.clip_grad_norm_(self.module_.parameters(), self.max_grad_norm)
        return step

    def forward_iter(
        self, X: Rows, training: bool = False, device: str = "cpu"
    ) -> Iterator[Tensor]:
        """Yield the outputs of rows, batch by batch; ``predict`` puts them together.

        Steps of padding have the output of the initial state.
        """
        if not isinstance(X, Rows):
            raise TypeError(
                f"The net takes rows in skrnn's own form, not a {type(X).__name__}. Predict with "
                "the estimator, or pass a tensor without padding to net.module_."
            )
        if self.backend_ == "compiled" and can_predict(self.module_) and not training:
            outputs = self._compiled().predict(X.X, X.lengths, batch_size=PREDICTION_BATCH_SIZE)
            yield torch.from_numpy(outputs)
            return
        batches = self.get_iterator(X)
        for batch, lengths in zip(batches, batches.lengths(), strict=True):
            with torch_threads_for(self.module_, min(len(X), batches.batch_size)):
                output = self.evaluation_step(batch, training=training).to(device)
            if self.aligned:
                fill_value = to_numpy(self.module_.head.bias)
                moved = move_padding_to_front(to_numpy(output), lengths, X.X.shape[1], fill_value)
                output = torch.from_numpy(moved)
            yield output

    # -- training ------------------------------------------------------------

    def run_single_epoch(
        self, iterator: Batches | None, training: bool, prefix: str, step_fn: Any, **fit_params: Any
    ) -> None:
        """Run one epoch and record its mean loss, which has to be finite."""
        if iterator is None:
            return
        if training:
            for stack in stacks_of(self.module_):
                stack.dropout.reseed(self._draw_seed())
            if not self._is_chosen or may_change_network(self.callbacks_):
                self.backend_ = self._choose_backend()
                self._is_chosen = True
        if self.backend_ == "torch" or any_wants_batches(self.callbacks_, training):
            with torch_threads_for(self.module_, iterator.batch_size):
                super().run_single_epoch(iterator, training, prefix, step_fn, **fit_params)
        elif training:
            self._train_compiled(iterator)
        else:
            self._record_batches(prefix, [self.mean_loss(iterator.rows)], [len(iterator.rows)])
        self._record_loss(prefix)

    def mean_loss(self, rows: Rows, y_pred: NDArray[Any] | None = None) -> float:
        """Return the loss over rows, as an epoch of validation records it.

        `y_pred` are predictions; None: those of the network.
        """
        y_pred, weight = self.counted(rows, self.predict(rows) if y_pred is None else y_pred)
        tensors = (
            None if values is None else torch.from_numpy(values.astype(self.dtype))
            for values in (y_pred, self.counted(rows, rows.y)[0], weight)
        )
        return float(self.criterion_(*tensors))

    def counted(self, rows: Rows, y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any] | None]:
        """Return targets or predictions of rows without padded steps, and their weights."""
        if not self.aligned:
            return y, rows.weight
        weight = None if rows.weight is None else np.repeat(rows.weight, rows.lengths)
        return y[is_real_step(rows.lengths, rows.X.shape[1])], weight

    def _train_compiled(self, batches: Batches) -> None:
        rows = batches.rows
        losses, sizes = self._compiled().train_epoch(
            rows.X,
            rows.lengths,
            rows.y,
            rows.weight,
            batches.draw_order(),
            optimizer=self.optimizer_,
            criterion=self.criterion_,
            batch_size=self.batch_size,
            max_grad_norm=self.max_grad_norm,
        )
        self._record_batches("train", losses.tolist(), sizes.tolist())

    def _record_batches(self, prefix: str, losses: list[float], sizes: list[int]) -> None:
        """Record the losses of an epoch's batches, as skorch does for each batch."""
        loss, size = f"{prefix}_loss", f"{prefix}_batch_size"
        self.history[-1]["batches"] += [
            {loss: values[0], size: values[1]} for values in zip(losses, sizes, strict=True)
        ]
        self.history.record(f"{prefix}_batch_count", len(losses))

    def _record_loss(self, prefix: str) -> None:
        """Record the mean loss of an epoch; raise if it is not finite."""
        key = f"{prefix}_loss"
        batches = [batch for batch in self.history[-1]["batches"] if key in batch]
        sizes = [batch[f"{prefix}_batch_size"] for batch in batches]
        total = sum(batch[key] * size for batch, size in zip(batches, sizes, strict=True))
        loss = total / sum(sizes)
        self.history.record_loss(key, loss)
        if not np.isfinite(loss):
            part = {"train": "training", "valid": "validation"}[prefix]
            raise divergence(f"the {part} loss is {loss}", len(self.history), self.lr)

    def fit_loop(self, X: Split, y: None = None, epochs: int | None = None, **kwargs: Any) -> Any:
        """Run the epochs. After Ctrl-C the weights learned so far are kept."""
        self.interrupted_in_, self._ctrl_c = None, False
        self._is_chosen = False  # a callback may have changed the network since
        try:
            with notice_ctrl_c(self._notice_ctrl_c):
                super().fit_loop(X, y, epochs=epochs, **kwargs)
        except KeyboardInterrupt:
            recorded = {"train_loss"} if X.validation is None else {"train_loss", "valid_loss"}
            is_complete = bool(self.history) and recorded <= self.history[-1].keys()
            # A callback that ends the training does so after a complete epoch.
            if self._ctrl_c or not is_complete:
                self.interrupted_in_ = max(len(self.history), 1)
            if self.history and not is_complete:
                self.history.drop_last()
        finally:
            if self._engine is not None:
                self._engine.release()
        # The loss of an epoch is from before its last step, which may have diverged.
        if not np.isfinite(self.predict(X.training[: self.batch_size])).all():
            raise divergence("predictions are not finite", len(self.history), self.lr)
        return self

    def _notice_ctrl_c(self) -> None:
        self._ctrl_c = True

    def notify(self, method_name: str, **cb_kwargs: Any) -> None:
        """Call the callbacks, and delete records of batches that no callback will read."""
        try:
            with self._continuing():
                super().notify(method_name, **cb_kwargs)
        except Exception as error:
            explain_callback_error(error, self.history)
            raise
        if method_name in ("on_epoch_begin", "on_train_end"):
            # All epochs' records would take more memory than the network.
            for epoch in self.history[-2:]:
                epoch["batches"] = []

    def _continuing(self) -> AbstractContextManager[None]:
        """Return the context in which the schedules of a continued training start."""
        earlier, self._continued = self._continued, None
        return nullcontext() if earlier is None else continued_schedules(self, earlier)

    def _choose_backend(self) -> str:
        if not any(weight.requires_grad for weight in self.module_.parameters()):
            raise ValueError(
                "All weights of the network are frozen, so that there is nothing to train. "
                "Name fewer of them in the callback Freezer."
            )
        return choose_backend(
            self.backend, self.module_, self.optimizer_, self.callbacks_, self.batch_size
        )

    def _compiled(self) -> Engine:
        """Return the network in compiled form."""
        if self._engine is None:
            self._engine = Engine(self.module_)
        return self._engine

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_engine": None}

    def _draw_seed(self) -> int:
        return int(self.rng_.integers(2**63))
