"""Checks of targets and sample weights."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import _check_sample_weight

from .finite import check_finite
from .numbers import check_numbers, check_range, check_squares
from .row_order import check_row_order
from .sequences import Sequences, is_real_step


@dataclass(frozen=True)
class Targets:
    """Targets in the shape that the networks give, and the shape they came in.

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_outputs) or (n_samples, n_steps, n_outputs)
        Floating-point values.
    ndim : int
        Number of axes of the user's array. The last axes of the values, which it lacks, have
        the length 1.
    """

    values: NDArray[Any]
    ndim: int

    @property
    def row_shape(self) -> tuple[int, ...]:
        """Shape of the user's target of a row."""
        return self.values.shape[1 : self.ndim]

    @property
    def flat(self) -> NDArray[Any]:
        """Values of shape (n_samples, n_numbers), a column for each number of a row's target."""
        return self.values.reshape(len(self.values), -1)


_STEPS = {"horizon": "horizon", "input": "n_timesteps"}


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
        Targets. A horizon of one step may be of shape (n_samples,).
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
        If `y` has another length or other axes, values that are not finite, or the labels of
        `X` in another order.
    """
    if y is None:
        raise ValueError(
            f"{owner} requires y to be passed, but the target y is None. Pass one target "
            "for each row of X, e.g. from skrnn.make_supervised."
        )
    array = check_numbers(
        y, name=name, owner=owner, ensure_2d=False, allow_nd=True, ensure_min_samples=0
    )
    check_range(array, dtype, name=name, owner=owner)
    array = array.astype(dtype, copy=False)
    n_samples, n_timesteps = sequences.values.shape[:2]
    n_axes = 1 if steps is None else 2
    fewest = 2 if steps == "input" else 1
    if not fewest <= array.ndim <= n_axes + 1 or 0 in array.shape[1:]:
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
    values = array.reshape(*array.shape, *[1] * (n_axes + 1 - array.ndim))
    if steps == "input":
        is_real = is_real_step(sequences.lengths, n_timesteps)
        values = np.where(is_real[:, :, np.newaxis], values, values.dtype.type(0))
        array = values.reshape(array.shape)
    check_finite(array, name=name, owner=owner)
    check_row_order(sequences.index, y, name=name)
    return Targets(values, array.ndim)


def check_outputs(
    y: ArrayLike, sequences: Sequences, *, dtype: np.dtype[Any], owner: str
) -> tuple[Targets, str | None]:
    """Check targets of one to three dimensions, and tell whether they have time steps.

    Sequences and targets must be of a size whose square is a number.

    Parameters
    ----------
    y : array-like of shape (n_samples,), (n_samples, n_outputs) or \
            (n_samples, n_steps, n_outputs)
        Targets.
    sequences, dtype, owner
        As in :func:`check_targets`.

    Returns
    -------
    targets : Targets
    steps : {None, "horizon"}
    """
    steps = None if _n_axes(y) < 3 else "horizon"
    targets = check_targets(y, sequences, steps=steps, dtype=dtype, owner=owner)
    check_range(targets.values, sequences.values.dtype, name="y", owner=owner)
    check_squares(sequences.values, name="X", owner=owner)
    check_squares(targets.values, name="y", owner=owner)
    return targets, steps


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
    name = "sample_weight"
    if not isinstance(sample_weight, Real):
        check_row_order(sequences.index, sample_weight, name=name)
        sample_weight = check_numbers(
            sample_weight, name=name, owner=owner, ensure_2d=False, allow_nd=True
        )
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
    check_squares(weight, name=name, owner=owner)
    return weight


def _n_axes(y: Any) -> int:
    """Return the number of dimensions of targets; 0 if no array can be made of them."""
    try:
        return np.ndim(y)
    except (TypeError, ValueError, RuntimeError):
        return 0


def _other_architecture(steps: str | None, ndim: int) -> str:
    """Say which architecture takes targets of another dimension, if one does."""
    if steps is None and ndim == 3:
        return "Targets of several steps and outputs need architecture='encoder-decoder'."
    if steps == "input" and ndim == 1:
        return "A single step needs architecture='many-to-one'."
    return "Reshape it."
