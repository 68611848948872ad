"""Weights of the members of a blend, learned from their errors on held-out rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls
from scipy.special import stdtrit

from skrnn._validation.finite import row_blocks
from skrnn._validation.rows import Rows

from .held_out_rows import count_blocks
from .window_measures import size_of

Arrays = NDArray[Any]

# Penalties on the distance from the target weights, in units of the variance of the members'
# differences.
_PENALTIES = (np.inf, *np.geomspace(100, 0.01, 13))

# The target weights are the prior ones, divided by this power of the mean squared errors.
_POWER = 2

# Evidence that all members are equal, in blocks: without it, one row with a small error by chance
# would give one member all the weight.
_BLOCKS_BEFORE = 1

# A larger penalty is preferred if its loss is above the lowest by at most one standard error: the
# quantile of Student's t that belongs to one standard deviation.
_QUANTILE = 0.8413


def learn_weights(
    errors: Arrays, weight: Arrays | None, block_length: int, prior: Arrays
) -> Arrays:
    """Return convex weights of members, shrunk to weights by their mean squared errors.

    The weights minimise the squared error of the weighted mean plus a penalty times their
    squared distance from the target weights. These are the prior weights divided by the squares
    of the mean squared errors. Each penalty is tried on blocks of neighbouring rows,
    with weights learned on the other blocks. The largest one is chosen whose loss is at most
    one standard error above the lowest, so that the target weights are taken unless the blocks
    agree that others are better. The standard error is that of the difference, over blocks.

    Parameters
    ----------
    errors : ndarray of shape (n_members, n, K)
        Errors of the members on held-out rows, oldest rows first.
    weight : ndarray of shape (n,) or None
        Sample weights.
    block_length : int
        Smallest number of rows in a block.
    prior : ndarray of shape (n_members,)
        Weights without evidence, with sum 1.

    Returns
    -------
    ndarray of shape (n_members,)
        Not negative, with sum 1. The target weights if there are fewer than two blocks.
    """
    n_members, n_rows, _ = errors.shape
    size = float(np.abs(errors).max(initial=0))
    if n_members < 2 or size == 0:
        return prior
    scaled = np.asarray(errors, dtype=float) / size
    if weight is not None:
        scaled = scaled * np.sqrt(weight / weight.max())[:, np.newaxis]
    amount = n_rows / block_length
    n_blocks = max(count_blocks(n_rows, block_length), 1)
    blocks = [b.reshape(n_members, -1) for b in np.array_split(scaled, n_blocks, axis=1)]
    products = np.array([block @ block.T for block in blocks])
    total = products.sum(axis=0)
    target = _target(total, amount, prior)
    centred = total - total.mean(axis=0)
    unit = np.trace(centred) / (n_members - 1)
    if n_blocks < 2 or unit <= 1e-8 * np.trace(total):  # the members predict the same
        return target
    others = total - products
    targets = [_target(other, amount * (1 - 1 / n_blocks), prior) for other in others]
    losses = np.array(
        [
            [
                _loss(product, _minimise(other, penalty * unit, near))
                for product, other, near in zip(products, others, targets, strict=True)
            ]
            for penalty in _PENALTIES
        ]
    )
    excess = losses - losses[losses.sum(axis=1).argmin()]
    error = np.sqrt(n_blocks) * excess.std(axis=1, ddof=1)
    accepted = excess.sum(axis=1) <= stdtrit(n_blocks - 1, _QUANTILE) * error
    return _minimise(total, _PENALTIES[int(accepted.argmax())] * unit, target)


def weights_by_size(errors: Arrays, rows: Rows) -> Arrays:
    """Return sample weights of rows, lower where windows and errors are large.

    The squared size of a row is the sum of two numbers, each divided by its geometric mean: the
    squared mean absolute change of the window, over all features, and the mean squared error of
    the median member. The first makes all series count, whatever their units. The second keeps a
    quiet window, before a change that no member foresaw, from deciding alone.

    Parameters
    ----------
    errors : ndarray of shape (n_members, n, K)
        Errors of the members.
    rows : Rows
        The n rows.

    Returns
    -------
    ndarray of shape (n,)
    """
    blocks = [size_of("mean_abs_change", rows.X[block], 1) for block in row_blocks(rows.X)]
    changes = np.square(np.concatenate(blocks).astype(float))
    of_members = np.sort(np.square(errors).mean(axis=2), axis=0)
    median = of_members[(len(errors) - 1) // 2]
    squares = np.column_stack((_relative(changes).mean(axis=1), _relative(median)))
    size = squares.sum(axis=1)
    known = size > 0
    weight = np.zeros(len(size))
    weight[known] = size[known].min(initial=np.inf) / size[known]
    weight[~known] = weight.max() if known.any() else 1
    return weight if rows.weight is None else weight * rows.weight


def _relative(values: Arrays) -> Arrays:
    """Divide each column by the geometric mean of its positive values."""
    logarithms = np.log(values, out=np.zeros(values.shape), where=values > 0)
    return values / np.exp(logarithms.sum(axis=0) / np.maximum((values > 0).sum(axis=0), 1))


def _target(product: Arrays, n_blocks: float, prior: Arrays) -> Arrays:
    """Return the prior weights divided by the squares of the mean squared errors."""
    squares = np.diag(product)
    squares = n_blocks * squares / (squares.mean() or 1) + _BLOCKS_BEFORE
    weights = prior / (squares / squares.min()) ** _POWER
    return np.asarray(weights / weights.sum())


def _loss(product: Arrays, weights: Arrays) -> float:
    return float(weights @ product @ weights)


def _minimise(product: Arrays, penalty: float, target: Arrays) -> Arrays:
    """Return convex weights w with small ``w @ product @ w + penalty * |w - target|**2``.

    With sum 1, the distance from the target is linear in w. So the non-negative v with the smallest
    sum of this and of ``(sum(v) - 1)**2`` is a multiple of w.
    """
    if np.isinf(penalty):
        return target
    n_members = len(product)
    values, vectors = np.linalg.eigh(product)
    root = np.sqrt(np.maximum(values, 0))[:, np.newaxis] * vectors.T
    distance = np.sqrt(penalty) * (np.eye(n_members) - target[:, np.newaxis])
    factor = np.vstack((root, distance))
    factor /= np.abs(factor).max()
    columns = np.vstack((factor, np.ones(n_members)))
    found, _ = nnls(columns, np.append(np.zeros(len(factor)), 1.0))
    return np.asarray(found / found.sum())
