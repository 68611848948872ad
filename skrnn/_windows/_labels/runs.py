"""Which row continues which: the unbroken runs of rows in each series.

A row continues the one before it when both belong to the same series and its time
label is the next one. Labels are periods, dates with a frequency, or integers with
a constant step; rows of a bare array are one series in order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .row_labels import RowLabels, show
from .time_step import Step, positions, show_step, sort_by_series


@dataclass(frozen=True)
class Runs:
    """Unbroken runs of rows, each of one series without a gap.

    Parameters
    ----------
    order : ndarray of shape (n,)
        Rows sorted by series; within a series as they came.
    start, stop : ndarray of shape (n,)
        First position of the run that the row at a position belongs to, and the
        position after its last.
    """

    order: NDArray[np.intp]
    start: NDArray[np.intp]
    stop: NDArray[np.intp]

    @property
    def is_single(self) -> bool:
        """Whether all rows are one run, in the order in which they came."""
        return bool(self.stop[0] == len(self.order)) and bool(
            (self.order == np.arange(len(self.order))).all()
        )


def find_runs(labels: RowLabels, step: Step) -> Runs:
    """Sort rows by series and find the unbroken runs in each.

    Raises
    ------
    ValueError
        If time stands still or goes back within a series, or labels do not fit
        the step.
    """
    order, same = sort_by_series(labels)
    if labels.time is not None and len(order) > 1:
        position, unit = positions(labels.time, step)
        gap = np.diff(position[order])
        _check_order(labels, order, same, gap, unit, step)
        same = same & (gap == unit)
    bounds = np.flatnonzero(~same) + 1
    start = np.concatenate(([0], bounds))
    stop = np.concatenate((bounds, [len(order)]))
    length = stop - start
    return Runs(order, np.repeat(start, length), np.repeat(stop, length))


def follows(before: pd.Index, after: pd.Index, step: Step) -> NDArray[np.bool_]:
    """Return, pair by pair, whether the second label is the next one after the first.

    Raises
    ------
    ValueError
        If a later label lies between two steps, which shows that the step is wrong.
    """
    position, unit = positions(before.append(after), step)
    gap = position[len(before) :] - position[: len(before)]
    wrong = np.flatnonzero((gap > 0) & (gap % unit != 0))
    if len(wrong):
        raise ValueError(
            f"The label {show(after[wrong[0]])} is not a whole number of steps of "
            f"{show_step(step)} after {show(before[wrong[0]])}, the last one of its series in "
            "fit. Pass the right freq=, or context=False if X is not to continue those rows."
        )
    return gap == unit


def _check_order(
    labels: RowLabels,
    order: NDArray[np.intp],
    same: NDArray[np.bool_],
    gap: NDArray[np.int64],
    unit: int,
    step: Step,
) -> None:
    """Raise where time does not go forward in whole steps within a series."""

    def first(wrong: NDArray[np.bool_]) -> str | None:
        found = np.flatnonzero(wrong)
        return labels.describe(int(order[found[0] + 1])) if len(found) else None

    if label := first(same & (gap == 0)):
        raise ValueError(
            f"Duplicate time label {label}. Each row needs a label of its own; if X holds several "
            "series, name them by an index level or pass id_col."
        )
    if label := first(same & (gap < 0)):
        raise ValueError(
            f"Time goes back at {label}: the labels of a series must increase. Sort the rows "
            "(sort_index), and split without shuffling."
        )
    if label := first(same & (gap % unit != 0)):
        raise ValueError(
            f"The label {label} is not a whole number of steps of {show_step(step)} after the "
            "one before. Pass the right freq=, or resample the series."
        )
