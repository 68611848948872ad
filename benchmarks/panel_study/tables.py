"""The table of the test parts, with bootstrap intervals of the differences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

N_DRAWS = 2000


def write(scaled: dict[tuple[str, str], np.ndarray], path: Path) -> None:
    """Print the mean errors of each model on each panel, and write them.

    Beside each model stand the difference of the blend from it, and its 95 % interval by a paired
    bootstrap over series.
    """
    rows = []
    for (panel, model), errors in scaled.items():
        row = {"panel": panel, "model": model, "series": len(errors), "MASE": errors.mean()}
        for name in ("blend", "pretrained"):
            difference, low, high = _difference(scaled[panel, name], errors)
            row |= {f"{name} minus it": difference, f"{name} low": low, f"{name} high": high}
        rows.append(row)
    table = pd.DataFrame(rows)
    table.round(4).to_csv(path, index=False)
    print(table.pivot(index="model", columns="panel", values="MASE").round(3).to_string())
    print(table.round(3).to_string(index=False))


def _difference(first: np.ndarray, second: np.ndarray) -> tuple[float, float, float]:
    """Return the mean difference and its 95 % interval, from draws of series."""
    difference = first - second
    draws = np.random.default_rng(0).integers(len(difference), size=(N_DRAWS, len(difference)))
    means = difference[draws].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(difference.mean()), float(low), float(high)
