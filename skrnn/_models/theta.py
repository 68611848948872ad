"""The Theta method on many windows at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skrnn._validation.sequences import is_real_step

Arrays = NDArray[Any]

_ALPHAS = np.linspace(0.1, 0.99, 19)  # smoothing parameters that are tried first
_REFINEMENTS = 3  # rounds of nine more between the neighbours of the best one
_LIMIT = 1.645  # of an autocorrelation in standard errors: 90 %, two-sided
_SMALLEST_INDEX = 0.01  # of a multiplicative season


def theta_forecasts(windows: Arrays, n_real: Arrays, season_length: int, horizon: int) -> Arrays:
    """Forecast each window by the Theta method.

    Parameters
    ----------
    windows : ndarray of shape (N, T)
        Windows in double precision.
    n_real : ndarray of shape (N,)
        Number of real steps of each window, the last ones; one or more.
    season_length : int
        Number of time steps in a season, at most T / 2; 1 without a season.
    horizon : int
        Number of steps ahead.

    Returns
    -------
    ndarray of shape (N, horizon)
        Forecasts.
    """
    n_timesteps = windows.shape[1]
    real = is_real_step(n_real, n_timesteps)
    windows = np.where(real, windows, 0)
    factor, shift = np.ones((2, len(windows), season_length)) * [[[1]], [[0]]]
    seasonal = np.flatnonzero(is_seasonal(windows, real, season_length))
    if len(seasonal):
        found = seasonal_indices(windows[seasonal], real[seasonal], season_length)
        factor[seasonal], shift[seasonal] = found
    phase = np.arange(-n_timesteps, 0) % season_length  # the same for all lengths of padding
    adjusted = (windows - shift[:, phase]) / factor[:, phase]
    ahead = np.arange(horizon)
    level, drift = smooth_with_drift(adjusted, real, n_real)
    forecast = level[:, np.newaxis] + drift[:, np.newaxis] * (ahead + 1)
    phase = ahead % season_length
    return forecast * factor[:, phase] + shift[:, phase]


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


def seasonal_indices(windows: Arrays, real: Arrays, season_length: int) -> tuple[Arrays, Arrays]:
    """Return factors and summands of the season, each (N, season_length), by decomposition.

    They belong to the steps from the end of the window on. The trend is the moving average of a
    season, centred. The season is multiplicative where all values are positive.
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
    is_ratio = known & positive
    factor = (np.where(is_ratio, inner, 1) / np.where(is_ratio, trend, 1) * known) @ is_phase
    factor /= counts
    factor /= factor.mean(axis=1, keepdims=True)
    product = positive & (factor.min(axis=1, keepdims=True) > _SMALLEST_INDEX)
    shift = np.where(known, inner - trend, 0) @ is_phase / counts
    shift -= shift.mean(axis=1, keepdims=True)
    return np.where(product, factor, 1), np.where(product, 0, shift)


def smooth_with_drift(windows: Arrays, real: Arrays, n_real: Arrays) -> tuple[Arrays, Arrays]:
    """Return the last level and the drift (N,) of simple exponential smoothing with drift.

    The drift is half the slope of the linear trend. Smoothing parameter and first level have
    the smallest sum of squared errors of one step ahead.
    """
    n_rows, n_timesteps = windows.shape
    start = n_timesteps - n_real
    time = np.arange(n_timesteps) * np.ones((n_rows, 1))
    centred = deviations(time, real)
    spread = np.square(centred).sum(axis=1)
    slope = (centred * deviations(windows, real)).sum(axis=1) / np.where(spread > 0, spread, 1)
    drift = slope / 2
    # Without the drift, smoothing has none. Padding with the first value has no errors.
    first = windows[np.arange(n_rows), start]
    level = windows - drift[:, np.newaxis] * (time - start[:, np.newaxis])
    level = np.where(real, level, first[:, np.newaxis])
    alphas, width = np.tile(_ALPHAS, (n_rows, 1)), _ALPHAS[1] - _ALPHAS[0]
    for _ in range(_REFINEMENTS):
        best = alphas[np.arange(n_rows), smooth(level, n_real, alphas)[0].argmin(axis=1)]
        steps = np.linspace(-1, 1, 9) * width
        alphas = np.clip(best[:, np.newaxis] + steps, _ALPHAS[0], _ALPHAS[-1])
        width = steps[1] - steps[0]
    errors, last = smooth(level, n_real, alphas)
    last = last[np.arange(n_rows), errors.argmin(axis=1)]
    return last + drift * (n_real - 1), drift


def smooth(windows: Arrays, n_real: Arrays, alphas: Arrays) -> tuple[Arrays, Arrays]:
    """Return squared errors and last levels of simple exponential smoothing, each (N, A).

    Parameters
    ----------
    windows : ndarray of shape (N, T)
        Windows, padded with their first value.
    n_real : ndarray of shape (N,)
        Number of real steps.
    alphas : ndarray of shape (N, A)
        Smoothing parameters, above 0 and below 1.
    """
    n_timesteps = windows.shape[1]
    start = (n_timesteps - n_real)[:, np.newaxis]
    keep = 1 - alphas
    level = np.tile(windows[:, :1], alphas.shape[1])
    # The first level may differ from the first value by a shift, whose share decays.
    share = np.ones(alphas.shape)
    squares, products = np.zeros((2, *alphas.shape))
    for step in range(n_timesteps):
        error = windows[:, step : step + 1] - level
        level += alphas * error
        squares += error * error
        products += share * error
        share *= np.where(step >= start, keep, 1)
    shift = products * (1 - keep**2) / (1 - share**2)
    return squares - shift * products, level + shift * share
