"""Complete windows of a series and their targets, made before any split."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skrnn._validation.parameters import integer_at_least

from ._labels.label_columns import LabelColumns
from .labelled_rows import check_numbers
from .series_table import Target, read_series, read_target, with_labels
from .window_arrays import future_steps

Arrays = NDArray[Any]


def sliding_windows(
    series: Any,
    lookback: int,
    *,
    horizon: int = 1,
    stride: int = 1,
    target: Target = None,
    id_col: str | list[str] | None = None,
    time_col: str | list[str] | None = None,
    freq: Any = None,
) -> tuple[Arrays, Any]:
    """Return complete windows and their targets, before any split.

    :class:`SlidingWindowTransformer` makes windows in a pipeline. Use this function to
    cross-validate several steps ahead, with :class:`LastSteps` to tune the length of the
    windows, or if you need arrays.

    Windows of several series are returned in the order of time, so that the last ones are
    the newest. Windows with the same time label keep the order of their rows.

    Parameters
    ----------
    series : DataFrame, Series or array-like of shape (n,) or (n, n_features)
        One or several series, each in the order of time. No window holds rows of two
        series, or rows from both sides of a gap.
    lookback : int
        Number of time steps in a window.
    horizon : int, default=1
        Number of time steps to predict after each window.
    stride : int, default=1
        Number of rows from the start of one window to the start of the next.
    target : column name, int or list of them, default=None
        Column to predict; a position for arrays. None if there is only one column.
    id_col, time_col : str or list of str, default=None
        Columns or index levels that name the series and hold the time of each row, as
        in :class:`SlidingWindowTransformer`.
    freq : str, pandas offset or int, default=None
        Step from one time label to the next, if the labels do not show it.

    Returns
    -------
    X : ndarray of shape (n_windows, lookback, n_features)
        Windows. A read-only view for one series without gaps.
    y : Series, DataFrame or ndarray of shape (n_windows,) or (n_windows, horizon)
        The values after each window, 1-D for horizon 1. pandas in, pandas out: the index
        has the labels of the newest row of each window, those of the series first. With a
        list of targets there is one axis more, at the end; 3-D targets are an array.

    Raises
    ------
    ValueError
        If no series is as long as a window and its horizon, `target` is missing or not
        a column, or the time labels do not show which row continues which.

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
    columns = LabelColumns(id_col, time_col)
    rows, labels, runs = read_series(series, columns, freq=freq)
    values = check_numbers(columns.features(rows), input_name="series")
    if not runs.is_single:
        values = values[runs.order]
    # Position of the first step of each complete window.
    first = np.arange(len(runs.order))
    fits = first + lookback + horizon <= runs.stop
    first = first[fits & ((first - runs.start) % stride == 0)]
    if not len(first):
        raise ValueError(
            f"No window fits: lookback={lookback} and horizon={horizon} need "
            f"{lookback + horizon} rows without a gap, but the longest series has "
            f"{int((runs.stop - runs.start).max())}. Choose a shorter lookback or horizon."
        )
    first = first[labels.oldest_first(runs.order[first + lookback - 1])]
    last = first + lookback - 1
    name, targets = read_target(rows, target, columns)
    y = future_steps(targets[runs.order], last, horizon)
    y = with_labels(y, labels.take(runs.order[last]).index(), name, horizon)
    windows = np.lib.stride_tricks.sliding_window_view(values, lookback, axis=0)
    windows = windows.transpose(0, 2, 1)
    if runs.is_single:
        return windows[first[0] : first[-1] + 1 : stride], y
    return windows[first], y
