"""Levels of the errors of series: how large they are, relative to those of all series."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = NDArray[Any]


def comparable_errors(errors: Arrays, stride: int = 1) -> tuple[Arrays, Arrays]:
    """Return errors in units of the level of their series, and the levels.

    A series may be harder to forecast than its size tells. Its level is the mean of its absolute
    errors, where the mean of those of all series from the same origin and at the same step is 1.
    Levels also differ by chance. So they are drawn towards 1 by credibility weights (Bühlmann,
    1967): a level from n errors has the weight n / (n + k), where k is the variance of the
    errors of a series by that of the levels. Overlapping errors are counted as in
    :func:`independent`. `k` is 1 at least, so that no level is 0.

    Levels are learned from errors, and fit these better than the errors of later forecasts. So the
    errors of each half of the origins are divided by the levels in the other half.

    Parameters
    ----------
    errors : ndarray of shape (n_origins, n_series, horizon, n_targets)
        In units of sizes. NaN where there is none.
    stride : int, default=1
        Number of rows from one origin to the next.

    Returns
    -------
    comparable : ndarray of the same shape
    levels : ndarray of shape (n_series, n_targets)
        From all origins. 1 for a single series.

    References
    ----------
    Bühlmann, H. (1967). Experience rating and credibility. ASTIN Bulletin, 4(3).
    """
    distances, overlap = np.abs(errors), errors.shape[2] / stride
    usual = _mean(distances, axis=1)[:, np.newaxis]
    relative = np.divide(
        distances, usual, out=np.full_like(distances, np.nan), where=np.nan_to_num(usual) > 0
    )
    of_origins = _mean(relative, axis=2)
    ratio = _variance_ratio(of_origins, overlap)
    half = len(errors) // 2
    older, newer = (
        _levels(part, ratio, overlap) for part in (of_origins[:half], of_origins[half:])
    )
    is_older = (np.arange(len(errors)) < half)[:, np.newaxis, np.newaxis]
    divisors = np.where(is_older, newer, older)[:, :, np.newaxis]
    return errors / divisors, _levels(of_origins, ratio, overlap)


def independent(n_errors: Arrays, overlap: Any) -> Arrays:
    """Return as how many separate errors those of forecasts from successive origins count.

    Errors of forecasts that start less than h rows apart overlap. So n errors at step h count as
    1 + (n - 1) / `overlap`, where `overlap` is h by the number of rows between two origins, and
    1 at least.
    """
    return np.where(n_errors > 0, 1 + (n_errors - 1) / np.maximum(overlap, 1), 0.0)


def _levels(of_origins: Arrays, ratio: Arrays, overlap: float) -> Arrays:
    """Return levels from relative errors of shape (n_origins, n_series, n_targets)."""
    n = independent(np.isfinite(of_origins).sum(axis=0), overlap)
    return 1 + n / (n + ratio) * (np.nan_to_num(_mean(of_origins, axis=0), nan=1.0) - 1)


def _variance_ratio(of_origins: Arrays, overlap: float) -> Arrays:
    """Return the variance of the relative errors of a series by that of the levels, but at least 1.

    It is infinite if the means of the series differ no more than by chance.
    """
    n_errors = np.isfinite(of_origins).sum(axis=0)
    n = independent(n_errors, overlap)
    means = np.where(n_errors > 1, _mean(of_origins, axis=0), np.nan)
    spread = _mean((of_origins - means) ** 2, axis=0)
    within = np.divide(spread, 1 - 1 / np.maximum(n, 1), out=np.full_like(n, np.nan), where=n > 1)
    n_means = np.isfinite(means).sum(axis=0)
    spread_of_means = _mean((means - _mean(means, axis=0)) ** 2, axis=0)
    by_chance = _mean(within / np.maximum(n, 1), axis=0)
    between = spread_of_means * n_means / np.maximum(n_means - 1, 1) - by_chance
    found = np.full(len(between), np.inf)
    np.divide(_mean(within, axis=0), between, out=found, where=np.nan_to_num(between) > 0)
    return np.maximum(found, 1.0)


def _mean(values: Arrays, axis: int) -> Arrays:
    """Return the mean of the finite values along an axis; NaN if there is none."""
    is_finite = np.isfinite(values)
    n, total = is_finite.sum(axis=axis), np.where(is_finite, values, 0.0).sum(axis=axis)
    return np.divide(total, n, out=np.full(n.shape, np.nan), where=n > 0)
