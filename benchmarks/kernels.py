"""Measure one step of the optimizer in the compiled library, for each set of instructions.

    python benchmarks/kernels.py [--cells RNN GRU LSTM] [--dtype float64] [--isa auto avx2]

Many-to-one networks on windows of 12 steps with one feature, trained with Adam on a target of
noise. skorch's loop is not measured. The columns: microseconds a step with each set of
instructions ("auto": the library's own choice); with a bare torch loop on one thread; and the
speed of the products with recurrent weights in the fastest set, compared with that of NumPy's
product of two 512 x 512 matrices on one thread.

All of a row is measured in turn, in one process. The minimum of the processor time of this
thread counts, since other processes on the machine make each measurement longer, never shorter.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch import nn

from skrnn._recurrent._compiled import library
from skrnn._recurrent._compiled.engine import Engine
from skrnn._recurrent._network.losses import WeightedLoss
from skrnn._recurrent._network.modules import ManyToOne

CELLS = {"RNN": (nn.RNN, 1), "GRU": (nn.GRU, 3), "LSTM": (nn.LSTM, 4)}  # with their gates
SIZES = [(8, 1), (8, 32), (32, 1), (32, 32), (32, 256), (128, 32)]  # units, rows of a batch
N_STEPS = 12  # of time
N_PRODUCT = 512
SECONDS_PER_CALL = 0.02  # of the compiled code; short, so that some calls are not disturbed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", nargs="+", choices=list(CELLS), default=["GRU"])
    parser.add_argument("--dtype", choices=["float32", "float64"], default="float32")
    parser.add_argument("--isa", nargs="+", help="sets of instructions; all usable ones if absent")
    parser.add_argument("--repeats", type=int, default=50)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with threadpool_limits(1, "blas"):
        print_table(arguments.cells, arguments.dtype, arguments.isa, arguments.repeats)


def print_table(cells: list[str], dtype: str, isa: list[str] | None, repeats: int) -> None:
    names = isa or [*usable_instructions(), "auto"]
    print(f"Microseconds for a step of the optimizer, {N_STEPS} steps of time, {dtype}\n")
    print(f"| cell | units | batch | {' | '.join(names)} | torch | GFLOP/s | product | share |")
    print("|---" * (len(names) + 7) + "|")
    for cell in cells:
        for units, batch in SIZES:
            calls = {name: library_call(cell, units, batch, dtype, name) for name in names}
            calls["torch"] = torch_call(cell, units, batch, dtype)
            *steps, product = fastest_in_turn([*calls.values(), product_call(dtype)], repeats)
            speed = flops(cell, units, batch) / min(steps[:-1]) / 1e9
            peak = 2 * N_PRODUCT**3 / product / 1e9
            columns = " | ".join(microseconds(step) for step in steps)
            print(
                f"| {cell} | {units} | {batch} | {columns} | {speed:.1f} | {peak:.0f} | "
                f"{speed / peak:.0%} |",
                flush=True,
            )


def flops(cell: str, units: int, batch: int) -> int:
    """Return the operations in the products with recurrent weights of a step.

    The first step of time has a state of zero before it. Each other one has a product forward,
    one for the gradient by the state before, and one for the gradient by the weights.
    """
    _, n_gates = CELLS[cell]
    return 2 * batch * units * n_gates * units * (3 * N_STEPS - 3)


# -- what is measured: functions, and how many steps a call takes -------------------------


Steps = tuple[Callable[[], object], int]


def library_call(cell: str, units: int, batch: int, dtype: str, instructions: str) -> Steps:
    """Return a call of the compiled library that takes many steps."""
    X, y = random_rows(batch, dtype)
    network = ManyToOne((1,), cell=cell.lower(), n_features=1, hidden_size=units)
    network.to(getattr(torch, dtype))
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    criterion = WeightedLoss("squared_error")
    engine, lengths = Engine(network), np.full(len(X), N_STEPS)

    def train(n_steps: int) -> None:
        force(instructions)
        order = np.resize(np.arange(len(X)), n_steps * batch)
        options = {"optimizer": optimizer, "criterion": criterion, "batch_size": batch}
        engine.train_epoch(X, lengths, y, None, order, max_grad_norm=None, **options)

    return many_steps(train)


def torch_call(cell: str, units: int, batch: int, dtype: str) -> Steps:
    """Return a call of a loop that a user of torch writes."""
    layer, _ = CELLS[cell]
    X, y = (torch.from_numpy(array) for array in random_rows(batch, dtype))
    recurrent = layer(1, units, batch_first=True).to(X.dtype)
    head = nn.Linear(units, 1).to(X.dtype)
    optimizer = torch.optim.Adam([*recurrent.parameters(), *head.parameters()], lr=1e-3)
    loss_function = nn.MSELoss()
    batches = torch.arange(len(X)).split(batch)[:4]

    def train() -> None:
        for rows in batches:
            optimizer.zero_grad()
            outputs, _ = recurrent(X[rows])
            loss_function(head(outputs[:, -1]), y[rows]).backward()
            optimizer.step()

    return train, len(batches)


def product_call(dtype: str) -> Steps:
    """Return a product of two matrices in NumPy."""
    a, b = np.random.default_rng(0).random((2, N_PRODUCT, N_PRODUCT)).astype(dtype)
    return lambda: np.dot(a, b), 1


# -- tools --------------------------------------------------------------------------------


def random_rows(batch: int, dtype: str) -> Any:
    """Return windows and targets of noise.

    The gradients of a target that can be learned exactly would become so small that processors
    compute slowly with them.
    """
    rng = np.random.default_rng(0)
    n_rows = batch * max(4, -(-107 // batch))
    X, y = rng.normal(size=(n_rows, N_STEPS, 1)), rng.normal(size=(n_rows, 1))
    return X.astype(dtype), y.astype(dtype)


def usable_instructions() -> list[str]:
    """Return the sets of instructions that this processor has, slowest first."""
    force("auto")
    return library._usable_instructions()


def force(instructions: str) -> None:
    """Make the library use a set of instructions; with "auto" it chooses."""
    os.environ.pop(library.VARIABLE, None)
    if instructions != "auto":
        os.environ[library.VARIABLE] = instructions
    library._usable_instructions.cache_clear()


def many_steps(train: Callable[[int], None]) -> Steps:
    """Return a call of a function for so many steps that it is not too short to be measured."""
    train(16)
    start = time.thread_time()
    train(64)
    seconds = (time.thread_time() - start) / 64
    n_steps = max(4, int(SECONDS_PER_CALL / seconds))
    return lambda: train(n_steps), n_steps


def fastest_in_turn(calls: list[Steps], repeats: int) -> list[float]:
    """Return seconds of a step of each call: the fastest of many rounds, in processor time."""
    fastest = [np.inf] * len(calls)
    for _ in range(repeats):
        for i, (function, n_steps) in enumerate(calls):
            start = time.thread_time()
            function()
            fastest[i] = min(fastest[i], (time.thread_time() - start) / n_steps)
    return fastest


def microseconds(seconds: float) -> str:
    """Return three digits, or whole microseconds."""
    return f"{seconds * 1e6:.{2 if seconds < 1e-5 else 1 if seconds < 1e-4 else 0}f}"


if __name__ == "__main__":
    main()
