"""Series of innovations state space models: level, damped trend, season and one source of noise.

Hyndman, Koehler, Ord and Snyder (2008): Forecasting with exponential smoothing: the state space
approach. Springer. doi:10.1007/978-3-540-71918-2
"""

from __future__ import annotations

import numpy as np

from .calendar_effects import draw_trading_days
from .parts import Arrays, draw_pattern, draw_shocks


def draw_state_space(n_series: int, length: int, season: int, rng: np.random.Generator) -> Arrays:
    """Draw series of state space models with random parameters.

    The season is additive or multiplicative, the noise autocorrelated in some series, and rare
    shifts move the level. Some series are exponentiated.

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
    alpha = rng.beta(1, 2, n) * rng.choice([1, 1, 0.3], n)  # smoothing of the level
    beta = rng.beta(1, 6, n) * (rng.random(n) < 0.7) * 0.3  # of the trend, as a share of alpha
    gamma = rng.beta(1, 5, n) * 0.5  # of the season
    phi = np.where(rng.random(n) < 0.4, 1.0, rng.uniform(0.8, 0.99, n))  # damping of the trend
    sigma = np.exp(rng.normal(-3.2, 0.9, n))
    is_multiplicative = rng.random(n) < 0.5
    autoregression = rng.uniform(-0.3, 0.8, n) * (rng.random(n) < 0.3)
    amplitude = np.exp(rng.normal(-2.2, 1.0, n)) * (rng.random(n) < 0.85)

    level = np.ones(n)
    trend = rng.normal(0, 0.012 if season > 1 else 0.05, n) * rng.choice([0, 1, 1, 2], n)
    seasonal = draw_pattern(n, season, rng).T * amplitude  # (season, n)
    shocks = draw_shocks(n, length + season, rng).T * sigma
    shifts = (rng.random((length, n)) < 0.01) * rng.normal(0, 0.2, n)
    shifts = shifts * rng.standard_exponential((length, n))

    noise = np.zeros(n)
    series = np.empty((length + season, n))
    for t, shock in enumerate(shocks):
        noise = autoregression * noise + shock
        base = level + phi * trend
        scale = np.where(is_multiplicative, np.maximum(np.abs(base), 0.1), 1.0)
        series[t] = base + (seasonal[t % season] + noise) * scale
        change = alpha * noise * scale
        level = base + change
        trend = phi * trend + beta * change
        seasonal[t % season] += gamma * noise
        if t >= season:
            level = level + shifts[t - season]
    series = series[season:].T  # the first season is not used

    if season in (4, 12):
        rows = np.flatnonzero(rng.random(n) < 0.15)
        series[rows] *= 1 + draw_trading_days(len(rows), length, season, rng)
    is_exponential = (rng.random(n) < 0.15)[:, np.newaxis]
    return np.where(is_exponential, np.exp(np.clip(series - 1, -4, 4)), series)
