"""A transformer that is fitted to each series separately."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import _fit_context, clone
from sklearn.utils import Tags, _safe_indexing, get_tags
from sklearn.utils._param_validation import HasMethods
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skrnn._validation.numbers import check_numbers

from ._labels.label_columns import LABEL_CONSTRAINTS
from ._labels.row_labels import RowLabels, check_same_kind, check_series_are_named, show
from ._labels.target_labels import is_reordered
from .labelled_rows import LabelledRowsTransformer, check_names
from .sequence_output import as_array, has_inverse

Arrays = NDArray[Any]


class PerSeriesTransformer(LabelledRowsTransformer):
    """Fit a clone of a transformer to each series.

    A `StandardScaler` subtracts the mean of all series together. Within a
    `PerSeriesTransformer` it subtracts from each series its own mean. Rows keep their
    order and index, and rows of different series may alternate.

    Parameters
    ----------
    transformer : transformer
        Any scikit-learn transformer. It is cloned for each series.
    id_col, time_col : str or list of str, default=None
        Columns or index levels that name the series and hold the time of each row, as
        in :class:`SlidingWindowTransformer`.
        Such columns are not transformed.

    Attributes
    ----------
    transformers_ : dict
        The fitted clone of each series, by the name of the series, which is a tuple if
        several columns or index levels name it. Empty if all rows are one series.
    transformer_ : transformer
        A clone that is fitted on the rows of all series. It transforms series that were
        not seen in `fit`, with a warning.
    n_series_ : int
        Number of series in `fit`. It is 1 for arrays, and for a plain index without `id_col`.
    n_features_in_ : int
        Number of columns of `X`, with those of `id_col` and `time_col`; for 3-D `X` the
        number of features of a time step.
    feature_names_in_ : ndarray of str
        Names of the columns, if `X` was a DataFrame.

    See Also
    --------
    PerSeriesTargetRegressor : Does the same to the target.
    TimeDistributed : One transformer for all time steps.

    Notes
    -----
    Columns named by `id_col` and `time_col` are no features, but later steps need them:
    ``SlidingWindowTransformer(id_col="station")`` behind a scaler of each series. An
    array of numbers cannot hold them. Where there is such a column, the output is
    therefore always a DataFrame with these columns last, whatever `set_output` says;
    `inverse_transform` puts them back where they were. In all other cases the output is
    an array by default, and ``set_output(transform="pandas")`` keeps the index.

    A column that has one value within each series, such as a latitude, becomes 0 in all
    series with a `StandardScaler`. `fit` warns: transform such columns for all series
    together, in a :class:`sklearn.compose.ColumnTransformer`.

    Missing values are passed to the transformer. All clones must keep the order of the
    rows, and make the same features: it is an error if one of them drops a feature, or
    finds a category, that the others do not.

    An array names no series. Its rows are one series, with a warning. So `fit` warns if an
    earlier step has lost the index, and in ``TransformedTargetRegressor``, which turns y
    into an array. It is an error if rows of one series have the same label.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skrnn import PerSeriesTransformer
    >>> index = pd.MultiIndex.from_product([["Cairns", "Hobart"], [2019, 2020]])
    >>> X = pd.DataFrame({"temperature": [24.0, 26.0, 12.0, 14.0]}, index=index)
    >>> scaler = PerSeriesTransformer(StandardScaler()).set_output(transform="pandas")
    >>> scaler.fit_transform(X)
                 temperature
    Cairns 2019         -1.0
           2020          1.0
    Hobart 2019         -1.0
           2020          1.0
    >>> scaler.transformers_["Hobart"].mean_
    array([13.])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "transformer": [HasMethods(["fit", "transform"])],
        **LABEL_CONSTRAINTS,
    }

    def __init__(
        self,
        transformer: Any,
        *,
        id_col: str | list[str] | None = None,
        time_col: str | list[str] | None = None,
    ) -> None:
        self.transformer = transformer
        self.id_col = id_col
        self.time_col = time_col

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Fit the transformer to each series, and to all rows together.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features) or sequences
            Rows of one or more series.
        y : array-like of shape (n_samples, ...), default=None
            Passed to each clone, with the rows of its series.

        Returns
        -------
        self : object
            The fitted transformer.
        """
        features, labels = self._read_to_fit(X, y, in_order=False)
        if y is not None:
            check_consistent_length(X, y)
        check_series_are_named(labels, owner="PerSeriesTransformer")
        self._fit_rows(features, labels, y, X=X)
        self._warn_of_erased_columns(features, labels)
        return self

    def transform(self, X: ArrayLike) -> Any:
        """Transform the rows of each series with its own clone.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features) or sequences
            Rows of one or more series. Series not seen in `fit` are transformed with
            `transformer_`.

        Returns
        -------
        Xt : ndarray of shape (n_samples, n_features_out) or sequences
            Transformed rows; a DataFrame with the index of `X` if `id_col` or `time_col`
            is a column.
        """
        changed = self._apply("transform", *self._read_as_in_fit(X))
        if changed.ndim != 2 or not self._label_columns.columns(X):
            return changed
        return self._with_label_columns(changed, X, self.get_feature_names_out())

    @available_if(has_inverse)
    def inverse_transform(self, X: ArrayLike) -> Any:
        """Undo the transformation of each series.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features_out) or sequences
            Transformed rows, with the index or columns that name the series.

        Returns
        -------
        Xt : ndarray of shape (n_samples, n_features) or sequences
            Rows in their original scale; a DataFrame if `id_col` or `time_col` is a
            column.
        """
        check_is_fitted(self)
        features, labels = self._read(X)
        check_same_kind(self._labels, labels)
        self._check_made_features(features)
        changed = self._apply("inverse_transform", features, labels)
        return self._with_label_columns(changed, X, getattr(self, "feature_names_in_", ()))

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> Arrays:
        """Return the names of the columns of 2-D output, of 3-D output those of the features.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the input; those seen in fit by default.

        Returns
        -------
        names : ndarray of str
            The names of the transformer's output, or the name of its class and a number
            if it has none; for 2-D output then the columns of `id_col` and `time_col`.
        """
        features, columns = self._names_in(input_features)
        made = _feature_names(self.transformer_, features)
        if made is None:
            prefix = type(self.transformer_).__name__.lower()
            made = [f"{prefix}{i}" for i in range(self._shape_out[-1])]
        return np.array(made if self._makes_sequences() else [*made, *columns], dtype=object)

    def _makes_sequences(self) -> bool:
        return len(getattr(self, "_shape_out", (0,))) > 1

    def _check_features(self, features: Any) -> Any:
        """Return a DataFrame as it is, anything else as an array: the clones check values."""
        if isinstance(features, pd.DataFrame):
            return features
        return check_numbers(
            features, name="X", owner="PerSeriesTransformer", dtype=None, allow_nd=True
        )

    def _check_made_features(self, features: Any) -> None:
        """Raise if features of `inverse_transform` are not those that `transform` makes."""
        if np.ndim(features) != 2 or len(self._shape_out) != 1:
            return
        if features.shape[1] != self._shape_out[0]:
            raise ValueError(
                f"X has {features.shape[1]} features, but transform makes {self._shape_out[0]}, "
                "and inverse_transform needs the same ones."
            )
        names, found = list(self.get_feature_names_out()), list(getattr(features, "columns", ()))
        made = [name for name in names if name not in self._label_columns.names]
        if found != made and sorted(map(str, found)) == sorted(map(str, made)):
            raise ValueError(
                f"transform makes the columns {made}, but X has them in the order {found}. Pass "
                f"X[{made}]."
            )

    def _fit_rows(self, features: Any, labels: RowLabels, y: Any = None, *, X: Any) -> None:
        """Fit to features whose labels are known; `X` is what the user passed."""
        fitted = {}
        for name, rows in _rows_of_series(labels):
            part = _safe_indexing(features, rows), None if y is None else _safe_indexing(y, rows)
            fitted[name] = _call("fit", clone(self.transformer), name, *part)
        pooled = clone(self.transformer).fit(features, y)
        shape_out = _first_row(pooled, features).shape[1:]
        if not shape_out:
            raise ValueError(
                f"{type(pooled).__name__}.transform returns an array of one dimension, but must "
                "return one row of features for each row of X."
            )
        expected = _feature_names(pooled)
        for name, transformer in fitted.items():
            if (names := _feature_names(transformer)) != expected:
                raise ValueError(
                    f"{type(pooled).__name__} makes the features {names} of series {show(name)}, "
                    f"but {expected} of all rows together. Every series must have the same ones: "
                    "set them by the parameters of the transformer, such as its categories or "
                    "number of components."
                )
        check_names(self, X, features, reset=True)
        self.transformers_ = fitted
        self.transformer_ = pooled
        self._shape_out = shape_out
        self.n_series_ = labels.n_series
        self._labels = labels.first_rows()

    def _apply(self, method: str, features: Any, labels: RowLabels) -> Arrays:
        """Return what a method of each series' transformer makes of its rows."""
        if labels.series is None or not labels.n_rows:
            return _rows_made(getattr(self.transformer_, method)(features), features)
        self._warn_of_new_series(labels)
        rows_of, made = [], []
        for name, rows in _rows_of_series(labels):
            transformer = self.transformers_.get(name, self.transformer_)
            part = _safe_indexing(features, rows)
            made.append(_rows_made(_call(method, transformer, name, part), part))
            rows_of.append(rows)
            if made[-1].shape != (len(rows), *made[0].shape[1:]):
                raise ValueError(
                    f"{type(transformer).__name__} makes {made[-1].shape} of the {len(rows)} "
                    f"row(s) of series {show(name)}, but {made[0].shape} of the "
                    f"{len(rows_of[0])} row(s) of the first series. A transformer must keep all "
                    "rows, and make the same features of every series."
                )
        in_order = np.argsort(np.concatenate(rows_of))
        return np.concatenate(made)[in_order]

    def _warn_of_erased_columns(self, features: Any, labels: RowLabels) -> None:
        """Warn if columns that tell the series apart have one value for all after `transform`."""
        n_series, is_table = len(self.transformers_), np.ndim(features) == 2
        if n_series < 2 or n_series == labels.n_rows or not is_table:
            return
        table = pd.DataFrame(features)
        n_values = table.groupby(labels.series_codes()).nunique(dropna=False)
        static = np.flatnonzero((n_values == 1).all() & (table.nunique(dropna=False) > 1))
        if not len(static) or self._shape_out != table.shape[1:]:
            return
        made = np.concatenate(
            [
                _first_row(self.transformers_[name], _safe_indexing(features, rows[:1]))
                for name, rows in _rows_of_series(labels)
            ]
        )
        erased = [i for i in static if (made[:, i] == made[0, i]).all()]
        if erased:
            names = ", ".join(repr(table.columns[i]) for i in erased)
            warnings.warn(
                f"Column(s) {names} have one value within each series, and {made[0, erased[0]]:g} "
                f"in all {n_series} series after their own {type(self.transformer_).__name__}: "
                "what tells the series apart is lost. Transform them for all series together, "
                "with a ColumnTransformer in which PerSeriesTransformer gets the other columns.",
                UserWarning,
                stacklevel=4,
            )

    def _warn_of_new_series(self, labels: RowLabels) -> None:
        """Warn if there are series that were not seen in fit."""
        names = [name for name, _ in _rows_of_series(labels)]
        new = [name for name in names if name not in self.transformers_]
        if new:
            count = f"{len(new)} of {len(names)}" if len(new) < len(names) else f"All {len(names)}"
            warnings.warn(
                f"{count} series were not seen in fit, such as {show(new[0])} (fit saw "
                f"{len(self.transformers_)}, such as {show(next(iter(self.transformers_)))}). "
                f"Their rows get the {type(self.transformer_).__name__} that is fitted on all "
                "series together. Fit on them too, or check their names.",
                UserWarning,
                stacklevel=4,
            )

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        inner = get_tags(self.transformer)
        tags.input_tags = inner.input_tags
        tags.input_tags.sparse = False
        tags.target_tags.required = inner.target_tags.required
        tags.non_deterministic = inner.non_deterministic
        if inner.transformer_tags is not None:
            tags.transformer_tags.preserves_dtype = inner.transformer_tags.preserves_dtype
        return tags


