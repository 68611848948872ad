"""A regressor that corrects a baseline by what another regressor learns of its residuals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit
from sklearn.pipeline import Pipeline
from sklearn.utils._param_validation import HasMethods, Interval

from skrnn._validation.finite import row_blocks

from .inner_regressor import predict_inner
from .meta_regressor import WindowMetaRegressor, WindowRows, fit_regressor
from .window_linear_regressor import WindowLinearRegressor
from .window_normalized_regressor import WindowNormalizedRegressor

Arrays = NDArray[Any]

# The shrinkage is a lower confidence bound at this level, from at most so many blocks of rows.
_CONFIDENCE = 0.95
_MOST_BLOCKS = 8

# How far back the window is looked for that another one continues.
_MOST_SERIES = 10_000


@dataclass(frozen=True, eq=False)
class FittedPair:
    """A baseline and the regressor of its residuals, fitted to the same rows.

    Parameters
    ----------
    baseline, regressor : regressor
        Fitted.
    mean, spread : ndarray of shape (n_features,)
        By which windows are standardised for the regressor.
    scale : float
        Root mean square of the residuals, their unit.
    """

    baseline: Any
    regressor: Any
    mean: Arrays
    spread: Arrays
    scale: float

    def forecast(
        self, X: Arrays, lengths: NDArray[np.intp], n_outputs: int
    ) -> tuple[Arrays, Arrays]:
        """Return the predictions of the baseline, and the corrections, of shape (N, K)."""
        predicted = predict_inner(self.baseline, X, lengths, n_outputs)
        windows = (X - self.mean) / self.spread
        correction = predict_inner(self.regressor, windows, lengths, n_outputs)
        return predicted, self.scale * correction


def rows_per_step(X: Arrays) -> int:
    """Return how many rows after a window the window of the next step comes.

    In a panel that is sorted by time this is the number of series; 1 if it cannot be seen.
    """
    before = X[-1 - _MOST_SERIES : -1]
    continued = np.flatnonzero((before[:, 1:] == X[-1, :-1]).all(axis=(1, 2)))
    found = X.shape[1] > 1 and len(continued)
    return len(before) - int(continued[-1]) if found else 1


def learn_shrinkage(
    residual: Arrays, correction: Arrays, weight: Arrays | None, block_length: int
) -> float:
    """Return the share of a correction that is worth adding, judged on held-out rows.

    The least-squares slope of residuals on corrections, less its standard error times a
    quantile of Student's distribution, within [0, 1]. The standard error is that over blocks
    of neighbouring rows: their targets overlap, and series of a panel move together.

    Parameters
    ----------
    residual, correction : ndarray of shape (n, K)
        Residuals of the baseline, and what would be added, oldest rows first.
    weight : ndarray of shape (n,) or None
        Sample weights.
    block_length : int
        Fewest rows in a block.

    Returns
    -------
    float
        0 if there are not two blocks.
    """
    weight = np.ones(len(residual)) if weight is None else weight
    n_blocks = min(_MOST_BLOCKS, len(residual) // block_length)
    size = float(np.square(correction).sum(axis=1) @ weight)
    if n_blocks < 2 or size == 0:
        return 0.0
    slope = float((residual * correction).sum(axis=1) @ weight) / size
    deviation = ((residual - slope * correction) * correction).sum(axis=1) * weight
    of_blocks = np.array([block.sum() for block in np.array_split(deviation, n_blocks)])
    error = np.sqrt(np.square(of_blocks).sum() * n_blocks / (n_blocks - 1)) / size
    bound = slope - stdtrit(n_blocks - 1, _CONFIDENCE) * error
    return float(np.clip(bound, 0, 1))


class ResidualRegressor(WindowMetaRegressor):
    """Correct a baseline by what a regressor learns of its residuals.

    The baseline is fitted first. The regressor learns its residuals, in units of their root
    mean square, from standardised windows, so that neither needs a scaler. Its correction is
    multiplied by a shrinkage between 0 and 1 that is learned on the newest rows: where the
    regressor adds nothing, the prediction is that of the baseline.

    Parameters
    ----------
    regressor : regressor
        What learns the residuals, such as :class:`GRURegressor`. It is cloned. With the tag
        `three_d_array` it gets 3-D windows, else one column for each step and feature.
    baseline : regressor, default=None
        What is corrected. It is cloned, and gets windows and targets as they are. None:
        :class:`WindowLinearRegressor`.
    validation_fraction : float in (0, 1), default=0.2
        Share of the rows, the newest, on which the shrinkage is learned.

    Attributes
    ----------
    regressor_ : regressor
        Fitted to the residuals of all rows.
    baseline_ : regressor
        Fitted to all rows.
    shrinkage_ : float
        Factor of the correction. 0 is the baseline alone.
    scale_ : float
        Root mean square of the residuals.
    n_features_in_ : int
        Number of features: of a time step for 3-D input, of columns (time steps)
        for 2-D input.

    See Also
    --------
    WindowNormalizedRegressor : May stand around this regressor, but not inside.

    Notes
    -----
    `fit` trains twice. First on the older rows, to learn the shrinkage on the newest: it is
    the least-squares slope of the residuals on the corrections there, less its standard error
    times the 95 % quantile of Student's distribution. So a correction that may be chance is
    left out. Rows whose targets reach into the held-out rows are not trained on. Then both
    are fitted to all rows. "Newest" means the last rows as they come: sort a panel by time.

    References
    ----------
    Zhang, G. P. (2003). Time series forecasting using a hybrid ARIMA and neural network
    model. Neurocomputing 50. :doi:`10.1016/S0925-2312(01)00702-0`. There is no shrinkage there.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import GRURegressor, ResidualRegressor, sliding_windows
    >>> X, y = sliding_windows(np.sin(np.arange(200) / 5) ** 3, lookback=4)
    >>> model = ResidualRegressor(GRURegressor(8, max_epochs=50, random_state=0)).fit(X, y)
    >>> 0 <= model.shrinkage_ <= 1
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **WindowMetaRegressor._parameter_constraints,
        "baseline": [None, HasMethods(["fit", "predict"])],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
    }

    def __init__(
        self, regressor: Any, baseline: Any = None, *, validation_fraction: float = 0.2
    ) -> None:
        self.regressor = regressor
        self.baseline = baseline
        self.validation_fraction = validation_fraction

    def _inner_estimators(self) -> dict[str, Any]:
        baseline = WindowLinearRegressor() if self.baseline is None else self.baseline
        return {"regressor": self.regressor, "baseline": baseline}

    def _fit_rows(
        self,
        rows: WindowRows,
        validation: WindowRows | None,
        y_shape: tuple[int, ...],
        taken: dict[str, set[str]],
    ) -> None:
        refuse_normalized(self.regressor)
        n_older = len(rows) - int(np.ceil(self.validation_fraction * len(rows)))
        # The targets of the last rows before the held-out ones reach into these.
        horizon, n_series = (y_shape or (1,))[0], rows_per_step(rows.X)
        older, newest = rows[: max(0, n_older - (horizon - 1) * n_series)], rows[n_older:]
        shrinkage = 0.0
        if len(older):
            pair = self._fit_pair(older, validation, y_shape, taken)
            predicted, correction = pair.forecast(newest.X, newest.lengths, rows.y.shape[1])
            residual = newest.y - predicted
            shrinkage = learn_shrinkage(residual, correction, newest.weight, horizon * n_series)
        self._pair = self._fit_pair(rows, validation, y_shape, taken)
        self.regressor_, self.baseline_ = self._pair.regressor, self._pair.baseline
        self.scale_ = self._pair.scale
        self.shrinkage_ = shrinkage
        self._n_outputs = rows.y.shape[1]

    def _predict_rows(self, X: Arrays, lengths: NDArray[np.intp]) -> Arrays:
        predicted, correction = self._pair.forecast(X, lengths, self._n_outputs)
        return predicted + self.shrinkage_ * correction

    def _fit_pair(
        self,
        rows: WindowRows,
        validation: WindowRows | None,
        y_shape: tuple[int, ...],
        taken: dict[str, set[str]],
    ) -> FittedPair:
        """Fit the baseline to rows, and the regressor to its residuals on them."""
        inner = self._inner_estimators()
        baseline = fit_regressor(inner["baseline"], rows, validation, y_shape, taken["baseline"])
        mean, spread = mean_and_spread(rows.X)
        residual = rows.y - predict_inner(baseline, rows.X, rows.lengths, rows.y.shape[1])
        scale = residual_scale(residual, rows.y, rows.weight)

        def changed(rows: WindowRows) -> WindowRows:
            predicted = predict_inner(baseline, rows.X, rows.lengths, rows.y.shape[1])
            residual = ((rows.y - predicted) / scale).astype(rows.y.dtype)
            return replace(rows, X=(rows.X - mean) / spread, y=residual)

        regressor = fit_regressor(
            inner["regressor"],
            changed(rows),
            None if validation is None else changed(validation),
            y_shape,
            taken["regressor"],
        )
        return FittedPair(baseline, regressor, mean, spread, scale)


