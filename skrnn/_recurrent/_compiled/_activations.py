"""Hyperbolic tangent and logistic function, written so that loops over them vectorise.

A call of a function of the C library takes some nanoseconds for each element, and a loop
with such calls cannot use vector instructions. These use products and one division instead.
"""

from __future__ import annotations

import numpy as np
from numba import njit, types
from numba.extending import overload

from ._options import OPTIONS

# tanh(x) / x as a quotient of two polynomials in x², fitted by least squares with
# weights that even out the relative error over |x| < 9 (Lawson's algorithm, 1961).
# In exact arithmetic 2.1e-8 off, in float32 3.4e-7 at most.
_P = tuple(np.float32(c) for c in (0.999999979, 0.13381026, 3.49558851e-3, 2.06090876e-5))
_P4 = np.float32(1.33546666e-8)
_Q = tuple(np.float32(c) for c in (1.0, 0.467143416, 2.58769837e-2, 3.28563541e-4))
_Q4 = np.float32(7.77656089e-7)
_EDGE32 = np.float32(9)
_HALF32 = np.float32(0.5)


@njit(**OPTIONS)
def _tanh32(x):
    # Comparisons, not min and max: NaN must come out as NaN.
    x = _EDGE32 if x > _EDGE32 else (-_EDGE32 if x < -_EDGE32 else x)
    s = x * x
    p = _P[0] + s * (_P[1] + s * (_P[2] + s * (_P[3] + s * _P4)))
    q = _Q[0] + s * (_Q[1] + s * (_Q[2] + s * (_Q[3] + s * _Q4)))
    return x * p / q


@njit(**OPTIONS)
def _tanh64(x):
    # tanh(x) = -e / (e + 2) with e = exp(-2x) - 1. The series of exp(r) - 1 at
    # r = -2x / 64, then six doublings of the argument, exp(2r) - 1 = e (e + 2).
    x = 20.0 if x > 20.0 else (-20.0 if x < -20.0 else x)
    r = -x / 32
    e = 1 / 362880 + r / 3628800
    e = 1 / 5040 + r * (1 / 40320 + r * e)
    e = 1 / 120 + r * (1 / 720 + r * e)
    e = 1 / 6 + r * (1 / 24 + r * e)
    e = r * (1.0 + r * (0.5 + r * e))
    for _ in range(6):
        e = e * (e + 2.0)
    return -e / (e + 2.0)


@njit(**OPTIONS)
def _sigmoid32(x):
    return _HALF32 + _HALF32 * _tanh32(_HALF32 * x)


@njit(**OPTIONS)
def _sigmoid64(x):
    return 0.5 + 0.5 * _tanh64(0.5 * x)


def tanh(x):
    """Return the hyperbolic tangent, in the type of x; only for compiled code."""
    raise NotImplementedError


def sigmoid(x):
    """Return the logistic function 1 / (1 + exp(-x)); only for compiled code."""
    raise NotImplementedError


@overload(tanh, jit_options=OPTIONS)
def _tanh(x):
    if x is types.float32:
        return lambda x: _tanh32(x)
    return lambda x: _tanh64(x)


@overload(sigmoid, jit_options=OPTIONS)
def _sigmoid(x):
    if x is types.float32:
        return lambda x: _sigmoid32(x)
    return lambda x: _sigmoid64(x)
