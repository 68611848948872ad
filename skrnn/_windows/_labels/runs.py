"""Runs of rows without a gap.

A row continues the row before it if both are of the same series and its time label is
the next one. Labels are periods, dates with a frequency, time differences, or integers
with a constant step. Rows of an array have no labels: they are one run.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .row_labels import RowLabels
from .time_step import Step, gaps_by_series, show_step


@dataclass(frozen=True)
class Runs:
    """Runs of rows, each of one series and without a gap.

    Parameters
    ----------
    order : ndarray of shape (n,)
        The rows sorted by series. Rows of one series keep their order.
    start, stop : ndarray of shape (n,)
        For each position in `order`: the first position of its run, and the position
        after the last one.
    """

    order: NDArray[np.intp]
    start: NDArray[np.intp]
    stop: NDArray[np.intp]

    @property
    def n_runs(self) -> int:
        """Number of runs."""
        return len(np.unique(self.start))

    @property
    def is_single(self) -> bool:
        """Whether all rows are one run, in the order of `X`."""
        n_rows = len(self.order)
        return bool(self.stop[0] == n_rows and (self.order == np.arange(n_rows)).all())


def find_runs(labels: RowLabels, step: Step) -> Runs:
    """Sort rows by series and find the runs without a gap.

    Raises
    ------
    ValueError
        If the labels of a series do not increase, or one lies between two steps.
    """
    order, same, gap, unit = gaps_by_series(labels, step)
    if (same & (gap <= 0)).any():
        raise ValueError(_wrong_order(labels, order, same, gap))
    between = np.flatnonzero(same & (gap % unit != 0))
    if len(between):
        raise ValueError(
            f"The label {labels.describe(int(order[between[0] + 1]))} is not a whole number of "
            f"steps of {show_step(step)} after the label before it. Pass the right freq=, or "
            "resample the series."
        )
    same = same & (gap == unit)
    bounds = np.flatnonzero(np.concatenate(([True], ~same, [True])))
    length = np.diff(bounds)
    return Runs(order, np.repeat(bounds[:-1], length), np.repeat(bounds[1:], length))


def _wrong_order(
    labels: RowLabels, order: NDArray[np.intp], same: NDArray[np.bool_], gap: NDArray[np.int64]
) -> str:
    """Return what is wrong with the order of rows, as text for an error."""
    time = pd.factorize(labels.time)[0]
    is_twice = pd.DataFrame({"series": labels.series_codes(), "time": time}).duplicated()
    if is_twice.any():
        label = labels.describe(int(order[is_twice.to_numpy()[order].argmax()]))
        return (
            f"Duplicate time label {label}. Each row of a series needs its own time label, but "
            f"{is_twice.sum()} row(s) have that of an earlier row. If X holds several series, name "
            "them by an index level or pass id_col."
        )
    is_back = same & (gap < 0)
    n_back, n_steps = is_back.sum(), same.sum()
    rows = f"at all {n_steps}" if n_back == n_steps else f"at {n_back} of {n_steps}"
    return (
        f"Time goes back at {labels.describe(int(order[is_back.argmax() + 1]))}, and {rows} steps "
        "from row to row: the time labels of a series must increase. Sort the rows (sort_index or "
        "sort_values), and split without shuffling."
    )
