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

from .row_labels import RowLabels, show
from .time_step import Step, gaps_by_series, positions, show_step


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
    wrong_order = {
        "Duplicate time label {label}. Each row of a series needs its own time label. If X holds "
        "several series, name them by an index level or pass id_col.": gap == 0,
        "Time goes back at {label}: the time labels of a series must increase. Sort the rows "
        "(sort_index or sort_values), and split without shuffling.": gap < 0,
        "The label {label} is not a whole number of steps of {step} after the label before it. "
        "Pass the right freq=, or resample the series.": gap % unit != 0,
    }
    for message, wrong in wrong_order.items():
        found = np.flatnonzero(same & wrong)
        if len(found):
            label = labels.describe(int(order[found[0] + 1]))
            raise ValueError(message.format(label=label, step=show_step(step)))
    same = same & (gap == unit)
    bounds = np.flatnonzero(np.concatenate(([True], ~same, [True])))
    length = np.diff(bounds)
    return Runs(order, np.repeat(bounds[:-1], length), np.repeat(bounds[1:], length))


def follows(before: pd.Index, after: pd.Index, step: Step) -> NDArray[np.bool_]:
    """Return, for each pair of labels, whether the second is the next one after the first.

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
            "fit. Pass the right freq=, or context=False if X does not continue those rows."
        )
    return gap == unit
