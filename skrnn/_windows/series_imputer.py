"""A transformer that fills missing values within each series."""

from __future__ import annotations

from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from pandas.tseries.offsets import BaseOffset
from sklearn.base import OneToOneFeatureMixin, _fit_context
from sklearn.utils._param_validation import StrOptions

from skrnn._validation.parameters import Interval

from ._labels.label_columns import LABEL_CONSTRAINTS
from ._labels.row_labels import RowLabels
from ._labels.runs import Runs, find_runs
from ._labels.time_step import FREQ_CONSTRAINTS, find_step
from .context import join, keep_rows
from .labelled_rows import LabelledRowsTransformer, check_names

Arrays = NDArray[Any]


class SeriesImputer(OneToOneFeatureMixin, LabelledRowsTransformer):
    """Fill missing values from other rows of the same series.

    A value never comes from another series, nor from the other side of a gap in the time
    labels. If rows are missing, insert them first with :func:`insert_missing_rows`. No
    row is added or dropped here.

    Parameters
    ----------
    method : {"linear", "previous", "seasonal"}, default="linear"
        How to fill a missing value.

        - "linear": linear interpolation between the known values before and after. It
          uses later rows: see Notes.
        - "previous": the last known value before.
        - "seasonal": the value one season before; if it is missing too, two seasons
          before, and so on.
    max_gap : int or None, default=1
        Number of consecutive missing values that may be filled. "linear" fills nothing
        in a longer run. The other methods fill the first `max_gap` values of it, since
        at its start its length is not known. None: no limit.
    season_length : int, default=None
        Number of time steps in a season, such as 12 for months. Needed by "seasonal",
        ignored otherwise.
    id_col, time_col : str or list of str, default=None
        Columns or index levels that name the series and hold the time of each row, as
        in :class:`SlidingWindowTransformer`.
    freq : str, pandas offset or int, default=None
        Step from one time label to the next, if the labels do not show it.

    Attributes
    ----------
    freq_ : pandas offset, int or None
        Step from one time label to the next; None for arrays and single rows.
    n_series_ : int
        Number of series in `fit`. It is 1 for arrays, and for a plain index without `id_col`.
    n_gaps_ : int
        Number of places in `fit` where the time labels of a series leave out steps.
    n_features_in_ : int
        Number of columns of `X`, with those of `id_col` and `time_col`.
    feature_names_in_ : ndarray of str
        Names of the columns, if `X` was a DataFrame.
    runs_left_ : DataFrame
        Runs of missing values in `fit` that are not filled, one a row: the name or position
        of the column ("feature"), the "first" and "last" row, and the number of rows,
        "n_rows".

    See Also
    --------
    insert_missing_rows : Inserts missing rows, which hold NaN.

    Notes
    -----
    "previous" and "seasonal" are causal: a filled value depends on earlier rows only.
    Whole series may be filled before any split.

    "linear" is not causal. The value that it fills into row t depends on row t+1, or on
    the first known row after it. In :func:`make_supervised`, the value of row t+1 is the
    target of row t. A window that ends with a filled row thus contains a part of its own
    target. A score on such rows is too good, and a forecast cannot be made from them,
    since the next value is not known yet. Windows that end after the next known value do
    not have this problem. Use "linear" for the past, and a causal method for rows from
    which you forecast.

    NaN at the start of a series stays, and with "linear" NaN at its end. Rows of arrays
    are one series in order.

    `transform` continues the rows of `fit` by their labels, as windows do: `fit` keeps the
    rows of each series from the last known value of each column on, and with "seasonal"
    of each time of the season. Rows of arrays do not continue those of `fit`.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import SeriesImputer
    >>> X = np.array([[1.0], [np.nan], [3.0], [np.nan], [np.nan], [6.0]])
    >>> SeriesImputer().fit_transform(X)[:, 0]
    array([ 1.,  2.,  3., nan, nan,  6.])
    >>> SeriesImputer("previous", max_gap=None).fit_transform(X)[:, 0]
    array([1., 1., 3., 3., 3., 6.])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "method": [StrOptions({"linear", "previous", "seasonal"})],
        "max_gap": [None, Interval(Integral, 1, None, closed="left")],
        "season_length": [None, Interval(Integral, 1, None, closed="left")],
        **LABEL_CONSTRAINTS,
        **FREQ_CONSTRAINTS,
    }

    def __init__(
        self,
        method: str = "linear",
        *,
        max_gap: int | None = 1,
        season_length: int | None = None,
        id_col: str | list[str] | None = None,
        time_col: str | list[str] | None = None,
        freq: str | BaseOffset | int | None = None,
    ) -> None:
        self.method = method
        self.max_gap = max_gap
        self.season_length = season_length
        self.id_col = id_col
        self.time_col = time_col
        self.freq = freq

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Find the step of the time labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows, oldest first in each series.
        y : array-like, default=None
            Not used, but it is an error if its index disagrees with the rows of `X`.

        Returns
        -------
        self : object
            The fitted transformer.
        """
        if self.method == "seasonal" and self.season_length is None:
            raise ValueError(
                'method="seasonal" needs season_length, the number of time steps in a season, '
                "e.g. season_length=12 for months."
            )
        values, labels = self._read_to_fit(X, y)
        step = find_step(labels, freq=self.freq, learned=self.freq)  # a given step needs no proof
        runs = find_runs(labels, step)
        check_names(self, X, values, reset=True)
        self.freq_ = step
        self.n_series_ = labels.n_series
        self.n_gaps_ = runs.n_runs - labels.n_series
        filled = self._fill(pd.DataFrame(values[runs.order]), runs)
        names = getattr(self._label_columns.features(X), "columns", filled.columns)
        self.runs_left_ = _runs_left(filled.set_axis(names, axis=1), labels, runs)
        kept = _last_known(values, labels, runs, self._season)
        self._context = keep_rows(labels, values, runs, kept)
        self._labels = self._context.labels
        return self

    @property
    def _season(self) -> int:
        return int(self.season_length or 1) if self.method == "seasonal" else 1

    def _fill(self, values: pd.DataFrame, runs: Runs) -> pd.DataFrame:
        """Return values, which are in the order of the runs, with NaN filled."""
        if self.method == "linear":
            return _fill_linear(values, runs, self.max_gap)
        return fill_from_before(values, runs, self.max_gap, self._season)

    def transform(self, X: ArrayLike) -> Any:
        """Fill missing values.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows, oldest first in each series.

        Returns
        -------
        filled : ndarray of shape (n_samples, n_features)
            The same rows. If `id_col` or `time_col` is a column, a DataFrame with that
            column and the index of `X`: an array of numbers cannot hold the labels.
        """
        values, labels = self._read_as_in_fit(X)
        step = find_step(labels, freq=self.freq, learned=self.freq_)
        runs, new = find_runs(labels, step), np.arange(len(values))
        if labels.time is not None and self._labels.time is not None:
            joined = join(self._context, labels, values, step)
            values, runs, new = joined.values, joined.runs, joined.new
        filled = np.empty_like(values)
        filled[runs.order] = self._fill(pd.DataFrame(values[runs.order]), runs)
        filled = filled[new]
        return self._with_label_columns(filled, X, getattr(X, "columns", ()))


