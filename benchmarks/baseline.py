"""What a baseline does for a network, on the airline passengers.

One step ahead, the last 36 months; scalers, baseline and network are fitted on the first
108. Errors are in thousands of passengers, squared.

Run it with ``python benchmarks/baseline.py``: about a minute on one core.
"""

import dataclasses
from unittest import mock

import numpy as np
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from skrnn import GRURegressor, NaiveRegressor, SlidingWindowTransformer, make_supervised
from skrnn._baseline import fit_baseline
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


def in_units_of_y(*args, **kwargs):
    """Do as fit_baseline, but leave what is left in the units of y."""
    return dataclasses.replace(fit_baseline(*args, **kwargs), scale=1.0)


print("Mean squared error, median of nine seeds (least to largest)")
seasonal = NaiveRegressor("seasonal", season_length=12)
show_errors("same as last month", windows_and(NaiveRegressor()))
show_errors("same month last year", windows_and(seasonal))
show_errors("GRU", network(target_scaler=StandardScaler()))
show_errors("GRU, baseline the same month last year", network(seasonal, StandardScaler()))
model = show_errors('GRU, baseline="linear"', network("linear")).regressor_
line = model[-1].baseline_.predict(model[:-1].transform(X[test]))
print(f"{'that baseline alone':50} {np.mean((line - y[test]) ** 2):5.0f}")

print("\nThe GRU with the linear baseline, had it to learn what is left in the units of y")
with mock.patch("skrnn._base.fit_baseline", in_units_of_y):
    show_errors("y as it is", network("linear"))
    show_errors("y in MinMaxScaler", network("linear", MinMaxScaler()))
    show_errors("y in StandardScaler", network("linear", StandardScaler()))
