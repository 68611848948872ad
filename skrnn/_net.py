"""The skorch net that trains the networks: what skrnn does differently from skorch.

skorch supplies the training loop, history and callbacks. This net feeds it from
memory, draws every random number from a generator of its own, and stops with an
error where the loss is no longer a number.
"""

from __future__ import annotations

import copy
import warnings
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from skorch import NeuralNet
from skorch.utils import to_numpy
from torch import Tensor

from ._batches import Batches, Inputs, Rows, move_padding_to_front, real_steps
from ._initialization import initialize_weights
from ._memory import check_memory
from ._modules import SeededDropout

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
    **kwargs
        Parameters of :class:`skorch.NeuralNet`.

    Attributes
    ----------
    rng_ : numpy.random.Generator
        Source of every random number.
    """

    def __init__(
        self,
        module: type[torch.nn.Module],
        *,
        seed: int,
        dtype: Any,
        aligned: bool = False,
        shuffle: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(module, verbose=0, train_split=None, predict_nonlinearity=None, **kwargs)
        self.seed = seed
        self.dtype = np.dtype(dtype)
        self.aligned = aligned
        self.shuffle = shuffle

    # -- start ---------------------------------------------------------------

    @property
    def _default_callbacks(self) -> list[Any]:
        # skorch's own log to the screen and average batch losses; run_single_epoch
        # does the second.
        return []

    def initialize_module(self) -> RecurrentNet:
        """Build the network with weights from this net's own generator."""
        self.rng_ = np.random.default_rng(self.seed)
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

        Everything is copied: `earlier` is not touched when this net trains on.
        """
        self.module_.load_state_dict(earlier.module_.state_dict())
        if type(self.optimizer_) is type(earlier.optimizer_):
            state = copy.deepcopy(earlier.optimizer_.state_dict())
            options = self.optimizer_.state_dict()["param_groups"]
            self.optimizer_.load_state_dict({"state": state["state"], "param_groups": options})
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
        """Return the outputs of all rows; steps of padding are NaN where y is aligned."""
        iterator = self.get_iterator(X)
        outputs = [to_numpy(self.evaluation_step(batch)) for batch in iterator]
        if not self.aligned:
            return np.concatenate(outputs)
        moved = [
            move_padding_to_front(output, lengths, X.X.shape[1])
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
        super().run_single_epoch(iterator, training, prefix, step_fn, **fit_params)
        key = f"{prefix}_loss"
        batches = [batch for batch in self.history[-1]["batches"] if key in batch]
        sizes = [batch[f"{prefix}_batch_size"] for batch in batches]
        loss = float(np.average([batch[key] for batch in batches], weights=sizes))
        self.history.record(key, loss)
        if not np.isfinite(loss):
            self._raise_diverged(prefix, loss)

    def fit_loop(self, X: Rows, y: None = None, epochs: int | None = None, **kwargs: Any) -> Any:
        """Run the epochs; an interrupt by the user keeps what was learned."""
        try:
            super().fit_loop(X, y, epochs=epochs, **kwargs)
        except StopTraining:
            pass
        except KeyboardInterrupt:
            epoch = len(self.history)
            if epoch and "train_loss" not in self.history[-1]:
                self.history.pop()
            warnings.warn(
                f"Training was interrupted in epoch {max(epoch, 1)}; the estimator keeps the "
                "weights that it had learned by then.",
                ConvergenceWarning,
                stacklevel=2,
            )
        return self

    def notify(self, method_name: str, **cb_kwargs: Any) -> None:
        """Call the callbacks; tell their wish to stop from the user's Ctrl-C."""
        if method_name != "on_epoch_end":
            super().notify(method_name, **cb_kwargs)
            return
        try:
            super().notify(method_name, **cb_kwargs)
        except KeyboardInterrupt as error:
            raise StopTraining from error
        finally:
            # Batch records are for callbacks: kept, they would outgrow the network.
            self.history[-1]["batches"] = []

    def _draw_seed(self) -> int:
        return int(self.rng_.integers(2**63))

    def _raise_diverged(self, prefix: str, loss: float) -> None:
        epoch = self.history[-1]["epoch"]
        part = "training" if prefix == "train" else "validation"
        raise ValueError(
            f"Training diverged: the {part} loss is {loss} in epoch {epoch}. Likely causes: X or "
            "y is not scaled (put MinMaxScaler or StandardScaler in front, "
            "TransformedTargetRegressor around), learning_rate is too high (now "
            f"{self.lr:g}), or gradients explode (set max_grad_norm=1)."
        )
