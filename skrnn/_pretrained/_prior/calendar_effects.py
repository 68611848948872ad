"""Effects of the calendar on sums over months and quarters: working days and Easter."""

from __future__ import annotations

from functools import cache

import numpy as np

from .parts import Arrays

_FIRST_YEAR, _N_YEARS = 1950, 100


def draw_trading_days(n_series: int, length: int, season: int, rng: np.random.Generator) -> Arrays:
    """Draw the relative effects of weekdays and Easter on monthly or quarterly sums.

    Parameters
    ----------
    n_series, length : int
        Number of series, and number of time steps.
    season : {4, 12}
        Steps of a year.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of shape (n_series, length)
        Changes of the sums, about 0.01 to 0.05 in absolute value.
    """
    calendar = _calendar().reshape(_N_YEARS * season, 12 // season, 8).mean(axis=1)
    calendar = calendar - calendar.mean(axis=0)
    weights = rng.normal(0, 0.01, (n_series, 8))  # of seven weekdays and of Easter
    weights[:, :7] -= weights[:, :7].mean(axis=1, keepdims=True)
    weights[:, 7] *= 3
    start = rng.integers(0, len(calendar), (n_series, 1))
    effects = calendar[(start + np.arange(length)) % len(calendar)]
    return np.einsum("ntk,nk->nt", effects, weights)


@cache
def _calendar() -> Arrays:
    """Count the days of each weekday in each month, and say whether it has Easter: (months, 8)."""
    first, last = np.datetime64(f"{_FIRST_YEAR}-01"), np.datetime64(f"{_FIRST_YEAR + _N_YEARS}-01")
    days = np.arange(first.astype("M8[D]"), last.astype("M8[D]"))
    month = (days.astype("M8[M]") - first).astype(int)
    weekday = (days.astype(int) + 3) % 7  # 1970-01-01 was a Thursday
    calendar = np.zeros((12 * _N_YEARS, 8))
    np.add.at(calendar, (month, weekday), 1)
    for year in range(_N_YEARS):
        calendar[12 * year + _easter_month(_FIRST_YEAR + year) - 1, 7] = 1
    return calendar


def _easter_month(year: int) -> int:
    """Return the month of Easter Sunday, from 1900 to 2099, by the rule of Gauss."""
    moon = (19 * (year % 19) + 24) % 30
    sunday = (2 * (year % 4) + 4 * (year % 7) + 6 * moon + 5) % 7
    return 3 if 22 + moon + sunday <= 31 else 4
