"""Checks of sequences and targets: shapes, the rules for NaN, and their messages.

The functions here are pure: they look at what a user passed, return arrays and
change nothing, so that a failed check leaves an estimator as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_array
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

# Rows are scanned for NaN in blocks of about this many values, so that the
# boolean mask of a large strided view stays small.
_BLOCK_VALUES = 1 << 20


@dataclass(frozen=True)
class Sequences:
    """Sequences of one batch of rows, with their true lengths.

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_timesteps, n_features)
        Floating-point values. Steps before the first real one are NaN.
    lengths : ndarray of shape (n_samples,)
        Number of real steps of each row, counted from the end.
    ndim : {2, 3}
        Number of dimensions of the array that the user passed.
    """

    values: NDArray[Any]
    lengths: NDArray[np.intp]
    ndim: int

    @property
    def n_features_in(self) -> int:
        """Number of features as scikit-learn counts them (columns of 2-D input)."""
        return int(self.values.shape[1 if self.ndim == 2 else 2])


def check_sequences(X: ArrayLike, *, owner: str) -> Sequences:
    """Check input of an estimator and find where each sequence starts.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_timesteps, n_features) or \
            (n_samples, n_timesteps)
        Sequences. 2-D input holds univariate sequences, one column a step. In
        3-D input, leading steps that are NaN in every feature are padding.
    owner : str
        Name of the estimator, for the messages.

    Returns
    -------
    Sequences
        No copy is made where `X` is a floating-point array already.

    Raises
    ------
    ValueError
        If `X` is ragged, empty, not 2-D or 3-D, or has NaN anywhere but in
        front, or infinity anywhere.
    """
    check_not_ragged(X, owner=owner)
    array = check_array(
        X,
        dtype=[np.float64, np.float32],
        allow_nd=True,
        ensure_all_finite=False,
        ensure_min_features=0,
        estimator=owner,
        input_name="X",
    )
    if array.ndim > 3:
        raise ValueError(
            f"{owner} expects X of shape (n_samples, n_timesteps, n_features), or "
            f"(n_samples, n_timesteps) for univariate sequences, but found an array "
            f"with dim {array.ndim} of shape {array.shape}. Reshape the trailing "
            "axes into one axis of features."
        )
    axes = ("feature(s)",) if array.ndim == 2 else ("time step(s)", "feature(s)")
    for size, name in zip(array.shape[1:], axes, strict=True):
        if size == 0:
            raise ValueError(
                f"Found array with 0 {name} (shape={array.shape}) while a minimum of 1 is "
                f"required by {owner}."
            )
    if array.ndim == 2:
        check_finite(array, name="X", owner=owner)
        n_samples, n_timesteps = array.shape
        return Sequences(
            array[:, :, np.newaxis], np.full(n_samples, n_timesteps, dtype=np.intp), ndim=2
        )
    return Sequences(array, _sequence_lengths(array, owner=owner), ndim=3)


def remember_features(estimator: Any, X: ArrayLike, sequences: Sequences) -> None:
    """Set on an estimator what :func:`check_same_features` compares with."""
    # ensure_2d=False: scikit-learn would count the time steps of 3-D input.
    validate_data(estimator, X, skip_check_array=True, ensure_2d=False, reset=True)
    estimator.n_features_in_ = sequences.n_features_in
    estimator._x_ndim = sequences.ndim


def check_same_features(estimator: Any, X: ArrayLike, sequences: Sequences) -> None:
    """Raise if X has other features than those that an estimator was fitted on."""
    validate_data(estimator, X, skip_check_array=True, ensure_2d=False, reset=False)
    owner = type(estimator).__name__
    if sequences.ndim != estimator._x_ndim:
        raise ValueError(
            f"{owner} was fitted on {estimator._x_ndim}-D X, but X is {sequences.ndim}-D now. "
            "Bring it into the same form as in fit."
        )
    if sequences.n_features_in != estimator.n_features_in_:
        raise ValueError(
            f"X has {sequences.n_features_in} features, but {owner} is expecting "
            f"{estimator.n_features_in_} features as input."
        )


def check_fitted_input(estimator: Any, X: ArrayLike) -> Sequences:
    """Check what a fitted estimator is to predict from.

    Raises
    ------
    NotFittedError
        If the estimator is not fitted.
    ValueError
        If `X` is malformed, or has other features than in fit.
    """
    check_is_fitted(estimator)
    sequences = check_sequences(X, owner=type(estimator).__name__)
    check_same_features(estimator, X, sequences)
    return sequences


_STEPS = {"horizon": "horizon", "input": "n_timesteps"}


def _other_architecture(steps: str | None, ndim: int) -> str:
    """Say which architecture takes targets of another dimension, if one does."""
    if steps is None and ndim == 3:
        return "Targets of several steps and outputs need architecture='encoder-decoder'."
    if steps is not None and ndim == 1:
        return "A single step needs architecture='many-to-one'."
    return "Reshape it."


@dataclass(frozen=True)
class Targets:
    """Targets in the shape that the networks give, and the shape they came in.

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_outputs) or (n_samples, n_steps, n_outputs)
        Floating-point values.
    has_outputs : bool
        Whether the user's array has the axis of outputs.
    """

    values: NDArray[Any]
    has_outputs: bool


def check_targets(
    y: ArrayLike,
    sequences: Sequences,
    *,
    steps: str | None,
    dtype: np.dtype[Any],
    owner: str,
    name: str = "y",
) -> Targets:
    """Check the targets of a network.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, n_outputs); with time steps \
            (n_samples, n_steps) or (n_samples, n_steps, n_outputs)
        Targets.
    sequences : Sequences
        The rows that they belong to.
    steps : {None, "horizon", "input"}
        Whether the targets have time steps: none, those of the horizon, or those of
        the input, padding included.
    dtype : numpy dtype
        Floating-point type to return.
    owner, name : str
        Names of the estimator and of the argument, for the messages.

    Returns
    -------
    Targets

    Raises
    ------
    ValueError
        If `y` has another length or other axes, or values that are not finite.
    """
    if y is None:
        raise ValueError(
            f"{owner} requires y to be passed, but the target y is None. Pass one target "
            "for each row of X, e.g. from skrnn.make_supervised."
        )
    array = check_array(
        y,
        dtype=dtype,
        ensure_2d=False,
        allow_nd=True,
        ensure_all_finite=False,
        ensure_min_samples=0,
        estimator=owner,
        input_name=name,
    )
    n_samples, n_timesteps = sequences.values.shape[:2]
    n_axes = 1 if steps is None else 2
    if array.ndim not in (n_axes, n_axes + 1) or 0 in array.shape[1:]:
        axes = "n_samples" if steps is None else f"n_samples, {_STEPS[steps]}"
        raise ValueError(
            f"{owner} expects {name} of shape ({axes}{',' * (steps is None)}) or ({axes}, "
            f"n_outputs), but found shape {array.shape}. "
            f"{_other_architecture(steps, array.ndim)}"
        )
    if len(array) != n_samples:
        raise ValueError(
            f"X and {name} must have one row each for every sample, but found input "
            f"variables with inconsistent numbers of samples: {[n_samples, len(array)]}."
        )
    if steps == "input" and array.shape[1] != n_timesteps:
        raise ValueError(
            f"{owner} with architecture='many-to-many' expects a target at each of the "
            f"{n_timesteps} time steps of X, but {name} has {array.shape[1]}. For a horizon of "
            "another length use architecture='encoder-decoder'."
        )
    values = array if array.ndim > n_axes else array[..., np.newaxis]
    if steps == "input":
        is_real = is_real_step(sequences.lengths, n_timesteps)
        values = np.where(is_real[:, :, np.newaxis], values, values.dtype.type(0))
        array = values.reshape(array.shape)
    check_finite(array, name=name, owner=owner)
    return Targets(values, has_outputs=array.ndim > n_axes)


def check_weights(
    sample_weight: ArrayLike | None, sequences: Sequences, *, owner: str
) -> NDArray[Any] | None:
    """Check sample weights: finite, none negative, not all zero.

    Parameters
    ----------
    sample_weight : array-like of shape (n_samples,), float or None
        Weight of each row; None means one.
    sequences : Sequences
        The rows that are weighted.
    owner : str
        Name of the estimator, for the messages.

    Returns
    -------
    ndarray of shape (n_samples,) or None
    """
    if sample_weight is None:
        return None
    weight = _check_sample_weight(
        sample_weight,
        sequences.values[:, 0],
        dtype=sequences.values.dtype,
        ensure_non_negative=True,
    )
    if not weight.any():
        raise ValueError(
            f"Sample weights of {owner} must contain at least one positive number, but all "
            f"{len(weight)} are zero."
        )
    return weight


def integer_at_least(lowest: int, **parameter: Any) -> int:
    """Return a parameter, passed by its name, as an int; raise if it is none or too small."""
    ((name, value),) = parameter.items()
    if isinstance(value, bool) or not isinstance(value, Integral) or value < lowest:
        raise ValueError(f"{name} must be an integer of at least {lowest}, but is {value!r}.")
    return int(value)


def check_finite(array: NDArray[Any], *, name: str, owner: str) -> None:
    """Raise if `array` holds NaN or infinity, and say where the first one is."""
    if all_finite(array):
        return
    bad = np.argwhere(~np.isfinite(array))[0]
    raise ValueError(_non_finite_message(array, tuple(bad), name=name, owner=owner))


def all_finite(array: NDArray[Any]) -> bool:
    """Whether no value is NaN or infinite, without a mask in the common case."""
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(np.sum(array)):
            return True
    return all(bool(np.isfinite(array[rows]).all()) for rows in row_blocks(array))


def row_blocks(array: NDArray[Any]) -> list[slice]:
    """Slices of rows that hold about a million values each."""
    values_per_row = max(1, int(np.prod(array.shape[1:])))
    step = max(1, _BLOCK_VALUES // values_per_row)
    return [slice(start, start + step) for start in range(0, len(array), step)]


def is_real_step(lengths: NDArray[np.intp], n_timesteps: int) -> NDArray[np.bool_]:
    """Return which of the steps (N, T) of front-padded sequences are real."""
    return np.arange(n_timesteps) >= n_timesteps - lengths[:, np.newaxis]


def n_padded_steps(block: NDArray[Any]) -> NDArray[np.intp]:
    """Count the leading steps that are NaN in every feature, for each row of 3-D input."""
    padded = np.isnan(block).all(axis=2)
    first_real = (~padded).argmax(axis=1)
    return np.where(padded.all(axis=1), block.shape[1], first_real).astype(np.intp)


def _sequence_lengths(array: NDArray[Any], *, owner: str) -> NDArray[np.intp]:
    """Lengths of front-padded 3-D sequences; NaN or infinity elsewhere raises."""
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
            raise ValueError(_non_finite_message(array, where, name="X", owner=owner))
    return lengths


def _non_finite_message(
    array: NDArray[Any], where: tuple[int, ...], *, name: str, owner: str
) -> str:
    value = array[where]
    axes = {
        1: ("row",),
        2: ("row", "column"),
        3: ("row", "step", "feature"),
    }[array.ndim]
    place = ", ".join(f"{axis} {int(i)}" for axis, i in zip(axes, where, strict=True))
    if not np.isnan(value):
        return (
            f"Input {name} of {owner} contains infinity or a value too large for "
            f"{array.dtype}: {value} at {place}. Remove or clip it."
        )
    message = f"Input {name} of {owner} contains NaN at {place}."
    if array.ndim == 3:
        return (
            f"{message} NaN is padding only in front of a window, in whole time steps. Fill "
            "missing values before windowing, e.g. with sklearn.impute.SimpleImputer or "
            "pandas' interpolate."
        )
    if name == "X":
        return (
            f"{message} Fill missing values, e.g. with sklearn.impute.SimpleImputer; shorter "
            "sequences are padded with NaN in front in 3-D input, see skrnn.pad_sequences."
        )
    return f"{message} Leave out the rows whose target is missing, or fill it."


def check_not_ragged(X: Any, *, owner: str) -> None:
    """Point to pad_sequences where a list or column holds sequences of several lengths."""
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
