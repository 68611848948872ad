"""What meta-estimators of windows share: checks, the regressor inside, metadata, tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, MetaEstimatorMixin, _fit_context, clone
from sklearn.utils import Tags, get_tags
from sklearn.utils._param_validation import HasMethods
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    _routing_enabled,
    process_routing,
)
from sklearn.utils.validation import has_fit_parameter

from skrnn._validation.finite import row_blocks
from skrnn._validation.sequence_regressor import SequenceRegressorMixin
from skrnn._validation.sequences import (
    Sequences,
    check_fitted_input,
    check_sequences,
    remember_features,
)
from skrnn._validation.targets import check_outputs, check_weights

from .inner_regressor import check_inner_regressor, fit_inner, inner_targets, inner_windows

Arrays = NDArray[Any]


@dataclass(frozen=True, eq=False)
class WindowRows:
    """Windows with their targets and weights.

    Parameters
    ----------
    X : ndarray of shape (N, T, F)
        Windows, padded in front. May be an overlapping view; it is never written to.
    lengths : ndarray of shape (N,)
        Number of real steps of each window. They are its last ones.
    y : ndarray of shape (N, K)
        One column for each number of a row's target.
    weight : ndarray of shape (N,) or None
        Sample weights.
    """

    X: Arrays
    lengths: NDArray[np.intp]
    y: Arrays
    weight: Arrays | None

    def __len__(self) -> int:
        return len(self.X)

    def __getitem__(self, index: slice | Arrays) -> WindowRows:
        """Return some of the rows, by slice, mask or positions."""
        weight = None if self.weight is None else self.weight[index]
        return WindowRows(self.X[index], self.lengths[index], self.y[index], weight)

    def usable(self) -> WindowRows:
        """Return the rows that have a real step and a weight above zero."""
        used = self.lengths > 0
        if self.weight is not None:
            used = used & (self.weight > 0)
        return self if used.all() else self[used]


class WindowMetaRegressor(SequenceRegressorMixin, MetaEstimatorMixin, BaseEstimator):
    """Base of the regressors that change windows and targets for another regressor.

    A subclass fits in `_fit_rows`, where it sets its attributes last, and predicts in
    `_predict_rows`.
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "regressor": [HasMethods(["fit", "predict"])],
    }

    regressor: Any

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
    ) -> Self:
        """Fit the regressor to the changed windows and targets.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps, n_features) or \
                (n_samples, n_timesteps)
            Windows, oldest rows first. In 3-D input, leading steps that are NaN in every
            feature are padding. Rows of nothing but padding are left out.
        y : array-like of shape (n_samples,), (n_samples, n_outputs), \
                (n_samples, horizon) or (n_samples, horizon, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row. Passed to a regressor that takes it.
        X_val, y_val : array-like, default=None
            Validation rows. Passed, changed in the same way, to a regressor that takes them.

        Returns
        -------
        self : object
            The fitted regressor.

        Raises
        ------
        ValueError
            If the input is malformed, or the regressor is one for each step of the window.
        """
        owner = type(self).__name__
        for estimator in self._inner_estimators().values():
            check_inner_regressor(estimator, owner=owner)
        sequences = check_sequences(X, owner=owner)
        dtype = sequences.values.dtype
        outputs, y_shape = check_outputs(y, sequences, dtype=dtype, owner=owner)
        weight = check_weights(sample_weight, sequences, owner=owner)
        rows = WindowRows(sequences.values, sequences.lengths, outputs, weight)
        validation = None
        if X_val is not None or y_val is not None:
            validation = _validation_rows(X_val, y_val, sequences, y_shape, owner=owner)
        taken = self._taken(sample_weight=sample_weight, X_val=X_val, y_val=y_val)
        if not len(rows.usable()):
            raise ValueError(
                f"{owner} found no row to learn from: all {len(rows)} rows of X are nothing but "
                "padding or have weight zero."
            )
        self._fit_rows(rows.usable(), validation, y_shape, taken)
        self._y_shape = y_shape
        remember_features(self, X, sequences)
        return self

    def predict(self, X: ArrayLike) -> Arrays:
        """Predict the targets of windows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps, n_features) or \
                (n_samples, n_timesteps)
            Windows.

        Returns
        -------
        y : ndarray
            Predictions, in the shape that `y` had in :meth:`fit`; float32 for float32 `X`,
            else float64.
        """
        sequences = check_fitted_input(self, X)
        values, lengths = sequences.values, sequences.lengths
        # Changed windows are copies: a block at a time.
        blocks = [self._predict_rows(values[b], lengths[b]) for b in row_blocks(values)]
        y = np.concatenate(blocks).astype(values.dtype, copy=False)
        return y.reshape(len(y), *self._y_shape)

    def get_metadata_routing(self) -> MetadataRouter:
        """Return how metadata, such as sample weights, reach the regressors inside.

        Returns
        -------
        routing : MetadataRouter
        """
        router = MetadataRouter(owner=self).add_self_request(self)
        mapping = MethodMapping().add(caller="fit", callee="fit")
        return router.add(method_mapping=mapping, **self._inner_estimators())

    # -- what a subclass has to say ----------------------------------------------

    def _inner_estimators(self) -> dict[str, Any]:
        """Return the estimators inside by the names of their parameters, not fitted."""
        return {"regressor": self.regressor}

    def _fit_rows(
        self,
        rows: WindowRows,
        validation: WindowRows | None,
        y_shape: tuple[int, ...],
        taken: dict[str, set[str]],
    ) -> None:
        """Fit to rows that have a real step; `taken` names the arguments each estimator takes."""
        raise NotImplementedError

    def _predict_rows(self, X: Arrays, lengths: NDArray[np.intp]) -> Arrays:
        """Return predictions of shape (N, K) for windows of shape (N, T, F)."""
        raise NotImplementedError

    def _taken(self, **given: Any) -> dict[str, set[str]]:
        """Return, for each estimator inside, which of the given arguments its `fit` gets."""
        given = {name: value for name, value in given.items() if value is not None}
        inner = self._inner_estimators()
        if _routing_enabled():
            routed = process_routing(self, "fit", **given)
            return {name: set(routed[name].fit) for name in inner}
        return {
            name: {argument for argument in given if has_fit_parameter(estimator, argument)}
            for name, estimator in inner.items()
        }

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        inner = get_tags(self.regressor)
        tags.target_tags.multi_output = inner.target_tags.multi_output
        tags.non_deterministic = inner.non_deterministic
        if inner.regressor_tags is not None:
            tags.regressor_tags.poor_score = inner.regressor_tags.poor_score
        return tags


