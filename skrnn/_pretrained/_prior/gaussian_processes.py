"""Series of Gaussian processes with random sums and products of kernels, as in KernelSynth.

KernelSynth: Ansari et al. (2024), Chronos: learning the language of time series,
arXiv:2403.07815. Random Fourier features: Rahimi and Recht (2007), Random features for
large-scale kernel machines, Advances in Neural Information Processing Systems 20.
"""

from __future__ import annotations

import numpy as np

from .parts import Arrays, draw_pattern, log_uniform, repeat_pattern

_N_FEATURES = 24  # waves that approximate one smooth path


def draw_gaussian_processes(
    n_series: int, length: int, season: int, rng: np.random.Generator
) -> Arrays:
    """Draw sums of smooth paths, lines, seasons, changing seasons and noise.

    Parameters
    ----------
    n_series, length, season : int
        Number of series, their length and their season length, in time steps.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of shape (n_series, length)
    """
    n, column = n_series, (n_series, 1)
    time = np.linspace(-0.5, 0.5, length)

    def size(probability: float, low: float, high: float) -> Arrays:
        return log_uniform(low, high, column, rng) * (rng.random(column) < probability)

    slow, fast, swing = (
        _smooth(n, length, *scales, rng) for scales in ((20, 150), (2, 25), (10, 80))
    )
    pattern = repeat_pattern(draw_pattern(n, season, rng), length)
    other = repeat_pattern(draw_pattern(n, season, rng), length)
    line = rng.standard_normal(column) * time
    series = size(0.6, 0.5, 5) * slow + size(0.4, 0.1, 1.5) * fast + size(0.5, 0.5, 5) * line
    series = series + size(0.7, 0.1, 3) * pattern
    series = series + size(0.3, 0.1, 2) * other * swing  # the season changes
    series = series + size(0.2, 0.3, 2) * time * slow + size(0.2, 0.3, 2) * line * pattern
    series = series + log_uniform(0.01, 1, column, rng) * rng.standard_normal((n, length))
    return series + rng.choice([0.0, 2.0, 5.0, 20.0], column)


def _smooth(
    n_series: int, length: int, shortest: float, longest: float, rng: np.random.Generator
) -> Arrays:
    """Draw paths with the kernel exp(-d² / 2s²), s between two lengths, from random waves."""
    scale = log_uniform(shortest, longest, (n_series, 1), rng)
    frequency = rng.standard_normal((n_series, _N_FEATURES)) / scale
    phase = rng.uniform(0, 2 * np.pi, (n_series, _N_FEATURES))
    # A wave is turned from one step to the next by a product of complex numbers.
    turn, wave = np.exp(1j * frequency), np.exp(1j * phase)
    path = np.empty((length, n_series))
    for t in range(length):
        path[t] = wave.real.sum(axis=1)
        wave = wave * turn
    return path.T * np.sqrt(2 / _N_FEATURES)
