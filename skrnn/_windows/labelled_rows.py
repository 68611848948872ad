"""Base of the transformers of rows that have labels of series and time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils import check_array
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted, validate_data

from ._labels.label_columns import LabelColumns, Names
from ._labels.row_labels import RowLabels, check_same_kind

Arrays = NDArray[Any]


def check_numbers(X: Any, **options: Any) -> Arrays:
    """Return `X` as a floating-point array, in which NaN is allowed.

    Parameters
    ----------
    X : array-like
        Numbers; not changed.
    **options : dict
        Passed to :func:`sklearn.utils.check_array`.
    """
    return check_array(X, dtype=[np.float64, np.float32], ensure_all_finite="allow-nan", **options)


class LabelledRowsMixin:
    """Reads rows whose series and time `id_col` and `time_col` name, and keeps their kind.

    A subclass sets `_labels` in `fit`: labels of the kind that `transform` expects.
    """

    id_col: Names
    time_col: Names
    _labels: RowLabels

    @property
    def _label_columns(self) -> LabelColumns:
        return LabelColumns(self.id_col, self.time_col)

    def _read(self, X: Any) -> tuple[Any, RowLabels]:
        """Return the features of `X` and the labels of its rows."""
        features = self._check_features(self._label_columns.features(X))
        return features, self._label_columns.read(X, n_rows=len(features))

    def _check_features(self, features: Any) -> Any:
        return check_numbers(features, estimator=self, input_name="X")

    def _read_as_in_fit(self, X: Any) -> tuple[Any, RowLabels]:
        """Return the same; raise if labels or features are of another kind than in fit."""
        check_is_fitted(self)
        features, labels = self._read(X)
        check_same_kind(self._labels, labels)
        self._check_names(X, features, reset=False)
        return features, labels

    def _check_names(self, X: Any, features: Any, *, reset: bool) -> None:
        """Remember the names and number of columns or, without `reset`, compare them."""
        # ensure_2d=False: scikit-learn would count the time steps of 3-D input.
        is_table = features.ndim == 2
        validate_data(self, X, skip_check_array=True, ensure_2d=is_table, reset=reset)
        if not is_table and reset:
            self.n_features_in_ = features.shape[-1]

    def _names_in(self, names: Any) -> tuple[list[Any], list[Any]]:
        """Return the names of the features, and those of the columns that are labels."""
        check_is_fitted(self)
        names, labels = _check_feature_names_in(self, names), self._label_columns.names
        columns = [name for name in names if name in labels]
        return [name for name in names if name not in labels], columns

    def _with_label_columns(self, changed: Arrays, X: Any, names: Iterable[Any]) -> Any:
        """Return changed features; if `X` has label columns, with these as a DataFrame.

        `names` are the columns of the DataFrame in their order.
        """
        columns = self._label_columns.columns(X)
        if not columns:
            return changed
        features = [name for name in names if name not in columns]
        table = pd.DataFrame(changed, index=X.index, columns=features)
        table[columns] = X[columns]
        return table[list(names)]
