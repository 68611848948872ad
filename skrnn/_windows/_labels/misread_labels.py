"""Labels that would be misread: the time among the names of series, dates written as numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .row_labels import show

# Years of labels that look like dates, and the last number of a part of a year, of a month.
YEARS = (1800, 2200)
DATE_AS_TEXT = r"\d{4}[-/.](0?[1-9]|1[0-2])([-/.]\d{1,2}\b|$)"
LAST_PARTS = (4, 12, 31, 52, 53, 365, 366)
# Names of levels of integers that do not name series.
NAMES_OF_TIME = {"year", "quarter", "month", "week", "day", "date", "hour", "minute", "time", "ds"}


def is_time(labels: pd.Index) -> bool:
    """Return whether labels are dates, periods or time differences."""
    kinds = pd.DatetimeIndex | pd.PeriodIndex | pd.TimedeltaIndex
    return isinstance(labels, kinds) or labels.inferred_type in ("date", "datetime", "period")


def check_levels(index: pd.MultiIndex, time: int) -> None:
    """Raise if a level of an index seems to be the time, but is read as the name of a series.

    Parameters
    ----------
    index : pandas.MultiIndex
        Index whose level `time` is read as the time because the user named no level.
    time : int
        Number of that level.

    Raises
    ------
    ValueError
        If another level holds dates and this one does not, or another one holds years
        and this one the months, weeks or days in them, or integers whose name is that of a
        time.
    """
    of_time = index.get_level_values(time)
    ids = {level: index.get_level_values(level) for level in range(index.nlevels) if level != time}
    if not is_time(of_time):
        for level, labels in ids.items():
            if is_time(labels):
                raise ValueError(
                    f"The last index level, {_name(index, time)}, is read as the time, but is of "
                    f"type {of_time.dtype}, and level {_name(index, level)} holds dates. Pass "
                    f"{_time_col(index, level)}, or {_time_col(index, time)} if the dates name "
                    "series."
                )
    for level, labels in ids.items():
        if _are_years_with_parts(labels, of_time):
            raise ValueError(
                f"Index level {_name(index, level)} would name series, and {_name(index, time)} "
                f"would be their time, but they look like years ({labels.min()} to {labels.max()}) "
                f"and parts of a year ({of_time.min()} to {of_time.max()}): each year would be a "
                "new series. Make one level of dates or periods of both, e.g. with "
                f"pandas.PeriodIndex.from_fields, or pass {_time_col(index, time)} if they are no "
                "dates."
            )
        is_named = labels.dtype.kind in "iu" and str(labels.name).lower() in NAMES_OF_TIME
        if is_named and not is_time(of_time):
            raise ValueError(
                f"Index level {_name(index, level)} would name series, and "
                f"{_name(index, time)} would be their time. Pass {_time_col(index, level)}; if "
                "both together are the time, make one level of dates or numbers of them; if "
                f"{_name(index, level)} names series, pass {_time_col(index, time)}."
            )


def check_row_numbers(X: pd.DataFrame, ids: list[Any]) -> None:
    """Raise if row numbers are read as the time, and a column holds dates.

    Parameters
    ----------
    X : DataFrame
        Rows whose index is read as the time because the user named no other place.
    ids : list
        Columns that name the series.

    Raises
    ------
    ValueError
        If the index holds integers without a name, and a column holds dates, or text that
        starts with a year and a month.
    """
    if X.index.nlevels > 1 or X.index.name is not None or X.index.dtype.kind not in "iu":
        return
    kinds = {name: pd.Index(X[name].iloc[:100]) for name in X.columns if name not in ids}
    texts = {name: labels for name, labels in kinds.items() if labels.inferred_type == "string"}
    written = [name for name, labels in texts.items() if labels.str.match(DATE_AS_TEXT).all()]
    dates = [name for name, labels in kinds.items() if is_time(labels)] or written
    if dates and len(X):
        names = [name for name in texts if name not in written]
        also = f" and id_col={names[0]!r}, if it names the series" if names and not ids else ""
        raise ValueError(
            f"The index of X holds row numbers, {show(X.index[0])} to {show(X.index[-1])}, and "
            f"would be read as the time, but column {dates[0]!r} holds dates"
            f"{' as text: make dates of it with pandas.to_datetime' if written else ''}. Pass "
            f"time_col={dates[0]!r}{also}. Or put series and time into the index, the time last, "
            "with set_index."
        )


def check_no_dates(numbers: pd.Index) -> None:
    """Raise if integer time labels look like dates, such as 201912 and 202001.

    Raises
    ------
    ValueError
        If all labels can be read as a year with a quarter, month, week, day, hour or minute,
        and they are of at least two years, for days two months, for hours two days.
    """
    values = np.unique(numbers.to_numpy(dtype=np.int64))
    for of_year, base, unit, format_, is_part in (
        (100, 100, "year", "%Y%m", lambda part: (part >= 1) & (part <= 12)),
        (10_000, 100, "month", "%Y%m%d", _is_day),
        (1_000_000, 100, "day", "%Y%m%d%H", _is_hour),
        (100_000_000, 100, "hour", "%Y%m%d%H%M", lambda p: _is_hour(p // 100) & (p % 100 < 60)),
        (1_000, 1_000, "year", "%Y%j", lambda part: (part >= 1) & (part <= 366)),
        (100, 100, "year", None, lambda part: (part >= 1) & (part <= 53)),
        (10, 10, "year", None, lambda part: (part >= 1) & (part <= 4)),
    ):
        units = values // base
        if (
            _are_years(values // of_year)
            and units[0] < units[-1]
            and is_part(values % of_year).all()
        ):
            jump = int((units[1:] > units[:-1]).argmax())
            cure = "make them dates or periods"
            if format_ is not None:
                cure += f", e.g. with pandas.to_datetime(labels.astype(str), format={format_!r})"
            raise ValueError(
                f"The time labels {values[jump]} and {values[jump + 1]} are numbers that look "
                f"like dates, but as numbers they differ by {values[jump + 1] - values[jump]}, "
                f"which would be a gap at the end of each {unit}: {cure}. If they are no dates, "
                "subtract the first one."
            )


def _are_years(values: NDArray[Any]) -> bool:
    return bool(len(values) and values.min() >= YEARS[0] and values.max() <= YEARS[1])


def _is_day(part: NDArray[Any]) -> NDArray[np.bool_]:
    month, day = part // 100, part % 100
    return (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)


def _is_hour(part: NDArray[Any]) -> NDArray[np.bool_]:
    return _is_day(part // 100) & (part % 100 < 24)


def _are_years_with_parts(series: pd.Index, time: pd.Index) -> bool:
    """Return whether names of series are several years, and times run through parts of them."""
    if any(labels.dtype.kind not in "iu" or labels.hasnans for labels in (series, time)):
        return False
    years = np.unique(series.to_numpy(dtype=np.int64))
    are_parts = len(time) and time.min() == 1 and int(time.max()) in LAST_PARTS
    return bool(are_parts and len(years) > 1 and _are_years(years))


def _name(index: pd.MultiIndex, level: int) -> str:
    """Return the name of a level as text for a message, or its number if it has none."""
    name = index.names[level]
    return f"number {level}" if name is None else repr(name)


def _time_col(index: pd.MultiIndex, level: int) -> str:
    """Return how to say that a level is the time, as text for a message."""
    name = index.names[level]
    return f"time_col={name!r}" if name is not None else f"the name of level {level} as time_col"
