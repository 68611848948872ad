"""Targets from a series: rows with their future, and complete windows with theirs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils import check_array

from skrnn._validation.parameters import integer_at_least
from skrnn._windows._labels.row_labels import names_column, read_labels
from skrnn._windows._labels.runs import Runs, find_runs
from skrnn._windows._labels.time_step import find_step
from skrnn._windows.window_arrays import future_steps

Arrays = NDArray[Any]
Target = str | int | list[Any] | None


def make_supervised(
    series: Any,
    horizon: int = 1,
    *,
    target: Target = None,
    groups: str | None = None,
    freq: Any = None,
) -> tuple[Any, Any]:
    """Pair each row of a series with the future that is to be predicted from it.

    Row t of X is what is known at time t; row t of y is the target at t+1, ...,
    t+horizon. Rows whose future is not known are left out: the last `horizon` rows
    of each series, and those before a gap. No windows are made here: that is what
    :class:`SlidingWindowTransformer` does, inside the pipeline.

    Parameters
    ----------
    series : DataFrame, Series or array-like of shape (n,) or (n, n_features)
        One series in order, or several in a DataFrame with a MultiIndex whose last
        level is the time.
    horizon : int, default=1
        How many steps ahead to predict, in time steps.
    target : column name, int or list of them, default=None
        What to predict; a position for arrays. May be omitted where there is one
        column. With a list, y has an axis of targets at the end.
    groups : str, default=None
        Column or index level that names the series, as in
        :class:`SlidingWindowTransformer`.
    freq : str, pandas offset or int, default=None
        Frequency of the time labels, where the index does not show it.

    Returns
    -------
    X : DataFrame or ndarray of shape (n_known, n_features)
        Rows whose future is known; pandas in, pandas out, with the index.
    y : Series, DataFrame or ndarray of shape (n_known,) or (n_known, horizon)
        The target: 1-D for horizon 1. With a list of k targets (n_known, k) for
        horizon 1, else an array of shape (n_known, horizon, k).

    Raises
    ------
    ValueError
        If no row has its future in the data, `target` is missing or unknown, or
        the time labels do not say which row continues which.

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
    rows, runs = _read(series, groups, freq)
    position = np.arange(len(runs.order))
    known = position[position + horizon < runs.stop]
    if not len(known):
        raise ValueError(
            f"No row has its next {horizon} step(s) in the data: the longest series without a "
            f"gap has {int((runs.stop - runs.start).max())} row(s). Choose a shorter horizon."
        )
    in_order = np.argsort(runs.order[known])
    known = known[in_order]
    y = future_steps(_targets(rows, target, groups)[runs.order], known, horizon)
    kept = runs.order[known]
    if not isinstance(rows, pd.DataFrame):
        return rows[kept], y
    X = rows.iloc[kept]
    name = _target_name(rows, target, groups)
    if y.ndim == 1:
        return X, pd.Series(y, index=X.index, name=name)
    if isinstance(target, list):
        return X, pd.DataFrame(y, index=X.index, columns=target) if y.ndim == 2 else y
    columns = [f"{name}_t+{step}" for step in range(1, horizon + 1)]
    return X, pd.DataFrame(y, index=X.index, columns=columns)


