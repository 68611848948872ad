"""A second fit uses the estimators inside as they are then, warm_start or not."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import Ridge, SGDRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from skrnn import (
    GRURegressor,
    LastSteps,
    NaiveRegressor,
    PerSeriesTargetRegressor,
    PerSeriesTransformer,
    ResidualRegressor,
    TimeDistributed,
    WindowNormalizedRegressor,
)

INDEX = pd.MultiIndex.from_tuples([(shop, day) for day in range(30) for shop in "ab"])
ROWS = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 4)), index=INDEX)
TARGET = ROWS[0] * 2 + ROWS[3]
NETWORK = GRURegressor(2, max_epochs=3, warm_start=True, random_state=0)
LINEAR = SGDRegressor(warm_start=True, random_state=0)

CASES = {
    "normalised, another regressor": (WindowNormalizedRegressor(NETWORK), {"regressor": Ridge()}),
    "normalised, other weights": (
        WindowNormalizedRegressor(NETWORK),
        {"regressor__random_state": 1},
    ),
    "normalised, another size": (WindowNormalizedRegressor(NETWORK), {"regressor__hidden_size": 4}),
    "normalised, another step": (
        WindowNormalizedRegressor(make_pipeline(LastSteps(2), NETWORK)),
        {"regressor__laststeps__lookback": 3},
    ),
    "residuals, another regressor": (ResidualRegressor(NETWORK), {"regressor": Ridge()}),
    "residuals, another baseline": (
        ResidualRegressor(NETWORK),
        {"baseline": NaiveRegressor("drift")},
    ),
    "target of each series, another regressor": (
        PerSeriesTargetRegressor(LINEAR, StandardScaler()),
        {"regressor__alpha": 1.0},
    ),
    "target of each series, another transformer": (
        PerSeriesTargetRegressor(Ridge(), StandardScaler()),
        {"transformer": MinMaxScaler((3, 9))},
    ),
    "each series, another transformer": (
        PerSeriesTransformer(StandardScaler()),
        {"transformer": MinMaxScaler()},
    ),
    "each series, another parameter": (
        PerSeriesTransformer(MinMaxScaler()),
        {"transformer__feature_range": (2, 3)},
    ),
    "time steps, another transformer": (
        TimeDistributed(StandardScaler()),
        {"transformer": MinMaxScaler()},
    ),
    "time steps, another parameter": (
        TimeDistributed(MinMaxScaler()),
        {"transformer__feature_range": (2, 3)},
    ),
}


def result_of(estimator):
    method = estimator.transform if hasattr(estimator, "transform") else estimator.predict
    return np.asarray(method(ROWS))


@pytest.mark.parametrize("case", CASES)
def test_a_second_fit_is_a_first_fit(case):
    estimator, changed = CASES[case]
    estimator = clone(estimator).fit(ROWS, TARGET)
    before = result_of(estimator)
    np.testing.assert_array_equal(result_of(estimator.fit(ROWS, TARGET)), before)
    estimator.set_params(**changed)
    np.testing.assert_array_equal(result_of(estimator), before)  # until the next fit
    fresh = clone(estimator).fit(ROWS, TARGET)
    np.testing.assert_array_equal(result_of(estimator.fit(ROWS, TARGET)), result_of(fresh))
    if "residuals" not in case:  # whose shrinkage may be 0
        assert not np.array_equal(result_of(fresh), before)
