"""Smooth series with little noise: integrated autoregressions with a regular season."""

from __future__ import annotations

import numpy as np

from .parts import Arrays, draw_pattern, log_uniform, repeat_pattern


def draw_smooth_paths(n_series: int, length: int, season: int, rng: np.random.Generator) -> Arrays:
    """Draw paths whose change, or the change of whose change, is an autoregression.

    Parameters
    ----------
    n_series, length, season : int
        Number of series, their length and their season length, in time steps.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of shape (n_series, length)
    """
    n = n_series
    memory = 1 - log_uniform(0.02, 0.6, n, rng)
    is_curved = rng.random(n) < 0.4  # integrated twice
    shocks = rng.standard_normal((length + season, n)) * np.sqrt(1 - memory**2)
    state = rng.standard_normal(n)
    changes = np.empty((length + season, n))
    for t, shock in enumerate(shocks):
        state = memory * state + shock
        changes[t] = state
    changes = changes.T
    slope = rng.normal(0, 1, (n, 1)) * rng.choice([0.0, 0.3, 1.0, 3.0], (n, 1))
    curved = 0.1 * np.cumsum(changes, axis=1)
    path = np.cumsum(np.where(is_curved[:, np.newaxis], curved, changes) + slope, axis=1)

    # All sizes are relative to the mean absolute change of the path.
    step = np.abs(np.diff(path, axis=1)).mean(axis=1, keepdims=True)
    pattern = draw_pattern(n, season, rng)
    amplitude = log_uniform(0.3, 20, (n, 1), rng) * (rng.random((n, 1)) < 0.6)
    growth = 1 + rng.normal(0, 0.15, (n, 1)) * np.linspace(0, 1, length + season)
    noise = log_uniform(0.003, 0.5, (n, 1), rng) * rng.standard_normal((n, length + season))
    series = path / step + amplitude * growth * repeat_pattern(pattern, length + season) + noise
    series = series[:, season:]
    # A share of the series stays above zero and is far from it, or near it, or exponential.
    size = series.std(axis=1, keepdims=True)
    size = np.where(size > 0, size, 1)
    is_exponential = rng.random((n, 1)) < 0.2
    scale = log_uniform(0.02, 1, (n, 1), rng) / size
    centred = np.clip((series - series.mean(axis=1, keepdims=True)) * scale, -4, 4)
    lifted = series - series.min(axis=1, keepdims=True) + size * log_uniform(0.1, 30, (n, 1), rng)
    return np.where(is_exponential, np.exp(centred), lifted)
