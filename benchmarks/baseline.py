"""What a baseline does for a network, on the airline passengers.

One step ahead, the last 36 months; scalers, baseline and network are fitted on the first
108. Errors are in thousands of passengers, squared.

Run it with ``python benchmarks/baseline.py``: about a minute on one core.
"""

import numpy as np
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skrnn import GRURegressor, NaiveRegressor, SlidingWindowTransformer, make_supervised
from skrnn._models.linear_baseline import LinearBaseline
from skrnn.datasets import load_airline_passengers

SEEDS = range(9)
X, y = make_supervised(load_airline_passengers())
train, test = slice(0, 107), slice(107, None)


def show_errors(name, model):
    """Fit and score with each seed; print the median, least and largest error."""
    errors = []
    for seed in SEEDS:
        seeds = [key for key in model.get_params() if key.endswith("random_state")]
        seeded = clone(model).set_params(**dict.fromkeys(seeds, seed))
        predicted = seeded.fit(X[train], y[train]).predict(X[test])
        errors.append(np.mean((predicted - y[test]) ** 2))
    spread = f"({min(errors):.0f} to {max(errors):.0f})" if seeds else ""
    print(f"{name:50} {np.median(errors):5.0f} {spread}", flush=True)
    return seeded


def windows_and(regressor, scaler="passthrough"):
    """Return a pipeline that ends with a regressor on the last 13 months."""
    pipe = make_pipeline(scaler, SlidingWindowTransformer(13), regressor)
    return pipe.set_output(transform="pandas")


def network(baseline=None, target_scaler=None):
    """Return a GRU of 16 units, all else by default, on standardised windows."""
    pipe = windows_and(GRURegressor(16, baseline=baseline), StandardScaler())
    return TransformedTargetRegressor(pipe, transformer=target_scaler)


print("Mean squared error, median of nine seeds (least to largest)")
seasonal = NaiveRegressor("seasonal", season_length=12)
show_errors("same as last month", windows_and(NaiveRegressor()))
show_errors("same month last year", windows_and(seasonal))
show_errors("GRU", network(target_scaler=StandardScaler()))
show_errors(
    "GRU, baseline the same month last year", windows_and(GRURegressor(16, baseline=seasonal))
)
show_errors('GRU, baseline="linear"', windows_and(GRURegressor(16, baseline="linear")))
show_errors("that baseline alone", windows_and(LinearBaseline()))

print('\nThe GRU with baseline="linear", window and target in other units')
show_errors("window in StandardScaler, target as it is", network("linear"))
show_errors("both in StandardScaler", network("linear", StandardScaler()))
