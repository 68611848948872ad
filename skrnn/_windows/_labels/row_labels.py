"""The series and the time label of every row."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True)
class RowLabels:
    """Series and time label of every row.

    Parameters
    ----------
    series : pandas.Index or None
        Name of each row's series; None where all rows are one series.
    time : pandas.Index or None
        Time label of each row; None for arrays, whose rows follow one another.
    n_rows : int
        Number of rows.
    """

    series: pd.Index | None
    time: pd.Index | None
    n_rows: int

    def take(self, rows: NDArray[np.intp]) -> RowLabels:
        """Return the labels of some of the rows. All in order keep the frequency of their index."""
        if np.array_equal(rows, np.arange(self.n_rows)):
            return self
        series = None if self.series is None else self.series[rows]
        time = None if self.time is None else self.time[rows]
        return RowLabels(series, time, len(rows))

    def append(self, other: RowLabels) -> RowLabels:
        """Return these labels followed by others of the same kind."""
        series = None if self.series is None else self.series.append(other.series)
        time = None if self.time is None else self.time.append(other.time)
        return RowLabels(series, time, self.n_rows + other.n_rows)

    def index(self) -> pd.Index | None:
        """Return the labels as one index, with the time in the last level; None for arrays."""
        if self.series is None or self.time is None:
            return self.time
        levels = [self.series.get_level_values(i) for i in range(self.series.nlevels)]
        return pd.MultiIndex.from_arrays([*levels, self.time])

    def oldest_first(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the order of some rows by time, of rows with the same time by position."""
        if self.series is None or self.time is None:  # one series, which is in order
            return np.argsort(rows)
        return np.lexsort((rows, pd.factorize(self.time[rows], sort=True)[0]))

    @property
    def n_series(self) -> int:
        """Number of series."""
        return int(self.series_codes().max(initial=-1)) + 1

    def first_rows(self) -> RowLabels:
        """Return the labels of the first row of each series."""
        return self.take(np.sort(np.unique(self.series_codes(), return_index=True)[1]))

    def series_codes(self) -> NDArray[np.intp]:
        """Return an integer for the series of each row.

        Raises
        ------
        ValueError
            If the name of a series is missing.
        """
        if self.series is None:
            return np.zeros(self.n_rows, dtype=np.intp)
        try:
            codes, _ = pd.factorize(self.series)
        except TypeError as error:
            raise ValueError(
                f"The names of series must be text, numbers or dates, but are such as "
                f"{show(self.series[0])} ({error}). Convert them, e.g. with astype(str)."
            ) from error
        missing = codes < 0
        if isinstance(self.series, pd.MultiIndex):
            missing = np.any([level < 0 for level in self.series.codes], axis=0)
        if missing.any():
            raise ValueError(
                f"The series of row {int(missing.argmax())} is missing (NaN in "
                f"{', '.join(map(repr, self.series.names))}). Give every row a series."
            )
        return codes

    def by_series(self) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Return the rows sorted by series, and whether the next one is of the same series."""
        series = self.series_codes()
        is_sorted = bool((series[1:] >= series[:-1]).all())
        order = np.arange(len(series)) if is_sorted else np.argsort(series, kind="stable")
        return order, series[order][1:] == series[order][:-1]

    def describe(self, row: int) -> str:
        """Return the time and series of a row, for a message."""
        where = "" if self.series is None else f" of series {show(self.series[row])}"
        return f"{show(self.time[row])}{where}" if self.time is not None else f"row {row}"


def check_same_kind(fitted: RowLabels, labels: RowLabels) -> None:
    """Raise if rows have other kinds of labels than those seen in fit."""
    if (fitted.series is None) != (labels.series is None):
        seen, found = ("one", "several") if fitted.series is None else ("several", "none")
        raise ValueError(
            f"The rows seen in fit were of {seen} series by their index, but X names {found} now. "
            "Pass a DataFrame with the same columns and index levels as in fit."
        )
    _check_same_names(fitted.series, labels.series)
    if fitted.time is None or labels.time is None:
        return
    if _kind(fitted.time) != _kind(labels.time):
        raise ValueError(
            f"fit saw time labels of type {_kind(fitted.time)}, but X has {_kind(labels.time)} "
            "now. Bring both to one type."
        )
    names, names_now = _level_names(fitted), _level_names(labels)
    if names != names_now and sorted(map(str, names)) == sorted(map(str, names_now)):
        raise ValueError(
            f"fit saw the series and the time in the order {names}, but X has them in the order "
            f"{names_now} now. Bring the levels of the index into the order of fit "
            "(reorder_levels), or name them by id_col and time_col."
        )
    if fitted.series is not None and labels.series is not None and fitted.series.nlevels == 1:
        is_known, is_name = labels.series.isin(fitted.series), labels.time.isin(fitted.series)
        if labels.n_rows and not is_known.any() and is_name.all():
            warnings.warn(
                f"No series of X was seen in fit, and all its time labels are names of series "
                f"there: X has a series {show(labels.series[0])} with the time "
                f"{show(labels.time[0])}, and fit a series {show(fitted.series[0])} with the time "
                f"{show(fitted.time[0])}. If the levels of the index are in another order than in "
                "fit, reorder them (swaplevel). With names of levels this would be an error.",
                UserWarning,
                stacklevel=4,
            )


def check_series_are_named(labels: RowLabels, *, owner: str) -> None:
    """Raise if labels of one series repeat, and warn if there are no labels: several look like one.

    Parameters
    ----------
    labels : RowLabels
        Labels of the rows of `fit`.
    owner : str
        Name of the estimator.
    """
    if labels.time is None:
        warnings.warn(
            f"X has no index, so that its rows are one series for {owner}, with one transformer. "
            'If they are several, pass a DataFrame; in a pipeline, set_output(transform="pandas") '
            "keeps its index.",
            UserWarning,
            stacklevel=4,
        )
    elif labels.series is None and labels.time.has_duplicates:
        row = int(labels.time.duplicated().argmax())
        raise ValueError(
            f"The rows of X would be one series for {owner}, but {labels.time.duplicated().sum()} "
            f"of {labels.n_rows} have the label of an earlier row, such as {labels.describe(row)} "
            f"in row {row}. Name the series by id_col or by an index level before the time."
        )


def _check_same_names(fitted: pd.Index | None, series: pd.Index | None) -> None:
    """Raise if names of series are of another type, or of more or fewer levels, than in fit."""
    if fitted is None or series is None or not len(fitted) or not len(series):
        return
    if fitted.nlevels != series.nlevels:
        raise ValueError(
            f"In fit {fitted.nlevels} level(s) or column(s) named a series, such as "
            f"{show(fitted[0])}, but in X {series.nlevels} do now, such as {show(series[0])}. Pass "
            "the levels of fit, or name them by id_col and time_col."
        )
    for level in range(fitted.nlevels):
        kind, kind_now = (_kind_of_names(names, level) for names in (fitted, series))
        if None not in (kind, kind_now) and kind != kind_now:
            raise ValueError(
                f"Series were named by {kind} in fit, such as {show(fitted[0])}, but are named by "
                f"{kind_now} now, such as {show(series[0])}: none would be known. Bring the names "
                "to the type that they had in fit, e.g. with astype."
            )


def _kind_of_names(names: pd.Index, level: int) -> str | None:
    """Return the kind of the names of series, as text for a message; None if mixed."""
    names = names.get_level_values(level)
    if isinstance(names, pd.CategoricalIndex):
        names = names.categories
    kind = names.inferred_type
    if kind in ("integer", "floating", "mixed-integer-float"):
        return "numbers"
    return {"string": "text", "boolean": "booleans"}.get(kind)


def _level_names(labels: RowLabels) -> list[Any]:
    """Return the names of the levels of the series, and of the time."""
    names = [] if labels.series is None else list(labels.series.names)
    return names if labels.time is None else [*names, labels.time.name]


def _kind(time: pd.Index) -> str:
    """Return the kind of time labels, as text for a message."""
    if isinstance(time, pd.DatetimeIndex):
        return "datetime" if time.tz is None else f"datetime in {time.tz}"
    if isinstance(time, pd.TimedeltaIndex):
        return "timedelta"
    return "integer" if pd.api.types.is_integer_dtype(time.dtype) else str(time.dtype)


def show(label: Any) -> str:
    """Return a label as text for a message."""
    if isinstance(label, tuple):
        return f"({', '.join(map(show, label))})"
    if isinstance(label, np.generic):
        label = label.item()
    return repr(str(label)) if isinstance(label, pd.Timestamp | pd.Period) else repr(label)
