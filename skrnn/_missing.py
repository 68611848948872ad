"""Missing rows and missing values of series: inserted, and filled where that is honest."""

from __future__ import annotations

from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from pandas.tseries.offsets import BaseOffset
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin, _fit_context
from sklearn.utils import Tags
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

from ._row_labels import RowLabels, check_same_kind, names_column, read_labels, read_rows
from ._sequence_output import SequenceOutputMixin
from ._time_index import Runs, find_runs
from ._time_step import check_complete, find_step, labels_at, positions

Arrays = NDArray[Any]
Positions = NDArray[np.intp]


def insert_missing_rows(X: pd.DataFrame, *, groups: str | None = None, freq: Any = None) -> Any:
    """Give every series a row for each time label between its first and its last.

    The new rows hold NaN. This is the one place where rows are added: call it first,
    then fill what may be filled, then pair rows with their targets by
    :func:`make_supervised`.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_features)
        One series by its index, or several in a MultiIndex whose last level is the
        time. Rows may come in any order.
    groups : str, default=None
        Column or index level that names the series, as in
        :class:`SlidingWindowTransformer`. Such a column is filled in the new rows.
    freq : str, pandas offset or int, default=None
        Frequency of the time labels, where the index does not show it.

    Returns
    -------
    complete : DataFrame of shape (n_rows + n_missing, n_features)
        All rows, sorted by series and time. As always in pandas, integers become
        floats in columns that get NaN. Dates of a single series carry their
        frequency.

    Raises
    ------
    TypeError
        If `X` is not a DataFrame.
    ValueError
        If `X` is empty, two rows of a series have the same label, the time labels do
        not say how far one is from the next, or the index has levels beside those
        of series and time.

    See Also
    --------
    SeriesImputer : Fills the NaN.

    Examples
    --------
    >>> import pandas as pd
    >>> from skrnn import insert_missing_rows
    >>> months = pd.PeriodIndex(["2024-01", "2024-02", "2024-04"], freq="M")
    >>> insert_missing_rows(pd.DataFrame({"sold": [3.0, 5.0, 4.0]}, index=months))
             sold
    2024-01   3.0
    2024-02   5.0
    2024-03   NaN
    2024-04   4.0
    """
    if not isinstance(X, pd.DataFrame):
        raise TypeError(
            "insert_missing_rows needs a DataFrame, whose index says when each row is, but X is "
            f"a {type(X).__name__}."
        )
    if not len(X):
        raise ValueError("X is empty: 0 rows.")
    labels = read_labels(X, n_rows=len(X), groups=groups)
    _check_levels(X, groups)
    check_complete(labels.time)
    order = _by_series_and_time(labels)
    if (order != np.arange(len(X))).any():
        labels, X = labels.take(order), X.iloc[order]
    step = find_step(labels, freq=freq)
    find_runs(labels, step)  # for its errors: duplicated labels, labels between two steps

    position, unit = positions(labels.time, step)
    series = labels.series_codes()
    first = np.flatnonzero(np.diff(series, prepend=-1))  # row of each series' first label
    last = np.append(first[1:], len(X)) - 1
    n_steps = (position[last] - position[first]) // unit + 1
    start = np.cumsum(n_steps) - n_steps  # row of it in the result
    row = start[series] + (position - position[first][series]) // unit
    source = np.full(n_steps.sum(), -1)
    source[row] = np.arange(len(X))

    new = np.flatnonzero(source < 0)
    owner = np.repeat(np.arange(len(first)), n_steps)
    new_position = position[first][owner[new]] + (new - start[owner[new]]) * unit
    place = source.copy()
    place[new] = len(X) + np.arange(len(new))
    time = labels.time.append(labels_at(new_position, labels.time, step))[place]  # type: ignore[union-attr]
    names = None if labels.series is None else labels.series[first[owner]]

    complete = X.reset_index(drop=True).reindex(source)  # -1, a label of no row, gives NaN
    if groups in X.columns:
        complete[groups] = names.array  # type: ignore[union-attr]
    complete.index = _index_like(X.index, names, time, groups, step)
    return complete


def _check_levels(X: pd.DataFrame, groups: str | None) -> None:
    """Raise where the index has levels whose value in a new row nobody knows."""
    known = 1 if groups in X.columns else 2
    if groups is not None and X.index.nlevels > known:
        raise ValueError(
            f"The index levels {list(X.index.names)} hold more than the time"
            f"{'' if known == 1 else ' and the series'}, and their values in new rows are not "
            "known. Drop the others with X.droplevel(...)."
        )


def _by_series_and_time(labels: RowLabels) -> Positions:
    """Return the rows in the order of their series' names, and of time in each."""
    series = labels.series_codes()
    if labels.series is not None:
        series, _ = pd.factorize(labels.series, sort=True)
    time, _ = pd.factorize(labels.time, sort=True)
    return np.lexsort((time, series))


def _index_like(
    index: pd.Index, names: pd.Index | None, time: pd.Index, groups: str | None, step: Any
) -> pd.Index:
    """Return an index of these series and times, with the levels of `index`."""
    if not isinstance(index, pd.MultiIndex):
        carries = isinstance(time, pd.DatetimeIndex | pd.TimedeltaIndex) and names is None
        if carries and getattr(time, "tz", None) is None:  # in some zones midnight may not exist
            return type(time)(time, freq=step)
        return time
    if names is None:
        return pd.MultiIndex.from_arrays([time], names=index.names)
    if groups is not None:
        levels = [names if name == groups else time for name in index.names]
        return pd.MultiIndex.from_arrays(levels, names=index.names)
    levels = [names.get_level_values(level) for level in range(index.nlevels - 1)]
    return pd.MultiIndex.from_arrays([*levels, time], names=index.names)


