"""Compare initial weights, learning rates and numbers of epochs.

Each candidate is fitted to seven short series, one step ahead, with the rnn, gru and
lstm cell, and judged on a validation part that follows the training part. The last
months of the two real series are never looked at. Errors are mean squared errors
relative to those of persistence, which predicts the last value.

Run it with ``python benchmarks/initialisation.py``: about twelve minutes on one core.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from itertools import pairwise, product
from unittest.mock import patch

import numpy as np
import pandas as pd
import torch
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from torch import nn

from skrnn import GRURegressor, LSTMRegressor, RNNRegressor, sliding_windows
from skrnn._recurrent._network.initialization import (
    INPUT_FACTORS,
    OUTPUT_FACTOR,
    initialize_weights,
)
from skrnn._recurrent._network.modules import CELLS, RecurrentStack
from skrnn.datasets import load_airline_passengers, load_australian_temperature

LOOKBACK = 12
ESTIMATORS = {"rnn": RNNRegressor, "gru": GRURegressor, "lstm": LSTMRegressor}
SCALERS = {"minmax": MinMaxScaler, "standard": StandardScaler}
LEARNING_RATES = (1e-3, 3e-3, 1e-2, 3e-2)
EPOCHS = (30, 100, 200)
REFERENCE_RATE = 1e-2
REFERENCE_EPOCHS = 100


@torch.no_grad()
def torch_weights(module: nn.Module, generator: torch.Generator) -> None:
    """Draw all weights and biases as torch does, uniformly in +-1/sqrt(size)."""
    for part in module.modules():
        if isinstance(part, nn.RNNBase | nn.Linear):
            size = part.hidden_size if isinstance(part, nn.RNNBase) else part.in_features
            for parameter in part.parameters():
                parameter.uniform_(-1 / math.sqrt(size), 1 / math.sqrt(size), generator=generator)


@torch.no_grad()
def keras_weights(module: nn.Module, generator: torch.Generator) -> None:
    """Draw weights as Keras does: skrnn's without their factors."""
    initialize_weights(module, generator)
    for name, parameter in module.encoder.layers[0].named_parameters():
        if "weight_ih" in name:
            parameter /= INPUT_FACTORS[module.encoder.cell]
    module.head.weight /= OUTPUT_FACTOR


@torch.no_grad()
def per_gate_weights(module: nn.Module, generator: torch.Generator) -> None:
    """Draw weights as Keras does, but for each gate's block by itself."""
    keras_weights(module, generator)
    for stack in module.modules():
        if isinstance(stack, RecurrentStack):
            for name, parameter in stack.layers.named_parameters():
                for block in parameter.chunk(CELLS[stack.cell].n_gates):
                    if "weight_ih" in name:
                        nn.init.xavier_uniform_(block, generator=generator)
                    elif "weight_hh" in name:
                        nn.init.orthogonal_(block, generator=generator)


SCHEMES = {
    "skrnn": initialize_weights,
    "keras": keras_weights,
    "torch": torch_weights,
    "per-gate": per_gate_weights,
}


def recurrence(step: Callable[..., float], start: list[float], length: int) -> np.ndarray:
    """Return a series that continues `start`, without its first 100 values."""
    values = list(start)
    for _ in range(length + 100):
        values.append(step(values))
    return np.array(values[-length:])


def synthetic_series(length: int) -> dict[str, np.ndarray]:
    """Return four series that are made of different memories and noises."""
    rng = np.random.default_rng(0)
    t = np.arange(length)
    sines = np.sin(2 * np.pi * t / 12) + 0.5 * np.sin(2 * np.pi * t / 5.3 + 1)
    logistic = recurrence(lambda x: 3.9 * x[-1] * (1 - x[-1]), [0.4], length)
    return {
        "sines": sines + rng.normal(0, 0.15, length),
        "ar2": recurrence(lambda x: 1.5 * x[-1] - 0.8 * x[-2] + rng.normal(), [0.0] * 2, length),
        "logistic": logistic + rng.normal(0, 0.03, length),
        "lag12": recurrence(lambda x: 0.95 * x[-12] + 0.3 * rng.normal(), [0.0] * 12, length),
    }


def all_series() -> dict[str, tuple[np.ndarray, int]]:
    """Return the series, each with the length of its training part."""
    series = {"airline": (load_airline_passengers()["passengers"].to_numpy()[:108], 76)}
    table = load_australian_temperature()["temperature"]
    months = pd.period_range("2009-01", "2013-12", freq="M")
    for station in ("Hobart", "Darwin"):
        series[station] = (table[station].reindex(months).interpolate().to_numpy(), 44)
    series |= {name: (values, 76) for name, values in synthetic_series(76 + 150).items()}
    return series


def make_split(values: np.ndarray, n_train: int, scaler: str) -> tuple[tuple[np.ndarray, ...], ...]:
    """Return windows and targets for training and validation, scaled by the former."""
    column = values[:, np.newaxis]
    scaled = SCALERS[scaler]().fit(column[:n_train]).transform(column)
    X, y = sliding_windows(scaled, LOOKBACK)
    n_rows = n_train - LOOKBACK
    return (X[:n_rows], y[:n_rows]), (X[n_rows:], y[n_rows:])


