"""Measure ``fit`` with ``backend="torch"`` against a bare torch loop of the same steps.

Both train the same cell with the same optimizer on the same rows, in turn, in one
process; the median of the ratios is what counts. Run it on an idle machine:

    python benchmarks/training_loop.py
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from skrnn import GRURegressor, LSTMRegressor, RNNRegressor

CELLS = {
    "RNN": (nn.RNN, RNNRegressor),
    "GRU": (nn.GRU, GRURegressor),
    "LSTM": (nn.LSTM, LSTMRegressor),
}


class Case(NamedTuple):
    """Sizes of one fit."""

    batch_size: int
    lookback: int
    hidden_size: int
    max_epochs: int


# The airline passengers' 107 rows, as the tutorial trains them and as one would.
CASES = [Case(1, 1, 5, 5), Case(1, 12, 5, 5), Case(32, 12, 32, 100), Case(32, 48, 64, 25)]


def bare_loop(layer: type[nn.RNNBase], X: np.ndarray, y: np.ndarray, case: Case) -> None:
    """Train by hand, as a careful user of torch writes it."""
    X, y = torch.from_numpy(X), torch.from_numpy(y)[:, None]
    recurrent = layer(X.shape[2], case.hidden_size, batch_first=True).to(X.dtype)
    head = nn.Linear(case.hidden_size, 1).to(X.dtype)
    optimizer = torch.optim.Adam([*recurrent.parameters(), *head.parameters()], lr=1e-3)
    loss_function = nn.MSELoss()
    for _ in range(case.max_epochs):
        order = torch.randperm(len(X))
        for start in range(0, len(X), case.batch_size):
            rows = order[start : start + case.batch_size]
            optimizer.zero_grad()
            outputs, _ = recurrent(X[rows])
            loss = loss_function(head(outputs[:, -1]), y[rows])
            loss.backward()
            optimizer.step()


def seconds(function: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def measure(cell: str, case: Case, dtype: str, n_repeats: int) -> tuple[float, float, float]:
    """Return the median ratio, and both medians in microseconds a step."""
    layer, Regressor = CELLS[cell]
    X = np.random.default_rng(0).random((107, case.lookback, 1)).astype(dtype)
    y = X[:, -1, 0].copy()
    model = Regressor(
        case.hidden_size,
        batch_size=case.batch_size,
        max_epochs=case.max_epochs,
        learning_rate=1e-3,
        backend="torch",
        random_state=0,
    )
    bare_loop(layer, X, y, case), model.fit(X, y)  # warm up
    pairs = [
        (seconds(lambda: bare_loop(layer, X, y, case)), seconds(lambda: model.fit(X, y)))
        for _ in range(n_repeats)
    ]
    n_steps = case.max_epochs * -(-107 // case.batch_size)
    bare, fit = (statistics.median(column) * 1e6 / n_steps for column in zip(*pairs, strict=True))
    return statistics.median(fit / bare for bare, fit in pairs), bare, fit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=9)
    arguments = parser.parse_args()
    print("| cell | type | batch | lookback | units | bare loop, µs a step | fit | ratio |")
    print("|---|---|---|---|---|---|---|---|")
    for case in CASES:
        for dtype in ("float32", "float64"):
            for cell in CELLS:
                ratio, bare, fit = measure(cell, case, dtype, arguments.repeats)
                print(
                    f"| {cell} | {dtype} | {case.batch_size} | {case.lookback} | "
                    f"{case.hidden_size} | {bare:.0f} | {fit:.0f} | {ratio:.2f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
