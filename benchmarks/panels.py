r"""Forecast public panels: seven of M1, M3 and Tourism, and three of long series.

    pip install -r benchmarks/panel_study/requirements.txt
    python benchmarks/panels.py choose inner          # rolling origins inside the training parts
    python benchmarks/panels.py choose inner --models "make_blend(season, random_state=0)" AutoETS
    python benchmarks/panels.py score outer           # the test parts, once

``choose`` reads the training parts alone. It cuts each one and two horizons before its end.
Everything that is recommended was chosen by it. ``score`` reads the test parts too. It also opens
the yearly panels, which ``choose`` never sees, and writes its table to
``docs/guide/panels.csv``. Forecasts are kept in the given folder, so that both can be stopped and
go on. A model is a name below, a model of statsforecast, or an expression of skrnn's names and
``season``.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from panel_study import models, panels, tables

# Name -> an expression of skrnn's names.
RECOMMENDED = {
    "blend": "make_blend(season, random_state=0)",
    "blend without pretrained": "make_blend(season, random_state=0).set_params(pretrained='drop')",
    "pretrained": "PretrainedGRURegressor(season)",
    "theta": "WindowTheta(season)",
    "last season": "NaiveRegressor('seasonal', season_length=season)",
}
PEERS = ["AutoETS", "AutoTheta", "DynamicOptimizedTheta"]


def forecast(folder: Path, label: str, model: str, origin: panels.Origin) -> np.ndarray:
    """Return forecasts of a model, from the folder if they are there."""
    path = folder / f"{label}, {model}.npy".replace("/", " over ")
    if path.exists():
        return np.load(path)
    start = time.perf_counter()
    if model in PEERS:
        found = models.statsforecast(model, origin)
    else:
        expression = RECOMMENDED.get(model, model)
        regressor = models.make_regressor(expression, origin.season_length)
        found = models.windows_forecast(regressor, origin)
        if hasattr(regressor, "weights_"):
            print(dict(zip(regressor._names, regressor.weights_.round(2), strict=True)))
    seconds = time.perf_counter() - start
    print(f"{label}, {model}: MASE {origin.mase(found).mean():.3f}, {seconds:.1f} s", flush=True)
    np.save(path, found)
    return found


def choose(options: argparse.Namespace) -> None:
    """Print the errors inside the training parts."""
    errors = {}
    for name in options.panels or [*panels.PANELS, *panels.LONG]:
        for before in (1, 2):
            origin = panels.inner_origin(name, before)
            label = f"{name}, {before} before"
            for model in options.models or [*RECOMMENDED, *PEERS]:
                found = forecast(options.folder, label, model, origin)
                errors[label, model] = origin.mase(found).mean()
    table = pd.Series(errors).unstack(sort=False).T
    table["geometric mean"] = np.exp(np.log(table).mean(axis=1))
    print(table.T.round(3).to_string())


def score(options: argparse.Namespace) -> None:
    """Print the errors on the test parts, and write them to a file."""
    scaled, shares = {}, {}
    for name in [*panels.PANELS, *panels.YEARLY, *panels.LONG]:
        origin = panels.test_origin(name)
        for model in [*RECOMMENDED, *PEERS]:
            scaled[name, model] = origin.mase(forecast(options.folder, name, model, origin))
        shares[name] = models.covered(origin)
    print(pd.Series(shares, name="in the 80 % range of the pretrained network").round(3))
    tables.write(scaled, Path(__file__).parents[1] / "docs" / "guide" / "panels.csv")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    chooser = commands.add_parser("choose", help="on rolling origins inside the training parts")
    chooser.add_argument("folder", type=Path)
    chooser.add_argument("--models", nargs="+")
    chooser.add_argument("--panels", nargs="+", choices=[*panels.PANELS, *panels.LONG])
    scorer = commands.add_parser("score", help="on the test parts")
    scorer.add_argument("folder", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    {"choose": choose, "score": score}[options.command](options)


if __name__ == "__main__":
    main()
