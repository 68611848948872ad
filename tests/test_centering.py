"""The parameter `center`: windows and targets without their level, and the way back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skrnn import (
    GRURegressor,
    LSTMRegressor,
    NaiveRegressor,
    RNNRegressor,
    SlidingWindowTransformer,
    make_supervised,
)
from skrnn.datasets import load_airline_passengers

LEVELS = {"last": lambda X: X[:, -1], "mean": lambda X: np.nanmean(X, axis=1)}


def eighths(shape, seed=0):
    """Random numbers that can be added and subtracted without rounding."""
    return np.random.default_rng(seed).integers(-40, 40, size=shape) / 8


def gru(center, **options):
    return GRURegressor(3, center=center, **({"max_epochs": 2, "random_state": 0} | options))


@pytest.mark.parametrize("Regressor", [RNNRegressor, GRURegressor, LSTMRegressor])
@pytest.mark.parametrize("backend", ["compiled", "torch"])
@pytest.mark.parametrize("center", ["last", "mean"])
def test_is_the_network_on_centered_windows(center, backend, Regressor):
    X, y = eighths((30, 4, 1)), eighths(30, seed=1)
    X_before, y_before = X.copy(), y.copy()
    model = Regressor(3, center=center, backend=backend, max_epochs=2, random_state=0).fit(X, y)
    level = LEVELS[center](X)
    by_hand = clone(model).set_params(center=None).fit(X - level[:, np.newaxis], y - level[:, 0])
    expected = by_hand.predict(X - level[:, np.newaxis]) + level[:, 0]
    np.testing.assert_array_equal(model.predict(X), expected)
    np.testing.assert_array_equal(X, X_before)
    np.testing.assert_array_equal(y, y_before)


@settings(max_examples=10, deadline=None)
@given(
    shift=st.lists(st.integers(-1000, 1000), min_size=20, max_size=20),
    center=st.sampled_from(["last", "mean"]),
    baseline=st.sampled_from([None, "linear", NaiveRegressor("drift")]),
)
def test_the_level_of_a_row_goes_straight_to_its_prediction(shift, center, baseline):
    X, y = eighths((20, 4, 1)), eighths((20, 2), seed=1)  # two steps ahead
    model = gru(center, baseline=baseline).fit(X, y)
    shift = np.array(shift, dtype=float)
    shifted = clone(model).fit(X + shift[:, np.newaxis, np.newaxis], y + shift[:, np.newaxis])
    # The same network: what differs is the order in which levels are added.
    np.testing.assert_allclose(
        shifted.predict(X + shift[::-1, np.newaxis, np.newaxis]),
        model.predict(X) + shift[::-1, np.newaxis],
        rtol=1e-12,
        atol=1e-11,
    )
    np.testing.assert_array_equal(shifted.loss_curve_, model.loss_curve_)


@pytest.mark.parametrize("center", ["last", "mean"])
def test_padding_has_no_part_in_the_level(center):
    X, y = eighths((30, 4, 1)), eighths(30, seed=1)
    X[:10, :2] = np.nan
    X[29] = np.nan
    level = np.r_[LEVELS[center](X[:29])[:, 0], 0]
    model = gru(center).fit(X, y)
    by_hand = gru(None).fit(X - level[:, np.newaxis, np.newaxis], y - level)
    expected = by_hand.predict(X - level[:, np.newaxis, np.newaxis]) + level
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-12)


def test_each_output_has_the_level_of_the_feature_that_it_continues():
    X, y = eighths((30, 4, 3)), eighths((30, 2), seed=1)
    centered = X - X[:, -1:]
    for target, features in ((2, [2, 2]), ([2, 0], [2, 0])):
        model = gru("last", target=target).fit(X, y)
        level = X[:, -1, features]
        by_hand = gru(None).fit(centered, y - level)
        np.testing.assert_array_equal(model.predict(X), by_hand.predict(centered) + level)


@pytest.mark.parametrize("architecture", ["encoder-decoder", "many-to-many"])
def test_targets_with_steps_and_outputs_continue_the_features_in_order(architecture):
    X, y = eighths((30, 4, 2)), eighths((30, 4, 2), seed=1)
    X[:5, :2] = np.nan
    level = X[:, -1:]
    model = gru("last", architecture=architecture).fit(X, y)
    by_hand = gru(None, architecture=architecture).fit(X - level, y - level)
    np.testing.assert_array_equal(model.predict(X), by_hand.predict(X - level) + level)


def test_validation_rows_are_centered_as_well():
    X, y = eighths((40, 4, 1)), eighths(40, seed=1)
    X_far, y_far = X + 1000, y + 1000
    curves = [
        gru("last").fit(X, y, None, *val).validation_loss_curve_ for val in ((X, y), (X_far, y_far))
    ]
    np.testing.assert_array_equal(*curves)
    stopped = gru("last", early_stopping=True).fit(X, y).validation_loss_curve_
    X_far, y_far = X.copy(), y.copy()
    X_far[36:] += 1000
    y_far[36:] += 1000
    far = gru("last", early_stopping=True).fit(X_far, y_far).validation_loss_curve_
    np.testing.assert_array_equal(stopped, far)


def test_single_precision_stays():
    X, y = eighths((30, 4, 1)).astype("float32"), eighths(30, seed=1)
    model = gru("mean").fit(X, y)
    assert model.predict(X).dtype == np.float32
    assert model.net_.dtype == np.float32


@pytest.mark.parametrize(
    ("options", "shape", "message"),
    [
        ({}, (30,), r"X has 2 features: target must .* from 0 to 1, .* but is None"),
        ({}, (30, 2), r"X has 2 features: target must .* but is None"),  # steps or outputs?
        ({"target": 2}, (30,), r"target must .* but is 2"),
        ({"target": [0, "b"]}, (30, 2), r"target must .* but is \[0, 'b'\]"),
        ({"target": [0, 1]}, (30, 3), r"one for each of the 3 outputs of y, but names 2"),
    ],
)
def test_unknown_features_are_an_error_that_leaves_the_estimator_alone(options, shape, message):
    X, y = eighths((30, 4, 2)), eighths(shape, seed=1)
    model = gru("last", target=1).fit(X, y)
    before = model.predict(X)
    with pytest.raises(ValueError, match=message):
        model.set_params(**{"target": None} | options).fit(X, y)
    np.testing.assert_array_equal(model.predict(X), before)


@pytest.mark.parametrize("again", ["fit", "partial_fit"])
def test_training_goes_on_with_the_same_centering_only(again):
    X, y = eighths((30, 4, 1)), eighths(30, seed=1)
    model = gru("last", max_epochs=1, warm_start=True).fit(X, y)
    getattr(model, again)(X, y)
    np.testing.assert_array_equal(model.predict(X), gru("last").fit(X, y).predict(X))
    model.center = "mean"
    with pytest.raises(ValueError, match=r"'last' and \(0,\), and are 'mean' and \(0,\) now"):
        getattr(model, again)(X, y)


def test_a_search_tunes_it():
    X, y = make_supervised(load_airline_passengers())
    pipe = make_pipeline(
        StandardScaler(), SlidingWindowTransformer(13), gru(None, max_epochs=30)
    ).set_output(transform="pandas")
    model = TransformedTargetRegressor(pipe, transformer=StandardScaler())
    grid = {"regressor__gruregressor__center": [None, "last", "mean"]}
    search = GridSearchCV(model, grid, cv=TimeSeriesSplit(3), scoring="neg_mean_squared_error")
    scores = search.fit(X, y).cv_results_["mean_test_score"]
    assert search.best_params_["regressor__gruregressor__center"] is not None
    assert scores[1:].min() > scores[0] / 3  # the series grows: a third of the error, or less
