"""The series and the time of each row, from the labels of X or y, else from the order of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrnn._windows._labels.label_columns import LabelColumns
from skrnn._windows._labels.row_labels import show
from skrnn._windows._labels.target_labels import is_row_numbers
from skrnn._windows._labels.time_step import check_complete, has_order

Positions = NDArray[np.intp]


@dataclass(frozen=True)
class RowTimes:
    """The series and the time of each row.

    Parameters
    ----------
    time : ndarray of int of shape (n_samples,)
        Number of the time label of each row, the oldest one 0.
    series : ndarray of int of shape (n_samples,)
        Number of the series of each row.
    labels : Index or None
        The time labels in order. None: the time is the number of the row.
    """

    time: Positions
    series: Positions
    labels: pd.Index | None

    @property
    def n_times(self) -> int:
        """The number of different times."""
        return int(self.time.max()) + 1

    @property
    def origin(self) -> str:
        """A sentence on what the order of time was read from."""
        if self.labels is None:
            return f"The rows have no time labels: {len(self.time)} rows of one series in order."
        n_series = len(np.unique(self.series))
        return (
            f"{len(self.time)} rows of {n_series} series, with {self.n_times} time labels, "
            f"{self.show(self.time)}."
        )

    def show(self, times: Positions) -> str:
        """Return some times as text, from the first to the last one."""
        ends = sorted({int(times.min()), int(times.max())})
        if self.labels is None:
            return ("row " if len(ends) == 1 else "rows ") + " to ".join(map(str, ends))
        return " to ".join(_plain(self.labels[end]) for end in ends)

    def one_series(self) -> Positions:
        """Return the rows of the longest series, in the order of time."""
        rows = np.flatnonzero(self.series == np.bincount(self.series).argmax())
        return rows[np.argsort(self.time[rows], kind="stable")]


def row_times(X: Any, y: Any, columns: LabelColumns) -> RowTimes:
    """Return the series and the time of each row.

    Parameters
    ----------
    X, y : DataFrame, Series or ndarray
        Rows and their targets. The labels are those of `X`, else those of `y`.
    columns : LabelColumns
        Where the names of the series and the time stand.

    Raises
    ------
    ValueError
        As :meth:`LabelColumns.read`, and if the time label of a row is missing.
    """
    table = next((table for table in (X, y) if _has_time(table)), None)
    rows = np.arange(len(X))
    if table is None and not columns.names:
        return RowTimes(rows, np.zeros(len(X), np.intp), None)
    labels = columns.read(X if table is None else table, n_rows=len(X))
    time: Any = labels.time
    if time.dtype == object:
        time = time.infer_objects()
    if not has_order(time):
        raise ValueError(
            f"Time labels must be periods, dates or numbers, but are of type {time.dtype}, such as "
            f"{show(time[0])}. Convert them (pandas.to_datetime, pandas.PeriodIndex), name the "
            "column or level that holds the time by time_col, or drop them with "
            "reset_index(drop=True) if the rows are one series in order."
        )
    check_complete(time)
    codes, ordered = pd.factorize(time, sort=True)
    return RowTimes(codes, labels.series_codes(), ordered)


def _has_time(table: Any) -> bool:
    """Return whether a table has an index that is more than its row numbers."""
    index = getattr(table, "index", None)
    return isinstance(index, pd.Index) and not is_row_numbers(index)


def _plain(label: Any) -> str:
    """Return a label as text, a midnight as a day."""
    return str(label).removesuffix(" 00:00:00")
