"""The Theta method on many windows at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skrnn._validation.sequences import is_real_step

from .seasonal_indices import deviations, indices_of_seasonal, is_seasonal

Arrays = NDArray[Any]

_ALPHAS = np.linspace(0.1, 0.99, 19)  # smoothing parameters that are tried first
_REFINEMENTS = 3  # rounds of nine more between the neighbours of the best one


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
    seasonal = is_seasonal(windows, real, season_length)
    factor, shift = indices_of_seasonal(windows, real, season_length, seasonal)
    phase = np.arange(-n_timesteps, 0) % season_length  # the same for all lengths of padding
    adjusted = (windows - shift[:, phase]) / factor[:, phase]
    ahead = np.arange(horizon)
    level, drift = smooth_with_drift(adjusted, real, n_real)
    forecast = level[:, np.newaxis] + drift[:, np.newaxis] * (ahead + 1)
    phase = ahead % season_length
    return forecast * factor[:, phase] + shift[:, phase]


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
