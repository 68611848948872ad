"""Errors of a device: torch cannot use it, or its memory is too small."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


def check_device(device: str) -> None:
    """Raise ValueError if torch cannot put a tensor on a device."""
    try:
        torch.empty(1, device=device).item()
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        n_gpus = torch.cuda.device_count()
        reason = str(error).splitlines()[0].partition(". ")[0].rstrip(".")
        raise ValueError(
            f"device={device!r} cannot be used here: {reason}. torch finds {n_gpus} CUDA GPU(s). "
            f"Pass 'cpu'{', or cuda:0' if n_gpus else ''}."
        ) from error


@contextmanager
def memory_errors(method: str) -> Iterator[None]:
    """Raise MemoryError where torch raises RuntimeError for lack of memory.

    Parameters
    ----------
    method : str
        Name of the estimator and its method, for the message.
    """
    try:
        yield
    except RuntimeError as error:
        text = str(error)
        if "allocate memory" not in text and "out of memory" not in text:
            raise
        raise MemoryError(
            f"{method} ran out of memory: {text.splitlines()[0]} Choose a smaller hidden_size, "
            "batch_size or number of time steps."
        ) from error
