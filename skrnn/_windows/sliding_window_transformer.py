"""A transformer from rows to windows."""

from __future__ import annotations

from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from pandas.tseries.offsets import BaseOffset
from sklearn.base import _fit_context
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.metaestimators import available_if

from ._labels.label_columns import LABEL_CONSTRAINTS
from ._labels.row_labels import RowLabels
from ._labels.runs import Runs, find_runs, follows
from ._labels.time_step import Step, find_step
from .labelled_rows import LabelledRowsTransformer, check_names
from .window_arrays import gather_windows, window_view

Arrays = NDArray[Any]


class SlidingWindowTransformer(LabelledRowsTransformer):
    """Turn each row into the window of rows that ends with it.

    There is one window for every row, so the transformer works in any scikit-learn
    pipeline. A grid search can tune `lookback`, and scores every candidate on the same
    rows. The window of row t holds the rows ``t - shift - lookback + 1`` to
    ``t - shift`` of its own series, oldest first. Steps that do not exist, because the
    series starts later or has a gap, are NaN. They are always in front.

    Parameters
    ----------
    lookback : int, default=1
        Number of time steps in a window.
    shift : int, default=0
        Number of rows from the newest step of a window to the row of the window. With
        0 each window ends with its own row.
    min_periods : int, default=1
        Windows with fewer existing steps become all NaN, as in pandas' ``rolling``.
        Above 1 all windows are copied.
    id_col : str or list of str, default=None
        Column or index level that names the series of each row, or several that name
        it together. Such a column is no feature. None: all levels of a MultiIndex but
        the one of the time; with a plain index all rows are one series.
    time_col : str or list of one str, default=None
        Column or index level that holds the time of each row. Such a column is no
        feature. None: the index; in a MultiIndex the last level that `id_col` does not
        name.
    freq : str, pandas offset or int, default=None
        Step from one time label to the next, if the labels do not show it: a frequency
        for dates, a number for integers.
    context : "auto" or bool, default="auto"
        Whether the first windows in `transform` may hold rows of `fit`. If rows have
        time labels, "auto" and True mean the same: a series whose first label is the
        next one after its last label in `fit` continues it. Rows of arrays continue
        those of `fit` with True, and do not with "auto". False: never.
    flatten : bool, default=False
        Whether to return 2-D output of shape (n_samples, lookback * n_features), for
        estimators that are not made for windows.

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
    make_supervised : Pairs rows with their targets.
    sliding_windows : Makes windows as plain arrays, before any split.

    Notes
    -----
    Row t continues row t-1 if its time label is the next one: the next period, the next
    date of the frequency, the next integer. No window holds rows of two series, or rows
    from both sides of a gap. Rows of arrays have no labels: they are one series in order.

    Series and time are read from the index, or from the columns that `id_col` and
    `time_col` name. A long table, with one row for each series and date, needs both:
    ``SlidingWindowTransformer(12, id_col="unique_id", time_col="ds")``. If `time_col` is
    a column and `X` has a MultiIndex, `id_col` must say which levels name the series.

    Context does not leak. It holds older rows than those that are transformed:
    ``fit(X[:k]).transform(X[k:])`` equals the rows from k on of ``fit_transform(X)``.

    NaN in `X` stays NaN in the windows.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import SlidingWindowTransformer
    >>> X = np.array([[1.0], [2.0], [3.0]])
    >>> SlidingWindowTransformer(lookback=2).fit_transform(X)[:, :, 0]
    array([[nan,  1.],
           [ 1.,  2.],
           [ 2.,  3.]])

    2-D output, with the names of the lags:

    >>> lags = SlidingWindowTransformer(lookback=2, flatten=True).fit(X)
    >>> lags.get_feature_names_out(["passengers"])
    array(['passengers_lag1', 'passengers_lag0'], dtype=object)

    A long table:

    >>> import pandas as pd
    >>> long = pd.DataFrame(
    ...     {"unique_id": ["a", "a", "b", "b"], "ds": [1, 2, 1, 2], "y": [1.0, 2.0, 10.0, 20.0]}
    ... )
    >>> windows = SlidingWindowTransformer(lookback=2, id_col="unique_id", time_col="ds")
    >>> windows.fit_transform(long)[:, :, 0]
    array([[nan,  1.],
           [ 1.,  2.],
           [nan, 10.],
           [10., 20.]])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "lookback": [Interval(Integral, 1, None, closed="left")],
        "shift": [Interval(Integral, 0, None, closed="left")],
        "min_periods": [Interval(Integral, 1, None, closed="left")],
        **LABEL_CONSTRAINTS,
        "freq": [None, str, BaseOffset, Interval(Integral, 1, None, closed="left")],
        "context": [StrOptions({"auto"}), "boolean"],
        "flatten": ["boolean"],
    }

    def __init__(
        self,
        lookback: int = 1,
        *,
        shift: int = 0,
        min_periods: int = 1,
        id_col: str | list[str] | None = None,
        time_col: str | list[str] | None = None,
        freq: str | BaseOffset | int | None = None,
        context: str | bool = "auto",
        flatten: bool = False,
    ) -> None:
        self.lookback = lookback
        self.shift = shift
        self.min_periods = min_periods
        self.id_col = id_col
        self.time_col = time_col
        self.freq = freq
        self.context = context
        self.flatten = flatten

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Find the step of the time labels, and store the last rows of each series.

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
        self._learn(X, y)
        return self

    def transform(self, X: ArrayLike) -> Arrays:
        """Return the window of every row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows, oldest first in each series.

        Returns
        -------
        windows : ndarray of shape (n_samples, lookback, n_features), or \
                (n_samples, lookback * n_features) if ``flatten``
            If all rows are one series without a gap and ``min_periods`` is 1, 3-D
            windows are a read-only view of one padded copy of `X`.

        Raises
        ------
        ValueError
            If the labels of a series do not increase, or are of another kind than in
            `fit`, or one lies between two steps.
        MemoryError
            If the windows do not fit into memory.
        """
        values, labels = self._read_as_in_fit(X)
        known, learned = self._labels, self.freq_
        is_other = (known.time is None) != (labels.time is None)
        if is_other and self.context is True:
            raise ValueError(
                "context=True needs rows of one kind in fit and transform: with an index in both, "
                "or arrays in both. Pass context=False if X does not continue the rows of fit."
            )
        if learned is None and not is_other and getattr(labels.time, "freq", None) is None:
            # A single row in fit shows no step. It and the rows of X together do.
            learned = find_step(known.append(labels), freq=self.freq)
        step = find_step(labels, freq=self.freq, learned=learned)
        if is_other or (self.context == "auto" and labels.time is None) or not self.context:
            return self._windows(values, find_runs(labels, step))
        context = _continued_rows(known, labels, step)
        before = self._context_values[context].astype(values.dtype)
        runs = find_runs(known.take(context).append(labels), step)
        return self._windows(np.concatenate((before, values)), runs, n_context=len(context))

    @_fit_context(prefer_skip_nested_validation=True)
    def fit_transform(self, X: ArrayLike, y: Any = None) -> Arrays:
        """Fit to `X` and return the window of every row, without context.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows, oldest first in each series.
        y : array-like, default=None
            Not used, but it is an error if its index disagrees with the rows of `X`.

        Returns
        -------
        windows : ndarray of shape (n_samples, lookback, n_features), or \
                (n_samples, lookback * n_features) if ``flatten``
        """
        values, runs = self._learn(X, y)
        return self._windows(values, runs)

    @available_if(lambda transformer: transformer.flatten)
    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> Arrays:
        """Return the names of the columns of flat windows.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the input; those seen in fit by default.

        Returns
        -------
        names : ndarray of str
            ``<feature>_lag<k>`` for the value k rows earlier, oldest first.
        """
        names, _ = self._names_in(input_features)
        lags = range(self.shift + self.lookback - 1, self.shift - 1, -1)
        return np.array([f"{name}_lag{lag}" for lag in lags for name in names], dtype=object)

    def _learn(self, X: Any, y: Any) -> tuple[Arrays, Runs]:
        """Fit to `X`, and return its features and runs."""
        if self.min_periods > self.lookback:
            raise ValueError(
                f"min_periods must not exceed lookback, but min_periods={self.min_periods} and "
                f"lookback={self.lookback}."
            )
        values, labels = self._read_to_fit(X, y)
        step = find_step(labels, freq=self.freq)
        runs = find_runs(labels, step)
        check_names(self, X, values, reset=True)
        self.freq_ = step
        kept = _last_rows(labels.series_codes()[runs.order], self.lookback - 1 + self.shift)
        rows = runs.order[kept]
        self._context_values = values[rows]
        self._labels = labels.take(rows)
        return values, runs

    def _windows(self, values: Arrays, runs: Runs, *, n_context: int = 0) -> Arrays:
        """Return the windows of all rows but the first `n_context`."""
        lookback, shift = int(self.lookback), int(self.shift)
        try:
            if runs.is_single and self.min_periods == 1:
                windows = window_view(values, lookback, shift)[n_context:]
            else:
                position = np.argsort(runs.order)[n_context:]
                n_existing = np.clip(position - shift - runs.start[position] + 1, 0, lookback)
                n_existing[n_existing < self.min_periods] = 0
                windows = gather_windows(values[runs.order], position, n_existing, lookback, shift)
            return windows.reshape(len(windows), -1) if self.flatten else windows
        except MemoryError as error:
            n_bytes = len(values) * lookback * values[:1].nbytes
            raise MemoryError(
                f"Windows of lookback={lookback} over {len(values)} rows do not fit into memory: "
                f"all of them hold {n_bytes / 2**30:,.1f} GiB. Choose a shorter lookback."
            ) from error


def _continued_rows(context: RowLabels, labels: RowLabels, step: Step) -> NDArray[np.intp]:
    """Return the rows of the context whose series these labels continue without a gap."""
    n_context = context.n_rows
    if context.time is None or labels.time is None:
        return np.arange(n_context)
    codes = context.append(labels).series_codes()
    # For each series: its last row in the context, and its first new row.
    last = pd.Series(np.arange(n_context)).groupby(codes[:n_context]).last()
    first = pd.Series(np.arange(labels.n_rows)).groupby(codes[n_context:]).first()
    met = last.index.intersection(first.index)
    before, after = last[met].to_numpy(), first[met].to_numpy()
    if len(met):
        met = met[follows(context.time[before], labels.time[after], step)]
    return np.flatnonzero(np.isin(codes[:n_context], met))


def _last_rows(series: NDArray[np.intp], n_rows: int) -> NDArray[np.intp]:
    """Return the positions of the last `n_rows` rows of each series, of rows sorted by series."""
    stop = np.searchsorted(series, series, side="right")
    return np.flatnonzero(stop - np.arange(len(series)) <= n_rows)
