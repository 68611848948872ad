"""Errors that say how much memory was asked for, before the machine gives way."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from ._modules import CELLS

# A weight in training has three companions: its gradient and two moments of Adam.
_COPIES_OF_A_WEIGHT = 4


def check_memory(
    network: Mapping[str, Any], *, n_outputs: int, dtype: np.dtype[Any], owner: str
) -> None:
    """Raise MemoryError if training a network would need more than the machine has.

    Parameters
    ----------
    network : mapping
        Parameters of a recurrent stack: ``cell``, ``n_features``, ``hidden_size``,
        ``num_layers``, ``bidirectional``.
    n_outputs : int
        Size of the dense layer on top.
    dtype : numpy dtype
        Floating-point type of the weights.
    owner : str
        Name of the estimator, for the message.
    """
    available = _physical_memory()
    hidden_size, n_directions = network["hidden_size"], 2 if network["bidirectional"] else 1
    n_gates = CELLS[network["cell"]].n_gates
    n_weights = n_outputs * (n_directions * hidden_size + 1)
    for depth in range(network["num_layers"]):
        n_inputs = network["n_features"] if depth == 0 else n_directions * hidden_size
        n_weights += n_directions * n_gates * hidden_size * (n_inputs + hidden_size + 2)
    needed = n_weights * np.dtype(dtype).itemsize * _COPIES_OF_A_WEIGHT
    if available is not None and needed > available:
        raise MemoryError(
            f"{owner} with hidden_size={hidden_size} and num_layers={network['num_layers']} has "
            f"{n_weights:,} weights and needs {_gib(needed)} to train, but this machine has "
            f"{_gib(available)}. Choose a smaller network."
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
