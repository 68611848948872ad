"""Which backend trains a network: what the compiled one can do, and where it is faster."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch
from skorch.callbacks import Callback, EpochScoring, LRScheduler

from skrnn._recurrent._compiled._flat import MOMENTS

BACKENDS = ("auto", "compiled", "torch")

# Options of torch's optimizers that the compiled backend knows only at these values.
_FIXED_OPTIONS = {
    "amsgrad": False,
    "maximize": False,
    "centered": False,
    "nesterov": False,
    "differentiable": False,
    "momentum": 0,
}

# Up to which size of the product that each time step waits for (rows of a batch times
# units squared) and up to how many units the compiled backend was faster than torch with
# two threads (`benchmarks/backends.py sizes`). They were level at 1 to 2 million. torch
# has a faster LSTM for float32 than for anything else.
_LARGEST = {("lstm", "float32"): (150_000, 192)}
_LARGEST_OF_OTHERS = (800_000, np.inf)


def choose_backend(requested: str, net: Any) -> str:
    """Return "compiled" or "torch", for the next epoch of a net.

    Parameters
    ----------
    requested : {"auto", "compiled", "torch"}
        "auto" takes the compiled backend where it can do what is asked and is faster.
    net : RecurrentNet
        Initialized.

    Raises
    ------
    ValueError
        If "compiled" is requested and cannot be had; the message says why.
    """
    if requested == "torch" or (requested == "auto" and not is_faster(net)):
        return "torch"
    reason = why_not_compiled(net)
    if reason is None:
        return "compiled"
    if requested == "auto":
        return "torch"
    raise ValueError(
        f"backend='compiled' cannot be had: {reason}. Pass backend='auto', which takes torch "
        "where it must."
    )


def why_not_compiled(net: Any) -> str | None:
    """Return why the compiled backend cannot train a net, or None if it can."""
    if torch.device(net.device).type != "cpu":
        return f"it computes on the CPU, not on device={net.device!r}"
    optimizer = net.optimizer_
    if type(optimizer) not in MOMENTS:
        return f"it does not know the optimizer {type(optimizer).__name__}"
    if len(optimizer.param_groups) != 1:
        return "the optimizer treats groups of weights differently"
    options = optimizer.param_groups[0]
    fixed = {"decoupled_weight_decay": type(optimizer) is torch.optim.AdamW}
    for name, value in (_FIXED_OPTIONS | fixed).items():
        if options.get(name, value) != value:
            return f"it does not know the optimizer's {name}={options[name]!r}"
    if not all(p.requires_grad for p in optimizer.param_groups[0]["params"]):
        return "some weights are frozen"
    if [*map(id, options["params"])] != [*map(id, net.module_.parameters())]:
        return "the optimizer holds other weights than the network"
    if len({_n_steps(optimizer, p) for p in options["params"]}) != 1:
        return "the optimizer has taken more steps with some weights than with others"
    for name, callback in net.callbacks_:
        if _wants_batches(callback, training=True):
            return f"the callback {name!r} wants to see every batch"
    # The last one, since it takes half a second the first time.
    return why_no_numba()


def can_predict(net: Any) -> bool:
    """Tell whether a net that was trained by the compiled backend can predict with it here."""
    return torch.device(net.device).type == "cpu" and why_no_numba() is None


def wants_batches(net: Any, training: bool) -> bool:
    """Tell whether a callback of a net does something at each batch of an epoch."""
    return any(_wants_batches(callback, training) for _, callback in net.callbacks_)


@lru_cache(maxsize=1)
def why_no_numba() -> str | None:
    """Return why numba cannot compile anything here, or None if it can."""
    if find_spec("numba") is None:
        return "numba is not installed"
    try:
        import numba
    except Exception as error:
        # One that is older than Python, NumPy or the processor fails in ways of its own.
        return f"numba cannot be imported ({error})"
    return "NUMBA_DISABLE_JIT is set" if numba.config.DISABLE_JIT else None  # type: ignore[attr-defined]


def is_faster(net: Any) -> bool:
    """Tell whether the compiled backend is faster for the size of a net's batches.

    What counts is the product that each time step waits for, of a batch's states and
    the recurrent weights. Small ones are lost in torch's overhead; large ones it
    computes faster, with several threads.
    """
    encoder = net.module_.encoder
    units = encoder.layers[0].hidden_size
    product, most_units = _LARGEST.get((encoder.cell, net.dtype.name), _LARGEST_OF_OTHERS)
    return bool(net.batch_size * units**2 <= product and units <= most_units)


def _n_steps(optimizer: torch.optim.Optimizer, p: torch.Tensor) -> float:
    """Return how many steps an optimizer has taken with a weight, as far as it counts them."""
    return float(optimizer.state.get(p, {}).get("step", 0))


def _wants_batches(callback: Callback, training: bool) -> bool:
    if isinstance(callback, LRScheduler):
        return training and callback.step_every == "batch"
    if isinstance(callback, EpochScoring):
        return bool(callback.use_caching and callback.on_train == training)
    methods = ("on_batch_begin", "on_batch_end", "on_grad_computed")
    return any(getattr(type(callback), name) is not getattr(Callback, name) for name in methods)
