"""Measure the compiled backend against a bare torch loop, torch's backend and skorch.

    python benchmarks/backends.py [fits] [sizes] [predict] [search] [threads] [limits]

All parts without arguments. Every ratio is of two things measured in turn in one
process, through the public ``fit`` and ``predict``; medians of the repetitions count.
A first round is not counted. Run it on an idle machine.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
import warnings
from collections.abc import Callable
from itertools import product
from typing import Any, NamedTuple
from unittest import mock

import numpy as np
import torch
from joblib import parallel_backend
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from skorch import NeuralNetRegressor
from threadpoolctl import threadpool_limits
from torch import nn

from skrnn import (
    GRURegressor,
    LSTMRegressor,
    RNNRegressor,
    SlidingWindowTransformer,
    make_supervised,
)
from skrnn._recurrent._compiled.library import Job, run
from skrnn.datasets import load_airline_passengers

CELLS = {
    "RNN": (nn.RNN, RNNRegressor),
    "GRU": (nn.GRU, GRURegressor),
    "LSTM": (nn.LSTM, LSTMRegressor),
}


class Case(NamedTuple):
    """One fit."""

    name: str
    cell: str
    shape: tuple[int, int, int]  # rows, steps, horizon (0: many-to-one)
    parameters: dict[str, Any]
    repeats: int


CASES = [
    *(
        Case(
            "airline, 5 units, 1 step, batch 1, 50 epochs",
            cell,
            (107, 1, 0),
            {"hidden_size": 5, "batch_size": 1, "max_epochs": 50},
            5,
        )
        for cell in CELLS
    ),
    *(
        Case(
            "airline, 32 units, 12 steps, batch 32, 100 epochs",
            cell,
            (96, 12, 0),
            {"hidden_size": 32, "batch_size": 32, "max_epochs": 100},
            7,
        )
        for cell in CELLS
    ),
    Case(
        "temperatures, bidirectional encoder-decoder of 32, 18 to 18, batch 32, 50 epochs",
        "GRU",
        (1100, 18, 18),
        {
            "hidden_size": 32,
            "batch_size": 32,
            "max_epochs": 50,
            "bidirectional": True,
            "architecture": "encoder-decoder",
        },
        3,
    ),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=list(PARTS))
    parser.add_argument("--repeats", type=int, help="repetitions, instead of each part's own")
    arguments = parser.parse_args()
    for part in arguments.parts:
        PARTS[part](arguments.repeats)
        print(flush=True)


# -- fits --------------------------------------------------------------------------


class BareNetwork(nn.Module):
    """What a user of torch writes by hand."""

    def __init__(self, layer: type[nn.RNNBase], units: int, horizon: int, both: bool) -> None:
        super().__init__()
        self.horizon = horizon
        width = 2 * units if both else units
        self.encoder = layer(1, units, batch_first=True, bidirectional=both)
        if horizon:
            self.decoder = layer(width, units, batch_first=True, bidirectional=both)
        self.head = nn.Linear(width, 1)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        outputs, state = self.encoder(X)
        if not self.horizon:
            return self.head(outputs[:, -1])
        hidden = state[0] if isinstance(state, tuple) else state
        summary = torch.cat(list(hidden), dim=1)
        outputs, _ = self.decoder(summary[:, None].expand(-1, self.horizon, -1).contiguous())
        return self.head(outputs)


def bare_loop(layer: type[nn.RNNBase], X: Any, y: Any, parameters: dict[str, Any]) -> None:
    """Train by hand, as a careful user of torch writes it."""
    X, y = torch.from_numpy(X), torch.from_numpy(y)[..., None]
    horizon = y.shape[1] if y.ndim == 3 else 0
    both = parameters.get("bidirectional", False)
    network = BareNetwork(layer, parameters["hidden_size"], horizon, both)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    loss_function = nn.MSELoss()
    for _ in range(parameters["max_epochs"]):
        for rows in torch.randperm(len(X)).split(parameters["batch_size"]):
            optimizer.zero_grad()
            loss = loss_function(network(X[rows]), y[rows])
            loss.backward()
            optimizer.step()


def measure_fits(repeats: int | None) -> None:
    """Print the seconds of whole fits, and how often ours go into the others'."""
    print("Fits in float32, seconds; times: how many compiled fits go into one of these\n")
    print("| fit | cell | compiled | bare torch loop | times | backend='torch' | times |")
    print("|---|---|---|---|---|---|---|")
    for case in CASES:
        layer, Regressor = CELLS[case.cell]
        X, y = random_rows(*case.shape)
        models = {
            backend: Regressor(**case.parameters, random_state=0, backend=backend)
            for backend in ("compiled", "torch")
        }
        compiled, bare, torch_ = in_turn(
            [
                lambda m=models["compiled"], X=X, y=y: m.fit(X, y),
                lambda c=case, la=layer, X=X, y=y: bare_loop(la, X, y, c.parameters),
                lambda m=models["torch"], X=X, y=y: m.fit(X, y),
            ],
            repeats or case.repeats,
        )
        print(
            f"| {case.name} | {case.cell} | {median(compiled):.3f} | {median(bare):.2f} | "
            f"{ratio(bare, compiled):.0f} | {median(torch_):.2f} | {ratio(torch_, compiled):.0f} |",
            flush=True,
        )


