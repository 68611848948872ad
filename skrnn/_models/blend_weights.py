"""Weights of the members of a blend, learned from their errors on held-out rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls
from scipy.special import stdtrit

from .held_out_rows import count_blocks

Arrays = NDArray[Any]

# Penalties on unequal weights, in units of the variance of the members' differences.
_PENALTIES = (np.inf, *np.geomspace(100, 0.01, 13))

# A larger penalty is preferred if its loss is above the lowest by at most one standard error: the
# quantile of Student's t that belongs to one standard deviation.
_QUANTILE = 0.8413


def learn_weights(errors: Arrays, weight: Arrays | None, block_length: int) -> Arrays:
    """Return convex weights of members, shrunk to equal weights.

    The weights minimise the squared error of the weighted mean plus a penalty times their
    squared distance from equal weights. Each penalty is tried on blocks of neighbouring rows,
    with weights learned on the other blocks. The largest one is chosen whose loss is at most
    one standard error above the lowest, so that the weights are equal unless the blocks agree
    that others are better. The standard error is that of the difference, over blocks.

    Parameters
    ----------
    errors : ndarray of shape (n_members, n, K)
        Errors of the members on held-out rows, oldest rows first.
    weight : ndarray of shape (n,) or None
        Sample weights.
    block_length : int
        Smallest number of rows in a block.

    Returns
    -------
    ndarray of shape (n_members,)
        Not negative, with sum 1. Equal if there are fewer than two blocks.
    """
    n_members, n_rows, _ = errors.shape
    equal = np.full(n_members, 1 / n_members)
    n_blocks = count_blocks(n_rows, block_length)
    size = float(np.abs(errors).max(initial=0))
    if n_members < 2 or n_blocks < 2 or size == 0:
        return equal
    scaled = np.asarray(errors, dtype=float) / size
    if weight is not None:
        scaled = scaled * np.sqrt(weight / weight.max())[:, np.newaxis]
    blocks = [b.reshape(n_members, -1) for b in np.array_split(scaled, n_blocks, axis=1)]
    products = np.array([block @ block.T for block in blocks])
    total = products.sum(axis=0)
    centred = total - total.mean(axis=0)
    unit = np.trace(centred) / (n_members - 1)
    if unit <= 1e-8 * np.trace(total):  # the members predict the same
        return equal
    losses = np.array(
        [
            [_loss(product, _minimise(total - product, penalty * unit)) for product in products]
            for penalty in _PENALTIES
        ]
    )
    excess = losses - losses[losses.sum(axis=1).argmin()]
    error = np.sqrt(n_blocks) * excess.std(axis=1, ddof=1)
    accepted = excess.sum(axis=1) <= stdtrit(n_blocks - 1, _QUANTILE) * error
    return _minimise(total, _PENALTIES[int(accepted.argmax())] * unit)


def _loss(product: Arrays, weights: Arrays) -> float:
    return float(weights @ product @ weights)


def _minimise(product: Arrays, penalty: float) -> Arrays:
    """Return the convex weights w with the smallest ``w @ product @ w + penalty * w @ w``.

    With sum 1, the distance from equal weights differs from ``w @ w`` by a constant. Without it,
    the non-negative v with the smallest ``v @ product @ v + penalty * v @ v + (sum(v) - 1)**2``
    is a multiple of w.
    """
    n_members = len(product)
    if np.isinf(penalty):
        return np.full(n_members, 1 / n_members)
    factor = np.linalg.cholesky(product + penalty * np.eye(n_members)).T
    factor /= np.abs(factor).max()
    columns = np.vstack((factor, np.ones(n_members)))
    found, _ = nnls(columns, np.append(np.zeros(n_members), 1.0))
    return np.asarray(found / found.sum())
