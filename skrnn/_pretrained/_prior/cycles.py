"""Series that swing without a fixed period: autoregressions with complex roots."""

from __future__ import annotations

import numpy as np

from .parts import Arrays, log_uniform, unit_size

_N_DISCARDED = 100  # steps until the start does not matter


def draw_cycles(n_series: int, length: int, season: int, rng: np.random.Generator) -> Arrays:
    """Draw autoregressions of order two with periods of 3 to 50 steps.

    Half of the series are exponentiated, so that their peaks are sharp and their troughs flat.
    Some have a trend. All have noise of the measurement, most of them little.

    Parameters
    ----------
    n_series, length : int
        Number of series, and number of time steps.
    season : int
        Not used: the series have no season.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of shape (n_series, length)
    """
    n = n_series
    root = 1 - log_uniform(0.003, 0.3, n, rng)
    period = log_uniform(3, 50, n, rng)
    first, second = 2 * root * np.cos(2 * np.pi / period), -(root**2)
    shocks = rng.standard_normal((length + _N_DISCARDED, n))
    previous, older = shocks[0], np.zeros(n)
    series = np.empty((length + _N_DISCARDED, n))
    for t, shock in enumerate(shocks):
        previous, older = first * previous + second * older + shock, previous
        series[t] = previous
    series = unit_size(series[_N_DISCARDED:].T)

    column = (n, 1)
    slope = rng.normal(0, 1.5, column) * (rng.random(column) < 0.3)
    series = series + slope * np.linspace(-0.5, 0.5, length)
    size = log_uniform(0.2, 1.3, column, rng)
    is_exponential = rng.random(column) < 0.5
    series = np.where(is_exponential, np.exp(size * np.clip(series, -4, 4)), series)
    noise = log_uniform(0.001, 0.3, column, rng) * series.std(axis=1, keepdims=True)
    series = series + noise * rng.standard_normal((n, length))
    offset = rng.choice([0.0, 3.0, 10.0, 100.0], column) * (~is_exponential)
    return series + offset
