"""From checked arrays to the rows that a network learns from and is validated on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skrnn._recurrent._training.batches import Rows
from skrnn._validation.sequences import Sequences, check_sequences
from skrnn._validation.targets import Targets, check_targets

Arrays = NDArray[Any]


def training_rows(
    sequences: Sequences, targets: Targets, weight: Arrays | None, *, owner: str
) -> Rows:
    """Return the rows one can learn from; none at all is an error.

    Parameters
    ----------
    sequences : Sequences
    targets : Targets
    weight : ndarray of shape (n_samples,) or None
    owner : str
        Name of the estimator, for the message.

    Returns
    -------
    Rows
        Without those that are nothing but padding or have weight zero.
    """
    rows = Rows(sequences.values, sequences.lengths, targets.values, weight).usable()
    if not len(rows):
        raise ValueError(
            f"{owner} found no row to learn from: all {len(targets.values)} rows of X are nothing "
            "but padding or have weight zero. If X comes from SlidingWindowTransformer, "
            "min_periods may be longer than the series."
        )
    return rows


def hold_out_tail(rows: Rows, fraction: float) -> Rows:
    """Split off the last rows, the newest of a series, for validation.

    Parameters
    ----------
    rows : Rows
        Rows in chronological order.
    fraction : float in (0, 1)
        Share of the rows to hold out, rounded up.

    Returns
    -------
    Rows
        The earlier rows, with the later ones as their validation rows.

    Raises
    ------
    ValueError
        If no row is left for training.
    """
    n_validation = int(np.ceil(fraction * len(rows)))
    n_training = len(rows) - n_validation
    if n_training < 1:
        raise ValueError(
            f"early_stopping needs rows for training and for validation, but "
            f"validation_fraction={fraction} of n_samples={len(rows)} usable row(s) leaves "
            f"{n_training} for training. Pass X_val and y_val, lower validation_fraction, or set "
            "early_stopping=False."
        )
    training = rows[:n_training].usable()
    training.validation = rows[n_training:].usable()
    return training


def with_validation(
    rows: Rows,
    X_val: ArrayLike | None,
    y_val: ArrayLike | None,
    sequences: Sequences,
    targets: Targets,
    *,
    steps: str | None,
    owner: str,
) -> None:
    """Check the validation rows that a user passed, and attach them.

    Parameters
    ----------
    rows : Rows
        The training rows.
    X_val, y_val : array-like
        As `X` and `y` in ``fit``.
    sequences, targets : Sequences, Targets
        The training input, whose features and outputs the validation input must
        have.
    steps : {None, "horizon", "input"}
        Time steps of the targets.
    owner : str
        Name of the estimator, for the messages.
    """
    if X_val is None or y_val is None:
        missing = "X_val" if X_val is None else "y_val"
        raise ValueError(f"X_val and y_val go together, but {missing} is None.")
    given = check_sequences(X_val, owner=owner)
    if given.ndim != sequences.ndim or given.n_features_in != sequences.n_features_in:
        raise ValueError(
            f"X_val must have the features of X, but X_val has {given.n_features_in} features in "
            f"{given.ndim} dimensions, and X {sequences.n_features_in} in {sequences.ndim}."
        )
    y_given = check_targets(
        y_val, given, steps=steps, dtype=targets.values.dtype, owner=owner, name="y_val"
    )
    # Where steps are those of the input, each X may have its own number of them.
    compared = slice(2, None) if steps == "input" else slice(1, None)
    if y_given.values.shape[compared] != targets.values.shape[compared]:
        raise ValueError(
            f"y_val must have the outputs of y, but y_val has shape {np.shape(y_val)}, and the "
            f"target of a row of y shape {targets.values.shape[1:]}."
        )
    rows.validation = Rows(given.values, given.lengths, y_given.values).usable()
    if not len(rows.validation):
        raise ValueError("X_val holds nothing but padding: there is no row to validate on.")
