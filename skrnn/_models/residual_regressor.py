"""A baseline, corrected by a regressor that learns its residuals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit
from sklearn.preprocessing import StandardScaler
from sklearn.utils._param_validation import HasMethods
from sklearn.utils.metadata_routing import _routing_enabled

from skrnn._validation.finite import row_blocks
from skrnn._validation.parameters import Interval
from skrnn._validation.rows import Rows

from .held_out_rows import count_blocks, hold_out_newest
from .inner_regressor import parameters_of, predict_inner
from .meta_regressor import FitInput, WindowMetaRegressor
from .window_linear_regressor import WindowLinearRegressor
from .window_normalized_regressor import WindowNormalizedRegressor

Arrays = NDArray[Any]

# The shrinkage is the lower end of a 95 % confidence interval: the quantile of that end.
_QUANTILE = 0.975


@dataclass(frozen=True, eq=False)
class FittedPair:
    """A baseline and the regressor of its residuals, fitted to the same rows.

    Parameters
    ----------
    baseline, regressor : regressor
        Fitted.
    scaler : StandardScaler
        Standardises the steps of the windows for the regressor.
    scale : float
        Root mean square of the residuals, by which they are divided.
    """

    baseline: Any
    regressor: Any
    scaler: StandardScaler
    scale: float

    def forecast(
        self, X: Arrays, lengths: NDArray[np.intp], n_outputs: int
    ) -> tuple[Arrays, Arrays]:
        """Return the predictions of the baseline, and the corrections, of shape (N, K)."""
        predicted = predict_inner(self.baseline, X, lengths, n_outputs)
        windows = standardise(self.scaler, X)
        correction = predict_inner(self.regressor, windows, lengths, n_outputs)
        return predicted, self.scale * correction


def learn_shrinkage(
    residual: Arrays, correction: Arrays, weight: Arrays | None, block_length: int
) -> float:
    """Return the factor of the corrections, learned on held-out rows.

    It is the lower end of the 95 % confidence interval (Student's t) of the least-squares slope
    of the residuals on the corrections, clipped to [0, 1]. The standard error of the slope is
    computed over blocks of neighbouring rows, because their errors are correlated: targets of
    several steps overlap, and series of a panel move together.

    Parameters
    ----------
    residual, correction : ndarray of shape (n, K)
        Residuals of the baseline, and predictions of them, oldest rows first.
    weight : ndarray of shape (n,) or None
        Sample weights.
    block_length : int
        Smallest number of rows in a block.

    Returns
    -------
    float
        0 if there are fewer than two blocks.
    """
    weight = np.ones(len(residual)) if weight is None else weight
    n_blocks = count_blocks(len(residual), block_length)
    size = float(np.square(correction).sum(axis=1) @ weight)
    if n_blocks < 2 or size == 0:
        return 0.0
    slope = float((residual * correction).sum(axis=1) @ weight) / size
    deviation = ((residual - slope * correction) * correction).sum(axis=1) * weight
    of_blocks = np.array([block.sum() for block in np.array_split(deviation, n_blocks)])
    error = np.sqrt(np.square(of_blocks).sum() * n_blocks / (n_blocks - 1)) / size
    bound = slope - stdtrit(n_blocks - 1, _QUANTILE) * error
    return float(np.clip(bound, 0, 1))


class ResidualRegressor(WindowMetaRegressor):
    """Correct a baseline with a regressor that learns its residuals.

    The baseline is fitted first. The regressor is fitted to its residuals. Windows are
    standardised for the regressor, and residuals are divided by their root mean square, so
    that no scaler is needed. The prediction is that of the baseline plus a correction: the
    prediction of the regressor times a shrinkage in [0, 1]. The shrinkage is learned on the
    newest rows. If the regressor does not improve on the baseline there, it is 0 and the
    prediction is that of the baseline.

    Parameters
    ----------
    regressor : regressor
        Regressor of the residuals, such as :class:`GRURegressor`. It is cloned. With the tag
        `three_d_array` it gets 3-D windows, else one column for each step and feature.
    baseline : regressor, default=None
        Regressor that is corrected. It is cloned. Its windows and targets are not scaled.
        None: :class:`WindowLinearRegressor`.
    validation_fraction : float in (0, 1), default=0.2
        Share of the rows, the last ones, on which the shrinkage is learned.

    Attributes
    ----------
    regressor_ : regressor
        Fitted clone of the regressor, on the residuals of all rows.
    baseline_ : regressor
        Fitted clone of the baseline, on all rows.
    shrinkage_ : float
        Factor in [0, 1] of the correction. 0: the prediction is that of the baseline.
    scale_ : float
        Root mean square of the residuals of `baseline_` on all rows.
    n_features_in_ : int
        Number of features: of a time step for 3-D input, of columns (time steps)
        for 2-D input.

    See Also
    --------
    WindowNormalizedRegressor : May stand around this regressor, but not inside.

    Notes
    -----
    `fit` trains both regressors twice: first on the older rows, then on all rows. After the
    first time the shrinkage is learned on the held-out rows: it is the lower end of the 95 %
    confidence interval of the least-squares slope of the residuals on the predicted residuals.
    So a correction that may be due to chance is not used. Rows with targets in the held-out
    part are not in the first training.

    The held-out rows are the last ones of `X`, so the rows of a panel must be sorted by time.
    :func:`make_supervised` and :func:`sliding_windows` return them so. A warning says if the
    index of `y` shows another order.

    References
    ----------
    Zhang, G. P. (2003). Time series forecasting using a hybrid ARIMA and neural network
    model. Neurocomputing 50. :doi:`10.1016/S0925-2312(01)00702-0`. Without shrinkage.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import GRURegressor, ResidualRegressor, sliding_windows
    >>> X, y = sliding_windows(np.exp(np.sin(np.arange(200) / 5)), lookback=4)
    >>> model = ResidualRegressor(GRURegressor(8, max_epochs=50, random_state=0)).fit(X, y)
    >>> 0 <= model.shrinkage_ <= 1
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **WindowMetaRegressor._parameter_constraints,
        "baseline": [None, HasMethods("fit")],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
    }
    _holds_out_last_rows = True

    def __init__(
        self, regressor: Any, baseline: Any = None, *, validation_fraction: float = 0.2
    ) -> None:
        self.regressor = regressor
        self.baseline = baseline
        self.validation_fraction = validation_fraction

    def _inner_estimators(self) -> dict[str, Any]:
        baseline: Any = self.baseline
        if baseline is None:
            baseline = WindowLinearRegressor()
            if _routing_enabled():  # as scikit-learn's meta-estimators do with their defaults
                baseline.set_fit_request(sample_weight=True)
        return {"regressor": self.regressor, "baseline": baseline}

    def _fit_rows(self, fit_input: FitInput) -> None:
        refuse_normalized(self.regressor)
        rows, n_outputs = fit_input.rows, fit_input.rows.y.shape[1]
        held_out = hold_out_newest(
            rows,
            fit_input.horizon,
            self.validation_fraction,
            owner="ResidualRegressor",
            without="cannot learn its shrinkage, and predicts as its baseline does",
        )
        shrinkage = 0.0
        if len(held_out.older):
            newest, pair = held_out.newest, self._fit_pair(fit_input.with_rows(held_out.older))
            predicted, correction = pair.forecast(newest.X, newest.lengths, n_outputs)
            residual = newest.y - predicted
            shrinkage = learn_shrinkage(residual, correction, newest.weight, held_out.block_length)
        self._pair = self._fit_pair(fit_input)
        self.regressor_, self.baseline_ = self._pair.regressor, self._pair.baseline
        self.scale_, self.shrinkage_ = self._pair.scale, shrinkage
        self._n_outputs = n_outputs

    def _predict_rows(self, X: Arrays, lengths: NDArray[np.intp]) -> Arrays:
        predicted, correction = self._pair.forecast(X, lengths, self._n_outputs)
        return predicted + self.shrinkage_ * correction

    def _fit_pair(self, fit_input: FitInput) -> FittedPair:
        """Fit the baseline to rows, and the regressor to its residuals on them."""
        rows, inner = fit_input.rows, self._inner_estimators()
        baseline = fit_input.fit("baseline", inner["baseline"])
        scaler = StandardScaler()
        for block in row_blocks(rows.X):  # padding is NaN, which the scaler leaves out
            scaler.partial_fit(rows.X[block].reshape(-1, rows.X.shape[2]))
        unscaled = fit_input.change(
            lambda r: replace(r, X=standardise(scaler, r.X), y=residuals(baseline, r))
        )
        scale, is_rounding = residual_scale(unscaled.rows.y, rows.y, rows.weight)
        unit = np.inf if is_rounding else scale
        scaled = unscaled.change(lambda r: replace(r, y=(r.y / unit).astype(rows.y.dtype)))
        regressor = scaled.fit("regressor", inner["regressor"])
        return FittedPair(baseline, regressor, scaler, scale)


