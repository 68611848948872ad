"""Linear regression on the steps of a window."""

from __future__ import annotations

from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, _fit_context
from sklearn.linear_model import Ridge
from sklearn.utils._param_validation import StrOptions

from skrnn._validation.finite import row_blocks
from skrnn._validation.parameters import Interval
from skrnn._validation.sequence_regressor import SequenceRegressorMixin
from skrnn._validation.sequences import check_fitted_input, check_sequences, remember_features
from skrnn._validation.targets import check_outputs, check_weights
from skrnn._validation.threads import one_blas_thread

from .quantile_regression import quantile_regression

Arrays = NDArray[Any]

# Penalties to choose from, for each row and for columns of variance one.
_ALPHAS = np.logspace(4, -10, 57)[:, np.newaxis]


def steps_as_columns(X: Arrays, length: int, origin: Arrays) -> Arrays:
    """Return the newest steps of windows (n, T, F) as columns (n, length * F).

    First the differences of the earlier steps from the last one. Then the last step minus an
    origin, because products of numbers far from zero lose digits.
    """
    steps = X[:, X.shape[1] - length :].astype(float)
    steps[:, :-1] -= steps[:, -1:]
    steps[:, -1:] -= origin
    return steps.reshape(len(X), -1)


def gcv_penalties(X: Arrays, y: Arrays, n_rows: float) -> Arrays:
    """Return the penalty of each output with the lowest generalised cross-validation score."""
    u, singular, _ = np.linalg.svd(X, full_matrices=False)
    explained = u.T @ y
    shrinkage = _ALPHAS / (np.square(singular) / n_rows + _ALPHAS)
    residual = np.square(y - u @ explained).sum(axis=0) + shrinkage**2 @ explained**2
    freedom = np.maximum(n_rows - 1 - (1 - shrinkage).sum(axis=1), 1e-100)
    return _ALPHAS[(residual / np.square(freedom)[:, np.newaxis]).argmin(axis=0), 0]


def followed_features(last: Arrays, outputs: Arrays) -> Arrays:
    """Return as a matrix (F, K) the feature whose last value is nearest to each output."""
    distance = np.linalg.norm(outputs[:, np.newaxis] - last[:, :, np.newaxis], axis=0)
    nearest = np.arange(len(distance))[:, np.newaxis] == distance.argmin(axis=0)
    return nearest & (distance < np.linalg.norm(outputs, axis=0))


def longest_length(lengths: Arrays, weight: Arrays, n_features: int) -> int:
    """Return the largest length with two rows for each coefficient, or that all rows have."""
    candidates = np.unique(lengths[lengths > 0])
    n_rows = np.array([weight[lengths >= length].sum() for length in candidates])
    wanted = np.minimum(2 * n_features * candidates, n_rows.max(initial=0))
    return int(candidates[n_rows >= wanted].max(initial=0))


def with_pinball_loss(
    X: Arrays, y: Arrays, weight: Arrays, coef: Arrays, alpha: Arrays, quantile: float
) -> tuple[Arrays, Arrays]:
    """Return coefficients (p, K) and intercepts (K,) of quantile regressions.

    They start from those of ridge regressions without intercepts, with penalties alpha (K,).
    """
    columns = np.hstack((np.ones((len(X), 1)), X))
    fitted = np.vstack((np.zeros(y.shape[1]), coef))
    size = np.average(np.abs(y - columns @ fitted), axis=0, weights=weight)
    if len(coef):  # as the ridge regressions weigh errors and coefficients
        size = np.hypot(size, np.sqrt(alpha) * np.linalg.norm(coef, axis=0))
    for output in np.flatnonzero(size):
        penalty = np.full(len(fitted), alpha[output] * weight.sum() / (2 * size[output]))
        penalty[0] = 0
        fitted[:, output] = quantile_regression(
            columns, y[:, output], weight, fitted[:, output], quantile=quantile, penalty=penalty
        )
    return fitted[1:], fitted[0]


