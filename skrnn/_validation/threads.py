"""Limit of BLAS to one thread.

The matrix products of a small network are too small for several threads. A second thread
takes more time than it saves, keeps a core busy while torch computes, and slows other fits
that run at the same time.
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
    """Limit BLAS to one thread.

    The limit holds for the whole process. If several threads are in this context, the last one
    that leaves it restores the earlier limit.
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
    """Return the controller of the loaded BLAS libraries, SciPy's among them, which numba uses."""
    import scipy.linalg.cython_blas  # noqa: F401

    return ThreadpoolController()
