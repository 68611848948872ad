"""Ridge regression on the steps of a window, from one matrix of products."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator

from ._sequence_regressor import SequenceRegressorMixin
from ._validation import (
    check_fitted_input,
    check_sequences,
    check_targets,
    check_weights,
    remember_features,
    row_blocks,
)

Arrays = NDArray[Any]

# Penalties to choose from, as a share of the number of rows; columns have variance one.
# From the largest: of equally good ones the first is taken.
_PENALTIES = np.logspace(4, -10, 113)
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
        used = np.flatnonzero(weight)
        weight = weight / weight.max()
        weight /= weight[used].mean()

        n_features, n_real = values.shape[2], lengths[used]
        n_longest = _longest_length(n_real, n_features)
        moments = _Moments(values, outputs, weight, n_longest)
        moments.add(used[n_real >= n_longest], n_longest)
        both = moments.regressions(n_longest)
        penalties, scores = zip(*(r.best_penalty(moments.total) for r in both), strict=True)
        self.alphas_ = np.array(penalties) * moments.total
        self.weights_ = _shares(np.array(scores), moments.total / outputs.shape[1])
        self._regressions = [_mean_of(both, penalties, self.weights_)]
        for length in range(n_longest - 1, -1, -1):
            moments.add(used[n_real == length], length)
            both = moments.regressions(length)
            self._regressions.insert(0, _mean_of(both, penalties, self.weights_))
        coef, self.intercept_ = self._regressions[-1]
        self.coef_ = coef.reshape(n_longest, n_features, len(self.intercept_))
        return self

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
            for chunk in _chunks(values, np.flatnonzero(n_read == length)):
                y[chunk] = _last_steps(values, chunk, length) @ coef + intercept
        return y.reshape(len(y), *self._y_shape)


def _longest_length(lengths: Arrays, n_features: int) -> int:
    """Return the number of steps that enough rows have to fit a regression on them."""
    lengths = lengths[lengths > 0]
    candidates = np.unique(lengths)
    n_rows = np.array([(lengths >= length).sum() for length in candidates])
    wanted = np.minimum(_ROWS_PER_COEFFICIENT * candidates * n_features, len(lengths))
    enough = candidates[n_rows >= wanted]
    return int(enough.max(initial=0))


def _chunks(values: Arrays, rows: Arrays) -> list[Arrays]:
    """Cut positions of rows into pieces that hold about a million values each."""
    return [rows[block] for block in row_blocks(values) if block.start < len(rows)]


def _last_steps(values: Arrays, rows: Arrays, length: int) -> Arrays:
    """Return the last steps of some rows, one column for each step and feature."""
    n_timesteps = values.shape[1]
    return values[rows, n_timesteps - length :].reshape(len(rows), -1).astype(float, copy=False)


class _Moments:
    """Weighted sums and products of columns, over the rows added so far.

    The columns are the last steps of the windows, oldest first, then the outputs: so
    fewer steps and the outputs stand together, too, at the end.

    Parameters
    ----------
    values : ndarray of shape (N, T, F)
        Sequences, padded in front.
    outputs : ndarray of shape (N, K)
        Targets.
    weight : ndarray of shape (N,)
        Weights.
    n_steps : int
        How many steps are columns.
    """

    def __init__(self, values: Arrays, outputs: Arrays, weight: Arrays, n_steps: int) -> None:
        self.values, self.outputs, self.weight = values, outputs, weight
        n_columns = n_steps * values.shape[2] + outputs.shape[1]
        self.total = 0.0
        self.sums = np.zeros(n_columns)
        self.products = np.zeros((n_columns, n_columns))
        # Products of large numbers lose the digits in which they differ: columns are
        # counted from their means over the rows that were added first.
        self.origin: Arrays | None = None

    def add(self, rows: Arrays, length: int) -> None:
        """Add rows, in order, that have at least `length` steps; only those are summed."""
        for chunk in _chunks(self.values, rows):
            steps = _last_steps(self.values, chunk, length)
            columns = np.hstack((steps, self.outputs[chunk]))
            if self.origin is None:
                self.origin = np.zeros(len(self.sums))
                self.origin[-columns.shape[1] :] = columns.mean(axis=0)
            last = slice(len(self.sums) - columns.shape[1], None)
            columns -= self.origin[last]
            weighted = columns * self.weight[chunk, np.newaxis]
            self.total += float(self.weight[chunk].sum())
            self.sums[last] += weighted.sum(axis=0)
            self.products[last, last] += weighted.T @ columns

    def regressions(self, length: int) -> list[_Regression]:
        """Return the regressions on the last `length` steps: on values, and on changes."""
        n_features, n_outputs = self.values.shape[2], self.outputs.shape[1]
        p = length * n_features
        last = slice(len(self.sums) - n_outputs - p, None)
        mean = self.sums[last] / self.total
        covariance = self.products[last, last] / self.total - np.outer(mean, mean)
        if self.origin is not None:
            mean = mean + self.origin[last]
        values = _Regression(covariance, mean, p)
        of_last = np.arange(p)[-n_features:]
        moving = of_last[np.isfinite(values.scale[of_last])]
        if not len(moving):
            return [values, values]
        # For each column and output, the column of the last step that it is counted from.
        variance = np.diag(covariance)
        distance = variance[moving, np.newaxis] - 2 * covariance[moving, p:] + variance[p:]
        level = np.concatenate((np.tile(of_last, length), moving[distance.argmin(axis=0)]))
        covariance = covariance - covariance[level]
        covariance -= covariance[:, level]
        kept = np.delete(np.arange(len(mean)), of_last)
        changes = covariance[np.ix_(kept, kept)], (mean - mean[level])[kept]
        return [values, _Regression(*changes, p - n_features, level)]


def _shares(scores: Arrays, n_rows: float) -> Arrays:
    """Return the weights of models from the logarithms of their GCV scores, for each output."""
    likelihood = np.exp(-n_rows / 2 * (scores - scores.min(axis=0)))
    return np.asarray(likelihood / likelihood.sum(axis=0))


def _mean_of(
    regressions: list[_Regression], penalties: tuple[float, ...], weights: Arrays
) -> tuple[Arrays, Arrays]:
    """Return coefficients and intercepts of several regressions in one."""
    solved = [r.solve(penalty) for r, penalty in zip(regressions, penalties, strict=True)]
    coefs, intercepts = map(np.array, zip(*solved, strict=True))
    return np.einsum("rk,rpk->pk", weights, coefs), np.einsum("rk,rk->k", weights, intercepts)


class _Regression:
    """A ridge regression, in columns of variance one.

    Parameters
    ----------
    covariance : ndarray of shape (p + K, p + K)
        Of the columns, those of X first.
    mean : ndarray of shape (p + K,)
        Their means.
    p : int
        Number of columns of X.
    level : ndarray of shape (p + F + K,) or None, default=None
        If the columns are changes from the last steps: the position among all columns of
        the last step that each is counted from.
    """

    def __init__(
        self, covariance: Arrays, mean: Arrays, p: int, level: Arrays | None = None
    ) -> None:
        self.level = level
        variance = np.maximum(np.diag(covariance), 0)
        # What rounding leaves of a constant column is none.
        varies = variance > 1e-14 * (np.square(mean) + variance)
        self.scale = np.where(varies, np.sqrt(variance), np.inf)
        self.spread = np.where(varies, self.scale, 0)[p:]
        correlation = covariance / np.outer(self.scale, self.scale)
        self.mean, self.p = mean, p
        self.gram, with_y = correlation[:p, :p], correlation[:p, p:]
        # What the coefficients are drawn to: for each output one column's correlation.
        self.best_column = np.abs(with_y).argmax(axis=0) if p else np.zeros(0, dtype=int)
        self.prior = np.zeros(with_y.shape)
        outputs = np.arange(len(self.best_column))
        self.prior[self.best_column, outputs] = with_y[self.best_column, outputs]
        # What that leaves over: its correlation with X, and its variance.
        self.with_rest = with_y - self.gram @ self.prior
        self.rest = np.diag(correlation)[p:] - np.square(self.prior).sum(axis=0)

    def best_penalty(self, n_rows: float) -> tuple[float, Arrays]:
        """Return the penalty with the lowest GCV score, as a share of the rows.

        With it comes the logarithm of the score of each output, up to a constant.
        """
        eigenvalues, vectors = np.linalg.eigh(self.gram)
        kept = eigenvalues > max(self.p, 1) * np.finfo(float).eps * eigenvalues.max(initial=0)
        eigenvalues, vectors = eigenvalues[kept], vectors[:, kept]
        explained = np.square(vectors.T @ self.with_rest) / eigenvalues[:, np.newaxis]
        # What least squares leaves over, and rows beyond its coefficients and intercept.
        n_free = max(n_rows - 1 - len(eigenvalues), 0)
        left = np.maximum(self.rest - explained.sum(axis=0), 0) if n_free else 0 * self.rest
        shrinkage = _PENALTIES[:, np.newaxis] / (eigenvalues + _PENALTIES[:, np.newaxis])
        residual = left + np.square(shrinkage) @ explained
        # The column that is drawn to counts, as far as ridge regression has not used it.
        of_column = np.square(vectors[self.best_column]).mean(axis=0) if self.p else eigenvalues
        freedom = n_free + shrinkage.sum(axis=1) - shrinkage @ (of_column * eigenvalues)
        freedom = np.maximum(freedom, 1e-100)
        best = np.argmin(residual.sum(axis=1) / freedom**2)
        # Errors that are rounding are as good as none.
        error = np.maximum(residual[best], 1e-12) * np.square(self.spread)
        score = np.log(np.maximum(error, np.finfo(float).tiny)) - 2 * np.log(freedom[best])
        return float(_PENALTIES[best]), score

    def solve(self, penalty: float) -> tuple[Arrays, Arrays]:
        """Return coefficients of all columns of X, and intercepts of shape (K,)."""
        p = self.p
        gram = self.gram + penalty * np.eye(p)
        standardised = self.prior + np.linalg.solve(gram, self.with_rest)
        coef = standardised * self.spread / self.scale[:p, np.newaxis]
        intercept = self.mean[p:] - self.mean[:p] @ coef
        if self.level is None:
            return coef, intercept
        n_outputs = len(intercept)
        of_values = np.zeros((len(self.level) - n_outputs, n_outputs))
        of_values[:p] = coef
        np.subtract.at(of_values, self.level[:p], coef)
        of_values[self.level[-n_outputs:], np.arange(n_outputs)] += 1
        return of_values, intercept
