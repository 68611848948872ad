"""Linear effects of features that are known in advance: a regression with autoregressive errors.

A regressor of windows sees the past. What a known feature, such as a promotion, does to a step
ahead is estimated here, taken off the targets, and added to the forecast of the step to which it
belongs. This works for every regressor of windows, also for those that are not trained.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import RidgeCV

from skrnn._models.window_linear_regressor import WindowLinearRegressor
from skrnn._validation.threads import one_blas_thread

from .series_rows import SeriesRows

Arrays = NDArray[Any]

_ALPHAS = np.logspace(-3, 6, 19)
_N_ITERATIONS = 5
_MOST_ROWS = 50_000


@dataclass(frozen=True, eq=False)
class KnownEffects:
    """Linear effects of known features.

    Parameters
    ----------
    coef : ndarray of shape (n_features, n_targets)
        Effects on targets that are divided by the size of their series.
    center : ndarray of shape (n_features,)
        Values of the features that have no effect.
    """

    coef: Arrays
    center: Arrays

    def of(self, features: Arrays, sizes: Arrays) -> Arrays:
        """Return the effects (n_rows, n_targets) of features in rows of series of these sizes."""
        return (features - self.center) @ self.coef * sizes


def series_sizes(rows: SeriesRows, n_targets: int) -> Arrays:
    """Return the mean absolute change of each series and target, 0 where nothing changes.

    The shape is (n_series, n_targets). A series that does not change has no effects: its size in
    another unit would be another one.
    """
    codes = rows.series
    change = np.abs(np.diff(rows.values[:, :n_targets], axis=0, prepend=np.nan))
    change[np.diff(codes, prepend=-1) != 0] = np.nan
    sizes = pd.DataFrame(change).groupby(codes).mean().to_numpy()
    return np.nan_to_num(sizes)


def sizes_as_in_fit(
    sizes: Arrays, rows: SeriesRows, kept: SeriesRows, fitted: Arrays, names: pd.Index | None
) -> Arrays:
    """Return the sizes of series, of shape (n_series, n_targets): those of fit, if it saw them.

    Parameters
    ----------
    sizes : ndarray of shape (n_series, n_targets)
        Sizes by `rows`, which are changed in place.
    rows : SeriesRows
        Rows of the series.
    kept : SeriesRows
        The last rows that were seen of the series of fit. A series without a name is that of fit
        if most of its targets at their labels have the same values.
    fitted : ndarray of shape (n_fitted, n_targets)
        Sizes of the series of fit.
    names : pandas.Index or None
        Names of the series of fit.
    """
    if names is not None:
        place = names.get_indexer(rows.names)
        sizes[place >= 0] = fitted[place[place >= 0]]
        return sizes
    time: Any = kept.labels.time
    place = time.get_indexer(rows.labels.time)
    targets, seen = (part.values[:, : fitted.shape[1]] for part in (rows, kept))
    is_equal = np.isclose(targets[place >= 0], seen[place[place >= 0]], atol=0)
    return fitted if 2 * is_equal.sum() > is_equal.size else sizes


@one_blas_thread()  # with more threads the last digit of a sum may differ
def fit_effects(rows: SeriesRows, features: Arrays, sizes: Arrays, lookback: int) -> KnownEffects:
    """Estimate the effects of features on the targets of rows.

    The targets, less the effects, follow an autoregression on a window (Cochrane and Orcutt, 1949).
    It and the effects are estimated in turn: the effects by a ridge regression of its errors on
    the features, to which the same autoregression was applied.

    Parameters
    ----------
    rows : SeriesRows
    features : ndarray of shape (n_rows, n_features)
        Known features of the rows.
    sizes : ndarray of shape (n_rows, n_targets)
        Size of the series of each row.
    lookback : int
        Number of steps of the windows.

    Returns
    -------
    KnownEffects
        Zero if no row follows another.
    """
    n_targets = sizes.shape[1]
    center, spread = features.mean(axis=0), features.std(axis=0)
    rounding = 8 * np.finfo(features.dtype).eps * np.abs(features).max(axis=0)
    spread[spread <= rounding] = np.inf  # a constant has no effect
    known = (features - center) / spread
    coef = np.zeros((features.shape[1], n_targets))
    is_followed = np.ones(len(features), dtype=bool)
    is_followed[rows.last] = False
    for target in range(n_targets):
        size = sizes[:, target]
        y = np.divide(rows.values[:, target], size, out=np.zeros(len(size)), where=size > 0)
        row = np.flatnonzero(is_followed & np.append(rows.is_known[1:, target], False) & (size > 0))
        row = row[:: 1 + len(row) // _MOST_ROWS]
        if len(row):
            coef[:, target] = _fit_one(rows, y, known, row, lookback)
    return KnownEffects(coef / spread[:, np.newaxis], center)


def _fit_one(
    rows: SeriesRows, y: Arrays, known: Arrays, row: NDArray[np.intp], lookback: int
) -> Arrays:
    """Return the effects of standardised features on one target."""
    windows, lengths = rows.windows(np.column_stack((y, known)), row, lookback)
    of_y, of_known = windows[:, :, :1], windows[:, :, 1:]
    y_next, known_next = y[row + 1], known[row + 1]
    coef = np.zeros(known.shape[1])
    for _ in range(_N_ITERATIONS):
        less, less_next = of_y - (of_known @ coef)[:, :, np.newaxis], y_next - known_next @ coef
        weights = WindowLinearRegressor().fit(less, less_next).coef_[:, 0, 0]
        full = lengths >= len(weights)
        steps = slice(lookback - len(weights), None)
        error = y_next[full] - of_y[full, steps, 0] @ weights
        changed = known_next[full] - np.einsum("nsf,s->nf", of_known[full, steps], weights)
        if full.sum() < 3:
            break
        coef = RidgeCV(_ALPHAS).fit(changed, error).coef_
    return coef
