"""Errors that say how much memory was asked for, before the machine gives way."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

# A weight in training has three companions: its gradient and two moments of Adam.
_COPIES_OF_A_WEIGHT = 4


def check_memory(module: nn.Module, description: str) -> None:
    """Raise MemoryError if training a network would need more than the machine has.

    Parameters
    ----------
    module : torch.nn.Module
        The network; may be on torch's "meta" device, which has no memory.
    description : str
        Parameters that decide its size, for the message.
    """
    available = _physical_memory()
    weights = list(module.parameters())
    n_weights = sum(weight.numel() for weight in weights)
    needed = _COPIES_OF_A_WEIGHT * n_weights * weights[0].element_size()
    if available is not None and needed > available:
        raise MemoryError(
            f"A network with {description} has {n_weights:,} weights and needs {_gib(needed)} to "
            f"train, but this machine has {_gib(available)}. Choose a smaller network."
        )


@contextmanager
def memory_errors(doing: str) -> Iterator[None]:
    """Turn torch's allocation failures into MemoryError; both say the size."""
    try:
        yield
    except RuntimeError as error:
        text = str(error)
        if "allocate memory" not in text and "out of memory" not in text:
            raise
        raise MemoryError(
            f"{doing} ran out of memory: {text.splitlines()[0]} Choose a smaller hidden_size, "
            "batch_size or number of time steps."
        ) from error


def _physical_memory() -> int | None:
    """Bytes of memory in this machine, where the system tells."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _gib(n_bytes: float) -> str:
    return f"{n_bytes / 2**30:,.1f} GiB"
