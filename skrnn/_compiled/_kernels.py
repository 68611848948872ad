"""Compiles the entry points, once for each cell and type, and keeps the result on disk."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numba.core.event import Event, Listener, install_listener

from ._options import ENTRY_OPTIONS

_kernels: dict[Any, Callable[..., Any]] = {}
_lock = threading.Lock()


def kernel(
    build: Callable[[str], Callable[..., Any]],
    cell: Any,
    arguments: tuple[Any, ...],
    *,
    announce: Callable[[], None],
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
    announce : callable
        Called before something is compiled that is not on disk.
    """
    dtypes = tuple(a.dtype for a in arguments if isinstance(a, np.ndarray))
    key = (build, type(cell), dtypes)
    if key not in _kernels:
        with _lock:
            if key not in _kernels:
                signature = tuple(_numba_type(a) for a in arguments)
                with install_listener("numba:compile", _Announcer(announce)):
                    _kernels[key] = _compile(build(_stamp()), signature)
    return _kernels[key]


def _compile(function: Callable[..., Any], signature: tuple[Any, ...]) -> Callable[..., Any]:
    try:
        return numba.njit(signature, cache=True, **ENTRY_OPTIONS)(function)
    except (RuntimeError, OSError):
        # No folder can be written to, not even one of the user's: compile each time.
        return numba.njit(signature, **ENTRY_OPTIONS)(function)


def _numba_type(value: Any) -> Any:
    if isinstance(value, np.ndarray) and not value.flags.writeable:
        return numba.types.Array(numba.from_dtype(value.dtype), value.ndim, "A", readonly=True)
    return numba.typeof(value)


@lru_cache(maxsize=1)
def _stamp() -> str:
    """Return a digest of the sources that the machine code is made from.

    numba looks at the file of the entry point only; with the digest among a
    function's constants, code from other sources is never taken for its own.
    """
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()


class _Announcer(Listener):
    """Says once that something is being compiled."""

    def __init__(self, announce: Callable[[], None]) -> None:
        self._announce = announce
        self._said = False

    def on_start(self, event: Event) -> None:
        """Say it."""
        if not self._said:
            self._said = True
            self._announce()

    def on_end(self, event: Event) -> None:
        """Say nothing."""
