"""The networks against the equations of the papers, written out in NumPy."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from skrnn._recurrent._network.initialization import (
    INPUT_FACTORS,
    OUTPUT_FACTOR,
    initialize_weights,
)
from skrnn._recurrent._network.modules import (
    CELLS,
    EncoderDecoder,
    ManyToMany,
    ManyToOne,
    SeededDropout,
)
from skrnn._recurrent._training.batches import move_padding_to_end


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def rnn_step(x, state, W, R, b, c, activation=np.tanh):
    (h,) = state
    return (activation(W @ x + b + R @ h + c),)


def gru_step(x, state, W, R, b, c):
    (h,) = state
    Wr, Wz, Wn = np.split(W, 3)
    Rr, Rz, Rn = np.split(R, 3)
    br, bz, bn = np.split(b, 3)
    cr, cz, cn = np.split(c, 3)
    reset = sigmoid(Wr @ x + br + Rr @ h + cr)
    update = sigmoid(Wz @ x + bz + Rz @ h + cz)
    candidate = np.tanh(Wn @ x + bn + reset * (Rn @ h + cn))
    return ((1 - update) * candidate + update * h,)


def lstm_step(x, state, W, R, b, c):
    h, cell = state
    i, f, g, o = np.split(W @ x + b + R @ h + c, 4)
    cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(cell), cell


STEPS = {"rnn": (rnn_step, 1), "gru": (gru_step, 1), "lstm": (lstm_step, 2)}


def run_layer(cell, layer, sequence, suffix):
    """Hidden states of one direction of one layer over one sequence."""
    step, n_states = STEPS[cell]
    weights = [
        getattr(layer, name + suffix).detach().numpy()
        for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    ]
    state = tuple(np.zeros(layer.hidden_size) for _ in range(n_states))
    states = []
    for x in sequence:
        state = step(x, state, *weights)
        states.append(state[0])
    return np.array(states)


def run_stack(stack, values):
    """All layers over one sequence, in NumPy: outputs at each step, and the summary."""
    for layer in stack.layers:
        forward = run_layer(stack.cell, layer, values, "")
        outputs, summary = forward, forward[-1]
        if layer.bidirectional:
            backward = run_layer(stack.cell, layer, values[::-1], "_reverse")[::-1]
            outputs = np.concatenate((forward, backward), axis=1)
            summary = np.concatenate((forward[-1], backward[0]))
        values = outputs
    return outputs, summary


def run_head(network, values):
    return values @ network.head.weight.detach().numpy().T + network.head.bias.detach().numpy()


def run_network(network, sequence):
    """A whole network on one sequence, in NumPy."""
    outputs, summary = run_stack(network.encoder, sequence)
    if isinstance(network, EncoderDecoder):
        repeated = np.tile(summary, (network.horizon, 1))
        return run_head(network, run_stack(network.decoder, repeated)[0])
    return run_head(network, outputs if isinstance(network, ManyToMany) else summary)


def make_network(
    cell, *, module=ManyToOne, target_shape=(2,), seed=0, n_features=2, hidden_size=3, **options
):
    network = module(
        target_shape=target_shape,
        cell=cell,
        n_features=n_features,
        hidden_size=hidden_size,
        nonlinearity="tanh" if cell == "rnn" else None,
        **options,
    ).double()
    generator = torch.Generator().manual_seed(seed)
    initialize_weights(network, generator)
    with torch.no_grad():  # biases that are not all zero
        for parameter in network.parameters():
            if parameter.ndim == 1:
                parameter.normal_(generator=generator)
    return network.eval()


MODULES = {ManyToOne: (2,), EncoderDecoder: (4, 2), ManyToMany: (None, 2)}


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("module", MODULES)
def test_network_computes_the_equations_of_the_papers(module, cell, num_layers, bidirectional):
    network = make_network(
        cell,
        module=module,
        target_shape=MODULES[module],
        num_layers=num_layers,
        bidirectional=bidirectional,
    )
    X = np.random.default_rng(1).normal(size=(4, 6, 2))
    with torch.no_grad():
        found = network(torch.from_numpy(X)).numpy()
    np.testing.assert_allclose(found, [run_network(network, row) for row in X], rtol=1e-12)


@settings(max_examples=100, deadline=None)
@given(
    module=st.sampled_from(list(MODULES)),
    cell=st.sampled_from(sorted(CELLS)),
    bidirectional=st.booleans(),
    num_layers=st.integers(1, 3),
    lengths=st.lists(st.integers(0, 7), min_size=1, max_size=6),
    seed=st.integers(0, 99),
)
def test_padded_sequence_gives_the_result_of_the_short_sequence_alone(
    module, cell, bidirectional, num_layers, lengths, seed
):
    network = make_network(
        cell,
        module=module,
        target_shape=MODULES[module],
        seed=seed,
        num_layers=num_layers,
        bidirectional=bidirectional,
    )
    rng = np.random.default_rng(seed)
    X = np.full((len(lengths), 7, 2), np.nan)
    for row, length in zip(X, lengths, strict=True):
        row[7 - length :] = rng.normal(size=(length, 2))
    moved, moved_lengths = move_padding_to_end(X, np.array(lengths))
    with torch.no_grad():
        found = network(torch.from_numpy(np.ascontiguousarray(moved)), moved_lengths).numpy()
    for row, length, result in zip(X, lengths, found, strict=True):
        if module is ManyToMany:
            result = result[:length]
        if length:
            alone = run_network(network, row[7 - length :])
            np.testing.assert_allclose(result, alone, rtol=1e-11, atol=1e-13)
        elif module is ManyToOne:  # the initial state is zero
            np.testing.assert_allclose(result, network.head.bias.detach(), rtol=1e-13)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_gradients_agree_with_finite_differences(cell, bidirectional):
    network = make_network(cell, num_layers=2, bidirectional=bidirectional)
    X = torch.randn(3, 4, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    lengths = torch.tensor([4, 2, 1])
    parameters = tuple(network.parameters())

    def output(*_):
        return network(X, lengths)

    assert torch.autograd.gradcheck(output, parameters)


@pytest.mark.parametrize("cell", CELLS)
def test_initial_weights_are_glorot_and_orthogonal(cell):
    network = ManyToOne(
        target_shape=(1,), cell=cell, n_features=4, hidden_size=16, bidirectional=True
    ).double()
    initialize_weights(network, torch.Generator().manual_seed(0))
    (layer,) = network.encoder.layers
    n_gates = CELLS[cell].n_gates
    limit = np.sqrt(6 / (4 + n_gates * 16))  # Glorot, fans over all gates
    for suffix in ("", "_reverse"):
        inputs = getattr(layer, "weight_ih_l0" + suffix) / INPUT_FACTORS[cell]
        assert limit * 0.9 < inputs.abs().max() <= limit
        recurrent = getattr(layer, "weight_hh_l0" + suffix)
        torch.testing.assert_close(recurrent.T @ recurrent, torch.eye(16, dtype=torch.float64))
        bias = getattr(layer, "bias_ih_l0" + suffix) + getattr(layer, "bias_hh_l0" + suffix)
        expected = np.zeros(n_gates * 16)
        if cell == "lstm":
            expected[16:32] = 1
        np.testing.assert_array_equal(bias.detach(), expected)
    limit = np.sqrt(6 / (1 + 2 * 16))
    outputs = network.head.weight / OUTPUT_FACTOR
    assert limit * 0.8 < outputs.abs().max() <= limit


def test_dropout_repeats_with_its_seed_and_leaves_the_global_generator_alone():
    dropout = SeededDropout(0.4).train()
    values = torch.ones(1000)
    before = torch.get_rng_state()
    dropout.reseed(7)
    first, second = dropout(values), dropout(values)
    dropout.reseed(7)
    assert torch.equal(dropout(values), first)
    assert not torch.equal(first, second)
    assert torch.equal(torch.get_rng_state(), before)


def test_dropout_keeps_the_mean_and_does_nothing_in_prediction():
    dropout = SeededDropout(0.25).train()
    values = torch.ones(100_000)
    dropped = dropout(values)
    assert set(dropped.unique().tolist()) == {0.0, float(np.float32(1 / 0.75))}
    assert abs(dropped.mean().item() - 1) < 0.02
    assert dropout.eval()(values) is values


def test_initial_weights_do_not_depend_on_the_number_of_threads():
    sizes = {"cell": "gru", "n_features": 1, "hidden_size": 64, "num_layers": 1}
    module = ManyToOne(**sizes, bidirectional=False, nonlinearity=None, target_shape=(1,))
    before, drawn = torch.get_num_threads(), []
    try:
        for n_threads in (1, 2):
            torch.set_num_threads(n_threads)
            initialize_weights(module, torch.Generator().manual_seed(0))
            drawn.append([parameter.detach().clone() for parameter in module.parameters()])
    finally:
        torch.set_num_threads(before)
    assert all(map(torch.equal, *drawn))
