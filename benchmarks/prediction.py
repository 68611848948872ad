"""Measure how many rows to predict at once, and what one row costs.

python benchmarks/prediction.py
"""

from __future__ import annotations

import argparse
import statistics
import time
from functools import partial
from unittest import mock

import numpy as np
from sklearn.neural_network import MLPRegressor

from skrnn import GRURegressor

SIZES = [32, 128, 256, 512, 1024, 2048, 4096, 16384]


def median_seconds(function: object, n_repeats: int) -> float:
    """Median wall time of a call."""
    times = []
    for _ in range(n_repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    print("100,000 windows of 24 steps, thousands of rows a second")
    print("| units | " + " | ".join(f"{size} at once" for size in SIZES) + " |")
    print("|---" * (len(SIZES) + 1) + "|")
    X = rng.random((100_000, 24, 1), dtype=np.float32)
    for hidden_size in (8, 32, 128):
        model = GRURegressor(hidden_size, max_epochs=1, random_state=0).fit(X[:64], X[:64, 0, 0])
        row = []
        for size in SIZES:
            with mock.patch("skrnn._recurrent._training.net.PREDICTION_BATCH_SIZE", size):
                took = median_seconds(partial(model.predict, X), arguments.repeats)
            row.append(f"{len(X) / took / 1000:.0f}")
        print(f"| {hidden_size} | " + " | ".join(row) + " |", flush=True)
    one = X[:1]
    perceptron = MLPRegressor(hidden_layer_sizes=(32,), max_iter=500, tol=1e-2).fit(
        X[:64, :, 0], X[:64, 0, 0]
    )
    model = GRURegressor(32, max_epochs=1, random_state=0).fit(X[:64], X[:64, 0, 0])
    ours = median_seconds(lambda: model.predict(one), 500)
    theirs = median_seconds(lambda: perceptron.predict(one[:, :, 0]), 500)
    print(
        f"\nOne window: {ours * 1e6:.0f} µs; MLPRegressor's one row: {theirs * 1e6:.0f} µs; "
        f"ratio {ours / theirs:.1f}"
    )


if __name__ == "__main__":
    main()
