"""Forecasts of each window by the Theta method."""

from __future__ import annotations

from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import _fit_context

from skrnn._validation.finite import row_blocks
from skrnn._validation.parameters import Interval
from skrnn._validation.sequences import (
    Sequences,
    check_fitted_input,
    check_n_timesteps,
    check_sequences,
)

from .horizon_regressor import HorizonRegressor
from .theta import theta_forecasts

Arrays = NDArray[Any]


def _check_long_enough(sequences: Sequences, season_length: int) -> None:
    """Raise if no window has two seasons."""
    check_n_timesteps(
        sequences.values,
        2 * season_length if season_length > 1 else 1,
        what=f"WindowTheta with season_length={season_length}",
        cure="set season_length=1",
    )


class WindowTheta(HorizonRegressor):
    """Forecasts of each window by the Theta method.

    The Theta method [1]_ is exponential smoothing with half of the linear trend. It was the best
    method of the M3 competition and is hard to beat on short series. `fit` trains nothing: it
    stores the number of steps to predict. Each window is a series of its own.

    Parameters
    ----------
    season_length : int, default=1
        Number of time steps in a season: 12 for months, 4 for quarters, 7 for days with a
        week, 1 without a season.
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
    NaiveRegressor : Forecasts by simple rules.
    PretrainedGRURegressor : Forecasts of a network, without training as well.
    WindowLinearRegressor : A model that learns from the data.

    Notes
    -----
    For each window:

    1. It has a season if its autocorrelation at the lag `season_length` is significant at the
       90 % level, and it has at least two seasons. The season is removed by classical
       decomposition: multiplicative if all values are positive, additive otherwise.
    2. Simple exponential smoothing with drift. The drift is half the slope of the linear trend.
       This is the Theta method [2]_. The smoothing parameter from 0.1 to 0.99 and the first
       level have the smallest squared errors of one step ahead.
    3. The season is put back.

    Padding in front does not change a forecast. A window of one step is continued by its value.
    Choose a long lookback, three seasons or more, since a window is all that is known of a
    series. Windows and targets must be in the same units. If they are not, `fit` warns.

    The shape of `y` gives the number of steps to predict, as in :class:`NaiveRegressor`.

    References
    ----------
    .. [1] Assimakopoulos, V. and Nikolopoulos, K. (2000). The theta model: a decomposition
       approach to forecasting. :doi:`10.1016/S0169-2070(00)00066-2`
    .. [2] Hyndman, R. and Billah, B. (2003). Unmasking the Theta method.
       :doi:`10.1016/S0169-2070(01)00143-1`

    Examples
    --------
    The last year of the airline passengers, from the four years before it:

    >>> import numpy as np
    >>> from skrnn import WindowTheta, sliding_windows
    >>> from skrnn.datasets import load_airline_passengers
    >>> passengers = load_airline_passengers()["passengers"]
    >>> X, y = sliding_windows(passengers, lookback=48, horizon=12)
    >>> model = WindowTheta(season_length=12).fit(X[:-12], y[:-12])
    >>> error = model.predict(X[-1:]) / y.to_numpy()[-1:] - 1
    >>> print(f"{np.abs(error).mean():.1%}")
    3.2%
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "season_length": [Interval(Integral, 1, None, closed="left")],
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
            If the windows are shorter than two seasons, `target_feature` is not a feature of
            `X`, or it does not fit the axes of `y`.
        """
        sequences = check_sequences(X, owner=type(self).__name__)
        _check_long_enough(sequences, int(self.season_length))
        self._store_horizon(X, sequences, y, sample_weight)
        self._season_length = int(self.season_length)
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
        _check_long_enough(sequences, self._season_length)
        values, n_real, n_targets = sequences.values, sequences.lengths, len(self._features)
        y = np.empty((len(values), self.horizon_, n_targets), dtype=values.dtype)
        real = np.flatnonzero(n_real)
        for block in row_blocks(values[: len(real)]):
            rows = real[block]
            windows = values[rows][:, :, self._features].astype(float)
            flat = windows.swapaxes(1, 2).reshape(-1, windows.shape[1])
            lengths = np.repeat(n_real[rows], n_targets)
            paths = theta_forecasts(flat, lengths, self._season_length, self.horizon_)
            y[rows] = paths.reshape(len(rows), n_targets, -1).swapaxes(1, 2)
        return self._in_shape_of_y(y, n_real)
