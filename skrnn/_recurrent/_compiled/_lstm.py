"""Long short-term memory: Hochreiter and Schmidhuber (1997), doi:10.1162/neco.1997.9.8.1735.

With the forget gate of Gers et al. (2000), doi:10.1162/089976600300015015:

    i = sigmoid(W_ii x + b_ii + W_hi h' + b_hi)    input gate
    f = sigmoid(W_if x + b_if + W_hf h' + b_hf)    forget gate
    g = tanh(W_ig x + b_ig + W_hg h' + b_hg)       candidate
    o = sigmoid(W_io x + b_io + W_ho h' + b_ho)    output gate
    c = f * c' + i * g                             cell state
    h = o * tanh(c)

with h' and c' of the step before. The blocks of the weights are i, f, g, o; `memory`
is the cell state.
"""

from __future__ import annotations

from typing import NamedTuple

from ._activations import sigmoid, tanh
from ._cell import register_cell


class LSTM(NamedTuple):
    """Long short-term memory; it has no options."""


def _forward(cell, gates, recurrent, bias, h_before, memory_before, h, memory):
    n_rows, n_units = h.shape
    f, g, o = n_units, 2 * n_units, 3 * n_units  # where the blocks begin
    for n in range(n_rows):
        # Views of rows, and loops of few arrays: that is what vectorises.
        entry, forget = gates[n, :f], gates[n, f:g]
        candidate, shown = gates[n, g:o], gates[n, o:]
        for j in range(4 * n_units):
            gates[n, j] += recurrent[n, j] + bias[0, j] + bias[1, j]
        for j in range(g):
            gates[n, j] = sigmoid(gates[n, j])
        for j in range(n_units):
            candidate[j] = tanh(candidate[j])
        for j in range(n_units):
            shown[j] = sigmoid(shown[j])
        for j in range(n_units):
            memory[n, j] = forget[j] * memory_before[n, j] + entry[j] * candidate[j]
        for j in range(n_units):
            h[n, j] = shown[j] * tanh(memory[n, j])


def _backward(cell, gates, d_recurrent, h_before, memory_before, h, memory, d_h, d_memory):
    n_rows, n_units = h.shape
    f, g, o = n_units, 2 * n_units, 3 * n_units
    one = gates.dtype.type(1)
    for n in range(n_rows):
        entry, forget = gates[n, :f], gates[n, f:g]
        candidate, shown = gates[n, g:o], gates[n, o:]
        for j in range(n_units):
            squashed = tanh(memory[n, j])
            slope = d_h[n, j] * shown[j]
            shown[j] = slope * squashed * (one - shown[j])  # from here on its gradient
            d_memory[n, j] += slope * (one - squashed * squashed)
            d_h[n, j] = 0
        for j in range(n_units):
            entered, slope = entry[j], d_memory[n, j]
            entry[j] = slope * candidate[j] * entered * (one - entered)
            candidate[j] = slope * entered * (one - candidate[j] * candidate[j])
        for j in range(n_units):
            kept, slope = forget[j], d_memory[n, j]
            forget[j] = slope * memory_before[n, j] * kept * (one - kept)
            d_memory[n, j] = slope * kept


register_cell(LSTM, forward=_forward, backward=_backward, shares_gradient=True)
