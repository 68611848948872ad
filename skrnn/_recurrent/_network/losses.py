"""Losses of regression with sample weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import huber_loss, l1_loss, mse_loss


def of_outputs(option: float | Sequence[float], n_outputs: int) -> list[float]:
    """Return the option of a loss for each output. The numbers of a sequence take turns."""
    given = [*option] if isinstance(option, Sequence) else [option]
    return given * (n_outputs // len(given))


def _squared_error(y_pred: Tensor, y_true: Tensor) -> Tensor:
    return mse_loss(y_pred, y_true, reduction="none")


def _absolute_error(y_pred: Tensor, y_true: Tensor) -> Tensor:
    return l1_loss(y_pred, y_true, reduction="none")


def _huber(y_pred: Tensor, y_true: Tensor, *, delta: float) -> Tensor:
    return huber_loss(y_pred, y_true, reduction="none", delta=delta)


def _pinball(y_pred: Tensor, y_true: Tensor, *, quantile: float | Sequence[float]) -> Tensor:
    quantiles = of_outputs(quantile, y_pred.shape[-1])
    above, below = y_pred.new_tensor([quantiles, [q - 1 for q in quantiles]])
    error = y_true - y_pred
    return torch.maximum(above * error, below * error)


# Name -> (loss of single values, names of its options).
LOSSES: dict[str, tuple[Callable[..., Tensor], tuple[str, ...]]] = {
    "squared_error": (_squared_error, ()),
    "absolute_error": (_absolute_error, ()),
    "huber": (_huber, ("delta",)),  # Huber (1964), doi:10.1214/aoms/1177703732
    "quantile": (_pinball, ("quantile",)),  # Koenker and Bassett (1978), doi:10.2307/1913643
}


class WeightedLoss(nn.Module):
    """Weighted mean loss over samples and outputs.

    Weights with mean one over the training set make the mean over a batch an unbiased
    estimate of the weighted mean over the set.

    Parameters
    ----------
    name : str
        Key of :data:`LOSSES`.
    **options
        The options of all losses. Each loss uses its own ones. `quantile` is a number, or a
        sequence of numbers, which the outputs have in turn.
    """

    def __init__(self, name: str, **options: float | Sequence[float]) -> None:
        super().__init__()
        self.name = name
        function, accepted = LOSSES[name]
        self._function = function
        self.options = {key: options[key] for key in accepted}

    @property
    def n_quantiles(self) -> int:
        """Number of quantiles of each target that the network predicts."""
        quantile = self.options.get("quantile", 0.5)
        return len(quantile) if isinstance(quantile, Sequence) else 1

    def forward(self, y_pred: Tensor, y_true: Tensor, weight: Tensor | None = None) -> Tensor:
        """Return the mean loss of a batch, a scalar.

        Parameters
        ----------
        y_pred, y_true : tensor of shape (N, ...)
        weight : tensor of shape (N,) or None
        """
        losses = self._function(y_pred, y_true, **self.options)
        if weight is not None:
            losses = losses * weight.reshape(-1, *[1] * (losses.ndim - 1))
        return losses.mean()
