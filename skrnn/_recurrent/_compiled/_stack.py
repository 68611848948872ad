"""Layers of recurrent cells in one or both directions, forward and backward.

Shapes as in :mod:`._direction`, with L layers and D directions.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from ._arrays import scale_by
from ._direction import Trace, Weights, backward_direction, forward_direction
from ._options import OPTIONS


class Stack(NamedTuple):
    """Sizes of a recurrent stack, and the positions of its weights.

    Parameters
    ----------
    n_layers, n_directions, n_inputs, n_units : int
        L, D, F and H.
    n_gates : int
        G * H.
    offset : int
        Where its weights begin in the flat array of all weights.
    dropout : float
        Share of the values between layers that are dropped. Zero in predictions.
    """

    n_layers: Any
    n_directions: Any
    n_inputs: Any
    n_units: Any
    n_gates: Any
    offset: Any
    dropout: Any


class StackTrace(NamedTuple):
    """Values of the forward pass of a stack that the backward pass needs.

    Parameters
    ----------
    gates : array of shape (L * D, T, N, G * H)
    h, memory : array of shape (L * D, T, N, H)
    between : array of shape (L - 1, T, N, D * H)
        Inputs of the layers above the first.
    masks : array of shape (L - 1, T, N, D * H)
        Factors of the dropout; of no rows without dropout.
    """

    gates: Any
    h: Any
    memory: Any
    between: Any
    masks: Any


@njit(**OPTIONS)
def allocate_trace(stack, n_steps, n_rows, dtype_of):
    """Return room for the trace of sequences of a shape, in the type of an array."""
    dtype = dtype_of.dtype
    n_traces = stack.n_layers * stack.n_directions
    n_outputs = stack.n_directions * stack.n_units
    n_masks = stack.n_layers - 1 if stack.dropout > 0 else 0
    return StackTrace(
        np.empty((n_traces, n_steps, n_rows, stack.n_gates), dtype),
        np.empty((n_traces, n_steps, n_rows, stack.n_units), dtype),
        np.zeros((n_traces, n_steps, n_rows, stack.n_units), dtype),
        np.empty((stack.n_layers - 1, n_steps, n_rows, n_outputs), dtype),
        np.zeros((n_masks, n_steps, n_rows, n_outputs), dtype),
    )


@njit(**OPTIONS)
def forward_stack(cell, stack, flat, trace, inputs, active):
    """Run the layers; the states of the last one are the last ones of the trace."""
    offset = stack.offset
    for layer in range(stack.n_layers):
        if layer > 0:
            values = trace.between[layer - 1]
            join_directions(stack, trace, layer - 1, values)
            if len(trace.masks) > 0:
                scale_by(values, trace.masks[layer - 1])
        else:
            values = inputs
        for direction in range(stack.n_directions):
            weights, offset = _weights_at(stack, flat, offset, values.shape[2])
            row = layer * stack.n_directions + direction
            forward_direction(
                cell, weights, Trace(trace.gates[row], trace.h[row], trace.memory[row]),
                values, active, direction == 1,
            )  # fmt: skip


@njit(**OPTIONS)
def backward_stack(cell, stack, flat, gradient, trace, inputs, d_outputs, d_inputs, active):
    """Run the layers backward. Fill the gradient, and add to the gradient by the inputs.

    If the latter is not needed, `d_inputs` has no steps.
    """
    n_rows, n_steps = d_outputs.shape[1], d_outputs.shape[0]
    d_recurrent = np.empty((n_steps, n_rows, stack.n_gates), flat.dtype)
    end = stack.offset + n_weights(stack)
    for layer in range(stack.n_layers - 1, -1, -1):
        values = trace.between[layer - 1] if layer > 0 else inputs
        d_values = np.zeros(values.shape, flat.dtype) if layer > 0 else d_inputs
        n_inputs = values.shape[2]
        start = end - stack.n_directions * _n_weights_of(stack, n_inputs)
        offset, offset_of_slopes = start, start
        for direction in range(stack.n_directions):
            weights, offset = _weights_at(stack, flat, offset, n_inputs)
            slopes, offset_of_slopes = _weights_at(stack, gradient, offset_of_slopes, n_inputs)
            row = layer * stack.n_directions + direction
            backward_direction(
                cell, weights, slopes, Trace(trace.gates[row], trace.h[row], trace.memory[row]),
                d_recurrent, values, d_outputs, direction * stack.n_units, d_values,
                active, direction == 1,
            )  # fmt: skip
        if layer > 0 and len(trace.masks) > 0:
            scale_by(d_values, trace.masks[layer - 1])
        d_outputs = d_values
        end = start


@njit(**OPTIONS)
def join_directions(stack, trace, layer, joined):
    """Copy the states of a layer to an array of shape (T, N, D * H)."""
    n_steps, n_rows, _ = joined.shape
    for direction in range(stack.n_directions):
        h = trace.h[layer * stack.n_directions + direction]
        first = direction * stack.n_units
        for t in range(n_steps):
            for i in range(n_rows):
                for j in range(stack.n_units):
                    joined[t, i, first + j] = h[t, i, j]


@njit(**OPTIONS)
def summarize(stack, trace, lengths, summary):
    """Copy the last state of each direction to an array of shape (N, D * H).

    The forward direction ends at the last real step, the other at the first one. A
    sequence of length 0 has the initial state, zero.
    """
    for direction in range(stack.n_directions):
        h = trace.h[(stack.n_layers - 1) * stack.n_directions + direction]
        first = direction * stack.n_units
        for i in range(len(lengths)):
            t = lengths[i] - 1 if direction == 0 else 0
            for j in range(stack.n_units):
                summary[i, first + j] = h[t, i, j] if lengths[i] > 0 else 0


@njit(**OPTIONS)
def spread_summary(stack, lengths, d_summary, d_outputs):
    """Undo :func:`summarize` for gradients: add them where the values came from."""
    for direction in range(stack.n_directions):
        first = direction * stack.n_units
        for i in range(len(lengths)):
            t = lengths[i] - 1 if direction == 0 else 0
            for j in range(stack.n_units):
                if lengths[i] > 0:
                    d_outputs[t, i, first + j] += d_summary[i, first + j]


@njit(**OPTIONS)
def n_weights(stack):
    """Return the number of weights of a stack."""
    n_outputs = stack.n_directions * stack.n_units
    first = _n_weights_of(stack, stack.n_inputs)
    return stack.n_directions * (first + (stack.n_layers - 1) * _n_weights_of(stack, n_outputs))


@njit(**OPTIONS)
def _n_weights_of(stack, n_inputs):
    return stack.n_gates * (n_inputs + stack.n_units + 2)


@njit(**OPTIONS)
def _weights_at(stack, flat, offset, n_inputs):
    """Return the weights of one direction that begin at an offset, and where they end."""
    middle = offset + stack.n_gates * n_inputs
    bias = middle + stack.n_gates * stack.n_units
    end = bias + 2 * stack.n_gates
    weights = Weights(
        flat[offset:middle].reshape(stack.n_gates, n_inputs),
        flat[middle:bias].reshape(stack.n_gates, stack.n_units),
        flat[bias:end].reshape(2, stack.n_gates),
    )
    return weights, end


@njit(**OPTIONS)
def draw_masks(stack, trace, active, rng):
    """Draw the dropout of a batch, in the order of the network in torch."""
    kept = 1 / (1 - stack.dropout)
    for layer in range(len(trace.masks)):
        mask = trace.masks[layer]
        for t in range(mask.shape[0]):
            for i in range(active[t]):
                for j in range(mask.shape[2]):
                    mask[t, i, j] = 0 if rng.random() < stack.dropout else kept
