"""Ridge regression on the last steps of windows, from sums of products over the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skrnn._validation.finite import row_blocks

Arrays = NDArray[Any]

# Penalties to choose from, as a share of the number of rows; columns have variance one.
# From the largest: of equally good ones the first is taken.
PENALTIES = np.logspace(4, -10, 113)


@dataclass(frozen=True)
class Values:
    """Columns for a regression: the last steps of windows, and the targets, as they are.

    They stand in the order of the steps, oldest first, then the outputs: so fewer steps
    and the outputs stand together, too, at the end.

    Parameters
    ----------
    X : ndarray of shape (N, T, F)
        Sequences, padded in front.
    y : ndarray of shape (N, K)
        Targets.
    """

    X: Arrays
    y: Arrays
    shortest: int = 0  # steps that it needs

    def make(self, rows: Arrays, length: int) -> Arrays:
        """Return steps and targets."""
        steps = last_steps(self.X, rows, length).reshape(len(rows), length * self.X.shape[2])
        return np.hstack((steps, self.y[rows]))

    def of_values(self, coef: Arrays) -> Arrays:
        """Return the same."""
        return coef


@dataclass(frozen=True)
class Changes:
    """Columns for a regression: changes from the last step, of earlier ones and of targets.

    Parameters
    ----------
    X, y
        As in :class:`Values`.
    nearest : ndarray of shape (K,)
        The feature whose last value each target is counted from.
    """

    X: Arrays
    y: Arrays
    nearest: Arrays
    shortest: int = 1

    def make(self, rows: Arrays, length: int) -> Arrays:
        """Return changes of steps and targets."""
        steps = last_steps(self.X, rows, length)
        last = steps[:, -1]
        changes = steps[:, :-1] - last[:, np.newaxis]
        changes = changes.reshape(len(rows), (length - 1) * self.X.shape[2])
        return np.hstack((changes, self.y[rows] - last[:, self.nearest]))

    def of_values(self, coef: Arrays) -> Arrays:
        """Return the same with coefficients of the last step."""
        n_outputs = coef.shape[1]
        last = -coef.reshape(-1, self.X.shape[2], n_outputs).sum(axis=0)
        last[self.nearest, np.arange(n_outputs)] += 1
        return np.vstack((coef, last))


Columns = Values | Changes


def changes_of(X: Arrays, y: Arrays, weight: Arrays, rows: Arrays) -> Columns:
    """Return changes, each target's from the feature whose last value is nearest to it.

    That is the one from which it differs with the least variance. Where all features
    stand still, the values are returned.
    """
    distance = _Variance()
    level = _Variance()
    for chunk in chunks(X, rows):
        last = last_steps(X, chunk, 1)[:, 0]
        level.add(last, weight[chunk])
        distance.add(y[chunk, :, np.newaxis] - last[:, np.newaxis], weight[chunk])
    if not len(rows) or not level.varies().any():
        return Values(X, y)
    variance = np.where(level.varies(), distance.variance(), np.inf)
    return Changes(X, y, variance.argmin(axis=1))


class _Variance:
    """Weighted variance of columns, counted from their means over the rows added first."""

    def __init__(self) -> None:
        self.total = 0.0
        self.origin: Any = 0.0
        self.sums: Any = 0.0
        self.squares: Any = 0.0

    def add(self, columns: Arrays, weight: Arrays) -> None:
        if not self.total:
            self.origin = columns.mean(axis=0)
        columns = columns - self.origin
        self.total += float(weight.sum())
        self.sums = self.sums + np.tensordot(weight, columns, 1)
        self.squares = self.squares + np.tensordot(weight, np.square(columns), 1)

    def variance(self) -> Arrays:
        return np.asarray(self.squares / self.total - np.square(self.sums / self.total))

    def varies(self) -> Arrays:
        return exceeds_rounding(self.variance(), self.sums / self.total, self.origin)


def exceeds_rounding(variance: Arrays, mean: Arrays, origin: Arrays) -> Arrays:
    """Tell the variance of columns from what rounding leaves of a constant.

    Parameters
    ----------
    variance, mean : ndarray
        Of columns counted from an origin near their mean.
    origin : ndarray
        That origin, whose last digits are the columns' own.
    """
    eps = np.finfo(float).eps
    return variance > 1e3 * (eps * np.square(mean) + np.square(eps * origin))


def chunks(X: Arrays, rows: Arrays) -> list[Arrays]:
    """Cut positions of rows into pieces that hold about a million values each."""
    return [rows[block] for block in row_blocks(X) if block.start < len(rows)]


def last_steps(X: Arrays, rows: Arrays, length: int) -> Arrays:
    """Return the last steps of some rows, of shape (n, length, F)."""
    return X[rows, X.shape[1] - length :].astype(float, copy=False)


class Moments:
    """Weighted sums and products of columns, over the rows added so far.

    Parameters
    ----------
    columns : Columns
    weight : ndarray of shape (N,)
        Weights.
    n_steps : int
        Steps of the longest windows.
    """

    def __init__(self, columns: Columns, weight: Arrays, n_steps: int) -> None:
        self.columns, self.weight = columns, weight
        steps = max(n_steps, columns.shortest)
        n_columns = columns.make(np.zeros(0, dtype=int), steps).shape[1]
        self.total = 0.0
        self.sums = np.zeros(n_columns)
        self.products = np.zeros((n_columns, n_columns))
        # Products of large numbers lose the digits in which they differ: columns are
        # counted from their means over the rows that were added first.
        self.origin = np.zeros(n_columns)

    def add(self, rows: Arrays, length: int) -> None:
        """Add rows, in order, that have at least `length` steps; only those are summed."""
        for chunk in chunks(self.columns.X, rows):
            columns = self.columns.make(chunk, length)
            last = slice(len(self.sums) - columns.shape[1], None)
            if not self.total:
                self.origin[last] = columns.mean(axis=0)
            columns -= self.origin[last]
            weighted = columns * self.weight[chunk, np.newaxis]
            self.total += float(self.weight[chunk].sum())
            self.sums[last] += weighted.sum(axis=0)
            self.products[last, last] += weighted.T @ columns

    def regression(self, length: int) -> Regression:
        """Return the regression on the last `length` steps."""
        p = self.columns.make(np.zeros(0, dtype=int), length).shape[1] - self.columns.y.shape[1]
        last = slice(len(self.sums) - p - self.columns.y.shape[1], None)
        mean, origin = self.sums[last] / self.total, self.origin[last]
        covariance = self.products[last, last] / self.total - np.outer(mean, mean)
        varies = exceeds_rounding(np.diag(covariance), mean, origin)
        return Regression(self.columns, covariance, mean + origin, varies, p)


class Regression:
    """A ridge regression, in columns of variance one.

    Parameters
    ----------
    columns : Columns
        What they are.
    covariance : ndarray of shape (p + K, p + K)
        Of the columns, those of X first.
    mean : ndarray of shape (p + K,)
        Their means.
    varies : ndarray of shape (p + K,)
        Which of them are not constant.
    p : int
        Number of columns of X.
    """

    def __init__(
        self, columns: Columns, covariance: Arrays, mean: Arrays, varies: Arrays, p: int
    ) -> None:
        self.columns = columns
        variance = np.maximum(np.diag(covariance), 0)
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
        shrinkage = PENALTIES[:, np.newaxis] / (eigenvalues + PENALTIES[:, np.newaxis])
        residual = left + np.square(shrinkage) @ explained
        # The column that is drawn to counts, as far as ridge regression has not used it.
        of_column = np.square(vectors[self.best_column]).mean(axis=0) if self.p else eigenvalues
        freedom = n_free + shrinkage.sum(axis=1) - shrinkage @ (of_column * eigenvalues)
        freedom = np.maximum(freedom, 1e-100)
        best = np.argmin(residual.sum(axis=1) / freedom**2)
        error = residual[best] * np.square(self.spread)
        score = np.log(np.maximum(error, np.finfo(float).tiny)) - 2 * np.log(freedom[best])
        return float(PENALTIES[best]), score

    def solve(self, penalty: float) -> tuple[Arrays, Arrays]:
        """Return coefficients of the steps, of shape (n, K), and intercepts of shape (K,)."""
        p = self.p
        gram = self.gram + penalty * np.eye(p)
        standardised = self.prior + np.linalg.solve(gram, self.with_rest)
        coef = standardised * self.spread / self.scale[:p, np.newaxis]
        intercept = self.mean[p:] - self.mean[:p] @ coef
        return self.columns.of_values(coef), intercept


def shares(scores: Arrays, n_rows: float) -> Arrays:
    """Return the weights of models from the logarithms of their GCV scores, for each output."""
    likelihood = np.exp(-n_rows / 2 * (scores - scores.min(axis=0)))
    return np.asarray(likelihood / likelihood.sum(axis=0))


def mean_of(
    regressions: list[Regression], penalties: tuple[float, ...], weights: Arrays
) -> tuple[Arrays, Arrays]:
    """Return coefficients of the steps, and intercepts, of several regressions in one."""
    solved = [r.solve(penalty) for r, penalty in zip(regressions, penalties, strict=True)]
    coefs, intercepts = map(np.array, zip(*solved, strict=True))
    return np.einsum("rk,rpk->pk", weights, coefs), np.einsum("rk,rk->k", weights, intercepts)
