"""How far the targets of a row reach into the future, read from the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ._row_times import RowTimes

# A gap breaks the relation of a row to the next one, but not of nine rows in ten.
SHARE = 0.9
# So many rows are enough to see it.
N_NEWEST = 2000


@dataclass(frozen=True)
class TargetReach:
    """The time of each target value of a row, in time steps after the row.

    Parameters
    ----------
    leads : ndarray of shape (n_targets,)
        Steps from a row to each of its targets, the columns of a 2-D `y`.
    stride : int
        Steps from one time label to the next; above 1 if windows were left out.
    origin : str
        A sentence on what this was read from.
    """

    leads: NDArray[np.intp]
    stride: int
    origin: str

    def is_unknown(self, time: NDArray[np.intp], start: int) -> NDArray[np.bool_]:
        """Return which targets of rows are later than the time `start`."""
        ends = time[:, np.newaxis] * self.stride + self.leads
        return ends > start * self.stride

    @property
    def gap(self) -> int:
        """The number of rows to leave out before a test part."""
        return int(-(-self.leads.max() // self.stride)) - 1


def target_reach(
    features: Any, y: NDArray[Any], rows: RowTimes, horizon: int | None
) -> TargetReach:
    """Return how far targets reach.

    Parameters
    ----------
    features : ndarray of shape (n_samples, n_features)
        Newest values of each row.
    y : ndarray of shape (n_samples, ...)
        Targets.
    rows : RowTimes
        The series and the time of each row.
    horizon : int or None
        The number of steps to the last target, if the user said it.
    """
    y = y if y.dtype.kind in "iufb" else y.astype(object)
    shape = y.shape[1:] or (1,)
    one = rows.one_series()[-N_NEWEST:]
    steps = y[one].reshape(len(one), shape[0], -1)[:, :, 0]
    stride = _stride(steps, rows.time[one])
    n_steps = 1 if stride is None and len(shape) == 1 else shape[0]
    if horizon is not None:
        last, origin = horizon, "as horizon says."
    elif last := _lead(features[one], steps[:, :n_steps], rows.time[one], stride or 1):
        origin = "as a column of X has the same values later."
    else:
        last = n_steps
        origin = (
            "as y has so many columns with the same values, each one step later."
            if n_steps > 1
            else "as no column of y or X shows more. Pass horizon= if they do."
        )
    leads = np.repeat(np.arange(last - n_steps + 1, last + 1), int(np.prod(shape)) // n_steps)
    text = f"Targets reach {last} step{'s' * (last > 1)} ahead, {origin}"
    return TargetReach(leads, stride or 1, text)


def _stride(steps: NDArray[Any], time: NDArray[np.intp]) -> int | None:
    """Return by how many columns a row of targets is the row before, shifted; None if it is not."""
    follows = np.diff(time) == 1
    for shift in range(1, steps.shape[1]):
        old, new = steps[:-1, shift:][follows], steps[1:, :-shift][follows]
        before = steps[:-1, :-shift][follows]
        if _are_same(*(part.reshape(-1, 1) for part in (old, new, before))):
            return shift
    return None


def _lead(features: Any, steps: NDArray[Any], time: NDArray[np.intp], stride: int) -> int:
    """Return the steps from a row to its last target, 0 if no feature shows it.

    A feature shows it if its values are those of a target so many rows before.
    """
    for n_rows in range(1, min(len(time) // 2, 400)):
        follows = time[n_rows:] - time[:-n_rows] == n_rows
        new, old = features[n_rows:][follows], features[:-n_rows][follows]
        # Targets after the row begin with the next step; those of each step of a window end there.
        for column in {*range(min(stride, steps.shape[1])), steps.shape[1] - 1}:
            if _are_same(steps[:-n_rows, [column]][follows], new, old):
                return n_rows * stride + steps.shape[1] - 1 - column
    return 0


def _are_same(values: NDArray[Any], others: NDArray[Any], before: NDArray[Any]) -> bool:
    """Return whether a column has the values of another one, wherever that one changes."""
    for part in (slice(200), slice(None)):  # the first rows alone show most differences
        changes = (others[part] != before[part]) & ~pd.isna(others[part])
        same = (changes & (values[part] == others[part])).sum(axis=0)
        is_same = (changes.sum(axis=0) >= 3) & (same >= SHARE * changes.sum(axis=0))
        if not is_same.any():
            return False
    return True
