"""Rows of targets, weights and validation rows belong to those of X by their order."""

import numpy as np
import pandas as pd
import pytest

from skrnn import (
    GRURegressor,
    NaiveRegressor,
    PretrainedGRURegressor,
    ResidualRegressor,
    WindowLinearRegressor,
    WindowNormalizedRegressor,
)

RNG = np.random.default_rng(0)
DAYS = pd.date_range("2020-01-01", periods=30)
X = pd.DataFrame(RNG.normal(size=(30, 4)), index=DAYS, columns=["t3", "t2", "t1", "t0"])
Y = pd.Series(X["t0"] + X["t3"], index=DAYS)
WEIGHT = pd.Series(np.linspace(0.5, 1, 30), index=DAYS)
NETWORK = GRURegressor(2, max_epochs=2, random_state=0)

each = pytest.mark.parametrize(
    "model",
    [
        NETWORK,
        NaiveRegressor(),
        PretrainedGRURegressor(),
        WindowLinearRegressor(),
        WindowNormalizedRegressor(NETWORK),
        ResidualRegressor(NETWORK),
    ],
    ids=lambda model: type(model).__name__,
)


@each
def test_labels_in_another_order(model):
    words = r"labels of X and {} disagree: row 0 is 2020-01-01.* in X, and 2020-01-30.* in {}.*loc"
    for arguments, name in (((X, Y[::-1]), "y"), ((X, Y, WEIGHT[::-1]), "sample_weight")):
        with pytest.raises(ValueError, match=words.format(name, name)):
            model.fit(*arguments)
    model.fit(X, Y, WEIGHT)
    for arguments, name in (((X, Y[::-1]), "y"), ((X, Y, WEIGHT[::-1]), "sample_weight")):
        with pytest.raises(ValueError, match=words.format(name, name)):
            model.score(*arguments)


@each
def test_labels_that_tell_nothing(model):
    expected = model.fit(X, Y, WEIGHT).predict(X)
    numbered = Y.reset_index(drop=True)
    for target in (Y.to_numpy(), numbered, Y.to_frame()):
        weight = WEIGHT.reset_index(drop=True)
        found = model.fit(X, target, weight).predict(X).ravel()
        np.testing.assert_array_equal(found, expected)
    model.fit(X.to_numpy(), numbered)  # no labels in X
    repeated = pd.Index([1, 2] * 15)
    model.fit(X.set_index(repeated), Y.set_axis(repeated[::-1]))


@pytest.mark.parametrize(
    "model",
    [NETWORK, WindowNormalizedRegressor(NETWORK), ResidualRegressor(NETWORK)],
    ids=lambda model: type(model).__name__,
)
def test_columns_of_validation_rows(model):
    permuted = X[X.columns[::-1]]
    with pytest.raises(ValueError, match=r"columns of X in the same order.*'t0', 't1'.*X\.columns"):
        model.fit(X, Y, X_val=permuted, y_val=Y)
    model.fit(X, Y, X_val=X.to_numpy(), y_val=Y)
    model.fit(X, Y, X_val=X, y_val=Y)


def test_messages_name_the_validation_rows():
    broken = X.copy()
    broken.iloc[3, 2] = np.nan
    with pytest.raises(ValueError, match="Input X_val of GRURegressor contains NaN at row 3"):
        NETWORK.fit(X, Y, X_val=broken, y_val=Y)
    with pytest.raises(ValueError, match="labels of X and y_val disagree"):
        NETWORK.fit(X, Y, X_val=X, y_val=Y[::-1])
