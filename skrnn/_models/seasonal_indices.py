"""Seasonal indices of windows by classical decomposition, and a test for a season."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = NDArray[Any]

_LIMIT = 1.645  # of an autocorrelation in standard errors: 90 %, two-sided
_SMALLEST_INDEX = 0.01  # of a multiplicative season


def deviations(windows: Arrays, real: Arrays) -> Arrays:
    """Subtract the mean of the real steps. Padding is zero."""
    mean = (windows * real).sum(axis=1) / real.sum(axis=1)
    return (windows - mean[:, np.newaxis]) * real


def is_seasonal(windows: Arrays, real: Arrays, season_length: int) -> Arrays:
    """Return which windows have a significant autocorrelation at the lag of a season."""
    n_real = real.sum(axis=1)
    centred = deviations(windows, real)
    size = np.abs(windows * real).max(axis=1, keepdims=True)
    centred[np.abs(centred).max(axis=1) <= 1e-13 * size[:, 0]] = 0  # constant but for rounding
    variance = np.square(centred).sum(axis=1)
    known = (n_real >= 2 * season_length) & (variance > 0) & (season_length > 1)
    n_timesteps = windows.shape[1]
    lags = range(1, season_length + 1)
    products = [(centred[:, lag:] * centred[:, : n_timesteps - lag]).sum(axis=1) for lag in lags]
    correlation = np.array(products) / np.where(known, variance, 1)
    error = np.sqrt((1 + 2 * np.square(correlation[:-1]).sum(axis=0)) / n_real)
    return known & (np.abs(correlation[-1]) > _LIMIT * error)


def seasonal_indices(
    windows: Arrays, real: Arrays, season_length: int, *, additive: bool = False
) -> tuple[Arrays, Arrays]:
    """Return factors and summands of the season, each (N, season_length), by decomposition.

    They belong to the steps from the end of the window on. The trend is the moving average of a
    season, centred. The season is multiplicative where all values are positive, unless it is
    to be additive. Each window must have two seasons of real steps.
    """
    n_timesteps = windows.shape[1]
    half = season_length // 2
    weights = np.ones(2 * half + 1)
    weights[[0, -1]] = 1 if season_length % 2 else 0.5
    parts = np.lib.stride_tricks.sliding_window_view(windows, len(weights), axis=1)
    trend = parts @ (weights / season_length)
    known = real[:, : n_timesteps - 2 * half]  # all steps of the average are real
    inner = windows[:, half : n_timesteps - half]
    phase = np.arange(half - n_timesteps, -half) % season_length
    is_phase = np.equal.outer(phase, np.arange(season_length)).astype(float)
    counts = known @ is_phase
    positive = np.where(real, windows, 1).min(axis=1, keepdims=True) > 0
    positive &= not additive
    is_ratio = known & positive
    factor = (np.where(is_ratio, inner, 1) / np.where(is_ratio, trend, 1) * known) @ is_phase
    factor /= counts
    factor /= factor.mean(axis=1, keepdims=True)
    product = positive & (factor.min(axis=1, keepdims=True) > _SMALLEST_INDEX)
    shift = np.where(known, inner - trend, 0) @ is_phase / counts
    shift -= shift.mean(axis=1, keepdims=True)
    return np.where(product, factor, 1), np.where(product, 0, shift)


def indices_of_seasonal(
    windows: Arrays, real: Arrays, season_length: int, seasonal: Arrays, *, additive: bool = False
) -> tuple[Arrays, Arrays]:
    """Return the indices of the windows that are seasonal, and factor 1 and summand 0 of others.

    Parameters
    ----------
    windows : ndarray of shape (N, T)
        Windows in double precision. Padding is a number.
    real : ndarray of shape (N, T)
        Which steps are real.
    season_length : int
        Number of time steps in a season.
    seasonal : ndarray of shape (N,)
        Which windows are seasonal. They must have two seasons of real steps.
    additive : bool, default=False
        Whether the season is additive even where all values are positive.

    Returns
    -------
    factor, shift : ndarray of shape (N, season_length)
        As in :func:`seasonal_indices`.
    """
    factor, shift = np.ones((2, len(windows), season_length)) * [[[1]], [[0]]]
    if seasonal.any():
        found = seasonal_indices(
            windows[seasonal], real[seasonal], season_length, additive=additive
        )
        factor[seasonal], shift[seasonal] = found
    return factor, shift
