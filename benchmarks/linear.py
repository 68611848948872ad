"""Time and memory of WindowLinearRegressor, beside scikit-learn's RidgeCV on flat windows.

RidgeCV chooses its penalty by cross-validation as well, but needs all windows as a matrix, and
a fit for each length of padded windows: for those of the longest windows alone it is timed here.
Both compute in double precision on one thread.

Run it with ``python benchmarks/linear.py``: half a minute. It prints medians of five fits, and the
largest memory that a fit allocates beside the series.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable

import numpy as np
from sklearn.linear_model import RidgeCV
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
