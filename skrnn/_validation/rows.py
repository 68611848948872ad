"""Rows to learn from: sequences with their targets and weights."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .sequences import Sequences, check_sequences
from .targets import Targets, check_targets

Arrays = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Rows:
    """Front-padded sequences with their targets and weights.

    Parameters
    ----------
    X : ndarray of shape (N, T, F)
        Sequences. May be a read-only or overlapping view; it is never written to.
    lengths : ndarray of shape (N,)
        Number of real steps of each sequence. They are its last ones.
    y : ndarray of shape (N, ...), default=None
        Targets.
    weight : ndarray of shape (N,), default=None
        Sample weights.
    """

    X: Arrays
    lengths: NDArray[np.intp]
    y: Any = None
    weight: Arrays | None = None

    def __len__(self) -> int:
        return len(self.X)

    def __getitem__(self, index: slice | Arrays) -> Rows:
        """Return some of the rows, by slice, mask or positions."""
        y, weight = (None if v is None else v[index] for v in (self.y, self.weight))
        return Rows(self.X[index], self.lengths[index], y, weight)

    def usable(self) -> Rows:
        """Return the rows that have a real step and a weight above zero."""
        used = self.lengths > 0
        if self.weight is not None:
            used = used & (self.weight > 0)
        return self if used.all() else self[used]


def training_rows(
    sequences: Sequences, targets: Targets, weight: Arrays | None, *, owner: str
) -> Rows:
    """Return the rows that have a real step and a weight above zero; there must be one.

    Parameters
    ----------
    sequences, targets : Sequences, Targets
    weight : ndarray of shape (n_samples,) or None
        Sample weights.
    owner : str
        Name of the estimator, for the message.

    Returns
    -------
    Rows
    """
    rows = Rows(sequences.values, sequences.lengths, targets.values, weight).usable()
    if not len(rows):
        raise ValueError(
            f"{owner} found no row to learn from: all {len(targets.values)} rows of X are nothing "
            "but padding or have weight zero. If X comes from SlidingWindowTransformer, "
            "min_periods may be longer than the series."
        )
    return rows


def validation_rows(
    X_val: ArrayLike | None,
    y_val: ArrayLike | None,
    sequences: Sequences,
    targets: Targets,
    *,
    steps: str | None,
    owner: str,
) -> Rows | None:
    """Return the validation rows that a user passed, None if there are none.

    Parameters
    ----------
    X_val, y_val : array-like or None
        As `X` and `y` in ``fit``.
    sequences, targets : Sequences, Targets
        The training input, whose features and outputs they must have.
    steps : {None, "horizon", "input"}
        Time steps of the targets.
    owner : str
        Name of the estimator, for the messages.

    Returns
    -------
    Rows or None
    """
    if X_val is None and y_val is None:
        return None
    if X_val is None or y_val is None:
        missing = "X_val" if X_val is None else "y_val"
        raise ValueError(f"X_val and y_val go together, but {missing} is None. Pass both.")
    given = check_sequences(X_val, owner=owner, name="X_val")
    if given.ndim != sequences.ndim or given.n_features_in != sequences.n_features_in:
        raise ValueError(
            f"X_val must have the features of X, but X_val has {given.n_features_in} features in "
            f"{given.ndim} dimensions, and X {sequences.n_features_in} in {sequences.ndim}."
        )
    if (
        given.columns is not None
        and sequences.columns is not None
        and not given.columns.equals(sequences.columns)
    ):
        raise ValueError(
            f"X_val must have the columns of X in the same order, but X_val has "
            f"{list(given.columns)}, and X {list(sequences.columns)}. Pass X_val[X.columns]."
        )
    y_given = check_targets(
        y_val, given, steps=steps, dtype=targets.values.dtype, owner=owner, name="y_val"
    )
    # With the steps of the input, X and X_val may have different numbers of them.
    compared = slice(2, None) if steps == "input" else slice(1, None)
    if y_given.values.shape[compared] != targets.values.shape[compared]:
        raise ValueError(
            f"y_val must have the outputs of y, but y_val has shape {np.shape(y_val)}, and the "
            f"target of a row of y has shape {targets.values.shape[1:]}."
        )
    rows = Rows(given.values, given.lengths, y_given.values).usable()
    if not len(rows):
        raise ValueError("X_val holds nothing but padding: there is no row to validate on.")
    return rows


def warn_if_validation_is_far(y: Arrays, y_val: Arrays, *, owner: str) -> None:
    """Warn if validation targets are in other units than the targets.

    Parameters
    ----------
    y, y_val : ndarray of shape (N, ...)
        Targets and validation targets. They are taken to be in other units if all of `y_val` lies
        outside `y` by three times its range.
    owner : str
        Name of the estimator, for the message.
    """
    low, high, low_val, high_val = float(y.min()), float(y.max()), y_val.min(), y_val.max()
    margin = 3 * (high - low)
    if margin > 0 and (low_val > high + margin or high_val < low - margin):
        warnings.warn(
            f"y_val of {owner} is far from y: y is between {low:.4g} and {high:.4g}, and y_val "
            f"between {low_val:.4g} and {high_val:.4g}. Scale both alike. "
            "TransformedTargetRegressor does not transform y_val; with it, use early_stopping "
            "with validation_fraction.",
            UserWarning,
            stacklevel=5,
        )
