"""Measure the memory that windows over a long series take.

A million float32 rows with lookback 128: 512 MB if each window were a copy. Each
step runs in a process of its own, and the peak of its resident memory above that
before the step counts (Linux).

    python benchmarks/window_memory.py
"""

from __future__ import annotations

import argparse
import subprocess
import sys

SET_UP = """
import resource
import numpy as np
from skrnn import GRURegressor, SlidingWindowTransformer, make_supervised

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

n_rows, lookback = {n_rows}, {lookback}
X = np.random.default_rng(0).random((n_rows, 1), dtype=np.float32)
transformer = SlidingWindowTransformer(lookback)
transformer.fit_transform(X[:1000])
before = peak()
"""

STEPS = {
    "transform, one series": "windows = transformer.fit_transform(X)",
    "transform in two halves, with context": (
        "transformer.set_params(context=True).fit(X[: n_rows // 2])\n"
        "windows = transformer.transform(X[n_rows // 2 :])"
    ),
    "transform, then one epoch of a GRU of 4": (
        "windows = transformer.fit_transform(X)\n"
        "GRURegressor(4, max_epochs=1, batch_size=8192, random_state=0)"
        ".fit(windows[::8], X[::8, 0])"
    ),
    "a copy of all windows, for comparison": "windows = transformer.fit_transform(X).copy()",
}


def peak_of(step: str, n_rows: int, lookback: int) -> float:
    """Peak resident memory that a step adds, in MB (2**20 bytes)."""
    code = SET_UP.format(n_rows=n_rows, lookback=lookback) + step + "\nprint(peak() - before)"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return float(run.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--lookback", type=int, default=128)
    arguments = parser.parse_args()
    size = arguments.rows * 4 / 2**20
    print(f"{arguments.rows:,} float32 rows ({size:.0f} MB), lookback {arguments.lookback}")
    print("| step | peak added, MB |")
    print("|---|---|")
    for name, step in STEPS.items():
        print(f"| {name} | {peak_of(step, arguments.rows, arguments.lookback):.0f} |", flush=True)


if __name__ == "__main__":
    main()