def fit_regressor(
    regressor: Any,
    rows: WindowRows,
    validation: WindowRows | None,
    y_shape: tuple[int, ...],
    taken: set[str],
) -> Any:
    """Return a fitted clone of a regressor."""
    fitted = clone(regressor)
    metadata: dict[str, Any] = {}
    if "sample_weight" in taken:
        metadata["sample_weight"] = rows.weight
    if validation is not None and "X_val" in taken:
        metadata["X_val"] = inner_windows(fitted, validation.X, validation.lengths)
        metadata["y_val"] = inner_targets(fitted, validation.y, y_shape)
    return fit_inner(fitted, rows.X, rows.lengths, rows.y, y_shape, metadata)


def _validation_rows(
    X_val: ArrayLike | None,
    y_val: ArrayLike | None,
    sequences: Sequences,
    y_shape: tuple[int, ...],
    *,
    owner: str,
) -> WindowRows:
    """Check the validation rows that a user passed."""
    if X_val is None or y_val is None:
        missing = "X_val" if X_val is None else "y_val"
        raise ValueError(f"X_val and y_val go together, but {missing} is None.")
    given = check_sequences(X_val, owner=owner)
    if (given.ndim, given.n_features_in) != (sequences.ndim, sequences.n_features_in):
        raise ValueError(
            f"X_val must have the features of X, but X_val has {given.n_features_in} features in "
            f"{given.ndim} dimensions, and X {sequences.n_features_in} in {sequences.ndim}."
        )
    dtype = sequences.values.dtype
    outputs, shape = check_outputs(y_val, given, dtype=dtype, owner=owner)
    if shape != y_shape:
        raise ValueError(
            f"y_val must have the outputs of y, but the target of a row has shape {shape} in y_val "
            f"and {y_shape} in y."
        )
    return WindowRows(given.values, given.lengths, outputs, None)
