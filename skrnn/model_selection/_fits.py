"""A model, fitted to the training parts of splits, as they are or with other values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils import _safe_indexing

from ._changed_rows import Mask, movement, with_other_targets
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
    """

    def __init__(self, model: Any, X: Any, y: Any, splits: list[Split]) -> None:
        self.model, self.X, self.y, self.splits = model, X, y, splits
        self.n_fits = 0
        self._fitted: dict[int, Any] = {}

    def largest(self) -> tuple[Any, NDArray[np.intp]]:
        """Return the model of the last split that is fitted, else of the last one, and its test."""
        number = max(self._fitted, default=len(self.splits) - 1)
        return self._of(number), self.splits[number][1]

    def effect(self, number: int, changed: Mask) -> float:
        """Return how far predictions of test rows move if targets of training rows change.

        Parameters
        ----------
        number : int
            Number of the split.
        changed : ndarray of bool of shape (n_samples, n_targets)
            Targets that are changed.
        """
        values = np.asarray(self.y)
        others = with_other_targets(values.reshape(changed.shape), changed)
        other = self._fit(number, _like(self.y, others.reshape(values.shape)))
        test = _safe_indexing(self.X, self.splits[number][1])
        before, after = (_predict(model, test) for model in (self._of(number), other))
        return float(movement(before, after).max())

    def _of(self, number: int) -> Any:
        """Return the model, fitted to the training part of a split."""
        if number not in self._fitted:
            self._fitted[number] = self._fit(number, self.y)
        return self._fitted[number]

    def _fit(self, number: int, y: Any) -> Any:
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
        return model.fit(_safe_indexing(self.X, train), _safe_indexing(y, train))


def _predict(model: Any, X: Any) -> Any:
    """Return what a model predicts or, without a predictor, transforms."""
    return getattr(model, prediction_method(model))(X)


def _like(y: Any, values: NDArray[Any]) -> Any:
    """Return values in the form of the targets."""
    if isinstance(y, pd.DataFrame):
        return pd.DataFrame(values, index=y.index, columns=y.columns)
    return pd.Series(values, index=y.index, name=y.name) if isinstance(y, pd.Series) else values
