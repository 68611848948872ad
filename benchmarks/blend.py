"""Time of the recommended blend, as a multiple of one of its members and in seconds.

    OMP_NUM_THREADS=1 python benchmarks/blend.py

500 windows of 24 steps are fitted with one job, 10,000 windows of 48 steps with two. Each is
a panel of simulated months. The ratio is that to WindowLinearRegressor on the same windows.
"""

from __future__ import annotations

import time
import warnings

import numpy as np

from skrnn import WindowLinearRegressor, sliding_windows
from skrnn.datasets import make_series
from skrnn.recommended import make_blend

HORIZON = 12


def seconds(model: object, X: np.ndarray, y: np.ndarray) -> float:
    start = time.perf_counter()
    model.fit(X, y)
    return time.perf_counter() - start


def main() -> None:
    warnings.simplefilter("ignore")
    print(f"{'windows':>8}{'steps':>7}{'jobs':>6}{'seconds of fit':>16}{'ratio':>9}")
    for n_rows, lookback, n_series, n_jobs in ((500, 24, 10, 1), (10_000, 48, 100, 2)):
        length = n_rows // n_series + lookback + HORIZON - 1
        series = make_series(n_series, length, season_length=12, random_state=0)
        X, y = sliding_windows(series, lookback=lookback, horizon=HORIZON)
        X, y = X.astype(np.float32), np.asarray(y, dtype=np.float32)
        linear = min(seconds(WindowLinearRegressor(), X, y) for _ in range(3))
        blend = [
            seconds(make_blend(12, random_state=seed, n_jobs=n_jobs), X, y) for seed in range(3)
        ]
        spread = f"{min(blend):.1f} to {max(blend):.1f}"
        print(f"{len(X):8}{lookback:7}{n_jobs:6}{spread:>16}{np.median(blend) / linear:9.0f}")


if __name__ == "__main__":
    main()
