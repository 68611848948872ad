"""The rows of all series as one array: sorted, one row for each time label, without gaps."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrnn._validation.numbers import check_numbers
from skrnn._windows._labels.label_columns import LabelColumns, to_pandas
from skrnn._windows._labels.row_labels import RowLabels, show
from skrnn._windows._labels.runs import find_runs
from skrnn._windows._labels.time_step import Step, check_complete, find_step
from skrnn._windows.insert_missing_rows import insert_missing_rows
from skrnn._windows.series_imputer import fill_from_before
from skrnn._windows.window_arrays import gather_windows

from .next_labels import next_labels

Arrays = NDArray[Any]


@dataclass(frozen=True, eq=False)
class SeriesRows:
    """Rows of one or several series, one series after the other, oldest first.

    Parameters
    ----------
    labels : RowLabels
        Within a series, each time label is one step after the one before.
    values : ndarray of shape (n_rows, n_columns)
        Numbers. Missing targets are filled.
    is_known : ndarray of shape (n_rows, n_targets)
        Which of the targets, the first columns, were not missing.
    step : int, pandas offset or None
        From one time label to the next.
    """

    labels: RowLabels
    values: Arrays
    is_known: NDArray[np.bool_]
    step: Step

    @cached_property
    def series(self) -> NDArray[np.intp]:
        """The series of each row, as a number."""
        return self.labels.series_codes()

    @cached_property
    def last(self) -> NDArray[np.intp]:
        """Position of the last row of each series."""
        return np.flatnonzero(np.append(self.series[1:] != self.series[:-1], True))

    @property
    def lengths(self) -> NDArray[np.intp]:
        """Number of rows of each series."""
        return np.diff(self.last, prepend=-1)

    @property
    def ages(self) -> NDArray[np.intp]:
        """Number of later rows of its series, for each row."""
        return np.repeat(self.last, self.lengths) - np.arange(len(self.values))

    @property
    def names(self) -> pd.Index | None:
        """Names of the series; None for a single one without a name."""
        return self.labels.take(self.last).series

    def take(self, rows: NDArray[np.intp]) -> SeriesRows:
        """Return some of the rows, which must leave no gap."""
        return replace(
            self,
            labels=self.labels.take(rows),
            values=self.values[rows],
            is_known=self.is_known[rows],
        )

    def with_values(self, values: Arrays) -> SeriesRows:
        """Return the rows with other numbers."""
        return replace(self, values=values)

    def newest(self, n_rows: int) -> SeriesRows:
        """Return the last rows of each series."""
        return self.take(np.flatnonzero(self.ages < n_rows))

    def windows(
        self, values: Arrays, rows: NDArray[np.intp], lookback: int
    ) -> tuple[Arrays, NDArray[np.intp]]:
        """Return the windows that end with some rows, and the number of their real steps.

        Parameters
        ----------
        values : ndarray of shape (n_rows, n_columns)
            Numbers that belong to the rows.
        rows : ndarray of shape (n,)
            Positions of the last rows of the windows.
        lookback : int
            Number of steps of a window. Those before the first row of a series are NaN.

        Returns
        -------
        windows : ndarray of shape (n, lookback, n_columns)
        lengths : ndarray of shape (n,)
        """
        first = self.last - self.lengths + 1
        lengths = np.minimum(rows - first[self.series[rows]] + 1, lookback)
        return gather_windows(values, rows, lengths, lookback), lengths


def as_table(series: Any) -> pd.DataFrame:
    """Return a Series or DataFrame of pandas as a DataFrame.

    Raises
    ------
    TypeError
        If it is neither, and so has no time labels.
    """
    if isinstance(series, pd.Series):
        return series.to_frame("value" if series.name is None else series.name)
    if not isinstance(series, pd.DataFrame):
        raise TypeError(
            "The series must be a Series or DataFrame of pandas with time labels, but is a "
            f"{type(series).__name__}{to_pandas(series)}. Pass e.g. pandas.Series(values, "
            'index=pandas.period_range("2024-01", periods=len(values), freq="M")).'
        )
    if not series.columns.is_unique:
        twice = list(series.columns[series.columns.duplicated()])
        raise ValueError(f"Column names must be unique, but {twice} stand(s) there twice.")
    return series


def sorted_rows(labels: RowLabels) -> NDArray[np.intp]:
    """Return the rows in the order of their series, then of time."""
    time: Any = labels.time
    check_complete(time)
    labels.series_codes()  # raises if a name is missing
    keys = [time] if labels.series is None else [time, labels.series]
    return np.lexsort([pd.factorize(key, sort=True)[0] for key in keys])


def read_rows(
    table: pd.DataFrame, columns: LabelColumns, names: list[Any], *, freq: Any, learned: Step = None
) -> tuple[RowLabels, Arrays, Step]:
    """Return labels, numbers and the step of rows in any order, with a row for each label.

    Parameters
    ----------
    table : DataFrame
        Rows of series.
    columns : LabelColumns
        Where the names of the series and the time stand.
    names : list
        Columns that are read, in the order of the result.
    freq : str, pandas offset, int or None
        Step that the user passed.
    learned : int, pandas offset or None
        Step that was found in other rows.

    Returns
    -------
    labels : RowLabels
        Sorted by series and time.
    values : ndarray of shape (n_rows, n_columns)
        Rows that were missing are NaN. float32 if all columns are, else float64.
    step : int, pandas offset or None

    Raises
    ------
    ValueError
        If there are no rows, a label is missing or repeats, or the step is not known.
    """
    if not len(table):
        raise ValueError("The series is empty: 0 rows.")
    labels = columns.read(table, n_rows=len(table))
    step = find_step(labels.take(sorted_rows(labels)), freq=freq, learned=learned)
    parameters = {"id_col": columns.id_col, "time_col": columns.time_col}
    complete = insert_missing_rows(table, **parameters, freq=step)
    labels = columns.read(complete, n_rows=len(complete))
    numbers = check_numbers(complete[names], name="series", owner=None)
    _check_finite(labels, numbers, names)
    return labels, numbers, step


def rows_of(
    labels: RowLabels, values: Arrays, step: Step, names: list[Any], n_targets: int, season: int
) -> SeriesRows:
    """Return rows whose missing targets are filled from earlier ones, from the first known one on.

    A missing target gets the value one season before; in the first season, the value before. So it
    depends on no later row, and not on rows more than a season before.

    Parameters
    ----------
    labels, values, step
        As :func:`read_rows` returns them.
    names : list
        Names of the columns of `values`.
    n_targets : int
        Number of columns, the first ones, that are targets. Others must be complete.
    season : int
        Number of steps in a season.

    Raises
    ------
    ValueError
        If a series has no known target, or a value of another column is missing.
    """
    codes = labels.series_codes()
    is_known = ~np.isnan(values[:, :n_targets])
    has_begun = pd.DataFrame(is_known).groupby(codes).cummax().to_numpy().all(axis=1)
    never = np.bincount(codes, has_begun) == 0
    if never.any():
        of_series = np.flatnonzero(codes == never.argmax())
        target = names[int(is_known[of_series].any(axis=0).argmin())]
        name = (
            "The series" if labels.series is None else f"Series {show(labels.series[of_series[0]])}"
        )
        raise ValueError(
            f"{name} has no value of {target!r} in its {len(of_series)} row(s), which are NaN. The "
            f"same holds for {int(never.sum()) - 1} other series. Leave them out."
        )
    rows = np.flatnonzero(has_begun)
    labels, values, is_known = labels.take(rows), values[rows].copy(), is_known[rows]
    _check_features(labels, values[:, n_targets:], names[n_targets:])
    if not is_known.all():
        runs = find_runs(labels, step)
        targets = pd.DataFrame(values[:, :n_targets])
        is_later = np.repeat([np.arange(len(rows)) - runs.start >= season], n_targets, axis=0).T
        targets = targets.where(is_later, fill_from_before(targets, runs, None, 1))
        values[:, :n_targets] = fill_from_before(targets, runs, None, season)
    return SeriesRows(labels, values, is_known, step)


def _check_finite(labels: RowLabels, values: Arrays, names: list[Any]) -> None:
    """Raise if a value is infinite."""
    wrong = np.isinf(values)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise ValueError(
            f"{names[column]!r} is infinite in {int(wrong[:, column].sum())} row(s), first "
            f"{labels.describe(int(row))}. Correct it, or make it NaN."
        )


def _check_features(labels: RowLabels, features: Arrays, names: list[Any]) -> None:
    """Raise if a feature is missing in a row."""
    wrong = np.isnan(features)
    if wrong.any():
        column = int(wrong.any(axis=0).argmax())
        row = int(wrong[:, column].argmax())
        raise ValueError(
            f"Feature {names[column]!r} is missing (NaN) in "
            f"{int(wrong[:, column].sum())} row(s), first {labels.describe(row)}. Rows that a "
            "series leaves out count, too. Fill them: insert_missing_rows, then SeriesImputer."
        )


def check_last_windows(rows: SeriesRows, lookback: int, targets: list[Any]) -> None:
    """Raise if the last row of a series has no target, and warn if its last window holds others.

    Parameters
    ----------
    rows : SeriesRows
    lookback : int
        Number of rows in a window.
    targets : list
        Names of the targets.
    """
    wrong = rows.last[~rows.is_known[rows.last].all(axis=1)]
    if len(wrong):
        target = targets[int(rows.is_known[wrong[0]].argmin())]
        raise ValueError(
            f"{target!r} is missing (NaN) in the last row of {len(wrong)} series, first "
            f"{rows.labels.describe(int(wrong[0]))}: forecasts start from the last row. Leave out "
            "rows without a target at the end of a series, or fill them (SeriesImputer)."
        )
    windows = rows.newest(lookback)
    filled = np.flatnonzero(~windows.is_known.all(axis=1))
    if len(filled):
        n_series = len(np.unique(windows.series[filled]))
        warnings.warn(
            f"The last windows of {n_series} series hold {len(filled)} row(s) without a target, "
            f"first {windows.labels.describe(int(filled[0]))}. They are filled with the value one "
            "season before, and forecasts rest on them. To fill them otherwise, use SeriesImputer.",
            UserWarning,
            stacklevel=3,
        )


def join_rows(
    known: SeriesRows, labels: RowLabels, values: Arrays, season: int, names: list[Any], freq: Any
) -> SeriesRows:
    """Return rows of series with newer rows behind those of their series.

    Parameters
    ----------
    known : SeriesRows
    labels, values
        Newer rows, as :func:`read_rows` returns them.
    season, names
        As :func:`rows_of` takes them.
    freq : str, pandas offset, int or None
        Step that the user passed, if that of `known` is not known yet.

    Raises
    ------
    ValueError
        If newer rows are of other series, or do not follow the last known row of theirs.
    """
    if labels.series is not None and not (is_old := labels.series.isin(known.labels.series)).all():
        new = labels.series[~is_old].unique()
        shown = ", ".join(show(name) for name in new[:5])
        raise ValueError(
            f"update got rows of {len(new)} series that fit did not see: {shown}. To forecast "
            "other series, pass all their rows as forecast(series=...)."
        )
    both = known.labels.append(labels)
    step = find_step(both, freq=freq) if known.step is None else known.step
    time: Any = both.time
    codes, n_known = both.series_codes(), len(known.values)
    last_known = pd.Series(known.last, index=codes[known.last])
    first_new = np.flatnonzero(~pd.Series(codes[n_known:]).duplicated()) + n_known
    before = last_known.loc[codes[first_new]].to_numpy()
    expected = next_labels(time[before], 1, step)
    wrong = np.flatnonzero(expected != time[first_new])
    if len(wrong):
        i = wrong[0]
        raise ValueError(
            f"update needs the rows that follow the last known ones: {both.describe(before[i])} is "
            f"known and {show(expected[i])} comes next, but the first new row is "
            f"{both.describe(first_new[i])}. The same holds for {len(wrong) - 1} other series. "
            "Leave out rows that are known, and pass those in between, with NaN for a missing "
            "target."
        )
    order = np.argsort(codes, kind="stable")
    is_known = np.concatenate((known.is_known, ~np.isnan(values[:, : known.is_known.shape[1]])))
    joined = np.concatenate((known.values, values))[order]
    rows = rows_of(both.take(order), joined, step, names, known.is_known.shape[1], season)
    return replace(rows, is_known=is_known[order])
