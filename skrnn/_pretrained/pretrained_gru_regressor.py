"""Forecasts of a network that was trained on simulated series."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import _fit_context

from skrnn._models.horizon_regressor import HorizonRegressor
from skrnn._validation.parameters import Interval
from skrnn._validation.quantiles import check_probabilities, interpolate_quantiles
from skrnn._validation.sequences import check_fitted_input, check_sequences
from skrnn._validation.threads import one_blas_thread

from .network import MEDIAN, QUANTILES, forecast
from .weights import load_weights
from .windows import CONTEXT, HORIZON, LONGEST_SEASON

Arrays = NDArray[Any]

_N_ROWS = 4096  # that are predicted at once: their nine quantiles take much more memory than X


class PretrainedGRURegressor(HorizonRegressor):
    """Forecasts of a recurrent network that was trained before, on simulated series.

    `fit` trains nothing: it stores the number of steps to predict. The network has two
    layers of gated recurrent units. It has seen millions of simulated series with levels,
    trends, seasons, cycles and noise, and no real one. Use it where a series is too short to
    train a network on.

    Parameters
    ----------
    season_length : int, default=1
        Number of time steps in a season, at most 24: 12 for months, 4 for quarters, 7 for
        days with a week, 1 without a season.
    target_feature : int or list of int, default=None
        Position of the feature in `X` that `y` continues. A list has one feature for
        each output, the last axis of `y`. None: the only feature or, if `y` has the
        axes (n_samples, horizon, n_outputs), all features in order. Other features are
        not used.

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
    GRURegressor : A network that is trained on the data.
    NaiveRegressor : Forecasts by simple rules.
    skrnn.datasets.make_series : Simulated series as those of the training.

    Notes
    -----
    The network reads the last 84 time steps of a window. Choose a lookback of several
    seasons. Padding in front does not change a forecast. Up to 24 steps are forecast at once.
    Beyond them, the median forecasts are added to the window and the next 24 steps are
    forecast. Windows and targets must be in the same units. If they are not, `fit` warns. Other
    units of both change nothing: each window is centred by the mean of its last season and
    divided by its mean absolute changes. Adding a constant to both may change the forecast: the
    network reads the distance of the level from zero, since counts and amounts do not fall below
    zero.

    The shape of `y` gives the number of steps to predict, as in :class:`NaiveRegressor`.

    The idea is that of ForecastPFN [1]_; kinds of simulated series are taken from
    Chronos [2]_ and from innovations state space models [3]_. The weights are read from
    the package at the first prediction and are not part of pickles.

    References
    ----------
    .. [1] Dooley, S. et al. (2023). ForecastPFN: synthetically-trained zero-shot
       forecasting. arXiv:2311.01933
    .. [2] Ansari, A. F. et al. (2024). Chronos: learning the language of time series.
       arXiv:2403.07815
    .. [3] Hyndman, R. et al. (2008). Forecasting with exponential smoothing: the state
       space approach. doi:10.1007/978-3-540-71918-2

    Examples
    --------
    The last year of the airline passengers, from the four years before it:

    >>> import numpy as np
    >>> from skrnn import PretrainedGRURegressor, sliding_windows
    >>> from skrnn.datasets import load_airline_passengers
    >>> passengers = load_airline_passengers()["passengers"]
    >>> X, y = sliding_windows(passengers, lookback=48, horizon=12)
    >>> model = PretrainedGRURegressor(season_length=12).fit(X[:-12], y[:-12])
    >>> error = model.predict(X[-1:]) / y.to_numpy()[-1:] - 1
    >>> print(f"{np.abs(error).mean():.1%}")
    2.4%
    >>> model.predict_quantiles(X[-1:], [0.1, 0.5, 0.9]).shape
    (1, 12, 3)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "season_length": [Interval(Integral, 1, LONGEST_SEASON, closed="both")],
        "target_feature": [None, Interval(Integral, 0, None, closed="left"), list],
    }

    def __init__(
        self, season_length: int = 1, *, target_feature: int | list[int] | None = None
    ) -> None:
        self.season_length = season_length
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
            Targets, the steps that follow the windows.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row in the mean of `y`.

        Returns
        -------
        self : object
            The fitted regressor.

        Raises
        ------
        ValueError
            If `season_length` is above 24, `target_feature` is not a feature of `X`, or it
            does not fit the axes of `y`.
        """
        sequences = check_sequences(X, owner=type(self).__name__)
        self._store_horizon(X, sequences, y, sample_weight)
        self._season_length = int(self.season_length)
        return self

    def predict(self, X: ArrayLike) -> Arrays:
        """Forecast from each window: the median.

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
        return self._predict(X, np.array([0.5]))[..., 0]

    def predict_quantiles(
        self, X: ArrayLike, quantiles: Sequence[float] = (0.1, 0.5, 0.9)
    ) -> Arrays:
        """Forecast quantiles from each window.

        The network forecasts the quantiles 0.1, 0.2, …, 0.9. Their distances from the median are
        multiplied by 1.1, since real series change more abruptly than the simulated ones. The
        quantiles between are interpolated.
        Beyond 24 steps ahead, the spread of a step is that of the forecast from the medians and
        that of the end of the 24 steps before, as if the two were independent.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps, n_features) or \
                (n_samples, n_timesteps)
            Windows.
        quantiles : sequence of float, default=(0.1, 0.5, 0.9)
            Probabilities from 0.1 to 0.9.

        Returns
        -------
        y : ndarray
            Forecasts, in the shape that `y` had in :meth:`fit`, with the quantiles as one more
            axis at the end. Rows of padding alone have `constant_` for every quantile.

        Raises
        ------
        ValueError
            If a quantile is below 0.1 or above 0.9.
        """
        return self._predict(X, check_probabilities(quantiles, QUANTILES))

    def _predict(self, X: ArrayLike, probabilities: Arrays) -> Arrays:
        """Return quantiles in the shape of y, with one more axis."""
        sequences = check_fitted_input(self, X)
        real = np.flatnonzero(sequences.lengths)
        shape = (len(sequences.values), self.horizon_, len(self._features), len(probabilities))
        y = np.empty(shape, dtype=sequences.values.dtype)
        for start in range(0, len(real), _N_ROWS):
            rows = real[start : start + _N_ROWS]
            windows = sequences.values[rows, -CONTEXT:][:, :, self._features]
            flat = windows.swapaxes(1, 2).reshape(-1, windows.shape[1]).astype(float)
            paths = _paths(flat, self._season_length, self.horizon_)
            paths = interpolate_quantiles(paths, QUANTILES, probabilities)
            y[rows] = paths.reshape(len(rows), len(self._features), *paths.shape[1:]).swapaxes(1, 2)
        y = y.reshape(len(y), *self.constant_.shape, len(probabilities))
        y[sequences.lengths == 0] = self.constant_[..., np.newaxis]
        return y


def _paths(windows: Arrays, season: int, horizon: int) -> Arrays:
    """Forecast nine quantiles of each step: (N, horizon, 9). Feed the medians back."""
    weights, blocks = load_weights(), []
    spread = np.zeros((len(windows), 1, len(QUANTILES)))
    with one_blas_thread():
        for _ in range(0, horizon, HORIZON):
            quantiles = forecast(weights, windows, season)
            median = quantiles[:, :, MEDIAN : MEDIAN + 1]
            spread = np.hypot(quantiles - median, spread) * np.sign(QUANTILES - QUANTILES[MEDIAN])
            blocks.append(median + spread)
            spread = spread[:, -season:].mean(axis=1, keepdims=True)
            windows = np.hstack((windows, median[:, :, 0]))[:, -CONTEXT:]
    return np.concatenate(blocks, axis=1)[:, :horizon]
