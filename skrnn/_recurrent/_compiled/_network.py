"""The architectures, from a batch of sequences to its outputs, forward and backward.

Shapes as in :mod:`._stack`, with S output steps and K outputs.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from ._arrays import (
    add_to,
    as_matrix,
    clear,
    multiply,
    multiply_transposed,
    sum_of_rows,
    transposed,
)
from ._options import OPTIONS
from ._stack import (
    allocate_trace,
    backward_stack,
    forward_stack,
    join_directions,
    spread_summary,
    summarize,
)

MANY_TO_ONE, ENCODER_DECODER, MANY_TO_MANY = range(3)


class Network(NamedTuple):
    """Sizes of a network, and the positions of its weights.

    Parameters
    ----------
    architecture : int
        One of the constants of this module.
    encoder, decoder : Stack
        Without a decoder, the encoder twice.
    head : int
        Where the weights of the dense layer begin in the flat array.
    horizon : int
        Steps of the decoder.
    n_outputs : int
        K.
    """

    architecture: Any
    encoder: Any
    decoder: Any
    head: Any
    horizon: Any
    n_outputs: Any


class Workspace(NamedTuple):
    """Memory of a batch of one shape.

    Parameters
    ----------
    encoder, decoder : StackTrace
    inputs : array of shape (T, N, F)
    lengths : array of shape (N,)
        Real steps of each row, falling.
    active : array of shape (T,)
        How many rows have each step.
    summary : array of shape (1, N, D * H)
    features : array of shape (S, N, D * H)
        Inputs of the dense layer.
    outputs, targets : array of shape (S, N, K)
    weights : array of shape (N,)
        Of the rows, in the loss.
    present : array of shape (S,)
        How many rows have each step of the outputs.
    """

    encoder: Any
    decoder: Any
    inputs: Any
    lengths: Any
    active: Any
    summary: Any
    features: Any
    outputs: Any
    targets: Any
    weights: Any
    present: Any


@njit(**OPTIONS)
def allocate_workspace(network, n_steps, n_rows, dtype_of):
    """Return room for batches of a shape, in the type of an array."""
    n_features = network.encoder.n_directions * network.encoder.n_units
    n_outputs = n_output_steps(network, n_steps)
    horizon = network.horizon if network.architecture == ENCODER_DECODER else 0
    dtype = dtype_of.dtype
    return Workspace(
        allocate_trace(network.encoder, n_steps, n_rows, dtype_of),
        allocate_trace(network.decoder, horizon, n_rows, dtype_of),
        np.empty((n_steps, n_rows, network.encoder.n_inputs), dtype),
        np.empty(n_rows, np.int64),
        np.empty(n_steps, np.int64),
        np.empty((1, n_rows, n_features), dtype),
        np.empty((n_outputs, n_rows, n_features), dtype),
        np.empty((n_outputs, n_rows, network.n_outputs), dtype),
        np.empty((n_outputs, n_rows, network.n_outputs), dtype),
        np.empty(n_rows, dtype),
        np.empty(n_outputs, np.int64),
    )


@njit(**OPTIONS)
def n_output_steps(network, n_steps):
    """Return S for sequences of a number of steps."""
    if network.architecture == MANY_TO_ONE:
        return 1
    return network.horizon if network.architecture == ENCODER_DECODER else n_steps


@njit(inline="always", **OPTIONS)  # one place of use
def forward_network(cell, network, flat, work):
    """Compute the outputs of a batch; they are ``work.outputs``."""
    encoder, decoder = network.encoder, network.decoder
    forward_stack(cell, encoder, flat, work.encoder, work.inputs, work.active)
    if network.architecture == MANY_TO_MANY:
        join_directions(encoder, work.encoder, encoder.n_layers - 1, work.features)
    else:
        summarize(encoder, work.encoder, work.lengths, work.summary[0])
        if network.architecture == ENCODER_DECODER:
            forward_stack(cell, decoder, flat, work.decoder, work.summary, work.present)
            join_directions(decoder, work.decoder, decoder.n_layers - 1, work.features)
        else:
            clear(work.features[0])
            add_to(work.features, work.summary)
    weight, bias = _head(network, flat, work.features.shape[2])
    outputs = as_matrix(work.outputs)
    multiply(as_matrix(work.features), transposed(weight), outputs)
    for i in range(outputs.shape[0]):
        for k in range(network.n_outputs):
            outputs[i, k] += bias[k]


@njit(inline="always", **OPTIONS)  # one place of use
def backward_network(cell, network, flat, gradient, work):
    """Compute the gradient from that by the outputs, which is in ``work.outputs``."""
    encoder, decoder = network.encoder, network.decoder
    weight, _ = _head(network, flat, work.features.shape[2])
    d_weight, d_bias = _head(network, gradient, work.features.shape[2])
    _, n_rows, n_features = work.features.shape
    d_outputs, features = as_matrix(work.outputs), as_matrix(work.features)
    multiply_transposed(d_outputs, features, d_weight)
    sum_of_rows(d_outputs, d_bias)
    multiply(d_outputs, weight, features)  # the features are not needed any more
    d_features = work.features
    no_inputs = np.empty((0, 0, 0), flat.dtype)
    if network.architecture == MANY_TO_MANY:
        d_states = d_features
    else:
        if network.architecture == ENCODER_DECODER:
            d_summary = np.zeros(work.summary.shape, flat.dtype)
            backward_stack(
                cell, decoder, flat, gradient, work.decoder, work.summary, d_features,
                d_summary, work.present,
            )  # fmt: skip
        else:
            d_summary = d_features
        d_states = np.zeros((len(work.active), n_rows, n_features), flat.dtype)
        spread_summary(encoder, work.lengths, d_summary[0], d_states)
    backward_stack(
        cell, encoder, flat, gradient, work.encoder, work.inputs, d_states, no_inputs, work.active
    )


@njit(**OPTIONS)
def _head(network, flat, n_features):
    """Return weight and bias of the dense layer, or their gradients."""
    end = network.head + network.n_outputs * n_features
    weight = flat[network.head : end].reshape(network.n_outputs, n_features)
    return weight, flat[end : end + network.n_outputs]
