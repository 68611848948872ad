"""How many threads torch computes with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from .modules import Network

# The largest product at each time step (rows times units squared) that is too small to share. On
# a busy machine, threads that wait for each other take hundreds of times as long as one.
_LARGEST = 150_000


@contextmanager
def torch_threads_for(network: Network, n_rows: int) -> Iterator[None]:
    """Compute with one thread if a network and its batches are small.

    Parameters
    ----------
    network : Network
    n_rows : int
        Rows of a batch.
    """
    n_threads = torch.get_num_threads()
    if n_threads == 1 or n_rows * network.encoder.hidden_size**2 > _LARGEST:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(n_threads)
