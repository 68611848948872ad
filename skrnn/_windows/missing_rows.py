"""Insert a row for each missing time label of a series."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ._labels.row_labels import RowLabels, read_labels
from ._labels.runs import find_runs
from ._labels.time_step import check_complete, find_step, labels_at, positions

Arrays = NDArray[Any]
Positions = NDArray[np.intp]


def insert_missing_rows(X: pd.DataFrame, *, groups: str | None = None, freq: Any = None) -> Any:
    """Give every series a row for each time label between its first and its last.

    The new rows hold NaN. This is the one place where rows are added: call it first,
    then fill what may be filled, then pair rows with their targets by
    :func:`make_supervised`.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_features)
        One series by its index, or several in a MultiIndex whose last level is the
        time. Rows may come in any order.
    groups : str, default=None
        Column or index level that names the series, as in
        :class:`SlidingWindowTransformer`. Such a column is filled in the new rows.
    freq : str, pandas offset or int, default=None
        Frequency of the time labels, where the index does not show it.

    Returns
    -------
    complete : DataFrame of shape (n_rows + n_missing, n_features)
        All rows, sorted by series and time. As always in pandas, integers become
        floats in columns that get NaN. Dates of a single series carry their
        frequency.

    Raises
    ------
    TypeError
        If `X` is not a DataFrame.
    ValueError
        If `X` is empty, two rows of a series have the same label, the time labels do
        not say how far one is from the next, or the index has levels beside those
        of series and time.

    See Also
    --------
    SeriesImputer : Fills the NaN.

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
            "insert_missing_rows needs a DataFrame, whose index says when each row is, but X is "
            f"a {type(X).__name__}."
        )
    if not len(X):
        raise ValueError("X is empty: 0 rows.")
    labels = read_labels(X, n_rows=len(X), groups=groups)
    _check_levels(X, groups)
    check_complete(labels.time)
    order = _by_series_and_time(labels)
    if (order != np.arange(len(X))).any():
        labels, X = labels.take(order), X.iloc[order]
    step = find_step(labels, freq=freq)
    find_runs(labels, step)  # for its errors: duplicated labels, labels between two steps

    position, unit = positions(labels.time, step)
    series = labels.series_codes()
    first = np.flatnonzero(np.diff(series, prepend=-1))  # row of each series' first label
    last = np.append(first[1:], len(X)) - 1
    n_steps = (position[last] - position[first]) // unit + 1
    start = np.cumsum(n_steps) - n_steps  # row of it in the result
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

    complete = X.reset_index(drop=True).reindex(source)  # -1, a label of no row, gives NaN
    if groups in X.columns:
        complete[groups] = names.array  # type: ignore[union-attr]
    complete.index = _index_like(X.index, names, time, groups, step)
    return complete


def _check_levels(X: pd.DataFrame, groups: str | None) -> None:
    """Raise where the index has levels whose value in a new row nobody knows."""
    known = 1 if groups in X.columns else 2
    if groups is not None and X.index.nlevels > known:
        raise ValueError(
            f"The index levels {list(X.index.names)} hold more than the time"
            f"{'' if known == 1 else ' and the series'}, and their values in new rows are not "
            "known. Drop the others with X.droplevel(...)."
        )


def _by_series_and_time(labels: RowLabels) -> Positions:
    """Return the rows in the order of their series' names, and of time in each."""
    series = labels.series_codes()
    if labels.series is not None:
        series, _ = pd.factorize(labels.series, sort=True)
    time, _ = pd.factorize(labels.time, sort=True)
    return np.lexsort((time, series))


def _index_like(
    index: pd.Index, names: pd.Index | None, time: pd.Index, groups: str | None, step: Any
) -> pd.Index:
    """Return an index of these series and times, with the levels of `index`."""
    if not isinstance(index, pd.MultiIndex):
        carries = isinstance(time, pd.DatetimeIndex | pd.TimedeltaIndex) and names is None
        if carries and getattr(time, "tz", None) is None:  # in some zones midnight may not exist
            return type(time)(time, freq=step)
        return time
    if names is None:
        return pd.MultiIndex.from_arrays([time], names=index.names)
    if groups is not None:
        levels = [names if name == groups else time for name in index.names]
        return pd.MultiIndex.from_arrays(levels, names=index.names)
    levels = [names.get_level_values(level) for level in range(index.nlevels - 1)]
    return pd.MultiIndex.from_arrays([*levels, time], names=index.names)