# -- sizes -------------------------------------------------------------------------

UNITS, STEPS, BATCHES = (4, 16, 64, 256), (1, 10, 100), (1, 32, 512)


def measure_sizes(repeats: int | None) -> None:
    """Print the ratio of the backends over sizes, and what "auto" chooses."""
    print("Time of a step of the optimizer in torch, as a multiple of the compiled one\n")
    print("| cell | type | units | steps | batch | compiled, µs | torch, µs | times | auto |")
    print("|---|---|---|---|---|---|---|---|---|")
    slower = 0
    for dtype, cell, units, steps, batch in product(
        ("float32", "float64"), CELLS, UNITS, STEPS, BATCHES
    ):
        compiled, torch_ = step_seconds(cell, dtype, units, steps, batch, repeats or 3)
        model = CELLS[cell][1](units, batch_size=batch, max_epochs=1)
        X, y = random_rows(batch, steps, 0, dtype)
        chosen = model.fit(X, y).backend_
        times = ratio(torch_, compiled)
        slower += chosen == "compiled" and times < 1
        print(
            f"| {cell} | {dtype} | {units} | {steps} | {batch} | {median(compiled) * 1e6:.0f} | "
            f"{median(torch_) * 1e6:.0f} | {times:.1f} | {chosen} |",
            flush=True,
        )
    print(f'\nSizes at which "auto" chose the compiled backend and it was slower: {slower}')


def step_seconds(
    cell: str, dtype: str, units: int, steps: int, batch: int, repeats: int
) -> tuple[list[float], list[float]]:
    """Seconds of a fit with each backend, divided by its steps."""
    n_batches = max(2, min(64, int(2e8 / (batch * steps * units * (units + 8)))))
    X, y = random_rows(batch * n_batches, steps, 0, dtype)
    options = {"batch_size": batch, "max_epochs": 3, "random_state": 0}
    models = [CELLS[cell][1](units, backend=b, **options) for b in ("compiled", "torch")]
    compiled, torch_ = in_turn([lambda m=m: m.fit(X, y) for m in models], repeats)
    n_steps = 3 * n_batches
    return [t / n_steps for t in compiled], [t / n_steps for t in torch_]


# -- predictions -------------------------------------------------------------------


