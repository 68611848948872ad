"""Options with which the kernels are compiled."""

from __future__ import annotations

from typing import Any

# For the entry point, which Python calls. A product and a sum may be fused. Nothing may be
# reordered: (1 - a) * x would become x - a * x, which is less exact, and NaN if x
# overflows. BLAS chooses the order of large sums.
ENTRY_OPTIONS: Any = {
    "nogil": True,
    "no_cfunc_wrapper": True,
    "error_model": "numpy",
    "fastmath": {"contract"},
}

# For functions that only compiled code calls.
OPTIONS: Any = ENTRY_OPTIONS | {"no_cpython_wrapper": True}
# With inline="always" a function becomes part of the function that calls it. This saves time
# if it is called at one place, and costs time if at several.