def _rows_of_series(labels: RowLabels) -> Iterator[tuple[Any, NDArray[np.intp]]]:
    """Yield the name and the rows of each series; nothing if no names are given."""
    if labels.series is None:
        return
    codes = labels.series_codes()
    for rows in pd.Series(codes).groupby(codes).indices.values():
        name = labels.series[rows[0]]
        yield name.item() if isinstance(name, np.generic) else name, rows


def _call(method: str, transformer: Any, name: Any, *data: Any) -> Any:
    """Return what a method of a series' transformer returns; an error names the series."""
    try:
        return getattr(transformer, method)(*data)
    except Exception as error:
        table = data[0] if isinstance(data[0], pd.DataFrame) else pd.DataFrame()
        others = list(table.select_dtypes(exclude="number").columns)
        note = f" (columns that hold no numbers: {others})" if others else ""
        raise ValueError(
            f"{type(transformer).__name__}.{method} failed for series {show(name)}: {error}{note}"
        ) from error


def _rows_made(output: Any, features: Any) -> Arrays:
    """Return the output of a transformer as an array; raise if its index shows another order."""
    if isinstance(output, pd.DataFrame) and isinstance(features, pd.DataFrame):
        moved = len(output) == len(features) and is_reordered(features.index, output.index)
        if np.any(moved):
            row = int(np.argmax(moved))
            raise ValueError(
                f"The transformer returns rows in another order: row {row} is "
                f"{show(features.index[row])} in its input, and {show(output.index[row])} in its "
                "output. A transformer must keep the order of the rows."
            )
    return as_array(output)


def _first_row(transformer: Any, features: Any) -> Arrays:
    """Return the output for the first row, to see its features."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of rows that are too few: nothing is made of this one
        return as_array(transformer.transform(features[:1].copy()))


def _feature_names(transformer: Any, features: list[Any] | None = None) -> list[Any] | None:
    """Return the names of a transformer's output; None if it, or a step of it, has none."""
    try:
        return list(transformer.get_feature_names_out(features))
    except AttributeError:
        return None
