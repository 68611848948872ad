r"""Compare forecasts on real series: skrnn's networks, straight lines, trees and peers.

The protocol stands in ``accuracy_study/protocol.py``, the series in
``accuracy_study/series.py``. Collect the series once, in an environment with the packages
that carry them; then run models, each in an environment that has its library (darts;
neuralforecast and joblib); then print:

    pip install -r benchmarks/accuracy_study/requirements.txt
    python benchmarks/accuracy.py collect series.pkl
    python benchmarks/accuracy.py run series.pkl results.jsonl
    python benchmarks/accuracy.py run series.pkl results.jsonl --models darts
    python benchmarks/accuracy.py run series.pkl results.jsonl --models neuralforecast
    python benchmarks/accuracy.py table results.jsonl

Parameters are compared within the training parts:

    python benchmarks/accuracy.py run series.pkl inner.jsonl --inner \
        --models ridge "GRURegressor(early_stopping=True)" "ResidualRegressor(RNNRegressor(8))"
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from accuracy_study import models, peers, series
from accuracy_study.protocol import Task, make_task

LABELS = ("series", "horizon", "model", "seed")

# Name -> the model, and whether it depends on the seed.
MODELS: dict[str, tuple[models.Model, bool]] = {
    "last value": (models.naive("last"), False),
    "last season": (models.naive("seasonal"), False),
    "AutoETS": (models.exponential_smoothing, False),
    "ridge": (models.ridge, False),
    "boosted trees": (models.boosting, False),
    "tutorial's LSTM": (models.tutorial, True),
    "GRU": (models.skrnn_model("GRURegressor()"), True),
    "GRU, normalised": (
        models.skrnn_model("WindowNormalizedRegressor(GRURegressor(), target_feature=0)"),
        True,
    ),
    "LSTM": (models.skrnn_model("LSTMRegressor()"), True),
    "LSTM, normalised": (
        models.skrnn_model("WindowNormalizedRegressor(LSTMRegressor(), target_feature=0)"),
        True,
    ),
    "RNN": (models.skrnn_model("RNNRegressor()"), True),
    "RNN, normalised": (
        models.skrnn_model("WindowNormalizedRegressor(RNNRegressor(), target_feature=0)"),
        True,
    ),
    "linear": (models.skrnn_model("WindowLinearRegressor()"), False),
    "linear, GRU on residuals": (
        models.skrnn_model("ResidualRegressor(GRURegressor())"),
        True,
    ),
    "pretrained": (
        models.long_windows_model("PretrainedGRURegressor(season, target_feature=0)"),
        False,
    ),
    "blend": (
        models.long_windows_model("make_blend(season, target_feature=0, random_state=seed)"),
        True,
    ),
}
PEERS: dict[str, tuple[models.Model, bool]] = {
    "darts": (peers.darts_gru, True),
    "neuralforecast": (peers.neuralforecast_gru, True),
}


def find_model(name: str) -> tuple[models.Model, bool]:
    """Return a model by its name, or by an expression that makes an estimator of skrnn."""
    if known := (MODELS | PEERS).get(name):
        return known
    parameters = models.make_estimator(name).get_params()
    return models.skrnn_model(name), any(key.endswith("random_state") for key in parameters)


def run(task: Task, name: str, seed: int) -> dict[str, Any]:
    """Return the errors of a model, and what it took."""
    warnings.simplefilter("ignore")
    model, _ = find_model(name)
    start = time.perf_counter()
    predicted = model(task, seed)
    seconds = time.perf_counter() - start
    labelled = dict(zip(LABELS, labels(task, name, seed), strict=True))
    return labelled | task.errors(predicted) | {"seconds": seconds}


def labels(task: Task, name: str, seed: int) -> tuple[Any, ...]:
    """Return what a result is the result of."""
    return task.dataset.name, task.horizon, name, seed


def run_all(arguments: argparse.Namespace) -> None:
    """Run models on all series, and append what the file does not have yet."""
    from joblib import Parallel, delayed

    path = Path(arguments.results)
    found = [json.loads(line) for line in path.open()] if path.exists() else []
    if any(result["inner"] != arguments.inner for result in found):
        raise SystemExit(f"{path} holds results of the other parts: choose another file")
    done = {tuple(result[name] for name in LABELS) for result in found}
    jobs = []
    for dataset in series.load(arguments.series):
        for horizon in (1, dataset.horizon):
            task = make_task(dataset, horizon, inner=arguments.inner)
            if not len(task.X_train) or not len(task.X_test):
                print(f"{dataset.name} is too short for {horizon} steps ahead: left out")
                continue
            for name in arguments.models or MODELS:
                seeds = range(arguments.seeds if find_model(name)[1] else 1)
                jobs += [(task, name, s) for s in seeds if labels(task, name, s) not in done]
    results = Parallel(n_jobs=arguments.jobs, return_as="generator")(delayed(run)(*j) for j in jobs)
    with path.open("a") as file:
        for result in results:
            file.write(json.dumps(result | {"inner": arguments.inner}) + "\n")
            file.flush()


def print_tables(arguments: argparse.Namespace) -> None:
    """Print the medians of the seeds."""
    import pandas as pd

    results = pd.DataFrame(map(json.loads, Path(arguments.results).read_text().splitlines()))
    order = [*MODELS, *PEERS]
    names = sorted(results["model"].unique(), key=lambda n: order.index(n) if n in order else 99)
    medians = results.groupby(["series", "horizon", "model"], sort=False)[["MASE", "RMSE"]].median()
    mase = medians["MASE"].unstack("model")[names]
    rmse = medians["RMSE"].unstack("model")[names]
    print("MASE, median of the seeds\n")
    print(mase.round(3).to_string(), "\n")
    relative = rmse.div(rmse["ridge"], axis=0)
    summary = pd.DataFrame(
        {
            "mean MASE": mase.mean(),
            "RMSE / ridge's, geometric mean": np.exp(np.log(relative).mean()),
            "more than 2 % worse than ridge": (relative > 1.02).sum(),
            "more than 5 % better": (relative < 0.95).sum(),
            "seconds": results.groupby("model")["seconds"].sum(),
        }
    ).loc[names]
    print("RMSE, as a multiple of ridge's\n")
    print(relative.round(3).to_string(), "\n")
    print(summary.round(3).to_string())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    collect = commands.add_parser("collect", help="write the series to a file")
    collect.add_argument("series")
    runner = commands.add_parser("run", help="run models")
    runner.add_argument("series")
    runner.add_argument("results")
    runner.add_argument("--models", nargs="+", metavar="MODEL", help=f"of {[*MODELS, *PEERS]}")
    runner.add_argument("--inner", action="store_true", help="within the training parts")
    runner.add_argument("--seeds", type=int, default=5)
    runner.add_argument("--jobs", type=int, default=2)
    table = commands.add_parser("table", help="print what was found")
    table.add_argument("results")
    arguments = parser.parse_args()
    if arguments.command == "collect":
        series.save(series.load_all(), arguments.series)
    elif arguments.command == "run":
        run_all(arguments)
    else:
        print_tables(arguments)


if __name__ == "__main__":
    main()
