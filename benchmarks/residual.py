"""Compare the linear model, the residual network and normalised windows on the airline passengers.

One month ahead. Errors are mean squared errors in thousands of passengers, squared.

    python benchmarks/residual.py choose

compares candidates by rolling origins within the first 108 months: five parts of 12 months,
each predicted by models fitted to all months before it. The last 36 months are never used.

    python benchmarks/residual.py score

fits models with a lookback of 13 to the first 108 months, and scores them on the last 36.

"choose" takes two to five minutes on two cores, "score" half a minute.
"""

from __future__ import annotations

import argparse
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skrnn import (
    GRURegressor,
    NaiveRegressor,
    ResidualRegressor,
    SlidingWindowTransformer,
    WindowLinearRegressor,
    WindowNormalizedRegressor,
    make_supervised,
)
from skrnn.datasets import load_airline_passengers

N_TRAINING = 108  # months; the target of the last training row is the last of them


def on_windows(regressor: Any, lookback: int = 13) -> Any:
    """Return a pipeline of windows and a regressor."""
    return make_pipeline(SlidingWindowTransformer(lookback), regressor)


def on_logarithms(regressor: Any, lookback: int = 13) -> Any:
    """Return a pipeline that works with logarithms and predicts passengers."""
    windows = SlidingWindowTransformer(lookback)
    pipeline = make_pipeline(FunctionTransformer(np.log), windows, regressor)
    return TransformedTargetRegressor(pipeline, func=np.log, inverse_func=np.exp)


def standardised(regressor: Any, *, target: bool = True) -> Any:
    """Return a pipeline with a scaler for the series and, unless told otherwise, the target."""
    pipeline = make_pipeline(StandardScaler(), SlidingWindowTransformer(13), regressor)
    pipeline.set_output(transform="pandas")
    return TransformedTargetRegressor(pipeline, transformer=StandardScaler() if target else None)


def candidates() -> dict[str, Any]:
    """Return what "choose" compares, by name."""
    found = {}
    for (units, put), lookback in product(
        {"passengers": on_windows, "logarithms": on_logarithms}.items(), [12, 13, 25]
    ):
        models = {"line": WindowLinearRegressor()}
        for size, early_stopping in product([8, 32], [False, True]):
            network = GRURegressor(size, early_stopping=early_stopping)
            stopped = ", early stopping" if early_stopping else ""
            models[f"residual of GRU({size}{stopped})"] = ResidualRegressor(network)
        for name, model in models.items():
            at = f"{units}, lookback {lookback}: "
            found[f"{at}{name}"] = put(model, lookback)
            found[f"{at}normalised {name}"] = put(WindowNormalizedRegressor(model), lookback)
    return found


def with_seeds(model: Any, n_seeds: int) -> list[Any]:
    """Return copies of a model, one for each seed; one copy if it has no seed."""
    names = [name for name in model.get_params() if name.endswith("random_state")]
    seeds = range(n_seeds if names else 1)
    return [clone(model).set_params(**dict.fromkeys(names, seed)) for seed in seeds]


def median_error(model: Any, X: pd.DataFrame, y: pd.DataFrame, n_seeds: int) -> dict[str, float]:
    """Return the mean squared error over rolling origins: median of the seeds, least, largest."""
    cv = TimeSeriesSplit(5, test_size=12)
    errors = [
        -cross_val_score(each, X, y, cv=cv, scoring="neg_mean_squared_error").mean()
        for each in with_seeds(model, n_seeds)
    ]
    return {"median": np.median(errors), "least": min(errors), "largest": max(errors)}


def choose(n_seeds: int) -> None:
    """Print the errors of all candidates within the training months, best first."""
    X, y = make_supervised(load_airline_passengers()[:N_TRAINING])
    models = candidates()
    errors = Parallel(2)(delayed(median_error)(model, X, y, n_seeds) for model in models.values())
    table = pd.DataFrame(errors, index=list(models)).sort_values("median")
    print(f"Within the first {N_TRAINING} months, {n_seeds} seeds")
    print(table.round(1).to_string())


def scored_models() -> dict[str, Any]:
    """Return what "score" compares, by name."""
    last_year = NaiveRegressor("seasonal", season_length=12)
    network, line = GRURegressor(), WindowLinearRegressor()
    on_line = ResidualRegressor(network)
    return {
        "same as last month": on_windows(NaiveRegressor()),
        "same month last year": on_windows(last_year),
        "GRU": standardised(network),
        "normalised GRU": standardised(WindowNormalizedRegressor(network)),
        "residual of GRU, baseline last year": on_windows(ResidualRegressor(network, last_year)),
        "line": on_windows(line),
        "residual of GRU": on_windows(on_line),
        "residual of GRU, windows scaled": standardised(on_line, target=False),
        "residual of GRU, windows and target scaled": standardised(on_line),
        "normalised line": on_windows(WindowNormalizedRegressor(line)),
        "normalised residual of GRU": on_windows(WindowNormalizedRegressor(on_line)),
        "logarithms: line": on_logarithms(line),
        "logarithms: residual of GRU": on_logarithms(on_line),
        "logarithms: normalised line": on_logarithms(WindowNormalizedRegressor(line)),
        "logarithms: normalised residual of GRU": on_logarithms(WindowNormalizedRegressor(on_line)),
    }


def score(n_seeds: int) -> None:
    """Print errors on the last 36 months."""
    X, y = make_supervised(load_airline_passengers())
    train, test = slice(0, N_TRAINING - 1), slice(N_TRAINING - 1, None)
    print(f"The last 36 months: median of {n_seeds} seeds (least to largest)")
    for name, model in scored_models().items():
        errors = [
            mean_squared_error(y[test], each.fit(X[train], y[train]).predict(X[test]))
            for each in with_seeds(model, n_seeds)
        ]
        spread = f"({min(errors):.0f} to {max(errors):.0f})" if len(errors) > 1 else ""
        print(f"{name:50} {np.median(errors):5.0f} {spread}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", choices=["choose", "score"])
    parser.add_argument("--seeds", type=int, help="default: 3 to choose, 5 to score")
    arguments = parser.parse_args()
    if arguments.part == "choose":
        choose(arguments.seeds or 3)
    else:
        score(arguments.seeds or 5)


if __name__ == "__main__":
    main()
