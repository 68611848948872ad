"""Compilation of the entry point, once for each cell and type, with the result kept on disk."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numba
import numpy as np

from ._options import ENTRY_OPTIONS

_kernels: dict[Any, Callable[..., Any]] = {}
_lock = threading.Lock()


def kernel(
    build: Callable[[str], Callable[..., Any]],
    cell: Any,
    arguments: tuple[Any, ...],
) -> Callable[..., Any]:
    """Return the machine code of an entry point.

    Parameters
    ----------
    build : callable
        Makes the function from a stamp, see :func:`_stamp`.
    cell : named tuple
        The cell; the code depends on its type.
    arguments : tuple
        Arguments like those that the code will be called with. Arrays that are
        read-only may later have any memory layout, the others must be contiguous.
    """
    dtypes = tuple(a.dtype for a in arguments if isinstance(a, np.ndarray))
    cell_type: type = type(cell)
    key = (build, cell_type, dtypes)
    if key not in _kernels:
        with _lock:
            if key not in _kernels:
                signature = tuple(_numba_type(a) for a in arguments)
                stamp = _stamp()
                function = build(stamp)
                # The name of the files on disk. Each kernel has its own index. A shared one
                # would break if two processes wrote to it at the same time, or if a process
                # lacked one of the cells in it.
                digest = sha256(f"{cell_type} {dtypes} {stamp}".encode()).hexdigest()
                function.__qualname__ = f"{function.__name__}_{cell_type.__name__}_{digest[:16]}"
                with _no_collection():
                    _kernels[key] = _compile(function, signature)
    return _kernels[key]


@contextmanager
def _no_collection() -> Iterator[None]:
    """Switch off garbage collection, which takes a seventh of the time of a compilation."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _compile(function: Callable[..., Any], signature: tuple[Any, ...]) -> Callable[..., Any]:
    try:
        return numba.njit(signature, cache=True, **ENTRY_OPTIONS)(function)
    except Exception:
        # No folder is writable, the disk is full, or the files are damaged. Compile each time.
        # An error in the function itself is raised again.
        return numba.njit(signature, **ENTRY_OPTIONS)(function)


def _numba_type(value: Any) -> Any:
    if isinstance(value, np.ndarray) and not value.flags.writeable:
        return numba.types.Array(numba.from_dtype(value.dtype), value.ndim, "A", readonly=True)
    return numba.typeof(value)


@lru_cache
def _stamp() -> str:
    """Return a digest of the sources that the machine code is made from.

    numba checks the file of the entry point only. The digest is among the constants of the
    function, so that code compiled from other sources is not used.
    """
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
