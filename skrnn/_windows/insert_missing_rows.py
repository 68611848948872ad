"""Rows of NaN for the time labels that a series misses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ._labels.label_columns import LabelColumns, Place
from ._labels.row_labels import RowLabels
from ._labels.runs import find_runs
from ._labels.time_step import check_complete, find_step, labels_at, positions

Positions = NDArray[np.intp]


def insert_missing_rows(
    X: pd.DataFrame,
    *,
    id_col: str | list[str] | None = None,
    time_col: str | list[str] | None = None,
    freq: Any = None,
) -> pd.DataFrame:
    """Return each series with a row for every time label from its first to its last.

    The new rows hold NaN. No other function of skrnn adds rows: call it first, then fill
    missing values, then pair rows with their targets by :func:`make_supervised`.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
        One or several series. Rows may come in any order.
    id_col, time_col : str or list of str, default=None
        Columns or index levels that name the series and hold the time of each row, as
        in :class:`SlidingWindowTransformer`. Such columns are filled in the new rows.
    freq : str, pandas offset or int, default=None
        Step from one time label to the next, if the labels do not show it.

    Returns
    -------
    complete : DataFrame of shape (n_rows + n_missing, n_columns)
        All rows, sorted by series and time, with the columns and index levels of `X`.
        Where the time is a column, an index of integers without a name counts as row
        numbers, and the result is numbered anew. In columns that get NaN, integers
        become floats. Dates in the index of a single series carry their frequency.

    Raises
    ------
    TypeError
        If `X` is not a DataFrame.
    ValueError
        If `X` is empty, two rows of a series have the same label, the time labels do
        not say how far one is from the next, or the index has other levels than those
        of series and time.

    See Also
    --------
    SeriesImputer : Fills missing values.

    Examples
    --------
    >>> import pandas as pd
    >>> from skrnn import insert_missing_rows
    >>> months = pd.PeriodIndex(["2024-01", "2024-02", "2024-04"], freq="M")
    >>> insert_missing_rows(pd.DataFrame({"sold": [3.0, 5.0, 4.0]}, index=months))
             sold
    2024-01   3.0
    2024-02   5.0
    2024-03   NaN
    2024-04   4.0
    """
    if not isinstance(X, pd.DataFrame):
        raise TypeError(
            "insert_missing_rows needs a DataFrame, in which each row has a time label, but X "
            f"is a {type(X).__name__}."
        )
    if not len(X):
        raise ValueError("X is empty: 0 rows.")
    columns = LabelColumns(id_col, time_col)
    labels = columns.read(X, n_rows=len(X))
    ids, time_place = columns.places(X)
    has_row_numbers = time_place.is_column and _may_be_row_numbers(X.index)
    if not has_row_numbers:
        _check_levels(X.index, [*ids, time_place])
    check_complete(labels.time)
    order = _by_series_and_time(labels)
    if (order != np.arange(len(X))).any():
        labels, X = labels.take(order), X.iloc[order]
    step = find_step(labels, freq=freq)
    find_runs(labels, step)  # for its errors: duplicated labels, labels between two steps

    position, unit = positions(labels.time, step)
    series = labels.series_codes()
    first = np.flatnonzero(np.diff(series, prepend=-1))  # first row of each series
    last = np.append(first[1:], len(X)) - 1
    n_steps = (position[last] - position[first]) // unit + 1
    start = np.cumsum(n_steps) - n_steps  # its row in the result
    row = start[series] + (position - position[first][series]) // unit
    source = np.full(n_steps.sum(), -1)
    source[row] = np.arange(len(X))

    new = np.flatnonzero(source < 0)
    owner = np.repeat(np.arange(len(first)), n_steps)
    new_position = position[first][owner[new]] + (new - start[owner[new]]) * unit
    place = source.copy()
    place[new] = len(X) + np.arange(len(new))
    time = labels.time.append(labels_at(new_position, labels.time, step))[place]  # type: ignore[union-attr]
    names = None if labels.series is None else labels.series[first[owner]]
    if names is None and not time_place.is_column:
        time = _with_frequency(time, step)

    found = {id_place: names.get_level_values(i) for i, id_place in enumerate(ids)}  # type: ignore[union-attr]
    found[time_place] = time
    complete = X.reset_index(drop=True).reindex(source)  # -1, a label of no row, gives NaN
    for label_place, values in found.items():
        if label_place.is_column:
            complete[label_place.key] = values.array
    if has_row_numbers:
        return complete.reset_index(drop=True)
    levels = [found[Place(False, level)] for level in range(X.index.nlevels)]
    is_panel = isinstance(X.index, pd.MultiIndex)
    complete.index = pd.MultiIndex.from_arrays(levels) if is_panel else levels[0]
    return complete.rename_axis(X.index.names)


def _may_be_row_numbers(index: pd.Index) -> bool:
    """Whether an index looks like row numbers: integers without a name."""
    is_unnamed = index.nlevels == 1 and index.name is None
    return is_unnamed and pd.api.types.is_integer_dtype(index.dtype)


def _check_levels(index: pd.Index, known: list[Place]) -> None:
    """Raise if the index has levels whose values in new rows are not known."""
    if all(Place(False, level) in known for level in range(index.nlevels)):
        return
    raise ValueError(
        f"The index levels {list(index.names)} hold more than the series and the time, and "
        "their values in new rows are not known. Drop the others with X.droplevel(...), or all "
        "with X.reset_index(drop=True) where series and time are columns."
    )


def _by_series_and_time(labels: RowLabels) -> Positions:
    """Return the rows in the order of the names of their series, then of time."""
    series = labels.series_codes()
    if labels.series is not None:
        series, _ = pd.factorize(labels.series, sort=True)
    time, _ = pd.factorize(labels.time, sort=True)
    return np.lexsort((time, series))


def _with_frequency(time: pd.Index, step: Any) -> pd.Index:
    """Return dates with their frequency set, and other labels as they are."""
    is_date = isinstance(time, pd.DatetimeIndex | pd.TimedeltaIndex)
    if not is_date or getattr(time, "tz", None) is not None:  # in some zones no midnight
        return time
    return type(time)(time, freq=step)
