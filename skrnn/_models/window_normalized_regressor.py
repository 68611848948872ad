"""Normalisation of each window and its target by the level and size of the window."""

from __future__ import annotations

from dataclasses import replace
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import StrOptions

from skrnn._validation.finite import row_blocks
from skrnn._validation.parameters import Interval, target_features
from skrnn._validation.sequences import check_n_timesteps

from .inner_regressor import predict_inner
from .meta_regressor import FitInput, WindowMetaRegressor
from .quantile_meta_regressor import Predict, QuantileMetaRegressor
from .units import warn_of_other_units
from .window_measures import LEVELS, SIZES, is_mean_absolute, n_steps_needed
from .window_normalization import WindowNormalization

Arrays = NDArray[Any]


def check_positive(**arrays: Arrays) -> None:
    """Raise if an array, passed by its name, has values of which there is no logarithm."""
    for name, values in arrays.items():
        is_wrong = values <= 0  # not NaN, which is padding
        if is_wrong.any():
            n_rows = is_wrong.reshape(len(values), -1).any(axis=1).sum()
            raise ValueError(
                f"WindowNormalizedRegressor with log=True needs positive values, but {name} has "
                f"{is_wrong.sum()} that are not, in {n_rows} of {len(values)} rows. The smallest "
                f"is {values[is_wrong].min():.4g}. Set log=False, or log='auto', which takes "
                "logarithms only if all values in fit are positive."
            )


