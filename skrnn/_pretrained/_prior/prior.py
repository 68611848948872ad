"""The distribution of the simulated series: the shares of the kinds, season lengths, mixtures."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from .counts import draw_counts
from .cycles import draw_cycles
from .gaussian_processes import draw_gaussian_processes
from .nested_seasons import draw_nested_seasons
from .parts import Arrays, unit_size
from .smooth_paths import draw_smooth_paths
from .state_space import draw_state_space

KINDS: dict[str, Callable[[int, int, int, np.random.Generator], Arrays]] = {
    "state space": draw_state_space,
    "cycles": draw_cycles,
    "smooth paths": draw_smooth_paths,
    "Gaussian processes": draw_gaussian_processes,
    "counts": draw_counts,
    "nested seasons": draw_nested_seasons,
}

# Shares of the kinds, chosen on rolling origins: docs/guide/pretrained.rst has the figures.
SHARES: dict[str, float] = {
    "state space": 0.72,
    "smooth paths": 0.12,
    "cycles": 0.06,
    "Gaussian processes": 0.04,
    "counts": 0.03,
    "nested seasons": 0.03,
}

LONGEST_SEASON = 24
_SEASONS = (1, 4, 12, 12, 4, 1, 12)  # drawn as often as they stand here

_SHARE_OF_MIXTURES = 0.1
_LARGEST = 1e6  # series with a larger value are not used; most levels are near 1


def draw_series(
    n_series: int,
    length: int,
    season: int,
    rng: np.random.Generator,
    shares: Mapping[str, float] = SHARES,
) -> Arrays:
    """Draw series of one season length, all of one kind, or mixtures of two kinds.

    Cycles are drawn for series without a season only: beside a season they made the network
    expect that every trend turns.

    Parameters
    ----------
    n_series, length, season : int
        Number of series, their length and their season length, in time steps.
    rng : numpy.random.Generator
    shares : mapping of str to float
        Probability of each kind; they sum to one.

    Returns
    -------
    ndarray of shape (n_series, length)
        Finite values.
    """
    names, probabilities = list(shares), list(shares.values())

    def draw() -> Arrays:
        kind = str(rng.choice(names, p=probabilities))
        if kind == "cycles" and season > 1:
            kind = "state space"
        return KINDS[kind](n_series, length, season, rng)

    series = draw()
    if rng.random() < _SHARE_OF_MIXTURES:  # as TSMixup of Ansari et al. (2024)
        weight = rng.uniform(0, 1, (n_series, 1))
        offset = rng.choice([0.0, 2.0, 5.0, 20.0], (n_series, 1))
        series = weight * unit_size(series) + (1 - weight) * unit_size(draw()) + offset
    is_broken = ~(np.abs(series).max(axis=1) < _LARGEST)  # NaN too
    series[is_broken] = rng.standard_normal((int(is_broken.sum()), length))
    return series


def draw_season(rng: np.random.Generator) -> int:
    """Draw a season length: mostly 1, 4 or 12, in one draw of eight any length from 2 to 24."""
    return int(rng.choice([*_SEASONS, int(rng.integers(2, LONGEST_SEASON + 1))]))


def draw_groups(
    n_groups: int,
    group_size: int,
    length: int,
    rng: np.random.Generator,
    shares: Mapping[str, float] = SHARES,
) -> tuple[Arrays, Arrays]:
    """Draw groups of series. Those of a group have one season length.

    Parameters
    ----------
    n_groups, group_size, length : int
        Number of groups, of series in each, and of time steps in each series.
    rng : numpy.random.Generator
    shares : mapping of str to float
        Probability of each kind.

    Returns
    -------
    series : ndarray of shape (n_groups * group_size, length)
        In random order.
    seasons : ndarray of shape (n_groups * group_size,)
        Season length of each series.
    """
    seasons = np.array([draw_season(rng) for _ in range(n_groups)])
    groups = [draw_series(group_size, length, int(m), rng, shares) for m in seasons]
    order = rng.permutation(n_groups * group_size)
    return np.concatenate(groups)[order], np.repeat(seasons, group_size)[order]
