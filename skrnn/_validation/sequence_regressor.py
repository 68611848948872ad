"""Score and tags of regressors of sequences."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils import Tags
from sklearn.utils.validation import _check_sample_weight, check_consistent_length

from .finite import check_finite
from .numbers import check_numbers
from .row_order import check_row_order
from .sequences import check_sequences, is_real_step
from .targets import check_weights


def mean_r2(
    y: ArrayLike,
    predicted: NDArray[Any],
    sample_weight: ArrayLike | None = None,
    lengths: NDArray[np.intp] | None = None,
    *,
    owner: str,
) -> float:
    """Return R², averaged over outputs and time steps with equal weight.

    Parameters
    ----------
    y : array-like
        True targets, in the shape of the predictions.
    predicted : ndarray of shape (n_samples,), (n_samples, n_steps) or \
            (n_samples, n_steps, n_outputs)
        Predictions.
    sample_weight : array-like of shape (n_samples,), default=None
        Weight of each row.
    lengths : ndarray of shape (n_samples,), default=None
        Number of steps of each row that count, the last ones. None: all.
    owner : str
        Name of the estimator, for the messages.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If `y` has another shape than the predictions, or values that are no finite numbers; if
        no step counts in two rows.
    """
    true = check_numbers(y, name="y", owner=owner, ensure_2d=False, allow_nd=True)
    check_consistent_length(true, predicted)
    if true.shape[1:] not in (
        predicted.shape[1:],
        (1,) * (predicted.ndim == 1),  # a column
    ):
        raise ValueError(
            f"y must have the shape of the predictions, {predicted.shape}, but has shape "
            f"{true.shape}."
        )
    n_steps = predicted.shape[1] if predicted.ndim > 1 else 1
    if lengths is not None:  # targets at steps of padding may be missing
        real = is_real_step(lengths, n_steps).reshape(true.shape[:2] + (1,) * (true.ndim - 2))
        true = np.where(real, true, true.dtype.type(0))
    check_finite(true, name="y", owner=owner)
    shortest = n_steps if lengths is None else lengths.min()
    if predicted.ndim < 3 and shortest >= n_steps:
        return float(r2_score(true, predicted, sample_weight=sample_weight))
    weight = _check_sample_weight(sample_weight, true)
    counted = np.full(len(true), n_steps) if lengths is None else lengths
    scores = []
    for step in range(n_steps):
        real = counted >= n_steps - step
        if (weight[real] != 0).sum() > 1:  # R² needs two rows
            pair = true[real, step], predicted[real, step]
            scores.append(r2_score(*pair, sample_weight=weight[real]))
    if not scores:
        raise ValueError(
            "score needs a time step that is real in at least two rows of X with a weight, but "
            "found none. Pass more rows, or rows with fewer steps of padding."
        )
    return float(np.mean(scores))


class SequenceRegressorMixin(RegressorMixin):
    """Score and tags of regressors of sequences."""

    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the coefficient of determination of the predictions.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps, n_features) or \
                (n_samples, n_timesteps)
            Sequences.
        y : array-like
            True targets, in the shape that they had in :meth:`fit`.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row.

        Returns
        -------
        score : float
            R², averaged over outputs and time steps with equal weight. If `y` has the time
            steps of `X`, steps of padding are not used.
        """
        owner, predicted = type(self).__name__, self.predict(X)
        sequences = check_sequences(X, owner=owner)
        check_row_order(sequences.index, y, name="y")
        weight = check_weights(sample_weight, sequences, owner=owner)
        return mean_r2(y, predicted, weight, self._scored_steps(X), owner=owner)

    def _scored_steps(self, X: ArrayLike) -> NDArray[np.intp] | None:
        """Return the number of steps of each row that count, or None for all."""
        return None

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.target_tags.required = True
        tags.target_tags.multi_output = True
        return tags
