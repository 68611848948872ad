"""The gated recurrent unit of Cho et al. (2014), arXiv:1406.1078, in the form of cuDNN and torch.

    r = sigmoid(W_ir x + b_ir + W_hr h' + b_hr)        reset gate
    z = sigmoid(W_iz x + b_iz + W_hz h' + b_hz)        update gate
    n = tanh(W_in x + b_in + r * (W_hn h' + b_hn))     candidate
    h = (1 - z) * n + z * h'

with h' the state of the step before. The blocks of the weights are r, z, n. The term
W_hn h' + b_hn is kept in `memory`.
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
    bias_ih, bias_hh = bias[0, n:], bias[1, n:]
    for i in range(n_rows):
        # Views of rows, and loops of few arrays: that is what vectorises.
        reset, update, candidate = gates[i, :z], gates[i, z:n], gates[i, n:]
        recalled, before = recurrent[i, n:], h_before[i]
        for j in range(n):
            gates[i, j] = sigmoid(gates[i, j] + recurrent[i, j] + bias[0, j] + bias[1, j])
        for j in range(n_units):
            memory[i, j] = recalled[j] + bias_hh[j]
        for j in range(n_units):
            candidate[j] = tanh(candidate[j] + bias_ih[j] + reset[j] * memory[i, j])
        for j in range(n_units):
            h[i, j] = candidate[j] + update[j] * (before[j] - candidate[j])


def _backward(cell, gates, d_recurrent, h_before, memory_before, h, memory, d_h, d_memory):
    n_rows, n_units = h.shape
    z, n = n_units, 2 * n_units
    one = gates.dtype.type(1)
    for i in range(n_rows):
        reset, update, candidate = gates[i, :z], gates[i, z:n], gates[i, n:]
        d_reset, d_update, d_recalled = d_recurrent[i, :z], d_recurrent[i, z:n], d_recurrent[i, n:]
        for j in range(n_units):
            slope = d_h[i, j] * (one - update[j])
            d_update[j] = (h_before[i, j] - candidate[j]) * update[j] * slope
            candidate[j] = slope * (one - candidate[j] * candidate[j])  # its gradient
        for j in range(n_units):
            d_h[i, j] *= update[j]
        for j in range(n_units):
            d_recalled[j] = candidate[j] * reset[j]
            d_reset[j] = candidate[j] * memory[i, j] * reset[j] * (one - reset[j])
        for j in range(n):
            gates[i, j] = d_recurrent[i, j]


register_cell(GRU, forward=_forward, backward=_backward, shares_gradient=False)
