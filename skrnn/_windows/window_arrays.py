"""Windows of rows as NumPy arrays: a view for one series, a copy for several.

The functions see positions only; ``_labels/runs.py`` finds which row continues which.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Arrays = NDArray[Any]


def window_view(values: Arrays, lookback: int, shift: int = 0) -> Arrays:
    """Return the window of every row of one series, as a read-only view.

    Parameters
    ----------
    values : ndarray of shape (n, n_features)
        Floating-point rows, oldest first.
    lookback : int
        Number of steps in a window.
    shift : int, default=0
        Number of rows from the newest step of a window to the row of the window.

    Returns
    -------
    ndarray of shape (n, lookback, n_features)
        Window t holds the rows ``t - shift - lookback + 1`` to ``t - shift``; steps
        before the first row are NaN. It needs the memory of one padded copy of `values`.
    """
    n_rows, n_features = values.shape
    n_padding = lookback - 1 + shift
    padded = np.empty((n_padding + n_rows, n_features), dtype=values.dtype)
    padded[:n_padding] = np.nan
    padded[n_padding:] = values
    # Window p of the padded rows ends at row p - shift of the values.
    return sliding_window_view(padded, lookback, axis=0)[:n_rows].transpose(0, 2, 1)


def gather_windows(
    values: Arrays,
    positions: NDArray[np.intp],
    n_existing: NDArray[np.intp],
    lookback: int,
    shift: int = 0,
) -> Arrays:
    """Return the windows of some rows of an array that holds several series.

    Parameters
    ----------
    values : ndarray of shape (n, n_features)
        Rows of all series, one series after the other, oldest first.
    positions : ndarray of shape (m,)
        Rows whose windows to return.
    n_existing : ndarray of shape (m,)
        Number of steps of each window that exist. The others, in front, become NaN.
    lookback, shift : int
        As in :func:`window_view`.

    Returns
    -------
    ndarray of shape (m, lookback, n_features)
    """
    windows = np.take(window_view(values, lookback, shift), positions, axis=0)
    cut = np.flatnonzero(n_existing < lookback)
    foreign = np.arange(lookback) < (lookback - n_existing[cut])[:, np.newaxis]
    windows[cut] = np.where(foreign[:, :, np.newaxis], np.nan, windows[cut])
    return windows


def future_steps(values: Arrays, positions: NDArray[np.intp], horizon: int) -> Arrays:
    """Return the `horizon` rows that follow each position.

    Returns
    -------
    ndarray of shape (m, ...) for horizon 1, else (m, horizon, ...)
    """
    if horizon == 1:
        return values[positions + 1]
    return values[positions[:, np.newaxis] + np.arange(1, horizon + 1)]
