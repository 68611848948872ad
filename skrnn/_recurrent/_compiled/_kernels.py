"""Compiles the entry point, once for each cell and type, and keeps the result on disk."""

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
                # The name of its files. numba's index of what it has for a function is no
                # use to two processes that write into it at the same time, and to none that
                # lacks one of the cells in it: each kernel has an index of its own.
                digest = sha256(f"{cell_type} {dtypes} {stamp}".encode()).hexdigest()
                function.__qualname__ = f"{function.__name__}_{cell_type.__name__}_{digest[:16]}"
                with _no_collection():
                    _kernels[key] = _compile(function, signature)
    return _kernels[key]


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep Python from looking for garbage, a seventh of the time that numba compiles."""
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
        # No folder can be written to, not even one of the user's, the disk is full, or what
        # is on it is damaged: compile each time. What is wrong with the function, if it is
        # that, comes up again.
        return numba.njit(signature, **ENTRY_OPTIONS)(function)


def _numba_type(value: Any) -> Any:
    if isinstance(value, np.ndarray) and not value.flags.writeable:
        return numba.types.Array(numba.from_dtype(value.dtype), value.ndim, "A", readonly=True)
    return numba.typeof(value)


@lru_cache
def _stamp() -> str:
    """Return a digest of the sources that the machine code is made from.

    numba looks at the file of the entry point only; with the digest among a
    function's constants, code from other sources is never taken for its own.
    """
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
