"""A transformer from windows to shorter windows."""

from __future__ import annotations

from numbers import Integral
from typing import Any, ClassVar, Self

from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context
from sklearn.utils import Tags
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted

from skrnn._validation.parameters import Interval
from skrnn._validation.sequences import (
    Sequences,
    check_same_features,
    check_sequences,
    remember_features,
)

from .sequence_output import SequenceOutputMixin

Arrays = NDArray[Any]


class LastSteps(SequenceOutputMixin, TransformerMixin, BaseEstimator):
    """Keep the newest steps of each window.

    With long windows made before a split, a grid search over this `lookback` compares
    windows of several lengths on the same rows. In an ensemble, each member can read
    windows of its own length.

    Parameters
    ----------
    lookback : int, default=1
        Number of time steps to keep, at most as many as a window has.

    Attributes
    ----------
    n_features_in_ : int
        Number of features of a time step for 3-D input, of columns (time steps) for 2-D
        input.
    feature_names_in_ : ndarray of str
        Names of the columns of 2-D input, if it was a DataFrame with names.

    See Also
    --------
    SlidingWindowTransformer : Makes the windows from the rows of a series.

    Notes
    -----
    2-D input holds univariate sequences with one column for each time step, as everywhere
    in skrnn. The columns of ``SlidingWindowTransformer(flatten=True)`` are that only if
    there is one feature. `fit` warns if the names of the columns show several.

    The result is a read-only view of floating-point input. Nothing is learned from `X` but
    its shape. The windows of a row do not change with the other rows, so that a gap between
    training and test rows costs no context.

    Examples
    --------
    >>> from skrnn import LastSteps, sliding_windows
    >>> X, y = sliding_windows([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], lookback=4)
    >>> LastSteps(2).fit_transform(X)[:, :, 0]
    array([[3., 4.],
           [4., 5.]])

    The number of steps is a parameter for a search:

    >>> from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
    >>> from sklearn.pipeline import make_pipeline
    >>> from skrnn import WindowLinearRegressor
    >>> from skrnn.datasets import load_airline_passengers
    >>> X, y = sliding_windows(load_airline_passengers(), lookback=24, horizon=12)
    >>> search = GridSearchCV(
    ...     make_pipeline(LastSteps(), WindowLinearRegressor()),
    ...     {"laststeps__lookback": [12, 13, 24]},
    ...     cv=TimeSeriesSplit(n_splits=3, gap=11),
    ... )
    >>> search.fit(X, y).best_params_["laststeps__lookback"] in [12, 13, 24]
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "lookback": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(self, lookback: int = 1) -> None:
        self.lookback = lookback

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Check that the windows have enough steps.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps, n_features) or \
                (n_samples, n_timesteps)
            Windows, oldest step first. In 3-D input, leading steps that are NaN in every
            feature are padding.
        y : None
            Ignored.

        Returns
        -------
        self : object
            The fitted transformer.
        """
        sequences = check_sequences(X, owner="LastSteps")
        self._newest(sequences)
        remember_features(self, X, sequences)
        return self

    def transform(self, X: ArrayLike) -> Arrays:
        """Return the newest steps of each window.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps, n_features) or \
                (n_samples, n_timesteps)
            Windows. 3-D ones may be longer or shorter than in `fit`.

        Returns
        -------
        windows : ndarray of shape (n_samples, lookback, n_features) or (n_samples, lookback)
            A read-only view, if `X` is an array of floating-point numbers.

        Raises
        ------
        ValueError
            If the windows have fewer steps than `lookback`.
        """
        check_is_fitted(self)
        sequences = check_sequences(X, owner="LastSteps")
        check_same_features(self, X, sequences)
        return self._newest(sequences)

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> Arrays:
        """Return the names of the columns that are kept, for 3-D input of the features.

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
        return names if self._makes_sequences() else names[-self.lookback :]

    def _makes_sequences(self) -> bool:
        return getattr(self, "_x_ndim", 2) == 3

    def _newest(self, sequences: Sequences) -> Arrays:
        values = sequences.values[:, -self.lookback :]
        if values.shape[1] < self.lookback:
            raise ValueError(
                f"lookback={self.lookback} is longer than the windows of X, which have "
                f"{values.shape[1]} time step(s). Make longer windows, or lower lookback."
            )
        values = values if sequences.ndim == 3 else values[:, :, 0]
        values.flags.writeable = False
        return values

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
