"""Search for leaks: changes what must not matter, and looks whether predictions move."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from joblib import parallel_config
from numpy.typing import NDArray
from sklearn.base import is_classifier, is_regressor
from sklearn.model_selection import check_cv

from skrnn._validation.parameters import integer_at_least
from skrnn._windows._labels.label_columns import LabelColumns

from ._copied_target import copied_targets
from ._fits import Fits
from ._later_rows import leaks_in_prediction
from ._leak_report import LeakReport
from ._recorded_steps import nested_estimators
from ._row_times import RowTimes, row_times
from ._split_leaks import leaks_of_splits, own_split, unknown_in
from ._target_reach import target_reach


def find_leaks(
    model: Any,
    X: Any,
    y: Any,
    cv: Any = None,
    *,
    horizon: int | None = None,
    id_col: str | list[str] | None = None,
    time_col: str | list[str] | None = None,
) -> LeakReport:
    """Return the leaks of a model and its cross-validation: values that are not known in time.

    Rows after some time are changed, and predictions of earlier rows must not move. Targets that
    are not known when a test part begins are changed, and the fitted model must not move. Each
    leak is reported with the step, the rows, its size and a cure.

    Parameters
    ----------
    model : estimator
        A regressor or classifier of rows, such as a pipeline, or of windows. It is cloned, and
        every ``random_state=None`` becomes 0. Of a search its estimator is checked, with the best
        parameters if it is fitted, and its `cv` if none is passed.
    X : DataFrame or array-like of shape (n_samples, n_features) or 3-D
        Rows, or windows of shape (n_samples, lookback, n_features), as they are passed to `fit`.
        Row t holds what is known at time t.
    y : Series, DataFrame or array-like of shape (n_samples,) or (n_samples, horizon, ...)
        Targets of the rows.
    cv : splitter, int or iterable of (train, test), default=None
        The cross-validation, as in a search; ``list(cv.split(X, y, groups))`` if it needs groups.
        None: the splits are not checked, and the model is fitted before the newest fifth of the
        time labels.
    horizon : int, default=None
        Number of time steps from a row to its last target. None: read from the columns of `y`,
        and from a column of `X` that has the same values later. Pass it if `y` is a sum or a mean
        of several steps.
    id_col, time_col : str or list of str, default=None
        Columns or index levels of X that name the series and hold the time of each row. None: as
        the steps of the model and `cv` name them, else as in
        :class:`~skrnn.SlidingWindowTransformer`.

    Returns
    -------
    report : LeakReport
        Prints the leaks and what was checked. Its ``table`` is a DataFrame, its length the number
        of leaks.

    Raises
    ------
    ValueError
        If X and y differ in their number of rows, there are too few, or their labels cannot be
        read.
    TypeError
        If X is neither a DataFrame of pandas nor an array.

    See Also
    --------
    PanelTimeSeriesSplit : Splits several series at the same time.

    Notes
    -----
    These kinds of leaks are found:

    ================================================ ============================================
    kind                                             such as
    ================================================ ============================================
    "later rows"                                     a centred mean, a gap that is filled with
                                                     the next value, a scaler fitted in transform
    "changes while predicting"                       a step that learns in transform
    "later time steps"                               ``bidirectional=True`` with a prediction for
                                                     each step of the window
    "training rows after the start of the test part" KFold, ShuffleSplit, TimeSeriesSplit on rows
                                                     that are sorted by series
    "targets reach into the test part"               horizon 12 without ``gap=11``
    "target among the features"                      a copy of the target, its logarithm, a shift
                                                     in the wrong direction
    ================================================ ============================================

    **Changes.** Changed features get the lowest and then the highest value of their column. Changed
    targets get another value of the targets. So every model accepts the changed values. Features
    change after the middle of a test part, and after up to four gaps in the values of X. Each step
    is tried by itself: its input is unchanged in the earlier rows, and changed in the later rows.

    **Cost.** One fit and about ten predictions of all rows; for each kind of leak that a split
    shows, one or two fits more. Fits get no sample weights, and their warnings are not shown.

    **What cannot be found.** `X` is taken as it is: if it was scaled, smoothed or imputed before,
    with later rows, only a copy of the target is found. Put such steps into the pipeline.
    Nor does a test show that it was used before, for example to choose the model.

    Examples
    --------
    The mean of three months around each row contains the next month, which is the target:

    >>> from sklearn.linear_model import LinearRegression
    >>> from sklearn.model_selection import TimeSeriesSplit
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import FunctionTransformer
    >>> from skrnn import make_supervised
    >>> from skrnn.datasets import load_airline_passengers
    >>> from skrnn.model_selection import find_leaks
    >>> X, y = make_supervised(load_airline_passengers())
    >>> def smooth(rows):
    ...     return rows.rolling(3, center=True, min_periods=1).mean()
    >>> model = make_pipeline(FunctionTransformer(smooth), LinearRegression())
    >>> report = find_leaks(model, X, y, cv=TimeSeriesSplit(3))
    >>> report.table[["kind", "step"]]
             kind                                       step
    0  later rows  functiontransformer (FunctionTransformer)
    >>> print(report)
    1 leak found.
    ...
    """
    # Some have predict only after fit, such as a StackingRegressor.
    if not hasattr(model, "fit") or not (
        hasattr(model, "predict") or is_regressor(model) or is_classifier(model)
    ):
        raise TypeError(
            f"model must have fit(X, y) and predict(X), but is a {type(model).__name__}. Pass a "
            "pipeline of rows. Forecaster.backtest makes its splits itself: no clone sees later "
            "rows."
        )
    parameters = model.get_params(deep=False)
    if {"estimator", "cv", "refit"} <= set(parameters):  # a search
        cv = check_cv(model.cv, y, classifier=is_classifier(model)) if cv is None else cv
        model = getattr(model, "best_estimator_", model.estimator)
    X, y = _as_table(X, "X"), _as_table(y, "y")
    if len(X) != len(y):
        raise ValueError(
            f"X and y must have the same rows, but X has {len(X)} and y has {len(y)}. Pass them as "
            "to fit; make_supervised makes both of a series."
        )
    horizon = None if horizon is None else integer_at_least(1, horizon=horizon)
    if cv is not None:
        cv = check_cv(cv, y, classifier=is_classifier(model))
    parts = [cv, *(part for _, part in nested_estimators(model))]
    columns = LabelColumns(_named("id_col", id_col, parts), _named("time_col", time_col, parts))
    rows = row_times(X, y, columns)
    names, features = _features(X, columns)
    targets = np.asarray(y)
    reach = target_reach(features[:, -X.shape[-1] :], targets, rows, horizon)
    splits = (
        [own_split(rows, reach)]
        if cv is None
        else [(np.sort(train), np.sort(test)) for train, test in cv.split(X, y)]
    )
    labels = columns.columns(X)
    fits = Fits(model, X, y, splits)
    title = type(cv).__name__.replace("_CVIterableWrapper", "the splits of cv")
    unknown = [unknown_in(split, rows, reach) for split in splits]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        leaks = leaks_of_splits(title, unknown, rows, reach, fits.effect)
        fitted, test = fits.largest()
        cuts = _cuts(rows, test, X)
        with parallel_config("threading"):  # other processes would not tell what steps do
            leaks += leaks_in_prediction(fitted, X, rows, cuts, labels)
    leaks += copied_targets(features, names, targets, rows, reach)
    times = ", ".join(rows.show(np.array([cut])) for cut in sorted(cuts))
    checked = [
        rows.origin,
        reach.origin,
        "The splits are not checked, as cv is None." if cv is None else f"{len(splits)} splits.",
        f"{fits.n_fits} fit{'s' * (fits.n_fits > 1)}. Predictions of the rows up to {times}, while "
        "later rows change.",
        f"{len(names)} column{'s' * (len(names) > 1)} of X, which may copy the target.",
    ]
    return LeakReport(leaks, checked)


def _as_table(values: Any, name: str) -> Any:
    """Return a table of pandas, or an array of anything else."""
    if isinstance(values, pd.DataFrame) or (name == "y" and isinstance(values, pd.Series)):
        return values
    array = np.asarray(values)
    if array.ndim < (2 if name == "X" else 1):
        raise TypeError(
            f"{name} must be a DataFrame or an array with one row for each sample, but is a "
            f"{type(values).__name__} of {array.ndim} dimension(s). Convert it, e.g. with "
            "to_frame() of a Series, or toarray() of a sparse matrix."
        )
    return array


def _named(parameter: str, value: Any, parts: list[Any]) -> Any:
    """Return a parameter that names label columns, as passed, else as a step has it."""
    found = (getattr(part, parameter, None) for part in parts)
    return value if value is not None else next((name for name in found if name is not None), None)


def _features(X: Any, columns: LabelColumns) -> tuple[list[str], NDArray[Any]]:
    """Return the name of each feature, and the features as a 2-D array."""
    if isinstance(X, pd.DataFrame):
        table = columns.features(X)
        return [repr(name) for name in table.columns], table.to_numpy()
    names = [
        " ".join(f"{axis} {place}" for axis, place in zip(("step", "feature"), places, strict=True))
        if X.ndim == 3
        else str(places[0])
        for places in np.ndindex(X.shape[1:])
    ]
    return names, X.reshape(len(X), -1)


def _cuts(rows: RowTimes, test: NDArray[np.intp], X: Any) -> list[int]:
    """Return the times after which rows are changed: the middle of a test part, ends of gaps.

    A gap is a run of missing values. A step that fills it with the next value shows there only.
    """
    times = np.unique(rows.time[test])
    cuts = [times[(len(times) - 1) // 2]]
    if np.ndim(X) == 2:
        order = np.lexsort((rows.time, rows.series))
        is_missing = pd.DataFrame(X).isna().to_numpy()[order]
        is_end = (is_missing[:-1] & ~is_missing[1:]).any(axis=1)
        is_end &= np.diff(rows.series[order]) == 0
        ends = np.unique(rows.time[order[:-1][is_end]])
        cuts += list(ends[np.linspace(0, len(ends) - 1, min(len(ends), 4)).astype(int)])
    return list(dict.fromkeys(int(min(cut, rows.n_times - 2)) for cut in cuts))
