"""A transformer that fills missing values within each series."""

from __future__ import annotations

from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pandas.tseries.offsets import BaseOffset
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin, _fit_context
from sklearn.utils import Tags
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

from ._labels.label_columns import LABEL_CONSTRAINTS, LabelColumns
from ._labels.row_labels import check_same_kind
from ._labels.runs import Runs, find_runs
from ._labels.time_step import find_step
from .sequence_output import SequenceOutputMixin

Arrays = NDArray[Any]
Positions = NDArray[np.intp]


class SeriesImputer(SequenceOutputMixin, OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
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
    n_features_in_ : int
        Number of columns of `X`, with those of `id_col` and `time_col`.
    feature_names_in_ : ndarray of str
        Names of the columns, if `X` was a DataFrame.

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
    are one series in order. `transform` does not use the rows of `fit`: fill before
    splitting.

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
        "freq": [None, str, BaseOffset, Interval(Integral, 1, None, closed="left")],
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
        y : None
            Ignored.

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
        _, labels = LabelColumns(self.id_col, self.time_col).read_rows(X, owner=self)
        step = find_step(labels, freq=self.freq)
        find_runs(labels, step)
        validate_data(self, X, skip_check_array=True, reset=True)
        self.freq_ = step
        self._labels = labels.take(np.arange(0))
        return self

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
        check_is_fitted(self)
        labelled_by = LabelColumns(self.id_col, self.time_col)
        values, labels = labelled_by.read_rows(X, owner=self)
        check_same_kind(self._labels, labels)
        validate_data(self, X, skip_check_array=True, reset=False)
        runs = find_runs(labels, find_step(labels, freq=self.freq, learned=self.freq_))
        filled = np.empty_like(values)
        filled[runs.order] = self._fill(values[runs.order], runs)
        columns = labelled_by.columns(X)
        if not columns:
            return filled
        rows = X.copy()  # type: ignore[union-attr]
        rows[rows.columns.drop(columns)] = filled
        return rows

    def _fill(self, values: Arrays, runs: Runs) -> Arrays:
        """Return values that are sorted by series, filled."""
        if self.method == "linear":
            return _fill_linear(values, runs, self.max_gap)
        season = 1 if self.method == "previous" else int(self.season_length or 1)
        return _fill_from_before(values, runs, self.max_gap, season)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def _last_known(values: Arrays, order: Positions | None = None) -> Positions:
    """Return, for each value, the row of the last known value of its column up to it.

    `order` is the order in which rows come, by default as they are. -1: there is none.
    """
    rows = np.arange(len(values)) if order is None else order
    known = ~np.isnan(values[rows])
    place = np.where(known, np.arange(len(values))[:, np.newaxis], -1)
    place = np.maximum.accumulate(place, axis=0)
    last = np.full(values.shape, -1)
    last[rows] = np.where(place < 0, -1, rows[place])
    return last


def _fill_linear(values: Arrays, runs: Runs, max_gap: int | None) -> Arrays:
    """Return values with NaN filled by linear interpolation within a run of rows."""
    start, stop = runs.start[:, np.newaxis], runs.stop[:, np.newaxis]
    before = _last_known(values)
    after = len(values) - 1 - _last_known(values[::-1])[::-1]
    fill = np.isnan(values) & (before >= start) & (after < stop)
    if max_gap is not None:
        fill &= after - before - 1 <= max_gap
    i, column = np.nonzero(fill)
    before, after = before[fill], after[fill]
    from_before = values[before, column] * (after - i) + values[after, column] * (i - before)
    filled = values.copy()
    filled[fill] = from_before / (after - before)
    return filled


def _fill_from_before(values: Arrays, runs: Runs, max_gap: int | None, season: int) -> Arrays:
    """Return values with NaN filled by the last known value whole seasons before."""
    row = np.arange(len(values))
    order = np.lexsort((row, (row - runs.start) % season, runs.start))
    source = _last_known(values, order)
    start = runs.start[:, np.newaxis]
    of_season = (row[:, np.newaxis] - source) % season == 0  # not of another month
    fill = np.isnan(values) & (source >= start) & of_season
    if max_gap is not None:
        before = np.maximum(_last_known(values), start - 1)
        fill &= row[:, np.newaxis] - before <= max_gap
    filled = values.copy()
    filled[fill] = values[source[fill], np.nonzero(fill)[1]]
    return filled