def validation_errors(
    split: tuple, cell: str, scheme: str, learning_rate: float, max_epochs: int, seed: int
) -> dict[int, float]:
    """Return the error relative to persistence after each number of epochs."""
    train, (X_val, y_val) = split
    persistence = np.mean((X_val[:, -1, 0] - y_val) ** 2)
    model = ESTIMATORS[cell](
        32, learning_rate=learning_rate, batch_size=32, warm_start=True, random_state=seed
    )
    stops = [epochs for epochs in EPOCHS if epochs <= max_epochs]
    errors = {}
    with patch("skrnn._recurrent._training.net.initialize_weights", SCHEMES[scheme]):
        for before, epochs in pairwise([0, *stops]):
            model.set_params(max_epochs=epochs - before).fit(*train)
            errors[epochs] = np.mean((model.predict(X_val) - y_val) ** 2) / persistence
    return errors


def run(splits: dict[str, tuple], n_seeds: int, n_rate_seeds: int) -> pd.DataFrame:
    """Fit everything and return one row for each fit and number of epochs.

    All seeds are run at the reference rate; the first few at each rate, and for longer.
    """
    rows = []
    for seed, (data, split), cell, scheme, rate in product(
        range(n_seeds), splits.items(), ESTIMATORS, SCHEMES, LEARNING_RATES
    ):
        if seed >= n_rate_seeds and rate != REFERENCE_RATE:
            continue
        max_epochs = max(EPOCHS) if seed < n_rate_seeds else REFERENCE_EPOCHS
        errors = validation_errors(split, cell, scheme, rate, max_epochs, seed)
        key = {"data": data, "cell": cell, "scheme": scheme, "rate": rate, "seed": seed}
        rows += [key | {"epochs": epochs, "error": error} for epochs, error in errors.items()]
    return pd.DataFrame(rows)


def markdown(table: pd.DataFrame) -> str:
    rows = table.map(lambda x: x if isinstance(x, str) else f"{x:.3f}").reset_index()
    lines = [rows.columns, ["---"] * rows.shape[1], *rows.to_numpy()]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def geometric_means(results: pd.DataFrame, index: list[str], columns: str) -> pd.DataFrame:
    logs = results.assign(error=np.log(results.error))
    return np.exp(logs.pivot_table("error", index, columns, sort=False))


def median_and_quartiles(errors: pd.Series) -> str:
    low, median, high = errors.quantile([0.25, 0.5, 0.75])
    return f"{median:.3f} ({low:.3f} to {high:.3f})"


def ratio_to_keras(means: pd.DataFrame) -> dict[str, str]:
    """Return each scheme's mean over keras's, with two standard errors over the seeds."""
    ratios = np.log(means.div(means["keras"], axis=0)).agg(["mean", "sem"]).T
    low, high = (np.exp(ratios["mean"] + sign * 2 * ratios["sem"]) for sign in (-1, 1))
    middle = np.exp(ratios["mean"])
    return {s: f"{middle[s]:.3f} ({low[s]:.3f} to {high[s]:.3f})" for s in means}


def print_schemes(results: pd.DataFrame) -> None:
    keys = ["data", "cell"]
    detail = results.pivot_table("error", keys, "scheme", median_and_quartiles, sort=False)
    print("Median (quartiles) of the error relative to persistence:\n")
    print(markdown(detail))
    medians = results.groupby([*keys, "scheme"], sort=False).error.median().reset_index()
    medians = pd.concat([medians, medians.assign(cell="all")])
    print("Geometric mean of the medians:\n")
    print(markdown(geometric_means(medians, ["cell"], "scheme")))
    groups = {name: results[results.cell == name] for name in ESTIMATORS}
    groups |= {"all": results, "gru on airline": groups["gru"].query("data == 'airline'")}
    ratios = {
        name: ratio_to_keras(geometric_means(group, ["seed"], "scheme"))
        for name, group in groups.items()
    }
    print("Geometric mean of the errors relative to keras's (two standard errors):\n")
    print(markdown(pd.DataFrame(ratios).T.rename_axis("cell")))


def print_rates(results: pd.DataFrame) -> None:
    results = pd.concat([results, results.assign(cell="all")])
    means = geometric_means(results, ["scheme", "rate", "epochs"], "cell")
    print("Geometric mean of the errors relative to persistence:\n")
    print(markdown(means))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--rate-seeds", type=int, default=2, help="seeds for the rates")
    parser.add_argument("--scaler", choices=SCALERS, default="minmax")
    parser.add_argument("--quick", action="store_true", help="one seed and two series")
    options = parser.parse_args()
    torch.set_num_threads(1)
    series = all_series()
    if options.quick:
        series = dict(list(series.items())[:2])
        options.seeds = options.rate_seeds = 1
    splits = {name: make_split(*series[name], options.scaler) for name in series}
    started = time.perf_counter()
    results = run(splits, options.seeds, options.rate_seeds)
    print(f"{options.scaler} scaling, {options.seeds} seed(s), ", end="")
    print(f"learning_rate={REFERENCE_RATE}, max_epochs={REFERENCE_EPOCHS}\n")
    print_schemes(results.query("rate == @REFERENCE_RATE and epochs == @REFERENCE_EPOCHS"))
    print(f"All rates and numbers of epochs, {options.rate_seeds} seed(s)\n")
    print_rates(results.query("seed < @options.rate_seeds"))
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
