"""Which row continues which: series, time labels, and gaps, read from pandas.

A row continues the one before it when both belong to the same series and its time
label is the next one. Labels are periods, dates with a frequency, or integers with
a constant step; rows of a bare array are one series in order.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.tseries.frequencies import to_offset
from pandas.tseries.offsets import BaseOffset, Day, Tick

# How far one label is from the next: a number for integers, an offset for dates,
# None where nothing says it yet (a single label).
Step: TypeAlias = int | BaseOffset | None


@dataclass(frozen=True)
class RowLabels:
    """Series and time label of every row.

    Parameters
    ----------
    series : pandas.Index or None
        Name of each row's series; None where all rows are one series.
    time : pandas.Index or None
        Time label of each row; None for bare arrays, whose rows follow one another.
    n_rows : int
        Number of rows.
    """

    series: pd.Index | None
    time: pd.Index | None
    n_rows: int

    def take(self, rows: Any) -> RowLabels:
        """Labels of some of the rows."""
        series = None if self.series is None else self.series[rows]
        time = None if self.time is None else self.time[rows]
        return RowLabels(series, time, len(np.arange(self.n_rows)[rows]))

    def append(self, other: RowLabels) -> RowLabels:
        """Labels of these rows, then of the other ones."""
        series = None if self.series is None else self.series.append(other.series)
        time = None if self.time is None else self.time.append(other.time)
        return RowLabels(series, time, self.n_rows + other.n_rows)

    def series_codes(self) -> NDArray[np.intp]:
        """Return a number for each row's series; missing names raise."""
        if self.series is None:
            return np.zeros(self.n_rows, dtype=np.intp)
        codes, _ = pd.factorize(self.series)
        missing = codes < 0
        if isinstance(self.series, pd.MultiIndex):
            missing = np.any([level < 0 for level in self.series.codes], axis=0)
        if missing.any():
            raise ValueError(
                f"The series of row {int(missing.argmax())} is missing (NaN in "
                f"{', '.join(map(repr, self.series.names))}). Give every row a series."
            )
        return codes

    def describe(self, row: int) -> str:
        """Name a row for a message."""
        where = "" if self.series is None else f" of series {_show(self.series[row])}"
        return f"{_show(self.time[row])}{where}" if self.time is not None else f"row {row}"


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


def read_labels(X: Any, *, n_rows: int, groups: str | None = None) -> RowLabels:
    """Read series and time labels from the index and columns of `X`.

    Parameters
    ----------
    X : pandas object or array
        The rows.
    n_rows : int
        Their number.
    groups : str or None
        Column or index level that names the series. None: all levels of a
        MultiIndex but the last.

    Raises
    ------
    ValueError
        If `groups` is not there.
    """
    index = getattr(X, "index", None)
    if not isinstance(index, pd.Index):
        if groups is not None:
            raise ValueError(
                f"groups={groups!r} names a column or an index level, but X is a "
                f"{type(X).__name__} without an index. A step before this one has dropped it: "
                'keep it with pipeline.set_output(transform="pandas"), and pass a DataFrame.'
            )
        return RowLabels(None, None, n_rows)
    is_panel = isinstance(index, pd.MultiIndex)
    if groups is None:
        series = index.droplevel(-1) if is_panel and index.nlevels > 1 else None
        return RowLabels(series, index.get_level_values(-1) if is_panel else index, n_rows)
    if groups in getattr(X, "columns", ()):
        time = index.get_level_values(-1) if is_panel else index
        return RowLabels(pd.Index(X[groups], name=groups), time, n_rows)
    if groups in index.names and is_panel:
        times = [level for level in range(index.nlevels) if index.names[level] != groups]
        return RowLabels(index.get_level_values(groups), index.get_level_values(times[-1]), n_rows)
    raise ValueError(
        f"groups={groups!r} is neither a column nor an index level that leaves a level for the "
        f"time: columns are {list(getattr(X, 'columns', []))}, levels {list(index.names)}. If an "
        'earlier step dropped it, keep it with pipeline.set_output(transform="pandas").'
    )


