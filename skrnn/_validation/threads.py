"""Keeps BLAS to one thread.

The products of a small network are too small to share: a second thread costs more
than it brings, goes on waiting for work while torch computes, and two fits side by side
would fight over the cores.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from threadpoolctl import ThreadpoolController

_lock = threading.Lock()
_n_inside = 0
_limits: Any = None


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Limit BLAS to one thread; whoever leaves last restores what was before.

    The limit is the process's. Counting those inside keeps fits in several threads
    from restoring each other's limit.
    """
    global _n_inside, _limits
    with _lock:
        if _n_inside == 0:
            _limits = _controller().limit(limits=1, user_api="blas")
        _n_inside += 1
    try:
        yield
    finally:
        with _lock:
            _n_inside -= 1
            if _n_inside == 0:
                _limits.restore_original_limits()


@lru_cache(maxsize=1)
def _controller() -> ThreadpoolController:
    """Return the libraries that are loaded: numba takes SciPy's BLAS."""
    import scipy.linalg.cython_blas  # noqa: F401

    return ThreadpoolController()
