"""Rows without a full window: how many there are, and warnings about them."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._labels.row_labels import RowLabels, show
from ._labels.runs import Runs
from ._labels.time_step import Step, show_step
from .context import Joined

Arrays = NDArray[Any]


def n_existing_steps(runs: Runs, lookback: int, shift: int) -> NDArray[np.intp]:
    """Return, for each row, the number of steps of its window that exist."""
    position = np.argsort(runs.order)
    return np.clip(position - shift - runs.start[position] + 1, 0, lookback)


def warn_if_short(
    joined: Joined,
    labels: RowLabels,
    n_existing: NDArray[np.intp],
    lookback: int,
    shift: int,
    min_periods: int,
) -> None:
    """Warn of series none of whose windows is full, though they have more rows in the past.

    Also if all windows are nothing but padding.

    Parameters
    ----------
    joined : Joined
        Rows of fit and of X.
    labels : RowLabels
        Labels of the rows of X.
    n_existing : ndarray of shape (n_samples,)
        Number of existing steps in the window of each row of X.
    lookback, shift, min_periods : int
    """
    is_short = n_existing < lookback
    if not is_short.any():
        return
    runs, code = joined.runs, labels.series_codes()
    begin = runs.order[runs.start[np.argsort(runs.order)[joined.new]]]
    is_missed = joined.is_missed[begin] & is_short
    series = np.flatnonzero(
        (np.bincount(code, is_missed) > 0) & (np.bincount(code, ~is_short) == 0)
    )
    if not len(series):
        if (n_existing < min_periods).all():
            _warn(
                f"No window of the {len(n_existing)} row(s) of X has {min_periods} step(s) "
                f"(min_periods), with shift={shift}: all are nothing but padding. Pass more rows "
                "of the past."
            )
        return
    rows = np.flatnonzero(code == series[0])
    name = "" if labels.series is None else f" of series {show(labels.series[rows[0]])}"
    others = f" The same holds for {len(series) - 1} other series." if len(series) > 1 else ""
    reason = (
        "Rows of arrays do not follow those of fit: keep their index (in a pipeline with "
        'set_output(transform="pandas")), or pass context=True.'
        if labels.time is None
        else "They do not follow the rows that fit keeps."
    )
    _warn(
        f"{len(rows)} of {len(rows)} windows{name} have fewer than lookback={lookback} steps, at "
        f"most {n_existing[rows].max()}.{others} {reason} To predict from the last row of a "
        f"series, pass its last {lookback + shift} rows, and take the last prediction."
    )


def count_full(labels: RowLabels, runs: Runs, step: Step, lookback: int, shift: int) -> int:
    """Return the number of full windows, and warn if there are fewer than there should be.

    A row should have a full window if its series has enough rows before it, whatever their
    labels. There is a warning if half of these rows do not, or if there is no such row.
    """
    n_needed, position = lookback + shift, np.arange(labels.n_rows)
    series = labels.series_codes()[runs.order]
    n_rows = position - np.searchsorted(series, series) + 1  # of the series, up to this one
    n_full = int((position - runs.start + 1 >= n_needed).sum())
    n_enough = int((n_rows >= n_needed).sum())
    needed = f"lookback={lookback}" + (f" and shift={shift}" if shift else "")
    if not n_enough:
        _warn(
            f"No row has a full window: that needs {n_needed} rows ({needed}), and the longest "
            f"series has {n_rows.max()}. Choose a shorter lookback."
        )
    elif 2 * n_full < n_enough:
        is_gap = (position == runs.start) & (n_rows > 1)
        _warn(
            f"Only {n_full} of the {n_enough} rows with {n_needed - 1} rows of their series before "
            f"them have a full window ({needed}): at a step of {show_step(step)} the time labels "
            f"have {int(is_gap.sum())} gaps, the first before "
            f"{labels.describe(int(runs.order[is_gap.argmax()]))}. Insert rows that are missing "
            "(insert_missing_rows). If there are none on some days, such as holidays, pass their "
            "frequency as freq (pandas.offsets.CustomBusinessDay), or number the rows of each "
            "series and let the numbers be the time labels."
        )
    return n_full


def _warn(message: str) -> None:
    warnings.warn(message, UserWarning, stacklevel=4)
