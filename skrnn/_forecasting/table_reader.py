"""What fit learns about the tables of a user: columns, labels, calendar, static features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_numeric_dtype

from skrnn._windows._labels.label_columns import LabelColumns
from skrnn._windows._labels.row_labels import RowLabels, check_same_kind, show
from skrnn._windows._labels.time_step import Step
from skrnn._windows.series_table import Target, read_target

from .forecast_model import Data
from .known_effects import series_sizes
from .known_features import Calendar, fit_calendar, read_future
from .next_labels import labels_ahead
from .series_rows import SeriesRows, as_table, join_rows, read_rows, rows_of
from .static_features import static_rows

Arrays = NDArray[Any]


@dataclass(frozen=True, eq=False)
class TableReader:
    """Reads tables of the kind that was seen in fit.

    Parameters
    ----------
    columns : LabelColumns
    targets, past, future : list
        Columns: those that are forecast, other columns of the windows, and those known in advance.
    several : bool
        Whether the user passed a list of targets.
    freq : str, pandas offset, int or None
        What the user passed.
    step : int, pandas offset or None
        What was found.
    season : int
    dtype : dtype
        Floating-point type of the numbers in fit, to which all others are converted.
    calendar : Calendar
    static : DataFrame or None
    """

    columns: LabelColumns
    targets: list[Any]
    past: list[Any]
    future: list[Any]
    several: bool
    freq: Any
    step: Step
    season: int
    dtype: np.dtype[Any]
    calendar: Calendar
    static: pd.DataFrame | None

    @property
    def names(self) -> list[Any]:
        """Names of all columns that are numbers, in the order of the rows that are read."""
        return [*self.targets, *self.past, *self.future]

    def read(self, table: pd.DataFrame, seen: RowLabels) -> tuple[RowLabels, Arrays, Step]:
        """Return labels, numbers and step of a table whose labels are like those seen before."""
        if missing := [name for name in self.names if name not in table.columns]:
            raise ValueError(
                f"The rows have no column {missing[0]!r}, which fit saw: they have "
                f"{list(table.columns)}. Rename their columns, e.g. a Series with "
                f"rename({missing[0]!r})."
            )
        check_same_kind(seen, self.columns.read(table, n_rows=len(table)))
        labels, values, step = read_rows(
            table, self.columns, self.names, freq=self.freq, learned=self.step
        )
        return labels, values.astype(self.dtype, copy=False), step

    def read_rows(self, table: pd.DataFrame, seen: RowLabels) -> SeriesRows:
        """Return the rows of series in place of those of fit."""
        labels, values, step = self.read(table, seen)
        return rows_of(labels, values, step, self.names, len(self.targets), self.season)

    def read_newer(self, table: pd.DataFrame, known: SeriesRows) -> SeriesRows:
        """Return known rows with newer rows behind them, which leave no gap."""
        labels, values, _ = self.read(table, known.labels)
        if len(values) > len(table):
            given = self.columns.read(table, n_rows=len(table))
            missing = pd.Index(_tuples(labels)).difference(pd.Index(_tuples(given)), sort=False)
            raise ValueError(
                f"update got rows with a gap: {len(missing)} time label(s) are missing, such as "
                f"{show(missing[0])}. Insert these rows, with NaN where the target is missing "
                "(insert_missing_rows)."
            )
        return join_rows(known, labels, values, self.season, self.names, self.freq)

    def data(self, rows: SeriesRows, sizes: Arrays | None = None) -> Data:
        """Return rows with their known and static features.

        `sizes` are those of the series, of shape (n_series, n_targets); None: of these rows.
        """
        n_window = len(self.targets) + len(self.past)
        if sizes is None:
            sizes = series_sizes(rows, len(self.targets))
        known = np.hstack((rows.values[:, n_window:], self.calendar.features(rows.labels)))
        static = static_rows(self.static, rows.names, self.columns)
        windows = rows.with_values(rows.values[:, :n_window])
        return Data(windows, known.astype(self.dtype), static.astype(self.dtype), sizes)

    def labels_ahead(self, rows: SeriesRows, n_steps: int) -> RowLabels:
        """Return the labels that follow each series."""
        return labels_ahead(rows.labels.take(rows.last), n_steps, rows.step)

    def features_ahead(self, future: Any, labels: RowLabels, rows: SeriesRows) -> Arrays:
        """Return the known features of labels ahead, of shape (n_series, n_steps, n_known)."""
        given = read_future(future, self.future, self.columns, labels, rows.step)
        known = np.hstack((given, self.calendar.features(labels)))
        n_series = len(rows.last)
        shape = (n_series, labels.n_rows // n_series, known.shape[1])
        return known.astype(self.dtype).reshape(shape)


def _tuples(labels: RowLabels) -> Any:
    return labels.time if labels.series is None else labels.index()


def find_columns(
    table: pd.DataFrame, columns: LabelColumns, target: Target, future_features: Any
) -> tuple[list[Any], list[Any], list[Any], bool]:
    """Return the targets, past and future features of a table, and whether targets are a list.

    Raises
    ------
    ValueError
        If a name is no column, or both a target and a future feature.
    """
    columns.places(table)  # labels in the wrong place are the more helpful error
    future = [future_features] if isinstance(future_features, str) else list(future_features)
    features = list(columns.features(table).columns)
    if missing := [name for name in future if name not in features]:
        raise ValueError(
            f"future_features names {missing[0]!r}, which is not among the columns {features}."
        )
    if twice := [name for name in future if future.count(name) > 1]:
        raise ValueError(f"future_features names {twice[0]!r} twice. Name each column once.")
    rest = table.drop(columns=future) if target is None else table
    if len(rest.columns) == len(columns.columns(table)):
        raise ValueError(f"The series has no column to forecast: future_features names {future}.")
    texts = [name for name in features if not is_numeric_dtype(table[name].dtype)]
    if target is None and columns.id_col is None and texts and len(features) > 1:
        raise ValueError(
            f"The columns are {features}, and no target is named. Pass the column to forecast as "
            f"target, and id_col={texts[0]!r} if this column names the series."
        )
    name, _ = read_target(rest, target, columns)
    targets = name if isinstance(name, list) else [name]
    if both := [name for name in future if name in targets]:
        raise ValueError(
            f"{both[0]!r} is named by target and by future_features. A column that is forecast is "
            "not known in advance: name it once."
        )
    past = [name for name in features if name not in [*targets, *future]]
    return targets, past, future, isinstance(name, list)


def make_reader(
    series: Any,
    columns: LabelColumns,
    *,
    target: Target,
    future_features: Any,
    calendar: Any,
    static_features: pd.DataFrame | None,
    freq: Any,
    season: Any,
) -> tuple[TableReader, SeriesRows]:
    """Return what reads tables of this kind, and the rows of the series.

    `season` is a function of the step.
    """
    table = as_table(series)
    targets, past, future, several = find_columns(table, columns, target, future_features)
    names = [*targets, *past, *future]
    labels, values, step = read_rows(table, columns, names, freq=freq)
    season = season(step)
    rows = rows_of(labels, values, step, names, len(targets), season)
    reader = TableReader(
        columns=columns,
        targets=targets,
        past=past,
        future=future,
        several=several,
        freq=freq,
        step=step,
        season=season,
        dtype=values.dtype,
        calendar=fit_calendar(calendar, rows.labels),
        static=None if static_features is None else static_features.copy(),
    )
    return reader, rows
