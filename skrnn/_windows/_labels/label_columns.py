"""The columns or index levels that name the series and hold the time of each row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import pandas as pd

from .misread_labels import check_levels, check_row_numbers
from .row_labels import RowLabels

Names: TypeAlias = str | list[str] | None

# For the `_parameter_constraints` of the estimators that take them.
LABEL_CONSTRAINTS: dict[str, list[Any]] = {
    "id_col": [None, str, list],
    "time_col": [None, str, list],
}


class Place(NamedTuple):
    """One column or one index level; `key` is the column's name or the level's number."""

    is_column: bool
    key: Any


@dataclass(frozen=True)
class LabelColumns:
    """What ``id_col`` and ``time_col`` say about a table.

    Parameters
    ----------
    id_col : str, list of str or None
        Columns or index levels that together name the series. None: all levels of a
        MultiIndex but the one of the time; with a plain index all rows are one series.
    time_col : str, list of one str or None
        Column or index level that holds the time. None: the index; in a MultiIndex the
        last level that `id_col` does not name.

    Raises
    ------
    ValueError
        If a parameter is not made of names, or a name stands in them twice.
    """

    id_col: Names = None
    time_col: Names = None

    def __post_init__(self) -> None:
        for parameter, value in (("id_col", self.id_col), ("time_col", self.time_col)):
            names = _as_list(value)
            if value is not None and not (names and all(isinstance(n, str) for n in names)):
                raise ValueError(
                    f"{parameter} must be the name of a column or index level, or a list of "
                    f"names, but is {value!r}."
                )
        if len(_as_list(self.time_col)) > 1:
            raise ValueError(
                f"time_col must be one name, but is {self.time_col!r}: each row has one time "
                "label. Make one column of these, e.g. with pandas.to_datetime."
            )
        if twice := [name for name in self.names if self.names.count(name) > 1]:
            raise ValueError(
                f"id_col={self.id_col!r} and time_col={self.time_col!r} name {twice[0]!r} twice. A "
                "column or index level either names the series or holds the time: pass it once."
            )

    @property
    def names(self) -> list[str]:
        """The names of columns and index levels that were passed."""
        return [*_as_list(self.id_col), *_as_list(self.time_col)]

    def columns(self, X: Any) -> list[Any]:
        """Return the columns of `X` that are labels, not features, in their order."""
        names = X.columns if isinstance(X, pd.DataFrame) else ()
        return [name for name in names if name in self.names]

    def features(self, X: Any) -> Any:
        """Return `X` without the columns that are labels."""
        columns = self.columns(X)
        return X.drop(columns=columns) if columns else X

    def read(self, X: Any, *, n_rows: int) -> RowLabels:
        """Return the series and time label of each of the `n_rows` rows of `X`.

        Raises
        ------
        ValueError
            If `X` has no index but names were passed, or coordinates in place of an index, a
            name is not found or found twice, no index level is left for the time, or nothing
            says whether the levels of a MultiIndex name the series.
        """
        time = self.read_time(X)
        if time is None:
            return RowLabels(None, None, n_rows)
        ids, time_place = self.places(X)
        if self.id_col is None and ids and time_place.is_column:
            raise ValueError(
                f"time_col={self.time_col!r} is a column, and X has the index levels "
                f"{list(X.index.names)}. Pass those that name the series as id_col, or drop them "
                "with reset_index(drop=True) if all rows are one series."
            )
        series = [read_place(X, place) for place in ids]
        if len(series) > 1:
            series = [pd.MultiIndex.from_arrays(series)]
        return RowLabels(series[0] if series else None, time, n_rows)

    def read_time(self, X: Any) -> pd.Index | None:
        """Return the time label of each row; None if `X` has no index.

        Raises
        ------
        ValueError
            As :meth:`read`.
        """
        if isinstance(getattr(X, "index", None), pd.Index):  # a list has a method of this name
            return as_dates(read_place(X, self.places(X)[1]))
        if self.names:
            raise ValueError(
                f"id_col={self.id_col!r} and time_col={self.time_col!r} name columns or index "
                f"levels, but X is a {type(X).__name__} without an index. Pass a DataFrame of "
                f"pandas{to_pandas(X)}; in a pipeline, keep it one with "
                'set_output(transform="pandas").'
            )
        if hasattr(X, "dims") and len(X.coords):
            raise ValueError(
                f"X is a {type(X).__name__} with coordinates, which are not read. Pass a DataFrame "
                f"of pandas{to_pandas(X)}, or the values alone."
            )
        return None

    def places(self, X: pd.DataFrame | pd.Series) -> tuple[list[Place], Place]:
        """Return the places of the names of the series, and the place of the time.

        Raises
        ------
        ValueError
            If a name is not found or found more than once, or no index level is left
            for the time; without `time_col`, if a column or an index level that is not the
            last one seems to hold it.
        """
        index = X.index
        ids = [self._find(X, name, "id_col") for name in _as_list(self.id_col)]
        times = [self._find(X, name, "time_col") for name in _as_list(self.time_col)]
        free = [level for level in range(index.nlevels) if Place(False, level) not in ids]
        if not times and not free:
            raise ValueError(
                f"id_col={self.id_col!r} leaves no index level for the time: the levels are "
                f"{list(index.names)}. Pass the column that holds the time as time_col."
            )
        time = times[0] if times else Place(False, free[-1])
        if not self.names and isinstance(index, pd.MultiIndex):
            check_levels(index, time.key)
        if not times and isinstance(X, pd.DataFrame):
            check_row_numbers(X, [place.key for place in ids if place.is_column])
        if self.id_col is None and isinstance(index, pd.MultiIndex):
            ids = [Place(False, level) for level in free if Place(False, level) != time]
        return ids, time

    def _find(self, X: Any, name: str, parameter: str) -> Place:
        """Return the one place of a name."""
        columns, levels = list(getattr(X, "columns", ())), list(X.index.names)
        if columns.count(name) + levels.count(name) == 1:
            is_column = name in columns
            return Place(is_column, name if is_column else levels.index(name))
        if name in columns or name in levels:
            raise ValueError(
                f"{parameter} names {name!r}, which stands {columns.count(name)} time(s) among the "
                f"columns and {levels.count(name)} time(s) among the index levels. Rename or drop "
                "all but one."
            )
        is_prefixed = any(str(column).endswith(f"__{name}") for column in columns)
        option = "verbose_feature_names_out=False" if is_prefixed else 'remainder="passthrough"'
        raise ValueError(
            f"{parameter} names {name!r}, which is neither a column nor an index level: columns "
            f"are {columns}, levels {levels}. If an earlier step of a pipeline dropped it, keep "
            'it with pipeline.set_output(transform="pandas"), and in a ColumnTransformer with '
            f"{option}."
        )


def read_place(X: pd.DataFrame | pd.Series, place: Place) -> pd.Index:
    """Return the labels that stand in one place."""
    if not place.is_column:
        return X.index.get_level_values(place.key)
    column = X[place.key]
    return pd.Index(column, dtype=column.dtype, name=place.key)


def to_pandas(X: Any) -> str:
    """Return how to make a DataFrame of pandas of another library's, for a message."""
    library = type(X).__module__.partition(".")[0]
    return f", e.g. with to_pandas() of {library}" if hasattr(X, "to_pandas") else ""


def as_dates(labels: pd.Index) -> pd.Index:
    """Return dates and periods of any type, such as Arrow's or Python's, as those of pandas."""
    kind = labels.inferred_type
    if labels.dtype == object and kind == "period":
        return pd.PeriodIndex(labels)
    is_arrow = isinstance(labels.dtype, pd.ArrowDtype)
    if (labels.dtype == object or is_arrow) and kind in ("date", "datetime", "datetime64"):
        try:
            return pd.DatetimeIndex(pd.to_datetime(labels.astype(object)), name=labels.name)
        except ValueError as error:
            raise ValueError(
                f"The time labels cannot be read as dates of one time zone, from {labels[0]} to "
                f"{labels[-1]} ({error}). Bring them to one, with pandas.to_datetime(labels, "
                "utc=True)."
            ) from error
    return labels


def _as_list(names: Names) -> list[Any]:
    """Return the names, of which there may be none, one or several, as a list."""
    return names if isinstance(names, list) else [] if names is None else [names]
