"""Comparison of a trained network with a constant prediction."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skrnn._recurrent._network.losses import of_outputs
from skrnn._validation.rows import Rows

from .net import RecurrentNet

# Networks with fewer updates of their weights may be on their way. They are judged only if early
# stopping says that they are not.
_FEWEST_UPDATES = 50
# A network on pure noise comes close to the loss of a constant. Its loss is seldom this much
# higher, and its predictions vary by more than this share of the targets.
_WORSE, _WORSE_SO_SOON, _AS_GOOD, _VARIATION = 1.2, 2, 0.99, 1e-3


def why_useless(net: RecurrentNet, rows: Rows) -> str | None:
    """Return how a network is no better than a constant on its training rows, None if it is.

    Parameters
    ----------
    net : RecurrentNet
        After its training.
    rows : Rows
        Training rows.
    """
    epoch, n_epochs = net.history[-1] if net.history else {}, len(net.history)
    is_young = n_epochs * epoch.get("train_batch_count", 0) < _FEWEST_UPDATES
    stops_early = "best_weights" in dict(net.callbacks_)
    may_improve = is_young and not (stops_early and n_epochs < net.max_epochs)
    if may_improve or net.interrupted_in_ is not None:
        return None
    y, weight = net.counted(rows, rows.y)
    constants = [
        np.average(y, axis=0, weights=weight),
        _quantiles(y, of_outputs(net.criterion_.options.get("quantile", 0.5), y.shape[-1])),
    ]
    constant = min(net.mean_loss(rows, np.broadcast_to(value, rows.y.shape)) for value in constants)
    rounding = max(1e-11, 16 * np.finfo(y.dtype).eps) * np.abs(y).max()
    if np.ptp(y, axis=0).max() <= rounding:
        return None
    if constant == 0 or (not stops_early and epoch["train_loss"] < 0.9 * constant):
        return None
    y_pred = net.predict(rows)
    loss = net.mean_loss(rows, y_pred)
    varies = np.std(net.counted(rows, y_pred)[0], axis=0) > _VARIATION * np.std(y, axis=0)
    # From windows that are all equal nobody learns more than a constant.
    are_equal = np.array_equal(rows.X, np.broadcast_to(rows.X[:1], rows.X.shape), equal_nan=True)
    worse = _WORSE_SO_SOON if is_young else _WORSE
    if loss <= (worse if are_equal or varies.any() else _AS_GOOD) * constant:
        return None
    return (
        f"after {n_epochs} epochs the training loss is {loss:.4g}, and that of one and the same "
        f"prediction for all rows is {constant:.4g}. y has mean {y.mean():.4g} and standard "
        f"deviation {y.std():.4g}"
    )


def _quantiles(y: NDArray[Any], quantiles: list[float]) -> NDArray[Any]:
    """Return one quantile of each output, the last axis, over the rows."""
    found, levels = np.empty(y.shape[1:]), np.array(quantiles)
    for level in set(quantiles):
        found[..., levels == level] = np.quantile(y[..., levels == level], level, axis=0)
    return found
