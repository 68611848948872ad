"""Base of the transformers of rows that have labels of series and time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted, validate_data

from skrnn._validation import numbers

from ._labels.label_columns import LabelColumns, Names
from ._labels.row_labels import RowLabels, check_same_kind
from ._labels.target_labels import check_target_labels
from .sequence_output import SequenceOutputMixin

Arrays = NDArray[Any]


def check_numbers(
    X: Any, *, input_name: str = "X", estimator: Any = None, **options: Any
) -> Arrays:
    """Return `X` as a floating-point array, in which NaN is allowed.

    Parameters
    ----------
    X : array-like
        Numbers; not changed.
    input_name : str, default="X"
        Name of the argument, for the messages.
    estimator : estimator, default=None
        The one that gets it, for the messages.
    **options : dict
        Passed to :func:`sklearn.utils.check_array`.
    """
    owner = None if estimator is None else type(estimator).__name__
    options |= {"ensure_all_finite": "allow-nan"}
    return numbers.check_numbers(X, name=input_name, owner=owner, **options)


def check_names(estimator: Any, X: Any, features: Arrays, *, reset: bool) -> None:
    """Remember the names and number of the features of `X` or, without `reset`, compare them.

    The features of 3-D input are those of a time step. scikit-learn compares names that are
    text; the order of others is compared here.
    """
    is_table = features.ndim == 2
    names = list(X.columns) if isinstance(X, pd.DataFrame) else []
    seen = names if reset else getattr(estimator, "_columns", names)
    is_text = all(isinstance(name, str) for name in names)
    if names != seen and not is_text and sorted(map(str, names)) == sorted(map(str, seen)):
        raise ValueError(
            f"fit saw the columns {seen}, but X has them in the order {names}. Pass X[{seen}]."
        )
    validate_data(estimator, X, skip_check_array=True, ensure_2d=is_table, reset=reset)
    if reset:
        estimator._columns = names
    if reset and not is_table:
        estimator.n_features_in_ = features.shape[-1]


class LabelledRowsTransformer(SequenceOutputMixin, TransformerMixin, BaseEstimator):
    """Base of the transformers of rows whose series and time `id_col` and `time_col` name.

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
        self._label_columns.read_time(X)  # for its errors, which say more than those of values
        features = self._label_columns.features(X)
        if isinstance(features, pd.DataFrame) and not features.shape[1]:
            raise ValueError(
                f"X has 0 feature(s), and {type(self).__name__} needs at least 1: its columns "
                f"{list(X.columns)} are labels of the rows."
            )
        features = self._check_features(features)
        return features, self._label_columns.read(X, n_rows=len(features))

    def _read_to_fit(self, X: Any, y: Any, *, in_order: bool = True) -> tuple[Any, RowLabels]:
        """Return the same; raise if the labels of `y` disagree with those of `X`."""
        features, labels = self._read(X)
        check_target_labels(self._label_columns, X, y, in_order=in_order)
        return features, labels

    def _check_features(self, features: Any) -> Any:
        return check_numbers(features, estimator=self, input_name="X")

    def _read_as_in_fit(self, X: Any) -> tuple[Any, RowLabels]:
        """Return the same; raise if labels or features are of another kind than in fit."""
        check_is_fitted(self)
        features, labels = self._read(X)
        check_same_kind(self._labels, labels)
        check_names(self, X, features, reset=False)
        return features, labels

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

    def _makes_sequences(self) -> bool:
        return False

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
