"""Season length, lookback and regressor where the user passes none."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pandas.tseries.offsets import BaseOffset, Day, Tick

from skrnn._pretrained.windows import CONTEXT, LONGEST_SEASON
from skrnn._windows._labels.time_step import Step
from skrnn.recommended import make_blend, make_pretrained, shortest_window

from .forecast_model import check_training_rows, training_rows
from .series_rows import SeriesRows

# With fewer windows to learn from, nothing is trained by default. The targets of the last windows
# of a series overlap with those on which the weights of the blend are learned: they do not count.
FEWEST_WINDOWS = 50

# Shortest default window, and how many seasons a window holds.
_SHORTEST, _SEASONS = 12, 3

_HOURS_OF_A_DAY, _MONTHS_OF_A_YEAR, _DAYS_OF_A_WEEK = 24, 12, 7


def season_of(step: Step) -> int:
    """Return the number of steps in a season: a year of months or quarters, a week, a day of hours.

    1 for all other steps, and where a season is no whole number of steps.
    """
    if not isinstance(step, BaseOffset):
        return 1
    if isinstance(step, Day):
        return _DAYS_OF_A_WEEK if step.n == 1 else 1
    if isinstance(step, Tick):
        hours = step.nanos / 3.6e12
        return _whole(_HOURS_OF_A_DAY, hours) if hours >= 1 else 1
    name = step.rule_code.partition("-")[0]
    months = {"M": 1, "ME": 1, "MS": 1, "BME": 1, "BMS": 1, "Q": 3, "QE": 3, "QS": 3, "BQE": 3}
    months |= {"BQS": 3}
    return _whole(_MONTHS_OF_A_YEAR, months[name] * step.n) if name in months else 1


def _whole(length: int, step: float) -> int:
    return int(length // step) if length % step == 0 else 1


def lookback_of(season_length: int, horizon: int, lengths: NDArray[np.intp]) -> int:
    """Return the default lookback for series of these lengths.

    Three seasons, at least 12 steps, at most half of what the longest series has before its last
    `horizon` rows.
    """
    wanted = max(_SHORTEST, _SEASONS * season_length)
    return max(1, min(wanted, (int(lengths.max()) - horizon) // 2))


def lookback_of_default(season_length: int, lengths: NDArray[np.intp]) -> int:
    """Return the default lookback of the default regressor: all rows that the network reads.

    Windows with less rows in front are padded. All members of the blend take that.
    """
    return max(shortest_window(season_length), min(CONTEXT, int(lengths.max())))


def default_regressor(
    rows: SeriesRows,
    season_length: int,
    horizon: int,
    lookback: int,
    *,
    random_state: Any,
    n_jobs: int | None,
) -> tuple[Any, NDArray[np.intp]]:
    """Return the default regressor, and the rows that it learns from, none if it is pretrained.

    Raises
    ------
    ValueError
        If the windows are too short for the blend.
    """
    shortest = shortest_window(season_length)
    learned = training_rows(rows, shortest, horizon)
    n_before = rows.lengths[rows.series] - rows.ages
    origins = learned[n_before[learned] >= shortest]
    if (rows.ages[origins] >= 2 * horizon - 1).sum() < FEWEST_WINDOWS:
        is_seen = season_length <= max(LONGEST_SEASON, lookback // 2)
        return make_pretrained(season_length if is_seen else 1), origins[:0]
    if lookback < shortest:
        raise ValueError(
            f"lookback={lookback} is too short for the default regressor, which reads {shortest} "
            f"rows: two seasons of season_length={season_length}, at least {shortest_window(1)}. "
            "Leave lookback out, pass a longer one, or choose a regressor."
        )
    check_training_rows(rows, learned, shortest, horizon)
    return make_blend(season_length, random_state=random_state, n_jobs=n_jobs), origins
