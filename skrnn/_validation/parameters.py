"""Checks of parameters of functions."""

from __future__ import annotations

from numbers import Integral
from typing import Any


def integer_at_least(lowest: int, **parameter: Any) -> int:
    """Return a parameter, passed by its name, as an int; raise if it is none or too small."""
    ((name, value),) = parameter.items()
    if isinstance(value, bool) or not isinstance(value, Integral) or value < lowest:
        raise ValueError(f"{name} must be an integer of at least {lowest}, but is {value!r}.")
    return int(value)