def find_step(labels: RowLabels, *, freq: Any = None, learned: Step = None) -> Step:
    """Find out how far one label is from the next.

    In this order: what the user gave, what the index carries, what was learned
    before, what the labels show. A guess that the labels do not prove is an error.

    Parameters
    ----------
    labels : RowLabels
    freq : str, pandas offset, int or None
        Given by the user.
    learned : int, pandas offset or None
        Learned from other rows of the same series.
    """
    time = labels.time
    if time is None:
        if freq is not None:
            raise ValueError(
                f"freq={freq!r} needs time labels, but X has no index. Pass a DataFrame, and keep "
                'its index through a pipeline with set_output(transform="pandas").'
            )
        return None
    if time.hasnans:
        raise ValueError(f"The time label of row {int(time.isna().argmax())} is missing (NaT).")
    if isinstance(freq, int | np.integer) and not pd.api.types.is_integer_dtype(time.dtype):
        raise ValueError(
            f"freq={freq!r} is for integer labels, but the index is of type {time.dtype}. Pass a "
            'frequency, e.g. freq="D".'
        )
    if isinstance(time, pd.PeriodIndex):
        if freq is not None and pd.PeriodIndex([], freq=freq).freq != time.freq:
            raise ValueError(
                f"freq={freq!r} contradicts the index, whose periods are {time.freqstr!r}."
            )
        return time.freq
    if isinstance(time, pd.DatetimeIndex | pd.TimedeltaIndex):
        given = None if freq is None else to_offset(freq)
        carried = given is None and time.freq is not None
        if carried and learned is not None and time.freq != learned:
            raise ValueError(
                f"The index has frequency {time.freqstr!r}, but fit saw {_show_step(learned)}. "
                "Bring both to one frequency, or pass freq=."
            )
        return given or time.freq or learned or _infer_offset(time)
    if pd.api.types.is_integer_dtype(time.dtype):
        if freq is not None:
            if not isinstance(freq, int | np.integer) or freq < 1:
                raise ValueError(
                    f"The index holds integers: freq must be a positive integer, not {freq!r}."
                )
            return int(freq)
        return learned if learned is not None else _infer_integer_step(labels)
    raise ValueError(
        f"Row labels must be periods, dates or integers, but the index is of type {time.dtype}. "
        "Convert it (pandas.to_datetime, pandas.PeriodIndex), or drop it with "
        "reset_index(drop=True) if the rows are one series in order."
    )


def find_runs(labels: RowLabels, step: Step, *, is_proven: bool = False) -> Runs:
    """Sort rows by series and find the unbroken runs in each.

    A step that `is_proven` by other rows may leave a series with nothing but gaps.

    Raises
    ------
    ValueError
        If time stands still or goes back within a series, or labels do not fit
        the step.
    """
    series = labels.series_codes()
    is_sorted = bool((series[1:] >= series[:-1]).all())
    order = np.arange(len(series)) if is_sorted else np.argsort(series, kind="stable")
    same = series[order][1:] == series[order][:-1]
    if labels.time is not None and len(order) > 1:
        position, unit = _positions(labels.time, step)
        gap = np.diff(position[order])
        _check_order(labels, order, same, gap, unit, step)
        if not is_proven:
            _check_some_row_continues(labels, order, same, gap == unit, step)
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
    position, unit = _positions(before.append(after), step)
    gap = position[len(before) :] - position[: len(before)]
    wrong = np.flatnonzero((gap > 0) & (gap % unit != 0))
    if len(wrong):
        raise ValueError(
            f"The label {_show(after[wrong[0]])} is not a whole number of steps of "
            f"{_show_step(step)} after {_show(before[wrong[0]])}, the last one of its series in "
            "fit. Pass the right freq=, or context=False if X is not to continue those rows."
        )
    return gap == unit


def check_same_kind(fitted: RowLabels, labels: RowLabels) -> None:
    """Raise if rows are labelled in another way than those seen in fit."""
    if (fitted.series is None) != (labels.series is None):
        seen, found = ("one", "several") if fitted.series is None else ("several", "none")
        raise ValueError(
            f"The rows seen in fit were of {seen} series by their index, but X names {found} now. "
            "Pass a DataFrame with the same index levels as in fit."
        )
    if fitted.time is None or labels.time is None:
        return
    if _kind(fitted.time) != _kind(labels.time):
        raise ValueError(
            f"fit saw time labels of type {_kind(fitted.time)}, but X has {_kind(labels.time)} "
            "now. Bring both to one type."
        )


def _kind(time: pd.Index) -> str:
    if isinstance(time, pd.DatetimeIndex):
        return "datetime" if time.tz is None else f"datetime in {time.tz}"
    if isinstance(time, pd.TimedeltaIndex):
        return "timedelta"
    return "integer" if pd.api.types.is_integer_dtype(time.dtype) else str(time.dtype)


