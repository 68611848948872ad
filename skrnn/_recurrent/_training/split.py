"""Training and validation rows: split once, then only read."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from skrnn._validation.rows import Rows


@dataclass(frozen=True, eq=False)
class Split:
    """The rows to learn from, and the rows on which the loss is watched.

    Parameters
    ----------
    training : Rows
        Sample weights have mean one.
    validation : Rows or None
        None if no rows are watched.
    """

    training: Rows
    validation: Rows | None

    def with_copies(self, n: int) -> Split:
        """Return the rows with each output of their targets `n` times, side by side."""

        def copied(rows: Rows) -> Rows:
            return replace(rows, y=np.repeat(rows.y, n, axis=-1))

        return Split(copied(self.training), self.validation and copied(self.validation))


def make_split(rows: Rows, validation: Rows | None, *, held_out: float | None) -> Split:
    """Return training and validation rows.

    Parameters
    ----------
    rows : Rows
        In chronological order.
    validation : Rows or None
        Validation rows that the user passed.
    held_out : float in (0, 1) or None
        Share of the last rows, the newest of a series, that is held out for validation if
        `validation` is None. Their number is rounded up.

    Returns
    -------
    Split

    Raises
    ------
    ValueError
        If no row is left for training.
    """
    if validation is not None or held_out is None:
        return Split(_with_mean_weight_one(rows), validation)
    n_validation = int(np.ceil(held_out * len(rows)))
    n_training = len(rows) - n_validation
    if n_training < 1:
        raise ValueError(
            f"early_stopping needs rows for training and for validation, but "
            f"validation_fraction={held_out} of n_samples={len(rows)} usable row(s) leaves "
            f"{n_training} for training. Pass X_val and y_val, lower validation_fraction, or set "
            "early_stopping=False."
        )
    return Split(_with_mean_weight_one(rows[:n_training]), _with_mean_weight_one(rows[n_training:]))


def _with_mean_weight_one(rows: Rows) -> Rows:
    if rows.weight is None:
        return rows
    # Divide by the maximum first: the sum of large weights may overflow.
    relative = rows.weight / rows.weight.max()
    return replace(rows, weight=relative / relative.mean())
