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
from .window_normalization import find_floor

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


def weights_by_size(rows: Rows) -> Arrays:
    """Return sample weights of rows (n,), divided by the squared sizes of their windows.

    The size is the mean absolute change. Each feature is first divided by its root mean square.
    """
    blocks = [size_of("mean_abs_change", rows.X[block], 1) for block in row_blocks(rows.X)]
    sizes = np.concatenate(blocks).astype(float)
    unit = sizes.max(axis=0)
    sizes = sizes[:, unit > 0] / unit[unit > 0]
    sizes /= np.sqrt(np.square(sizes).mean(axis=0))
    size = np.sqrt(np.square(sizes).sum(axis=1, keepdims=True))
    size = np.maximum(size, find_floor(size, rows.weight))[:, 0]
    return (1 if rows.weight is None else rows.weight) * (size.min() / size) ** 2


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