def measure_predictions(repeats: int | None) -> None:
    """Print what one window and what many windows cost."""
    X, y = random_rows(100_000, 24, 0)
    perceptron = MLPRegressor(hidden_layer_sizes=(32,), max_iter=500, tol=1e-2).fit(
        X[:64, :, 0], y[:64]
    )
    models = [
        GRURegressor(32, max_epochs=1, random_state=0, backend=backend).fit(X[:64], y[:64])
        for backend in ("compiled", "torch")
    ]
    one = X[:1]
    calls = [lambda m=m: m.predict(one) for m in models]
    times = in_turn([*calls, lambda: perceptron.predict(one[:, :, 0])], 300)
    compiled, torch_, theirs = (median(column) * 1e6 for column in times)
    print(
        f"One window of 24 steps, GRU of 32: {compiled:.0f} µs compiled, {torch_:.0f} µs with "
        f"torch, {theirs:.0f} µs for a row of MLPRegressor; ratio {compiled / theirs:.1f}"
    )
    times = in_turn([lambda m=m: m.predict(X) for m in models], repeats or 5)
    rates = [len(X) / median(column) for column in times]
    print(f"100,000 windows: {rates[0]:,.0f} a second compiled, {rates[1]:,.0f} with torch")


# -- a grid search -----------------------------------------------------------------


class WindowNetwork(nn.Module):
    """The network for skorch alone."""

    def __init__(self, hidden_size: int = 8) -> None:
        super().__init__()
        self.recurrent = nn.GRU(1, hidden_size, batch_first=True)
        self.head = nn.Linear(hidden_size, 1)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        outputs, _ = self.recurrent(X)
        return self.head(outputs[:, -1])


class SkorchGRU(NeuralNetRegressor):
    """skorch for windows: lookback is tuned in the pipeline, y becomes a column."""

    def fit(self, X: Any, y: Any, **parameters: Any) -> Any:
        X, y = np.asarray(X, "float32"), np.asarray(y, "float32").reshape(-1, 1)
        return super().fit(np.nan_to_num(X), y, **parameters)

    def predict(self, X: Any) -> Any:
        return super().predict(np.nan_to_num(np.asarray(X, "float32")))[:, 0]


def measure_search(repeats: int | None) -> None:
    """Print the seconds of a grid search of 48 candidates and 5 splits."""
    X, y = make_supervised(load_airline_passengers())
    grid = {"lookback": [1, 6, 12, 24], "hidden_size": [4, 8, 16, 32], "rate": [3e-3, 1e-2, 3e-2]}
    ours = GRURegressor(max_epochs=100, random_state=0)
    skorch = SkorchGRU(
        WindowNetwork,
        max_epochs=100,
        batch_size=32,
        optimizer=torch.optim.Adam,
        train_split=None,
        verbose=0,
    )
    names = {"ours": ("hidden_size", "learning_rate"), "skorch": ("module__hidden_size", "lr")}
    seconds = {}
    for label, model, naming in (
        ("compiled", ours.set_params(backend="compiled"), "ours"),
        ("torch", clone(ours).set_params(backend="torch"), "ours"),
        ("skorch alone", skorch, "skorch"),
    ):
        pipe = make_pipeline(MinMaxScaler(), SlidingWindowTransformer(), model)
        pipe.set_output(transform="pandas")
        prefix = f"regressor__{type(model).__name__.lower()}__"
        parameters = {
            "regressor__slidingwindowtransformer__lookback": grid["lookback"],
            prefix + names[naming][0]: grid["hidden_size"],
            prefix + names[naming][1]: grid["rate"],
        }
        search = GridSearchCV(
            TransformedTargetRegressor(pipe, transformer=MinMaxScaler()),
            parameters,
            cv=TimeSeriesSplit(5),
            scoring="neg_mean_squared_error",
            refit=False,
        )
        start = time.perf_counter()
        search.fit(X, y)
        seconds[label] = time.perf_counter() - start
        print(
            f"48 candidates, 5 splits, 100 epochs, {label}: {seconds[label]:.1f} s "
            f"({seconds[label] / seconds['compiled']:.0f} times the compiled backend's)",
            flush=True,
        )


# -- threads -----------------------------------------------------------------------


