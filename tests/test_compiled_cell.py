"""A new cell, from its equations to an estimator: what it takes, and that it is all.

The update gate network of Collins, Sohl-Dickstein and Sussillo (2017), "Capacity and
trainability in recurrent neural networks", arXiv:1611.09913:

    c = tanh(W_c x + b_c + U_c h' + d_c)       candidate
    g = sigmoid(W_g x + b_g + U_g h' + d_g)    update gate
    h = g * h' + (1 - g) * c

with h' the state of the step before. The blocks of the weights are c, g.
"""

from typing import NamedTuple

import numpy as np
import pytest
import torch
from both_backends import assert_same_state, fit_both, sequences
from compiled_gradients import assert_same_gradients, make_net, make_rows
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from skrnn import GRURegressor
from skrnn._recurrent._compiled._activations import sigmoid, tanh
from skrnn._recurrent._compiled._cell import register_cell
from skrnn._recurrent._compiled._engine import COMPILED_CELLS
from skrnn._recurrent._network.modules import CELLS, Cell, EncoderDecoder, ManyToMany, ManyToOne

# -- 1. the layer in torch, with parameters named and shaped as those of nn.GRU --------


class UpdateGateLayer(nn.Module):
    def __init__(self, input_size, hidden_size, batch_first, bidirectional):
        assert batch_first
        super().__init__()
        self.input_size, self.hidden_size = input_size, hidden_size
        self.bidirectional = bidirectional
        shapes = {
            "weight_ih_l0": (2 * hidden_size, input_size),
            "weight_hh_l0": (2 * hidden_size, hidden_size),
            "bias_ih_l0": (2 * hidden_size,),
            "bias_hh_l0": (2 * hidden_size,),
        }
        for suffix in ("", "_reverse")[: 1 + bidirectional]:
            for name, shape in shapes.items():
                self.register_parameter(name + suffix, nn.Parameter(torch.empty(shape)))

    def forward(self, values):
        if not isinstance(values, PackedSequence):
            return self._run(values, torch.full((len(values),), values.shape[1]))
        X, lengths = pad_packed_sequence(
            PackedSequence(values.data, values.batch_sizes), batch_first=True
        )
        outputs, state = self._run(X, lengths)
        data = pack_padded_sequence(outputs, lengths, batch_first=True).data
        if values.unsorted_indices is not None:
            state = state[:, values.unsorted_indices]
        return values._replace(data=data), state

    def _run(self, X, lengths):
        directions = [self._run_direction("", X, lengths, range(X.shape[1]))]
        if self.bidirectional:
            backwards = reversed(range(X.shape[1]))
            directions.append(self._run_direction("_reverse", X, lengths, backwards))
        outputs, state = zip(*directions, strict=True)
        return torch.cat(outputs, dim=2), torch.stack(state)

    def _run_direction(self, suffix, X, lengths, steps):
        W, U, b, d = (
            getattr(self, name + suffix)
            for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        )
        h, states = X.new_zeros(len(X), self.hidden_size), {}
        for t in steps:
            candidate, gate = (X[:, t] @ W.T + b + h @ U.T + d).chunk(2, dim=1)
            gate = gate.sigmoid()
            moved = gate * h + (1 - gate) * candidate.tanh()
            states[t] = h = torch.where((t < lengths)[:, None], moved, h)
        return torch.stack([states[t] for t in sorted(states)], dim=1), h


# -- 2. a step forward and a step back, and what selects them ---------------------------


class UpdateGate(NamedTuple):
    """The update gate network; it has no options."""


def forward_step(cell, gates, recurrent, bias, h_before, memory_before, h, memory):
    n_rows, n_units = h.shape
    for i in range(n_rows):
        for j in range(2 * n_units):
            gates[i, j] += recurrent[i, j] + bias[0, j] + bias[1, j]
        for j in range(n_units):
            gates[i, j] = tanh(gates[i, j])
        for j in range(n_units, 2 * n_units):
            gates[i, j] = sigmoid(gates[i, j])
        for j in range(n_units):
            candidate, gate = gates[i, j], gates[i, n_units + j]
            h[i, j] = candidate + gate * (h_before[i, j] - candidate)


def backward_step(cell, gates, d_recurrent, h_before, memory_before, h, memory, d_h, d_memory):
    n_rows, n_units = h.shape
    one = gates.dtype.type(1)
    for i in range(n_rows):
        for j in range(n_units):
            candidate, gate, slope = gates[i, j], gates[i, n_units + j], d_h[i, j]
            gates[i, j] = slope * (one - gate) * (one - candidate * candidate)
            gates[i, n_units + j] = slope * (h_before[i, j] - candidate) * gate * (one - gate)
            d_h[i, j] = slope * gate


register_cell(UpdateGate, forward=forward_step, backward=backward_step, shares_gradient=True)

# -- 3. a row in each of the two tables, and an estimator -------------------------------


@pytest.fixture(autouse=True)
def ugrnn(monkeypatch):
    monkeypatch.setitem(CELLS, "ugrnn", Cell(UpdateGateLayer, n_gates=2, forget_gate=1))
    monkeypatch.setitem(COMPILED_CELLS, "ugrnn", lambda stack: UpdateGate())


class UGRNNRegressor(GRURegressor):
    _cell = "ugrnn"


# -- what has to hold for it ------------------------------------------------------------


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("module", [ManyToOne, EncoderDecoder, ManyToMany])
@pytest.mark.parametrize("lengths", [[5, 5, 5, 5], [5, 3, 3, 1, 4, 2, 2, 1], [1]], ids=str)
def test_its_gradients_are_those_of_autograd(lengths, module, bidirectional):
    net = make_net(module, "ugrnn", num_layers=2, dropout=0.3, bidirectional=bidirectional)
    assert_same_gradients(net, make_rows(net, lengths, 5))


@pytest.mark.parametrize("architecture", ["many-to-one", "encoder-decoder", "many-to-many"])
def test_its_fits_and_predictions_are_those_of_torch(architecture):
    X, y, weight = sequences(architecture)
    model = UGRNNRegressor(
        5, architecture=architecture, bidirectional=True, max_epochs=3, random_state=0
    )
    compiled, expected = fit_both(model, X, y, weight)
    np.testing.assert_allclose(compiled.loss_curve_, expected.loss_curve_, rtol=1e-9)
    assert_same_state(compiled, expected)
    np.testing.assert_allclose(compiled.predict(X), expected.predict(X), rtol=1e-9)


def test_it_learns(windows):
    X, y = windows
    model = UGRNNRegressor(16, max_epochs=150, random_state=0).fit(X, y)
    assert model.backend_ == "compiled"
    assert model.score(X, y) > 0.9
