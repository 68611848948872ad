"""Forecasts that cost nothing: what every network has to beat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils import Tags
from sklearn.utils._param_validation import Interval, StrOptions

from skrnn._validation.finite import row_blocks
from skrnn._validation.parameters import target_features
from skrnn._validation.sequence_regressor import SequenceRegressorMixin
from skrnn._validation.sequences import (
    Sequences,
    check_fitted_input,
    check_sequences,
    remember_features,
)
from skrnn._validation.targets import check_outputs, check_weights

from .units import warn_of_other_units

Arrays = NDArray[Any]


@dataclass(frozen=True)
class _Season:
    """The time steps in a season, and how many harmonics make its shape."""

    length: int
    n_harmonics: int = 0

    def waves(self, time: Arrays) -> Arrays:
        """Return a constant and the harmonics at some times, one column each."""
        order = np.arange(1, min(self.n_harmonics, self.length // 2) + 1)
        angle = 2 * np.pi / self.length * np.outer(time % self.length, order)
        return np.hstack((np.ones((len(time), 1)), np.cos(angle), np.sin(angle)))


def _repeat_season(values: Arrays, n_real: Arrays, ahead: Arrays, season: _Season) -> Arrays:
    """Repeat the last season; a step that is padding gives way to the last value."""
    steps_back = season.length - ahead % season.length  # of the step that is repeated
    repeated = values[:, values.shape[1] - steps_back]
    exists = (steps_back <= n_real[:, np.newaxis])[:, :, np.newaxis]
    return np.where(exists, repeated, values[:, -1:])


def _drift(values: Arrays, n_real: Arrays, ahead: Arrays, season: _Season) -> Arrays:
    """Go on along the line from the first step to the last."""
    n_timesteps = values.shape[1]
    first = np.minimum(n_timesteps - n_real, n_timesteps - 1)
    first_value = values[np.arange(len(values)), first][:, np.newaxis]
    slope = (values[:, -1:] - first_value) / np.maximum(n_real - 1, 1)[:, np.newaxis, np.newaxis]
    return values[:, -1:] + (ahead + 1)[:, np.newaxis] * slope


def _season_means(values: Arrays, n_real: Arrays, ahead: Arrays, season: _Season) -> Arrays:
    """Average the steps of the same season, or all steps where there is none."""
    n_rows, n_timesteps, n_targets = values.shape
    n_seasons = -(-n_timesteps // season.length)
    missing = n_seasons * season.length - n_timesteps  # to make the first season a whole one
    whole = np.pad(values, ((0, 0), (missing, 0), (0, 0)), constant_values=np.nan)
    # Axes: rows, seasons, steps of a season, targets.
    folded = whole.reshape(n_rows, n_seasons, season.length, n_targets)
    counts = np.isfinite(folded).sum(axis=1)
    sums = np.nansum(folded, axis=1, dtype=np.float64)
    overall = sums.sum(axis=1, keepdims=True) / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), overall)
    return means[:, ahead % season.length]


def _harmonics(values: Arrays, n_real: Arrays, ahead: Arrays, season: _Season) -> Arrays:
    """Go on with the waves that fit the window best, or with its mean where it is short."""
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
    """A forecast, and the time steps that it needs.

    Parameters
    ----------
    forecast : callable
        Function of the target's values (N, T, K), the real steps of each row (N,),
        the steps ahead (H,), counted from zero, and the season; gives (N, H, K).
        Rows of padding may get anything.
    n_needed : callable
        From the season to the shortest window.
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


