"""Training rows that a test part must not show: later rows, and targets that reach into it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ._changed_rows import Mask
from ._leak_report import Leak
from ._row_times import RowTimes
from ._target_reach import TargetReach

Split = tuple[NDArray[np.intp], NDArray[np.intp]]


@dataclass(frozen=True)
class Unknown:
    """What is not known when the first test row of a split is predicted, by kind of leak.

    Parameters
    ----------
    rows : ndarray of bool of shape (n_samples,)
        Training rows that are not older than the first test row.
    targets : ndarray of bool of shape (n_samples, n_targets)
        Targets of the older training rows that are later than the first test row.
    """

    rows: Mask
    targets: Mask

    @property
    def n_rows(self) -> tuple[int, int]:
        """The number of training rows, of each kind."""
        return int(self.rows.sum()), int(self.targets.any(axis=1).sum())


def unknown_in(split: Split, rows: RowTimes, reach: TargetReach) -> Unknown:
    """Return what a training part holds that is not known when its test part begins."""
    train, test = split
    start = int(rows.time[test].min())
    is_train = np.zeros(len(rows.time), dtype=bool)
    is_train[train] = True
    is_late = rows.time >= start
    targets = reach.is_unknown(rows.time, start) & (is_train & ~is_late)[:, np.newaxis]
    return Unknown(is_train & is_late, targets)


def own_split(rows: RowTimes, reach: TargetReach) -> Split:
    """Return a split without leaks, with the newest fifth of the time labels as test part.

    Raises
    ------
    ValueError
        If no training row is left.
    """
    start = rows.n_times - max(2, rows.n_times // 5)
    is_train = (rows.time < start) & ~reach.is_unknown(rows.time, start).any(axis=1)
    if not is_train.any():
        raise ValueError(
            f"Too few rows: there are {rows.n_times} time label(s), and targets reach "
            f"{reach.leads.max()} step(s) ahead. No training row is left before a test part. Pass "
            "more rows, or a cv that fits them."
        )
    return np.flatnonzero(is_train), np.flatnonzero(rows.time >= start)


def leaks_of_splits(
    splitter: str,
    unknown: list[Unknown],
    rows: RowTimes,
    reach: TargetReach,
    effect: Callable[[int, Mask], float],
) -> list[Leak]:
    """Return a leak for each kind that a split shows, described by the worst split.

    Parameters
    ----------
    splitter : str
        Name of the splitter.
    unknown : list of Unknown
        What is not known, one for each split.
    rows : RowTimes
        The series and the time of each row.
    reach : TargetReach
        How far targets reach.
    effect : callable
        Returns how far predictions move, from the number of a split and the targets that are
        changed.
    """
    found = []
    for kind in range(2):
        counts = np.array([part.n_rows[kind] for part in unknown])
        if not counts.any():
            continue
        worst = len(counts) - 1 - int(counts[::-1].argmax())  # of equal ones the newest
        part = unknown[worst]
        where = (
            f"In {(counts > 0).sum()} of {len(counts)} splits, most of them in split {worst + 1}: "
        )
        if kind == 0:
            every = np.repeat(part.rows[:, np.newaxis], part.targets.shape[1], axis=1)
            found.append(
                Leak(
                    "training rows after the start of the test part",
                    splitter,
                    f"{where}training rows that are not older than the first test row.",
                    rows.show(rows.time[part.rows]),
                    int(counts[worst]),
                    effect(worst, every),
                    "Split by time, without shuffling: TimeSeriesSplit, or PanelTimeSeriesSplit "
                    "for several series, which are split at the same time. An integer as cv is no "
                    "split by time.",
                )
            )
        else:
            found.append(
                Leak(
                    "targets reach into the test part",
                    splitter,
                    f"{where}training rows with targets that are later than the first test row.",
                    rows.show(rows.time[part.targets.any(axis=1)]),
                    int(counts[worst]),
                    effect(worst, part.targets),
                    f"Leave out {reach.gap} time labels before each test part: gap={reach.gap}. "
                    "Make the windows before the split (sliding_windows, LastSteps), so that the "
                    "gap takes no context from them.",
                )
            )
    return found
