"""A regressor that remembers what it was fitted to, for tests of meta-estimators."""

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin


class Spy(RegressorMixin, BaseEstimator):
    """Predicts zero, in the shape of y; its tags are its parameters."""

    def __init__(self, three_d_array=False, allow_nan=False):
        self.three_d_array = three_d_array
        self.allow_nan = allow_nan

    def fit(self, X, y):
        self.X_, self.y_ = X.copy(), y.copy()
        return self

    def predict(self, X):
        self.X_predicted_ = X.copy()
        return np.zeros((len(X), *self.y_.shape[1:]))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = self.three_d_array
        tags.input_tags.allow_nan = self.allow_nan
        tags.target_tags.multi_output = True
        return tags


class WatchingSpy(Spy):
    """Takes weights and validation rows as well."""

    def fit(self, X, y, sample_weight=None, X_val=None, y_val=None):
        self.sample_weight_, self.X_val_, self.y_val_ = sample_weight, X_val, y_val
        return super().fit(X, y)