def refuse_normalized(regressor: Any) -> None:
    """Raise if windows would be normalised inside a residual."""
    last = regressor.steps[-1][1] if isinstance(regressor, Pipeline) else regressor
    if isinstance(last, WindowNormalizedRegressor):
        raise ValueError(
            "ResidualRegressor cannot have a WindowNormalizedRegressor inside: a residual does not "
            "continue the window whose level would be put back on it. Put it outside: "
            "WindowNormalizedRegressor(ResidualRegressor(...))."
        )


def residual_scale(residual: Arrays, y: Arrays, weight: Arrays | None) -> float:
    """Return the root mean square of residuals.

    If they are no more than rounding leaves of the targets, it is the targets' own
    deviation, and 1 if they have none.
    """
    mean = np.average(y, weights=weight, axis=0)
    of_residual, of_y = (
        float(np.sqrt(np.average(np.square(v, dtype=float).mean(axis=1), weights=weight)))
        for v in (residual, y - mean)
    )
    scale = of_residual if of_residual > np.sqrt(np.finfo(y.dtype).eps) * of_y else of_y
    return scale or 1.0


def mean_and_spread(X: Arrays) -> tuple[Arrays, Arrays]:
    """Return mean and standard deviation of each feature over the real steps; 1 for a constant."""
    origin = X[0, -1].astype(float)  # a real step: sums of differences from it stay small
    n_steps, total, squares = 0, np.zeros(X.shape[2]), np.zeros(X.shape[2])
    for block in row_blocks(X):
        steps = X[block] - origin
        n_steps += int(np.isfinite(steps[:, :, 0]).sum())
        total += np.nansum(steps, axis=(0, 1))
        squares += np.nansum(np.square(steps), axis=(0, 1))
    mean = total / n_steps
    spread = np.sqrt(np.maximum(squares / n_steps - np.square(mean), 0))
    mean += origin
    spread[spread <= 8 * np.finfo(X.dtype).eps * np.abs(mean)] = 1
    return mean.astype(X.dtype), spread.astype(X.dtype)