class SeriesImputer(SequenceOutputMixin, OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Fill missing values of each series from the same series.

    Rows are kept. A value never comes from another series, nor from beyond a gap in
    the time labels: give missing rows a place with :func:`insert_missing_rows` first.

    Parameters
    ----------
    method : {"linear", "previous", "seasonal"}, default="linear"
        Where a value comes from.

        - "linear": the straight line between the values before and after; for a
          single missing value their mean. It looks ahead: see Notes.
        - "previous": the last value before.
        - "seasonal": the value `season_length` steps before; where that is missing
          as well, the one a further season before, and so on.
    max_gap : int or None, default=1
        How many missing values in a row may be filled. "linear" leaves longer runs
        alone entirely. The other two do not know how long a run will be when it
        starts, and fill its first `max_gap` values. None fills runs of any length.
    season_length : int, default=None
        Time steps in a season, such as 12 for months. Needed by "seasonal", ignored
        otherwise.
    groups : str, default=None
        Column or index level that names the series, as in
        :class:`SlidingWindowTransformer`.
    freq : str, pandas offset or int, default=None
        Frequency of the time labels, where the index does not show it.

    Attributes
    ----------
    freq_ : pandas offset, int or None
        Step from one time label to the next; None for bare arrays and single rows.
    n_features_in_ : int
        Number of columns of `X`.
    feature_names_in_ : ndarray of str
        Names of the columns, if `X` was a DataFrame.

    See Also
    --------
    insert_missing_rows : Adds the rows that are missing altogether.

    Notes
    -----
    "previous" and "seasonal" are causal: a filled value depends on earlier rows
    only, so that whole series may be filled before any split.

    "linear" is not. A missing value of row t is filled with the help of row t+1, or
    of the first row after its run, and the value of row t+1 is the target of row t
    in :func:`make_supervised`. A window that ends with a filled row therefore holds a
    part of what is to be predicted from it: a score on such rows is too good, and no
    forecast can be made that way, since the next value is not known yet. Windows that
    reach beyond the run hold nothing that they must not. Use "linear" for history,
    and a causal method where filled rows are forecast from.

    NaN at the start of a series stays, and with "linear" NaN at its end. Rows of
    bare arrays are one series in order. The rows of `fit` are not remembered: fill
    before splitting.

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
        "groups": [None, str],
        "freq": [None, str, BaseOffset, Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        method: str = "linear",
        *,
        max_gap: int | None = 1,
        season_length: int | None = None,
        groups: str | None = None,
        freq: str | BaseOffset | int | None = None,
    ) -> None:
        self.method = method
        self.max_gap = max_gap
        self.season_length = season_length
        self.groups = groups
        self.freq = freq

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Learn the frequency of the time labels.

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
                'method="seasonal" needs season_length, the time steps in a season, e.g. '
                "season_length=12 for months."
            )
        _, labels = read_rows(X, self.groups, owner=self)
        step = find_step(labels, freq=self.freq)
        find_runs(labels, step)
        validate_data(self, X, skip_check_array=True, reset=True)
        self.freq_ = step
        self._labels = labels.take(slice(0, 0))
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
            The same rows. A DataFrame, with its index, where `groups` is a column:
            an array of numbers could not hold the names.
        """
        check_is_fitted(self)
        values, labels = read_rows(X, self.groups, owner=self)
        check_same_kind(self._labels, labels)
        validate_data(self, X, skip_check_array=True, reset=False)
        runs = find_runs(labels, find_step(labels, freq=self.freq, learned=self.freq_))
        filled = np.empty_like(values)
        filled[runs.order] = self._fill(values[runs.order], runs)
        if not names_column(X, self.groups):
            return filled
        rows = X.copy()  # type: ignore[union-attr]
        rows[rows.columns.drop(self.groups)] = filled
        return rows

    def _fill(self, values: Arrays, runs: Runs) -> Arrays:
        """Fill values that are sorted by series."""
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
    """Return, for each value, the row of the last known one up to it, in an order of rows.

    Where there is none, -1.
    """
    rows = np.arange(len(values)) if order is None else order
    known = ~np.isnan(values[rows])
    place = np.where(known, np.arange(len(values))[:, np.newaxis], -1)
    place = np.maximum.accumulate(place, axis=0)
    last = np.full(values.shape, -1)
    last[rows] = np.where(place < 0, -1, rows[place])
    return last


def _fill_linear(values: Arrays, runs: Runs, max_gap: int | None) -> Arrays:
    """Fill from the line between the values before and after, of one unbroken run of rows."""
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
    """Fill with the last known value a whole number of seasons before."""
    row = np.arange(len(values))
    order = np.lexsort((row, (row - runs.start) % season, runs.start))
    source = _last_known(values, order)
    start = runs.start[:, np.newaxis]
    of_season = (row[:, np.newaxis] - source) % season == 0  # else of another month
    fill = np.isnan(values) & (source >= start) & of_season
    if max_gap is not None:
        before = np.maximum(_last_known(values), start - 1)
        fill &= row[:, np.newaxis] - before <= max_gap
    filled = values.copy()
    filled[fill] = values[source[fill], np.nonzero(fill)[1]]
    return filled
