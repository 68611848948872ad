"""Products and fills of arrays, each compiled once instead of at every place of use.

A NumPy expression is compiled with its checks and error messages at each place where it
stands. This would be most of the code to compile. numba also compiles a function again for
each literal number or truth value in a call, so the kernels pass none.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from ._options import OPTIONS


@njit(**OPTIONS)
def multiply(a, b, out):
    """Put the matrix product of `a` and `b` into `out`."""
    np.dot(a, b, out)


@njit(**OPTIONS)
def multiply_transposed(a, b, out):
    """Put the matrix product of `a`, transposed, and `b` into `out`."""
    np.dot(a.T, b, out)


@njit(**OPTIONS)
def transposed(matrix):
    """Return a contiguous copy of a transposed matrix: products with it are faster."""
    turned = np.empty((matrix.shape[1], matrix.shape[0]), matrix.dtype)
    for i in range(matrix.shape[0]):
        for j in range(matrix.shape[1]):
            turned[j, i] = matrix[i, j]
    return turned


@njit(**OPTIONS)
def as_matrix(values):
    """Return a view of an array (T, N, K) as one of shape (T * N, K)."""
    return values.reshape(values.shape[0] * values.shape[1], values.shape[2])


@njit(**OPTIONS)
def clear(rows):
    """Set a matrix to zero."""
    for i in range(rows.shape[0]):
        for k in range(rows.shape[1]):
            rows[i, k] = 0


@njit(**OPTIONS)
def clear_from(rows, first):
    """Set the rows of a matrix to zero, from one of them on."""
    for i in range(first, rows.shape[0]):
        for k in range(rows.shape[1]):
            rows[i, k] = 0


@njit(**OPTIONS)
def add_to(total, values):
    """Add an array (T, N, K) to another."""
    for t in range(total.shape[0]):
        for i in range(total.shape[1]):
            for k in range(total.shape[2]):
                total[t, i, k] += values[t, i, k]


@njit(**OPTIONS)
def scale_by(values, factors):
    """Multiply an array (T, N, K) by another, element by element."""
    for t in range(values.shape[0]):
        for i in range(values.shape[1]):
            for k in range(values.shape[2]):
                values[t, i, k] *= factors[t, i, k]


@njit(**OPTIONS)
def sum_of_rows(rows, total):
    """Put the sum over the rows of a matrix into `total`."""
    for k in range(len(total)):
        total[k] = 0
    for i in range(rows.shape[0]):
        for k in range(rows.shape[1]):
            total[k] += rows[i, k]
