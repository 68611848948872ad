"""What is called from Python: the batches of an epoch, and predictions.

Rows come as they lie in memory, with padding in front and in any layout; here they
are gathered into time-major batches with padding at the end, longest row first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

from ._losses import loss_and_slopes
from ._network import (
    MANY_TO_MANY,
    allocate_workspace,
    backward_network,
    forward_network,
)
from ._options import OPTIONS
from ._stack import draw_masks
from ._updates import clip, update_weights


def build_train(stamp: str) -> Callable[..., Any]:
    """Return the function that trains, with a stamp among its constants."""

    def train_batches(
        X, lengths, y, sample_weight, order,
        cell, network, loss, update, weights, gradient, moments,
        batch_size, step, product, rng, decoder_rng, losses, sizes,
    ):  # fmt: skip
        """Take one step of the optimizer for each batch.

        Parameters
        ----------
        X : array of shape (n_samples, n_timesteps, n_features)
            Sequences, padded in front.
        lengths : array of shape (n_samples,)
            Real steps of each.
        y : array of shape (n_samples, n_steps, n_outputs)
            Targets; with the padding of X where they have its steps.
        sample_weight : array of shape (n_samples,) or (0,)
            Weights of the rows; none for ones.
        order : array of shape (n_rows,)
            Rows to go through.
        cell : named tuple
        network : Network
        loss : Loss
        update : Update
        weights, gradient : array of shape (n_weights,)
            The network's weights, changed in place, and room for their gradient.
        moments : array of shape (n_moments, n_weights)
            The optimizer's memory, changed in place.
        batch_size : int
        step : int
            Steps that the optimizer has taken before.
        product : float
            NAdam's product of momenta.
        rng, decoder_rng : numpy.random.Generator
            Sources of the dropout in encoder and decoder.

        losses : array of shape (n_batches,)
            Out: mean loss of each batch.
        sizes : array of shape (n_batches,)
            Out: over how many rows, or real steps where y has those of X, the mean goes.

        Returns
        -------
        product : float
        """
        _ = stamp
        n_timesteps = X.shape[1]
        longest: Any = np.int64(0)
        n_rows: Any = longest
        work = allocate_workspace(network, longest, n_rows, weights)
        inputs, targets, batch_weight = _allocate_batch(X, y, weights, longest, n_rows, n_rows)
        for batch in range(len(losses)):
            start = batch * batch_size
            index = _by_falling_length(order[start : start + batch_size], lengths, n_timesteps)
            steps = max(1, lengths[index[0]])
            if steps != longest or len(index) != n_rows:
                longest, n_rows = steps, len(index)
                work = allocate_workspace(network, longest, n_rows, weights)
                inputs, targets, batch_weight = _allocate_batch(
                    X, y, weights, longest, n_rows, len(work.outputs)
                )
            batch_lengths = lengths[index]
            active = _count_active(batch_lengths, longest)
            _gather(X, batch_lengths, index, inputs)
            aligned = network.architecture == MANY_TO_MANY
            if aligned:
                _gather(y, batch_lengths, index, targets)
            else:
                _gather_whole(y, index, targets)
            for i in range(n_rows):
                batch_weight[i] = sample_weight[index[i]] if len(sample_weight) > 0 else 1
            draw_masks(network.encoder, work.encoder, active, rng)
            draw_masks(network.decoder, work.decoder, work.everyone, decoder_rng)
            forward_network(cell, network, weights, work, inputs, batch_lengths, active)
            real = active if aligned else np.full(len(targets), n_rows)
            losses[batch] = loss_and_slopes(loss, work.outputs, targets, batch_weight, real)
            sizes[batch] = np.sum(active) if aligned else n_rows
            backward_network(cell, network, weights, gradient, work, inputs, batch_lengths, active)
            if update.max_norm < np.inf:
                clip(gradient, update.max_norm)
            step += 1
            product = update_weights(update, weights, gradient, moments, step, product)
        return product

    return train_batches


def build_predict(stamp: str) -> Callable[..., Any]:
    """Return the function that predicts, with a stamp among its constants."""

    def predict_rows(X, lengths, cell, network, weights, batch_size, out):
        """Compute the outputs of all rows.

        Parameters
        ----------
        X, lengths, cell, network, weights, batch_size
            As in :func:`train_batches`.
        out : array of shape (n_samples, n_steps, n_outputs)
            Out: the outputs. Where they have the steps of X, those at its padding are the
            outputs of the initial state.
        """
        _ = stamp
        n_samples, n_timesteps, _ = X.shape
        everything = np.arange(n_samples)
        bias = weights[len(weights) - network.n_outputs :]
        longest: Any = np.int64(0)
        n_rows: Any = longest
        work = allocate_workspace(network, longest, n_rows, weights)
        inputs, _, _ = _allocate_batch(X, out, weights, longest, n_rows, n_rows)
        for start in range(0, n_samples, batch_size):
            chunk = everything[start : start + batch_size]
            index = _by_falling_length(chunk, lengths, n_timesteps)
            steps = max(1, lengths[index[0]])
            if steps != longest or len(index) != n_rows:
                longest, n_rows = steps, len(index)
                work = allocate_workspace(network, longest, n_rows, weights)
                inputs, _, _ = _allocate_batch(X, out, weights, longest, n_rows, np.int64(0))
            batch_lengths = lengths[index]
            active = _count_active(batch_lengths, longest)
            _gather(X, batch_lengths, index, inputs)
            forward_network(cell, network, weights, work, inputs, batch_lengths, active)
            if network.architecture == MANY_TO_MANY:
                for i in range(n_rows):
                    padding = n_timesteps - batch_lengths[i]
                    for t in range(n_timesteps):
                        for k in range(network.n_outputs):
                            real = t >= padding
                            out[index[i], t, k] = (
                                work.outputs[t - padding, i, k] if real else bias[k]
                            )
            else:
                for t in range(len(work.outputs)):
                    for i in range(n_rows):
                        for k in range(network.n_outputs):
                            out[index[i], t, k] = work.outputs[t, i, k]

    return predict_rows


@njit(**OPTIONS)
def _allocate_batch(X, y, weights, n_steps, n_rows, n_target_steps):
    return (
        np.empty((n_steps, n_rows, X.shape[2]), weights.dtype),
        np.empty((n_target_steps, n_rows, y.shape[2]), weights.dtype),
        np.empty(n_rows, weights.dtype),
    )


@njit(**OPTIONS)
def _by_falling_length(rows, lengths, n_timesteps):
    """Return rows sorted by their length, longest first, equals in their order."""
    first, same = lengths[rows[0]], True
    for row in rows:
        same = same and lengths[row] == first
    if same:
        return rows.copy()
    # A sort by counting: place[k] is where the next row of length k goes.
    place = np.zeros(n_timesteps + 1, np.int64)
    for row in rows:
        place[lengths[row]] += 1
    longer = 0
    for length in range(n_timesteps, -1, -1):
        n_of_length = place[length]
        place[length] = longer
        longer += n_of_length
    index = np.empty_like(rows)
    for row in rows:
        index[place[lengths[row]]] = row
        place[lengths[row]] += 1
    return index


@njit(**OPTIONS)
def _count_active(lengths, n_steps):
    """Return for each step how many rows have it; lengths fall."""
    active = np.empty(n_steps, np.int64)
    n = len(lengths)
    for t in range(n_steps):
        while n > 0 and lengths[n - 1] <= t:
            n -= 1
        active[t] = n
    return active


@njit(**OPTIONS)
def _gather(values, lengths, index, batch):
    """Copy rows to a time-major batch: real steps first, then zeros."""
    padded_steps = values.shape[1]
    for i in range(len(index)):
        first = padded_steps - lengths[i]
        for t in range(len(batch)):
            for k in range(values.shape[2]):
                batch[t, i, k] = values[index[i], first + t, k] if t < lengths[i] else 0


@njit(**OPTIONS)
def _gather_whole(values, index, batch):
    """Copy rows without padding to a time-major batch."""
    for i in range(len(index)):
        for t in range(len(batch)):
            for k in range(values.shape[2]):
                batch[t, i, k] = values[index[i], t, k]
