"""Training and validation rows: made once from what the user passed, then only read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skrnn._validation.sequences import Sequences, check_sequences
from skrnn._validation.targets import Targets, check_targets

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
    y : ndarray of shape (N, K) or (N, S, K), default=None
        Targets.
    weight : ndarray of shape (N,), default=None
        Sample weights with mean one.
    """

    X: Arrays
    lengths: NDArray[np.intp]
    y: Arrays | None = None
    weight: Arrays | None = None

    def __len__(self) -> int:
        return len(self.X)

    def __getitem__(self, index: slice | Arrays) -> Rows:
        """Return some of the rows, by slice, mask or positions."""
        return Rows(
            self.X[index],
            self.lengths[index],
            None if self.y is None else self.y[index],
            None if self.weight is None else self.weight[index],
        )

    def usable(self) -> Rows:
        """Return the rows that have a real step and a weight above zero.

        Their weights are scaled to mean one.
        """
        used = self.lengths > 0
        if self.weight is not None:
            used = used & (self.weight > 0)
        rows = self if used.all() else self[used]
        if rows.weight is None or not len(rows):
            return rows
        # Divide by the maximum first: the sum of large weights may overflow.
        relative = rows.weight / rows.weight.max()
        return Rows(rows.X, rows.lengths, rows.y, relative / relative.mean())


@dataclass(frozen=True, eq=False)
class Split:
    """The rows to learn from, and the rows on which the loss is watched.

    Parameters
    ----------
    training : Rows
    validation : Rows or None
        None if no rows are watched.
    """

    training: Rows
    validation: Rows | None


def make_split(
    sequences: Sequences,
    targets: Targets,
    weight: Arrays | None,
    X_val: ArrayLike | None,
    y_val: ArrayLike | None,
    *,
    held_out: float | None,
    steps: str | None,
    owner: str,
) -> Split:
    """Return training and validation rows.

    The validation rows are `X_val` and `y_val` if they are given, else the last rows of the
    sequences if a share of them is to be held out, else none.

    Parameters
    ----------
    sequences, targets : Sequences, Targets
        In chronological order.
    weight : ndarray of shape (n_samples,) or None
        Sample weights.
    X_val, y_val : array-like or None
        Validation rows that the user passed.
    held_out : float in (0, 1) or None
        Share of the rows to hold out for validation where `X_val` is None.
    steps : {None, "horizon", "input"}
        Time steps of the targets.
    owner : str
        Name of the estimator, for the messages.

    Returns
    -------
    Split
        Without rows that are nothing but padding, or have weight zero.

    Raises
    ------
    ValueError
        If there is no training row or no validation row, or if `X_val` and `y_val` do not fit
        the sequences and targets.
    """
    rows = Rows(sequences.values, sequences.lengths, targets.values, weight).usable()
    if not len(rows):
        raise ValueError(
            f"{owner} found no row to learn from: all {len(targets.values)} rows of X are nothing "
            "but padding or have weight zero. If X comes from SlidingWindowTransformer, "
            "min_periods may be longer than the series."
        )
    if X_val is not None or y_val is not None:
        validation = _check_validation(X_val, y_val, sequences, targets, steps=steps, owner=owner)
        return Split(rows, validation)
    return Split(rows, None) if held_out is None else _hold_out_tail(rows, held_out)


def _hold_out_tail(rows: Rows, fraction: float) -> Split:
    """Hold out the last rows, which are the newest of a series; their number is rounded up."""
    n_validation = int(np.ceil(fraction * len(rows)))
    n_training = len(rows) - n_validation
    if n_training < 1:
        raise ValueError(
            f"early_stopping needs rows for training and for validation, but "
            f"validation_fraction={fraction} of n_samples={len(rows)} usable row(s) leaves "
            f"{n_training} for training. Pass X_val and y_val, lower validation_fraction, or set "
            "early_stopping=False."
        )
    return Split(rows[:n_training].usable(), rows[n_training:].usable())


def _check_validation(
    X_val: ArrayLike | None,
    y_val: ArrayLike | None,
    sequences: Sequences,
    targets: Targets,
    *,
    steps: str | None,
    owner: str,
) -> Rows:
    """Check that validation rows have the features and outputs of the training rows."""
    if X_val is None or y_val is None:
        missing = "X_val" if X_val is None else "y_val"
        raise ValueError(f"X_val and y_val go together, but {missing} is None. Pass both.")
    given = check_sequences(X_val, owner=owner)
    if given.ndim != sequences.ndim or given.n_features_in != sequences.n_features_in:
        raise ValueError(
            f"X_val must have the features of X, but X_val has {given.n_features_in} features in "
            f"{given.ndim} dimensions, and X {sequences.n_features_in} in {sequences.ndim}."
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
