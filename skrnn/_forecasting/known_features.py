"""Features that are known in advance: columns that the user passes, and those of the calendar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone

from skrnn._validation.numbers import check_numbers
from skrnn._windows._labels.label_columns import LabelColumns
from skrnn._windows._labels.row_labels import RowLabels, check_same_kind, show
from skrnn._windows._labels.time_step import Step, positions

Arrays = NDArray[Any]
MOST_SHOWN = 5


@dataclass(frozen=True, eq=False)
class Calendar:
    """Features of time labels, made by a function or by a transformer.

    Parameters
    ----------
    source : callable, transformer or None
        A function of a pandas Index, or a transformer of a Series of dates.
    names : list
        Names of the features.
    """

    source: Any
    names: list[Any]

    def features(self, labels: RowLabels) -> Arrays:
        """Return the features of the time labels of rows, of shape (n_rows, n_features)."""
        if self.source is None:
            return np.empty((labels.n_rows, 0))
        codes, unique = _unique_times(labels)
        return self.features_of(unique)[codes]

    def features_of(self, unique: Any) -> Arrays:
        """Return the features of different time labels, of shape (n_labels, n_features)."""
        found = (
            _call(self.source.transform, _as_dates(unique))
            if _is_transformer(self.source)
            else _call(self.source, unique)
        )
        names = list(found.columns)
        if names != self.names:
            if len(names) != len(self.names) or set(names) != set(self.names):
                raise ValueError(
                    f"calendar gives the features {names} for {len(unique)} time label(s), but "
                    f"gave {self.names} for those of fit. It must give the same ones for all "
                    "labels. pandas.get_dummies does so for a Categorical with all categories."
                )
            found = found[self.names]
        return found.to_numpy()


def fit_calendar(source: Any, labels: RowLabels) -> Calendar:
    """Return the calendar for a parameter of the user, fitted to the labels of rows.

    Raises
    ------
    ValueError
        If it does not give a row of finite numbers for each label, or those of a label depend on
        the other labels.
    """
    if source is None:
        return Calendar(None, [])
    _, unique = _unique_times(labels)
    if _is_transformer(source):
        source = clone(source)
        found = _call(source.fit_transform, _as_dates(unique))
        return Calendar(source, list(found.columns))
    found, last = _call(source, unique), int(unique.argmax())
    calendar = Calendar(source, list(found.columns))
    among, alone = found.to_numpy()[last], calendar.features_of(unique[[last]])[0]
    if not np.allclose(among, alone):
        raise ValueError(
            f"calendar gives {among.tolist()} for {show(unique[last])} among {len(unique)} time "
            f"labels, but {alone.tolist()} for this label alone. A forecast calls it with the "
            "labels of the future, so that it must not count or scale those that it gets. Count "
            "from a fixed date, for example."
        )
    return calendar


def _is_transformer(source: Any) -> bool:
    return hasattr(source, "transform")


def _unique_times(labels: RowLabels) -> tuple[NDArray[np.intp], Any]:
    """Return the place of each time label among the unique ones, and these, without a name.

    The name of an index is not the same in all tables, and may become a name of features.
    """
    time: Any = labels.time
    codes, unique = pd.factorize(time)
    return codes, unique.rename(None)


def _as_dates(time: Any) -> pd.Series:
    """Return labels as a Series, and periods as the dates on which they start."""
    if isinstance(time, pd.PeriodIndex):
        time = time.to_timestamp()
    return pd.Series(time, name="date")


def _call(function: Callable[..., Any], time: Any) -> pd.DataFrame:
    """Return the features that a function gives for labels, as a table of numbers."""
    found = function(time)
    shape, wrong = np.shape(found), ""
    if len(shape) in (1, 2) and shape[0] == len(time):
        is_table = isinstance(found, pd.DataFrame)
        table = found if is_table else pd.DataFrame(np.asarray(found)).add_prefix("calendar_")
        values = check_numbers(table, name="calendar", owner=None).astype(float)
        if np.isfinite(values).all():
            return pd.DataFrame(values, columns=table.columns)
        wrong = f" with {int((~np.isfinite(values)).sum())} value(s) that are not finite"
    raise ValueError(
        f"calendar must give a row of finite numbers for each of the {len(time)} time labels, "
        f"but gives {type(found).__name__} of shape {shape}{wrong}."
    )


def read_future(
    future: Any, names: list[Any], columns: LabelColumns, labels: RowLabels, step: Step
) -> Arrays:
    """Return the future features that a user passes, in the order of the labels to forecast.

    Parameters
    ----------
    future : DataFrame or None
        A row for each label, in any order.
    names : list
        Columns with the features.
    columns : LabelColumns
        Where the names of the series and the time stand.
    labels : RowLabels
        Labels to forecast.
    step : int or pandas offset
        From one label to the next.

    Returns
    -------
    ndarray of shape (n_rows, n_features)

    Raises
    ------
    ValueError
        If a label is missing or superfluous or there twice, or a value is missing.
    """
    cure = "make_future(steps) returns the table to fill."
    if not names:
        if future is not None:
            raise ValueError(
                "future is passed, but future_features is empty. Name its columns there."
            )
        return np.empty((labels.n_rows, 0))
    if isinstance(future, pd.Series):
        future = future.to_frame()
    if not isinstance(future, pd.DataFrame):
        found = "None" if future is None else f"a {type(future).__name__}"
        raise ValueError(
            f"future must be a DataFrame with the columns {names} for the {labels.n_rows} label(s) "
            f"to forecast, but is {found}. {cure}"
        )
    if missing := [name for name in names if name not in future.columns]:
        raise ValueError(
            f"future has no column {missing[0]!r}: it has {list(future.columns)}. {cure}"
        )
    given = columns.read(future, n_rows=len(future))
    check_same_kind(labels, given)
    wanted, found_keys = _keys(labels, given, step)
    place = pd.Index(found_keys)
    if place.has_duplicates:
        row = int(place.duplicated().argmax())
        raise ValueError(
            f"future has the label {given.describe(row)} twice. Leave one of the rows out."
        )
    rows = place.get_indexer(wanted)
    for problem, of, wrong in (
        ("has no row for", labels, np.flatnonzero(rows < 0)),
        ("has rows that are not forecast:", given, np.setdiff1d(np.arange(len(place)), rows)),
    ):
        if len(wrong):
            shown = ", ".join(of.describe(int(row)) for row in wrong[:MOST_SHOWN])
            more = f" and {len(wrong) - MOST_SHOWN} more" if len(wrong) > MOST_SHOWN else ""
            raise ValueError(
                f"future {problem} {shown}{more}. It needs the {labels.n_rows} label(s) to "
                f"forecast, {labels.describe(0)} to {labels.describe(labels.n_rows - 1)}. {cure}"
            )
    values = check_numbers(future[names], name="future", owner=None).astype(float)[rows]
    if not np.isfinite(values).all():
        row, column = np.argwhere(~np.isfinite(values))[0]
        raise ValueError(
            f"future is missing (NaN) or infinite in {int((~np.isfinite(values)).sum())} value(s), "
            f"first in column {names[column]!r} at {labels.describe(int(row))}. Fill them."
        )
    return values


def _keys(labels: RowLabels, given: RowLabels, step: Step) -> tuple[pd.Index, pd.Index]:
    """Return the series and time of two tables as keys that can be compared."""
    both = labels.append(replace(given, time=_like(given.time, labels.time)))
    time: Any = both.time
    position, _ = positions(time, step) if isinstance(time, pd.PeriodIndex) else (time, 1)
    keys = pd.MultiIndex.from_arrays([both.series_codes(), position])
    return keys[: labels.n_rows], keys[labels.n_rows :]


def _like(time: Any, other: Any) -> Any:
    """Return dates in the unit of others."""
    return time.as_unit(other.unit) if hasattr(other, "unit") else time
