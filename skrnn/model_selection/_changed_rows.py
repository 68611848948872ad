"""Rows with other values, and how far results move because of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

EXTREMES = ("lowest", "highest")


def with_extremes(X: Any, changed: Mask, extreme: str, labels: list[Any]) -> Any:
    """Return a copy of `X` in which some rows have the extreme value of each column.

    A value that stands elsewhere in its column is valid in every step: a logarithm stays finite,
    and a category known. Dates and the columns in `labels` stay as they are.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_samples, ...)
        Rows.
    changed : ndarray of bool of shape (n_samples,) or of the shape of X
        Rows, or single values of an array, to change.
    extreme : {"lowest", "highest"}
        Which value they get.
    labels : list
        Columns that name the series or hold the time.
    """
    if isinstance(X, pd.DataFrame):
        X = X.copy()
        for place, name in enumerate(X.columns):
            column = X.iloc[:, place]
            is_date = column.dtype.kind in "mM" or isinstance(column.dtype, pd.PeriodDtype)
            if name not in labels and not is_date and column.notna().any():
                X.isetitem(place, column.mask(changed, _extreme(column, extreme)))
        return X
    flat = X.reshape(len(X), -1).copy()
    rows = np.broadcast_to(changed.reshape(len(X), -1), flat.shape)
    for place in range(flat.shape[1]):
        column = pd.Series(flat[:, place])
        if column.notna().any():
            flat[rows[:, place], place] = _extreme(column, extreme)
    return flat.reshape(X.shape)


def _extreme(column: pd.Series, extreme: str) -> Any:
    """Return the lowest or highest value of a column; of text, the first or last one."""
    if column.dtype.kind in "biuf":
        return column.min() if extreme == "lowest" else column.max()
    ordered = sorted(column.dropna().unique(), key=str)
    return ordered[0 if extreme == "lowest" else -1]


def with_other_targets(y: NDArray[Any], changed: Mask) -> NDArray[Any]:
    """Return targets of shape (n_samples, n_targets) of which some have other values.

    Each gets the value of its column that is half of the ranks away. So classes stay classes, and
    numbers within their range.
    """
    y = y.copy()
    for place in range(y.shape[1]):
        is_known = pd.notna(y[:, place])
        values, codes = np.unique(y[is_known, place], return_inverse=True)
        others = y[:, place].copy()
        others[is_known] = values[(codes + (len(values) + 1) // 2) % max(len(values), 1)]
        y[:, place] = np.where(changed[:, place], others, y[:, place])
    return y


def mixed(before: Any, after: Any, later: Mask) -> Any:
    """Return rows of which the later ones stem from `after`, the others from `before`."""
    if isinstance(before, pd.DataFrame | pd.Series):
        order = np.argsort(np.concatenate([np.flatnonzero(~later), np.flatnonzero(later)]))
        return pd.concat([before[~later], after[later]]).iloc[order]
    if hasattr(before, "tolil"):  # a sparse matrix
        rows = before.tolil(copy=True)
        rows[later] = after[later]
        return rows.asformat(before.format)
    rows = np.array(before)
    rows[later] = np.asarray(after)[later]
    return rows


def movement(before: Any, after: Any) -> Floats:
    """Return how far each row moves, in standard deviations of its column; 0 for rounding.

    The rounding of a network in single precision is far below the limit of a row that moves.
    """
    first, second = _as_columns(before), _as_columns(after)
    if first.shape != second.shape:
        return np.ones(len(first))
    if first.dtype.kind not in "fiub":
        return (first != second).any(axis=1).astype(float)
    first, second = first.astype(float), second.astype(float)
    is_known = np.isfinite(first)
    known = np.where(is_known, first, 0.0)
    count = np.maximum(is_known.sum(axis=0), 1)
    mean = known.sum(axis=0) / count
    spread = np.sqrt((np.where(is_known, first - mean, 0.0) ** 2).sum(axis=0) / count)
    size = np.abs(known).max(axis=0, initial=0.0)
    with np.errstate(invalid="ignore"):
        distance = np.abs(second - first)
    unit = np.where(spread > 1e-6 * size, spread, np.where(size > 0, size, 1.0))
    same = (first == second) | (np.isnan(first) & np.isnan(second))
    far = np.where(np.isfinite(distance), distance, unit)
    far[same | (far <= 1e-4 * spread + 1e-6 * size)] = 0.0
    return (far / unit).max(axis=1, initial=0.0)


def _as_columns(values: Any) -> NDArray[Any]:
    """Return values of rows as a 2-D array."""
    values = np.asarray(values.toarray() if hasattr(values, "toarray") else values)
    if values.dtype == object:
        table = pd.DataFrame(values.reshape(len(values), -1)).infer_objects()
        values = table.to_numpy()
    return values.reshape(len(values), -1)
