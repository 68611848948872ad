"""The newest rows, held out from rows whose targets do not reach into them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skrnn._validation.rows import Rows

Arrays = NDArray[Any]

# Largest number of blocks into which the held-out rows are split.
_MOST_BLOCKS = 8

# Largest number of rows between a window and the window of the next step.
_MOST_SERIES = 10_000


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Rows to learn from, and newer ones.

    Parameters
    ----------
    older : Rows
        None of their targets reaches into the newest rows. There may be none.
    newest : Rows
        The held-out rows.
    block_length : int
        Number of the newest rows whose targets may overlap.
    """

    older: Rows
    newest: Rows
    block_length: int


def hold_out_newest(
    rows: Rows, horizon: int, fraction: float, *, owner: str, without: str
) -> HeldOut:
    """Hold out the last rows, and warn if no row is left before them.

    Parameters
    ----------
    rows : Rows
        Oldest first.
    horizon : int
        Number of steps of a target.
    fraction : float in (0, 1)
        Share of the rows that is held out. Their number is rounded up to whole time steps.
    owner, without : str
        Name of the estimator, and what happens if no row is left, for the warning.
    """
    n_series = rows_per_step(rows.X)
    # Whole steps: a series has no target in the held-out part at a time that others have before.
    n_older = max(0, len(rows) - int(np.ceil(fraction * len(rows) / n_series)) * n_series)
    # The targets of the last rows before the held-out ones reach into these.
    older, newest = rows[: max(0, n_older - (horizon - 1) * n_series)], rows[n_older:]
    if not len(older):
        warnings.warn(
            f"{owner} {without}: of {len(rows)} row(s) the last {len(newest)} are held out, and no "
            f"row is left whose target of {horizon} step(s) ends before them. Pass more rows, or "
            "lower validation_fraction.",
            UserWarning,
            stacklevel=5,
        )
    return HeldOut(older, newest, horizon * n_series)


def rows_per_step(X: Arrays) -> int:
    """Return the number of rows from a window to the window of the next step.

    In a panel that is sorted by time this is the number of series. 1 if no window continues
    an earlier one.
    """
    before, last = X[-1 - _MOST_SERIES : -1], X[-1, :-1]
    equal = (before[:, 1:] == last) | (np.isnan(before[:, 1:]) & np.isnan(last))  # padding is NaN
    continued = np.flatnonzero(equal.all(axis=(1, 2)))
    found = X.shape[1] > 1 and len(continued)
    return len(before) - int(continued[-1]) if found else 1


def count_blocks(n_rows: int, block_length: int) -> int:
    """Return into how many blocks of neighbouring rows, of at least that length, rows are split."""
    return min(_MOST_BLOCKS, n_rows // block_length)
