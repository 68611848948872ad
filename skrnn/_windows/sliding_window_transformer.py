"""The transformer that gives every row the window of rows that led to it."""

from __future__ import annotations

from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from pandas.tseries.offsets import BaseOffset
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context
from sklearn.utils import Tags
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted, validate_data

from ._labels.label_columns import LABEL_CONSTRAINTS, LabelColumns
from ._labels.row_labels import RowLabels, check_same_kind
from ._labels.runs import Runs, find_runs, follows
from ._labels.time_step import Step, find_step
from .sequence_output import SequenceOutputMixin
from .window_arrays import gather_windows, window_view

Arrays = NDArray[Any]


def _is_flat(transformer: SlidingWindowTransformer) -> bool:
    return bool(transformer.flatten)


class SlidingWindowTransformer(SequenceOutputMixin, TransformerMixin, BaseEstimator):
    """Give each row of a series the window of rows that led up to it.

    Rows are kept: there is a window for every row, so the transformer works in any
    scikit-learn pipeline, and `lookback` can be tuned by a grid search in which
    every candidate is scored on the same rows. The window of row t holds the rows
    ``t - shift - lookback + 1`` to ``t - shift`` of its own series, oldest first.
    Steps that do not exist, before the start of a series or after a gap, are NaN,
    always at the front.

    Parameters
    ----------
    lookback : int, default=1
        Time steps in a window.
    shift : int, default=0
        How many rows the newest step of a window lies back. 0 ends each window with
        its own row.
    min_periods : int, default=1
        Windows with fewer existing steps become all NaN, as in pandas' ``rolling``.
        More than 1 needs a copy of all windows.
    id_col : str or list of str, default=None
        Column or index level that names the series of each row, or several that name
        it together. Such a column is no feature. None: all levels of a MultiIndex but
        the one of the time; with a plain index all rows are one series.
    time_col : str or list of one str, default=None
        Column or index level that holds the time of each row. Such a column is no
        feature. None: the index; in a MultiIndex the last level that `id_col` does not
        name.
    freq : str, pandas offset or int, default=None
        How far a time label is from the next, where the index does not tell: a
        frequency for dates, a number for integers.
    context : "auto" or bool, default="auto"
        Whether `transform` continues the rows of `fit`: the first windows of a series
        that starts right where the fitted one ended then reach back into it.
        Where rows are labelled, the labels decide, unless this is False. Rows of
        bare arrays continue the fitted ones only with True.
    flatten : bool, default=False
        Whether to return a table, (n_samples, lookback * n_features), for any other
        estimator, in place of 3-D windows.

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
    make_supervised : Makes the target that goes with the rows.
    sliding_windows : Makes windows as plain arrays, before any split.

    Notes
    -----
    Row t continues row t-1 only when its time label is the next one: the next
    period, the next date of the frequency, the next integer. No window crosses a
    series or a gap. Rows of bare arrays are one series in order.

    The context is the past of the rows that are transformed, so nothing leaks: in a
    `TimeSeriesSplit`, ``fit(X[:k]).transform(X[k:])`` equals the rows from k on of
    ``fit_transform(X)``.

    NaN in `X` passes through.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import SlidingWindowTransformer
    >>> X = np.array([[1.0], [2.0], [3.0]])
    >>> SlidingWindowTransformer(lookback=2).fit_transform(X)[:, :, 0]
    array([[nan,  1.],
           [ 1.,  2.],
           [ 2.,  3.]])

    As a table, for any estimator, with the names of the lags:

    >>> lags = SlidingWindowTransformer(lookback=2, flatten=True).fit(X)
    >>> lags.get_feature_names_out(["passengers"])
    array(['passengers_lag1', 'passengers_lag0'], dtype=object)
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
        """Learn the frequency, and remember the last rows of each series.

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
        self._learn(X)
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
            A read-only view of one padded copy of `X` where all rows are one series
            without gaps and ``min_periods`` is 1.
        """
        check_is_fitted(self)
        values, labels = LabelColumns(self.id_col, self.time_col).read_rows(X, owner=self)
        known = self._context_labels
        check_same_kind(known, labels)
        validate_data(self, X, skip_check_array=True, reset=False)
        if (known.time is None) != (labels.time is None):
            if self.context is True:
                raise ValueError(
                    "context=True needs rows of one kind in fit and transform: with an index in "
                    "both, or as bare arrays in both. Pass context=False to start anew."
                )
            return self._windows(values, find_runs(labels, find_step(labels, freq=self.freq)))
        learned = self.freq_
        if learned is None and getattr(labels.time, "freq", None) is None:
            # A single row does not tell the step: it together with these rows must.
            learned = find_step(known.append(labels), freq=self.freq)
        step = find_step(labels, freq=self.freq, learned=learned)
        wanted = self.context is True or (self.context == "auto" and labels.time is not None)
        context = self._continued_rows(known, labels, step) if wanted else np.arange(0)
        return self._windows(
            np.concatenate((self._context_values[context].astype(values.dtype), values)),
            find_runs(known.take(context).append(labels), step),
            n_context=len(context),
        )

    @_fit_context(prefer_skip_nested_validation=True)
    def fit_transform(self, X: ArrayLike, y: Any = None) -> Arrays:
        """Fit to `X` and return its windows; nothing comes before its first rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows, oldest first in each series.
        y : None
            Ignored.

        Returns
        -------
        windows : ndarray of shape (n_samples, lookback, n_features), or \
                (n_samples, lookback * n_features) if ``flatten``
        """
        values, runs = self._learn(X)
        return self._windows(values, runs)

    @available_if(_is_flat)
    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> Arrays:
        """Return the names of the columns of flat windows.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the input; those seen in fit by default.

        Returns
        -------
        names : ndarray of str
            ``<feature>_lag<k>`` for the value k rows back, oldest first.
        """
        check_is_fitted(self, "n_features_in_")
        names = _check_feature_names_in(self, input_features)
        labels = LabelColumns(self.id_col, self.time_col).names
        names = [name for name in names if name not in labels]
        lags = range(self.shift + self.lookback - 1, self.shift - 1, -1)
        return np.array([f"{name}_lag{lag}" for lag in lags for name in names], dtype=object)

    def _learn(self, X: Any) -> tuple[Arrays, Runs]:
        """Fit to `X`, and return its features and unbroken runs."""
        if self.min_periods > self.lookback:
            raise ValueError(
                f"min_periods must not exceed lookback, but min_periods={self.min_periods} and "
                f"lookback={self.lookback}."
            )
        values, labels = LabelColumns(self.id_col, self.time_col).read_rows(X, owner=self)
        step = find_step(labels, freq=self.freq)
        runs = find_runs(labels, step)
        validate_data(self, X, skip_check_array=True, reset=True)
        self.freq_ = step
        kept = _last_rows(labels.series_codes()[runs.order], self.lookback - 1 + self.shift)
        rows = runs.order[kept]
        self._context_values = values[rows]
        self._context_labels = labels.take(rows)
        return values, runs

    def _continued_rows(
        self, context: RowLabels, labels: RowLabels, step: Step
    ) -> NDArray[np.intp]:
        """Rows of the context whose series goes on, without a gap, in these labels."""
        n_context = context.n_rows
        if context.time is None or labels.time is None:
            return np.arange(n_context)
        codes = context.append(labels).series_codes()
        # For each series: its last row of the context, and its first of the new rows.
        last = pd.Series(np.arange(n_context)).groupby(codes[:n_context]).last()
        first = pd.Series(np.arange(labels.n_rows)).groupby(codes[n_context:]).first()
        met = last.index.intersection(first.index)
        before, after = last[met].to_numpy(), first[met].to_numpy()
        if len(met):
            met = met[follows(context.time[before], labels.time[after], step)]
        return np.flatnonzero(np.isin(codes[:n_context], met))

    def _windows(self, values: Arrays, runs: Runs, *, n_context: int = 0) -> Arrays:
        """Windows of all rows but the first `n_context`."""
        lookback, shift = int(self.lookback), int(self.shift)
        try:
            if runs.is_single and self.min_periods == 1:
                windows = window_view(values, lookback, shift)[n_context:]
            else:
                windows = self._gather(values, runs, n_context)
            if not self.flatten:
                return windows
            return windows.reshape(len(windows), -1)
        except MemoryError as error:
            n_bytes = len(values) * lookback * values[:1].nbytes
            raise MemoryError(
                f"Windows of lookback={lookback} over {len(values)} rows do not fit into memory: "
                f"all of them hold {n_bytes / 2**30:,.1f} GiB. Choose a shorter lookback."
            ) from error

    def _gather(self, values: Arrays, runs: Runs, n_context: int) -> Arrays:
        lookback, shift = int(self.lookback), int(self.shift)
        position = np.empty_like(runs.order)
        position[runs.order] = np.arange(len(runs.order))
        position = position[n_context:]
        n_existing = np.clip(position - shift - runs.start[position] + 1, 0, lookback)
        n_existing[n_existing < self.min_periods] = 0
        return gather_windows(values[runs.order], position, n_existing, lookback, shift)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def _last_rows(series: NDArray[np.intp], n_rows: int) -> NDArray[np.intp]:
    """Positions of the last `n_rows` rows of each series, in rows sorted by series."""
    stop = np.searchsorted(series, series, side="right")
    return np.flatnonzero(stop - np.arange(len(series)) <= n_rows)
