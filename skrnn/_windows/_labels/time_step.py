"""The step from one time label to the next, and labels as positions on its grid."""

from __future__ import annotations

import warnings
from datetime import timedelta
from numbers import Integral
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.tseries.frequencies import to_offset
from pandas.tseries.offsets import BaseOffset, DateOffset, Day, MonthBegin, MonthEnd, Tick

from skrnn._validation.parameters import Interval

from .inferred_step import fixed_step, infer_integer_step, infer_offset, warn_if_alone
from .misread_labels import check_no_dates
from .row_labels import RowLabels, show

# An integer for integer labels, an offset for dates and periods. None if it is not known
# yet (a single label) or not needed (arrays).
Step: TypeAlias = int | BaseOffset | None

# For the `_parameter_constraints` of the estimators that take `freq`.
FREQ_CONSTRAINTS: dict[str, list[Any]] = {
    "freq": [
        *(None, str, BaseOffset, timedelta, np.timedelta64),
        Interval(Integral, 1, None, closed="left"),
    ],
}


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
    is_date = isinstance(time, pd.PeriodIndex | pd.DatetimeIndex | pd.TimedeltaIndex)
    if not is_date and time.dtype.kind not in "iu":
        raise ValueError(
            "Time labels must be periods, dates or integers, but are of type "
            f"{time.dtype}. {_conversion(time)}, name the column "
            "that holds the time by time_col, or drop the index with reset_index(drop=True) if the "
            "rows are one series in order."
        )
    given = None if freq is None else _parse(freq, time)
    carried = getattr(time, "freq", None)
    if isinstance(time, pd.PeriodIndex) and given not in (None, carried):
        raise ValueError(
            f"freq={freq!r} contradicts the time labels, which are periods of {time.freqstr!r}. "
            "Leave out freq=, or convert the labels with asfreq."
        )
    if given is None and carried is not None and _is_same(carried, learned, time):
        carried = learned
    if given is None and carried is not None and learned not in (None, carried):
        raise ValueError(
            f"The index has frequency {time.freqstr!r}, but fit saw {show_step(learned)}. Bring "
            "both to one frequency, or pass freq=."
        )
    step: Step = given or carried or learned
    if learned is not None or (step is not None and step == carried):
        return step
    if step is not None:
        return _proven(step, labels, by_each=False)
    step = infer_offset(labels) if is_date else infer_integer_step(labels)
    step = _proven(step, labels, by_each=True)
    if is_date and step is not None:
        _, same, gap, unit = gaps_by_series(labels, step)
        if not (same & (gap <= 0)).any():  # else find_runs raises
            warn_if_alone(labels, same, gap == unit, show_step(step))
    return step


def _is_same(carried: BaseOffset, learned: Step, time: Any) -> bool:
    """Return whether two frequencies lead from the first label to the same next ones."""
    if not isinstance(learned, BaseOffset) or isinstance(time, pd.PeriodIndex) or not len(time):
        return False
    start = pd.Timestamp(0) + time[0] if isinstance(time, pd.TimedeltaIndex) else time[0]
    return all(start + n * carried == start + n * learned for n in range(1, 13))


def _conversion(time: pd.Index) -> str:
    """Return how to make time labels of another type, for a message."""
    if time.dtype.kind == "f":
        return "Make whole numbers integers with astype(int), and years periods"
    return "Convert them (pandas.to_datetime, pandas.PeriodIndex)"


def _parse(freq: Any, time: pd.Index) -> Step:
    """Return the step that a user's `freq` means for these labels."""
    is_number = isinstance(freq, int | np.integer) and not isinstance(freq, np.timedelta64)
    if time.dtype.kind in "iu":
        if is_number and freq >= 1:
            return int(freq)
        raise ValueError(
            f"The time labels are integers: freq must be a positive integer, not {freq!r}."
        )
    if is_number:
        raise ValueError(
            f"freq={freq!r} is for integer labels, but the time labels are of type {time.dtype}. "
            'Pass a frequency, e.g. freq="D".'
        )
    try:
        is_period = isinstance(time, pd.PeriodIndex)
        if is_period:
            return pd.PeriodIndex([], freq=freq).freq
        if isinstance(freq, timedelta | np.timedelta64):
            return fixed_step(pd.Timedelta(freq))
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)  # pandas 2 still takes "M" for dates
            return _on_calendar(to_offset(freq), time)
    except (ValueError, TypeError, FutureWarning) as error:
        raise ValueError(
            f"freq={freq!r} is not a frequency for a {type(time).__name__}. Pass one as pandas "
            'names them, e.g. "D" or "h"; for dates "MS", the first day of each month, or "ME", '
            'the last one; for monthly periods "M".'
        ) from error


def _on_calendar(offset: BaseOffset, time: Any) -> BaseOffset:
    """Return ``DateOffset(months=1)`` and the like as the frequency that the dates lie on."""
    if type(offset) is not DateOffset:
        return offset
    months = {"months": 1, "quarters": 3, "years": 12}
    lengths = offset.kwds or {"days": 1}
    if set(lengths) <= set(months):
        n_months = offset.n * sum(n * months[name] for name, n in lengths.items())
        is_end = isinstance(time, pd.DatetimeIndex) and time.is_month_end.all()
        return (MonthEnd if is_end else MonthBegin)(n_months)
    return fixed_step(offset.n * pd.Timedelta(**lengths))


