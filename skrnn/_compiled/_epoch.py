"""What is called from Python: the batches of an epoch, and predictions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ._batch import by_falling_length, load_inputs, load_targets, store_outputs
from ._losses import loss_and_slopes
from ._network import allocate_workspace, backward_network, forward_network
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
        # The shape of the workspace; numba would compile anew for literal zeros.
        longest: Any = np.int64(0)
        n_rows: Any = longest
        work = allocate_workspace(network, longest, n_rows, weights)
        for batch in range(len(losses)):
            rows = order[batch * batch_size : (batch + 1) * batch_size]
            index = by_falling_length(rows, lengths, X.shape[1])
            steps = max(1, lengths[index[0]])
            if steps != longest or len(index) != n_rows:
                longest, n_rows = steps, len(index)
                work = allocate_workspace(network, longest, n_rows, weights)
            load_inputs(network, X, lengths, index, work)
            sizes[batch] = load_targets(network, y, sample_weight, index, work)
            draw_masks(network.encoder, work.encoder, work.active, rng)
            draw_masks(network.decoder, work.decoder, work.present, decoder_rng)
            forward_network(cell, network, weights, work)
            losses[batch] = loss_and_slopes(loss, work)
            backward_network(cell, network, weights, gradient, work)
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
        everything = np.arange(len(X))
        bias = weights[len(weights) - network.n_outputs :]
        longest: Any = np.int64(0)
        n_rows: Any = longest
        work = allocate_workspace(network, longest, n_rows, weights)
        for start in range(0, len(X), batch_size):
            rows = everything[start : start + batch_size]
            index = by_falling_length(rows, lengths, X.shape[1])
            steps = max(1, lengths[index[0]])
            if steps != longest or len(index) != n_rows:
                longest, n_rows = steps, len(index)
                work = allocate_workspace(network, longest, n_rows, weights)
            load_inputs(network, X, lengths, index, work)
            forward_network(cell, network, weights, work)
            store_outputs(network, index, work, bias, out)

    return predict_rows
