"""Base of the regressors of windows that learn from `y` nothing but the horizon."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import Tags

from skrnn._validation.parameters import target_features
from skrnn._validation.sequence_regressor import SequenceRegressorMixin
from skrnn._validation.sequences import Sequences, remember_features
from skrnn._validation.targets import check_outputs, check_weights

from .units import warn_of_other_units

Arrays = NDArray[Any]


class HorizonRegressor(SequenceRegressorMixin, BaseEstimator):
    """Base of regressors whose forecast follows from the window alone.

    They have the parameter `target_feature`.

    Attributes
    ----------
    constant_ : ndarray of the shape of a row of `y`
        Mean of `y`. It is predicted for rows of padding alone.
    horizon_ : int
        Number of steps ahead.
    """

    target_feature: int | list[int] | None

    def _store_horizon(
        self, X: ArrayLike, sequences: Sequences, y: ArrayLike, sample_weight: ArrayLike | None
    ) -> None:
        """Check the targets of the windows `sequences`, made of `X`, and learn their shape."""
        owner = type(self).__name__
        dtype = sequences.values.dtype
        targets, _ = check_outputs(y, sequences, dtype=dtype, owner=owner)
        outputs, y_shape = targets.flat, targets.row_shape
        weight = check_weights(sample_weight, sequences, owner=owner)
        n_features = sequences.values.shape[2]
        features = target_features(self.target_feature, y_shape, n_features, owner=owner)
        warn_of_other_units(sequences.values, outputs[:, : len(features)], features, owner=owner)
        remember_features(self, X, sequences)
        mean = np.average(outputs, axis=0, weights=weight)
        self.constant_ = mean.reshape(y_shape).astype(dtype, copy=False)
        self.horizon_ = outputs.shape[1] // len(features)
        self._features = features

    def _in_shape_of_y(self, forecasts: Arrays, n_real: Arrays) -> Arrays:
        """Give forecasts (N, horizon, K) the axes of `y`, and `constant_` to rows of padding."""
        y = forecasts.reshape(len(forecasts), *self.constant_.shape)
        y[n_real == 0] = self.constant_
        return y

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True
        return tags
