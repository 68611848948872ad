"""The last rows that fit saw of each series, and their place before or among later rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ._labels.row_labels import RowLabels, show
from ._labels.runs import Runs, find_runs
from ._labels.time_step import Step, positions, show_step

Arrays = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Context:
    """The last rows of each series.

    Parameters
    ----------
    labels : RowLabels
        Labels of the kept rows, one series after the other, oldest first.
    values : ndarray of shape (n_kept, n_features)
    is_cut : ndarray of shape (n_kept,)
        Whether the row right before a kept row was seen, but not kept.
    first : RowLabels
        Labels of the first row of each series.
    n_rows : int
        Number of rows that were seen.
    """

    labels: RowLabels
    values: Arrays
    is_cut: NDArray[np.bool_]
    first: RowLabels
    n_rows: int

    def without_rows(self) -> Context:
        """Return a context that knows the series, but keeps none of their rows."""
        none = np.arange(0)
        return replace(
            self, labels=self.labels.take(none), values=self.values[none], is_cut=self.is_cut[none]
        )


@dataclass(frozen=True, eq=False)
class Joined:
    """Kept rows and new rows, in the order of time within each series.

    Parameters
    ----------
    values : ndarray of shape (n, n_features)
    runs : Runs
        Of all these rows.
    new : ndarray of shape (n_new,)
        The place of each new row.
    is_missed : ndarray of shape (n,)
        Whether a row begins a run although rows before it were seen or are likely.
    """

    values: Arrays
    runs: Runs
    new: NDArray[np.intp]
    is_missed: NDArray[np.bool_]


def keep_rows(labels: RowLabels, values: Arrays, runs: Runs, kept: NDArray[np.intp]) -> Context:
    """Return a context of the rows at the positions `kept` of ``runs.order``."""
    rows = runs.order[kept]
    is_first = np.diff(labels.series_codes()[runs.order], prepend=-1) != 0
    is_cut = (runs.start[kept] < kept) & ~np.isin(kept - 1, kept)
    first = labels.take(runs.order[is_first])
    return Context(labels.take(rows), values[rows], is_cut, first, labels.n_rows)


def last_positions(labels: RowLabels, runs: Runs, n_rows: int) -> NDArray[np.intp]:
    """Return the positions in ``runs.order`` of the last `n_rows` rows of each series."""
    series = labels.series_codes()[runs.order]
    stop = np.searchsorted(series, series, side="right")
    return np.flatnonzero(stop - np.arange(len(series)) <= n_rows)


def join(context: Context, labels: RowLabels, values: Arrays, step: Step) -> Joined:
    """Put kept rows before and among new rows of the same series.

    A kept row is left out if a new row has its label, or if no new row of its series is
    later. If new rows have labels of kept rows, but none of their values, they are of
    another series, which has no context.

    Raises
    ------
    ValueError
        If the labels of a series do not increase, or one lies between two steps.
    """
    runs = find_runs(labels, step)
    if labels.time is None or context.labels.time is None:
        return _join_arrays(context, labels, values)
    n_kept = context.labels.n_rows
    both = context.first.append(context.labels).append(labels)
    code, (position, unit) = both.series_codes(), positions(both.time, step)
    rows = pd.DataFrame({"series": code, "time": position})
    n_series = context.first.n_rows
    first, kept, new = rows[:n_series], rows[n_series : -labels.n_rows], rows[-labels.n_rows :]
    kept, new = kept.reset_index(drop=True), new.reset_index(drop=True)

    shared = kept.reset_index().merge(new.reset_index(), on=["series", "time"])
    old, again = shared["index_x"].to_numpy(), shared["index_y"].to_numpy()
    equal = np.isclose(context.values[old], values[again], equal_nan=True).any(axis=1)
    foreign = np.setdiff1d(shared["series"], shared["series"][equal])
    by_series = new.groupby("series")["time"]
    begin, end = kept["series"].map(by_series.min()), kept["series"].map(by_series.max())
    used = (kept["time"] < end) & ~kept["series"].isin(foreign)
    used[old] = False
    before = used & (kept["time"] < begin)
    wrong = np.flatnonzero(before & ((begin - kept["time"]) % unit != 0))
    if len(wrong):
        of_series = np.flatnonzero(new["series"] == kept["series"][wrong[-1]])[0]
        raise ValueError(
            f"The label {show(labels.time[of_series])} is not a whole number of steps of "
            f"{show_step(step)} after {show(context.labels.time[wrong[-1]])}, the last one of its "
            "series in fit. Pass the right freq=, or context=False if X does not continue those "
            "rows."
        )

    is_begin = ~new["series"].duplicated()
    seen_first = new["series"].map(first.set_index("series")["time"])
    is_late = (is_begin & (new["time"] > seen_first)).to_numpy()
    if not used.any():
        return Joined(values, runs, np.arange(labels.n_rows), is_late)
    place = np.append(np.flatnonzero(used), n_kept + np.arange(labels.n_rows))
    time, series = rows["time"][n_series:].to_numpy()[place], code[n_series:][place]
    place = place[np.lexsort((time, series))]
    new_at = np.flatnonzero(place >= n_kept)
    new_at = new_at[np.argsort(place[new_at])]
    is_missed = np.append(context.is_cut, is_late)[place]
    joined = context.labels.append(labels).take(place)
    values = np.concatenate((context.values.astype(values.dtype), values))[place]
    return Joined(values, find_runs(joined, step), new_at, is_missed)


def _join_arrays(context: Context, labels: RowLabels, values: Arrays) -> Joined:
    """Put kept rows before rows of an array, unless these begin with the rows of fit again."""
    n_kept, n_seen = context.labels.n_rows, context.n_rows
    again = values[n_seen - n_kept : n_seen]
    is_again = len(values) >= n_seen and np.allclose(again, context.values, equal_nan=True)
    if is_again:
        context = context.without_rows()
    n_kept = context.labels.n_rows
    values = np.concatenate((context.values.astype(values.dtype), values))
    new = n_kept + np.arange(labels.n_rows)
    runs = find_runs(RowLabels(None, None, len(values)), None)
    is_missed = np.append(context.is_cut, np.full(labels.n_rows, not is_again and not n_kept))
    return Joined(values, runs, new, is_missed)
