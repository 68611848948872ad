"""Errors of forecasts from earlier rows, by forecasters that knew nothing later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone

from .conformal import SeriesErrors
from .known_effects import sizes_as_in_fit
from .origins import History, Origin, forecasts_from
from .series_rows import SeriesRows

Arrays = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Calibration:
    """Errors of forecasts from earlier origins, in units of the size of their series.

    Parameters
    ----------
    errors : ndarray of shape (n_origins, n_series, horizon, n_targets)
        NaN where there was no forecast or no value, or the series had not changed before.
    sizes : ndarray of shape (n_series, n_targets)
        Sizes of the series in fit, see :func:`seasonal_sizes`.
    usual : ndarray of shape (2, n_targets)
        Usual ratios of sizes in fit, see :func:`seasonal_sizes`.
    names : pandas.Index or None
        Names of the series in fit; None for a single one without a name.
    season : int
    stride : int
        Number of rows from one origin to the next.
    """

    errors: Arrays
    sizes: Arrays
    usual: Arrays
    names: pd.Index | None
    season: int
    stride: int

    def of(self, rows: SeriesRows, kept: SeriesRows) -> SeriesErrors:
        """Return the errors for the series of some rows. `kept` are the last rows of fit."""
        now, _ = seasonal_sizes(rows, self.season, self.sizes.shape[1], self.usual)
        sizes = sizes_as_in_fit(now.copy(), rows, kept, self.sizes, self.names)
        sizes = np.where(sizes > 0, sizes, now)  # some had not changed before fit
        place = np.zeros(len(sizes), dtype=np.intp)
        if self.names is not None:
            place = self.names.get_indexer(rows.names)
        return SeriesErrors(self.errors, place, sizes, self.stride)


def errors_of(
    calibration: Calibration | None, rows: SeriesRows, kept: SeriesRows, n_steps: int
) -> SeriesErrors:
    """Return the errors for the series of some rows. `kept` are the last rows of fit.

    Raises
    ------
    ValueError
        If there was no calibration, or it has fewer steps.
    """
    if calibration is None:
        raise ValueError(
            "Intervals need errors of earlier forecasts, but n_calibration is 0. Set it to the "
            "number of earlier origins, e.g. Forecaster(n_calibration=20), and fit."
        )
    if n_steps > (horizon := calibration.errors.shape[2]):
        raise ValueError(
            f"steps={n_steps} is beyond horizon={horizon}, up to which errors are known. Intervals "
            "of more steps need a longer horizon."
        )
    return calibration.of(rows, kept)


def calibrate(forecaster: Any, history: History) -> Calibration | None:
    """Return the errors of forecasts from `n_calibration` origins before the last rows.

    The newest origin is `horizon` rows before the last row of each series, and the others are
    `calibration_stride` rows apart. Clones of the forecaster are fitted to the rows up to each.

    Raises
    ------
    ValueError
        If the series are too short.
    KeyboardInterrupt
        After Ctrl-C.
    """
    n_origins = int(forecaster.n_calibration)
    if not n_origins:
        return None
    rows, horizon = history.rows, int(forecaster.horizon)
    stride = int(forecaster.calibration_stride)
    n_targets, n_series = len(history.reader.targets), len(rows.last)
    time: Any = rows.labels.time
    ages = np.unique(rows.ages[rows.is_known.all(axis=1)])
    ages = ages[(ages >= horizon) & ((ages - horizon) % stride == 0)]
    ages = ages[:n_origins][::-1]  # where no series has a target there is none
    if len(ages) < n_origins:
        raise ValueError(
            f"n_calibration={n_origins} with horizon={horizon} and calibration_stride={stride} "
            f"needs a series with {horizon + stride * (n_origins - 1) + 1} rows, and rows to learn "
            f"from before them, but the longest series has {rows.lengths.max()} row(s). Choose a "
            "smaller n_calibration or calibration_stride."
        )
    origins = []
    for age in ages:
        last = np.flatnonzero((rows.ages == age) & rows.is_known.all(axis=1))
        origins.append(Origin(time[last].max(), rows.ages >= age, last))
    plain = clone(forecaster).set_params(n_calibration=0)
    tables = forecasts_from(plain, history, origins, n_jobs=forecaster.n_jobs, stacklevel=4)
    if len(tables) < len(origins):
        raise KeyboardInterrupt
    season = history.reader.season
    sizes_now, usual = seasonal_sizes(rows, season, n_targets)
    errors = np.full((n_origins, n_series, horizon, n_targets), np.nan)
    # Series that never changed tell nothing of others. Where none ever changed, errors are 0.
    errors[..., (sizes_now == 0).all(axis=0)] = 0.0
    values = np.where(rows.is_known, rows.values[:, :n_targets], np.nan)
    for number, (origin, table) in enumerate(zip(origins, tables, strict=True)):
        known = rows.take(np.flatnonzero(origin.known))
        sizes, _ = seasonal_sizes(known, season, n_targets)
        sizes[known.lengths == 1] = 0.0  # one value tells too little for the unit of an error
        sizes = sizes[np.searchsorted(known.last, _within(origin.known, origin.last))]
        y = table[history.reader.targets].to_numpy().reshape(len(origin.last), horizon, n_targets)
        ahead = origin.last[:, np.newaxis] + np.arange(1, horizon + 1)
        sizes = np.broadcast_to(sizes[:, np.newaxis], y.shape)
        found = errors[number, rows.series[origin.last]]
        np.divide(values[ahead] - y, sizes, out=found, where=sizes > 0)
        errors[number, rows.series[origin.last]] = found
    return Calibration(errors, sizes_now, usual, rows.names, season, stride)


def seasonal_sizes(
    rows: SeriesRows, season: int, n_targets: int, usual: Arrays | None = None
) -> tuple[Arrays, Arrays]:
    """Return sizes of series, and their usual ratios to other measures of series.

    A size is the mean absolute change from season to season. For series without two values one
    season apart it is the mean absolute change from row to row, times the usual ratio of the two.
    For those without two values one row apart it is the mean absolute value, times the usual
    ratio. 0 if nothing changes.

    Parameters
    ----------
    rows : SeriesRows
    season, n_targets : int
    usual : ndarray of shape (2, n_targets), default=None
        Usual ratios to the change from row to row, and to the absolute value. None: the medians
        over these series.

    Returns
    -------
    sizes : ndarray of shape (n_series, n_targets)
    usual : ndarray of shape (2, n_targets)
    """
    values = pd.DataFrame(np.where(rows.is_known, rows.values[:, :n_targets], np.nan))
    sizes, by_row = (
        values.groupby(rows.series).diff(lag).abs().groupby(rows.series).mean().to_numpy()
        for lag in (season, 1)
    )
    levels = values.abs().groupby(rows.series).mean().to_numpy()
    ratios = []
    for i, (measure, without) in enumerate(((by_row, 1.0), (levels, 0.0))):
        ratio = _median_ratio(sizes, measure, without) if usual is None else usual[i]
        sizes = np.where(np.isnan(sizes), ratio * measure, sizes)
        ratios.append(ratio)
    return np.nan_to_num(sizes), np.array(ratios)


def _median_ratio(sizes: Arrays, measure: Arrays, without: float) -> Arrays:
    """Return the median over series of the ratio of two positive numbers of each target."""
    both = (sizes > 0) & (measure > 0)
    ratios = np.divide(sizes, measure, out=np.full_like(sizes, np.nan), where=both)
    return np.nan_to_num(pd.DataFrame(ratios).median().to_numpy(), nan=without)


def _within(known: NDArray[np.bool_], rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the places of rows among those that are known."""
    return np.cumsum(known)[rows] - 1
