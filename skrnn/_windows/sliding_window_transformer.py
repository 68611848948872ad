"""A transformer from rows to windows."""

from __future__ import annotations

from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pandas.tseries.offsets import BaseOffset
from sklearn.base import _fit_context
from sklearn.utils import Tags
from sklearn.utils._param_validation import StrOptions

from skrnn._validation.parameters import Interval

from ._labels.label_columns import LABEL_CONSTRAINTS
from ._labels.row_labels import RowLabels
from ._labels.runs import Runs, find_runs
from ._labels.time_step import FREQ_CONSTRAINTS, find_step
from .context import Context, Joined, join, keep_rows, last_positions
from .labelled_rows import LabelledRowsTransformer, check_names
from .short_windows import count_full, n_existing_steps, warn_if_short
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
        Whether windows in `transform` may hold rows of `fit`. False: never. If rows have
        time labels, "auto" and True mean the same: the rows that `fit` keeps stand before
        and among the rows of their series, by their labels. Rows of arrays have no labels.
        With "auto" they do not follow those of `fit`. With True they do, unless they begin
        with all rows of `fit` again.
    flatten : bool, default=False
        Whether to return 2-D output of shape (n_samples, lookback * n_features), for
        estimators that are not made for windows.

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
    n_full_windows_ : int
        Number of rows in `fit` whose window has `lookback` steps. `fit` warns if no series is
        long enough for one. It also warns if, because of gaps in the time labels, more than
        half of the rows with enough rows of their series before them have no full window.

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

    Steps and ensembles that drop the index leave one series in order. If y still has an
    index that says otherwise, it is an error. An ensemble that draws rows at random, such
    as ``BaggingRegressor`` around the pipeline, drops both: its windows hold rows that do
    not follow each other. Only `id_col`, `time_col` or `freq` make an error of it.

    `fit` keeps the last ``2 * (lookback + shift)`` rows of each series, which a pickle
    holds too: 8 bytes for each value of float64, and the labels. Context does not leak.
    It holds older rows than those that are transformed:
    ``fit(X[:k]).transform(X[k:])`` equals the rows from k on of ``fit_transform(X)``, and
    ``fit(X).transform(X[-k:])`` its last k rows, as far as the kept rows reach (k up to
    ``lookback + shift``).

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
        **FREQ_CONSTRAINTS,
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
            `fit`, or one lies between two steps; if a value is missing; if `lookback` or
            `shift` was raised after `fit`, and context is used.
        MemoryError
            If the windows do not fit into memory.

        Warns
        -----
        UserWarning
            If no window of a series that `fit` saw is full, since its rows neither follow
            those of `fit` nor bring their own past; or if all windows are padding. Short
            windows in front of full ones do not warn: their rows may be passed as the past.
        """
        self._check_parameters()
        values, labels = self._read_as_in_fit(X)
        self._check_complete(X, values, labels)
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
        if is_other:
            rows = np.arange(labels.n_rows)
            joined = Joined(values, find_runs(labels, step), rows, np.ones(len(rows), dtype=bool))
        else:
            joined = join(self._usable_context(labels), labels, values, step)
        n_existing = n_existing_steps(joined.runs, self.lookback, self.shift)[joined.new]
        warn_if_short(joined, labels, n_existing, self.lookback, self.shift, self.min_periods)
        return self._windows(joined.values, joined.runs, joined.new)

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
        return self._windows(values, runs, np.arange(len(values)))

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> Arrays:
        """Return the names of the columns of flat windows, else of the features of a step.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the input; those seen in fit by default.

        Returns
        -------
        names : ndarray of str
            ``<feature>_lag<k>`` for the value k rows earlier, oldest first, if `flatten`;
            else the names along the last axis of the windows.
        """
        names, _ = self._names_in(input_features)
        if not self.flatten:
            return np.array(names, dtype=object)
        lags = range(self.shift + self.lookback - 1, self.shift - 1, -1)
        return np.array([f"{name}_lag{lag}" for lag in lags for name in names], dtype=object)

    def _makes_sequences(self) -> bool:
        return not self.flatten

    def _learn(self, X: Any, y: Any) -> tuple[Arrays, Runs]:
        """Fit to `X`, and return its features and runs."""
        self._check_parameters()
        values, labels = self._read_to_fit(X, y)
        self._check_complete(X, values, labels)
        step = find_step(labels, freq=self.freq)
        runs = find_runs(labels, step)
        check_names(self, X, values, reset=True)
        self.freq_ = step
        self.n_series_ = labels.n_series
        self.n_gaps_ = runs.n_runs - labels.n_series
        self._reach = int(self.lookback + self.shift)
        self.n_full_windows_ = count_full(labels, runs, step, self.lookback, self.shift)
        kept = last_positions(labels, runs, 2 * self._reach)
        self._context = keep_rows(labels, values, runs, kept)
        self._labels = self._context.labels
        return values, runs

    def _check_parameters(self) -> None:
        self._validate_params()  # in transform, too: set_params may have changed them
        if self.min_periods > self.lookback:
            raise ValueError(
                f"min_periods must not exceed lookback, but min_periods={self.min_periods} and "
                f"lookback={self.lookback}."
            )

    def _check_complete(self, X: Any, values: Arrays, labels: RowLabels) -> None:
        """Raise if a value of a row is missing."""
        rows = np.flatnonzero(np.isnan(values).any(axis=1))
        if len(rows):
            row, column = int(rows[0]), int(np.isnan(values[rows[0]]).argmax())
            names = getattr(self._label_columns.features(X), "columns", None)
            where = f"column {column} of X" if names is None else f"column {names[column]!r}"
            raise ValueError(
                f"X has NaN in {len(rows)} row(s), the first of them {labels.describe(row)}, "
                f"{where}. A window must hold the row that it belongs to. Fill missing values "
                "with SeriesImputer before the windows, or leave such rows out: they are a gap."
            )

    def _usable_context(self, labels: RowLabels) -> Context:
        """Return what `fit` kept if rows with these labels may use it."""
        if not self.context or (self.context == "auto" and labels.time is None):
            return self._context.without_rows()
        if self.lookback + self.shift > self._reach:
            raise ValueError(
                f"lookback={self.lookback} and shift={self.shift} were set after fit, which kept "
                f"rows for lookback + shift = {self._reach}. Fit again."
            )
        return self._context

    def _windows(self, values: Arrays, runs: Runs, wanted: NDArray[np.intp]) -> Arrays:
        """Return the windows of the wanted rows."""
        lookback, shift = int(self.lookback), int(self.shift)
        first, last = wanted[0], wanted[-1] + 1
        try:
            if runs.is_single and last - first == len(wanted) and self.min_periods == 1:
                windows = window_view(values, lookback, shift)[first:last]
            else:
                position = np.argsort(runs.order)[wanted]
                n_steps = n_existing_steps(runs, lookback, shift)[wanted]
                n_steps[n_steps < self.min_periods] = 0
                windows = gather_windows(values[runs.order], position, n_steps, lookback, shift)
            return windows.reshape(len(windows), -1) if self.flatten else windows
        except MemoryError as error:
            n_bytes = len(values) * lookback * values[:1].nbytes
            raise MemoryError(
                f"Windows of lookback={lookback} over {len(values)} rows do not fit into memory: "
                f"all of them hold {n_bytes / 2**30:,.1f} GiB. Choose a shorter lookback."
            ) from error

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = False
        return tags
