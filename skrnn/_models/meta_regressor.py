"""Base of the meta-estimators of windows: checks, metadata routing, tags, predictions."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import has_fit_parameter

from skrnn._validation.finite import row_blocks
from skrnn._validation.newest_rows import warn_if_last_rows_are_older
from skrnn._validation.rows import Rows, training_rows, validation_rows
from skrnn._validation.sequence_regressor import SequenceRegressorMixin
from skrnn._validation.sequences import check_fitted_input, check_sequences, remember_features
from skrnn._validation.targets import check_outputs, check_weights
from skrnn._validation.threads import one_blas_thread

from .inner_regressor import check_inner_regressor, fit_inner, inner_targets, inner_windows

Arrays = NDArray[Any]


@dataclass(frozen=True, eq=False)
class FitInput:
    """What a meta-estimator is fitted to.

    Parameters
    ----------
    rows : Rows
        Each has a real step; targets have shape (N, K), a column for each number.
    validation : Rows or None
        Validation rows that the user passed.
    y_shape : tuple of int
        Shape of the user's target of a row.
    taken : dict of str to set of str
        Which optional arguments of `fit` each estimator inside takes.
    """

    rows: Rows
    validation: Rows | None
    y_shape: tuple[int, ...]
    taken: dict[str, set[str]]

    @property
    def horizon(self) -> int:
        """Largest number of steps that a target of this shape may have."""
        return (self.y_shape or (1,))[0]

    def with_rows(self, rows: Rows) -> FitInput:
        """Return the same with other rows."""
        return replace(self, rows=rows)

    def change(self, function: Callable[[Rows], Rows]) -> FitInput:
        """Return the same with changed rows and validation rows."""
        validation = None if self.validation is None else function(self.validation)
        return replace(self, rows=function(self.rows), validation=validation)

    def fit(self, name: str, estimator: Any) -> Any:
        """Return a clone of the estimator inside of that name, fitted."""
        fitted, rows, validation = clone(estimator), self.rows, self.validation
        metadata: dict[str, Any] = {}
        if "sample_weight" in self.taken[name]:
            metadata["sample_weight"] = rows.weight
        if validation is not None and "X_val" in self.taken[name]:
            metadata["X_val"] = inner_windows(fitted, validation.X, validation.lengths)
            metadata["y_val"] = inner_targets(fitted, validation.y, self.y_shape)
        return fit_inner(fitted, rows.X, rows.lengths, rows.y, self.y_shape, metadata)

    def fit_all(self, estimators: Sequence[tuple[str, Any]], n_jobs: int | None) -> list[Any]:
        """Return a fitted clone of each estimator, the same ones whatever `n_jobs`.

        Threads are preferred, because the compiled backend computes without Python's lock.
        """
        jobs = (delayed(self._fit_in_one_thread)(name, part) for name, part in estimators)
        # An estimator that changes the filters of warnings for a moment, in one of several
        # threads, may put back those of another one.
        with warnings.catch_warnings():
            return list(Parallel(n_jobs=n_jobs, prefer="threads")(jobs))

    @one_blas_thread()  # with more threads the last digit of a sum may differ
    def _fit_in_one_thread(self, name: str, estimator: Any) -> Any:
        return self.fit(name, estimator)


class WindowMetaRegressor(SequenceRegressorMixin, MetaEstimatorMixin, BaseEstimator):
    """Base of the regressors that pass changed windows and targets to another regressor.

    A subclass fits in `_fit_rows`, where it sets its attributes last, and predicts in
    `_predict_rows`.
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "regressor": [HasMethods("fit")],
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
            feature are padding. Rows of padding alone are not used.
        y : array-like of shape (n_samples,), (n_samples, n_outputs), \
                (n_samples, horizon) or (n_samples, horizon, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row. It is passed to the regressors inside whose `fit` takes it.
        X_val, y_val : array-like, default=None
            Validation rows. They are changed in the same way, and passed to the regressors inside
            whose `fit` takes them.

        Returns
        -------
        self : object
            The fitted regressor.

        Raises
        ------
        ValueError
            If the input is not valid, or if the regressor inside is a classifier or predicts one
            value at each step of the window.
        """
        owner = type(self).__name__
        for estimator in self._inner_estimators().values():
            check_inner_regressor(estimator, owner=owner)
        sequences = check_sequences(X, owner=owner)
        dtype = sequences.values.dtype
        targets, steps = check_outputs(y, sequences, dtype=dtype, owner=owner)
        weight = check_weights(sample_weight, sequences, owner=owner)
        rows = training_rows(sequences, targets, weight, owner=owner)
        validation = validation_rows(X_val, y_val, sequences, targets, steps=steps, owner=owner)
        warn_if_last_rows_are_older(self, y, validated=validation is not None)
        taken = self._taken(sample_weight=sample_weight, X_val=X_val, y_val=y_val)
        fit_input = FitInput(rows, validation, targets.row_shape, taken)
        self._fit_rows(fit_input.change(lambda r: replace(r, y=r.y.reshape(len(r), -1))))
        self._y_shape = targets.row_shape
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
        y = self._predict_blocks(X, self._predict_rows)
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

    def _fit_rows(self, fit_input: FitInput) -> None:
        raise NotImplementedError

    def _predict_rows(self, X: Arrays, lengths: NDArray[np.intp]) -> Arrays:
        """Return predictions of shape (N, K) for windows of shape (N, T, F)."""
        raise NotImplementedError

    def _predict_blocks(
        self, X: ArrayLike, predict_rows: Callable[[Arrays, NDArray[np.intp]], Arrays]
    ) -> Arrays:
        """Return what a function predicts for the windows of X, in the type of X."""
        sequences = check_fitted_input(self, X)
        values, lengths = sequences.values, sequences.lengths
        # Changed windows are copies: a block at a time.
        blocks = [predict_rows(values[b], lengths[b]) for b in row_blocks(values)]
        return np.concatenate(blocks).astype(values.dtype, copy=False)

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
        inner = [get_tags(estimator) for estimator in self._inner_estimators().values()]
        tags.target_tags.multi_output = all(part.target_tags.multi_output for part in inner)
        tags.non_deterministic = any(part.non_deterministic for part in inner)
        if tags.regressor_tags is not None:
            tags.regressor_tags.poor_score = any(
                part.regressor_tags is not None and part.regressor_tags.poor_score for part in inner
            )
        return tags
