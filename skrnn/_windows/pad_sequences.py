"""One array of sequences of unequal lengths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skrnn._validation.parameters import integer_at_least

Arrays = NDArray[Any]


def pad_sequences(
    sequences: Sequence[ArrayLike], *, max_length: int | None = None, dtype: Any = None
) -> Arrays:
    """Return sequences of unequal lengths as one array, padded with NaN in front.

    Parameters
    ----------
    sequences : list of array-like of shape (length_i,) or (length_i, n_features)
        The sequences, oldest step first. A 1-D sequence has one feature. An empty
        sequence becomes padding.
    max_length : int, default=None
        Number of steps to keep of each sequence, the newest ones. None: all.
    dtype : numpy dtype, default=None
        Floating-point type of the result. None: float32 if all sequences that are not
        empty are float32, else float64.

    Returns
    -------
    ndarray of shape (n_sequences, n_timesteps, n_features)
        ``n_timesteps`` is the length of the longest sequence.

    Raises
    ------
    ValueError
        If there is no sequence, all are empty, the numbers of features differ, a
        sequence is not 1-D or 2-D, or `dtype` is not a floating-point type.

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
        raise ValueError(
            f"dtype must be a floating-point type, which can hold NaN, but is {dtype!r}."
        )
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
            f"All sequences must have the same number of features, but found {sorted(widths)}. "
            "Give each step of each sequence the same features."
        )
    n_timesteps = max(len(a) for a in arrays)
    if n_timesteps == 0:
        raise ValueError("pad_sequences needs a sequence that is not empty, but all are empty.")
    padded = np.full((len(arrays), n_timesteps, widths.pop()), np.nan, dtype=dtype)
    for row, array in zip(padded, arrays, strict=True):
        if len(array):
            row[-len(array) :] = array
    return padded