def _positions(time: pd.Index, step: Step) -> tuple[NDArray[np.int64], int]:
    """Return labels as integers, and the distance of a label to the next one."""
    if step is None:  # all labels are the same
        return np.zeros(len(time), dtype=np.int64), 1
    if isinstance(time, pd.PeriodIndex):
        return time.asi8, step.n  # type: ignore[union-attr]
    if not isinstance(step, BaseOffset):
        return time.to_numpy(dtype=np.int64), step
    if isinstance(step, Day) and getattr(time, "tz", None) is not None:
        time = time.tz_localize(None)  # a day in a time zone may have 23 hours
    if isinstance(step, Tick | Day):
        length = pd.Timedelta(days=step.n) if isinstance(step, Day) else pd.Timedelta(step)
        return time.as_unit("ns").asi8, length.as_unit("ns").value
    # Calendar steps (months, business days) have no fixed length: count on the grid.
    # Of single steps, since series may start at different ones of a multiple.
    grid = pd.date_range(time.min(), time.max(), freq=step.base)
    position = grid.get_indexer(time)
    if (position < 0).any():
        label = _show(time[int((position < 0).argmax())])
        raise ValueError(
            f"The label {label} does not lie on the frequency {step.freqstr!r}. Pass the "
            "frequency that the dates have, or make periods of them with "
            "df.index.to_period(...)."
        )
    return position.astype(np.int64), step.n


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
            "series, name them by an index level or by groups=."
        )
    if label := first(same & (gap < 0)):
        raise ValueError(
            f"Time goes back at {label}: the labels of a series must increase. Sort the rows "
            "(sort_index), and split without shuffling."
        )
    if label := first(same & (gap % unit != 0)):
        raise ValueError(
            f"The label {label} is not a whole number of steps of {_show_step(step)} after the "
            "one before. Pass the right freq=, or resample the series."
        )


def _check_some_row_continues(
    labels: RowLabels,
    order: NDArray[np.intp],
    same: NDArray[np.bool_],
    continues: NDArray[np.bool_],
    step: Step,
) -> None:
    """Raise if a series of three rows or more is nothing but gaps: a wrong step."""
    bounds = np.flatnonzero(~same) + 1
    start = np.concatenate(([0], bounds))
    length = np.diff(np.concatenate((start, [len(order)])))
    links = np.add.reduceat(np.concatenate((same & continues, [False])), start)
    lonely = np.flatnonzero((length >= 3) & (links == 0))
    if len(lonely):
        first = labels.describe(int(order[start[lonely[0]]]))
        raise ValueError(
            f"No row of the series that starts at {first} continues another by a step of "
            f"{_show_step(step)}: every window would end at a gap. Pass the right freq=."
        )


def _infer_offset(time: pd.Index) -> Step:
    """Infer the frequency of dates; raise where the labels do not prove it."""
    unique = time.unique().sort_values()
    if len(unique) < 2:
        return None
    with warnings.catch_warnings():
        # pandas announces that infer_freq will return an offset: to_offset takes both.
        warnings.simplefilter("ignore", DeprecationWarning)
        found = pd.infer_freq(unique) if len(unique) >= 3 else None
    offset = None if found is None else to_offset(found)
    is_daily = isinstance(offset, Day) and offset.n == 1
    if is_daily and isinstance(unique, pd.DatetimeIndex) and not (unique.day_of_week >= 5).any():
        offset = None  # daily or business-daily: one week does not tell
    if offset is None:
        raise ValueError(
            f"The frequency of the dates cannot be told from {len(unique)} label(s), "
            f"{_show(unique[0])} to {_show(unique[-1])}, with gaps or too few of them. Pass "
            'freq=, e.g. freq="MS", or use periods: df.index = df.index.to_period("M").'
        )
    return offset


def _infer_integer_step(labels: RowLabels) -> int | None:
    """Infer the step of integer labels: the smallest and most common difference."""
    series = labels.series_codes()
    order = np.argsort(series, kind="stable")
    same = series[order][1:] == series[order][:-1]
    gap = np.diff(labels.time.to_numpy(dtype=np.int64)[order])[same]  # type: ignore[union-attr]
    gap = gap[gap > 0]
    if not len(gap):
        return None
    values, counts = np.unique(gap, return_counts=True)
    step = int(values[0])
    if counts[0] < counts.max() or (values % step != 0).any():
        raise ValueError(
            f"The step of the integer labels cannot be told: they differ by "
            f"{', '.join(map(str, values[:5]))}{', ...' if len(values) > 5 else ''}. Pass freq=, "
            "e.g. freq=1, or number the rows of each series."
        )
    return step


def _show(label: Any) -> str:
    if isinstance(label, np.generic):
        label = label.item()
    return repr(str(label)) if isinstance(label, pd.Timestamp | pd.Period) else repr(label)


def _show_step(step: Step) -> str:
    return repr(step.freqstr) if isinstance(step, BaseOffset) else str(step)
