"""The compiled function that Python calls: the batches of an epoch, or of a prediction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ._batch import by_falling_length, load_inputs, load_targets, store_outputs
from ._losses import loss_and_slopes
from ._network import allocate_workspace, backward_network, forward_network
from ._stack import draw_masks
from ._updates import clip, update_weights


def build_entry(stamp: str) -> Callable[..., Any]:
    """Return the function that trains or predicts, with a stamp among its constants.

    One function does both, because each contains the whole network. Two functions would
    take one and a half times as long to compile.
    """

    def run_batches(
        X, lengths, y, sample_weight, order,
        cell, network, loss, update, weights, gradient, moments,
        batch_size, step, product, rng, decoder_rng, losses, sizes, predicted,
    ):  # fmt: skip
        """Take one step of the optimizer for each batch, or predict each batch.

        Parameters
        ----------
        X : array of shape (n_samples, n_timesteps, n_features)
            Sequences, padded in front.
        lengths : array of shape (n_samples,)
            Real steps of each.
        y : array of shape (n_samples, n_steps, n_outputs)
            Targets; with the padding of X where they have its steps. Not read in a
            prediction, like everything else that belongs to training.
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

        losses : array of shape (n_batches,) or (0,)
            Out: mean loss of each batch. No room in it means prediction.
        sizes : array of shape (n_batches,)
            Out: over how many rows, or real steps where y has those of X, the mean goes.
        predicted : array of shape (n_samples, n_steps, n_outputs) or (0, 0, 0)
            Out, for a prediction: the outputs. Where they have the steps of X, those at
            its padding are the outputs of the initial state.

        Returns
        -------
        product : float
        """
        _ = stamp
        training = len(losses) > 0
        bias = weights[len(weights) - network.n_outputs :]
        # The shape of the workspace; numba would compile anew for literal zeros.
        longest: Any = np.int64(0)
        n_rows: Any = longest
        work = allocate_workspace(network, longest, n_rows, weights)
        for batch in range((len(order) + batch_size - 1) // batch_size):
            rows = order[batch * batch_size : (batch + 1) * batch_size]
            index = by_falling_length(rows, lengths, X.shape[1])
            steps = max(1, lengths[index[0]])
            if steps != longest or len(index) != n_rows:
                longest, n_rows = steps, len(index)
                work = allocate_workspace(network, longest, n_rows, weights)
            load_inputs(network, X, lengths, index, work)
            if training:
                sizes[batch] = load_targets(network, y, sample_weight, index, work)
                draw_masks(network.encoder, work.encoder, work.active, rng)
                draw_masks(network.decoder, work.decoder, work.present, decoder_rng)
            forward_network(cell, network, weights, work)
            if training:
                losses[batch] = loss_and_slopes(loss, work)
                backward_network(cell, network, weights, gradient, work)
                if update.max_norm < np.inf:
                    clip(gradient, update.max_norm)
                step += 1
                product = update_weights(update, weights, gradient, moments, step, product)
            else:
                store_outputs(network, index, work, bias, predicted)
        return product

    return run_batches
