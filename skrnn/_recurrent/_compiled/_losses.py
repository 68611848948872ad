"""The losses of :mod:`skrnn._recurrent._network.losses` and their derivatives."""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import njit

from ._arrays import clear_from
from ._options import OPTIONS

# Codes of the losses, in the order of skrnn._recurrent._network.losses.LOSSES.
LOSS_CODES = {"squared_error": 0, "absolute_error": 1, "huber": 2, "quantile": 3}


class Loss(NamedTuple):
    """A loss.

    Parameters
    ----------
    code : int
        Value of :data:`LOSS_CODES`.
    parameter : float
        The huber loss's delta, or the quantile; otherwise not read.
    """

    code: Any
    parameter: Any


@njit(**OPTIONS)
def loss_and_slopes(loss, work):
    """Return the mean loss of a batch, and replace the outputs by its gradient.

    Parameters
    ----------
    loss : Loss
    work : Workspace
        Holds outputs, targets and weights. Rows that have not all steps of the outputs
        have gradients of zero at those they lack.

    Returns
    -------
    float
    """
    outputs, targets, weights, active = work.outputs, work.targets, work.weights, work.present
    n_steps, _, n_outputs = outputs.shape
    n_losses = 0
    for t in range(n_steps):
        n_losses += active[t]
    scale = 1.0 / (n_losses * n_outputs)
    total = 0.0
    for t in range(n_steps):
        for i in range(active[t]):
            for k in range(n_outputs):
                value, slope = _value_and_slope(loss, outputs[t, i, k] - targets[t, i, k])
                total += weights[i] * value
                outputs[t, i, k] = weights[i] * slope * scale
        clear_from(outputs[t], active[t])
    return total * scale


@njit(**OPTIONS)
def _value_and_slope(loss, error):
    """Return the loss of one output that is off by `error`, and its derivative.

    At a kink it is the mean of the slopes on both sides, as in torch.
    """
    size = abs(error)
    sign = 1.0 if error > 0 else (-1.0 if error < 0 else error * 0.0)
    if loss.code == 0:
        return error * error, 2.0 * error
    if loss.code == 1:
        return size, sign
    if loss.code == 2:
        if size > loss.parameter:
            return loss.parameter * (size - 0.5 * loss.parameter), loss.parameter * sign
        return 0.5 * error * error, 1.0 * error
    # Pinball: (q - 1) e below the target, where e is negative, q e above it, mirrored.
    above, below = 1.0 - loss.parameter, loss.parameter
    return size * (above if error > 0 else below), 0.5 * ((above - below) + sign)
