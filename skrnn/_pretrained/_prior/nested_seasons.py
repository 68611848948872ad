"""Series with a season within a longer one, such as the hours of a day and the days of a week."""

from __future__ import annotations

import numpy as np

from .parts import Arrays, draw_pattern, draw_shocks, draw_walks, log_uniform, repeat_pattern


def draw_nested_seasons(
    n_series: int, length: int, season: int, rng: np.random.Generator
) -> Arrays:
    """Draw series whose seasons differ in level and size by their place in a longer season.

    Parameters
    ----------
    n_series, length, season : int
        Number of series, their length and their season length, in time steps. The longer
        season has two to seven of the short ones.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of shape (n_series, length)
    """
    n, column = n_series, (n_series, 1)
    n_seasons = int(rng.choice([2, 3, 4, 5, 7, 7]))
    pattern = repeat_pattern(draw_pattern(n, season, rng), length)
    place = rng.integers(0, n_seasons * season, column) + np.arange(length)
    factor = draw_pattern(n, n_seasons, rng) * log_uniform(0.05, 0.5, column, rng)
    factor = np.take_along_axis(factor, place // season % n_seasons, axis=1)
    level = 1 + rng.normal(0, 0.5, column) * np.linspace(0, 1, length)
    walk = draw_walks(n, length, (0.001, 0.03), rng)
    noise = log_uniform(0.01, 0.2, column, rng) * draw_shocks(n, length, rng)
    amplitude = log_uniform(0.05, 0.6, column, rng)
    is_multiplicative = rng.random(column) < 0.5
    additive = level + walk + amplitude * pattern + factor + noise
    multiplicative = (level + walk) * (1 + amplitude * pattern) * (1 + factor) * (1 + noise)
    return np.where(is_multiplicative, multiplicative, additive)
