"""Ridge regression on the steps of a window, from one matrix of products."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator

from skrnn._models.ridge import Moments, Values, changes_of, chunks, last_steps, mean_of, shares
from skrnn._validation.sequence_regressor import SequenceRegressorMixin
from skrnn._validation.sequences import check_fitted_input, check_sequences, remember_features
from skrnn._validation.targets import check_targets, check_weights
from skrnn._validation.threads import one_blas_thread

Arrays = NDArray[Any]

# Rows that a regression on the longest windows has, for each coefficient.
_ROWS_PER_COEFFICIENT = 2


class LinearBaseline(SequenceRegressorMixin, BaseEstimator):
    """Ridge regression on the steps of a window, with the penalty that the data asks for.

    It is the mean of two regressions: one on the values of the steps, one on their changes
    from the last step, of `X` and of the targets alike. The second takes a series as it
    finds it, however far it has moved; the first knows where a series returns to. Their
    shares are exp(-AIC / 2), as of models that are averaged [1]_: nearly one and zero where
    many rows tell which is right, and more even where few do.

    In each, the coefficients of an output are drawn, not to zero, but to the regression on
    the one column that explains most of it [2]_: as a rule the last value, or that of a
    season ago. The penalty has the lowest generalised cross-validation score [3]_, in closed
    form. It is one for all outputs, and counts the coefficients of columns that are scaled
    to variance one, so that units make no difference.

    Attributes
    ----------
    coef_ : ndarray of shape (n_steps, n_features, n_outputs)
        Coefficients of the steps of the longest windows, oldest step first, of both
        regressions together. Time steps of `y`, if there are any, count among the outputs.
    intercept_ : ndarray of shape (n_outputs,)
        Intercepts that go with them.
    alphas_ : ndarray of shape (2,)
        Penalties of the regressions on values and on changes.
    weights_ : ndarray of shape (2, n_outputs)
        Their shares in the mean.
    n_features_in_ : int
        Number of features: of a time step for 3-D input, of columns (time steps)
        for 2-D input.

    Notes
    -----
    What the changes of a target are counted from is the last value of the feature that is
    nearest to it: `X` and `y` should share their units. Where they do not, or `y` does not
    continue `X` at all, levels are lost on that regression, and its share is small. In
    the shares GCV stands for AIC [3]_, and a row counts once, however many outputs it
    has: the errors of several steps ahead go together.

    A window that is padded in front has regressions of its own: on the last l steps,
    fitted on all rows that have at least l real steps, for each l from zero on, and with
    the same penalties per row and shares. So a short window is not filled in. A whole one is
    predicted as if there were no others. The longest windows are those that as many rows
    have as make two for each coefficient, or that all rows have; of a longer window
    the last steps are read.

    Only sums of products over the rows are kept: for p columns the memory is that of
    p² numbers, whatever the number of rows, and the time that of one product of
    matrices and a solution for each length.

    References
    ----------
    .. [1] Buckland, S., Burnham, K. and Augustin, N. (1997). Model selection: an integral
       part of inference. Biometrics 53(2). :doi:`10.2307/2533961`
    .. [2] Swindel, B. (1976). Good ridge estimators based on prior information.
       Communications in Statistics 5(11).
    .. [3] Golub, G., Heath, M. and Wahba, G. (1979). Generalized cross-validation as a
       method for choosing a good ridge parameter. Technometrics 21(2).
       :doi:`10.1080/00401706.1979.10489751`

    Examples
    --------
    >>> from skrnn import sliding_windows
    >>> X, y = sliding_windows([1.0, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0], lookback=2)
    >>> LinearBaseline().fit(X, y).coef_.ravel().round(3)
    array([1., 1.])
    """

    @one_blas_thread()  # by more of them sums differ in their last digit
    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit the regressions.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps, n_features) or \
                (n_samples, n_timesteps)
            Sequences, padded with NaN in front in 3-D input.
        y : array-like of shape (n_samples,), (n_samples, n_outputs) or \
                (n_samples, n_steps, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row; only their ratios matter.

        Returns
        -------
        self : object
            The fitted regressor.
        """
        owner = type(self).__name__
        sequences = check_sequences(X, owner=owner)
        n_axes = np.asarray(y).ndim
        steps = None if n_axes < 3 else "horizon"
        targets = check_targets(y, sequences, steps=steps, dtype=np.dtype(float), owner=owner)
        weight = check_weights(sample_weight, sequences, owner=owner)
        remember_features(self, X, sequences)
        self._y_shape = targets.values.shape[1:n_axes]
        values, lengths = sequences.values, sequences.lengths
        outputs = targets.values.reshape(len(values), -1)
        weight = np.ones(len(values)) if weight is None else weight.astype(float)
        weight = weight / weight.max()
        used = np.flatnonzero(weight)
        n_features, n_real = values.shape[2], lengths[used]
        n_longest = _longest_length(n_real, n_features)
        longest = used[n_real >= n_longest]
        weight /= weight[longest].mean()

        with_steps = longest if n_longest else longest[:0]
        changes = changes_of(values, outputs, weight, with_steps)
        both = [Moments(each, weight, n_longest) for each in (Values(values, outputs), changes)]
        self._regressions: list[tuple[Arrays, Arrays]] = []
        for length in range(n_longest, -1, -1):
            rows = used[n_real == length] if length < n_longest else longest
            for moments in both:
                if length >= moments.columns.shortest:
                    moments.add(rows, length)
            regressions = [
                (moments if length >= moments.columns.shortest else both[0]).regression(length)
                for moments in both
            ]
            if length == n_longest:
                total = both[0].total
                found = [regression.best_penalty(total) for regression in regressions]
                penalties, scores = zip(*found, strict=True)
                self.alphas_ = np.array(penalties) * total
                self.weights_ = shares(np.array(scores), total / outputs.shape[1])
            self._regressions.insert(0, mean_of(regressions, penalties, self.weights_))
        coef, self.intercept_ = self._regressions[-1]
        self.coef_ = coef.reshape(n_longest, n_features, len(self.intercept_))
        return self

    @one_blas_thread()
    def predict(self, X: ArrayLike) -> Arrays:
        """Predict from each window by the regression on the steps that it has.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps, n_features) or \
                (n_samples, n_timesteps)
            Sequences. 3-D input may have another number of time steps than in
            :meth:`fit`.

        Returns
        -------
        y : ndarray
            Predictions, in the shape that `y` had in :meth:`fit`.
        """
        sequences = check_fitted_input(self, X)
        values = sequences.values
        y = np.empty((len(values), len(self.intercept_)), dtype=values.dtype)
        n_read = np.minimum(sequences.lengths, len(self.coef_))
        for length in np.unique(n_read):
            coef, intercept = self._regressions[length]
            for chunk in chunks(values, np.flatnonzero(n_read == length)):
                steps = last_steps(values, chunk, length).reshape(len(chunk), len(coef))
                y[chunk] = steps @ coef + intercept
        return y.reshape(len(y), *self._y_shape)


def _longest_length(lengths: Arrays, n_features: int) -> int:
    """Return the number of steps that enough rows have to fit a regression on them."""
    lengths = lengths[lengths > 0]
    candidates = np.unique(lengths)
    n_rows = np.array([(lengths >= length).sum() for length in candidates])
    wanted = np.minimum(_ROWS_PER_COEFFICIENT * candidates * n_features, len(lengths))
    enough = candidates[n_rows >= wanted]
    return int(enough.max(initial=0))
