"""How every kernel is compiled."""

from __future__ import annotations

from typing import Any

# The entry point, which Python calls. A product and a sum may be fused. Nothing may be
# reordered: from (1 - a) * x it would make x - a * x, which is inexact and, for an x
# that overflows, not a number. Large sums are BLAS's, whose order is its own affair.
ENTRY_OPTIONS: Any = {
    "nogil": True,
    "no_cfunc_wrapper": True,
    "error_model": "numpy",
    "fastmath": {"contract"},
}

# What the entry point calls: nothing that Python could call is made of it.
OPTIONS: Any = ENTRY_OPTIONS | {"no_cpython_wrapper": True}
# With inline="always" a function becomes part of the one that calls it: where there is one
# such place, that is a unit of compilation less. (With several it takes longer.)
