"""Parts that several kinds of series share: seasonal patterns, shocks, walks, sizes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = NDArray[Any]


def draw_pattern(n_series: int, season: int, rng: np.random.Generator) -> Arrays:
    """Draw seasonal patterns of mean zero and unit standard deviation.

    The harmonics of a pattern fall with their order, at a rate that is drawn for each series.
    One pattern in five has a single step that stands out.

    Parameters
    ----------
    n_series, season : int
        Number of patterns, and number of time steps of each.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of shape (n_series, season)
        Zeros if the season has one step.
    """
    if season == 1:
        return np.zeros((n_series, 1))
    step = np.arange(season)
    order = np.arange(1, season // 2 + 1)
    angle = 2 * np.pi / season * np.outer(order, step)
    size = order ** -rng.uniform(0.3, 1.5, (n_series, 1))
    pattern = (rng.normal(size=size.shape) * size) @ np.cos(angle)
    pattern += (rng.normal(size=size.shape) * size) @ np.sin(angle)
    is_spike = (rng.random(n_series) < 0.2)[:, np.newaxis]
    is_spike = is_spike & (step == rng.integers(0, season, n_series)[:, np.newaxis])
    pattern += is_spike * rng.normal(0, 2, (n_series, 1))
    pattern -= pattern.mean(axis=1, keepdims=True)
    size = pattern.std(axis=1, keepdims=True)
    return pattern / np.where(size > 0, size, 1)


def repeat_pattern(pattern: Arrays, length: int) -> Arrays:
    """Repeat patterns (n_series, season) until they have `length` steps."""
    return pattern[:, np.arange(length) % pattern.shape[1]]


def log_uniform(low: float, high: float, size: Any, rng: np.random.Generator) -> Arrays:
    """Draw numbers whose logarithms are uniform."""
    return np.exp(rng.uniform(np.log(low), np.log(high), size))


def draw_shocks(n_series: int, length: int, rng: np.random.Generator) -> Arrays:
    """Draw independent numbers, some of them with heavy tails: Student's t, cut off at 8."""
    freedom = rng.choice([3.0, 5.0, 50.0], n_series)[:, np.newaxis]
    gamma = rng.standard_gamma(np.broadcast_to(freedom / 2, (n_series, length)))
    shocks = rng.standard_normal((n_series, length)) / np.sqrt(2 * gamma / freedom)
    return np.clip(shocks, -8, 8)


def draw_walks(
    n_series: int, length: int, sizes: tuple[float, float], rng: np.random.Generator
) -> Arrays:
    """Draw random walks. The size of a step lies between two sizes."""
    walk = np.cumsum(rng.standard_normal((n_series, length)), axis=1)
    return walk * log_uniform(*sizes, (n_series, 1), rng)


def unit_size(series: Arrays) -> Arrays:
    """Shift and scale each series to mean zero and unit standard deviation."""
    centred = series - series.mean(axis=1, keepdims=True)
    size = centred.std(axis=1, keepdims=True)
    return centred / np.where(size > 1e-12, size, 1)
