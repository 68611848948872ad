"""Gradients of a batch from torch's autograd and from the compiled backend, for tests."""

import numpy as np
import torch

from skrnn._recurrent._compiled.engine import Engine
from skrnn._recurrent._network.losses import WeightedLoss
from skrnn._recurrent._network.modules import EncoderDecoder, ManyToMany, SeededDropout
from skrnn._recurrent._training.net import RecurrentNet
from skrnn._validation.rows import Rows


def make_net(
    module,
    cell,
    *,
    n_features=2,
    hidden_size=3,
    num_layers=1,
    n_outputs=2,
    horizon=3,
    loss="squared_error",
    quantile=0.8,
    seed=0,
    scale=1.0,
    batch_size=4,
    **options,
):
    """A net in float64 with weights that are nowhere zero, and an optimizer that hardly moves."""
    target_shape = {EncoderDecoder: (horizon, n_outputs), ManyToMany: (None, n_outputs)}
    net = RecurrentNet(
        module,
        aligned=module is ManyToMany,
        module__cell=cell,
        module__n_features=n_features,
        module__hidden_size=hidden_size,
        module__num_layers=num_layers,
        module__target_shape=target_shape.get(module, (n_outputs,)),
        **{f"module__{name}": value for name, value in options.items()},
        criterion=WeightedLoss,
        criterion__name=loss,
        criterion__delta=0.7,
        criterion__quantile=quantile,
        optimizer=torch.optim.SGD,
        lr=1e-300,
        batch_size=batch_size,
        shuffle=False,
        backend="torch",
        seed=seed,
        dtype=np.float64,
    ).initialize()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in net.module_.parameters():
            p += 0.3 * torch.randn(p.shape, dtype=p.dtype, generator=generator)
            p *= scale
    return net


def make_rows(net, lengths, n_timesteps, *, weighted=False, seed=0):
    """Random rows of these lengths, padded in front with NaN, targets and all."""
    rng = np.random.default_rng(seed)
    options = net.get_params_for("module")
    n_rows, padding = len(lengths), n_timesteps - np.asarray(lengths)
    X = rng.normal(size=(n_rows, n_timesteps, options["n_features"]))
    steps = (n_timesteps if s is None else s for s in options["target_shape"])
    y = rng.normal(size=(n_rows, *steps))
    for row, n_padded in enumerate(padding):
        X[row, :n_padded] = np.nan
        if net.aligned:
            y[row, :n_padded] = np.nan
    weight = rng.uniform(0.2, 3, size=n_rows) if weighted else None
    return Rows(X, n_timesteps - padding, y, weight)


def gradients(net, rows):
    """Losses of all batches and gradients of the last one: torch's, and the compiled ones."""
    reseed(net.module_)
    losses = []
    for batch in net.get_iterator(rows, training=True):
        net.module_.zero_grad()
        losses.append(net.train_step_single(batch)["loss"].item())
    expected = {name: p.grad.numpy().copy() for name, p in net.module_.named_parameters()}
    reseed(net.module_)
    net.module_.zero_grad()
    engine = Engine(net.module_)
    found_losses, _ = engine.train_epoch(
        rows.X,
        rows.lengths,
        rows.y,
        rows.weight,
        np.arange(len(rows)),
        optimizer=net.optimizer_,
        criterion=net.criterion_,
        batch_size=net.batch_size,
        max_grad_norm=net.max_grad_norm,
    )
    flat, found = engine._memory.gradient.copy(), {}
    for name, value in expected.items():
        found[name], flat = flat[: value.size].reshape(value.shape), flat[value.size :]
    engine.release()
    assert len(flat) == 0
    return (np.array(losses), expected), (found_losses, found)


def assert_same_gradients(net, rows):
    """1e-9 of the largest component of each tensor.

    Not of each component: in some the terms of the sum cancel, and what is left is
    rounding. In a whole tensor they may, too; hence the last digit of the largest
    gradient of all.
    """
    (losses, expected), (found_losses, found) = gradients(net, rows)
    np.testing.assert_allclose(found_losses, losses, rtol=1e-9)
    largest = max(np.abs(value).max() for value in expected.values())
    for name, value in expected.items():
        allowed = 1e-9 * np.abs(value).max() + 1e-14 * largest
        np.testing.assert_allclose(found[name], value, rtol=0, atol=allowed, err_msg=name)


def is_saturated(net, rows):
    """Whether a state h of tanh is so near to 1 that float64 has lost digits of its slope 1 - h².

    The slope has an error of about 2e-16. Below 1e-6 its relative error is above 2e-10, in torch
    as in the compiled backend, and several layers add up theirs.
    """
    states = []

    def record(layer, inputs, outputs):
        steps = outputs[0]
        states.append(getattr(steps, "data", steps).detach().abs().max().item())

    layers = [part for part in net.module_.modules() if isinstance(part, torch.nn.RNN)]
    hooks = [part.register_forward_hook(record) for part in layers if part.nonlinearity == "tanh"]
    reseed(net.module_)
    for batch in net.get_iterator(rows, training=True):
        net.train_step_single(batch)
    for hook in hooks:
        hook.remove()
    return max(states, default=0) > 1 - 5e-7


def reseed(module):
    for seed, part in enumerate(p for p in module.modules() if isinstance(p, SeededDropout)):
        part.reseed(seed)
