"""Linear quantile regression with a ridge penalty, by weighted least squares in each step."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

Arrays = NDArray[Any]

_GAP = 1e-13  # largest distance from the lowest loss, as a share of the loss at the start
_MAX_STEPS = 100  # 10 to 40 are usual
_UNBOUNDED = 1e8  # the loss of too few rows may have no minimum
_SHARE_OF_ROWS = 0.15  # that may change the side of the line at first


def quantile_regression(
    X: Arrays, y: Arrays, weight: Arrays, start: Arrays, *, quantile: float, penalty: Arrays
) -> Arrays:
    """Return the coefficients with the lowest penalised pinball loss.

    They minimise ``sum(weight * pinball(y - X @ coef)) + sum(penalty * coef**2) / 2``, where
    ``pinball(r)`` is ``quantile * r`` above zero and ``(quantile - 1) * r`` below.

    Most rows far from the line of the start stay on their side of it. Only their gradient is
    used; those that turn out to change sides are then used as rows [1]_.

    Parameters
    ----------
    X : ndarray of shape (n, p)
        Columns of similar size, the first one of ones.
    y : ndarray of shape (n,)
        Targets.
    weight : ndarray of shape (n,)
        Weights, all positive.
    start : ndarray of shape (p,)
        Coefficients near the result, e.g. those of another loss.
    quantile : float
        Above 0 and below 1.
    penalty : ndarray of shape (p,)
        Penalty of each coefficient.

    Returns
    -------
    ndarray of shape (p,)
        The coefficients.

    References
    ----------
    .. [1] Portnoy, S. and Koenker, R. (1997). The Gaussian hare and the Laplacian tortoise.
       :doi:`10.1214/ss/1030037960`
    """
    start = start.copy()
    start[0] += np.quantile(y - X @ start, quantile)
    distance = y - X @ start
    size = np.average(np.abs(distance), weights=weight)
    if size == 0:
        return start
    n_used = min(len(y), max(int(_SHARE_OF_ROWS * len(y)), 20 * len(start)))
    used = np.abs(distance) <= np.partition(np.abs(distance), n_used - 1)[n_used - 1]
    slope = weight * np.where(distance > 0, quantile, quantile - 1)
    while True:
        gradient = X[~used].T @ slope[~used] - penalty * start
        rows = X[used], distance[used] / size, weight[used]
        change = size * _interior_point(*rows, gradient, quantile, penalty * size)
        crossed = ~used & (distance * (distance - X @ change) < 0)
        if not crossed.any():
            return start + change
        used |= crossed


def _interior_point(
    X: Arrays, y: Arrays, weight: Arrays, gradient: Arrays, quantile: float, penalty: Arrays
) -> Arrays:
    """Minimise the loss of the rows plus ``sum(penalty * coef**2) / 2 - gradient @ coef``.

    The predictor-corrector method of Mehrotra, as in the reference above. Each step is a
    weighted least-squares regression on the residuals ``above - below``. The subgradient
    ``dual`` of each row has the distances ``to_upper`` and ``to_lower`` from its bounds.
    """
    coef, dual, residual = np.zeros(X.shape[1]), np.zeros(len(y)), y
    above = np.maximum(y, 0) + 0.1 * np.abs(y).mean()
    below = above - y
    to_upper, to_lower = weight * quantile, weight * (1 - quantile)
    for _ in range(_MAX_STEPS):
        gap = above @ to_upper + below @ to_lower
        if not _GAP < gap / weight.sum() < _UNBOUNDED:
            break
        slope = X.T @ dual + gradient - penalty * coef
        inverse = 1 / (above / to_upper + below / to_lower)
        weighted = X * inverse[:, np.newaxis]
        normal = weighted.T @ X + np.diag(penalty)
        factor = cho_factor(normal + 1e-14 * np.diag(np.diag(normal)))
        push = fall = 0.0  # the first pass has no corrector
        for share in (1.0, 0.9999):
            pull = residual - push / to_upper + fall / to_lower
            coef_step = cho_solve(factor, slope + weighted.T @ pull)
            dual_step = inverse * (pull - X @ coef_step)
            up = (push + above * dual_step) / to_upper - above
            down = (fall - below * dual_step) / to_lower - below
            pairs = ((above, up), (below, down), (to_upper, -dual_step), (to_lower, dual_step))
            length = min(1.0, share * min(map(_longest_step, *zip(*pairs, strict=True))))
            left = (above + length * up) @ (to_upper - length * dual_step)
            left += (below + length * down) @ (to_lower + length * dual_step)
            centre = (left / gap) ** 3 * gap / (2 * len(y))
            push, fall = centre + up * dual_step, centre - down * dual_step
        coef, dual = coef + length * coef_step, dual + length * dual_step
        above, below = above + length * up, below + length * down
        to_upper, to_lower = to_upper - length * dual_step, to_lower + length * dual_step
        residual = y - X @ coef
    return coef


def _longest_step(values: Arrays, change: Arrays) -> float:
    """Return how many times a change can be added to positive values until one is zero."""
    return 1 / float(max((-change / values).max(), 1e-300))
