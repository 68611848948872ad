"""A model, fitted to the training parts of splits, as they are or with other values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils import _safe_indexing

from ._changed_rows import Mask, movement, with_extremes
from ._recorded_steps import prediction_method

Split = tuple[NDArray[np.intp], NDArray[np.intp]]


class Fits:
    """A model, fitted to the training parts of splits. Each fit is done when it is needed.

    Parameters
    ----------
    model : estimator
        Not changed.
    X, y : DataFrame, Series or ndarray
        Rows and targets.
    splits : list of (train, test)
        Rows of each split.
    labels : list
        Columns of X that are labels.
    """

    def __init__(self, model: Any, X: Any, y: Any, splits: list[Split], labels: list[Any]) -> None:
        self.model, self.X, self.y, self.splits, self.labels = model, X, y, splits, labels
        self.n_fits = 0
        self._fitted: dict[int, Any] = {}

    def largest(self) -> tuple[Any, NDArray[np.intp]]:
        """Return the model of the last split that is fitted, else of the last one, and its test."""
        number = max(self._fitted, default=len(self.splits) - 1)
        return self._of(number), self.splits[number][1]

    def effect(self, number: int, changed_rows: Mask, changed_targets: Mask) -> float:
        """Return how far predictions of test rows move if training rows and targets change.

        Parameters
        ----------
        number : int
            Number of the split.
        changed_rows : ndarray of bool of shape (n_samples,)
            Rows of X that are changed.
        changed_targets : ndarray of bool of shape (n_samples, n_targets)
            Targets that are changed.
        """
        values = np.asarray(self.y)
        mask = changed_targets.reshape(values.shape)
        X = with_extremes(self.X, changed_rows, "highest", self.labels)
        y = _like(self.y, with_extremes(values, mask, "highest", []))
        other = self._fit(number, X, y)
        test = _safe_indexing(self.X, self.splits[number][1])
        before, after = (_predict(model, test) for model in (self._of(number), other))
        return float(movement(before, after).max())

    def _of(self, number: int) -> Any:
        """Return the model, fitted to the training part of a split."""
        if number not in self._fitted:
            self._fitted[number] = self._fit(number, self.X, self.y)
        return self._fitted[number]

    def _fit(self, number: int, X: Any, y: Any) -> Any:
        """Return a clone, fitted to the training part of a split, with fixed random numbers."""
        model = clone(self.model)
        seeds = {
            name: 0
            for name, value in model.get_params().items()
            if name.rpartition("__")[2] == "random_state" and value is None
        }
        train = self.splits[number][0]
        self.n_fits += 1
        model.set_params(**seeds)
        return model.fit(_safe_indexing(X, train), _safe_indexing(y, train))


def _predict(model: Any, X: Any) -> Any:
    """Return what a model predicts or, without a predictor, transforms."""
    return getattr(model, prediction_method(model))(X)


def _like(y: Any, values: NDArray[Any]) -> Any:
    """Return values in the form of the targets."""
    if isinstance(y, pd.DataFrame):
        return pd.DataFrame(values, index=y.index, columns=y.columns)
    return pd.Series(values, index=y.index, name=y.name) if isinstance(y, pd.Series) else values
