"""Measure what compiling costs: the first fit of each cell, and that of the next start.

Each fit runs in a process of its own, with a folder for compiled code that is empty at
first:

    python benchmarks/first_use.py
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile

SCRIPT = """
import time
import numpy as np
import skrnn
X = np.random.default_rng(0).random((64, 6, 1)).astype({dtype!r})
model = skrnn.{cell}Regressor(8, max_epochs=1, backend={backend!r}, random_state=0)
start = time.perf_counter()
model.fit(X, X[:, -1, 0]).predict(X)
print(time.perf_counter() - start)
"""


def seconds(cell: str, dtype: str, backend: str, folder: str) -> float:
    """Seconds of fit and predict in a new process, imports of skrnn not counted."""
    output = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(cell=cell, dtype=dtype, backend=backend)],
        env=os.environ | {"NUMBA_CACHE_DIR": folder},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return float(output)


def first_and_next(cell: str, dtype: str) -> list[float]:
    """Seconds of a first start, of the next one, and of one with torch."""
    with tempfile.TemporaryDirectory() as folder:
        backends = ("compiled", "compiled", "torch")
        return [seconds(cell, dtype, backend, folder) for backend in backends]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3, help="medians of so many are printed")
    repeats = range(parser.parse_args().repeats)
    print("Seconds of a first fit and predict in a new process\n")
    print("| cell | type | compiling | next start | with torch |")
    print("|---|---|---|---|---|")
    for cell in ("RNN", "GRU", "LSTM"):
        for dtype in ("float32", "float64"):
            rounds = [first_and_next(cell, dtype) for _ in repeats]
            medians = map(statistics.median, zip(*rounds, strict=True))
            columns = " | ".join(f"{t:.1f}" for t in medians)
            print(f"| {cell} | {dtype} | {columns} |", flush=True)


if __name__ == "__main__":
    main()
