"""Naive forecasts: last value, last season, drift, means and harmonics of the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import _fit_context
from sklearn.utils._param_validation import StrOptions

from skrnn._validation.finite import row_blocks
from skrnn._validation.parameters import Interval
from skrnn._validation.sequences import (
    Sequences,
    check_fitted_input,
    check_n_timesteps,
    check_sequences,
)

from .horizon_regressor import HorizonRegressor

Arrays = NDArray[Any]


@dataclass(frozen=True)
class _Season:
    """Number of time steps in a season, and number of harmonics."""

    length: int
    n_harmonics: int = 0

    def waves(self, time: Arrays) -> Arrays:
        """Return a constant and the harmonics at the given times, one column each."""
        order = np.arange(1, min(self.n_harmonics, self.length // 2) + 1)
        angle = 2 * np.pi / self.length * np.outer(time % self.length, order)
        return np.hstack((np.ones((len(time), 1)), np.cos(angle), np.sin(angle)))


def _repeat_season(values: Arrays, n_real: Arrays, ahead: Arrays, season: _Season) -> Arrays:
    """Repeat the last season. A step that is padding is replaced by the last value."""
    steps_back = season.length - ahead % season.length  # of the step that is repeated
    repeated = values[:, values.shape[1] - steps_back]
    exists = (steps_back <= n_real[:, np.newaxis])[:, :, np.newaxis]
    return np.where(exists, repeated, values[:, -1:])


def _drift(values: Arrays, n_real: Arrays, ahead: Arrays, season: _Season) -> Arrays:
    """Continue the straight line through the first and the last step."""
    n_timesteps = values.shape[1]
    first = np.minimum(n_timesteps - n_real, n_timesteps - 1)
    first_value = values[np.arange(len(values)), first][:, np.newaxis]
    slope = (values[:, -1:] - first_value) / np.maximum(n_real - 1, 1)[:, np.newaxis, np.newaxis]
    return values[:, -1:] + (ahead + 1)[:, np.newaxis] * slope


def _season_means(values: Arrays, n_real: Arrays, ahead: Arrays, season: _Season) -> Arrays:
    """Average the steps of the same season, or all steps if there is none of that season."""
    n_rows, n_timesteps, n_targets = values.shape
    n_seasons = -(-n_timesteps // season.length)
    missing = n_seasons * season.length - n_timesteps  # of the first season
    whole = np.pad(values, ((0, 0), (missing, 0), (0, 0)), constant_values=np.nan)
    # Axes: rows, seasons, steps of a season, targets.
    folded = whole.reshape(n_rows, n_seasons, season.length, n_targets)
    counts = np.isfinite(folded).sum(axis=1)
    sums = np.nansum(folded, axis=1, dtype=np.float64)
    overall = sums.sum(axis=1, keepdims=True) / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), overall)
    return means[:, ahead % season.length]


def _harmonics(values: Arrays, n_real: Arrays, ahead: Arrays, season: _Season) -> Arrays:
    """Continue the harmonics fitted to the window, or its mean if it is shorter than a season."""
    n_timesteps = values.shape[1]
    time = np.arange(-n_timesteps, 0)
    forecast = np.empty((len(values), len(ahead), values.shape[2]))
    for length in np.unique(n_real[n_real > 0]):
        known = season if length >= season.length else _Season(1)
        past = known.waves(time[n_timesteps - length :])
        weights = known.waves(ahead) @ np.linalg.pinv(past)  # (steps ahead, steps of the window)
        rows = n_real == length
        forecast[rows] = weights @ values[rows, n_timesteps - length :]
    return forecast


@dataclass(frozen=True)
class _Strategy:
    """A forecast, and the number of time steps that it needs.

    Parameters
    ----------
    forecast : callable
        Function of the target's values (N, T, K), the real steps of each row (N,),
        the steps ahead (H,), counted from zero, and the season. Returns (N, H, K).
        The result for rows of padding alone is not used.
    n_needed : callable
        Function of the season length. Returns the length of the shortest window.
    """

    forecast: Callable[[Arrays, Arrays, Arrays, _Season], Arrays]
    n_needed: Callable[[int], int]


def _repeat_last(values: Arrays, n_real: Arrays, ahead: Arrays, season: _Season) -> Arrays:
    return _repeat_season(values, n_real, ahead, _Season(1))


_STRATEGIES = {
    "last": _Strategy(_repeat_last, lambda season: 1),
    "seasonal": _Strategy(_repeat_season, lambda season: season),
    "drift": _Strategy(_drift, lambda season: 2),
    "mean": _Strategy(_season_means, lambda season: season),
    "harmonic": _Strategy(_harmonics, lambda season: season),
}


def _check_long_enough(sequences: Sequences, strategy: str, season_length: int) -> None:
    """Raise if the windows are too short for a strategy."""
    check_n_timesteps(
        sequences.values,
        _STRATEGIES[strategy].n_needed(season_length),
        what=f"NaiveRegressor with strategy={strategy!r} and season_length={season_length}",
        cure="choose another strategy",
    )


class NaiveRegressor(HorizonRegressor):
    """Naive forecasts: last value, last season, drift, mean or harmonics of the window.

    This is scikit-learn's `DummyRegressor` for windows. Compare a model with it on the same
    rows, or use it as the baseline of a :class:`ResidualRegressor`.

    Parameters
    ----------
    strategy : {"last", "seasonal", "drift", "mean", "harmonic"}, default="last"
        Forecasting method [1]_.

        - "last": the last value of the window, for every step ahead.
        - "seasonal": the value of the same step of the last season. For months and
          ``season_length=12`` it is the value of the same month of the year before.
        - "drift": the straight line through the first and the last value of the window.
        - "mean": the mean of the window. If `season_length` is above 1, the mean of the
          steps of the same season, e.g. of the same month of each year in the window.
        - "harmonic": the mean and the first harmonics of the season, fitted to the
          window by least squares [2]_. It is smoother than "mean" and has fewer
          coefficients, which matters if the window has few seasons.

    season_length : int, default=1
        Number of time steps in a season. Used by "seasonal", "mean" and "harmonic".
    n_harmonics : int, default=2
        Number of harmonics, pairs of a sine and a cosine, for "harmonic". With
        half of `season_length` or more, the forecast is that of "mean".
    target_feature : int or list of int, default=None
        Position of the feature in `X` that `y` continues. A list has one feature for
        each output, the last axis of `y`. None: the only feature or, if `y` has the
        axes (n_samples, horizon, n_outputs), all features in order.

    Attributes
    ----------
    constant_ : ndarray of shape (), (horizon,), (n_outputs,) or (horizon, n_outputs)
        Mean of `y`. It is predicted for rows of padding alone.
    horizon_ : int
        Number of steps ahead.
    n_features_in_ : int
        Number of features: of a time step for 3-D input, of columns (time steps)
        for 2-D input.
    feature_names_in_ : ndarray of str
        Names of the columns of 2-D input, if it was a DataFrame with names.

    See Also
    --------
    ResidualRegressor : Adds a correction, learned by another regressor, to this forecast.
    WindowLinearRegressor : A baseline that learns from the data.
    SlidingWindowTransformer : Makes the windows.

    Notes
    -----
    The shape of `y` gives the number of steps to predict: one step for (n_samples,),
    `horizon` steps for (n_samples, horizon). If `target_feature` is a list, `y` has an axis
    of outputs after these. The steps of `y` are those that follow the window. Windows and
    targets must be in the same units. If they are not, `fit` warns.

    The first windows of a series are shorter, with padding in front. If a window has too
    few real steps for the season, a missing step of the last season is replaced by the
    last value. A seasonal mean without any step, and harmonics of less than a season, are
    replaced by the mean of all steps. The drift of a single step is zero. It is an error
    if the lookback itself is too short.

    References
    ----------
    .. [1] Hyndman, R. and Athanasopoulos, G. (2021). Forecasting: principles and
       practice, 3rd edition, section 5.2. https://otexts.com/fpp3/simple-methods.html
    .. [2] The same, section 7.4, Fourier series.
       https://otexts.com/fpp3/useful-predictors.html

    Examples
    --------
    >>> from skrnn import NaiveRegressor, sliding_windows
    >>> X, y = sliding_windows([1.0, 5.0, 2.0, 6.0, 3.0, 7.0, 4.0], lookback=4, horizon=2)
    >>> X[0, :, 0], y[0]
    (array([1., 5., 2., 6.]), array([3., 7.]))
    >>> NaiveRegressor().fit(X, y).predict(X[:1])
    array([[6., 6.]])
    >>> NaiveRegressor("seasonal", season_length=2).fit(X, y).predict(X[:1])
    array([[2., 6.]])
    >>> NaiveRegressor("mean", season_length=2).fit(X, y).predict(X[:1])
    array([[1.5, 5.5]])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "strategy": [StrOptions(set(_STRATEGIES))],
        "season_length": [Interval(Integral, 1, None, closed="left")],
        "n_harmonics": [Interval(Integral, 1, None, closed="left")],
        "target_feature": [None, Interval(Integral, 0, None, closed="left"), list],
    }

    def __init__(
        self,
        strategy: str = "last",
        season_length: int = 1,
        *,
        n_harmonics: int = 2,
        target_feature: int | list[int] | None = None,
    ) -> None:
        self.strategy = strategy
        self.season_length = season_length
        self.n_harmonics = n_harmonics
        self.target_feature = target_feature

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Store the number of steps to predict, and the mean of `y` for rows of padding alone.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps, n_features) or \
                (n_samples, n_timesteps)
            Windows. 2-D input holds univariate windows, with one column for each time
            step. In 3-D input, leading time steps that are NaN in every feature are
            padding.
        y : array-like of shape (n_samples,), (n_samples, horizon), \
                (n_samples, n_outputs) or (n_samples, horizon, n_outputs)
            Targets; see Notes.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row in the mean of `y`.

        Returns
        -------
        self : object
            The fitted regressor.

        Raises
        ------
        ValueError
            If the windows are shorter than a season, `target_feature` is not a feature of
            `X`, or it does not fit the axes of `y`.
        """
        sequences = check_sequences(X, owner=type(self).__name__)
        season = _Season(int(self.season_length), int(self.n_harmonics))
        _check_long_enough(sequences, self.strategy, season.length)
        self._store_horizon(X, sequences, y, sample_weight)
        self._strategy, self._season = self.strategy, season
        return self

    def predict(self, X: ArrayLike) -> Arrays:
        """Forecast from each window.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps, n_features) or \
                (n_samples, n_timesteps)
            Windows. In 3-D input the number of time steps may differ from that in
            :meth:`fit`.

        Returns
        -------
        y : ndarray
            Forecasts, in the shape that `y` had in :meth:`fit`; float32 for float32
            `X`, else float64.
        """
        sequences = check_fitted_input(self, X)
        _check_long_enough(sequences, self._strategy, self._season.length)
        values, n_real = sequences.values, sequences.lengths
        forecast, season = _STRATEGIES[self._strategy].forecast, self._season
        ahead = np.arange(self.horizon_)
        y = np.empty((len(values), self.horizon_, len(self._features)), dtype=values.dtype)
        for rows in row_blocks(values):
            y[rows] = forecast(values[rows][:, :, self._features], n_real[rows], ahead, season)
        return self._in_shape_of_y(y, n_real)
