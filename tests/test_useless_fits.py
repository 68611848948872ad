"""A network that is no better than a constant warns after its training."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from skrnn import (
    GRURegressor,
    LSTMRegressor,
    ResidualRegressor,
    SlidingWindowTransformer,
    WindowNormalizedRegressor,
    make_supervised,
)
from skrnn.datasets import load_airline_passengers

LOSSES = ["squared_error", "absolute_error", "huber", "quantile"]


def passengers():
    return make_supervised(load_airline_passengers())


def windows_of_noise(n_rows, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n_rows, 5, 1)), rng.normal(size=n_rows)


def waves(n_rows=60):
    X = np.sin(np.arange(n_rows)[:, np.newaxis] / 5 + np.arange(6) / 5)[:, :, np.newaxis]
    return X, np.sin(np.arange(n_rows) / 5 + 6 / 5)


def network(**options):
    return GRURegressor(8, random_state=0, **options)


# It warns


@pytest.mark.parametrize("loss", LOSSES)
def test_unscaled_passengers(loss):
    X, y = passengers()
    model = make_pipeline(SlidingWindowTransformer(12), network(loss=loss))
    with pytest.warns(ConvergenceWarning, match="GRURegressor has learned nothing") as caught:
        model.fit(X, y)
    (message,) = [str(w.message) for w in caught]
    assert f"y has mean {y.mean():.4g} and standard deviation {y.std(ddof=0):.4g}" in message
    assert "StandardScaler" in message
    assert "WindowNormalizedRegressor" in message
    assert "SlidingWindowTransformer" not in message
    if loss != "quantile":
        assert model.score(X, y) < 0


@pytest.mark.parametrize(
    ("change", "options"),
    [
        (lambda y: y + 1e9, {}),
        (lambda y: y * 1e-12, {}),
        (lambda y: y, {"learning_rate": 1e6}),
        (lambda y: np.column_stack((y, y)) * 1e5, {}),
        (lambda y: y[:, np.newaxis] * 1e5 * np.ones(6), {"architecture": "encoder-decoder"}),
        (lambda y: y[:, np.newaxis] * 1e5 * np.ones(6), {"architecture": "many-to-many"}),
        (lambda y: y * 1e5, {"early_stopping": True}),
        (lambda y: y * 1e5, {"backend": "torch"}),
    ],
)
def test_targets_and_rates_of_the_wrong_size(change, options):
    X, y = waves()
    with pytest.warns(ConvergenceWarning, match="has learned nothing: after .* epochs"):
        network(**options).fit(X, change(y))


def test_a_saturated_network_that_predicts_the_mean():
    X, y = waves()
    model = network(learning_rate=0.05, max_epochs=200)
    with pytest.warns(ConvergenceWarning, match="has learned nothing"):
        model.fit(1e9 + X, y)
    assert np.ptp(model.predict(1e9 + X)) < 1e-9


@pytest.mark.filterwarnings("ignore:GRURegressor reads each row of X as a sequence:UserWarning")
def test_rows_of_a_table_that_were_read_as_sequences():
    X, y = passengers()
    table = pd.DataFrame({"passengers": X.iloc[:, 0], "month": np.arange(len(X))})
    words = r"X is a two-dimensional table, .* a sequence of 2 step\(s\).*SlidingWindowTransformer"
    with pytest.warns(ConvergenceWarning, match=words):
        network().fit(table, y)


def test_padded_steps_of_targets_do_not_count():
    X, y = waves()
    X = np.concatenate([np.full((60, 2, 1), np.nan), X], axis=1)
    targets = np.full((60, 8), 1e9)
    targets[:, 2:] = y[:, np.newaxis]
    network(architecture="many-to-many").fit(X, targets)


def test_the_weights_of_rows_count():
    X, y = waves()
    y = np.where(np.arange(60) < 30, y, 1e6)
    weight = np.where(np.arange(60) < 30, 1, 1e-30)
    network().fit(X, y, weight)
    with pytest.warns(ConvergenceWarning, match="has learned nothing"):
        network().fit(X, y)


# It does not warn: warnings are errors in tests


@pytest.mark.parametrize("loss", LOSSES)
def test_scaled_passengers(loss):
    X, y = passengers()
    model = make_pipeline(StandardScaler(), SlidingWindowTransformer(12), network(loss=loss))
    model.set_output(transform="pandas")
    TransformedTargetRegressor(model, transformer=StandardScaler()).fit(X, y)


def test_the_remedies_help():
    X, y = passengers()
    for model in (WindowNormalizedRegressor(network(), scale="std"), ResidualRegressor(network())):
        make_pipeline(SlidingWindowTransformer(12), model).fit(X, y)


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("learning_rate", [0.001, 0.01, 0.1])
@pytest.mark.parametrize("n_rows", [30, 300, 1500])
@pytest.mark.parametrize("seed", [0, 1])
def test_pure_noise(n_rows, learning_rate, early_stopping, seed):
    X, y = windows_of_noise(n_rows, seed)
    model = network(learning_rate=learning_rate, early_stopping=early_stopping, max_epochs=60)
    model.fit(X, y)


def test_a_training_that_has_hardly_begun():
    X, y = waves()
    network(max_epochs=24).fit(X, 1e6 * y)  # two batches in an epoch
    with pytest.warns(ConvergenceWarning):
        network(max_epochs=25).fit(X, 1e6 * y)


def test_partial_fit_and_continued_trainings():
    X, y = waves()
    model = network(warm_start=True, max_epochs=15)
    for _ in range(30):
        model.partial_fit(X, 1e6 * y)
    model = network(warm_start=True, max_epochs=15).fit(X, 1e6 * y)
    with pytest.warns(ConvergenceWarning, match="after 30 epochs"):
        model.fit(X, 1e6 * y)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_windows_that_are_all_equal(early_stopping):
    X, y = passengers()
    model = WindowNormalizedRegressor(network(early_stopping=early_stopping), scale=None)
    scaled = (X - X.mean()) / X.std(), (y - y.mean()) / y.std()
    make_pipeline(SlidingWindowTransformer(1), model).fit(*scaled)  # 0, the distance from itself


def test_targets_that_are_all_equal():
    X, _ = waves()
    network().fit(X, np.full(60, 5.0))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_targets_that_are_equal_but_for_rounding(dtype, early_stopping):
    X, _ = waves()
    rounding = np.random.default_rng(0).choice([-1, 1], size=(60, 2)) * np.finfo(dtype).eps
    y = np.array([1.0, 2.0]) * (1 + rounding)
    network(early_stopping=early_stopping).fit(X.astype(dtype), y.astype(dtype))


def test_residuals_that_are_rounding():
    X = np.random.default_rng(0).normal(size=(200, 5, 1))
    ResidualRegressor(network()).fit(X, 1e3 * X[:, -1, 0] + X[:, 0, 0])


SATURATING_CHECKS = {"check_fit_check_is_fitted", "check_fit_idempotent", "check_n_features_in"}


@pytest.mark.filterwarnings("ignore:Skipping check:sklearn.exceptions.SkipTestWarning")
def test_the_warning_fires_in_these_checks_of_scikit_learn():
    """And nothing else fails; tests/test_common.py runs them without the warning."""
    results = check_estimator(LSTMRegressor(random_state=0), on_fail=None, on_skip=None)
    failed = [result for result in results if result["status"] == "failed"]
    assert all("has learned nothing" in str(result["exception"]) for result in failed)
    assert {result["check_name"] for result in failed} == SATURATING_CHECKS


def test_the_warning_points_to_the_call_of_fit():
    X, y = waves()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        network().fit(X, 1e6 * y)
    assert [w.filename for w in caught] == [__file__]
