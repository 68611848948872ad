"""Complete windows of a series and their targets, as plain arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skrnn._validation.parameters import integer_at_least

from ._labels.label_columns import LabelColumns
from .series_table import Target, feature_values, read_series, target_values
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
    id_col, time_col : str or list of str, default=None
        Columns or index levels that name the series and hold the time of each row, as
        in :class:`SlidingWindowTransformer`.
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
    columns = LabelColumns(id_col, time_col)
    rows, runs = read_series(series, columns, freq=freq)
    values = feature_values(rows, columns)
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
    y = future_steps(target_values(rows, target, columns)[runs.order], end, horizon)
    windows = np.lib.stride_tricks.sliding_window_view(values, lookback, axis=0)
    windows = windows.transpose(0, 2, 1)
    first = end - lookback + 1
    if runs.is_single:
        return windows[first[0] : first[-1] + 1 : stride], y
    return windows[first], y
