"""A fitted model of the rows of series, and its forecasts from any of these rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skrnn._models.inner_regressor import takes_windows

from .known_effects import KnownEffects, fit_effects
from .series_rows import SeriesRows
from .step_models import StepModels, Windows, fit_models

Arrays = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Data:
    """Rows of series with all that belongs to them.

    Parameters
    ----------
    rows : SeriesRows
        Their columns are the targets and the other columns of the windows.
    known : ndarray of shape (n_rows, n_known)
        Known features.
    static : ndarray of shape (n_series, n_static)
        Static features.
    sizes : ndarray of shape (n_series, n_targets)
        Size of each series, for the effects of known features.
    """

    rows: SeriesRows
    known: Arrays
    static: Arrays
    sizes: Arrays

    @property
    def series(self) -> NDArray[np.intp]:
        """The series of each row, as a number."""
        return self.rows.labels.series_codes()


@dataclass(frozen=True, eq=False)
class ForecastModel:
    """Fitted regressors, and the effects of known features.

    Parameters
    ----------
    models : StepModels
    effects : KnownEffects or None
        None for regressors of lags, which get the known features as columns.
    lookback : int
    """

    models: StepModels
    effects: KnownEffects | None
    lookback: int

    def forecast(self, data: Data, origins: NDArray[np.intp], ahead: Arrays) -> Arrays:
        """Return the forecasts of the steps that follow some rows.

        Beyond the horizon, forecasts are fed back as the newest steps of the windows.

        Parameters
        ----------
        data : Data
        origins : ndarray of shape (n,)
            Positions of the last rows that are known.
        ahead : ndarray of shape (n, n_steps, n_known)
            Known features of the steps that are forecast.

        Returns
        -------
        ndarray of shape (n, n_steps, n_targets)
        """
        series, n_targets = data.series[origins], self.models.n_targets
        values, sizes, static = data.rows.values, data.sizes[series], data.static[series]
        if self.effects is not None:
            values = less_effects(data, self.effects)
        X, lengths = data.rows.windows(values, origins, self.lookback)
        blocks, n_steps = [], ahead.shape[1]
        for start in range(0, n_steps, self.models.horizon):
            known = ahead[:, start : start + self.models.horizon]
            block = self.models.predict(Windows(X, lengths, known, static), known.shape[1])
            blocks.append(block)
            if start + self.models.horizon < n_steps:  # there are no other columns
                X = np.concatenate((X, block), axis=1)[:, -self.lookback :]
                lengths = np.minimum(lengths + block.shape[1], self.lookback)
        y = np.concatenate(blocks, axis=1)
        if self.effects is not None:
            of_steps = self.effects.of(ahead.reshape(-1, ahead.shape[2]), np.ones(n_targets))
            y = y + of_steps.reshape(*y.shape[:2], n_targets) * sizes[:, np.newaxis]
        return y


def less_effects(data: Data, effects: KnownEffects) -> Arrays:
    """Return the values of rows, the targets without the effects of known features."""
    values, n_targets = data.rows.values.copy(), data.sizes.shape[1]
    values[:, :n_targets] -= effects.of(data.known, data.sizes[data.series])
    return values


def training_rows(rows: SeriesRows, lookback: int, horizon: int) -> NDArray[np.intp]:
    """Return the rows to learn from, oldest first: all targets of the steps that follow are known.

    Rows without a full window are used of series only that have no row with one.
    """
    position = np.arange(len(rows.values))
    age = np.repeat(rows.last, rows.lengths) - position
    length = np.repeat(rows.lengths, rows.lengths)
    n_real = np.minimum(length - age, lookback)
    used = (age >= horizon) & ((n_real == lookback) | (length < lookback + horizon))
    n_unknown = np.cumsum(np.append(0, ~rows.is_known.all(axis=1)))
    ends = np.minimum(position + 1 + horizon, len(position))
    used &= n_unknown[ends] == n_unknown[position + 1]
    found = np.flatnonzero(used)
    return found[rows.labels.oldest_first(found)]


def fit_model(
    regressor: Any,
    data: Data,
    origins: NDArray[np.intp],
    *,
    lookback: int,
    horizon: int,
    several: bool,
    n_jobs: int | None,
) -> ForecastModel:
    """Fit a regressor to the windows that end with some rows, and the steps that follow.

    Parameters
    ----------
    regressor : regressor
    data : Data
    origins : ndarray of shape (n,)
        Rows to learn from, oldest first. Empty for a regressor that learns nothing but the
        shape of its targets.
    lookback, horizon : int
    several : bool
        Whether the targets are a list.
    n_jobs : int or None
    """
    n_targets = data.sizes.shape[1]
    effects, known, values = None, data.known, data.rows.values
    if takes_windows(regressor) and known.shape[1]:
        of_rows = data.sizes[data.series]
        effects = fit_effects(data.rows, known, of_rows, lookback)
        values = less_effects(data, effects)
    if len(origins):
        ahead = origins[:, np.newaxis] + np.arange(1, horizon + 1)
    else:  # the last values in place of targets
        origins = data.rows.last
        ahead = np.repeat(origins[:, np.newaxis], horizon, axis=1)
    X, lengths = data.rows.windows(values, origins, lookback)
    windows = Windows(X, lengths, known[ahead], data.static[data.series[origins]])
    y = values[ahead][:, :, :n_targets]
    models = fit_models(regressor, windows, y, several=several, n_jobs=n_jobs)
    return ForecastModel(models, effects, lookback)
