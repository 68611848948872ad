"""Coverage, width and interval score of intervals, by panel and model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from .models import LEVELS
from .panels import SEASON


def scales(panel: pd.Series, cutoff: pd.Period) -> pd.Series:
    """Return the unit of MASE: the mean absolute change from season to season up to a cutoff."""
    whole = panel.unstack("unique_id")
    whole = whole.reindex(pd.period_range(whole.index[0], whole.index[-1], freq="M"))
    return whole.loc[:cutoff].diff(SEASON).abs().mean()


Frames = dict[tuple[str, str], pd.DataFrame]


def table(frames: Frames) -> pd.DataFrame:
    """Return a row for each panel, model and level, from frames of :func:`read`."""
    rows = []
    for (name, model), frame in frames.items():
        found = {"panel": name, "model": model, "cutoffs": frame["cutoff"].nunique()}
        rows += [found | _summary(frame, level) for level in _levels(frame)]
    return pd.DataFrame(rows)


def differences(frames: Frames, peers: list[str]) -> pd.DataFrame:
    """Return by how much the scores of models are above those of peers on the same rows.

    "from" and "to" are the 95 % interval by the bootstrap.
    """
    rows, keys = [], ["unique_id", "cutoff", "step"]
    for (name, model), frame in frames.items():
        for peer in peers if model not in peers else []:
            if (name, peer) not in frames:
                continue
            both = frame.merge(frames[name, peer], on=keys, suffixes=("", " of peer"))
            for level in _levels(frame):
                column = f"score-{level}"
                both["difference"] = both[column] - both[f"{column} of peer"]
                low, high = _bootstrap(both, "difference")
                found = {"panel": name, "model": model, "peer": peer, "level": level}
                rows.append(found | {"score": both["difference"].mean(), "from": low, "to": high})
    return pd.DataFrame(rows)


def read(folder: Path) -> Frames:
    """Return the scored rows in the files of a folder, by panel and model."""
    files = pd.DataFrame([path.stem.split("_") for path in sorted(folder.glob("*.csv"))])
    return {
        (name, model): _scored(
            pd.concat([pd.read_csv(path) for path in sorted(folder.glob(f"{name}_{model}_*.csv"))])
        )
        for name, model in files[[0, 1]].drop_duplicates().itertuples(index=False)
    }


def _levels(frame: pd.DataFrame) -> list[int]:
    return [level for level in LEVELS if f"coverage-{level}" in frame]


def _scored(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a backtest with what is averaged, in the unit of MASE."""
    frame = frame[frame["scale"] > 0].copy()
    frame["step"] = frame.groupby(["unique_id", "cutoff"]).cumcount() + 1
    y = frame["y"]
    for level in LEVELS:
        if f"forecast-lo-{level}" not in frame:
            continue
        low, high = frame[f"forecast-lo-{level}"], frame[f"forecast-hi-{level}"]
        outside = (low - y).clip(lower=0) + (y - high).clip(lower=0)
        frame[f"coverage-{level}"] = y.between(low, high).astype(float)
        frame[f"width-{level}"] = (high - low) / frame["scale"]
        score = high - low + 200 / (100 - level) * outside
        frame[f"score-{level}"] = score / frame["scale"]
    return frame


def _summary(frame: pd.DataFrame, level: int) -> dict[str, float]:
    column = f"coverage-{level}"
    by_series = frame.groupby("unique_id")[column].mean().sort_values()
    by_step = frame.groupby("step")[column].mean()
    by_cutoff = frame.groupby("cutoff")[column].mean()
    low, high = _bootstrap(frame, column)
    return {
        "level": level,
        "series": len(by_series),
        "coverage": frame[column].mean(),
        "from": low,
        "to": high,
        "worst cutoff": by_cutoff.min(),
        "best cutoff": by_cutoff.max(),
        "worst step": by_step.min(),
        "at": by_step.idxmin(),
        "worst tenth": by_series[: max(1, len(by_series) // 10)].mean(),
        "width": frame[f"width-{level}"].mean(),
        "score": frame[f"score-{level}"].mean(),
    }


def _bootstrap(frame: pd.DataFrame, column: str, n_draws: int = 2000) -> tuple[float, float]:
    """Return the 95 % interval of a mean: series and cutoffs are drawn anew."""
    table = frame.pivot_table(column, index="unique_id", columns="cutoff", aggfunc=["sum", "count"])
    sums, counts = (table[kind].fillna(0).to_numpy() for kind in ("sum", "count"))
    rng = np.random.default_rng(0)
    means = []
    for _ in range(n_draws):
        rows = rng.integers(len(sums), size=len(sums))
        columns = rng.integers(sums.shape[1], size=sums.shape[1])
        at = np.ix_(rows, columns)
        means.append(sums[at].sum() / counts[at].sum())
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)
