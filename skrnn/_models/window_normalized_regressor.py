"""Normalisation of each window and its target by the level and size of the window."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import StrOptions

from skrnn._validation.finite import row_blocks
from skrnn._validation.parameters import Interval, target_features
from skrnn._validation.rows import Rows
from skrnn._validation.sequences import check_n_timesteps

from .inner_regressor import predict_inner
from .meta_regressor import FitInput, WindowMetaRegressor
from .units import warn_of_other_units

Arrays = NDArray[Any]


def _last(steps: Arrays) -> Arrays:
    return steps[:, -1]


def _mean_absolute(steps: Arrays) -> Arrays:
    return np.nanmean(np.abs(steps), axis=1)


def _mean_absolute_change(steps: Arrays) -> Arrays:
    if steps.shape[1] < 2:
        return np.zeros(steps[:, 0].shape)
    return np.nanmean(np.abs(np.diff(steps, axis=1)), axis=1)


# Functions of steps (n, T, F), in which padding is NaN, to (n, F).
_LEVELS: dict[str, Callable[[Arrays], Arrays]] = {
    "last": _last,
    "mean": lambda steps: np.nanmean(steps, axis=1),
    "median": lambda steps: np.nanmedian(steps, axis=1),
}
_SIZES: dict[str, Callable[[Arrays], Arrays]] = {
    "std": lambda steps: np.nanstd(steps, axis=1),
    "mean_abs": _mean_absolute,
    "mean_abs_change": _mean_absolute_change,
}

# Smallest size that is divided by, as a share of the geometric mean of the sizes in fit.
_FLOOR = 0.05


def _size(scale: str, steps: Arrays) -> Arrays:
    """Return the size of each window and feature; zero for one step, or steps that are equal."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the changes of a single step
        size = np.nan_to_num(_SIZES[scale](steps))
    size[size <= 8 * np.finfo(steps.dtype).eps * _mean_absolute(steps)] = 0  # rounding
    return size


@dataclass(frozen=True)
class _Measures:
    """Level and size of windows, as the parameters said in `fit`.

    Parameters
    ----------
    center, scale : str or None
    n_steps : int or None
        Number of steps, the newest ones, of which they are computed. None: all.
    """

    center: str | None
    scale: str | None
    n_steps: int | None

    def normalize(self, rows: Rows, floor: Arrays, of_outputs: Arrays) -> Rows:
        """Return rows normalised by the levels and sizes of their windows."""
        X = np.empty(rows.X.shape, dtype=rows.X.dtype)
        y = np.empty(rows.y.shape, dtype=rows.y.dtype)
        for block in row_blocks(X):
            level, size = self.level_and_size(rows.X[block], floor)
            X[block] = (rows.X[block] - level[:, np.newaxis]) / size[:, np.newaxis]
            y[block] = (rows.y[block] - level[:, of_outputs]) / size[:, of_outputs]
        return replace(rows, X=X, y=y)

    def level_and_size(self, X: Arrays, floor: Arrays) -> tuple[Arrays, Arrays]:
        """Return level and size of each window and feature, of shape (n, F)."""
        steps = self._newest(X)
        level = np.zeros(X[:, 0].shape) if self.center is None else _LEVELS[self.center](steps)
        if self.scale is None:
            return level, np.ones(level.shape)
        return level, np.maximum(_size(self.scale, steps), floor)

    def find_floor(self, rows: Rows) -> Arrays:
        """Return the smallest size of each feature that is divided by, of shape (F,)."""
        floor = np.ones(rows.X.shape[2])
        if self.scale is None:
            return floor
        blocks = (self._newest(rows.X[block]) for block in row_blocks(rows.X))
        sizes = np.concatenate([_size(self.scale, steps) for steps in blocks])
        weight = np.ones(len(rows)) if rows.weight is None else rows.weight
        for feature, size in enumerate(sizes.T):
            varies = size > 0
            if varies.any():
                logarithm = np.average(np.log(size[varies]), weights=weight[varies])
                floor[feature] = _FLOOR * np.exp(logarithm)
        return floor

    def _newest(self, X: Arrays) -> Arrays:
        return X[:, -(self.n_steps or X.shape[1]) :]


class WindowNormalizedRegressor(WindowMetaRegressor):
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
    center : {"last", "mean", "median"} or None, default="last"
        Level: the last step, or the mean or median of the steps. None: no subtraction.
    scale : {"std", "mean_abs", "mean_abs_change"} or None, default=None
        Size: the standard deviation, the mean absolute value, or the mean absolute change
        from step to step. None: no division.
    season_length : int, default=None
        Number of steps, the newest of the window, from which level and size are computed,
        e.g. 12 for the last year of months. Windows must be as long in :meth:`fit`. None: all
        steps.
    target_feature : int or list of int, default=None
        Position of the feature in `X` that `y` continues. The target is normalised by the
        level and size of this feature. A list has one feature for each output, the last axis
        of `y`. None: the only feature or, if `y` has the axes (n_samples, horizon,
        n_outputs), all features in order.

    Attributes
    ----------
    regressor_ : regressor
        The fitted clone.
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
    Each feature has its own level and size. Windows and targets must be in the same units.
    If they are not, `fit` warns. Steps of padding stay NaN and are not used for level and
    size.

    The defaults had the lowest errors on the data sets of ``benchmarks/accuracy.py``, within
    their training parts.

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
        "center": [None, StrOptions(set(_LEVELS))],
        "scale": [None, StrOptions(set(_SIZES))],
        "season_length": [None, Interval(Integral, 1, None, closed="left")],
        "target_feature": [None, Interval(Integral, 0, None, closed="left"), list],
    }

    def __init__(
        self,
        regressor: Any,
        *,
        center: str | None = "last",
        scale: str | None = None,
        season_length: int | None = None,
        target_feature: int | list[int] | None = None,
    ) -> None:
        self.regressor = regressor
        self.center = center
        self.scale = scale
        self.season_length = season_length
        self.target_feature = target_feature

    def _fit_rows(self, fit_input: FitInput) -> None:
        rows, y_shape = fit_input.rows, fit_input.y_shape
        owner = type(self).__name__
        features = target_features(self.target_feature, y_shape, rows.X.shape[2], owner=owner)
        season_length = None if self.season_length is None else int(self.season_length)
        if season_length is not None:
            check_n_timesteps(
                rows.X,
                season_length,
                what=f"{owner} with season_length={season_length}",
                cure="set season_length=None for the level and size of all steps",
            )
        warn_of_other_units(rows.X, rows.y[:, : len(features)], features, owner=owner)
        of_outputs = np.tile(features, rows.y.shape[1] // len(features))
        measures = _Measures(self.center, self.scale, season_length)
        floor = measures.find_floor(rows)
        normalized = fit_input.change(lambda rows: measures.normalize(rows, floor, of_outputs))
        self.regressor_ = normalized.fit("regressor", self.regressor)
        self._measures = measures
        self.floor_ = floor
        self.constant_ = np.average(rows.y, axis=0, weights=rows.weight)
        self._of_outputs = of_outputs

    def _predict_rows(self, X: Arrays, lengths: NDArray[np.intp]) -> Arrays:
        y = np.tile(self.constant_, (len(X), 1))
        real = lengths > 0
        if real.any():
            X = X[real]
            level, size = self._measures.level_and_size(X, self.floor_)
            windows = (X - level[:, np.newaxis]) / size[:, np.newaxis]
            predicted = predict_inner(self.regressor_, windows, lengths[real], y.shape[1])
            y[real] = predicted * size[:, self._of_outputs] + level[:, self._of_outputs]
        return y
