"""The plain cell of Elman (1990), doi:10.1207/s15516709cog1402_1.

    h = f(W_ih x + b_ih + W_hh h' + b_hh)

with h' the state of the step before and f the hyperbolic tangent or the rectifier.
"""

from __future__ import annotations

from typing import NamedTuple

from ._activations import tanh
from ._cell import register_cell


class RNN(NamedTuple):
    """The plain cell.

    Parameters
    ----------
    relu : bool
        Whether its activation is the rectifier, not the hyperbolic tangent.
    """

    relu: bool


def _forward(cell, gates, recurrent, bias, h_before, memory_before, h, memory):
    n_rows, n_units = h.shape
    zero = gates.dtype.type(0)
    for n in range(n_rows):
        for j in range(n_units):
            gates[n, j] += recurrent[n, j] + bias[0, j] + bias[1, j]
        if cell.relu:
            for j in range(n_units):
                # Not max: NaN must come out as NaN.
                h[n, j] = zero if gates[n, j] < zero else gates[n, j]
        else:
            for j in range(n_units):
                h[n, j] = tanh(gates[n, j])


def _backward(cell, gates, d_recurrent, h_before, memory_before, h, memory, d_h, d_memory):
    n_rows, n_units = h.shape
    zero, one = gates.dtype.type(0), gates.dtype.type(1)
    for n in range(n_rows):
        if cell.relu:
            for j in range(n_units):
                gates[n, j] = d_h[n, j] if h[n, j] > zero else zero
        else:
            for j in range(n_units):
                gates[n, j] = d_h[n, j] * (one - h[n, j] * h[n, j])
        for j in range(n_units):
            d_h[n, j] = zero


register_cell(RNN, forward=_forward, backward=_backward, shares_gradient=True)
