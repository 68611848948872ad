"""Rows without a full window: how many there are, and warnings about them."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._labels.row_labels import RowLabels, show
from ._labels.runs import Runs
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


def _warn(message: str) -> None:
    warnings.warn(message, UserWarning, stacklevel=4)
