"""Rows of NaN for the time labels that a series misses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ._labels.label_columns import LabelColumns, Place
from ._labels.row_labels import RowLabels
from ._labels.runs import find_runs
from ._labels.time_step import (
    check_complete,
    find_step,
    gaps_by_series,
    labels_at,
    positions,
    show_step,
    with_step,
)

# More rows than both are taken for a wrong label.
MAX_ROWS = 10_000_000
MAX_SHARE = 100


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
        If the result would have more than a hundred times the rows of `X`, and more than
        ten million; if `X` is empty, two rows of a series have the same label, the time labels do
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
    is_unnamed = list(X.index.names) == [None]
    is_integer = pd.api.types.is_integer_dtype(X.index.dtype)
    has_row_numbers = time_place.is_column and is_unnamed and is_integer
    known = [place.key for place in (*ids, time_place) if not place.is_column]
    if not has_row_numbers and len(known) < X.index.nlevels:
        raise ValueError(
            f"The index levels {list(X.index.names)} hold more than the series and the time, and "
            "their values in new rows are not known. Drop the others with X.droplevel(...), or all "
            "with X.reset_index(drop=True) where series and time are columns."
        )
    check_complete(labels.time)
    order = _by_series_and_time(labels)
    if (order != np.arange(len(X))).any():
        labels, X = labels.take(order), X.iloc[order]
    step = find_step(labels, freq=freq, learned=freq)  # a given step needs no proof here
    find_runs(labels, step)  # for its errors: duplicated labels, labels between two steps

    # The row before each row of the result, or this row itself: `source` is -1 for new rows.
    _, same, gap, unit = gaps_by_series(labels, step)
    n_rows = np.where(same, gap // unit, 1)
    total = 1 + n_rows.sum(dtype=float)
    if total > max(MAX_ROWS, MAX_SHARE * len(X)):
        after = int(n_rows.argmax()) + 1
        raise ValueError(
            f"The complete series would have {total:,.0f} rows, and X has {len(X)}. The longest "
            f"gap has {n_rows.max() - 1:,} rows at a step of {show_step(step)}, before "
            f"{labels.describe(after)}. Correct this label, pass a longer step as freq, or choose "
            "a part of the rows."
        )
    place = np.append(0, np.cumsum(n_rows))
    source = np.full(place[-1] + 1, -1)
    source[place] = np.arange(len(X))
    before = np.maximum.accumulate(source)
    n_steps = np.arange(len(source)) - place[before]

    time: Any = labels.time
    position, _ = positions(time, step)
    new_time = labels_at(position[before] + n_steps * unit, time, step)
    time = time[before].where(source >= 0, new_time)
    names: Any = None if labels.series is None else labels.series[before]
    if names is None and not time_place.is_column:
        time = with_step(time, step)

    found = {id_place: names.get_level_values(i) for i, id_place in enumerate(ids)}
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


def _by_series_and_time(labels: RowLabels) -> NDArray[np.intp]:
    """Return the rows in the order of the names of their series, then of time."""
    labels.series_codes()  # for its errors
    keys = [key for key in (labels.time, labels.series) if key is not None]
    return np.lexsort([pd.factorize(key, sort=True)[0] for key in keys])
