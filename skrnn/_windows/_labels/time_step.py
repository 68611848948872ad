"""The step from one time label to the next, and labels as positions on its grid."""

from __future__ import annotations

import warnings
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.tseries.frequencies import to_offset
from pandas.tseries.offsets import BaseOffset, Day, Tick

from .row_labels import RowLabels, show

# An integer for integer labels, an offset for dates and periods. None if it is not known
# yet (a single label) or not needed (arrays).
Step: TypeAlias = int | BaseOffset | None


def find_step(labels: RowLabels, *, freq: Any = None, learned: Step = None) -> Step:
    """Return the step from one time label to the next.

    The first of these that is known: `freq`, the frequency of the index, `learned`, the
    step that the labels show. It is an error if the labels do not show one step, and if
    no row continues another by a step that was not learned.

    Parameters
    ----------
    labels : RowLabels
    freq : str, pandas offset, int or None
        What the user passed.
    learned : int, pandas offset or None
        What `fit` found in other rows of the same series.

    Returns
    -------
    int, pandas offset or None
        None for arrays, and for a single label, which shows no step.

    Raises
    ------
    ValueError
        If a label is missing, the labels are of a type without steps, or the step is
        not known or contradicts the labels.
    """
    time = labels.time
    if time is None:
        if freq is not None:
            raise ValueError(
                f"freq={freq!r} needs time labels, but X has no index. Pass a DataFrame; in a "
                'pipeline, keep it one with set_output(transform="pandas").'
            )
        return None
    check_complete(time)
    if isinstance(freq, int | np.integer) and not pd.api.types.is_integer_dtype(time.dtype):
        raise ValueError(
            f"freq={freq!r} is for integer labels, but the time labels are of type {time.dtype}. "
            'Pass a frequency, e.g. freq="D".'
        )
    if isinstance(time, pd.PeriodIndex):
        if freq is not None and _parse(freq, pd.PeriodIndex) != time.freq:
            raise ValueError(
                f"freq={freq!r} contradicts the time labels, which are periods of "
                f"{time.freqstr!r}. Leave out freq=, or convert the labels with asfreq."
            )
        return time.freq
    if isinstance(time, pd.DatetimeIndex | pd.TimedeltaIndex):
        carried = time.freq if freq is None else None
        if carried is not None and learned is not None and carried != learned:
            raise ValueError(
                f"The index has frequency {time.freqstr!r}, but fit saw {show_step(learned)}. "
                "Bring both to one frequency, or pass freq=."
            )
        step = carried or learned if freq is None else _parse(freq, type(time))
        if carried is not None or learned is not None:
            return step
        guessed = step is None
        return _proven(step or _infer_offset(time), labels, by_each=guessed)
    if pd.api.types.is_integer_dtype(time.dtype):
        if freq is not None and (not isinstance(freq, int | np.integer) or freq < 1):
            raise ValueError(
                f"The time labels are integers: freq must be a positive integer, not {freq!r}."
            )
        step = learned if freq is None else int(freq)
        if learned is not None:
            return step
        guessed = step is None
        step = _infer_integer_step(labels) if guessed else step
        return _proven(step, labels, by_each=guessed)
    raise ValueError(
        f"Time labels must be periods, dates or integers, but are of type {time.dtype}. Convert "
        "them (pandas.to_datetime, pandas.PeriodIndex), name the column that holds the time by "
        "time_col, or drop the index with reset_index(drop=True) if the rows are one series in "
        "order."
    )


def _parse(freq: Any, kind: type[pd.Index]) -> BaseOffset:
    """Return the offset that a user's `freq` means for an index of a kind."""
    try:
        if kind is pd.PeriodIndex:
            return pd.PeriodIndex([], freq=freq).freq
        return to_offset(freq)
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"freq={freq!r} is not a frequency for a {kind.__name__}. Pass one as pandas names "
            'them, e.g. "D" or "h"; "MS" for the first of each month, "M" for monthly periods.'
        ) from error


def check_complete(time: pd.Index) -> None:
    """Raise if a row has no time label."""
    if time.hasnans:
        row = int(time.isna().argmax())
        raise ValueError(
            f"The time label of row {row} is missing (NaT or NaN). Give every row a label, or "
            "leave it out."
        )


def positions(time: pd.Index, step: Step) -> tuple[NDArray[np.int64], int]:
    """Return labels as integers, and the distance from a label to the next one."""
    if step is None:  # all labels are the same
        return np.zeros(len(time), dtype=np.int64), 1
    if isinstance(time, pd.PeriodIndex):
        return time.asi8, step.n  # type: ignore[union-attr]
    if not isinstance(step, BaseOffset):
        return time.to_numpy(dtype=np.int64), step
    if isinstance(step, Day) and getattr(time, "tz", None) is not None:
        time = time.tz_localize(None)  # a day in a time zone may have 23 hours
    if isinstance(step, Tick | Day):
        length = _length(step)
        unit = _unit(time, length)
        return time.as_unit(unit).asi8, int(length / pd.Timedelta(1, unit))
    position = _calendar(time, step).get_indexer(time)
    if (position < 0).any():
        label = show(time[int((position < 0).argmax())])
        raise ValueError(
            f"The label {label} does not lie on the frequency {step.freqstr!r}. Pass the "
            "frequency of the dates, or convert them to periods with to_period(...)."
        )
    return position.astype(np.int64), step.n


