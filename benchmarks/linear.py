"""Time and memory of WindowLinearRegressor, beside scikit-learn's RidgeCV on flat windows.

RidgeCV chooses its penalty by cross-validation as well, but needs all windows as a matrix, and
a fit for each length of padded windows: for those of the longest windows alone it is timed here.
Both compute in double precision on one thread.

A second table has ``loss="absolute_error"`` beside scikit-learn's QuantileRegressor, which fits the
longest windows alone as well: time and mean absolute residual. Its last row has no time of
QuantileRegressor, which would take many minutes.

Run it with ``python benchmarks/linear.py``: one to two minutes. The first table has medians of five
fits, and the largest memory that a fit allocates beside the series.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable

import numpy as np
from sklearn.linear_model import QuantileRegressor, RidgeCV
from threadpoolctl import threadpool_limits

from skrnn import WindowLinearRegressor, sliding_windows

ALPHAS = np.logspace(-10, 4, 57)
SIZES = [(500, 24), (10_000, 48), (60_000, 24), (60_000, 128)]


def cost(fit: Callable[[], object]) -> tuple[float, float]:
    """Return the median time of a fit in seconds, and its largest memory in MB."""
    tracemalloc.start()
    fit()
    megabytes = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        fit()
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds)), megabytes


def absolute_errors(n_windows: int, lookback: int, *, compared: bool) -> str:
    """Return a row of the second table: each step of the window matters, and noise is large."""
    rng = np.random.default_rng(0)
    X = sliding_windows(rng.normal(size=n_windows + lookback).cumsum(), lookback)[0]
    y = X[:, :, 0] @ rng.normal(size=lookback) + rng.standard_t(3, size=n_windows)
    start = time.perf_counter()
    ours = WindowLinearRegressor("absolute_error").fit(X, y)
    seconds, error = time.perf_counter() - start, np.abs(y - ours.predict(X)).mean()
    row = f"{n_windows:>7} x {lookback:<6} {seconds:9.3f} {error:9.6f}"
    if not compared:
        return row
    flat = np.hstack((X[:, :-1, 0] - X[:, -1:, 0], X[:, -1]))
    start = time.perf_counter()
    theirs = QuantileRegressor(alpha=0).fit(flat, y)
    other = time.perf_counter() - start
    their_error = np.abs(y - theirs.predict(flat)).mean()
    return f"{row} {other:18.2f} {their_error:9.6f} {other / seconds:10.0f}"


print("windows x steps     skrnn s    MB   RidgeCV s    MB   time ratio")
with threadpool_limits(1):
    for n_windows, lookback in SIZES:
        walk = np.random.default_rng(0).normal(size=n_windows + lookback).cumsum()
        X, y = sliding_windows(walk, lookback)
        ours = cost(lambda X=X, y=y: WindowLinearRegressor().fit(X, y))
        theirs = cost(lambda X=X, y=y: RidgeCV(ALPHAS).fit(X.reshape(len(X), -1), y))
        print(
            f"{n_windows:>7} x {lookback:<6} {ours[0]:9.3f} {ours[1]:6.0f} "
            f"{theirs[0]:10.3f} {theirs[1]:6.0f} {theirs[0] / ours[0]:10.1f}",
            flush=True,
        )
    print("\nwindows x steps     skrnn s     error  QuantileRegressor s   error   time ratio")
    for n_windows, lookback in [(500, 24), (2_000, 24), (10_000, 24), (60_000, 24)]:
        row = absolute_errors(n_windows, lookback, compared=n_windows <= 10_000)
        print(row, flush=True)
