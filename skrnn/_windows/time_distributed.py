"""A transformer of 2-D input, applied to every time step of 3-D input."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context, clone
from sklearn.utils import Tags, get_tags
from sklearn.utils._param_validation import HasMethods
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted

from skrnn._validation.sequences import check_not_ragged
from skrnn._validation.step_columns import warn_if_features

from .labelled_rows import check_names, check_numbers
from .sequence_output import SequenceOutputMixin, as_array, has_inverse

Arrays = NDArray[Any]


class TimeDistributed(SequenceOutputMixin, TransformerMixin, BaseEstimator):
    """Apply a transformer of 2-D input to every time step of sequences.

    The transformer is fitted on all time steps of all rows, as 2-D input of shape
    (n_samples * n_timesteps, n_features). A `MinMaxScaler`, for example, finds one minimum
    of each feature over all steps. For a target of several steps ahead, it makes one scale
    for all steps.

    Parameters
    ----------
    transformer : transformer
        Any scikit-learn transformer of 2-D input. It is cloned.

    Attributes
    ----------
    transformer_ : transformer
        The fitted clone.
    n_features_in_ : int
        Number of features of a time step for 3-D input, of columns for 2-D input.
    feature_names_in_ : ndarray of str
        Names of the columns of 2-D input, if it was a DataFrame with names.

    See Also
    --------
    SlidingWindowTransformer : Makes 3-D input from the rows of a series.

    Notes
    -----
    2-D input holds univariate sequences with one column for each time step, as everywhere
    in skrnn. `fit` warns if such columns seem to be several features: if the rows have
    dates, and the names of the columns differ by more than their digits. Time steps that
    are NaN in every feature are padding: the transformer does not get them, and they stay
    NaN.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.preprocessing import MinMaxScaler
    >>> from skrnn import TimeDistributed
    >>> y = np.array([[0.0, 5.0], [5.0, 10.0]])  # two steps ahead
    >>> TimeDistributed(MinMaxScaler()).fit_transform(y)
    array([[0. , 0.5],
           [0.5, 1. ]])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "transformer": [HasMethods(["fit", "transform"])],
    }

    def __init__(self, transformer: Any) -> None:
        self.transformer = transformer

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Fit the transformer on all time steps.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps, n_features) or \
                (n_samples, n_timesteps)
            Sequences.
        y : None
            Ignored.

        Returns
        -------
        self : object
            The fitted transformer.
        """
        sequences = self._check(X)
        steps, real = _real_steps(sequences)
        if not real.any():
            raise ValueError(
                "TimeDistributed needs at least one time step that is not NaN in every feature, "
                "but all are. Leave out rows that hold nothing but padding."
            )
        fitted = clone(self.transformer).fit(steps[real])
        n_features_out = as_array(fitted.transform(steps[real][:1])).shape[1]
        check_names(self, X, sequences, reset=True)
        warn_if_features(X, owner="TimeDistributed")
        self._ndim = sequences.ndim
        self._n_features_out = n_features_out
        self.transformer_ = fitted
        return self

    def transform(self, X: ArrayLike) -> Arrays:
        """Transform every time step.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps, n_features) or \
                (n_samples, n_timesteps)
            Sequences. 3-D ones may be longer or shorter than in `fit`.

        Returns
        -------
        Xt : ndarray of shape (n_samples, n_timesteps, n_features_out) or \
                (n_samples, n_timesteps)
            Transformed sequences. 2-D input gives 2-D output.
        """
        check_is_fitted(self)
        sequences = self._check(X)
        if (sequences.ndim, sequences.shape[-1]) != (self._ndim, self.n_features_in_):
            raise ValueError(
                f"X has {sequences.shape[-1]} features, but TimeDistributed is expecting "
                f"{self.n_features_in_} features as input, in {self._ndim} dimensions."
            )
        check_names(self, X, sequences, reset=False)
        return self._apply(self.transformer_.transform, sequences, self._n_features_out)

    @available_if(has_inverse)
    def inverse_transform(self, X: ArrayLike) -> Arrays:
        """Undo the transformation of every time step.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps, n_features_out) or \
                (n_samples, n_timesteps)
            Transformed sequences.

        Returns
        -------
        Xt : ndarray
            Sequences in their original scale.
        """
        check_is_fitted(self)
        sequences = self._check(X)
        if sequences.ndim != self._ndim:
            raise ValueError(
                f"TimeDistributed was fitted on {self._ndim}-D X, but X is {sequences.ndim}-D now. "
                "Bring it into the same form as in fit."
            )
        n_features = 1 if self._ndim == 2 else self.n_features_in_
        return self._apply(self.transformer_.inverse_transform, sequences, n_features)

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> Arrays:
        """Return the names of the columns of 2-D output, of 3-D output those of the features.

        The names of columns are those of the input. Those of features are made by the
        transformer.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the input; those seen in fit by default.

        Returns
        -------
        names : ndarray of str
        """
        check_is_fitted(self)
        names = _check_feature_names_in(self, input_features)
        return self.transformer_.get_feature_names_out(names) if self._makes_sequences() else names

    def _makes_sequences(self) -> bool:
        return getattr(self, "_ndim", 2) == 3

    def _check(self, X: ArrayLike) -> Arrays:
        """Return `X` as an array of 2-D or 3-D sequences; raise if it is malformed."""
        check_not_ragged(X, owner="TimeDistributed")
        array = check_numbers(X, allow_nd=True, estimator=self, input_name="X")
        if array.ndim > 3:
            raise ValueError(
                "TimeDistributed expects X of shape (n_samples, n_timesteps, n_features) or "
                f"(n_samples, n_timesteps), but found an array with dim {array.ndim}."
            )
        return array

    def _apply(self, function: Any, sequences: Arrays, n_features: int) -> Arrays:
        """Apply `function`, whose output has `n_features`, to the steps that are not padding."""
        steps, real = _real_steps(sequences)
        changed = np.empty((0, n_features), dtype=sequences.dtype)
        if real.any():
            changed = as_array(function(steps[real]))
            if changed.shape[:1] != (real.sum(),) or changed.ndim != 2:
                raise ValueError(
                    f"{type(self.transformer_).__name__} makes an array of shape {changed.shape} "
                    f"of {real.sum()} time steps, but must make one row of each."
                )
        if sequences.ndim == 2 and changed.shape[1] != 1:
            raise ValueError(
                f"The transformer makes {changed.shape[1]} features of one, which 2-D sequences "
                "cannot hold. Pass them as 3-D, X[:, :, np.newaxis]."
            )
        result = np.full((len(steps), changed.shape[1]), np.nan, dtype=changed.dtype)
        result[real] = changed
        return result.reshape(*sequences.shape[:2], *[changed.shape[1]] * (sequences.ndim - 2))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        inner = get_tags(self.transformer)
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = inner.transformer_tags.preserves_dtype
        return tags


def _real_steps(sequences: Arrays) -> tuple[Arrays, NDArray[np.bool_]]:
    """Return all time steps as 2-D input, and which of them are not padding."""
    n_features = 1 if sequences.ndim == 2 else sequences.shape[2]
    steps = sequences.reshape(-1, n_features)
    real: NDArray[np.bool_] = ~np.isnan(steps).all(axis=1)  # type: ignore[assignment]
    return steps, real