class WindowNormalizedRegressor(QuantileMetaRegressor):
    """Normalise each window and its target by the level and size of the window.

    The level of the window is subtracted from the window and from its target, and both are
    divided by the size of the window. The regressor inside is fitted to the result. `predict`
    multiplies its predictions by the size and adds the level. So one model can serve series
    of different levels, and a series whose level changes.

    Parameters
    ----------
    regressor : regressor
        Any scikit-learn regressor. It is cloned. With the tag `three_d_array` it gets 3-D
        windows, else one column for each step and feature.
    center : {"last", "mean", "median", "season_mean", "season_median"} or None, default="last"
        Level: the last step, the mean or median of the steps, or that of the last season. None:
        no subtraction.
    scale : str or None, default=None
        Size. None: no division.

        - "std": the standard deviation.
        - "mean_abs": the mean absolute value.
        - "mean_abs_change": the mean absolute change from step to step.
        - "iqr": the interquartile range. Outliers have little effect.
        - "median_abs_deviation": the median absolute deviation from the median. Outliers have
          little effect.
        - "season_std", "season_mean_abs", "season_mean_abs_change", "season_iqr" and
          "season_median_abs_deviation": the same, of the last season only. With
          ``season_length=1`` they are those of all steps.
        - "mean_abs_seasonal_change": the mean absolute change over a season, the error of a
          seasonal naive forecast. In a window of a season or less, the change from step to step.
        - "mean_abs_both_changes": the mean of "mean_abs_change" and "mean_abs_seasonal_change".

    season_length : int, default=None
        Number of time steps in a season: 12 for months, 4 for quarters, 7 for days with a
        week. Levels and sizes with "season" in the name, and `adjust_season`, need it and windows
        that are long enough.
    log : bool or "auto", default=False
        Whether to take logarithms of the features that `y` continues, and of `y`, before
        everything else. "auto": if all their values in :meth:`fit` are positive. The prediction
        is the exponential function of the result.
    adjust_season : bool or "auto", default=False
        Whether to remove the season of the features that `y` continues, and to put it back on
        the prediction. Each window has its own season. Windows of less than two seasons are not
        changed. "auto": only if the season of a window is significant, as in
        :class:`WindowTheta`, which takes about three seasons.
    target_feature : int or list of int, default=None
        Position of the feature in `X` that `y` continues. The target is normalised by the
        level and size of this feature. A list has one feature for each output, the last axis
        of `y`. None: the only feature or, if `y` has the axes (n_samples, horizon,
        n_outputs), all features in order.

    Attributes
    ----------
    regressor_ : regressor
        The fitted clone.
    log_ : bool
        Whether logarithms are taken.
    floor_ : ndarray of shape (n_features,)
        Smallest size of each feature: 5 % of the geometric mean of the sizes above zero in
        :meth:`fit`, or 1 if all are zero. A flat window is divided by it.
    constant_ : ndarray of shape (n_outputs,)
        Mean of `y`. It is predicted for windows of padding alone.
    n_features_in_ : int
        Number of features: of a time step for 3-D input, of columns (time steps)
        for 2-D input.

    See Also
    --------
    ResidualRegressor : Learns the residuals of a baseline. It may stand inside this regressor.

    Notes
    -----
    Each feature has its own level and size. Logarithm and season concern only the features that
    `y` continues; the others may be negative, or have the same season in all windows, such as
    the month of the year. Windows and targets must be in the same units. If they are not, `fit`
    warns. Steps of padding stay NaN and are not used. With a `scale`, windows of a single real
    step are not used in `fit` if there are longer ones, since they have no size.

    A feature that `y` does not continue, and that is the same in all steps of each training
    window, such as the latitude of a station, has no level of its own and is left as it is.

    The order is: logarithm, season, level, size. The season comes from a classical decomposition
    of the window. It is additive with logarithms, or if a value of the window is not positive,
    else multiplicative.

    With logarithms:

    - Predictions are positive and finite. Before the level is put back, an absolute prediction is
      limited to twice the largest absolute target in :meth:`fit`, in units of the size.
    - They are closer to the median of the target than to its mean.
    - With ``log=True``, a value that is not positive is an error. With "auto" it is an error
      neither in `X_val` and `y_val` nor in :meth:`predict`: in a window it is replaced by the
      smallest positive value of this window and, if it has none, by the smallest value in
      :meth:`fit`.
    - `scale` cannot be "mean_abs", which would depend on the unit of the data.

    The defaults had the lowest errors on the data sets of ``benchmarks/accuracy.py``, within
    their training parts.

    `predict_quantiles` gives the quantiles of the regressor inside in the units of `y`.

    References
    ----------
    Reversible instance normalisation of Kim et al. (2022), ICLR, does the same with mean
    and standard deviation.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import Ridge
    >>> from skrnn import WindowNormalizedRegressor, sliding_windows
    >>> X, y = sliding_windows(np.arange(8.0) ** 2, lookback=3)
    >>> model = WindowNormalizedRegressor(Ridge(1e-6)).fit(X, y)
    >>> model.predict(X[:2] + 1000).round(2)  # a level far above that of the training windows
    array([1009., 1016.])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **WindowMetaRegressor._parameter_constraints,
        "center": [None, StrOptions(LEVELS)],
        "scale": [None, StrOptions(SIZES)],
        "season_length": [None, Interval(Integral, 1, None, closed="left")],
        "log": ["boolean", StrOptions({"auto"})],
        "adjust_season": ["boolean", StrOptions({"auto"})],
        "target_feature": [None, Interval(Integral, 0, None, closed="left"), list],
    }

    def __init__(
        self,
        regressor: Any,
        *,
        center: str | None = "last",
        scale: str | None = None,
        season_length: int | None = None,
        log: bool | str = False,
        adjust_season: bool | str = False,
        target_feature: int | list[int] | None = None,
    ) -> None:
        self.regressor = regressor
        self.center = center
        self.scale = scale
        self.season_length = season_length
        self.log = log
        self.adjust_season = adjust_season
        self.target_feature = target_feature

    def _fit_rows(self, fit_input: FitInput) -> None:
        rows, validation, y_shape = fit_input.rows, fit_input.validation, fit_input.y_shape
        owner = type(self).__name__
        features = target_features(self.target_feature, y_shape, rows.X.shape[2], owner=owner)
        season_length = self._checked_season_length(rows.X)
        warn_of_other_units(rows.X, rows.y[:, : len(features)], features, owner=owner)
        n_outputs = rows.y.shape[1]
        lowest = [np.fmin.reduce(rows.X[block], axis=(0, 1)) for block in row_blocks(rows.X)]
        smallest = np.min(lowest, axis=0)
        all_positive = bool((smallest[features] > 0).all() and (rows.y > 0).all())
        normalization, training = WindowNormalization(
            center=self.center,
            scale=self.scale,
            season_length=season_length,
            log=self._takes_logarithms(fit_input, features, all_positive),
            adjust_season="auto" if self.adjust_season == "auto" else bool(self.adjust_season),
            of_outputs=np.tile(features, n_outputs // len(features)),
            ahead=np.arange(n_outputs) // len(features),
            smallest=smallest,
        ).fit(rows)
        if self.scale is not None and (has_size := training.lengths > 1).any():
            training = training[has_size]
        if validation is not None:
            validation = normalization.normalize(validation)
        normalized = replace(fit_input, rows=training, validation=validation)
        self.regressor_ = normalized.fit("regressor", self.regressor)
        self.constant_ = np.average(rows.y, axis=0, weights=rows.weight)
        self.floor_ = normalization.floor
        self.log_ = normalization.log
        self._normalization = normalization
        self._must_be_positive = self.log_ and self.log != "auto"

    def _predict_rows(
        self, X: Arrays, lengths: NDArray[np.intp], predict: Predict = predict_inner
    ) -> Arrays:
        real, normalization = lengths > 0, self._normalization
        windows, n_real = X[real], lengths[real]
        if self._must_be_positive:
            check_positive(X=windows[:, :, normalization.features])
        if not len(windows):  # one of zeros shows how many quantiles there are
            windows, n_real = np.zeros_like(X[:1]), np.full(1, X.shape[1])
        normalized = normalization.normalize_windows(windows)
        predicted = predict(self.regressor_, normalized.windows, n_real, len(self.constant_))
        y = np.tile(self.constant_, (*predicted.shape[:-2], len(X), 1))
        if real.any():
            y[..., real, :] = normalization.restore(predicted, normalized)
        return y

    def _checked_season_length(self, X: Arrays) -> int:
        """Return the season length, 1 for None. Raise if it is missing or X is too short for it."""
        season_length = 1 if self.season_length is None else int(self.season_length)
        needed = {
            "center": n_steps_needed(self.center, season_length),
            "scale": n_steps_needed(self.scale, season_length),
            "adjust_season": 2 * season_length * bool(self.adjust_season),
        }
        parameter = max(needed, key=lambda name: needed[name])
        given = f"{parameter}={getattr(self, parameter)!r}"
        if needed[parameter] and self.season_length is None:
            raise ValueError(
                f"{type(self).__name__} with {given} needs season_length, the number of time steps "
                "in a season, e.g. 12 for months or 7 for days, but it is None."
            )
        if season_length > 1:
            check_n_timesteps(
                X,
                needed[parameter],
                what=f"{type(self).__name__} with {given} and season_length={season_length}",
                cure=f"choose another value of {parameter}",
            )
        return season_length

    def _takes_logarithms(
        self, fit_input: FitInput, features: list[int], all_positive: bool
    ) -> bool:
        if not self.log:
            return False
        if is_mean_absolute(self.scale):
            raise ValueError(
                f"WindowNormalizedRegressor cannot have scale={self.scale!r} with "
                f"log={self.log!r}: the mean absolute value of logarithms depends on the unit of "
                "the data. Choose another scale, e.g. 'std', or set log=False."
            )
        if self.log != "auto":
            check_positive(X=fit_input.rows.X[:, :, features], y=fit_input.rows.y)
            if fit_input.validation is not None:
                validation = fit_input.validation
                check_positive(X_val=validation.X[:, :, features], y_val=validation.y)
        return all_positive
