"""A fitted model of the rows of series, and its forecasts from any of these rows."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skrnn._models.inner_regressor import takes_windows
from skrnn._windows._labels.time_step import show_step

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
        X, lengths = self._windows(data, origins)
        static = data.static[data.rows.series[origins]]
        blocks, n_steps = [], ahead.shape[1]
        for start in range(0, n_steps, self.models.horizon):
            known = ahead[:, start : start + self.models.horizon]
            block = self.models.predict(Windows(X, lengths, known, static), known.shape[1])
            blocks.append(block)
            if start + self.models.horizon < n_steps:  # there are no other columns
                X = np.concatenate((X, block.astype(X.dtype)), axis=1)[:, -self.lookback :]
                lengths = np.minimum(lengths + block.shape[1], self.lookback)
        y = np.concatenate(blocks, axis=1) + self._effects(data, origins, ahead)
        return np.asarray(y, X.dtype)

    @property
    def has_quantiles(self) -> bool:
        """Whether the regressor predicts quantiles, as PretrainedGRURegressor does."""
        return hasattr(self.models.regressors[0][0], "predict_quantiles")

    def quantiles(
        self, data: Data, origins: NDArray[np.intp], ahead: Arrays, probabilities: list[float]
    ) -> Arrays:
        """Return quantiles that the regressor predicts: (n, n_steps, n_targets, n_quantiles).

        The parameters are those of :meth:`forecast`. There are at most as many steps as the
        horizon has.
        """
        X, lengths = self._windows(data, origins)
        n_steps, horizon = ahead.shape[1], self.models.horizon
        X = Windows(X, lengths, ahead, data.static[data.rows.series[origins]]).with_static()
        parts = [
            regressor.predict_quantiles(X, probabilities).reshape(
                len(X), horizon, -1, len(probabilities)
            )
            for regressor in self.models.regressors[0]
        ]
        y = np.concatenate(parts, axis=2)[:, :n_steps]
        return y + np.asarray(self._effects(data, origins, ahead))[..., np.newaxis]

    def _windows(self, data: Data, origins: NDArray[np.intp]) -> tuple[Arrays, NDArray[np.intp]]:
        """Return the windows that end with some rows, and the number of their real steps."""
        values = data.rows.values
        if self.effects is not None:
            values = less_effects(data, self.effects)
        return data.rows.windows(values, origins, self.lookback)

    def _effects(self, data: Data, origins: NDArray[np.intp], ahead: Arrays) -> Arrays | float:
        """Return the effects of known features on the steps ahead: (n, n_steps, n_targets)."""
        if self.effects is None:
            return 0.0
        n_targets = self.models.n_targets
        effects = self.effects.of(ahead.reshape(-1, ahead.shape[2]), np.ones(n_targets))
        sizes = data.sizes[data.rows.series[origins]]
        return effects.reshape(*ahead.shape[:2], n_targets) * sizes[:, np.newaxis]


def less_effects(data: Data, effects: KnownEffects) -> Arrays:
    """Return the values of rows, the targets without the effects of known features."""
    values, n_targets = data.rows.values.copy(), data.sizes.shape[1]
    values[:, :n_targets] -= effects.of(data.known, data.sizes[data.rows.series])
    return values


def rows_with_future(rows: SeriesRows, lookback: int, horizon: int) -> NDArray[np.intp]:
    """Return the rows that are followed by as many rows as the horizon has steps.

    Rows without a full window are among them for series only that have no row with one.
    """
    length = rows.lengths[rows.series]
    n_real = np.minimum(length - rows.ages, lookback)
    is_full = (n_real == lookback) | (length < lookback + horizon)
    return np.flatnonzero((rows.ages >= horizon) & is_full)


def training_rows(rows: SeriesRows, lookback: int, horizon: int) -> NDArray[np.intp]:
    """Return the rows to learn from, oldest first: all targets of the steps that follow are known.

    They are among those of :func:`rows_with_future`.
    """
    found = rows_with_future(rows, lookback, horizon)
    n_missing = np.cumsum(np.append(0, ~rows.is_known.all(axis=1)))
    found = found[n_missing[found + 1 + horizon] == n_missing[found + 1]]
    return found[rows.labels.oldest_first(found)]


def check_training_rows(
    rows: SeriesRows, learned: NDArray[np.intp], lookback: int, horizon: int
) -> None:
    """Raise if there is no row to learn from. Warn if more than half lack a target that is known.

    `learned` are the rows that :func:`training_rows` returns.
    """
    if not len(learned):
        raise ValueError(
            f"There is no row to learn from: that needs {horizon + 1} rows of a series without a "
            f"gap, for horizon={horizon}, with known targets, but the longest of "
            f"{len(rows.lengths)} series has {rows.lengths.max()} row(s). Choose a shorter "
            "horizon, or leave out regressor: the pretrained network needs no training."
        )
    n_windows = len(rows_with_future(rows, lookback, horizon))
    if 2 * len(learned) < n_windows:
        missing = np.flatnonzero(~rows.is_known.all(axis=1))
        warnings.warn(
            f"Only {len(learned)} of {n_windows} windows are learned from: {len(missing)} of "
            f"{len(rows.values)} rows have no target, being NaN or left out at a step of "
            f"{show_step(rows.step)}, first {rows.labels.describe(int(missing[0]))}, and the "
            f"{horizon} step(s) after a window must all be known. Fill some of them before "
            "(insert_missing_rows and SeriesImputer), choose a shorter horizon, or pass freq= if "
            "the step is another one.",
            UserWarning,
            stacklevel=4,
        )


def fit_model(
    regressor: Any,
    data: Data,
    origins: NDArray[np.intp],
    *,
    lookback: int,
    horizon: int,
    together: bool,
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
    together : bool
        Whether a regressor of windows predicts all targets.
    n_jobs : int or None
    """
    n_targets = data.sizes.shape[1]
    effects, known, values = None, data.known, data.rows.values
    if takes_windows(regressor) and known.shape[1]:
        of_rows = data.sizes[data.rows.series]
        effects = fit_effects(data.rows, known, of_rows, lookback)
        values = less_effects(data, effects)
    if len(origins):
        ahead = origins[:, np.newaxis] + np.arange(1, horizon + 1)
    else:  # the last values in place of targets
        origins = data.rows.last
        ahead = np.repeat(origins[:, np.newaxis], horizon, axis=1)
    X, lengths = data.rows.windows(values, origins, lookback)
    windows = Windows(X, lengths, known[ahead], data.static[data.rows.series[origins]])
    y = values[ahead][:, :, :n_targets]
    models = fit_models(regressor, windows, y, together=together, n_jobs=n_jobs)
    return ForecastModel(models, effects, lookback)
