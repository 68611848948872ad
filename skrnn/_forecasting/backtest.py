"""Backtests: forecasts from earlier cutoffs, beside what happened."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone

from skrnn._validation.parameters import integer_at_least
from skrnn._windows._labels.label_columns import LabelColumns
from skrnn._windows._labels.row_labels import show

from .interval_table import bound_names, check_coverage
from .origins import History, Origin, forecasts_from
from .scored_rows import CUTOFF, ID, TARGET, TARGET_NAME, TIME
from .series_rows import SeriesRows, as_table
from .table_form import form_of
from .table_reader import make_reader

Arrays = NDArray[Any]
FORECAST = "forecast"


def cutoffs_of(
    rows: SeriesRows, cutoffs: Any, n_cutoffs: int, stride: int, horizon: int
) -> pd.Index:
    """Return the cutoffs of a backtest, oldest first.

    Parameters
    ----------
    rows : SeriesRows
        Cutoffs are among the labels of those with a target.
    cutoffs : label, list-like or None
        Labels that the user passed.
    n_cutoffs, stride, horizon : int
        Without `cutoffs`: their number, the labels from one to the next, and the rows of a series
        that follow each of them at least.

    Raises
    ------
    ValueError
        If a cutoff is not among the labels or nothing follows it, or there are too few labels.
    """
    time: Any = rows.labels.time
    is_known = rows.is_known.all(axis=1)
    labels = time[is_known].unique().sort_values()
    if cutoffs is None:
        n_cutoffs = integer_at_least(1, n_cutoffs=n_cutoffs)
        stride = integer_at_least(1, stride=stride)
        row = np.arange(len(time))
        last = pd.Series(np.where(is_known, row, -1)).groupby(rows.series).transform("max")
        usable = time[is_known & (last - row >= horizon)].unique().sort_values()
        places = len(usable) - 1 - stride * np.arange(n_cutoffs)[::-1]
        if places[0] < 0:
            raise ValueError(
                f"n_cutoffs={n_cutoffs} with stride={stride} and horizon={horizon} need "
                f"{len(labels) - places[0]} time labels at least, but the series have "
                f"{len(labels)}. Choose fewer cutoffs."
            )
        return usable[places]
    given = pd.Index([cutoffs] if pd.api.types.is_scalar(cutoffs) else cutoffs)
    try:
        wanted = given.astype(labels.dtype).unique().sort_values()
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"cutoffs must be labels such as {show(labels[0])}, but are such as {show(given[0])}."
        ) from error
    found = labels[:-1].get_indexer(wanted)
    if (found < 0).any() or not len(found):
        wrong = wanted[found < 0]
        such_as = f", such as {show(wrong[0])}" if len(wrong) else ""
        raise ValueError(
            "cutoffs must be labels of the series, before the last one, which is "
            f"{show(labels[-1])}; {len(wrong)} of {len(found)} are not{such_as}."
        )
    return labels[found]


def find_origins(history: History, cutoffs: pd.Index, horizon: int) -> list[Origin]:
    """Return the rows that are known at each cutoff, and those from which to forecast.

    Raises
    ------
    ValueError
        If no series can be forecast at a cutoff.
    """
    rows, time = history.rows, history.rows.labels.time
    n_ahead = horizon if history.reader.future else 1
    can_start = rows.is_known.all(axis=1) & (rows.ages >= n_ahead)
    origins = []
    for cutoff in cutoffs:
        last = np.flatnonzero((time == cutoff) & can_start)
        if not len(last):
            raise ValueError(
                f"No series has a known target at the cutoff {show(cutoff)} and {n_ahead} row(s) "
                "after it. Choose other cutoffs."
            )
        origins.append(Origin(cutoff, np.asarray(time <= cutoff), last))
    return origins


def as_frame(
    history: History,
    origins: list[Origin],
    forecasts: list[pd.DataFrame],
    horizon: int,
    levels: list[float],
) -> pd.DataFrame:
    """Return forecasts from several cutoffs as one long frame, beside what happened."""
    rows, targets = history.rows, history.reader.targets
    steps = np.arange(1, horizon + 1)
    parts = []
    for origin, table in zip(origins, forecasts, strict=False):
        ahead = origin.last[:, np.newaxis] + steps
        exists = (rows.ages[origin.last][:, np.newaxis] >= steps).ravel()
        ahead = ahead.ravel()
        for column, target in enumerate(targets):
            kept = np.flatnonzero(exists)
            kept = kept[rows.is_known[ahead[kept], column]]
            names = [name for level in levels for name in bound_names(target, level)]
            values = table[[target, *names]].iloc[kept]
            parts.append(_part(rows, ahead[kept], origin.name, target, column, values))
    frame = pd.concat(parts, ignore_index=True)
    return frame if history.reader.several else frame.drop(columns=TARGET_NAME)


def _part(
    rows: SeriesRows,
    ahead: NDArray[np.intp],
    cutoff: Any,
    target: Any,
    column: int,
    values: pd.DataFrame,
) -> pd.DataFrame:
    """Return the forecasts of one target from one cutoff as rows of the long frame.

    `values` has the forecasts in its first column, and bounds in the others.
    """
    labels = rows.labels.take(ahead)
    series: Any = labels.series
    names = pd.Index([target], tupleize_cols=False).repeat(len(ahead))
    columns = {
        ID: names if series is None else series.to_flat_index(),
        TIME: labels.time,
        CUTOFF: cutoff,
        TARGET_NAME: names,
        TARGET: rows.values[ahead, column],
    }
    part = pd.DataFrame(columns, index=pd.RangeIndex(len(ahead)))
    for name in values:
        part[FORECAST + str(name).removeprefix(str(target))] = values[name].to_numpy()
    return part


class BacktestMixin:
    """The method `backtest` of a forecaster."""

    def backtest(
        self,
        series: Any,
        *,
        n_cutoffs: int = 10,
        cutoffs: Any = None,
        stride: int = 1,
        refit: bool = True,
        coverage: float | list[float] | None = None,
        n_jobs: int | None = None,
        verbose: int | bool = 0,
    ) -> pd.DataFrame:
        """Forecast from earlier cutoffs, beside what happened.

        At each cutoff a clone is fitted to the rows up to it, and forecasts `horizon` steps.
        This forecaster is not changed, and need not be fitted.

        Parameters
        ----------
        series : Series or DataFrame
            As in :meth:`fit`.
        n_cutoffs : int, default=10
            Number of cutoffs. The last one is `horizon` steps before the last label. A label at
            which no series has a target, or `horizon` later rows, is no cutoff.
        cutoffs : label or list of labels, default=None
            The cutoffs, in place of `n_cutoffs` and `stride`.
        stride : int, default=1
            Number of steps from one cutoff to the next.
        refit : bool, default=True
            False: a clone is fitted at the first cutoff only. Later forecasts start from new
            rows, as after :meth:`update`.
        coverage : float or list of float, default=None
            Share of the values that intervals should hold, as in :meth:`forecast`. The errors of
            `n_calibration` origins are learned anew in each fit.
        n_jobs : int, default=None
            Number of cutoffs at the same time. None: 1, -1: one for each processor.
        verbose : int, default=0
            1: show a progress bar.

        Returns
        -------
        frame : DataFrame
            A row for each series, cutoff and step, with the columns of utilsforecast:
            ``unique_id`` (the series; for one without a name, the target), ``ds`` (the label
            that is forecast), ``cutoff`` (the last label that was known), ``y`` (what happened)
            and ``forecast``. Bounds are named like ``forecast-lo-80``. If `target` is a list,
            ``target`` has its name.

        Raises
        ------
        ValueError
            If a cutoff is no label of the series, or no series can be forecast from it.

        Warns
        -----
        UserWarning
            If it was interrupted by Ctrl-C: the frame then has the cutoffs before.

        Notes
        -----
        A cutoff holds for all series: no clone sees a later row of any of them. A series is
        forecast from a cutoff if its target is known there, and later rows exist; with
        `future_features`, if all `horizon` rows exist. Steps at which the target is not known are
        left out.

        Warnings of the fits are raised once, with the first cutoff.

        Examples
        --------
        >>> from sklearn.linear_model import RidgeCV
        >>> from skrnn import Forecaster, skill_table
        >>> from skrnn.datasets import load_airline_passengers
        >>> series = load_airline_passengers()
        >>> forecaster = Forecaster(RidgeCV(), horizon=12, lookback=13)
        >>> frame = forecaster.backtest(series, n_cutoffs=24)
        >>> frame.round({"forecast": 0}).head(2)
            unique_id       ds   cutoff      y  forecast
        0  passengers  1958-02  1958-01  318.0     329.0
        1  passengers  1958-03  1958-01  362.0     385.0
        >>> skill_table(frame, series, season_length=12).overall[["mase"]].round(2)
                  mase
        model
        forecast  0.67
        """
        self._validate_params()  # type: ignore[attr-defined]
        history = _history(self, series)
        horizon = int(self.horizon)  # type: ignore[attr-defined]
        origins = find_origins(
            history, cutoffs_of(history.rows, cutoffs, n_cutoffs, stride, horizon), horizon
        )
        levels = [] if coverage is None else check_coverage(coverage)
        plain: Any = clone(self) if levels else clone(self).set_params(n_calibration=0)
        forecasts = forecasts_from(
            plain,
            history,
            origins,
            refit=refit,
            n_jobs=n_jobs,
            verbose=bool(verbose),
            stacklevel=2,
            coverage=coverage,
        )
        if not forecasts:
            raise KeyboardInterrupt
        if len(forecasts) < len(origins):
            warnings.warn(
                f"The backtest was interrupted: it has {len(forecasts)} of {len(origins)} cutoffs, "
                f"up to {show(origins[len(forecasts) - 1].name)}.",
                UserWarning,
                stacklevel=2,
            )
        return as_frame(history, origins, forecasts, horizon, levels)


def _history(forecaster: Any, series: Any) -> History:
    """Return the rows of series as a forecaster would read them in fit."""
    reader, rows = make_reader(
        series,
        LabelColumns(forecaster.id_col, forecaster.time_col),
        target=forecaster.target,
        future_features=forecaster.future_features,
        calendar=None,
        static_features=None,
        freq=forecaster.freq,
        season=lambda step: 1,
    )
    return History(reader, rows, form_of(as_table(series), reader.columns))