def has_order(time: Any) -> bool:
    """Return whether labels are periods, dates, durations or numbers."""
    return isinstance(time, pd.PeriodIndex) or time.dtype.kind in "iufMm"


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
        unit, n_units = _unit(time, step)
        return time.as_unit(unit).asi8, n_units
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
    if not isinstance(step, Tick | Day):
        return _calendar(time, step)[position].rename(time.name).as_unit(time.unit)
    unit, _ = _unit(time, step)
    labels = type(time)(position.view(f"{time.dtype.kind}8[{unit}]"), name=time.name)
    if getattr(time, "tz", None) is not None and isinstance(step, Day):
        first = np.ones(len(labels), dtype=bool)  # if the clock shows a time twice
        labels = labels.tz_localize(time.tz, ambiguous=first, nonexistent="shift_forward")
    elif getattr(time, "tz", None) is not None:
        labels = labels.tz_localize("UTC").tz_convert(time.tz)
    return labels.as_unit(time.unit)


def with_step(time: Any, step: Step) -> Any:
    """Return dates with the step as the frequency of their index, other labels as they are."""
    is_date = isinstance(time, pd.DatetimeIndex | pd.TimedeltaIndex)
    in_zone = getattr(time, "tz", None) is not None  # in some zones no midnight
    if not is_date or in_zone or not isinstance(step, BaseOffset):
        return time
    return type(time)(time, freq=step)


def _unit(time: pd.Index, step: BaseOffset) -> tuple[str, int]:
    """Return the unit to count in, and the number of units in a step of fixed length.

    It is the unit of the labels, or a finer one for a finer step.
    """
    length = pd.Timedelta(days=step.n) if isinstance(step, Day) else pd.Timedelta(step)
    is_whole = length.as_unit(time.unit, round_ok=True) == length
    unit = time.unit if is_whole else length.unit
    return unit, int(length / pd.Timedelta(1, unit))


def _calendar(time: pd.Index, step: BaseOffset) -> pd.DatetimeIndex:
    """Return all dates of the calendar, to count steps without a fixed length (months).

    They are single steps, also for a multiple such as two months: two series may start
    in different months.
    """
    return pd.date_range(time.min(), time.max(), freq=step.base)


def _proven(step: Step, labels: RowLabels, *, by_each: bool) -> Step:
    """Return the step if some row continues another by it, else raise.

    With `by_each`, for a step that was inferred, this must hold in each series of three
    rows or more; for dates, if most rows are of such series, there is a warning of the others.
    Without, for a step that the user passed, it must hold in one series.
    """
    order, same, gap, unit = gaps_by_series(labels, step)
    if step is None or same.sum() < 2 or (gap[same] <= 0).any():
        return step  # too few rows to prove anything, or find_runs says what is wrong
    series = np.append(0, np.cumsum(~same))
    n_links, n_rows = np.bincount(series[1:], weights=same & (gap == unit)), np.bincount(series)
    is_alone = (n_links == 0) & ((n_rows >= 3) | (not by_each))
    if not (is_alone.any() if by_each else is_alone.all()):
        return step
    first = labels.describe(int(order[np.searchsorted(series, is_alone.argmax())]))
    is_sparse = 2 * n_rows[is_alone].sum() < n_rows.sum()
    if by_each and is_sparse and isinstance(step, BaseOffset):
        warnings.warn(
            f"The step of {show_step(step)} is that of most series, but in {is_alone.sum()} of "
            f"{len(is_alone)} no row continues another by it, first in the one that starts at "
            f"{first}: each of its windows holds one row. Insert the rows that it misses "
            "(insert_missing_rows), leave it out, or pass freq= if all this is right.",
            UserWarning,
            stacklevel=6,
        )
        return step
    raise ValueError(
        f"No row of the series that starts at {first} continues another by a step of "
        f"{show_step(step)}: every window would hold one row. Pass the right freq=."
    )


def gaps_by_series(
    labels: RowLabels, step: Step
) -> tuple[NDArray[np.intp], NDArray[np.bool_], NDArray[np.int64], int]:
    """Sort rows by series, and return how far each is from the row before it.

    Returns
    -------
    order : ndarray of shape (n,)
        The rows sorted by series. Rows of one series keep their order.
    same : ndarray of shape (n - 1,)
        Whether the row at the next position of `order` is of the same series.
    gap : ndarray of shape (n - 1,)
        Distance to the row at the next position of `order`.
    unit : int
        Distance from a label to the next one.
    """
    order, same = labels.by_series()
    if labels.time is None:
        return order, same, np.ones(len(same), dtype=np.int64), 1
    if labels.time.dtype.kind in "iu":
        check_no_dates(labels.time)
    position, unit = positions(labels.time, step)
    return order, same, np.diff(position[order]), unit


def show_step(step: Step) -> str:
    """Return a step as text for a message."""
    return repr(step.freqstr) if isinstance(step, BaseOffset) else str(step)
