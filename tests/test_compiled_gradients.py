"""Gradients of the compiled backend against torch's autograd, in float64."""

import numpy as np
import pytest
import torch
from compiled_gradients import (
    assert_same_gradients,
    gradients,
    is_saturated,
    make_net,
    make_rows,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from skrnn._recurrent._network.losses import LOSSES
from skrnn._recurrent._network.modules import EncoderDecoder, ManyToMany, ManyToOne
from skrnn._recurrent._training.batches import Rows

CELLS = {
    "tanh": {"cell": "rnn", "nonlinearity": "tanh"},
    "relu": {"cell": "rnn", "nonlinearity": "relu"},
    "gru": {"cell": "gru"},
    "lstm": {"cell": "lstm"},
}


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2, 3])
@pytest.mark.parametrize("module", [ManyToOne, EncoderDecoder, ManyToMany])
@pytest.mark.parametrize("cell", CELLS)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_gradients_are_those_of_autograd(cell, module, num_layers, bidirectional, data):
    # Two batches, the last one of which is looked at: what the first one leaves in the
    # memory that they share must not matter.
    batch_size = data.draw(st.integers(1, 5), "batch_size")
    n_timesteps = data.draw(st.integers(1, 6), "n_timesteps")
    shortest = data.draw(st.sampled_from([1, n_timesteps]), "shortest")
    n_rows = batch_size + data.draw(st.integers(1, batch_size), "rows of the last batch")
    lengths = data.draw(
        st.lists(st.integers(shortest, n_timesteps), min_size=n_rows, max_size=n_rows), "lengths"
    )
    quantile = data.draw(st.sampled_from([0.8, [0.1, 0.5, 0.9]]), "quantile")
    net = make_net(
        module,
        num_layers=num_layers,
        bidirectional=bidirectional,
        dropout=data.draw(st.sampled_from([0.0, 0.4]), "dropout"),
        n_features=data.draw(st.integers(1, 3), "n_features"),
        hidden_size=data.draw(st.integers(1, 4), "hidden_size"),
        n_outputs=np.size(quantile) * data.draw(st.integers(1, 3), "n_outputs"),
        horizon=data.draw(st.integers(1, 4), "horizon"),
        loss=data.draw(st.sampled_from(sorted(LOSSES)), "loss"),
        quantile=quantile,
        seed=data.draw(st.integers(0, 99), "seed"),
        scale=data.draw(st.sampled_from([1.0, 2.0, 4.0]), "scale"),
        batch_size=batch_size,
        **CELLS[cell],
    )
    weighted = data.draw(st.booleans(), "weighted")
    rows = make_rows(net, lengths, n_timesteps, weighted=weighted)
    assume(not is_saturated(net, rows))
    assert_same_gradients(net, rows)


@pytest.mark.parametrize("cell", CELLS)
def test_gradients_of_more_units_and_rows_than_vectors_hold(cell):
    net = make_net(
        ManyToMany, hidden_size=37, num_layers=2, bidirectional=True, batch_size=41, **CELLS[cell]
    )
    assert_same_gradients(net, make_rows(net, np.arange(41) % 9 + 1, 9))


@pytest.mark.parametrize("module", [ManyToOne, EncoderDecoder, ManyToMany])
def test_a_rectifier_at_zero_has_slope_zero(module):
    net = make_net(module, batch_size=3, **CELLS["relu"])
    rows = make_rows(net, [4, 4, 2], 4)
    rows.X[np.isfinite(rows.X)] = 0
    with torch.no_grad():
        for name, p in net.module_.named_parameters():
            if "bias" in name:
                p.zero_()
    (_, expected), (_, found) = gradients(net, rows)
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name] == 0, value == 0)
    assert_same_gradients(net, rows)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("loss", LOSSES)
def test_slopes_at_the_kinks_of_a_loss(loss, weighted):
    net = make_net(ManyToOne, "gru", n_outputs=1, loss=loss, batch_size=1)
    net.criterion_.options.update({"delta": 0.75} if loss == "huber" else {})
    with torch.no_grad():  # what is predicted is exactly 0.5
        net.module_.head.weight.zero_()
        net.module_.head.bias.fill_(0.5)
    weight = np.array([1.5]) if weighted else None
    for error in (0.0, 0.75, -0.75, 1e-300, -1e-300):
        rows = Rows(np.ones((1, 3, 2)), np.array([3]), np.array([[0.5 - error]]), weight)
        (losses, expected), (found_losses, found) = gradients(net, rows)
        np.testing.assert_array_equal(found_losses, losses)
        np.testing.assert_allclose(found["head.bias"], expected["head.bias"], rtol=1e-15)


@pytest.mark.parametrize("max_grad_norm", [0.01, 1e6])
def test_clipped_gradients(max_grad_norm):
    net = make_net(ManyToOne, "lstm", num_layers=2, batch_size=5)
    net.max_grad_norm = max_grad_norm
    rows = make_rows(net, [4, 3, 3, 2, 1], 4)
    assert_same_gradients(net, rows)
    _, (_, found) = gradients(net, rows)
    norm = np.sqrt(sum((value**2).sum() for value in found.values()))
    assert norm == pytest.approx(0.01, rel=1e-4) if max_grad_norm < 1 else norm < 1e6
