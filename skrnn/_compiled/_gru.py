"""The gated recurrent unit of Cho et al. (2014), arXiv:1406.1078, as cuDNN and torch have it.

    r = sigmoid(W_ir x + b_ir + W_hr h' + b_hr)        reset gate
    z = sigmoid(W_iz x + b_iz + W_hz h' + b_hz)        update gate
    n = tanh(W_in x + b_in + r * (W_hn h' + b_hn))     candidate
    h = (1 - z) * n + z * h'

with h' the state of the step before. The blocks of the weights are r, z, n. What
stands in the last bracket is kept in `memory`.
"""

from __future__ import annotations

from typing import NamedTuple

from ._activations import sigmoid, tanh
from ._cell import register_cell


class GRU(NamedTuple):
    """The gated recurrent unit; it has no options."""


def _forward(cell, gates, recurrent, bias, h_before, memory_before, h, memory):
    n_rows, n_units = h.shape
    z, n = n_units, 2 * n_units  # where the blocks of z and n begin
    for i in range(n_rows):
        # Loops of few arrays: the compiler has to prove that they don't overlap.
        for j in range(n):
            gates[i, j] = sigmoid(gates[i, j] + recurrent[i, j] + bias[0, j] + bias[1, j])
        for j in range(n_units):
            memory[i, j] = recurrent[i, n + j] + bias[1, n + j]
        for j in range(n_units):
            gates[i, n + j] = tanh(gates[i, n + j] + bias[0, n + j] + gates[i, j] * memory[i, j])
        for j in range(n_units):
            candidate = gates[i, n + j]
            h[i, j] = candidate + gates[i, z + j] * (h_before[i, j] - candidate)


def _backward(cell, gates, d_recurrent, h_before, memory_before, h, memory, d_h, d_memory):
    n_rows, n_units = h.shape
    z, n = n_units, 2 * n_units
    one = gates.dtype.type(1)
    for i in range(n_rows):
        for j in range(n_units):  # d_recurrent holds z's gradient until n is done
            update, candidate = gates[i, z + j], gates[i, n + j]
            slope = d_h[i, j] * (one - update)
            d_recurrent[i, z + j] = (h_before[i, j] - candidate) * update * slope
            gates[i, n + j] = slope * (one - candidate * candidate)
        for j in range(n_units):
            d_h[i, j] *= gates[i, z + j]
        for j in range(n_units):
            reset, d_candidate = gates[i, j], gates[i, n + j]
            d_recurrent[i, n + j] = d_candidate * reset
            d_recurrent[i, j] = d_candidate * memory[i, j] * reset * (one - reset)
        for j in range(n):
            gates[i, j] = d_recurrent[i, j]


register_cell(GRU, forward=_forward, backward=_backward, shares_gradient=False)
