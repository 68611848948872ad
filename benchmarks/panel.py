"""Measure windows and targets over a large panel: time, and peak memory.

A thousand series of a thousand steps, lookback 48, horizon 12. Each step runs in a
process of its own; the peak of its resident memory above that before the step counts
(Linux).

    python benchmarks/panel.py
"""

from __future__ import annotations

import argparse
import subprocess
import sys

SET_UP = """
import resource, time
import numpy as np
import pandas as pd
from skrnn import SlidingWindowTransformer, make_supervised, sliding_windows

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

n_series, n_steps, lookback, horizon = {n_series}, {n_steps}, {lookback}, {horizon}
names = [f"series {{i:04d}}" for i in range(n_series)]
time_labels = pd.period_range("2000-01-01", periods=n_steps, freq="D")
index = pd.MultiIndex.from_product([names, time_labels], names=["series", "day"])
values = np.random.default_rng(0).random((len(index), 1), dtype=np.float32)
panel = pd.DataFrame(values, index=index, columns=["load"])
small = panel.iloc[: 3 * n_steps]
make_supervised(small, horizon), SlidingWindowTransformer(lookback).fit_transform(small)
before = peak()
start = time.perf_counter()
"""

STEPS = {
    "make_supervised": "result = make_supervised(panel, horizon)[1].to_numpy()",
    "SlidingWindowTransformer": (
        "result = SlidingWindowTransformer(lookback).fit_transform(panel)"
    ),
    "sliding_windows": ("X, y = sliding_windows(panel, lookback, horizon=horizon)\nresult = X"),
}


def measure(step: str, **sizes: int) -> tuple[float, float, float]:
    """Return the seconds of a step, the peak it adds and the size of its result in MB."""
    report = "\nprint(time.perf_counter() - start, peak() - before, result.nbytes / 2**20)"
    code = SET_UP.format(**sizes) + step + report
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    seconds, peak, size = map(float, run.stdout.split())
    return seconds, peak, size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in [("series", 1000), ("steps", 1000), ("lookback", 48), ("horizon", 12)]:
        parser.add_argument(f"--{name}", type=int, default=default)
    arguments = parser.parse_args()
    sizes = {
        "n_series": arguments.series,
        "n_steps": arguments.steps,
        "lookback": arguments.lookback,
        "horizon": arguments.horizon,
    }
    print(
        f"{arguments.series:,} series of {arguments.steps:,} steps, float32 "
        f"({arguments.series * arguments.steps * 4 / 2**20:.0f} MB), lookback "
        f"{arguments.lookback}, horizon {arguments.horizon}"
    )
    print("| step | seconds | result, MB | peak added, MB |")
    print("|---|---|---|---|")
    for name, step in STEPS.items():
        seconds, peak, size = measure(step, **sizes)
        print(f"| {name} | {seconds:.1f} | {size:.0f} | {peak:.0f} |", flush=True)


if __name__ == "__main__":
    main()