def standardise(scaler: StandardScaler, X: Arrays) -> Arrays:
    """Return windows whose steps are standardised, in the type of X."""
    return ((X - scaler.mean_) / scaler.scale_).astype(X.dtype, copy=False)


def residuals(baseline: Any, rows: Rows) -> Arrays:
    """Return what a baseline leaves of the targets, of shape (N, K)."""
    return np.asarray(rows.y - predict_inner(baseline, rows.X, rows.lengths, rows.y.shape[1]))


def refuse_normalized(regressor: Any) -> None:
    """Raise if windows would be normalised inside a residual."""
    inside = (regressor, *parameters_of(regressor).values())
    if any(isinstance(part, WindowNormalizedRegressor) for part in inside):
        raise ValueError(
            "ResidualRegressor cannot have a WindowNormalizedRegressor inside: a residual does not "
            "continue the window whose level would be put back on it. Put it outside: "
            "WindowNormalizedRegressor(ResidualRegressor(...))."
        )


def residual_scale(residual: Arrays, y: Arrays, weight: Arrays | None) -> tuple[float, bool]:
    """Return the root mean square of residuals, and whether they are only rounding errors.

    In that case the scale is the standard deviation of the targets, or 1 if the targets are
    constant.
    """
    mean = np.average(y, weights=weight, axis=0)
    of_residual, of_y = (
        float(np.sqrt(np.average(np.square(v, dtype=float).mean(axis=1), weights=weight)))
        for v in (residual, y - mean)
    )
    is_rounding = of_residual <= np.sqrt(np.finfo(y.dtype).eps) * of_y
    return (of_y if is_rounding else of_residual) or 1.0, is_rounding