def sliding_windows(
    series: Any,
    lookback: int,
    *,
    horizon: int = 1,
    stride: int = 1,
    target: Target = None,
    groups: str | None = None,
    freq: Any = None,
) -> tuple[Arrays, Arrays]:
    """Make complete windows and their targets, as plain arrays, before any split.

    Use it where arrays are wanted. :class:`SlidingWindowTransformer` does the same
    inside a pipeline, where `lookback` can be tuned and a scaler sees the training
    part only.

    Parameters
    ----------
    series : DataFrame, Series or array-like of shape (n,) or (n, n_features)
        One series in order, or several in a DataFrame with a MultiIndex whose last
        level is the time. No window crosses a series or a gap.
    lookback : int
        Time steps in a window.
    horizon : int, default=1
        Time steps to predict after each window.
    stride : int, default=1
        Rows from the start of one window to the start of the next in a series.
    target : column name, int or list of them, default=None
        What to predict; a position for arrays. May be omitted where there is one
        column.
    groups : str, default=None
        Column or index level that names the series.
    freq : str, pandas offset or int, default=None
        Frequency of the time labels, where the index does not show it.

    Returns
    -------
    X : ndarray of shape (n_windows, lookback, n_features)
        Windows, series after series; a read-only view for a single series without
        gaps.
    y : ndarray of shape (n_windows,) or (n_windows, horizon)
        The steps after each window: 1-D for horizon 1; one axis more, at the end,
        with a list of targets.

    Raises
    ------
    ValueError
        If no series is as long as a window and its horizon.

    Examples
    --------
    >>> from skrnn import sliding_windows
    >>> X, y = sliding_windows([1.0, 2.0, 3.0, 4.0, 5.0], lookback=3)
    >>> X[:, :, 0]
    array([[1., 2., 3.],
           [2., 3., 4.]])
    >>> y
    array([4., 5.])
    """
    integer_at_least(1, lookback=lookback)
    integer_at_least(1, horizon=horizon)
    integer_at_least(1, stride=stride)
    rows, runs = _read(series, groups, freq)
    values = _features(rows, groups)
    if not runs.is_single:
        values = values[runs.order]
    # Position of the last step of each complete window.
    end = np.arange(len(runs.order))
    complete = (end - lookback + 1 >= runs.start) & (end + horizon < runs.stop)
    complete &= (end - lookback + 1 - runs.start) % stride == 0
    end = end[complete]
    if not len(end):
        raise ValueError(
            f"No window fits: lookback={lookback} and horizon={horizon} need "
            f"{lookback + horizon} rows without a gap, but the longest series has "
            f"{int((runs.stop - runs.start).max())}."
        )
    y = future_steps(_targets(rows, target, groups)[runs.order], end, horizon)
    windows = np.lib.stride_tricks.sliding_window_view(values, lookback, axis=0)
    windows = windows.transpose(0, 2, 1)
    first = end - lookback + 1
    if runs.is_single:
        return windows[first[0] : first[-1] + 1 : stride], y
    return windows[first], y


def _read(series: Any, groups: str | None, freq: Any) -> tuple[Any, Runs]:
    """Return the rows as a DataFrame or 2-D array, with its unbroken runs."""
    if isinstance(series, pd.Series):
        series = series.to_frame("value" if series.name is None else series.name)
    if not isinstance(series, pd.DataFrame):
        series = check_array(
            series,
            dtype=[np.float64, np.float32],
            ensure_2d=False,
            ensure_all_finite="allow-nan",
            input_name="series",
        )
        if series.ndim == 1:
            series = series[:, np.newaxis]
    if not len(series):
        raise ValueError("The series is empty: 0 rows.")
    if isinstance(series, pd.DataFrame) and not series.columns.is_unique:
        twice = list(series.columns[series.columns.duplicated()])
        raise ValueError(f"Each column needs a name of its own, but {twice} stand(s) twice.")
    labels = read_labels(series, n_rows=len(series), groups=groups)
    return series, find_runs(labels, find_step(labels, freq=freq))


def _features(rows: Any, groups: str | None) -> Arrays:
    """Return the numeric columns as an array, without the one that names the series."""
    if names_column(rows, groups):
        rows = rows.drop(columns=groups)
    return check_array(
        rows,
        dtype=[np.float64, np.float32],
        ensure_all_finite="allow-nan",
        input_name="series",
    )


def _targets(rows: Any, target: Target, groups: str | None) -> Arrays:
    """Return the target column(s): 1-D for one, 2-D for a list."""
    if isinstance(target, list) and not target:
        raise ValueError("target is an empty list: name at least one column.")
    if not isinstance(rows, pd.DataFrame):
        n_columns = rows.shape[1]
        if target is None and n_columns > 1:
            raise ValueError(f"target must name one of the {n_columns} columns, by its position.")
        wanted = 0 if target is None else target
        for position in wanted if isinstance(wanted, list) else [wanted]:
            is_number = isinstance(position, int | np.integer) and not isinstance(position, bool)
            if not is_number or position not in range(n_columns):
                raise ValueError(
                    f"target={position!r} is not a column of the array: pass a position from 0 "
                    f"to {n_columns - 1}."
                )
        return rows[:, wanted]
    if isinstance(target, list):
        missing = [name for name in target if name not in rows.columns]
        if missing:
            raise ValueError(f"target {missing} is not among the columns {list(rows.columns)}.")
        return rows[target].to_numpy()
    return rows[_target_name(rows, target, groups)].to_numpy()


def _target_name(rows: pd.DataFrame, target: Target, groups: str | None) -> Any:
    columns = [name for name in rows.columns if name != groups]
    if target is None and len(columns) == 1:
        return columns[0]
    if target is None or (not isinstance(target, list) and target not in columns):
        raise ValueError(f"target must be one of the columns {columns}, but is {target!r}.")
    return target
