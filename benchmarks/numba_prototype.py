"""Measure a GRU written for numba, the alternative to the compiled library in C++.

    pip install numba
    python benchmarks/numba_prototype.py [--dtype float64]

Only this script needs numba. The network and what is measured are those of ``kernels.py``. The code
is what numba compiles best: plain loops without calls of BLAS and without views of arrays in a
step, many steps in one call. The innermost loops run over units. Products whose innermost loop runs
over the rows of a batch were slower at 32 units and more with 32 rows, faster with 256 rows; with
one row they would not use vectors.

The seconds of the first call are those of compilation, if the script begins in a new process.
The differences of the gradients from those of torch's autograd are relative to the largest one.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import kernels
import numpy as np
import torch
from numba import njit
from torch import nn

# A product and a sum may be fused, as in the C++ library; nothing may be reordered.
OPTIONS: dict[str, Any] = {"fastmath": {"contract"}, "error_model": "numpy"}


@njit(**OPTIONS)
def add_product(out, out_row, a, a_at, a_row, a_column, b, b_row, n_rows, n, width):
    """Add the product of a (n_rows, n) and b (n, width) to rows of out, from `out_row` on.

    `a` is a part of a flat array from `a_at` on, with the given distances between rows and between
    columns. `b` begins at `b_row`. Tiles of 4 rows and 4 columns of `a` stay in registers.
    """
    n_rows_4, n_4 = n_rows // 4 * 4, n // 4 * 4
    d, e, f = a_column, 2 * a_column, 3 * a_column
    for i in range(0, n_rows_4, 4):
        o = out_row + i
        for k in range(0, n_4, 4):
            p = a_at + i * a_row + k * a_column
            q, r, s = p + a_row, p + 2 * a_row, p + 3 * a_row
            p0, p1, p2, p3 = a[p], a[p + d], a[p + e], a[p + f]
            q0, q1, q2, q3 = a[q], a[q + d], a[q + e], a[q + f]
            r0, r1, r2, r3 = a[r], a[r + d], a[r + e], a[r + f]
            s0, s1, s2, s3 = a[s], a[s + d], a[s + e], a[s + f]
            at = b_row + k
            for j in range(width):
                w, x, y, z = b[at, j], b[at + 1, j], b[at + 2, j], b[at + 3, j]
                out[o, j] += p0 * w + p1 * x + p2 * y + p3 * z
                out[o + 1, j] += q0 * w + q1 * x + q2 * y + q3 * z
                out[o + 2, j] += r0 * w + r1 * x + r2 * y + r3 * z
                out[o + 3, j] += s0 * w + s1 * x + s2 * y + s3 * z
    for i in range(n_rows):  # the rest
        k, o = n_4 if i < n_rows_4 else 0, out_row + i
        while k < n:
            p, at = a_at + i * a_row + k * a_column, b_row + k
            if k + 4 <= n:
                p0, p1, p2, p3 = a[p], a[p + d], a[p + e], a[p + f]
                for j in range(width):
                    x = p0 * b[at, j] + p1 * b[at + 1, j]
                    out[o, j] += x + (p2 * b[at + 2, j] + p3 * b[at + 3, j])
                k += 4
            else:
                p0 = a[p]
                for j in range(width):
                    out[o, j] += p0 * b[at, j]
                k += 1


def compile_tanh(dtype: str) -> Any:
    """Return tanh of a type, with the polynomials of the C++ library."""
    real = getattr(np, dtype)
    one, two, edge = real(1), real(2), real(9 if dtype == "float32" else 20)
    P = real([0.999999979, 0.13381026, 3.49558851e-3, 2.06090876e-5, 1.33546666e-8])
    Q = real([1.0, 0.467143416, 2.58769837e-2, 3.28563541e-4, 7.77656089e-7])
    p0, p1, p2, p3, p4 = P
    q0, q1, q2, q3, q4 = Q
    minus_32nd = real(-1 / 32)
    c2, c3, c4, c5, c6 = real([1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720])
    c7, c8, c9, c10 = real([1 / 5040, 1 / 40320, 1 / 362880, 1 / 3628800])

    @njit(**OPTIONS)
    def tanh_of_float(x):
        x = min(max(x, -edge), edge)
        s = x * x
        p = p0 + s * (p1 + s * (p2 + s * (p3 + s * p4)))
        return x * p / (q0 + s * (q1 + s * (q2 + s * (q3 + s * q4))))

    @njit(**OPTIONS)
    def tanh_of_double(x):
        x = min(max(x, -edge), edge)
        r = x * minus_32nd
        e = c6 + r * (c7 + r * (c8 + r * (c9 + r * c10)))
        e = r * (one + r * (c2 + r * (c3 + r * (c4 + r * (c5 + r * e)))))
        for _ in range(6):
            e = e * (e + two)  # twice the argument
        return -e / (e + two)

    return tanh_of_float if dtype == "float32" else tanh_of_double


def compile_gru(dtype: str) -> Any:
    """Return a function that trains a GRU of a type."""
    real = getattr(np, dtype)
    zero, half, one, two = real(0), real(0.5), real(1), real(2)
    keep_1, keep_2, rate, eps = real(0.9), real(0.999), 1e-3, real(1e-8)
    tanh = compile_tanh(dtype)

    @njit(**OPTIONS)
    def train(X, y, order, N, H, weights, gradient, first, second, n_done):
        """Take a step for each N rows of `order`; return the number of steps so far.

        Rows of the weights, their gradients and their moments: W_ih, b_ih, W_hh (H rows), b_hh;
        and the weights of the dense layer with its bias, filled up with zeros.
        """
        T, G, b_hh, head = X.shape[1], 3 * H, H + 2, H + 3
        inputs = np.ones(T * N * 2, X.dtype)  # with ones for b_ih
        gates, recurrent = np.empty((T * N, G), X.dtype), np.empty((T * N, G), X.dtype)
        h, d_h = np.zeros((T * N + N, H), X.dtype), np.empty((N, H), X.dtype)
        turned = np.empty((G, H), X.dtype)
        flat_h, flat_recurrent = h.ravel(), recurrent.ravel()
        for begin in range(0, len(order) - N + 1, N):
            for i in range(N):
                for t in range(T):
                    inputs[2 * (t * N + i)] = X[order[begin + i], t]
            # Forward; h begins with the initial state of N rows.
            for t in range(T):
                for row in range(t * N, t * N + N):
                    x = inputs[2 * row]
                    for j in range(G):
                        gates[row, j] = weights[1, j] + x * weights[0, j]
                        recurrent[row, j] = weights[b_hh, j]
                if t > 0:
                    add_product(recurrent, t * N, flat_h, t * N * H, H, 1, weights, 2, N, H, G)
                for row in range(t * N, t * N + N):
                    for j in range(2 * H):
                        x = half * (gates[row, j] + recurrent[row, j])
                        gates[row, j] = half + half * tanh(x)
                    for j in range(H):
                        r, z = gates[row, j], gates[row, H + j]
                        n = tanh(gates[row, 2 * H + j] + r * recurrent[row, 2 * H + j])
                        gates[row, 2 * H + j] = n
                        h[row + N, j] = n + z * (h[row, j] - n)
            # The loss.
            gradient[:] = zero
            for i in range(N):
                row, out = T * N + i, weights[head, H]
                for j in range(H):
                    out += weights[head, j] * h[row, j]
                d_out = two * (out - y[order[begin + i]]) / real(N)
                gradient[head, H] += d_out
                for j in range(H):
                    gradient[head, j] += d_out * h[row, j]
                    d_h[i, j] = d_out * weights[head, j]
            # Backward.
            for j in range(G):
                for k in range(H):
                    turned[j, k] = weights[2 + k, j]
            for t in range(T - 1, -1, -1):
                for i in range(N):
                    row = t * N + i
                    for j in range(H):
                        r, z, n = gates[row, j], gates[row, H + j], gates[row, 2 * H + j]
                        slope = d_h[i, j] * (one - z)
                        d_n = slope * (one - n * n)
                        d_z = (h[row, j] - n) * z * slope
                        d_r = d_n * recurrent[row, 2 * H + j] * r * (one - r)
                        gates[row, j], gates[row, H + j], gates[row, 2 * H + j] = d_r, d_z, d_n
                        recurrent[row, j], recurrent[row, H + j] = d_r, d_z
                        recurrent[row, 2 * H + j] = d_n * r
                        d_h[i, j] *= z
                if t > 0:
                    add_product(d_h, 0, flat_recurrent, t * N * G, G, 1, turned, 0, N, G, H)
            add_product(gradient, 0, inputs, 0, 1, 2, gates, 0, 2, T * N, G)
            add_product(gradient, 2, flat_h, N * H, 1, H, recurrent, N, H, (T - 1) * N, G)
            add_product(gradient, b_hh, inputs, 1, 1, 2, recurrent, 0, 1, T * N, G)
            # Adam.
            n_done += 1
            step_size = real(rate / (1 - 0.9**n_done))
            correction = real(1 / np.sqrt(1 - 0.999**n_done))
            for i in range(H + 4):
                for j in range(G):
                    g = gradient[i, j]
                    m = first[i, j] + (one - keep_1) * (g - first[i, j])
                    v = keep_2 * second[i, j] + (one - keep_2) * g * g
                    first[i, j], second[i, j] = m, v
                    weights[i, j] -= step_size * m / (np.sqrt(v) * correction + eps)
        return n_done

    return train


def numba_call(train: Any, units: int, batch: int, dtype: str) -> kernels.Steps:
    """Return a call that takes many steps."""
    X, y = kernels.random_rows(batch, dtype)
    weights = 0.1 * np.random.default_rng(1).normal(size=(units + 4, 3 * units))
    weights[-1, units + 1 :] = 0
    arrays = [weights.astype(dtype), *np.zeros((3, *weights.shape), dtype)]
    n_done = 0

    def take(n_steps: int) -> None:
        nonlocal n_done
        order = np.resize(np.arange(len(X)), n_steps * batch)
        n_done = train(X[:, :, 0].copy(), y[:, 0].copy(), order, batch, units, *arrays, n_done)

    return kernels.many_steps(take)


def difference_from_autograd(train: Any, units: int, batch: int, dtype: str) -> float:
    """Return the largest difference between the gradients, relative to the largest gradient."""
    X, y = kernels.random_rows(batch, dtype)
    recurrent, head = nn.GRU(1, units, batch_first=True), nn.Linear(units, 1)
    parts = [recurrent.weight_ih_l0, recurrent.bias_ih_l0, recurrent.weight_hh_l0]
    parts += [recurrent.bias_hh_l0, head.weight, head.bias]
    nn.ModuleList([recurrent, head]).to(getattr(torch, dtype))
    arrays = np.zeros((4, units + 4, 3 * units), dtype)
    values = np.concatenate([p.detach().numpy().T.ravel() for p in parts])
    arrays[0].ravel()[: len(values)] = values
    train(X[:, :, 0].copy(), y[:, 0].copy(), np.arange(batch), batch, units, *arrays, 0)
    outputs, _ = recurrent(torch.from_numpy(X[:batch]))
    nn.MSELoss()(head(outputs[:, -1]), torch.from_numpy(y[:batch])).backward()
    expected = np.concatenate([p.grad.numpy().T.ravel() for p in parts])
    return float(abs(arrays[1].ravel()[: len(expected)] - expected).max() / abs(expected).max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dtype", choices=["float32", "float64"], default="float32")
    parser.add_argument("--repeats", type=int, default=50)
    arguments = parser.parse_args()
    dtype = arguments.dtype
    start = time.perf_counter()
    train = compile_gru(dtype)
    numba_call(train, 8, 1, dtype)
    print(f"Seconds of the first call, {dtype}: {time.perf_counter() - start:.1f}")
    differences = [
        difference_from_autograd(train, *size, dtype) for size in [*kernels.SIZES, (5, 3)]
    ]
    print(f"Largest difference of the gradients from torch's: {max(differences):.1e}\n")
    print("| units | batch | numba, µs a step | skrnn's library | ratio |\n|---|---|---|---|---|")
    for units, batch in kernels.SIZES:
        calls = [
            numba_call(train, units, batch, dtype),
            kernels.library_call("GRU", units, batch, dtype, "auto"),
        ]
        seconds = kernels.fastest_in_turn(calls, arguments.repeats)
        columns = " | ".join(map(kernels.microseconds, seconds))
        print(f"| {units} | {batch} | {columns} | {seconds[0] / seconds[1]:.2f} |", flush=True)


if __name__ == "__main__":
    main()
