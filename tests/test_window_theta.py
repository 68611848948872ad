"""WindowTheta: the Theta method on each window, whatever the padding."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.utils._param_validation import InvalidParameterError

from skrnn import WindowTheta, sliding_windows
from skrnn._models.seasonal_indices import is_seasonal, seasonal_indices

NAN = np.nan


def fitted(X, horizon, season=1):
    return WindowTheta(season).fit(X, np.zeros((len(X), horizon)))


def forecast_by_hand(y, horizon):
    """Exponential smoothing with half the slope as drift, optimised step by step."""
    n = len(y)
    drift = np.polyfit(np.arange(n), y, 1)[0] / 2

    def run(parameters):
        (alpha, level), squares = parameters, 0
        for value in y:
            error = value - level
            squares += error**2
            level = level + alpha * error + drift
        return squares, level

    starts = [(alpha, y[0]) for alpha in (0.15, 0.4, 0.6, 0.9)]
    bounds = [(0.1, 0.99), (None, None)]
    fits = [minimize(lambda p: run(p)[0], start, bounds=bounds, tol=1e-12) for start in starts]
    best = min(fits, key=lambda fit: fit.fun)
    return run(best.x)[1] + drift * np.arange(horizon)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", ["walk", "noise", "trend"])
def test_a_series_without_season_is_smoothed_with_half_the_slope_as_drift(kind, seed):
    noise = np.random.default_rng(seed).normal(size=30)
    y = {"walk": noise.cumsum(), "noise": noise, "trend": 0.3 * np.arange(30) + noise}[kind]
    found = fitted(y[np.newaxis], 5).predict(y[np.newaxis])[0]
    np.testing.assert_allclose(found, forecast_by_hand(y, 5), atol=0.02 * np.ptp(y))


@pytest.mark.parametrize("season", [4, 7, 12])
@pytest.mark.parametrize("kind", ["multiplicative", "additive"])
def test_the_season_of_a_line_is_found(season, kind):
    time = np.arange(season * 5 + 3)
    wave = np.sin(2 * np.pi * time / season) + 0.5 * (time % season == 1)
    wave -= wave[:season].mean()
    line = 100 + 0.02 * time
    y = line * (1 + 0.3 * wave) if kind == "multiplicative" else wave - 0.2
    past = y[np.newaxis, : 4 * season]
    found = fitted(past, season + 3, season).predict(past)[0]
    np.testing.assert_allclose(found, y[4 * season :], rtol=0.01, atol=0.01)


def test_classical_decomposition_by_hand():
    rng = np.random.default_rng(0)
    for season in (3, 4):
        y = (
            rng.uniform(1, 2, size=4 * season + 1)
            * np.tile(rng.uniform(1, 3, season), 5)[-1 - 4 * season :]
        )
        weights = np.ones(3) / 3 if season == 3 else np.array([1, 2, 2, 2, 1]) / 8
        trend = np.convolve(y, weights, mode="valid")
        half = len(weights) // 2
        phase = (np.arange(len(y)) - len(y)) % season
        means = [
            (y[half:-half] / trend)[phase[half:-half] == step].mean() for step in range(season)
        ]
        real = np.ones((1, len(y)), dtype=bool)
        factor, shift = seasonal_indices(y[np.newaxis], real, season)
        np.testing.assert_allclose(factor[0], means / np.mean(means), rtol=1e-12)
        np.testing.assert_array_equal(shift, 0)
        differences = [
            (y[half:-half] - trend)[phase[half:-half] == step].mean() for step in range(season)
        ]
        factor, shift = seasonal_indices(y[np.newaxis] - y.max(), real, season)  # not positive
        np.testing.assert_allclose(shift[0], differences - np.mean(differences), atol=1e-12)
        np.testing.assert_array_equal(factor, 1)


def test_noise_rarely_has_a_season():
    noise = np.random.default_rng(0).normal(size=(2000, 240))
    real = np.ones(noise.shape, dtype=bool)
    assert 0.06 < is_seasonal(noise, real, 12).mean() < 0.12  # a test at the level 90 %
    wave = 2 * np.sin(2 * np.pi * np.arange(240) / 12)
    assert is_seasonal(noise + wave, real, 12).all()
    assert not is_seasonal(noise + wave, real, 1).any()


@given(
    lengths=st.lists(st.integers(1, 30), min_size=1, max_size=6),
    season=st.sampled_from([1, 2, 3, 4, 6]),
    level=st.sampled_from([0.0, 5.0, 1e6]),
    seed=st.integers(0, 1000),
)
def test_a_padded_window_is_forecast_like_the_short_one(lengths, season, level, seed):
    rng = np.random.default_rng(seed)
    wave = 3 * np.sin(2 * np.pi * np.arange(30) / season)
    X = (level + wave + rng.normal(size=(len(lengths), 30)))[..., np.newaxis]
    for row, length in enumerate(lengths):
        X[row, : 30 - length] = NAN
    model = fitted(X, 7, season)
    together = model.predict(X)
    for row, length in enumerate(lengths):
        used = max(length, 2 * season if season > 1 else 1)
        alone = model.predict(X[row : row + 1, 30 - used :])
        np.testing.assert_allclose(together[row], alone[0], rtol=1e-7, atol=1e-7)


def test_constants_short_windows_and_padding_are_finite():
    X = np.full((6, 24, 1), NAN)
    X[0] = 0.1
    X[1] = 0
    X[2, -1] = 3.0
    X[3, -2:, 0] = 1.0, 2.0
    X[4] = 1e8 / 3
    y = np.arange(30.0).reshape(6, 5)
    weight = np.array([1.0, 1, 0, 0, 0, 2])
    predicted = WindowTheta(12).fit(X, y, sample_weight=weight).predict(X)
    np.testing.assert_allclose(predicted[0], 0.1, rtol=1e-12)
    np.testing.assert_array_equal(predicted[1], 0)
    np.testing.assert_array_equal(predicted[2], 3)
    assert (predicted[3] > 1).all()
    assert (predicted[3] < 2 + 5).all()
    np.testing.assert_allclose(predicted[4], 1e8 / 3, rtol=1e-12)
    np.testing.assert_allclose(predicted[5], (y[0] + y[1] + 2 * y[5]) / 4)


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_units_make_no_difference(unit):
    rng = np.random.default_rng(0)
    X = np.abs(rng.normal(size=(20, 48)).cumsum(axis=1)) + 5 + 3 * (np.arange(48) % 12 == 3)
    expected = fitted(X, 9, 12).predict(X)
    np.testing.assert_allclose(fitted(X, 9, 12).predict(unit * X), unit * expected, rtol=1e-9)


def test_outputs_continue_their_features():
    X = np.random.default_rng(0).normal(size=(20, 16, 3)).cumsum(axis=1)
    both = WindowTheta(4, target_feature=[2, 0]).fit(X, np.zeros((20, 6, 2))).predict(X)
    assert both.shape == (20, 6, 2)
    for output, feature in enumerate((2, 0)):
        alone = fitted(X[:, :, feature], 6, 4).predict(X[:, :, feature])
        np.testing.assert_array_equal(both[:, :, output], alone)
    one = WindowTheta(4, target_feature=2).fit(X, np.zeros(20)).predict(X)
    np.testing.assert_array_equal(one, both[:, 0, 0])
    single = X.astype(np.float32)
    assert (
        WindowTheta(4, target_feature=2).fit(single, np.zeros(20)).predict(single).dtype
        == np.float32
    )


def test_the_season_is_that_of_the_fit():
    X, y = sliding_windows(np.random.default_rng(0).normal(size=60), lookback=12)
    model = WindowTheta(4).fit(X, y)
    expected = model.predict(X)
    np.testing.assert_array_equal(model.set_params(season_length=1).predict(X), expected)


def test_windows_must_have_two_seasons(windows):
    X, y = windows
    message = r"season_length=12 needs windows of at least 24 .* set season_length=1"
    with pytest.raises(ValueError, match=message):
        WindowTheta(12, target_feature=0).fit(X, y)
    model = WindowTheta(4, target_feature=0).fit(X, y)
    with pytest.raises(ValueError, match="at least 8 time steps"):
        model.predict(X[:, 1:])
    with pytest.raises(InvalidParameterError, match="'season_length' parameter"):
        WindowTheta(0).fit(X, y)
    with pytest.raises(ValueError, match=r"X has 2 features.*target_feature=0"):
        WindowTheta().fit(X, y)


def test_targets_in_other_units_are_a_warning():
    X, y = sliding_windows(np.random.default_rng(0).normal(size=60) + 50, lookback=12)
    with pytest.warns(UserWarning, match="WindowTheta takes y to continue the windows"):
        WindowTheta().fit(X, y - 50)
