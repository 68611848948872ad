"""Window normalisation with logarithms, and with the season of each window."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import Ridge
from spy import Spy, WatchingSpy

from skrnn import WindowNormalizedRegressor, WindowTheta, sliding_windows
from skrnn._models.seasonal_indices import is_seasonal
from skrnn._models.window_measures import LEVELS, SIZES
from skrnn.datasets import load_airline_passengers

NAN = np.nan
SEASON = 4


class Echo(RegressorMixin, BaseEstimator):
    """Predicts the targets that it was fitted to, whatever the windows."""

    def fit(self, X, y):
        self.y_ = y
        return self

    def predict(self, X):
        return self.y_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


class Constant(RegressorMixin, BaseEstimator):
    """Predicts one number."""

    def __init__(self, value):
        self.value = value

    def fit(self, X, y):
        return self

    def predict(self, X):
        return np.full(len(X), self.value)


@st.composite
def options(draw):
    """Parameters of a normalisation that does not depend on the unit of the data."""
    log = draw(st.sampled_from([False, True, "auto"]))
    scales = [scale for scale in SIZES if not (log and scale.endswith("mean_abs"))]
    return {
        "center": draw(st.sampled_from([*sorted(LEVELS), *([] if log else [None])])),
        "scale": draw(st.sampled_from([*sorted(scales), None])),
        "log": log,
        "adjust_season": draw(st.sampled_from([False, True, "auto"])),
        "season_length": draw(st.sampled_from([1, 3, SEASON])),
    }


def positive_rows(seed, horizon=1, features=(0,), n_rows=30, n_steps=13, n_features=1):
    """Windows of all sizes with a season, a flat one too, and targets (rows, steps, outputs)."""
    rng = np.random.default_rng(seed)
    walk = rng.normal(0, 0.2, size=(n_rows, n_steps, n_features)).cumsum(axis=1)
    X = np.exp(walk + rng.normal(0, 2, size=(n_rows, 1, 1)) + rng.normal(0, 0.5, (n_steps, 1)))
    X[0] = X[0, 0]
    noise = rng.normal(0, 0.2, size=(n_rows, horizon, len(features)))
    return X, X[:, -1:, list(features)] * np.exp(noise)


@settings(max_examples=60)
@given(options=options(), seed=st.integers(0, 1000), features=st.sampled_from([1, [1], [2, 0]]))
def test_what_is_normalised_is_restored(options, seed, features):
    X, y = positive_rows(seed, 6, np.atleast_1d(features), n_features=3)
    if isinstance(features, int):
        y = y[:, :, 0]
    model = WindowNormalizedRegressor(Echo(), target_feature=features, **options).fit(X, y)
    assert np.isfinite(model.regressor_.y_).all()
    np.testing.assert_allclose(model.predict(X), y, rtol=1e-9)


@settings(max_examples=60)
@given(options=options(), seed=st.integers(0, 1000), n_padded=st.integers(0, 5))
def test_a_padded_window_is_normalised_like_the_short_one(options, seed, n_padded):
    X, y = positive_rows(seed, 6)
    padded = X.copy()
    padded[:, :n_padded] = NAN
    model = WindowNormalizedRegressor(Spy(True), **options)
    short = model.fit(X[:, n_padded:], y).regressor_
    seen = model.fit(padded, y).regressor_
    assert np.isnan(seen.X_[:, :n_padded]).all()
    np.testing.assert_allclose(seen.X_[:, n_padded:], short.X_, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(seen.y_, short.y_, rtol=1e-6, atol=1e-9)


@settings(max_examples=60)
@given(options=options(), seed=st.integers(0, 1000), unit=st.sampled_from([1e-6, 0.3, 1e5]))
def test_the_unit_of_the_data_makes_no_difference(options, seed, unit):
    X, y = positive_rows(seed, 2)
    # Without a scale, the penalty of the regressor would be in the unit of the data.
    assume(options["scale"] or options["log"])
    model = WindowNormalizedRegressor(Ridge(1e-3), **options)
    expected = model.fit(X, y).predict(X)
    found = model.fit(unit * X, unit * y).predict(unit * X)
    np.testing.assert_allclose(found, unit * expected, rtol=1e-6, atol=1e-6 * unit)


# -- season --------------------------------------------------------------------------


def passengers(lookback=48, horizon=18):
    series = load_airline_passengers()["passengers"].to_numpy(dtype=float)
    X, y = sliding_windows(series, lookback=lookback, horizon=horizon)
    return X.copy(), y.copy()


@pytest.mark.parametrize("shift", [0, 600])  # multiplicative and, below zero, additive
@pytest.mark.parametrize("n_padded", [0, 5, 30])
def test_theta_with_the_season_outside_is_theta_with_the_season_inside(shift, n_padded):
    X, y = passengers()
    X, y = X - shift, y - shift
    X[::2, :n_padded] = NAN
    model = WindowNormalizedRegressor(
        WindowTheta(1), center=None, adjust_season="auto", season_length=12
    ).fit(X, y)
    assert is_seasonal(np.nan_to_num(X[:, :, 0]), ~np.isnan(X[:, :, 0]), 12).any()
    expected = WindowTheta(12).fit(X, y).predict(X)
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-9)


@settings(max_examples=30)
@given(
    season=st.integers(2, 7),
    n_more=st.integers(0, 6),
    horizon=st.integers(1, 16),
    log=st.booleans(),
    product=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_a_season_goes_on_in_all_outputs_at_its_steps(season, n_more, horizon, log, product, seed):
    rng = np.random.default_rng(seed)
    seasons = rng.uniform(1, 2, size=(season, 2))  # of two features
    levels = 10.0 ** rng.integers(-3, 3, size=(12, 1, 2))
    time = np.arange(2 * season + n_more + horizon) + rng.integers(0, season, size=(12, 1))
    series = seasons[time % season] * levels
    if not product:  # an additive season of values below zero
        series, log = -series, False
    X, y = series[:, :-horizon], series[:, -horizon:]
    model = WindowNormalizedRegressor(
        Spy(True), scale="std", season_length=season, log=log, adjust_season=True
    ).fit(X, y)
    np.testing.assert_allclose(model.regressor_.X_, 0, atol=1e-6)  # the rest is flat
    np.testing.assert_allclose(model.predict(X), y, rtol=1e-9)
    np.testing.assert_array_equal(model.floor_, 1)  # rounding errors are no size


def test_windows_of_less_than_two_seasons_are_not_adjusted():
    X, y = passengers(26)
    X[:4, :3] = NAN  # 23 months
    X[4:7, :2] = NAN  # 24 months
    model = WindowNormalizedRegressor(Spy(True), season_length=12, adjust_season=True).fit(X, y)
    plain = WindowNormalizedRegressor(Spy(True)).fit(X, y)
    seen, not_adjusted = model.regressor_, plain.regressor_
    np.testing.assert_array_equal(seen.X_[:4], not_adjusted.X_[:4])
    np.testing.assert_array_equal(seen.y_[:4], not_adjusted.y_[:4])
    assert (np.abs(seen.y_ - not_adjusted.y_).max(axis=1) > 1)[4:].all()
    short = X[:, -20:]
    np.testing.assert_array_equal(model.predict(short), plain.predict(short))
    without = model.set_params(season_length=1).fit(X, y)
    np.testing.assert_array_equal(without.regressor_.X_, not_adjusted.X_)


def test_only_features_that_y_continues_lose_their_season_and_get_logarithms():
    X, y = passengers(24)
    month = np.cos(2 * np.pi * np.arange(len(X) + 23) / 12) - 2
    months = np.lib.stride_tricks.sliding_window_view(month, 24)[:, :, np.newaxis]
    model = WindowNormalizedRegressor(
        Spy(True), center="mean", scale="std", season_length=12, log=True, adjust_season=True
    )
    alone = model.fit(X, y).regressor_
    both = model.set_params(target_feature=1).fit(np.concatenate((months, X), axis=2), y)
    np.testing.assert_allclose(both.regressor_.y_, alone.y_, rtol=1e-9)
    np.testing.assert_allclose(both.regressor_.X_[:, :, 1:], alone.X_, rtol=1e-9, atol=1e-9)
    standard = (months - months.mean(axis=1, keepdims=True)) / months.std(axis=1, keepdims=True)
    np.testing.assert_allclose(both.regressor_.X_[:, :, :1], standard, rtol=1e-9, atol=1e-9)


# -- logarithms ----------------------------------------------------------------------


@pytest.mark.parametrize("center", [None, "last", "season_median"])
@pytest.mark.parametrize("scale", [None, "std", "mean_abs_both_changes"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_logarithms_are_those_taken_by_hand(center, scale, dtype):
    X, y = passengers(24, 3)
    parameters = {"center": center, "scale": scale, "season_length": 12}
    by_hand = WindowNormalizedRegressor(Spy(), **parameters).fit(np.log(X), np.log(y))
    model = WindowNormalizedRegressor(Spy(), log=True, **parameters)
    model.fit(X.astype(dtype), y.astype(dtype))
    rounding = 10 * np.finfo(dtype).eps
    for name in ("X_", "y_"):
        found, expected = getattr(model.regressor_, name), getattr(by_hand.regressor_, name)
        assert found.dtype == dtype
        np.testing.assert_allclose(found, expected, rtol=rounding, atol=rounding)
    found = model.predict(X.astype(dtype))
    assert found.dtype == dtype
    expected = np.exp(by_hand.predict(np.log(X)))
    np.testing.assert_allclose(found, expected, rtol=rounding)
    assert model.log_


@pytest.mark.parametrize("place", ["X", "y"])
@pytest.mark.parametrize("value", [0.0, -3.5])
def test_logarithms_need_positive_values_and_auto_finds_out(place, value):
    X, y = passengers(24, 3)
    (X if place == "X" else y)[[2, 5], 1] = value
    message = (
        rf"log=True needs positive values, but {place} has 2 .*in 2 of {len(X)} rows.* {value}"
    )
    with pytest.raises(ValueError, match=message.replace(".0", r"\b")):
        WindowNormalizedRegressor(Ridge(), log=True).fit(X, y)
    auto = WindowNormalizedRegressor(Ridge(), log="auto").fit(X, y)
    assert auto.log_ is False
    plain = WindowNormalizedRegressor(Ridge()).fit(X, y)
    np.testing.assert_array_equal(auto.predict(X), plain.predict(X))
    both = np.concatenate((np.abs(X) + 1, -X), axis=2)  # another feature may be negative
    auto = WindowNormalizedRegressor(Ridge(), log="auto", target_feature=0)
    assert auto.fit(both, np.abs(y) + 1).log_ is True
    weight = np.ones(len(X))
    weight[[2, 5]] = 0  # nor do rows count that are not used
    assert WindowNormalizedRegressor(Ridge(), log="auto").fit(X, y, sample_weight=weight).log_


def test_values_that_are_not_positive_later_are_an_error_or_replaced():
    X, y = passengers(24, 3)
    later = X[:6].copy()
    later[0] = 0
    later[1] = -1
    later[2, -1] = 0
    later[3, :3] = -10
    later[4, :-1] = NAN
    later[5, :-1], later[5, -1] = NAN, 0
    strict = WindowNormalizedRegressor(Ridge(), log=True, scale="std").fit(X, y)
    with pytest.raises(ValueError, match=r"but X has 53 .*in 5 of 6 rows. The smallest is -10\."):
        strict.predict(later)
    with pytest.raises(ValueError, match=r"but X_val has 53 "):
        strict.fit(X, y, X_val=later, y_val=y[:6])
    with pytest.raises(ValueError, match=r"but y_val has 18 "):
        strict.fit(X, y, X_val=X[:6], y_val=-y[:6])
    auto = WindowNormalizedRegressor(WatchingSpy(), log="auto").fit(
        X, y, X_val=later, y_val=np.minimum(y[:6] - y[0], 1)
    )
    assert np.isfinite(auto.regressor_.X_val_).all()
    assert np.isfinite(auto.regressor_.y_val_).all()
    lowest = X.min()
    of_window = later[2, :-1].min()
    expected = [lowest, lowest, of_window, later[3, -1, 0], later[4, -1, 0], lowest]
    np.testing.assert_allclose(auto.predict(later), np.transpose([expected] * 3), rtol=1e-12)


@pytest.mark.parametrize("value", [1e300, -1e300, 50.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_predictions_of_logarithms_are_positive_and_limited(value, dtype):
    X, y = (part.astype(dtype) for part in passengers(24, 1))
    model = WindowNormalizedRegressor(Constant(value), scale="std", log=True).fit(X, y)
    spread = np.log(X.astype(float)).std(axis=1)[:, 0]
    target = np.log(y.astype(float) / X[:, -1, 0]) / spread
    expected = X[:, -1, 0] * np.exp(np.sign(value) * 2 * np.abs(target).max() * spread)
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-4)
    numbers = np.finfo(dtype)
    X[:, ::2], X[:, 1::2] = numbers.tiny, numbers.max  # a size that no window had in fit
    predicted = model.predict(X)
    assert predicted.dtype == dtype
    assert (predicted > 0).all()
    assert np.isfinite(predicted).all()


@pytest.mark.parametrize("log", [True, "auto"])
@pytest.mark.parametrize("scale", ["mean_abs", "season_mean_abs"])
def test_logarithms_have_no_mean_absolute_value(log, scale):
    X, y = passengers(24, 1)
    model = WindowNormalizedRegressor(Ridge(), scale=scale, log=log, season_length=12)
    with pytest.raises(ValueError, match=rf"scale='{scale}' with log={log!r}: .* Choose another"):
        model.fit(X, y)


@settings(max_examples=40)
@given(options=options(), value=st.sampled_from([0.0, 1e-30, 1.0, 1e8 / 3]))
def test_flat_zero_and_single_step_windows_have_finite_predictions(options, value):
    X, y = positive_rows(0, 2)
    model = WindowNormalizedRegressor(Spy(), **options)
    flat, single, all_flat = X.copy(), X.copy(), np.full_like(X, max(value, 1e-30))
    if value > 0 or options["log"] is not True:  # which would be an error
        flat[:10], y[:10], single[:10, -1] = value, value, value
    single[5:, :-1] = NAN
    for windows, targets in ((flat, y), (single, y), (all_flat, all_flat[:, :2])):
        predicted = model.fit(windows, targets).predict(windows)
        assert np.isfinite(predicted).all()
        assert np.isfinite(model.regressor_.X_).all()
        assert np.isfinite(model.regressor_.y_).all()
        if options["center"] is not None and (value > 0 or options["log"] is not True):
            np.testing.assert_allclose(predicted[5:10], windows[5:10, -1:] * [[[1]] * 2], rtol=1e-9)
