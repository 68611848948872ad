"""The time labels that follow the last one of a series."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pandas.tseries.offsets import BaseOffset, Day, Tick

from skrnn._windows._labels.row_labels import RowLabels, show
from skrnn._windows._labels.time_step import Step, labels_at, positions


def next_labels(last: pd.Index, n_steps: int, step: Step) -> pd.Index:
    """Return the labels that follow the last ones of several series.

    Parameters
    ----------
    last : pandas.Index of length n_series
        Last label of each series.
    n_steps : int
        Number of labels for each of them.
    step : int or pandas offset
        From one label to the next.

    Returns
    -------
    pandas.Index of length n_series * n_steps
        One series after the other.

    Raises
    ------
    ValueError
        If the step is not known.
    """
    if step is None:
        raise ValueError(
            f"The series has one row, {show(last[0])}, which does not show the step to the next "
            'one. Pass freq=, e.g. freq="MS" for the first days of months.'
        )
    ahead = np.arange(1, n_steps + 1)
    has_calendar = isinstance(step, BaseOffset) and not isinstance(step, Tick | Day)
    if isinstance(last, pd.DatetimeIndex) and has_calendar:
        unique, place = np.unique(last.asi8, return_inverse=True)
        starts = last[[int((last.asi8 == value).argmax()) for value in unique]]
        found = [pd.date_range(start, periods=n_steps + 1, freq=step)[1:] for start in starts]
        labels = found[0].append(found[1:])
        rows = place[:, np.newaxis] * n_steps + np.arange(n_steps)
        return labels[rows.ravel()].rename(last.name).as_unit(last.unit)
    position, unit = positions(last, step)
    return labels_at((position[:, np.newaxis] + ahead * unit).ravel(), last, step)


def labels_ahead(last: RowLabels, n_steps: int, step: Step) -> RowLabels:
    """Return the labels of the rows that follow the last one of each series."""
    series = None if last.series is None else last.series.repeat(n_steps)
    time: Any = last.time
    return RowLabels(series, next_labels(time, n_steps, step), len(time) * n_steps)
