"""Choice of the backend: what the compiled one can train, and where it is faster."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from skorch.callbacks import Callback, EpochScoring, LRScheduler

from skrnn._recurrent._compiled.flat import MOMENTS
from skrnn._recurrent._compiled.library import why_unavailable
from skrnn._recurrent._network.modules import Network

BACKENDS = ("auto", "compiled", "torch")

# Named callbacks, as skorch keeps them.
Callbacks = Sequence[tuple[str, Callback]]

# Options of torch's optimizers that the compiled backend knows at these values only.
_FIXED_OPTIONS = {
    "amsgrad": False,
    "maximize": False,
    "centered": False,
    "nesterov": False,
    "differentiable": False,
    "momentum": 0,
}

# The largest size of the product at each time step (rows of a batch times units squared), and
# the largest number of units, at which the compiled backend was faster than torch with two
# threads (`benchmarks/backends.py sizes`). At 2 million both took the same time in some cases.
# torch's LSTM is faster for float32 than for float64.
_LARGEST = {("lstm", torch.float32): (600_000, 192)}
_LARGEST_OF_OTHERS = (1_200_000, np.inf)


def choose_backend(
    requested: str,
    module: Network,
    optimizer: torch.optim.Optimizer,
    callbacks: Callbacks,
    batch_size: int,
) -> str:
    """Return the backend that trains the next epoch, "compiled" or "torch".

    Parameters
    ----------
    requested : {"auto", "compiled", "torch"}
        "auto" chooses the compiled backend where it is possible and faster.
    module : Network
        On its device.
    optimizer : torch.optim.Optimizer
        In its present state.
    callbacks : sequence of (str, Callback)
    batch_size : int

    Raises
    ------
    ValueError
        If "compiled" is requested but not possible. The message says why.
    """
    if requested == "torch" or (requested == "auto" and not is_faster(module, batch_size)):
        return "torch"
    reason = why_not_compiled(module, optimizer, callbacks)
    if reason is None:
        return "compiled"
    if requested == "auto":
        if reason == why_unavailable():
            _warn_unavailable(reason)
        return "torch"
    raise ValueError(
        f"backend='compiled' is not possible: {reason}. Pass backend='auto', which uses torch "
        "where it has to."
    )


def why_not_compiled(
    module: Network, optimizer: torch.optim.Optimizer, callbacks: Callbacks
) -> str | None:
    """Return why the compiled backend cannot train a network, or None if it can."""
    if not is_on_cpu(module):
        device = next(module.parameters()).device
        return f"it computes on the CPU, not on device={str(device)!r}"
    if not has_known_type(module):
        return f"it does not know weights of type {next(module.parameters()).dtype}"
    if type(optimizer) not in MOMENTS:
        return f"it does not know the optimizer {type(optimizer).__name__}"
    if len(optimizer.param_groups) != 1:
        return "the optimizer has several groups of weights"
    options = optimizer.param_groups[0]
    fixed = {"decoupled_weight_decay": type(optimizer) is torch.optim.AdamW}
    for name, value in (_FIXED_OPTIONS | fixed).items():
        if options.get(name, value) != value:
            return f"it does not know the optimizer's {name}={options[name]!r}"
    if not all(p.requires_grad for p in options["params"]):
        return "some weights are frozen"
    if [*map(id, options["params"])] != [*map(id, module.parameters())]:
        return "the optimizer holds other weights than the network"
    if len({_n_steps(optimizer, p) for p in options["params"]}) != 1:
        return "the optimizer has taken more steps with some weights than with others"
    for name, callback in callbacks:
        if _wants_batches(callback, training=True):
            return f"the callback {name!r} wants to see every batch"
    return why_unavailable()


@lru_cache(maxsize=1)
def _warn_unavailable(reason: str) -> None:
    """Warn, once in a process, that small networks train slowly."""
    warnings.warn(
        f"skrnn trains through torch, which takes many times as long for small networks: {reason}. "
        "Pass backend='torch' if this is what you want.",
        UserWarning,
        stacklevel=2,
    )


def can_predict(module: Network) -> bool:
    """Tell whether the compiled backend can predict with a network on this machine."""
    return has_known_type(module) and is_on_cpu(module) and why_unavailable() is None


def has_known_type(module: Network) -> bool:
    """Tell whether the weights of a network have a type that the compiled backend knows."""
    return next(module.parameters()).dtype in {torch.float32, torch.float64}


def is_on_cpu(module: Network) -> bool:
    """Tell whether the weights of a network are in the CPU's memory."""
    return next(module.parameters()).device.type == "cpu"


def any_wants_batches(callbacks: Callbacks, training: bool) -> bool:
    """Tell whether a callback reads the batches of an epoch, of training or of validation."""
    return any(_wants_batches(callback, training) for _, callback in callbacks)


def is_faster(module: Network, batch_size: int) -> bool:
    """Tell whether the compiled backend is faster than torch at the size of the batches.

    What counts is the product of hidden states and recurrent weights at each time step. For a
    small one torch's overhead is larger than its computation. A large one is faster in torch,
    which uses several threads.
    """
    stack = module.encoder
    dtype = next(module.parameters()).dtype
    product, most_units = _LARGEST.get((stack.cell, dtype), _LARGEST_OF_OTHERS)
    return batch_size * stack.hidden_size**2 <= product and stack.hidden_size <= most_units


def _n_steps(optimizer: torch.optim.Optimizer, p: torch.Tensor) -> float:
    """Return the number of steps an optimizer has taken with a weight; 0 if it does not count."""
    return float(optimizer.state.get(p, {}).get("step", 0))


def _wants_batches(callback: Callback, training: bool) -> bool:
    if isinstance(callback, LRScheduler):
        return training and callback.step_every == "batch"
    if isinstance(callback, EpochScoring):
        return bool(callback.use_caching and callback.on_train == training)
    methods = ("on_batch_begin", "on_batch_end", "on_grad_computed")
    return any(getattr(type(callback), name) is not getattr(Callback, name) for name in methods)