def measure_threads(repeats: int | None) -> None:
    """Print how much faster two threads or processes are than one."""
    X, y = random_rows(2000, 24, 0)
    model = GRURegressor(16, max_epochs=10, random_state=0, backend="compiled").fit(X, y)
    search = GridSearchCV(model, {"learning_rate": np.geomspace(1e-3, 1e-2, 8)}, cv=2, refit=False)

    def run(backend: str, n_jobs: int) -> None:
        with parallel_backend(backend, n_jobs=n_jobs):
            clone(search).set_params(n_jobs=n_jobs).fit(X, y)

    run("loky", 2)  # starts the workers
    one, threads, processes = in_turn(
        [lambda: run("threading", 1), lambda: run("threading", 2), lambda: run("loky", 2)],
        repeats or 5,
    )
    print(
        f"A search of 16 fits on {os.cpu_count()} cores: two threads are "
        f"{ratio(one, threads):.2f} times as fast as one, two processes {ratio(one, processes):.2f}"
    )


# -- the machine's limits ----------------------------------------------------------


def measure_limits(repeats: int | None) -> None:
    """Print which part of the matrix product's speed the training reaches, and the rest."""
    print("Arithmetic of a fit (three products of each weight matrix) against the machine's\n")
    print(
        "| type | units | steps | batch | GFLOP/s in a fit | of one large product | share | "
        "of the fit in the library |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for dtype in ("float32", "float64"):
        a = np.random.default_rng(0).random((1024, 1024)).astype(dtype)
        with threadpool_limits(1, "blas"):  # as the library
            peak = 2 * 1024**3 / min(in_turn([lambda a=a: a @ a], 20)[0]) / 1e9
        for units, steps, batch in ((5, 1, 1), (32, 12, 32), (64, 48, 32), (128, 48, 256)):
            seconds = median(step_seconds("GRU", dtype, units, steps, batch, repeats or 5)[0])
            flops = 2 * batch * (3 * 3 * units * units * steps + 2 * 3 * units * steps)
            speed = flops / seconds / 1e9
            inside = share_in_library(units, steps, batch, dtype)
            print(
                f"| {dtype} | {units} | {steps} | {batch} | {speed:.2f} | {peak:.0f} | "
                f"{speed / peak:.0%} | {inside:.0%} |",
                flush=True,
            )


def share_in_library(units: int, steps: int, batch: int, dtype: str) -> float:
    """Return how much of a fit of 100 rows or more passes inside the library."""
    X, y = random_rows(max(100, batch), steps, 0, dtype)
    model = GRURegressor(units, batch_size=batch, max_epochs=50, backend="compiled")
    inside = 0.0

    def timed_run(job: Job) -> None:
        nonlocal inside
        start = time.perf_counter()
        run(job)
        inside += time.perf_counter() - start

    model.fit(X, y)
    with mock.patch("skrnn._recurrent._compiled.engine.run", timed_run):
        start = time.perf_counter()
        model.fit(X, y)
        return inside / (time.perf_counter() - start)


# -- tools -------------------------------------------------------------------------


def random_rows(n_rows: int, steps: int, horizon: int, dtype: str = "float32") -> Any:
    """Return windows of noise and a target, with a horizon if there is one."""
    rng = np.random.default_rng(0)
    X = rng.random((n_rows, steps, 1)).astype(dtype)
    y = rng.random((n_rows, horizon)).astype(dtype) if horizon else X[:, -1, 0].copy()
    return X, y


def in_turn(functions: list[Callable[[], object]], repeats: int) -> list[list[float]]:
    """Return the seconds of each function, called in turn; a first round is not counted."""
    seconds: list[list[float]] = [[] for _ in functions]
    for count in range(repeats + 1):
        for function, column in zip(functions, seconds, strict=True):
            start = time.perf_counter()
            function()
            if count:
                column.append(time.perf_counter() - start)
    return seconds


def median(values: list[float]) -> float:
    return statistics.median(values)


def ratio(above: list[float], below: list[float]) -> float:
    """Return the median of the ratios of pairs that were measured in the same round."""
    return median([a / b for a, b in zip(above, below, strict=True)])


PARTS = {
    "fits": measure_fits,
    "sizes": measure_sizes,
    "predict": measure_predictions,
    "search": measure_search,
    "threads": measure_threads,
    "limits": measure_limits,
}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
