"""Train and predict with a library that checks each access to memory, for many sizes.

Run by ``make test-memory``; not part of the test run, since it needs GCC and its sanitizers. Prints
the report of the first access that is out of bounds, and fails.
"""

import os
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path

import numpy as np

from skrnn import GRURegressor, LSTMRegressor, RNNRegressor
from skrnn._recurrent._compiled import build, library

FLAGS = ["-std=c++17", "-O1", "-g", "-w", "-fno-exceptions", "-fno-rtti", "-fPIC", "-shared"]
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize=alignment"]


def compile_checked(path: Path) -> None:
    """Compile the kernels for the fastest instructions of this processor, with sanitizers."""
    chosen = build.INSTRUCTIONS[library.instructions()]
    definitions = [
        f"-DSKRNN_VECTOR_BYTES={chosen.vector_bytes}",
        f'-DSKRNN_SOURCE_HASH="{build.source_hash()}"',
    ]
    source = str(build.SOURCES / "kernel.cpp")
    command = ["g++", *FLAGS, *SANITIZERS, *chosen.flags, *definitions, source, "-o", str(path)]
    subprocess.run(command, check=True)


def train_and_predict(path: Path) -> None:
    """Use the library at a path for networks and batches of many sizes."""
    library.library_path = lambda name: path
    rng = np.random.default_rng(0)
    n = 0
    for Regressor, architecture, layers, both, (units, outputs), (
        n_rows,
        batch,
    ), steps, dtype in product(
        (RNNRegressor, GRURegressor, LSTMRegressor),
        ("many-to-one", "encoder-decoder", "many-to-many"),
        (1, 2),
        (False, True),
        ((5, 1), (32, 18), (40, 1)),
        ((65, 33), (107, 32), (7, 3), (150, 150)),
        (1, 10),
        (np.float32, np.float64),
    ):
        X = rng.normal(size=(n_rows, steps, 2)).astype(dtype)
        axes = {"many-to-one": (), "encoder-decoder": (3,), "many-to-many": (steps,)}
        y = rng.normal(size=(n_rows, *axes[architecture], outputs))
        for row, length in enumerate(rng.integers(1, steps + 1, n_rows)):
            X[row, : steps - length] = np.nan
            if architecture == "many-to-many":
                y[row, : steps - length] = np.nan
        model = Regressor(
            units,
            num_layers=layers,
            bidirectional=both,
            dropout=0.3 if layers > 1 else 0.0,
            architecture=architecture,
            batch_size=batch,
            max_epochs=1,
            backend="compiled",
            random_state=0,
        )
        model.fit(X, y).predict(X)
        n += 1
    print(f"{n} networks trained and predicted within their memory")


def main() -> None:
    if len(sys.argv) > 1:
        train_and_predict(Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "checked.so")
        compile_checked(path)
        command = ["g++", "-print-file-name=libasan.so"]
        runtime = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        options = {"LD_PRELOAD": runtime, "ASAN_OPTIONS": "detect_leaks=0"}
        subprocess.run([sys.executable, __file__, str(path)], env=os.environ | options, check=True)


if __name__ == "__main__":
    main()