class NaiveRegressor(SequenceRegressorMixin, BaseEstimator):
    """Forecast from the window alone, by a rule that learns nothing.

    scikit-learn's `DummyRegressor` for sequences: a score to put beside that of a
    network, on the same rows, and a baseline for it to start from.

    Parameters
    ----------
    strategy : {"last", "seasonal", "drift", "mean", "harmonic"}, default="last"
        The rule, after Hyndman and Athanasopoulos [1]_.

        - "last": the last value of the window, for every step ahead.
        - "seasonal": the value of the same step of the last season: with months and
          ``season_length=12`` that of the same month a year before.
        - "drift": the straight line from the window's first value to its last, gone
          on with.
        - "mean": the mean of the window; with `season_length` above one the mean of
          all its steps of the same season. On a long window these are the monthly
          means of the series' own past.
        - "harmonic": the mean and the first harmonics of the season, fitted to the
          window by least squares [2]_: a smooth version of "mean", with fewer numbers
          to estimate from few seasons.

    season_length : int, default=1
        Time steps in a season, for "seasonal", "mean" and "harmonic"; the others
        ignore it.
    n_harmonics : int, default=2
        Pairs of a sine and a cosine for "harmonic". Half of `season_length` or more
        are as good as "mean".
    target_feature : int or list of int, default=None
        Position of the feature in `X` that `y` continues. A list names one
        feature for each output, the last axis of `y`. None stands for the only
        feature or, where `y` has the axes (n_samples, horizon, n_outputs), for all
        features in order.

    Attributes
    ----------
    constant_ : ndarray of shape (), (horizon,), (n_outputs,) or (horizon, n_outputs)
        Mean of `y`, which is predicted for a row of nothing but padding.
    horizon_ : int
        Number of steps ahead.
    n_features_in_ : int
        Number of features: of a time step for 3-D input, of columns (time steps)
        for 2-D input.
    feature_names_in_ : ndarray of str
        Names of the columns of 2-D input, if it was a DataFrame with names.

    See Also
    --------
    GRURegressor : Takes this as its ``baseline``.
    SlidingWindowTransformer : Makes the windows.

    Notes
    -----
    `y` says how far to predict: one step for shape (n_samples,), `horizon` steps for
    (n_samples, horizon), and with an axis of outputs behind them where `target_feature`
    says so. The steps of `y` are those that follow the window. Window and target must be
    in the same units: a forecast reads the one and is compared with the other.

    The first windows of a series are shorter, padded in front. A window with too few
    real steps for the rule gets what the same rule gives without a season: a missing
    step of the last season is replaced by the last value, the mean of a season that
    has no step by the mean of all steps, as are harmonics of less than a season, and
    the drift of one step is zero. A window that is too short as a whole is an error.

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
        """Learn how many steps to predict, and the mean of `y` for empty rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps, n_features) or \
                (n_samples, n_timesteps)
            Sequences, as the recurrent estimators take them. 2-D input holds
            univariate sequences, one column a time step. In 3-D input, leading time
            steps that are NaN in every feature are padding.
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
        owner = type(self).__name__
        sequences = check_sequences(X, owner=owner)
        self._check_long_enough(sequences)
        dtype = sequences.values.dtype
        outputs, y_shape = check_outputs(y, sequences, dtype=dtype, owner=owner)
        weight = check_weights(sample_weight, sequences, owner=owner)
        n_features = sequences.values.shape[2]
        features = target_features(self.target_feature, y_shape, n_features, owner=owner)
        warn_of_other_units(sequences.values, outputs[:, : len(features)], features, owner=owner)
        remember_features(self, X, sequences)
        mean = np.average(outputs, axis=0, weights=weight)
        self.constant_ = mean.reshape(y_shape).astype(dtype, copy=False)
        self.horizon_ = outputs.shape[1] // len(features)
        self._features = features
        return self

    def predict(self, X: ArrayLike) -> Arrays:
        """Forecast from each window.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps, n_features) or \
                (n_samples, n_timesteps)
            Sequences. 3-D input may have another number of time steps than in
            :meth:`fit`.

        Returns
        -------
        y : ndarray
            Forecasts, in the shape that `y` had in :meth:`fit`; float32 for float32
            `X`, else float64.
        """
        sequences = check_fitted_input(self, X)
        self._check_long_enough(sequences)
        values, n_real = sequences.values, sequences.lengths
        forecast = _STRATEGIES[self.strategy].forecast
        season, ahead = _Season(self.season_length, self.n_harmonics), np.arange(self.horizon_)
        y = np.empty((len(values), self.horizon_, len(self._features)), dtype=values.dtype)
        for rows in row_blocks(values):
            y[rows] = forecast(values[rows][:, :, self._features], n_real[rows], ahead, season)
        y = y.reshape(len(y), *self.constant_.shape)
        y[n_real == 0] = self.constant_
        return y

    def _check_long_enough(self, sequences: Sequences) -> None:
        n_needed = _STRATEGIES[self.strategy].n_needed(self.season_length)
        n_samples, n_timesteps, n_features = sequences.values.shape
        if n_timesteps < n_needed:
            raise ValueError(
                f"NaiveRegressor with strategy={self.strategy!r} and season_length="
                f"{self.season_length} needs windows of at least {n_needed} time steps, but those "
                f"of X have {n_timesteps} (n_samples={n_samples}, n_timesteps={n_timesteps}, "
                f"n_features={n_features}). Make the lookback longer or choose another strategy."
            )

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True
        return tags
