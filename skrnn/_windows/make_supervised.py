"""Rows of a series, and the target of each row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from skrnn._validation.parameters import integer_at_least

from ._labels.label_columns import LabelColumns
from .series_table import Target, read_series, read_target, with_labels
from .window_arrays import future_steps


def make_supervised(
    series: Any,
    horizon: int = 1,
    *,
    target: Target = None,
    id_col: str | list[str] | None = None,
    time_col: str | list[str] | None = None,
    freq: Any = None,
) -> tuple[Any, Any]:
    """Return the rows of a series as X, and the values that follow each row as y.

    Row t of X is what is known at time t. Row t of y is the target at t+1, ...,
    t+horizon. Rows with unknown targets are left out: the last `horizon` rows of each
    series, and the last ones before a gap. No windows are made here.
    :class:`SlidingWindowTransformer` makes them in the pipeline.

    Rows of several series are returned in the order of time, so that the last rows are the
    newest ones. Rows with the same time label keep their order.

    Parameters
    ----------
    series : DataFrame, Series or array-like of shape (n,) or (n, n_features)
        One or several series, each in the order of time.
    horizon : int, default=1
        Number of time steps to predict.
    target : column name, int or list of them, default=None
        Column to predict; a position for arrays. None if there is only one column. With
        a list, y has an axis of targets at the end.
    id_col, time_col : str or list of str, default=None
        Columns or index levels that name the series and hold the time of each row, as
        in :class:`SlidingWindowTransformer`.
        Such columns stay in X.
    freq : str, pandas offset or int, default=None
        Step from one time label to the next, if the labels do not show it.

    Returns
    -------
    X : DataFrame or ndarray of shape (n_known, n_features)
        Rows whose targets are known, with all columns. pandas in, pandas out, with the
        index of the rows.
    y : Series, DataFrame or ndarray of shape (n_known,) or (n_known, horizon)
        The target, 1-D for horizon 1. With a list of k targets the shape is
        (n_known, k) for horizon 1, else (n_known, horizon, k), which is an array.

    Raises
    ------
    ValueError
        If no row has known targets, `target` is missing or not a column, or the time
        labels do not show which row continues which.

    Examples
    --------
    >>> from skrnn import make_supervised
    >>> X, y = make_supervised([1.0, 2.0, 3.0, 4.0])
    >>> X[:, 0], y
    (array([1., 2., 3.]), array([2., 3., 4.]))
    >>> make_supervised([1.0, 2.0, 3.0, 4.0], horizon=2)[1]
    array([[2., 3.],
           [3., 4.]])
    """
    integer_at_least(1, horizon=horizon)
    columns = LabelColumns(id_col, time_col)
    rows, labels, runs = read_series(series, columns, freq=freq)
    known = np.flatnonzero(np.arange(len(runs.order)) + horizon < runs.stop)
    if not len(known):
        raise ValueError(
            f"No row has its next {horizon} step(s) in the data: the longest series without a "
            f"gap has {int((runs.stop - runs.start).max())} row(s). Choose a shorter horizon."
        )
    known = known[labels.oldest_first(runs.order[known])]
    name, values = read_target(rows, target, columns)
    y = future_steps(values[runs.order], known, horizon)
    kept = runs.order[known]
    if not isinstance(rows, pd.DataFrame):
        return rows[kept], y
    X = rows.iloc[kept]
    return X, with_labels(y, X.index, name, horizon)
