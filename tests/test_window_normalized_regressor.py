"""Windows and targets without their own level and size."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.dummy import DummyRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.utils.estimator_checks import check_estimator
from spy import Spy

from skrnn import (
    GRURegressor,
    NaiveRegressor,
    SlidingWindowTransformer,
    WindowLinearRegressor,
    WindowNormalizedRegressor,
    make_supervised,
    sliding_windows,
)
from skrnn.datasets import load_airline_passengers

NAN = np.nan

SEASON = 3
LEVELS = {
    None: lambda X: np.zeros(X[:, 0].shape),
    "last": lambda X: X[:, -1],
    "mean": lambda X: np.nanmean(X, axis=1),
    "median": lambda X: np.nanmedian(X, axis=1),
    "season_mean": lambda X: np.nanmean(X[:, -SEASON:], axis=1),
    "season_median": lambda X: np.nanmedian(X[:, -SEASON:], axis=1),
}


def mean_change(X, lag):
    return np.nanmean(np.abs(X[:, lag:] - X[:, :-lag]), axis=1)


OF_STEPS = {
    "std": lambda X: np.nanstd(X, axis=1),
    "mean_abs": lambda X: np.nanmean(np.abs(X), axis=1),
    "mean_abs_change": lambda X: mean_change(X, 1),
    "iqr": lambda X: np.subtract(*np.nanquantile(X, [0.75, 0.25], axis=1)),
    "median_abs_deviation": lambda X: np.nanmedian(
        np.abs(X - np.nanmedian(X, axis=1, keepdims=True)), axis=1
    ),
}
SIZES = {
    None: lambda X: np.ones(X[:, 0].shape),
    **OF_STEPS,
    **{f"season_{name}": lambda X, f=f: f(X[:, -SEASON:]) for name, f in OF_STEPS.items()},
    "mean_abs_seasonal_change": lambda X: mean_change(X, SEASON),
    "mean_abs_both_changes": lambda X: (mean_change(X, 1) + mean_change(X, SEASON)) / 2,
}
SCALES = [scale for scale in SIZES if scale is not None]
OF_VALUES = ("mean_abs", "season_mean_abs")  # a level that is added changes them


def walks(n_rows=40, n_steps=6, n_features=1, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n_rows, n_steps, n_features)).cumsum(axis=1), rng


@pytest.mark.parametrize("center", LEVELS)
@pytest.mark.parametrize("scale", SIZES)
def test_is_the_regressor_on_windows_normalised_by_hand(center, scale):
    X, rng = walks(n_features=2)
    y = X[:, -1, 1] + rng.normal(size=40)
    level, size = LEVELS[center](X), SIZES[scale](X)
    model = WindowNormalizedRegressor(
        Ridge(), center=center, scale=scale, season_length=SEASON, target_feature=1
    ).fit(X, y)
    size = np.maximum(size, model.floor_)
    windows = (X - level[:, np.newaxis]) / size[:, np.newaxis]
    inner = Ridge().fit(windows.reshape(40, -1), (y - level[:, 1]) / size[:, 1])
    expected = inner.predict(windows.reshape(40, -1)) * size[:, 1] + level[:, 1]
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-10)


@settings(max_examples=20)
@given(
    shift=st.lists(st.integers(-1000, 1000), min_size=20, max_size=20),
    factor=st.lists(st.sampled_from([0.5, 1.0, 2.0]), min_size=20, max_size=20),
    center=st.sampled_from([center for center in LEVELS if center]),
    scale=st.sampled_from([None, "std", "mean_abs_change", "iqr", "mean_abs_both_changes"]),
)
def test_level_and_size_of_a_row_go_straight_to_its_prediction(shift, factor, center, scale):
    X, rng = walks(20, 8)
    y = X[:, -1] + rng.normal(size=(20, 2))  # two steps ahead
    factor = np.array(factor if scale else [1.0] * 20)[:, np.newaxis]
    shift = np.array(shift, dtype=float)[:, np.newaxis]
    # A penalty: without their mean the steps of a window are linearly dependent.
    model = WindowNormalizedRegressor(
        Ridge(0.1), center=center, scale=scale, season_length=SEASON
    ).fit(X, y)
    expected = model.predict(X) * factor + shift
    X, y = X * factor[:, np.newaxis] + shift[:, np.newaxis], y * factor + shift
    np.testing.assert_allclose(model.fit(X, y).predict(X), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("center", LEVELS)
@pytest.mark.parametrize("scale", SIZES)
def test_padding_has_no_part_in_level_and_size(center, scale):
    X, rng = walks(n_steps=8)
    y = X[:, -1, 0] + rng.normal(size=40)
    model = WindowNormalizedRegressor(Spy(True), center=center, scale=scale, season_length=SEASON)
    short = model.fit(X[:, 3:], y).regressor_
    padded = X.copy()
    padded[:, :3] = NAN
    seen = model.fit(padded, y).regressor_
    assert np.isnan(seen.X_[:, :3]).all()
    np.testing.assert_allclose(seen.X_[:, 3:], short.X_, rtol=1e-12)
    np.testing.assert_allclose(seen.y_, short.y_, rtol=1e-12)


@pytest.mark.filterwarnings("ignore:.* all 3 rows of X are nothing but padding:UserWarning")
def test_a_row_of_padding_alone_is_predicted_by_the_mean():
    X, _ = walks()
    y = X[:, -1, 0] + 1
    X[:10] = NAN
    weight = np.arange(1.0, 41)
    model = WindowNormalizedRegressor(Ridge()).fit(X, y, sample_weight=weight)
    mean = np.average(y[10:], weights=weight[10:])
    np.testing.assert_allclose(model.predict(X)[:10], mean)
    np.testing.assert_allclose(model.predict(X[:3]), mean)


def test_each_output_has_the_level_of_the_feature_that_it_continues():
    X, rng = walks(n_features=3)
    y = rng.normal(size=(40, 2)) + X[:, -1, [2, 0]]
    for target_feature, features in ((2, [2, 2]), ([2, 0], [2, 0])):
        model = WindowNormalizedRegressor(Spy(), target_feature=target_feature).fit(X, y)
        np.testing.assert_allclose(model.regressor_.y_, y - X[:, -1, features])
        np.testing.assert_allclose(model.predict(X), X[:, -1, features])
    y = np.stack([X[:, -1]] * 4, axis=1) + 1  # four steps of all features, in order
    model = WindowNormalizedRegressor(Spy()).fit(X, y)
    np.testing.assert_allclose(model.regressor_.y_, np.ones((40, 12)))


@pytest.mark.parametrize("scale", SCALES)
def test_flat_and_zero_windows_stay_finite(scale):
    X, rng = walks()
    y = X[:, -1, 0] + rng.normal(size=40)
    X[:5], X[5:8] = 0.1, 0
    X[8:10, :-1] = NAN  # one step
    model = WindowNormalizedRegressor(Spy(), center=None, scale=scale, season_length=SEASON)
    model.fit(X, y)
    assert np.isfinite(model.regressor_.X_).all()
    assert np.isfinite(model.regressor_.y_).all()
    assert np.isfinite(model.predict(X)).all()
    sizes = SIZES[scale](X[10:])
    if scale in OF_VALUES:
        sizes = np.concatenate((sizes, SIZES[scale](X[:5]), np.abs(X[8:10, -1])))
    assert model.floor_[0] == pytest.approx(0.05 * np.exp(np.log(sizes).mean()))
    zero = model.fit(np.zeros((12, 4, 1)), np.zeros(12))
    np.testing.assert_array_equal(zero.floor_, 1)


def test_one_network_serves_series_of_different_levels():
    X, y = [], []
    for seed, level in enumerate([0, 100, 1000, 10_000]):
        values = level + np.sin(np.arange(60) / 3 + seed)
        windows, targets = sliding_windows(values, lookback=8)
        X.append(windows)
        y.append(targets)
    X, y = np.concatenate(X), np.concatenate(y)
    network = GRURegressor(8, max_epochs=60, random_state=0)
    error = np.abs(WindowNormalizedRegressor(network).fit(X, y).predict(X) - y).mean()
    with pytest.warns(ConvergenceWarning, match="has learned nothing.*WindowNormalizedRegressor"):
        network.fit(X, y)
    alone = np.abs(network.predict(X) - y).mean()
    assert error < 0.1 < alone


@pytest.mark.parametrize(
    ("options", "shape", "message"),
    [
        ({}, (30,), r"X has 2 features, and WindowNormalizedRegressor must know which"),
        ({}, (30, 2), r"must know which of them y continues"),  # steps or outputs?
        ({"target_feature": 2}, (30,), r"target_feature must .* from 0 to 1 .* but is 2"),
        ({"target_feature": [0, "b"]}, (30, 2), r"target_feature must .* but is \[0, 'b'\]"),
        ({"target_feature": [True, False]}, (30, 2), r"but is \[True, False\]"),
        ({"target_feature": [0, 1]}, (30, 3), r"\(n_samples, 2\) or \(n_samples, horizon, 2\)"),
        ({"target_feature": 0}, (30, 3, 2), r"\(n_samples\) or \(n_samples, horizon\)"),
    ],
)
def test_unknown_features_are_an_error(options, shape, message):
    X, rng = walks(30, 4, 2)
    with pytest.raises(ValueError, match=message):
        WindowNormalizedRegressor(Ridge(), **options).fit(X, rng.normal(size=shape))


@pytest.mark.parametrize(
    ("options", "n_needed"),
    [
        ({"center": "season_median"}, 5),
        ({"scale": "season_std"}, 5),
        ({"center": "season_mean", "scale": "mean_abs_seasonal_change"}, 6),
        ({"scale": "mean_abs_both_changes"}, 6),
        ({"scale": "mean_abs_seasonal_change", "adjust_season": True}, 10),
        ({"adjust_season": "auto"}, 10),
    ],
)
def test_windows_shorter_than_the_season_are_an_error(options, n_needed):
    X, rng = walks(30, n_needed, 1)
    y = X[:, -1, 0] + rng.normal(size=30)
    model = WindowNormalizedRegressor(Ridge(), season_length=5, **options).fit(X, y)
    name, value = list(options.items())[-1]
    message = rf"{name}={value!r} and season_length=5 needs windows of at least {n_needed} time "
    with pytest.raises(ValueError, match=message + rf"steps, .* have {n_needed - 1} .*lookback"):
        model.fit(X[:, 1:], y)
    with pytest.raises(ValueError, match=r"=.* needs season_length, .* but it is None"):
        model.set_params(season_length=None).fit(X, y)


@pytest.mark.parametrize(
    "changed",
    [
        {"center": "mean"},
        {"scale": "std"},
        {"season_length": 1},
        {"log": True},
        {"log": "auto"},
        {"adjust_season": False},
        {"target_feature": 1},
    ],
)
def test_parameters_that_change_after_fit_do_not_change_predictions(changed):
    X, rng = walks(30, 4, 2)
    regressor = WindowLinearRegressor()
    model = WindowNormalizedRegressor(
        regressor, center="season_median", season_length=2, adjust_season=True, target_feature=0
    )
    before = model.fit(X, X[:, -1, 0] + rng.normal(size=30)).predict(X)
    np.testing.assert_array_equal(model.set_params(**changed).predict(X), before)


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int64])
def test_a_season_length_may_be_of_any_integer_type(kind):
    X, rng = walks(30, 4, 1)
    y = rng.normal(size=30)
    expected, found = (
        WindowNormalizedRegressor(Ridge(), center="season_mean", season_length=n)
        .fit(X, y)
        .predict(X)
        for n in (3, kind(3))
    )
    np.testing.assert_array_equal(found, expected)


# -- units ---------------------------------------------------------------------------

READ_WINDOWS = [NaiveRegressor(), WindowNormalizedRegressor(Ridge())]


@pytest.mark.parametrize("model", READ_WINDOWS, ids=["naive", "normalized"])
@pytest.mark.parametrize("horizon", [1, 3])
def test_targets_in_other_units_than_the_windows_are_a_warning(model, horizon):
    X, y = sliding_windows(np.sin(np.arange(100)) + 20, lookback=5, horizon=horizon)
    model.fit(X, y)  # no warning
    match = rf"{type(model).__name__} takes y to continue the windows in the same units"
    with pytest.warns(UserWarning, match=match):
        model.fit((X - 20) / 3, y)
    with pytest.warns(UserWarning, match=match):
        model.fit(X, (y - 20) / 3)


@pytest.mark.parametrize("Scaler", [MinMaxScaler, StandardScaler])
def test_a_naive_forecast_behind_a_scaler_of_the_rows_alone_is_a_warning(Scaler):
    X, y = make_supervised(load_airline_passengers())
    pipe = make_pipeline(Scaler(), SlidingWindowTransformer(12), NaiveRegressor())
    for rows in (slice(107), slice(None)):
        with pytest.warns(UserWarning, match="NaiveRegressor takes y to continue the windows"):
            pipe.fit(X[rows], y[rows])
    pipe[1:].fit(X, y)  # no warning without the scaler


# Thousandths: the squares of much smaller values are no numbers, which is an error.
@given(
    values=st.lists(st.integers(-(10**6), 10**6).map(lambda n: n / 1000), min_size=12, max_size=40),
    lookback=st.integers(1, 3),
)
def test_values_of_one_series_are_in_the_same_units(values, lookback):
    X, y = sliding_windows(values, lookback=lookback)
    first, last = y, X[:, -1, 0]
    assume(abs(first.mean() - last.mean()) <= 0.2 * np.abs(first - first.mean()).mean())
    assume(np.abs(last - last.mean()).mean() <= 1.2 * np.abs(first - first.mean()).mean())
    NaiveRegressor().fit(X, y)  # no warning


@pytest.mark.parametrize("model", READ_WINDOWS, ids=["naive", "normalized"])
def test_too_few_rows_and_constant_targets_say_nothing_of_units(model):
    X, y = sliding_windows(np.sin(np.arange(14)) + 20, lookback=5)
    model.fit(X - 20, y)  # nine rows
    model.fit(np.arange(40.0).reshape(20, 2), np.zeros(20))


# Their targets do not continue their rows.
CHECKS_IN_OTHER_UNITS = {
    "check_estimators_fit_returns_self",
    "check_estimators_overwrite_params",
    "check_fit_check_is_fitted",
    "check_fit_idempotent",
    "check_n_features_in",
    "check_positive_only_tag_during_fit",
    "check_readonly_memmap_input",
    "check_sample_weights_not_overwritten",
    "check_sample_weights_shape",
}


@pytest.mark.filterwarnings("ignore:Skipping check:sklearn.exceptions.SkipTestWarning")
def test_the_warning_of_units_fires_in_these_checks_of_scikit_learn():
    """And nothing else fails; tests/test_common.py runs them without the warning."""
    for model in READ_WINDOWS:
        results = check_estimator(model, on_fail=None, on_skip=None)
        failed = [result for result in results if result["status"] == "failed"]
        for result in failed:
            errors = f"{result['exception']} {result['exception'].__cause__}"
            assert "takes y to continue" in errors
        fired = {result["check_name"] for result in failed}
        assert "check_n_features_in" in fired  # older releases have fewer checks
        assert fired <= CHECKS_IN_OTHER_UNITS


@pytest.mark.parametrize("center", [None, "last", "mean", "median"])
@pytest.mark.parametrize("scale", [None, "std", "mean_abs", "iqr"])
def test_a_feature_that_is_the_same_in_all_steps_is_left_as_it_is(center, scale):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 5, 3))
    X[:, :, 1] = rng.integers(1, 9, size=(30, 1))
    X[:3, :2] = np.nan
    expected = X[:, :, 1].copy()
    spy = Spy(three_d_array=True, allow_nan=True)
    model = WindowNormalizedRegressor(spy, center=center, scale=scale, target_feature=0)
    model.fit(X, X[:, -1, 0])
    np.testing.assert_array_equal(model.regressor_.X_[:, :, 1], expected)
    model.predict(X)
    np.testing.assert_array_equal(model.regressor_.X_predicted_[:, :, 1], expected)
    assert center is None or not np.array_equal(model.regressor_.X_[3:, :, 2], X[3:, :, 2])
    np.testing.assert_array_equal(X[:, :, 1], expected)
    # What y continues is normalised in a panel of series that are constant, too.
    model = WindowNormalizedRegressor(spy, center=center or "last").fit(X[:, :, 1:2], X[:, -1, 1])
    np.testing.assert_array_equal(model.regressor_.X_[3:], 0)


def test_windows_of_one_step_have_no_size_to_learn_from():
    X, y = sliding_windows(np.cumsum(np.random.default_rng(0).normal(size=40)), lookback=5)
    X, y = X.copy(), y.copy()
    X[:3, :4], y[:3] = np.nan, 1e6
    model = WindowNormalizedRegressor(DummyRegressor(), scale="mean_abs_change")
    left_out = model.fit(X[3:], y[3:]).predict(X)
    np.testing.assert_array_equal(model.fit(X, y).predict(X), left_out)
    assert model.fit(X[:3], y[:3]).predict(X[:3]).mean() == pytest.approx(1e6)  # no longer ones
    assert model.set_params(scale=None).fit(X, y).predict(X[3:]).mean() > 1e4
