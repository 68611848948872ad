"""One array of sequences of unequal lengths."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from skrnn._validation.numbers import check_numbers
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
    TypeError
        If `sequences` is a table, a dict or text, whose items are names.
    ValueError
        If there is no sequence, all are empty, the numbers or names of features differ, a
        sequence is not 1-D or 2-D or holds what is no number, or `dtype` is not a
        floating-point type.

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
    is_of_names = isinstance(sequences, str | bytes | dict | pd.DataFrame)
    if is_of_names or hasattr(sequences, "ngroups") or not isinstance(sequences, Iterable):
        raise TypeError(
            f"sequences must be a list of sequences, but is a {type(sequences).__name__}. Of a "
            "table, pass [rows for _, rows in table.groupby(...)]; of a dict, list(d.values())."
        )
    items: list[Any] = list(sequences)
    if not items:
        raise ValueError("pad_sequences needs at least one sequence, but the list is empty.")
    arrays = [_as_numbers(item, i) for i, item in enumerate(items)]
    tables = [i for i, item in enumerate(items) if isinstance(item, pd.DataFrame)]
    for i in tables[1:]:
        names, first = list(items[i].columns), list(items[tables[0]].columns)
        if names != first:
            raise ValueError(
                f"All sequences must have the same columns in one order, but sequence {i} has "
                f"{names}, and sequence {tables[0]} has {first}. Pass table[{first}] of each."
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


def _as_numbers(sequence: Any, i: int) -> Arrays:
    """Return a sequence as an array of numbers with one or two axes."""
    if type(sequence) is list:
        with suppress(ValueError):  # of unequal lengths, which the check says
            sequence = np.asarray(sequence)
    if type(sequence) is not np.ndarray or sequence.dtype.kind not in "fiu":
        options: dict[str, Any] = {"ensure_min_samples": 0, "ensure_min_features": 0}
        options |= {"ensure_2d": False, "allow_nd": True}
        if not np.isscalar(sequence):
            sequence = check_numbers(sequence, name=f"sequence {i}", owner=None, **options)
    if np.ndim(sequence) not in (1, 2):
        raise ValueError(
            f"Each sequence must have shape (length,) or (length, n_features), but sequence {i} "
            f"has shape {np.shape(sequence)}."
        )
    return sequence