def _runs_left(filled: pd.DataFrame, labels: RowLabels, runs: Runs) -> pd.DataFrame:
    """Return the runs of missing values, one a row."""
    position, found = np.arange(len(filled)), []
    for name, missing in filled.isna().items():
        before = np.append(False, missing[:-1]) & (position > runs.start)
        after = np.append(missing[1:], False) & (position + 1 < runs.stop)
        begin, end = np.flatnonzero(missing & ~before), np.flatnonzero(missing & ~after)
        for i, j in zip(begin, end, strict=True):
            first, last = (labels.describe(int(runs.order[row])) for row in (i, j))
            found.append((name, first, last, int(j - i + 1)))
    return pd.DataFrame(found, columns=["feature", "first", "last", "n_rows"])


def _last_known(values: Arrays, labels: RowLabels, runs: Runs, season: int) -> NDArray[np.intp]:
    """Return the positions in ``runs.order`` from the last known values of each series on.

    These are the rows of its last run from which a value of a later row may come.
    """
    position = np.arange(len(values))
    of_season = (position - runs.start) % season
    known = pd.DataFrame(~np.isnan(values[runs.order]))
    row = known.mul(position, axis=0).where(known)
    last = row.groupby([runs.start, of_season]).transform("max").min(axis=1)
    needed = last.groupby(runs.start).transform("min").fillna(len(values)).to_numpy()
    series = labels.series_codes()[runs.order]
    is_last = runs.stop == np.searchsorted(series, series, side="right")
    return np.flatnonzero(is_last & (position >= np.minimum(needed, runs.stop - 1)))


def _fill_linear(values: pd.DataFrame, runs: Runs, max_gap: int | None) -> pd.DataFrame:
    """Return values with NaN filled by linear interpolation within a run of rows."""
    row = pd.DataFrame(np.broadcast_to(np.arange(len(values))[:, np.newaxis], values.shape))
    known = row.where(values.notna()).groupby(runs.start)
    before, after = known.ffill(), known.bfill()
    by_run = values.groupby(runs.start)
    from_before = by_run.ffill() * (after - row) + by_run.bfill() * (row - before)
    length = after - before
    if max_gap is not None:
        length = length.where(length <= max_gap + 1)
    return values.fillna(from_before / length)


def fill_from_before(
    values: pd.DataFrame, runs: Runs, max_gap: int | None, season: int
) -> pd.DataFrame:
    """Return values with NaN filled by the last known value whole seasons before."""
    of_season = (np.arange(len(values)) - runs.start) % season  # not of another month
    filled = values.groupby([runs.start, of_season]).ffill()
    is_near = values.groupby(runs.start).ffill(limit=max_gap).notna()
    return filled.where(is_near)
