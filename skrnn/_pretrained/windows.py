"""Windows as the network reads them: centred, in unit size, with changes and past seasons."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = NDArray[Any]

CONTEXT = 84  # time steps that are read
HORIZON = 24  # time steps that are forecast at once
N_PAST_SEASONS = 5  # that are read directly beside the state of the network
N_INPUTS = 7  # features of a time step
LONGEST_SEASON = 24  # that the network has seen

_LARGEST = 15.0  # value that the network sees, in sizes of the window
_LOG_SEASON = 2.5  # divides the logarithm of the season length
_SMALLEST = 1e-9  # size, relative to the level, below which a window is constant


def centre_and_size(
    X: Arrays, seasons: Arrays, until: Arrays | None = None
) -> tuple[Arrays, Arrays]:
    """Return the level and the size of windows.

    The level is the mean of the last season, or of four steps if the season has one step. The
    size is the mean of the mean absolute change and the mean absolute change over a season.

    Parameters
    ----------
    X : ndarray of shape (N, T)
        Windows, with NaN in front.
    seasons : ndarray of shape (N,)
        Season length of each window.
    until : ndarray of shape (N,), default=None
        Number of steps, from the first one, that are used. None: all.

    Returns
    -------
    centre, size : ndarray of shape (N, 1)
        The size of a constant window is 0, the centre of an empty one is 0.
    """
    n_timesteps = X.shape[1]
    step = np.arange(n_timesteps)
    end = np.full(len(X), n_timesteps) if until is None else until
    seen = np.where(step < end[:, np.newaxis], X, np.nan)
    last = np.where(seasons == 1, 4, seasons)
    centre = _mean(np.where(step >= (end - last)[:, np.newaxis], seen, np.nan))
    change = _mean(np.abs(np.diff(seen, axis=1)))
    over_season = np.abs(seen - _earlier(seen, seasons))
    has_season = np.isfinite(over_season).any(axis=1, keepdims=True)
    size = 0.5 * (change + np.where(has_season, _mean(over_season), change))
    return centre, np.where(size > _SMALLEST * np.abs(centre), size, 0.0)


def inputs(Z: Arrays, seasons: Arrays, level: Arrays) -> Arrays:
    """Return the features of each time step.

    They are the value, its change over a season, its change from the step before, whether the
    first two are known, the season length, and the distance of the level from zero.

    Parameters
    ----------
    Z : ndarray of shape (N, T)
        Windows in units of their size, with NaN in front.
    seasons : ndarray of shape (N,)
        Season length of each window.
    level : ndarray of shape (N, 1)
        Level of the window, divided by its size.

    Returns
    -------
    ndarray of shape (N, T, N_INPUTS)
        In the type of Z.
    """
    over_season = Z - _earlier(Z, seasons)
    change = np.diff(Z, axis=1, prepend=np.nan)
    features = np.empty((*Z.shape, N_INPUTS), dtype=Z.dtype)
    for i, values in enumerate((Z, over_season, change)):
        features[:, :, i] = _numbers(values)
    features[:, :, 3] = np.isfinite(Z)
    features[:, :, 4] = np.isfinite(over_season)
    features[:, :, 5:] = constant_inputs(seasons, level)[:, np.newaxis]
    features[:, :, 5:] *= features[:, :, 3:4]  # a step of padding is nothing but zeros
    return features


def constant_inputs(seasons: Arrays, level: Arrays) -> Arrays:
    """Return the features that all steps of a window share: (N, 2)."""
    log_season = np.log(seasons)[:, np.newaxis] / _LOG_SEASON
    return np.hstack((log_season, np.arcsinh(level) / 4))


def past_seasons(Z: Arrays, seasons: Arrays, positions: Arrays) -> tuple[Arrays, Arrays]:
    """Return the values of the last seasons at the steps of the season that are forecast.

    Parameters
    ----------
    Z : ndarray of shape (N, T)
        Windows in units of their size, with NaN in front.
    seasons : ndarray of shape (N,)
        Season length of each window.
    positions : ndarray of shape (N, P)
        Time steps after which the forecasts start.

    Returns
    -------
    base : ndarray of shape (N, P, HORIZON)
        Values of the last season: the seasonal naive forecast. Unknown ones are 0.
    earlier : ndarray of shape (N, P, (N_PAST_SEASONS - 1) * (HORIZON + 1))
        Differences of the values of each earlier season from the last, and whether the
        season is known.
    """
    n_before = N_PAST_SEASONS * LONGEST_SEASON
    known = np.pad(Z, ((0, 0), (n_before, 0)), constant_values=np.nan)
    season = seasons[:, np.newaxis, np.newaxis]
    source = positions[:, :, np.newaxis] + 1 + n_before - season + np.arange(HORIZON) % season
    rows = np.arange(len(Z))[:, np.newaxis, np.newaxis]
    base = known[rows, source]
    base = np.where(np.isnan(base), 0, base)
    earlier = []
    for back in range(1, N_PAST_SEASONS):
        difference = known[rows, source - back * season] - base
        is_known = ~np.isnan(difference).any(axis=2, keepdims=True)
        earlier += [_numbers(difference), is_known]
    return base, np.concatenate(earlier, axis=2)


def _earlier(X: Arrays, seasons: Arrays) -> Arrays:
    """Return the value a season before each step, NaN where there is none."""
    step = np.arange(X.shape[1]) - seasons[:, np.newaxis]
    return np.where(step >= 0, np.take_along_axis(X, np.maximum(step, 0), axis=1), np.nan)


def _mean(X: Arrays) -> Arrays:
    """Return the mean of the finite values of each row, 0 without any: (N, 1)."""
    is_known = np.isfinite(X)
    total = np.where(is_known, X, 0).sum(axis=1, keepdims=True)
    return total / np.maximum(is_known.sum(axis=1, keepdims=True), 1)


def _numbers(values: Arrays) -> Arrays:
    """Return values in a range that the network can take, unknown ones as 0."""
    number = np.clip(values, -_LARGEST, _LARGEST) / 4
    number[np.isnan(number)] = 0
    return number
