"""Checks of sequences: shapes, padding, and the features of a fitted estimator.

Checks do not change the estimator. Only `remember_features` does.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted, validate_data

from .finite import all_finite, check_finite, non_finite_message, row_blocks
from .numbers import check_numbers
from .step_columns import warn_if_features


@dataclass(frozen=True)
class Sequences:
    """Sequences with their lengths.

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_timesteps, n_features)
        Floating-point values. Steps before the first real one are NaN.
    lengths : ndarray of shape (n_samples,)
        Number of real steps of each row, counted from the end.
    ndim : {2, 3}
        Number of dimensions of the array that the user passed.
    index, columns : pandas.Index or None
        Those of the user's table, if it was one of pandas.
    """

    values: NDArray[Any]
    lengths: NDArray[np.intp]
    ndim: int
    index: Any = None
    columns: Any = None

    @property
    def n_features_in(self) -> int:
        """Number of features as scikit-learn counts them (columns of 2-D input)."""
        return int(self.values.shape[1 if self.ndim == 2 else 2])


def check_sequences(X: ArrayLike, *, owner: str, name: str = "X") -> Sequences:
    """Check input of an estimator and find where each sequence starts.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_timesteps, n_features) or \
            (n_samples, n_timesteps)
        Sequences. 2-D input holds univariate sequences, with one column for each step. In
        3-D input, leading steps that are NaN in every feature are padding.
    owner, name : str
        Names of the estimator and of the argument, for the messages.

    Returns
    -------
    Sequences
        `X` is not copied if it is a floating-point array.

    Raises
    ------
    ValueError
        If `X` is ragged, empty, not 2-D or 3-D, or if it has infinity, or NaN that is not
        padding in front.
    """
    check_not_ragged(X, owner=owner)
    array = check_numbers(X, name=name, owner=owner, allow_nd=True, ensure_min_features=0)
    if array.ndim > 3:
        raise ValueError(
            f"{owner} expects {name} of shape (n_samples, n_timesteps, n_features), or "
            f"(n_samples, n_timesteps) for univariate sequences, but found an array "
            f"with dim {array.ndim} of shape {array.shape}. Reshape the trailing "
            "axes into one axis of features."
        )
    axes = ("feature(s)",) if array.ndim == 2 else ("time step(s)", "feature(s)")
    for size, axis in zip(array.shape[1:], axes, strict=True):
        if size == 0:
            raise ValueError(
                f"Found array with 0 {axis} (shape={array.shape}) while a minimum of 1 is "
                f"required by {owner}."
            )
    if array.ndim == 2:
        check_finite(array, name=name, owner=owner)
        lengths = np.full(len(array), array.shape[1], dtype=np.intp)
        labels = [getattr(X, name) if hasattr(X, "iloc") else None for name in ("index", "columns")]
        return Sequences(array[:, :, np.newaxis], lengths, 2, *labels)
    return Sequences(array, _sequence_lengths(array, name=name, owner=owner), ndim=3)


def remember_features(estimator: Any, X: ArrayLike, sequences: Sequences) -> None:
    """Set the attributes of an estimator with which :func:`check_same_features` compares.

    Warn if columns that are read as time steps have the names of features.
    """
    warn_if_features(X, owner=type(estimator).__name__)
    # ensure_2d=False: scikit-learn would count the time steps of 3-D input.
    validate_data(estimator, X, skip_check_array=True, ensure_2d=False, reset=True)
    estimator.n_features_in_ = sequences.n_features_in
    estimator._x_ndim = sequences.ndim


def check_same_features(estimator: Any, X: ArrayLike, sequences: Sequences) -> None:
    """Raise if X has other features than those that an estimator was fitted on."""
    validate_data(estimator, X, skip_check_array=True, ensure_2d=False, reset=False)
    owner = type(estimator).__name__
    if sequences.ndim != estimator._x_ndim:
        single = " A single window is window[np.newaxis]." if sequences.ndim == 2 else ""
        raise ValueError(
            f"{owner} was fitted on {estimator._x_ndim}-D X, but X is {sequences.ndim}-D now. "
            f"Bring it into the same form as in fit.{single}"
        )
    if sequences.n_features_in != estimator.n_features_in_:
        raise ValueError(
            f"X has {sequences.n_features_in} features, but {owner} is expecting "
            f"{estimator.n_features_in_} features as input."
        )


def check_fitted_input(estimator: Any, X: ArrayLike) -> Sequences:
    """Check the input of `predict`.

    Raises
    ------
    NotFittedError
        If the estimator is not fitted.
    ValueError
        If `X` is not valid, or has other features than in fit.

    Warns
    -----
    UserWarning
        If `X` is nothing but padding.
    """
    check_is_fitted(estimator)
    owner = type(estimator).__name__
    sequences = check_sequences(X, owner=owner)
    check_same_features(estimator, X, sequences)
    if not sequences.lengths.any():
        warnings.warn(
            f"{owner} has nothing to predict from: all {len(sequences.lengths)} rows of X are "
            "nothing but padding (NaN). If X comes from SlidingWindowTransformer, pass it more "
            "rows of the past.",
            UserWarning,
            stacklevel=3,
        )
    return sequences


def check_n_timesteps(windows: NDArray[Any], n_needed: int, *, what: str, cure: str) -> None:
    """Raise if windows of shape (N, T, F) are shorter than something needs."""
    n_samples, n_timesteps, n_features = windows.shape
    if n_timesteps < n_needed:
        raise ValueError(
            f"{what} needs windows of at least {n_needed} time steps, but those of X have "
            f"{n_timesteps} (n_samples={n_samples}, n_timesteps={n_timesteps}, "
            f"n_features={n_features}). Make the lookback longer, or {cure}."
        )


def is_real_step(lengths: NDArray[np.intp], n_timesteps: int) -> NDArray[np.bool_]:
    """Return which of the steps (N, T) of front-padded sequences are real."""
    return np.arange(n_timesteps) >= n_timesteps - lengths[:, np.newaxis]


def n_padded_steps(block: NDArray[Any]) -> NDArray[np.intp]:
    """Count the leading steps that are NaN in every feature, for each row of 3-D input."""
    padded = np.isnan(block).all(axis=2)
    first_real = (~padded).argmax(axis=1)
    return np.where(padded.all(axis=1), block.shape[1], first_real).astype(np.intp)


def _sequence_lengths(array: NDArray[Any], *, name: str, owner: str) -> NDArray[np.intp]:
    """Return the lengths of front-padded 3-D sequences. Raise if NaN or infinity is elsewhere."""
    n_samples, n_timesteps, n_features = array.shape
    lengths = np.full(n_samples, n_timesteps, dtype=np.intp)
    if all_finite(array):
        return lengths
    for rows in row_blocks(array):
        block = array[rows]
        lengths[rows] -= n_padded_steps(block)
        n_finite = np.isfinite(block).sum(axis=(1, 2))
        wrong = np.flatnonzero(n_finite != lengths[rows] * n_features)
        if len(wrong):
            row = int(wrong[0])
            first = n_timesteps - int(lengths[rows][row])
            step, feature = np.argwhere(~np.isfinite(block[row, first:]))[0]
            where = (rows.start + row, first + int(step), int(feature))
            raise ValueError(non_finite_message(array, where, name=name, owner=owner))
    return lengths


def check_not_ragged(X: Any, *, owner: str) -> None:
    """Raise if X is a list or column of sequences of several lengths."""
    if not isinstance(X, list | tuple) and getattr(X, "dtype", None) != np.dtype(object):
        return
    if getattr(X, "ndim", 1) != 1:
        return
    lengths = {len(item) for item in X if hasattr(item, "__len__") and not isinstance(item, str)}
    if len(lengths) > 1:
        raise ValueError(
            f"{owner} got a list of sequences of unequal lengths, from {min(lengths)} to "
            f"{max(lengths)} steps. Make one array of them with skrnn.pad_sequences(X)."
        )
