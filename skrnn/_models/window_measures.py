"""Level and size of each window, of all its steps or of its last season."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = NDArray[Any]

_OF_SEASON = "season_"  # in front of the name of a measure of the last season


def _mean(steps: Arrays) -> Arrays:
    n_real = (~np.isnan(steps)).sum(axis=1)
    return np.nansum(steps, axis=1) / np.maximum(n_real, 1)


def _quantile(steps: Arrays, share: float) -> Arrays:
    """Return a quantile, interpolated as NumPy does, but quickly although there is NaN."""
    ordered = np.sort(steps, axis=1)  # NaN comes last
    place = share * ((~np.isnan(steps)).sum(axis=1, keepdims=True) - 1)
    low, high = (
        np.take_along_axis(ordered, rounded(place).astype(int), axis=1)
        for rounded in (np.floor, np.ceil)
    )
    return (low + (place - np.floor(place)) * (high - low))[:, 0]


def _median(steps: Arrays) -> Arrays:
    return _quantile(steps, 0.5)


def _mean_absolute(steps: Arrays) -> Arrays:
    return _mean(np.abs(steps))


def _mean_absolute_change(steps: Arrays, lag: int = 1) -> Arrays:
    """Return the mean absolute change over some steps, zero if the window is not longer."""
    return _mean_absolute(steps[:, lag:] - steps[:, :-lag])


def _mean_absolute_seasonal_change(steps: Arrays, season_length: int) -> Arrays:
    is_longer = ~np.isnan(steps[:, -season_length - 1 : -season_length]).all(axis=1)
    of_season = _mean_absolute_change(steps, season_length)
    return np.where(is_longer, of_season, _mean_absolute_change(steps))


def _mean_of_both_changes(steps: Arrays, season_length: int) -> Arrays:
    of_season = _mean_absolute_seasonal_change(steps, season_length)
    return (_mean_absolute_change(steps) + of_season) / 2


# Functions of steps (n, T, F), in which padding is NaN, to (n, F).
_LEVELS: dict[str, Callable[[Arrays], Arrays]] = {
    "last": lambda steps: steps[:, -1],
    "mean": _mean,
    "median": _median,
}
_SIZES: dict[str, Callable[[Arrays], Arrays]] = {
    "std": lambda steps: np.sqrt(_mean(np.square(steps - _mean(steps)[:, np.newaxis]))),
    "mean_abs": _mean_absolute,
    "mean_abs_change": _mean_absolute_change,
    "iqr": lambda steps: _quantile(steps, 0.75) - _quantile(steps, 0.25),
    "median_abs_deviation": lambda steps: _median(np.abs(steps - _median(steps)[:, np.newaxis])),
}
# The same, of steps and a season length.
_SEASONAL_SIZES: dict[str, Callable[[Arrays, int], Arrays]] = {
    "mean_abs_seasonal_change": _mean_absolute_seasonal_change,
    "mean_abs_both_changes": _mean_of_both_changes,
}

LEVELS = {*_LEVELS, *(_OF_SEASON + name for name in ("mean", "median"))}
SIZES = {*_SIZES, *(_OF_SEASON + name for name in _SIZES), *_SEASONAL_SIZES}


def n_steps_needed(measure: str | None, season_length: int) -> int:
    """Return how many steps a measure that uses the season length needs, 0 for the others."""
    if measure in _SEASONAL_SIZES:
        return season_length + 1
    return season_length if measure is not None and measure.startswith(_OF_SEASON) else 0


def is_mean_absolute(measure: str | None) -> bool:
    """Tell whether a size is that of the values themselves, not of differences of values."""
    return measure is not None and measure.removeprefix(_OF_SEASON) == "mean_abs"


def level_of(measure: str | None, steps: Arrays, season_length: int) -> Arrays:
    """Return the level of each window and feature, zero if the measure is None.

    Parameters
    ----------
    measure : str or None
        One of `LEVELS`.
    steps : ndarray of shape (n, T, F)
        Windows with a real step or more. Padding is NaN.
    season_length : int
        Number of time steps in a season.

    Returns
    -------
    ndarray of shape (n, F)
    """
    if measure is None:
        return np.zeros(steps[:, 0].shape)
    return _LEVELS[measure.removeprefix(_OF_SEASON)](_used(measure, steps, season_length))


def size_of(measure: str | None, steps: Arrays, season_length: int) -> Arrays:
    """Return the size of each window and feature, 1 if the measure is None.

    The parameters are those of :func:`level_of`, with one of `SIZES`. A season of one step has
    no size, so that the size is then that of all steps.
    """
    if measure is None:
        return np.ones(steps[:, 0].shape)
    if measure in _SEASONAL_SIZES:
        return _SEASONAL_SIZES[measure](steps, season_length)
    used = steps if season_length == 1 else _used(measure, steps, season_length)
    return _SIZES[measure.removeprefix(_OF_SEASON)](used)


def _used(measure: str, steps: Arrays, season_length: int) -> Arrays:
    return steps[:, -season_length:] if measure.startswith(_OF_SEASON) else steps
