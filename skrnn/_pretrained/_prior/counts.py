"""Series of counts, many of them with zeros: Poisson numbers, and rare demands of random size.

Croston (1972): Forecasting and stock control for intermittent demands. Operational Research
Quarterly 23, 289-303. doi:10.1057/jors.1972.50
"""

from __future__ import annotations

import numpy as np

from .parts import Arrays, draw_pattern, draw_walks, log_uniform, repeat_pattern


def draw_counts(n_series: int, length: int, season: int, rng: np.random.Generator) -> Arrays:
    """Draw counts whose rate changes slowly and with the season.

    Parameters
    ----------
    n_series, length, season : int
        Number of series, their length and their season length, in time steps.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of shape (n_series, length)
        Whole numbers from zero.
    """
    n, column = n_series, (n_series, 1)
    walk = draw_walks(n, length, (0.003, 0.08), rng)
    pattern = repeat_pattern(draw_pattern(n, season, rng), length)
    amplitude = rng.uniform(0, 0.8, column) * (rng.random(column) < 0.6)
    mean = log_uniform(0.3, 60, column, rng)
    rate = mean * np.exp(np.clip(walk + amplitude * pattern, -3, 3))
    # Overdispersion: the rate of a step is itself random.
    shape = log_uniform(1, 50, column, rng)
    is_dispersed = rng.random(column) < 0.5
    spread = rng.standard_gamma(np.broadcast_to(shape, rate.shape)) / shape
    demand = rng.poisson(np.where(is_dispersed, rate * spread, rate))
    share = np.where(rng.random(column) < 0.4, rng.uniform(0.1, 0.9, column), 1.0)
    return demand * (rng.random(rate.shape) < share).astype(float)
