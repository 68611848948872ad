"""The skorch net that trains the networks: what skrnn does differently from skorch.

skorch supplies the training loop, history and callbacks. This net feeds it from
memory, draws every random number from a generator of its own, and stops with an
error where the loss is no longer a number.
"""

from __future__ import annotations

import copy
import dis
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from skorch import NeuralNet
from skorch.utils import to_numpy
from torch import Tensor
from tqdm.auto import tqdm

from skrnn._recurrent._network.initialization import initialize_weights
from skrnn._recurrent._network.modules import SeededDropout
from skrnn._recurrent._training.backend import can_predict, choose_backend, wants_batches
from skrnn._recurrent._training.batches import (
    Batches,
    Inputs,
    Rows,
    move_padding_to_front,
    real_steps,
)
from skrnn._recurrent._training.memory import check_memory
from skrnn._validation.sequences import is_real_step

# Rows that are predicted at once: enough to fill the vector units, little enough
# to stay in the cache (benchmarks/prediction.py).
PREDICTION_BATCH_SIZE = 1024


class StopTraining(KeyboardInterrupt):
    """A callback has seen enough. skorch's callbacks raise KeyboardInterrupt for it."""


class RecurrentNet(NeuralNet):
    """A skorch net over rows in memory.

    Parameters
    ----------
    module : type
        Architecture of the network; its parameters follow as ``module__<name>``.
    seed : int
        Decides initial weights, the order of rows, and dropout.
    dtype : numpy dtype
        Floating-point type of the weights.
    aligned : bool, default=False
        Whether the target has the time steps of the input.
    shuffle : bool, default=True
        Whether each epoch goes through the rows in a new order.
    max_grad_norm : float or None, default=None
        Largest norm of the gradient of a batch.
    backend : {"auto", "compiled", "torch"}, default="auto"
        What runs an epoch.
    talkative : bool, default=False
        Whether to say when something is compiled.
    **kwargs
        Parameters of :class:`skorch.NeuralNet`.

    Attributes
    ----------
    rng_ : numpy.random.Generator
        Source of every random number.
    backend_ : {"compiled", "torch"}
        What ran the last epoch.
    """

    def __init__(
        self,
        module: type[torch.nn.Module],
        *,
        seed: int,
        dtype: Any,
        aligned: bool = False,
        shuffle: bool = True,
        max_grad_norm: float | None = None,
        backend: str = "auto",
        talkative: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(module, verbose=0, train_split=None, predict_nonlinearity=None, **kwargs)
        self.seed = seed
        self.dtype = np.dtype(dtype)
        self.aligned = aligned
        self.shuffle = shuffle
        self.max_grad_norm = max_grad_norm
        self.backend = backend
        self.talkative = talkative
        self._engine: Any = None
        self._announced = False

    # -- start ---------------------------------------------------------------

    @property
    def _default_callbacks(self) -> list[Any]:
        # skorch's own log to the screen and average batch losses; run_single_epoch
        # does the second.
        return []

    def initialize(self) -> RecurrentNet:
        """Build everything, and decide which backend begins."""
        super().initialize()
        self.backend_ = choose_backend(self.backend, self)
        return self

    def initialize_module(self) -> RecurrentNet:
        """Build the network with weights from this net's own generator."""
        self.rng_ = np.random.default_rng(self.seed)
        self._engine = None
        # Without memory at first: torch fills new layers from the global generator.
        with torch.device("meta"):
            super().initialize_module()
        self.module_.to(getattr(torch, self.dtype.name))
        sizes = self.get_params_for("module")
        sizes = {name: sizes[name] for name in ("hidden_size", "num_layers")}
        check_memory(self.module_, ", ".join(f"{name}={size}" for name, size in sizes.items()))
        self.module_.to_empty(device="cpu")
        generator = torch.Generator().manual_seed(self._draw_seed())
        initialize_weights(self.module_, generator)
        return self

    def resume(self, earlier: RecurrentNet) -> RecurrentNet:
        """Go on from where another net of the same shape has got to.

        Everything is copied: `earlier` is not touched when this net trains on. The
        optimizer's memory is kept if it is the same optimizer, but for its rates.
        """
        self.module_.load_state_dict(earlier.module_.state_dict())
        if _kind_of(self.optimizer_) == _kind_of(earlier.optimizer_):
            state = copy.deepcopy(earlier.optimizer_.state_dict())
            options = self.optimizer_.state_dict()["param_groups"]
            self.optimizer_.load_state_dict({"state": state["state"], "param_groups": options})
            # torch turns all but the number of steps into the type of the weights, NAdam's
            # product of momenta as well, which it multiplies in float32 otherwise.
            for loaded, kept in zip(
                self.optimizer_.state.values(), state["state"].values(), strict=True
            ):
                if "mu_product" in kept:
                    loaded["mu_product"] = loaded["mu_product"].to(kept["mu_product"].dtype)
        self.rng_ = copy.deepcopy(earlier.rng_)
        self.history.extend(copy.deepcopy(earlier.history.to_list()))
        return self

    # -- data ----------------------------------------------------------------

    def get_split_datasets(
        self, X: Rows, y: None = None, **fit_params: Any
    ) -> tuple[Rows, Rows | None]:
        """Return the training rows and the validation rows that came with them."""
        return X, X.validation

    def get_iterator(self, dataset: Rows, training: bool = False) -> Batches:
        """Return batches of in-memory rows instead of a DataLoader."""
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
        """Run the network on one batch."""
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

    def predict(self, X: Rows) -> NDArray[Any]:
        """Return the outputs of all rows; steps of padding show the initial state's."""
        if "forward_iter" in vars(self):
            # EpochScoring has put there what the batches predicted, to go with their targets.
            return np.concatenate([to_numpy(y_pred) for y_pred in self.forward_iter(X)])
        if self.backend_ == "compiled" and can_predict(self):
            return self._compiled().predict(X.X, X.lengths, batch_size=PREDICTION_BATCH_SIZE)
        iterator = self.get_iterator(X)
        outputs = [to_numpy(self.evaluation_step(batch)) for batch in iterator]
        if not self.aligned:
            return np.concatenate(outputs)
        fill_value = to_numpy(self.module_.head.bias)
        moved = [
            move_padding_to_front(output, lengths, X.X.shape[1], fill_value)
            for output, lengths in zip(outputs, iterator.lengths(), strict=True)
        ]
        return np.concatenate(moved)

    # -- training ------------------------------------------------------------

    def run_single_epoch(
        self, iterator: Batches | None, training: bool, prefix: str, step_fn: Any, **fit_params: Any
    ) -> None:
        """Run one epoch, record its mean loss, and raise if that is not finite."""
        if iterator is None:
            return
        if training:
            for part in self.module_.modules():
                if isinstance(part, SeededDropout):
                    part.reseed(self._draw_seed())
            self.backend_ = choose_backend(self.backend, self)
        key = f"{prefix}_loss"
        if self.backend_ == "torch" or wants_batches(self, training):
            super().run_single_epoch(iterator, training, prefix, step_fn, **fit_params)
        elif training:
            self._train_compiled(iterator)
        else:
            self._record_batches(prefix, [self.mean_loss(iterator.rows)], [len(iterator.rows)])
        batches = [batch for batch in self.history[-1]["batches"] if key in batch]
        sizes = [batch[f"{prefix}_batch_size"] for batch in batches]
        loss = float(np.average([batch[key] for batch in batches], weights=sizes))
        earlier = [epoch[key] for epoch in self.history.to_list()[:-1] if key in epoch]
        self.history.record(key, loss)
        self.history.record(f"{key}_best", loss < min(earlier, default=np.inf))
        if not np.isfinite(loss):
            part = "training" if training else "validation"
            self._raise_diverged(f"the {part} loss is {loss}")

    def mean_loss(self, rows: Rows) -> float:
        """Return the loss over rows, as an epoch of validation records it."""
        y_pred, y_true, weight = self.predict(rows), rows.y, rows.weight
        assert y_true is not None
        if self.aligned:
            real = is_real_step(rows.lengths, rows.X.shape[1])
            weight = None if weight is None else np.repeat(weight, rows.lengths)
            y_pred, y_true = y_pred[real], y_true[real]
        tensors = (
            None if values is None else torch.from_numpy(values.astype(self.dtype))
            for values in (y_pred, y_true, weight)
        )
        return float(self.criterion_(*tensors))

    def _train_compiled(self, batches: Batches) -> None:
        rows = batches.rows
        assert rows.y is not None
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
        """Write down the losses of an epoch's batches, as skorch does one by one."""
        loss, size = f"{prefix}_loss", f"{prefix}_batch_size"
        self.history[-1]["batches"] += [
            {loss: values[0], size: values[1]} for values in zip(losses, sizes, strict=True)
        ]
        self.history.record(f"{prefix}_batch_count", len(losses))

    def _compiled(self) -> Any:
        """Return the compiled form of the network."""
        if self._engine is None:
            # Not before it is needed: numba takes half a second to start.
            from skrnn._recurrent._compiled._engine import Engine

            self._engine = Engine(self.module_, announce=self._announce)
        return self._engine

    def _announce(self) -> None:
        if self.talkative and not self._announced:
            self._announced = True
            tqdm.write("skrnn: compiling, once; later starts find the result on disk.")

    def train_step_single(self, batch: Any, **fit_params: Any) -> Any:
        """Compute the gradient of one batch, and shorten it if that is asked for."""
        step = super().train_step_single(batch, **fit_params)
        if self.max_grad_norm is not None:
            torch.nn.utils.clip_grad_norm_(self.module_.parameters(), self.max_grad_norm)
        return step

    def fit_loop(self, X: Rows, y: None = None, epochs: int | None = None, **kwargs: Any) -> Any:
        """Run the epochs; an interrupt by the user keeps what was learned.

        Sets ``interrupted_in_``, the epoch of the interrupt, or None.
        """
        self.interrupted_in_: int | None = None
        try:
            super().fit_loop(X, y, epochs=epochs, **kwargs)
        except StopTraining:
            pass
        except KeyboardInterrupt:
            self.interrupted_in_ = max(len(self.history), 1)
            recorded = {"train_loss"} | ({"valid_loss"} if X.validation is not None else set())
            if self.history and not recorded <= self.history[-1].keys():
                self.history.pop()
        finally:
            if self._engine is not None:
                self._engine.release()
        # An epoch's loss is that before its last step, which may be the one too far.
        if not np.isfinite(self.predict(X[: self.batch_size])).all():
            self._raise_diverged("predictions are not finite")
        return self

    def notify(self, method_name: str, **cb_kwargs: Any) -> None:
        """Call the callbacks; tell their wish to stop from the user's Ctrl-C."""
        try:
            super().notify(method_name, **cb_kwargs)
        except KeyboardInterrupt as error:
            if method_name == "on_epoch_end" and _is_raised_by_hand(error):
                raise StopTraining from error
            raise
        if method_name in ("on_epoch_begin", "on_train_end"):
            # Batch records are for callbacks: kept, they would outgrow the network.
            for epoch in self.history.to_list()[-2:]:
                epoch["batches"] = []

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()
        return state | {"_engine": None}

    def _draw_seed(self) -> int:
        return int(self.rng_.integers(2**63))

    def _raise_diverged(self, symptom: str) -> None:
        raise ValueError(
            f"Training diverged: {symptom} in epoch {len(self.history)}. Likely causes: X or y "
            "is not scaled (put MinMaxScaler or StandardScaler in front, "
            "TransformedTargetRegressor around), learning_rate is too high (now "
            f"{self.lr:g}), or gradients explode (set max_grad_norm=1)."
        )


def _kind_of(optimizer: torch.optim.Optimizer) -> tuple[type, dict[str, Any]]:
    """Return what the memory of an optimizer depends on."""
    rates = {"lr", "weight_decay"}
    return type(optimizer), {k: v for k, v in optimizer.defaults.items() if k not in rates}


def _is_raised_by_hand(error: BaseException) -> bool:
    """Tell a ``raise KeyboardInterrupt`` from one that came out of the blue, by Ctrl-C."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return False
    return traceback.tb_frame.f_code.co_code[traceback.tb_lasti] == dis.opmap["RAISE_VARARGS"]
