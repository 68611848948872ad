"""The step that time labels show, where nobody named it."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.tseries.frequencies import to_offset
from pandas.tseries.offsets import BaseOffset, Day, MonthBegin, MonthEnd, Tick

from .row_labels import RowLabels, show


def infer_offset(labels: RowLabels) -> BaseOffset | None:
    """Return the frequency that dates show, in all series together or in unbroken stretches.

    Raises
    ------
    ValueError
        If they do not show one.

    Warns
    -----
    UserWarning
        If most labels are not one step from another label of their series.
    """
    time: Any = labels.time
    unique = time.unique().sort_values()
    if len(unique) < 2:
        return None
    order, same = labels.by_series()
    own = time[order]
    with warnings.catch_warnings():
        # pandas announces that infer_freq will return an offset: to_offset takes both.
        warnings.simplefilter("ignore", DeprecationWarning)
        offset = to_offset(pd.infer_freq(unique)) if len(unique) >= 3 else None
    gap = np.diff(own.asi8)[same]
    if offset is not None and _is_finer_than_series(offset, gap, time):
        offset = None  # series that are read at different minutes
    if offset is None:
        offset = _step_of_stretches(own, same)
    is_date, cure = isinstance(unique, pd.DatetimeIndex), 'e.g. freq="MS"'
    if is_date and offset == Day() and not (unique.day_of_week >= 5).any():
        offset = None  # daily and business-daily look the same without a weekend
        cure = 'freq="B" for business days (no label is on a weekend) or freq="D"'
    if offset is None and (gap <= 0).any():
        return Day()  # rows are out of order or repeat, which find_runs says
    if offset is None:
        raise ValueError(
            f"The frequency of the dates cannot be told from {len(unique)} label(s), "
            f"{show(unique[0])} to {show(unique[-1])}: {_irregularity(own, same)}. Pass freq=, "
            f'{cure}, or convert the labels to periods with to_period("M").'
        )
    return offset


def infer_integer_step(labels: RowLabels) -> int | None:
    """Return the smallest difference of integer labels if it is the most common one too.

    Other than 1, a difference has to occur twice. Labels that decrease have the step 1.

    Raises
    ------
    ValueError
        If no difference is both.
    """
    time: Any = labels.time
    order, same = labels.by_series()
    gap = np.diff(time.to_numpy(dtype=np.int64)[order])[same]
    if (gap < 0).any():
        return 1  # rows are out of order, which find_runs says
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


def warn_if_alone(labels: RowLabels, same: NDArray[Any], is_next: NDArray[Any], step: str) -> None:
    """Warn if most labels are not one step from another label of their series."""
    is_linked = same & is_next
    is_alone = ~(np.append(is_linked, False) | np.insert(is_linked, 0, False))
    if 2 * is_alone.sum() > len(is_alone):
        order, _ = labels.by_series()
        warnings.warn(
            f"The labels show a step of {step}, but {is_alone.sum()} of {len(is_alone)} rows have "
            f"no neighbour one step away, the first of them {labels.describe(order[is_alone][0])}: "
            "their windows hold one row. Pass freq= if the step is another one, or resample.",
            UserWarning,
            stacklevel=6,
        )


def _is_finer_than_series(offset: BaseOffset, gap: NDArray[np.int64], time: Any) -> bool:
    """Return whether a step of fixed length is shorter than every gap within a series."""
    gap = gap[gap > 0]
    if not isinstance(offset, Tick | Day) or not len(gap):  # a Day is a Tick in pandas 2 only
        return False
    length = pd.Timedelta(offset.n, "D") if isinstance(offset, Day) else pd.Timedelta(offset)
    return bool(length < pd.Timedelta(int(gap.min()), time.unit))


def _step_of_stretches(time: Any, same: NDArray[np.bool_]) -> BaseOffset | None:
    """Return the step between most rows and the next ones of their series, if all lie on its grid.

    Months if all labels are first or last days of months, else a step of fixed length,
    which has to occur twice.
    """
    if isinstance(time, pd.DatetimeIndex):
        clock = time.tz_localize(None)  # in some zones no midnight
        is_one_time = (clock - clock.normalize()).nunique() == 1
        for is_on, offset in ((time.is_month_start, MonthBegin), (time.is_month_end, MonthEnd)):
            if is_one_time and is_on.all():
                n_months = _common_gap((12 * time.year + time.month).to_numpy(), same)
                return None if n_months is None else offset(n_months)
        if is_one_time:
            time = clock  # a day in a time zone may have 23 hours
    gap = _common_gap(time.asi8, same)
    if gap is None:
        return None
    return fixed_step(pd.Timedelta(gap, time.unit))


def fixed_step(length: pd.Timedelta) -> BaseOffset:
    """Return a step of fixed length, in days if they are whole ones."""
    is_days = length % pd.Timedelta(1, "D") == pd.Timedelta(0)
    return Day(length.days) if is_days else to_offset(length)


def _common_gap(position: NDArray[Any], same: NDArray[np.bool_]) -> int | None:
    """Return the smallest gap within series if it is the most common and divides all others."""
    gap = np.diff(position)[same]
    values, counts = np.unique(gap[gap > 0], return_counts=True)
    if not len(values) or counts[0] < max(2, counts.max()) or (values % values[0] != 0).any():
        return None
    return int(values[0])


def _irregularity(time: Any, same: NDArray[np.bool_]) -> str:
    """Return the most common step, and the first label that departs from it, for a message."""
    gap = np.where(same, np.diff(time.asi8), 0)
    values, counts = np.unique(gap[gap > 0], return_counts=True)
    if not len(values) or counts.max() < 2:
        return "they have gaps, or are too few"
    usual = values[counts.argmax()]
    odd = np.flatnonzero((gap > 0) & (gap != usual))
    length = pd.Timedelta(int(usual), time.unit)
    where = f", but {show(time[odd[0] + 1])} follows {show(time[odd[0]])}" if len(odd) else ""
    return f"they have gaps, or are too few. The most common step is {length}{where}"
