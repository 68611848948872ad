"""One recurrent layer in one direction of time, forward and backward.

Arrays are time-major: all rows of a step lie together. Rows are ordered by falling
length, so that the ones which have step t are the first ``active[t]``. The others
are kept at zero, so that sums over steps and rows need no mask.

Shapes: T steps, N rows, F inputs, H hidden units, G gates. An input may have a
single step, which is then shown at every step, as a decoder shows a summary.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from ._arrays import (
    add_to,
    as_matrix,
    clear,
    clear_from,
    multiply,
    multiply_transposed,
    sum_of_rows,
    transposed,
)
from ._cell import backward_step, forward_step, has_shared_gradient
from ._options import OPTIONS


class Weights(NamedTuple):
    """Weights of one layer and direction, or their gradients, as torch lays them out.

    Parameters
    ----------
    inputs : array of shape (G * H, F)
    recurrent : array of shape (G * H, H)
    bias : array of shape (2, G * H)
    """

    inputs: Any
    recurrent: Any
    bias: Any


class Trace(NamedTuple):
    """Values of the forward pass that the backward pass needs.

    Parameters
    ----------
    gates : array of shape (T, N, G * H)
    h : array of shape (T, N, H)
        States.
    memory : array of shape (T, N, H)
        Second values of the units, see :mod:`._cell`.
    """

    gates: Any
    h: Any
    memory: Any


@njit(inline="always", **OPTIONS)  # one place of use
def forward_direction(cell, weights, trace, inputs, active, reverse):
    """Run over the steps and fill the trace."""
    gates, h, memory = trace
    n_steps, n_rows, n_units = h.shape
    n_gates = gates.shape[2]
    seen = inputs.shape[0]
    multiply(as_matrix(inputs), transposed(weights.inputs), as_matrix(gates[:seen]))
    for t in range(seen, n_steps):
        for i in range(n_rows):
            for k in range(n_gates):
                gates[t, i, k] = gates[0, i, k]
    recurrent = np.zeros((n_rows, n_gates), gates.dtype)
    before = np.zeros((n_rows, n_units), gates.dtype)
    memory_before = before
    turned = transposed(weights.recurrent) if n_steps > 1 else weights.recurrent
    for step in range(n_steps):
        t = n_steps - 1 - step if reverse else step
        n = active[t]
        if step > 0:
            multiply(before[:n], turned, recurrent[:n])
        forward_step(
            cell, gates[t, :n], recurrent[:n], weights.bias,
            before[:n], memory_before[:n], h[t, :n], memory[t, :n],
        )  # fmt: skip
        clear_from(h[t], n)
        clear_from(memory[t], n)
        before = h[t]
        memory_before = memory[t]


@njit(inline="always", **OPTIONS)  # one place of use
def backward_direction(
    cell, weights, slopes, trace, d_recurrent, inputs, d_outputs, first_column, d_inputs,
    active, reverse,
):  # fmt: skip
    """Run backward over the steps, and add up the gradients.

    Parameters
    ----------
    slopes : Weights
        Out: gradients by the weights.
    d_recurrent : array of shape (T, N, G * H)
        Workspace for the gradients by W_hh h, if they differ from those by W_ih x.
    d_outputs : array of shape (T, N, D * H)
        Gradients by the states of all directions, of which ours begin at
        `first_column`.
    d_inputs : array of the shape of `inputs`
        Gradients by the inputs are added here. It has no steps if they are not needed.
    """
    gates, h, memory = trace
    n_steps, n_rows, n_units = h.shape
    n_gates = gates.shape[2]
    if has_shared_gradient(cell):
        d_recurrent = gates
    none = np.zeros((n_rows, n_units), gates.dtype)
    d_h = np.zeros((n_rows, n_units), gates.dtype)
    d_memory = np.zeros((n_rows, n_units), gates.dtype)
    through = np.empty((n_rows, n_units), gates.dtype)
    for step in range(n_steps - 1, -1, -1):
        t = n_steps - 1 - step if reverse else step
        n = active[t]
        for i in range(n):
            for j in range(n_units):
                d_h[i, j] += d_outputs[t, i, first_column + j]
        if step > 0:
            before = t + 1 if reverse else t - 1
            h_before, memory_before = h[before], memory[before]
        else:
            h_before, memory_before = none, none
        backward_step(
            cell, gates[t, :n], d_recurrent[t, :n], h_before[:n], memory_before[:n],
            h[t, :n], memory[t, :n], d_h[:n], d_memory[:n],
        )  # fmt: skip
        clear_from(gates[t], n)
        clear_from(d_recurrent[t], n)
        if step > 0:
            multiply(d_recurrent[t, :n], weights.recurrent, through[:n])
            for i in range(n):
                for j in range(n_units):
                    d_h[i, j] += through[i, j]
    sum_of_rows(as_matrix(gates), slopes.bias[0])
    if has_shared_gradient(cell):
        for k in range(n_gates):
            slopes.bias[1, k] = slopes.bias[0, k]
    else:
        sum_of_rows(as_matrix(d_recurrent), slopes.bias[1])
    if n_steps > 1:
        later = d_recurrent[:-1] if reverse else d_recurrent[1:]
        earlier = h[1:] if reverse else h[:-1]
        multiply_transposed(as_matrix(later), as_matrix(earlier), slopes.recurrent)
    else:
        clear(slopes.recurrent)
    seen = inputs.shape[0]
    for t in range(seen, n_steps):
        add_to(gates[:1], gates[t : t + 1])
    d_gates = as_matrix(gates[:seen])
    multiply_transposed(d_gates, as_matrix(inputs), slopes.inputs)
    if len(d_inputs) > 0:
        here = np.empty_like(d_inputs)
        multiply(d_gates, weights.inputs, as_matrix(here))
        add_to(d_inputs, here)