def labels_at(position: NDArray[np.int64], time: pd.Index, step: Step) -> pd.Index:
    """Return the labels at positions that `positions` gives for the labels `time`."""
    if step is None:  # all labels are the same
        return time[position]
    if isinstance(time, pd.PeriodIndex):
        return pd.PeriodIndex.from_ordinals(position, freq=time.freq, name=time.name)
    if not isinstance(step, BaseOffset):
        return pd.Index(position, dtype=time.dtype, name=time.name)
    if isinstance(time, pd.TimedeltaIndex):
        labels = pd.TimedeltaIndex(
            position.view(f"m8[{_unit(time, _length(step))}]"), name=time.name
        )
    elif not isinstance(step, Tick | Day):
        labels = _calendar(time, step)[position].rename(time.name)
    else:
        labels = pd.DatetimeIndex(
            position.view(f"M8[{_unit(time, _length(step))}]"), name=time.name
        )
        if time.tz is not None and isinstance(step, Day):
            first = np.ones(len(labels), dtype=bool)  # if the clock shows a time twice
            labels = labels.tz_localize(time.tz, ambiguous=first, nonexistent="shift_forward")
        elif time.tz is not None:
            labels = labels.tz_localize("UTC").tz_convert(time.tz)
    return labels.as_unit(time.unit)


def _length(step: BaseOffset) -> pd.Timedelta:
    """Return the length of a step whose length is fixed."""
    return pd.Timedelta(days=step.n) if isinstance(step, Day) else pd.Timedelta(step)


def _unit(time: pd.Index, length: pd.Timedelta) -> str:
    """Return the unit to count in: the unit of the labels, or a finer one for a finer step."""
    unit: str = time.unit
    return unit if length.as_unit(unit, round_ok=True) == length else length.unit


def _calendar(time: pd.Index, step: BaseOffset) -> pd.DatetimeIndex:
    """Return all dates of the calendar, to count steps without a fixed length (months).

    They are single steps, also for a multiple such as two months: two series may start
    in different months.
    """
    return pd.date_range(time.min(), time.max(), freq=step.base)


def _proven(step: Step, labels: RowLabels, *, by_each: bool) -> Step:
    """Return the step if some row continues another by it, else raise.

    With `by_each`, for a step that was inferred, this must hold in each series of three
    rows or more; without, for a step that the user passed, in one series.
    """
    order, same = sort_by_series(labels)
    if step is None or same.sum() < 2:
        return step  # too few rows to prove anything
    assert labels.time is not None
    position, unit = positions(labels.time, step)
    gap = np.diff(position[order])
    if (gap[same] <= 0).any():
        return step  # find_runs says what is wrong
    start = np.flatnonzero(np.concatenate(([True], ~same)))
    n_rows = np.diff(np.append(start, len(order)))
    n_links = np.add.reduceat(np.append(same & (gap == unit), False).astype(int), start)
    alone = (n_links == 0) & (n_rows >= 3) if by_each else np.array([not n_links.any()])
    if alone.any():
        row = int(order[start[int(alone.argmax())]])
        raise ValueError(
            f"No row of the series that starts at {labels.describe(row)} continues another by a "
            f"step of {show_step(step)}: every window would hold one row. Pass the right freq=."
        )
    return step


def sort_by_series(labels: RowLabels) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the order of rows by series, and which row has the series of the row before.

    Returns
    -------
    order : ndarray of shape (n,)
        The rows sorted by series. Rows of one series keep their order.
    same : ndarray of shape (n - 1,)
        Whether the row at the next position of `order` is of the same series.
    """
    series = labels.series_codes()
    is_sorted = bool((series[1:] >= series[:-1]).all())
    order = np.arange(len(series)) if is_sorted else np.argsort(series, kind="stable")
    return order, series[order][1:] == series[order][:-1]


def _infer_offset(time: pd.Index) -> Step:
    """Return the frequency that dates show; raise if they do not show one."""
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
        offset = None  # daily and business-daily look the same without a weekend
    if offset is None:
        raise ValueError(
            f"The frequency of the dates cannot be told from {len(unique)} label(s), "
            f"{show(unique[0])} to {show(unique[-1])}: they have gaps, or are too few. Pass "
            'freq=, e.g. freq="MS", or convert the labels to periods with to_period("M").'
        )
    return offset


def _infer_integer_step(labels: RowLabels) -> int | None:
    """Return the smallest difference of integer labels if it is the most common one too.

    Other than 1, a difference has to occur twice.
    """
    order, same = sort_by_series(labels)
    gap = np.diff(labels.time.to_numpy(dtype=np.int64)[order])[same]  # type: ignore[union-attr]
    gap = gap[gap > 0]
    if not len(gap):
        return None
    values, counts = np.unique(gap, return_counts=True)
    step = int(values[0])
    is_usual = counts[0] == counts.max() and (step == 1 or counts[0] > 1)
    if not is_usual or (values % step != 0).any():
        raise ValueError(
            f"The step of the integer labels cannot be told: they differ by "
            f"{', '.join(map(str, values[:5]))}{', ...' if len(values) > 5 else ''}. Pass freq=, "
            "e.g. freq=1, or number the rows of each series."
        )
    return step


def show_step(step: Step) -> str:
    """Return a step as text for a message."""
    return repr(step.freqstr) if isinstance(step, BaseOffset) else str(step)
