"""The optimizers that have a name, and their options."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import torch


class NamedOptimizer(NamedTuple):
    """An optimizer of torch, and the devices that have a fused kernel of its step.

    A fused step updates all weights in one call, which is faster for small networks.
    """

    factory: type[torch.optim.Optimizer]
    fused_on: tuple[str, ...] = ()


OPTIMIZERS = {
    "adam": NamedOptimizer(torch.optim.Adam, ("cpu", "cuda")),
    "adamw": NamedOptimizer(torch.optim.AdamW, ("cpu", "cuda")),
    "adagrad": NamedOptimizer(torch.optim.Adagrad, ("cpu",)),
    "nadam": NamedOptimizer(torch.optim.NAdam),
    "rmsprop": NamedOptimizer(torch.optim.RMSprop),
    "sgd": NamedOptimizer(torch.optim.SGD, ("cpu", "cuda")),
}


def optimizer_options(
    optimizer: str | Callable[..., torch.optim.Optimizer],
    *,
    learning_rate: float,
    weight_decay: float,
    device: str,
) -> dict[str, Any]:
    """Return the options of a skorch net for an optimizer.

    Parameters
    ----------
    optimizer : str or callable
        Name, or a callable that takes the weights and ``lr``.
    learning_rate, weight_decay : float
    device : str
        Device of the weights.
    """
    if isinstance(optimizer, partial) and "lr" in optimizer.keywords:
        raise ValueError(
            f"optimizer sets lr={optimizer.keywords['lr']!r}, but learning_rate="
            f"{learning_rate!r} replaces it. Leave lr out of the partial, and set learning_rate."
        )
    options: dict[str, Any] = {"lr": learning_rate}
    # Zero is passed to classes that have weight_decay, since their default may be another one,
    # as that of AdamW. A partial or function may set it, or not have it.
    accepted = inspect.signature(optimizer).parameters if isinstance(optimizer, type) else ()
    if weight_decay or "weight_decay" in accepted:
        options["optimizer__weight_decay"] = weight_decay
    if not isinstance(optimizer, str):
        return options | {"optimizer": optimizer}
    named = OPTIMIZERS[optimizer]
    if torch.device(device).type in named.fused_on:
        options["optimizer__fused"] = True
    return options | {"optimizer": named.factory, "optimizer__weight_decay": weight_decay}


@contextmanager
def without_importing_compiler() -> Iterator[None]:
    """Let torch create an optimizer without importing its compiler, which takes over a second.

    torch marks a method that an optimizer calls at its creation as one not to be compiled, and
    imports the compiler, ``torch._dynamo``, for this mark. Without the compiler nothing is
    compiled, and the unmarked method does the same.
    """
    marked = torch.optim.Optimizer.add_param_group
    unmarked = getattr(marked, "__wrapped__", None)
    if unmarked is None or "torch._dynamo" in sys.modules:
        yield
        return
    torch.optim.Optimizer.add_param_group = unmarked  # type: ignore[method-assign]
    try:
        yield
    finally:
        torch.optim.Optimizer.add_param_group = marked  # type: ignore[method-assign]


@contextmanager
def explain_optimizer(optimizer: Any, options: dict[str, Any]) -> Iterator[None]:
    """Say how an optimizer was called where it cannot be created."""
    try:
        yield
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        called = ", ".join(f"{name}={value!r}" for name, value in options.items())
        raise ValueError(
            f"optimizer={optimizer!r} cannot be created: {error}. It is called as "
            f"optimizer(weights, {called}). Pass a class of torch.optim, or a function or "
            "functools.partial that takes these arguments."
        ) from error


def check_is_optimizer(created: Any) -> None:
    """Raise a TypeError if what an optimizer's factory returned is none of torch."""
    if not isinstance(created, torch.optim.Optimizer):
        raise TypeError(f"it must return an optimizer of torch.optim, but returns {created!r}")


def kind_of(optimizer: torch.optim.Optimizer) -> tuple[type, dict[str, Any]]:
    """Return what decides the state that an optimizer keeps."""
    rates = {"lr", "weight_decay"}
    return type(optimizer), {k: v for k, v in optimizer.defaults.items() if k not in rates}
