"""Measure what importing a regressor adds to importing torch, scikit-learn and skorch.

Fresh processes in turn; the median of the ratios counts.

    python benchmarks/import_time.py
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

PEERS = "import torch, sklearn, skorch"
OURS = "from skrnn import GRURegressor"


def seconds(code: str) -> float:
    """Wall time of a new process that runs the code."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=9)
    arguments = parser.parse_args()
    seconds(PEERS), seconds(OURS)  # fill the file cache
    pairs = [(seconds(PEERS), seconds(f"{PEERS}; {OURS}")) for _ in range(arguments.repeats)]
    peers, both = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(b / a for a, b in pairs)
    print(f"torch, scikit-learn, skorch: {peers:.2f} s; with GRURegressor: {both:.2f} s")
    print(f"ratio: {ratio:.3f}")


if __name__ == "__main__":
    main()
