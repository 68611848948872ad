"""A regressor whose target is transformed for each series separately."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, RegressorMixin, _fit_context, clone
from sklearn.utils import Tags, get_tags
from sklearn.utils._param_validation import HasMethods
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    _routing_enabled,
    process_routing,
)
from sklearn.utils.validation import _num_samples, check_consistent_length, check_is_fitted

from skrnn._validation.numbers import check_numbers
from skrnn._validation.sequence_regressor import mean_r2

from ._labels.label_columns import LABEL_CONSTRAINTS, LabelColumns
from ._labels.row_labels import RowLabels, check_same_kind, check_series_are_named
from ._labels.target_labels import check_target_labels
from .per_series_transformer import PerSeriesTransformer

Arrays = NDArray[Any]


class PerSeriesTargetRegressor(RegressorMixin, BaseEstimator):
    """Fit a regressor to a target that is transformed for each series separately.

    It is like :class:`sklearn.compose.TransformedTargetRegressor`, but each series has
    its own transformer. With a `StandardScaler`, the target of each series is scaled with
    its own mean and standard deviation, and its predictions are scaled back with the same
    two numbers.

    Parameters
    ----------
    regressor : regressor
        Any scikit-learn regressor or pipeline that ends with one. It is cloned.
    transformer : transformer
        Any scikit-learn transformer with an `inverse_transform`. It is cloned for
        each series. For several steps ahead, a scaler scales each step separately;
        ``TimeDistributed(StandardScaler())`` has one scale for all steps.
    id_col, time_col : str or list of str, default=None
        Columns or index levels of `X` that name the series and hold the time of each
        row, as in :class:`SlidingWindowTransformer`. The regressor gets these columns
        too.

    Attributes
    ----------
    regressor_ : regressor
        The fitted clone.
    transformer_ : PerSeriesTransformer
        Fitted on the target. For series not seen in `fit`, it uses its `transformer_`,
        which is fitted on the target of all series, and warns.
    n_series_ : int
        Number of series in `fit`. It is 1 for arrays, and for a plain index without `id_col`.
    n_features_in_ : int
        Number of features, if the regressor has this attribute.
    feature_names_in_ : ndarray of str
        Names of the columns, if the regressor has this attribute.

    See Also
    --------
    PerSeriesTransformer : Does the same to the features.

    Notes
    -----
    ``TransformedTargetRegressor(transformer=PerSeriesTransformer(...))`` does not work.
    It turns y into an array before it calls the transformer, and an array has no names of
    series. In `predict` the predictions are an array too. This class reads the names from
    `X`, whose rows have the same order as those of `y`.

    The transformers are fitted on the rows of `fit` only. In a cross-validation they do
    not see the test part.

    If y has an index, the regressor gets it with the transformed y. So a
    :class:`SlidingWindowTransformer` in it notices if an earlier step has lost that of X.
    If `X` is an array, which names no series, a warning says so.

    Arguments of `fit` are passed to the regressor unchanged. A `y_val` is not
    transformed.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.linear_model import LinearRegression
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skrnn import PerSeriesTargetRegressor
    >>> index = pd.MultiIndex.from_product([["small", "large"], [1, 2, 3]])
    >>> X = pd.DataFrame({"x": [1.0, 2.0, 3.0, 1.0, 2.0, 3.0]}, index=index)
    >>> y = pd.Series([1.0, 2.0, 3.0, 100.0, 200.0, 300.0], index=index)
    >>> model = PerSeriesTargetRegressor(LinearRegression(), StandardScaler())
    >>> model.fit(X, y).predict(X).round(6)
    array([  1.,   2.,   3., 100., 200., 300.])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "regressor": [HasMethods(["fit", "predict"])],
        "transformer": [HasMethods(["fit", "transform", "inverse_transform"])],
        **LABEL_CONSTRAINTS,
    }

    def __init__(
        self,
        regressor: Any,
        transformer: Any,
        *,
        id_col: str | list[str] | None = None,
        time_col: str | list[str] | None = None,
    ) -> None:
        self.regressor = regressor
        self.transformer = transformer
        self.id_col = id_col
        self.time_col = time_col

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: ArrayLike, y: ArrayLike, **fit_params: Any) -> Self:
        """Fit the transformers to y, and the regressor to the transformed y.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Rows, whose index or columns name the series.
        y : array-like of shape (n_samples,), (n_samples, horizon) or \
                (n_samples, horizon, n_targets)
            Target.
        **fit_params : dict
            Passed to the `fit` of the regressor; routed to it where metadata routing
            is enabled.

        Returns
        -------
        self : object
            The fitted regressor.
        """
        if y is None:
            raise ValueError(
                "PerSeriesTargetRegressor requires y to be passed, but the target y is None. "
                "Pass one target for each row of X."
            )
        target: Arrays = check_numbers(
            y,
            name="y",
            owner="PerSeriesTargetRegressor",
            ensure_2d=False,
            allow_nd=True,
            ensure_all_finite=True,
        )
        check_consistent_length(X, target)
        columns = LabelColumns(self.id_col, self.time_col)
        labels = columns.read(X, n_rows=len(target))
        check_target_labels(columns, X, y, in_order=False)
        check_series_are_named(labels, owner="PerSeriesTargetRegressor")
        table = target.reshape(-1, 1) if target.ndim == 1 else target
        transformer = PerSeriesTransformer(self.transformer)
        transformer._fit_rows(table, labels, X=table)
        scaled = transformer._apply("transform", table, labels)
        if target.ndim == 1 and scaled.shape[1:] == (1,):
            scaled = scaled[:, 0]
        if isinstance(y, pd.Series | pd.DataFrame) and scaled.ndim < 3:
            # With its labels, the regressor notices if one of its steps loses those of X.
            table_of = pd.Series if scaled.ndim == 1 else pd.DataFrame
            scaled = table_of(scaled, index=y.index, copy=False)
        regressor = clone(self.regressor).fit(X, scaled, **self._route("fit", fit_params))
        self.transformer_ = transformer
        self.regressor_ = regressor
        self._target_shape = target.shape[1:]
        self._labels: RowLabels = labels.first_rows()
        self.n_series_ = labels.n_series
        return self

    def predict(self, X: ArrayLike, **predict_params: Any) -> Arrays:
        """Return predictions in the units of y.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Rows, whose index or columns name the series as in `fit`.
        **predict_params : dict
            Passed to the `predict` of the regressor; routed to it where metadata
            routing is enabled.

        Returns
        -------
        y : ndarray of shape (n_samples,), (n_samples, horizon) or \
                (n_samples, horizon, n_targets)
            Predictions in the shape of the y of fit.
        """
        check_is_fitted(self)
        labels = LabelColumns(self.id_col, self.time_col).read(X, n_rows=_num_samples(X))
        check_same_kind(self._labels, labels)
        scaled = np.asarray(self.regressor_.predict(X, **self._route("predict", predict_params)))
        scaled = scaled.reshape(-1, 1) if scaled.ndim == 1 else scaled
        prediction = self.transformer_._apply("inverse_transform", scaled, labels)
        return prediction.reshape(len(prediction), *self._target_shape)

    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the coefficient of determination of the predictions.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Rows, whose index or columns name the series as in `fit`.
        y : array-like of shape (n_samples,), (n_samples, horizon) or \
                (n_samples, horizon, n_targets)
            True targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row.

        Returns
        -------
        score : float
            R², averaged over steps and targets with equal weight.
        """
        check_target_labels(LabelColumns(self.id_col, self.time_col), X, y, in_order=False)
        return mean_r2(y, self.predict(X), sample_weight, owner=type(self).__name__)

    @property
    def n_features_in_(self) -> int:
        """Number of features, if the regressor has this attribute."""
        if not hasattr(self, "regressor_"):
            raise AttributeError("PerSeriesTargetRegressor object has no n_features_in_ attribute.")
        return self.regressor_.n_features_in_

    @property
    def feature_names_in_(self) -> Arrays:
        """Names of the columns, if the regressor has this attribute."""
        return self.regressor_.feature_names_in_

    def get_metadata_routing(self) -> MetadataRouter:
        """Return how metadata, such as sample weights, are routed to the regressor.

        Returns
        -------
        routing : MetadataRouter
        """
        mapping = MethodMapping().add(caller="fit", callee="fit")
        mapping.add(caller="predict", callee="predict")
        router = MetadataRouter(owner=self).add_self_request(self)  # score takes weights itself
        return router.add(regressor=self.regressor, method_mapping=mapping)

    def _route(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments for a method of the regressor."""
        if not _routing_enabled():
            return arguments
        return process_routing(self, method, **arguments).regressor[method]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        inner = get_tags(self.regressor)
        tags.input_tags = inner.input_tags
        tags.target_tags.multi_output = inner.target_tags.multi_output
        tags.target_tags.single_output = inner.target_tags.single_output
        tags.non_deterministic = inner.non_deterministic
        if inner.regressor_tags is not None:
            tags.regressor_tags.poor_score = inner.regressor_tags.poor_score
        return tags
