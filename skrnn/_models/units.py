"""Warning if windows and targets are in different units."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Largest mean distance of the first step of y from the last value of its window, as a multiple of
# the mean absolute deviation of that step. If both are values of one series, the distance is at
# most twice the deviation, by the triangle inequality.
_LARGEST_DISTANCE = 2.5

# With fewer rows the deviation is too uncertain.
_FEWEST_ROWS = 10


def warn_of_other_units(
    X: NDArray[Any], first_step: NDArray[Any], features: list[int], *, owner: str
) -> None:
    """Warn if the targets of an estimator are not in the units of the windows.

    Parameters
    ----------
    X : ndarray of shape (N, T, F)
        Windows. Those of padding alone are not used.
    first_step : ndarray of shape (N, K)
        First step of the targets.
    features : list of int
        The feature of the window that each of the K outputs continues.
    owner : str
        Name of the estimator, for the message.

    Warns
    -----
    UserWarning
        If the mean distance of the first step of y from the last value of its window is more
        than 2.5 times the mean absolute deviation of that step, over ten rows or more.
    """
    real = np.isfinite(X[:, -1, 0])
    last = X[real, -1][:, features].astype(float)
    first = first_step[real].astype(float)
    if len(first) < _FEWEST_ROWS:
        return
    distance = np.abs(first - last).mean(axis=0)
    deviation = np.abs(first - first.mean(axis=0)).mean(axis=0)
    is_other = (deviation > 0) & (distance > _LARGEST_DISTANCE * deviation)  # not for a constant
    if is_other.any():
        output = int(is_other.argmax())
        warnings.warn(
            f"{owner} takes y to continue the windows in the same units, but the first step of y "
            f"(mean {first[:, output].mean():.4g}, mean deviation {deviation[output]:.4g}) is on "
            f"average {distance[output]:.4g} away from the last value of its window (mean "
            f"{last[:, output].mean():.4g}). Scale both alike, e.g. with a scaler around the whole "
            "pipeline (TransformedTargetRegressor), or scale neither.",
            UserWarning,
            stacklevel=4,
        )
