"""Forecasts with dates of a model that was fitted without a Forecaster."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection._search import BaseSearchCV

from skrnn._models.inner_regressor import parameters_of, takes_windows
from skrnn._validation.parameters import integer_at_least
from skrnn._windows._labels.label_columns import LabelColumns
from skrnn._windows._labels.row_labels import RowLabels
from skrnn._windows._labels.runs import find_runs
from skrnn._windows._labels.time_step import Step, find_step
from skrnn._windows.series_table import Target, read_target

from .forecaster import Forecaster
from .next_labels import labels_ahead
from .series_rows import as_table, check_last_windows, read_rows, rows_of, sorted_rows
from .table_form import form_of

Arrays = NDArray[Any]


def forecast(
    model: Any,
    series: Any,
    steps: int | None = None,
    *,
    target: Target = None,
    lookback: int | None = None,
    id_col: str | list[str] | None = None,
    time_col: str | list[str] | None = None,
    freq: Any = None,
) -> pd.DataFrame:
    """Forecast the steps that follow the last row of each series, by a fitted model.

    Use it for a pipeline or a search that was fitted to rows of :func:`make_supervised`, or to
    windows of :func:`sliding_windows`. :class:`Forecaster` does more.

    Parameters
    ----------
    model : regressor
        Fitted. It predicts from rows, as a pipeline with :class:`SlidingWindowTransformer`, or
        from windows.
    series : Series or DataFrame
        One or several series, with all columns that `model` was fitted to and all rows up to the
        last known one: they are the past in the windows.
    steps : int, default=None
        Number of steps ahead. None: as many as `model` predicts. Beyond them, forecasts are fed
        back as the newest rows. This is possible only if all columns are forecast.
    target : column name or list of them, default=None
        Column that `model` predicts. None if there is only one.
    lookback : int, default=None
        Number of rows in a window, for a model of windows. None: the largest `lookback` among
        the parameters of `model`.
    id_col, time_col : str or list of str, default=None
        Columns or index levels that name the series and hold the time of each row, as in
        :class:`SlidingWindowTransformer`.
    freq : str, pandas offset or int, default=None
        Step from one time label to the next, if the labels do not show it.

    Returns
    -------
    forecast : DataFrame
        A row for each series and step ahead, in the form of `series`, with a column for each
        target.

    Raises
    ------
    ValueError
        If `steps` is beyond the horizon and there are other columns, `lookback` is needed, or
        the last row of a series has no target.

    Warns
    -----
    UserWarning
        If a gap cuts the last window of a series, or it holds rows without a target.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from skrnn import SlidingWindowTransformer, WindowLinearRegressor
    >>> from skrnn import forecast, make_supervised
    >>> from skrnn.datasets import load_airline_passengers
    >>> series = load_airline_passengers()
    >>> model = make_pipeline(SlidingWindowTransformer(13), WindowLinearRegressor())
    >>> model = model.fit(*make_supervised(series, horizon=3))
    >>> forecast(model, series).round()
             passengers
    month
    1961-01       447.0
    1961-02       416.0
    1961-03       446.0
    """
    if isinstance(model, Forecaster):
        return model.forecast(steps, series=series)
    n_steps = 0 if steps is None else integer_at_least(1, steps=steps)
    table, columns = as_table(series), LabelColumns(id_col, time_col)
    name, _ = read_target(table, target, columns)
    targets = name if isinstance(name, list) else [name]
    form, features = form_of(table, columns), list(columns.features(table).columns)
    if not hasattr(model, "predict"):
        raise TypeError(
            f"model must be a fitted regressor with predict, but is a {type(model).__name__} "
            "without it. A search needs refit=True."
        )
    fitted = getattr(model, "best_estimator_", model) if isinstance(model, BaseSearchCV) else model
    length = _window_length(fitted, lookback) if takes_windows(fitted) else None

    def predict_next(table: pd.DataFrame, freq: Any) -> tuple[Arrays, RowLabels, Step]:
        if length is None:
            y, last, step = _predict_from_rows(fitted, table, columns, freq)
        else:
            y, last, step = _predict_from_windows(fitted, table, columns, features, length, freq)
        if (y.ndim == 3 or len(targets) > 1) and y.shape[1:][-1:] != (len(targets),):
            raise ValueError(
                f"The model predicts {y.shape[1:]} numbers for each row, but target names "
                f"{len(targets)} column(s), {targets}. Pass the columns that it was fitted to "
                "predict, in their order."
            )
        return y.reshape(last.n_rows, -1, len(targets)), last, step

    y, last, step = predict_next(table, freq)
    if length is None:
        _warn_of_gaps(fitted, columns.read(table, n_rows=len(table)), step)
    horizon, others = y.shape[1], [name for name in features if name not in targets]
    if n_steps > horizon and others:
        raise ValueError(
            f"steps={n_steps} is beyond the {horizon} step(s) that the model predicts: that needs "
            f"later values of {others[0]!r}, which are not known. Fit it to a longer horizon."
        )
    while y.shape[1] < n_steps:
        known = form.table(labels_ahead(last, y.shape[1], step), _flat(y), targets)
        block, _, _ = predict_next(pd.concat((table, known[table.columns])), step)
        y = np.concatenate((y, block), axis=1)
    y = y[:, : n_steps or horizon]
    return form.table(labels_ahead(last, y.shape[1], step), _flat(y), targets, step)


def _flat(y: Arrays) -> Arrays:
    return y.reshape(-1, y.shape[2])


def _predict_from_rows(
    model: Any, table: pd.DataFrame, columns: LabelColumns, freq: Any
) -> tuple[Arrays, RowLabels, Step]:
    """Return what a model of rows predicts from the last row of each series."""
    labels = columns.read(table, n_rows=len(table))
    order = sorted_rows(labels)
    step = find_step(labels.take(order), freq=freq)
    codes = labels.series_codes()[order]
    last = order[np.append(codes[1:] != codes[:-1], True)]
    return np.asarray(model.predict(table), dtype=float)[last], labels.take(last), step


def _predict_from_windows(
    model: Any,
    table: pd.DataFrame,
    columns: LabelColumns,
    features: list[Any],
    lookback: int,
    freq: Any,
) -> tuple[Arrays, RowLabels, Step]:
    """Return what a model of windows predicts from the last window of each series."""
    labels, values, step = read_rows(table, columns, features, freq=freq)
    rows = rows_of(labels, values, step, features, len(features), 1)
    check_last_windows(rows, lookback, features)
    windows, _ = rows.windows(rows.values, rows.last, lookback)
    return np.asarray(model.predict(windows), dtype=float), rows.labels.take(rows.last), step


def _warn_of_gaps(model: Any, labels: RowLabels, step: Step) -> None:
    """Warn if a gap cuts the last window of a series, for a model of rows."""
    labels = labels.take(sorted_rows(labels))
    codes = labels.series_codes()
    last = np.flatnonzero(np.append(codes[1:] != codes[:-1], True))
    start = find_runs(labels, step).start[last]
    lookback = max(_lookbacks(model), default=1)
    is_cut = (last + 1 - start < lookback) & (start > np.append(-1, last[:-1]) + 1)
    if is_cut.any():
        i = int(is_cut.argmax())
        warnings.warn(
            f"A gap cuts the last window of {int(is_cut.sum())} of {len(last)} series: from "
            f"{labels.describe(int(start[i]))} on there are {last[i] + 1 - start[i]} row(s), and "
            f"lookback is {lookback}. Insert the missing rows and fill them, for fit too "
            "(insert_missing_rows, then SeriesImputer).",
            UserWarning,
            stacklevel=3,
        )


def _lookbacks(model: Any) -> list[int]:
    """Return the parameters of a model that say how many rows windows have."""
    return [
        int(value)
        for name, value in parameters_of(model).items()
        if name.rpartition("__")[2] == "lookback"
    ]


def _window_length(model: Any, lookback: int | None) -> int:
    """Return the number of rows in the windows of a model of windows."""
    if lookback is not None:
        return integer_at_least(1, lookback=lookback)
    found = _lookbacks(model)
    if not found:
        raise ValueError(
            "The model predicts from windows, and no parameter says how many rows they have. Pass "
            "the lookback of its windows, e.g. lookback=24."
        )
    return max(found)
