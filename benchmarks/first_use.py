"""Measure what the first fit of each cell takes in a new process, beside a later one.

    python benchmarks/first_use.py

Beside them stands what torch takes to create its first optimizer, since it imports its compiler
then. skrnn's compiled backend does without. The import of skrnn and torch is not counted.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

FITS = """
import time
import numpy as np
import skrnn
X = np.random.default_rng(0).random((64, 6, 1)).astype({dtype!r})
for _ in range(2):
    model = skrnn.{cell}Regressor(8, max_epochs=1, random_state=0)
    start = time.perf_counter()
    model.fit(X, X[:, -1, 0]).predict(X)
    print(time.perf_counter() - start)
"""

BARE_OPTIMIZER = """
import time
import skrnn
skrnn.GRURegressor
import torch
start = time.perf_counter()
torch.optim.Adam([torch.zeros(1, requires_grad=True)])
print(time.perf_counter() - start)
"""


def seconds(script: str) -> list[float]:
    """Return the seconds that a script prints in a new process."""
    command = [sys.executable, "-c", script]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [float(line) for line in output.split()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3, help="the fastest of so many is printed")
    repeats = range(parser.parse_args().repeats)
    print("Seconds of fit and predict in a new process\n")
    print("| cell | type | first fit | later fit | torch's first optimizer |")
    print("|---|---|---|---|---|")
    for cell in ("RNN", "GRU", "LSTM"):
        for dtype in ("float32", "float64"):
            script = FITS.format(cell=cell, dtype=dtype)
            rounds = [(*seconds(script), *seconds(BARE_OPTIMIZER)) for _ in repeats]
            first, later, bare = map(min, zip(*rounds, strict=True))
            print(f"| {cell} | {dtype} | {first:.3f} | {later:.3f} | {bare:.2f} |", flush=True)


if __name__ == "__main__":
    main()