class WindowLinearRegressor(SequenceRegressorMixin, BaseEstimator):
    """Linear regression on the steps of a window, with a penalty chosen by the data.

    Ridge regression on the last step of the window and on the differences of the earlier steps
    from it. The larger the penalty, the closer the prediction is to the last value plus a
    constant. The penalty has the lowest generalised cross-validation score [1]_.

    Parameters
    ----------
    loss : {"squared_error", "absolute_error", "quantile"}, default="squared_error"
        What the regression minimises.

        - "squared_error": squared errors. It predicts the mean.
        - "absolute_error": absolute errors. It predicts the median, and a few rows far from
          the others change it little.
        - "quantile": the pinball loss [2]_. It predicts the quantile `quantile`.

    quantile : float, default=0.5
        Probability of the predicted quantile, above 0 and below 1. Used by "quantile" only.

    Attributes
    ----------
    alpha_ : ndarray of shape (n_outputs,)
        Penalty of each output. Time steps of `y` count among the outputs.
    coef_ : ndarray of shape (n_steps, n_features, n_outputs)
        Coefficients of the steps of the longest windows, oldest step first.
    intercept_ : ndarray of shape (n_outputs,)
        Intercepts that belong to `coef_`.
    n_features_in_ : int
        Number of features of a time step; of columns for 2-D input.

    See Also
    --------
    ResidualRegressor : Corrects this model with another regressor, such as a network.

    Notes
    -----
    The regression predicts the difference of an output from the last value of the feature for
    which this difference varies least, or the output itself if that varies less.

    Windows with k real steps have a regression of their own. It is fitted to all rows with at
    least k real steps. The longest one has at least two rows for each coefficient, if not all
    rows are that long. Windows are copied in blocks.

    The other losses start from the regression of squared errors. Their penalty is `alpha_`,
    divided by the size of the residuals of that regression, and shrinks the coefficients
    about as much. The penalty is chosen by squared errors, so outliers in `y` can
    make it larger. Each step of the algorithm is a weighted least-squares regression [3]_.
    All windows are copied in double precision.

    References
    ----------
    .. [1] Golub, G., Heath, M. and Wahba, G. (1979). Generalized cross-validation as a method
       for choosing a good ridge parameter. :doi:`10.1080/00401706.1979.10489751`
    .. [2] Koenker, R. and Bassett, G. (1978). Regression quantiles. :doi:`10.2307/1913643`
    .. [3] Portnoy, S. and Koenker, R. (1997). The Gaussian hare and the Laplacian tortoise.
       :doi:`10.1214/ss/1030037960`

    Examples
    --------
    >>> from skrnn import WindowLinearRegressor, sliding_windows
    >>> X, y = sliding_windows([1.0, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0], lookback=2)
    >>> WindowLinearRegressor().fit(X, y).coef_.ravel().round(3)
    array([1., 1.])

    About nine in ten months are not above the quantile 0.9:

    >>> from skrnn.datasets import load_airline_passengers
    >>> X, y = sliding_windows(load_airline_passengers()["passengers"], lookback=13)
    >>> upper = WindowLinearRegressor("quantile", quantile=0.9).fit(X, y)
    >>> print(f"{(y <= upper.predict(X).round()).mean():.2f}")
    0.93
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "loss": [StrOptions({"squared_error", "absolute_error", "quantile"})],
        "quantile": [Interval(Real, 0, 1, closed="neither")],
    }

    def __init__(self, loss: str = "squared_error", *, quantile: float = 0.5) -> None:
        self.loss = loss
        self.quantile = quantile

    @_fit_context(prefer_skip_nested_validation=True)
    @one_blas_thread()  # with more threads the last digit of a sum may differ
    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit the regressions.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps, n_features) or (n_samples, n_timesteps)
            Windows. In 3-D input, leading steps that are NaN in every feature are padding.
        y : array-like of shape (n_samples, ...)
            Targets, of one to three dimensions.
        sample_weight : array-like of shape (n_samples,), default=None
            Number of equal rows that each row stands for. A mean below one is scaled to one.

        Returns
        -------
        self : object
            The fitted regressor.

        Raises
        ------
        InvalidParameterError
            If `loss` has another value, or `quantile` is not above 0 and below 1.
        """
        owner = type(self).__name__
        sequences = check_sequences(X, owner=owner)
        targets, _ = check_outputs(y, sequences, dtype=np.dtype(float), owner=owner)
        weight = check_weights(sample_weight, sequences, owner=owner)
        weight = np.ones(len(targets.flat)) if weight is None else weight.astype(float)
        weight /= min(1, weight[weight > 0].mean())
        self._fit_lengths(sequences.values, sequences.lengths, targets.flat, weight)
        coef, intercept = self._regressions[-1]
        self.coef_ = coef.reshape(-1, sequences.values.shape[2], len(intercept)).copy()
        self.intercept_ = intercept - self._origin @ self.coef_[-1:].sum(axis=0)
        self.coef_[-1:] -= self.coef_[:-1].sum(axis=0)
        self._y_shape = targets.row_shape
        remember_features(self, X, sequences)
        return self

    def _fit_lengths(self, X: Arrays, lengths: Arrays, y: Arrays, weight: Arrays) -> None:
        """Fit a regression for each length, from the longest windows to the shortest."""
        n_features, n_outputs = X.shape[2], y.shape[1]
        quantile = {"squared_error": None, "absolute_error": 0.5}.get(self.loss, self.quantile)
        used = np.flatnonzero(weight)
        longest = longest_length(lengths[used], weight[used], n_features)
        full = used[lengths[used] >= longest]
        y_origin = y[full[0]]
        self._origin = X[full[0], -1].astype(float) if longest else np.zeros(n_features)
        self.alpha_ = np.full(n_outputs, np.inf)  # if all windows are padding
        no_coef = np.zeros((0, n_outputs))
        average = np.average(y[used], axis=0, weights=weight[used])
        if quantile is not None:
            no_columns = np.zeros((len(used), 0)), y[used] - average, weight[used]
            average = average + with_pinball_loss(*no_columns, no_coef, self.alpha_, quantile)[1]
        self._regressions = [(no_coef, average)]
        # A regression on the triangular factor of all columns is the regression on the rows.
        factor = np.zeros((1 + longest * n_features + n_outputs,) * 2)
        for length in range(longest, 0, -1):
            rows = full if length == longest else used[lengths[used] == length]
            for block in row_blocks(X[: len(rows)]):
                part = rows[block]
                steps = steps_as_columns(X[part], length, self._origin)
                columns = np.hstack((np.ones((len(part), 1)), steps, y[part] - y_origin))
                columns *= np.sqrt(weight[part, np.newaxis])
                factor = np.asarray(np.linalg.qr(np.vstack((factor, columns)), mode="r"))
            n_rows, mean = factor[0, 0] ** 2, factor[0, 1:] / factor[0, 0]
            x_mean, y_mean = np.split(mean, [length * n_features])
            x, outputs = np.split(factor[1:, 1:], [length * n_features], axis=1)
            scale = np.linalg.norm(x, axis=0) / np.sqrt(n_rows)
            scale[scale <= 1e3 * np.finfo(float).eps * np.abs(x_mean)] = np.inf  # a constant
            if length == longest:
                follows = followed_features(x[:, -n_features:], outputs)
            outputs = outputs - x[:, -n_features:] @ follows
            if length == longest:
                self.alpha_ = gcv_penalties(x / scale, outputs, n_rows)
            ridge = Ridge(self.alpha_ * n_rows, fit_intercept=False, solver="svd")
            coef = ridge.fit(x / scale, outputs).coef_.reshape(n_outputs, -1).T
            shift = np.zeros(n_outputs)
            if quantile is not None:
                rows = used[lengths[used] >= length]
                steps = steps_as_columns(X[rows], length, self._origin) - x_mean
                target = y[rows] - y_origin - y_mean - steps[:, -n_features:] @ follows
                data = steps / scale, target, weight[rows]
                coef, shift = with_pinball_loss(*data, coef, self.alpha_, quantile)
            coef = coef / scale[:, np.newaxis]
            coef[-n_features:] += follows
            self._regressions.insert(1, (coef, y_origin + y_mean + shift - x_mean @ coef))
            factor = np.delete(factor, slice(1, 1 + n_features), axis=1)  # the oldest step

    @one_blas_thread()
    def predict(self, X: ArrayLike) -> Arrays:
        """Predict from each window.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps, n_features) or (n_samples, n_timesteps)
            Windows. 3-D input may have another number of time steps than in :meth:`fit`.

        Returns
        -------
        y : ndarray
            Predictions, in the shape of `y` in :meth:`fit`. For padding alone, the mean of `y`,
            or its quantile if `loss` is another one.
        """
        sequences = check_fitted_input(self, X)
        values = sequences.values
        y = np.empty((len(values), len(self.intercept_)), dtype=values.dtype)
        lengths = np.minimum(sequences.lengths, len(self.coef_))
        for length in np.unique(lengths):
            coef, intercept = self._regressions[length]
            rows = np.flatnonzero(lengths == length)
            for block in row_blocks(values[: len(rows)]):
                columns = steps_as_columns(values[rows[block]], length, self._origin)
                y[rows[block]] = columns @ coef + intercept
        return y.reshape(len(y), *self._y_shape)
