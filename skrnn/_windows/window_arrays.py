"""Windows over rows, in NumPy: views where one series allows it, copies elsewhere.

The functions know positions only. Which row continues which is said by
:mod:`skrnn._windows._labels.runs`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from skrnn._validation.parameters import integer_at_least

Arrays = NDArray[Any]


def window_view(values: Arrays, lookback: int, shift: int = 0) -> Arrays:
    """Return the window of every row of one series, as a read-only view.

    Parameters
    ----------
    values : ndarray of shape (n, n_features)
        Floating-point rows, oldest first.
    lookback : int
        Steps in a window.
    shift : int, default=0
        How many rows the newest step of a window lies back.

    Returns
    -------
    ndarray of shape (n, lookback, n_features)
        Row t holds rows ``t - shift - lookback + 1`` to ``t - shift``; those before
        the first row are NaN. The memory is that of one padded copy of `values`.
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
    """Return the windows of some rows where several series stand in one array.

    Parameters
    ----------
    values : ndarray of shape (n, n_features)
        Rows of all series, each series in one piece, oldest first.
    positions : ndarray of shape (m,)
        Rows whose windows are wanted.
    n_existing : ndarray of shape (m,)
        How many steps of each window belong to its own series; the others, at the
        front, become NaN.
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


def pad_sequences(
    sequences: Sequence[ArrayLike], *, max_length: int | None = None, dtype: Any = None
) -> Arrays:
    """Make one array of sequences of unequal lengths, padded with NaN in front.

    Parameters
    ----------
    sequences : list of array-like of shape (length_i,) or (length_i, n_features)
        The sequences, oldest step first. 1-D ones have a single feature. An empty
        sequence becomes a row of nothing but padding.
    max_length : int, default=None
        Keep only the newest `max_length` steps of each sequence. None keeps all.
    dtype : numpy dtype, default=None
        Floating-point type of the result. None takes float32 if all sequences that
        are not empty are float32, else float64.

    Returns
    -------
    ndarray of shape (n_sequences, n_timesteps, n_features)
        ``n_timesteps`` is the length of the longest sequence.

    Raises
    ------
    ValueError
        If there is no sequence, the numbers of features differ, or a sequence has
        more than two axes.

    Examples
    --------
    >>> from skrnn import pad_sequences
    >>> pad_sequences([[1.0, 2.0, 3.0], [4.0]])[:, :, 0]
    array([[ 1.,  2.,  3.],
           [nan, nan,  4.]])
    """
    if max_length is not None:
        max_length = integer_at_least(1, max_length=max_length)
    if dtype is not None and not np.issubdtype(dtype, np.floating):
        raise ValueError(f"dtype must be a floating-point type, for the NaN, but is {dtype!r}.")
    arrays = [np.asarray(sequence) for sequence in sequences]
    if not arrays:
        raise ValueError("pad_sequences needs at least one sequence, but the list is empty.")
    for i, array in enumerate(arrays):
        if array.ndim not in (1, 2):
            raise ValueError(
                f"Each sequence must have shape (length,) or (length, n_features), but "
                f"sequence {i} has shape {array.shape}."
            )
    if dtype is None:
        dtypes = {a.dtype for a in arrays if a.size}
        dtype = np.float32 if dtypes == {np.dtype("float32")} else np.float64
    arrays = [a[:, np.newaxis] if a.ndim == 1 else a for a in arrays]
    arrays = [a if max_length is None else a[-max_length:] for a in arrays]
    widths = {a.shape[1] for a in arrays if len(a)} or {arrays[0].shape[1]}
    if len(widths) > 1:
        raise ValueError(
            f"All sequences must have the same number of features, but found {sorted(widths)}."
        )
    n_timesteps = max(len(a) for a in arrays)
    if n_timesteps == 0:
        raise ValueError("pad_sequences needs at least one sequence that is not empty.")
    padded = np.full((len(arrays), n_timesteps, widths.pop()), np.nan, dtype=dtype)
    for row, array in zip(padded, arrays, strict=True):
        if len(array):
            row[-len(array) :] = array
    return padded
