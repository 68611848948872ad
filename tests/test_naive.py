"""NaiveRegressor: what each rule says, in windows of any shape and with padding."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.model_selection import TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils._param_validation import InvalidParameterError

from skrnn import NaiveRegressor, SlidingWindowTransformer, make_supervised, sliding_windows
from skrnn.datasets import load_airline_passengers

NAN = np.nan


def forecast_by_hand(window, strategy, season, horizon):
    """The rule for one univariate window without padding, step by step, as the books have it."""
    history = list(window)
    ahead = range(1, horizon + 1)
    if strategy == "drift":
        slope = (history[-1] - history[0]) / (len(history) - 1) if len(history) > 1 else 0
        return [history[-1] + step * slope for step in ahead]
    season = 1 if strategy == "last" else season
    forecast = []
    for step in ahead:
        place = len(history) + step - 1
        same = [history[i] for i in range(len(history)) if (place - i) % season == 0]
        recent = [
            i for i in range(len(history) - season, len(history)) if (place - i) % season == 0
        ]
        if strategy == "mean":
            forecast.append(np.mean(same or history))
        else:
            forecast.append(history[recent[0]] if recent[0] >= 0 else history[-1])
    return forecast


@given(
    strategy=st.sampled_from(["last", "seasonal", "drift", "mean"]),
    season=st.integers(1, 5),
    horizon=st.integers(1, 12),
    lengths=st.lists(st.integers(1, 9), min_size=2, max_size=5),
    data=st.data(),
)
def test_every_rule_is_that_of_the_book_on_the_real_steps(strategy, season, horizon, lengths, data):
    values = st.floats(-1e3, 1e3, width=32)
    X = data.draw(arrays(np.float64, (len(lengths), 9, 2), elements=values))
    for row, length in enumerate(lengths):
        X[row, : 9 - length] = NAN
    model = NaiveRegressor(strategy, season, target_feature=1).fit(X, np.zeros((len(X), horizon)))
    expected = [
        forecast_by_hand(X[row, 9 - length :, 1], strategy, season, horizon)
        for row, length in enumerate(lengths)
    ]
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-10, atol=1e-9)


def test_monthly_means_of_a_seasonal_series_are_the_series():
    year = np.array([3.0, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8])
    X, y = sliding_windows(np.tile(year, 6), lookback=41, horizon=18)
    for strategy in ("seasonal", "mean"):
        np.testing.assert_allclose(NaiveRegressor(strategy, 12).fit(X, y).predict(X), y)


def test_harmonics_find_a_smooth_season_through_noise():
    time = np.arange(90)
    smooth = 5 + 3 * np.cos(2 * np.pi * time / 12 + 1) + np.sin(4 * np.pi * time / 12)
    X, y = sliding_windows(smooth, lookback=30, horizon=18)
    np.testing.assert_allclose(NaiveRegressor("harmonic", 12).fit(X, y).predict(X), y)
    assert np.abs(NaiveRegressor("harmonic", 12, n_harmonics=1).fit(X, y).predict(X) - y).max() > 1
    rng = np.random.default_rng(0)
    noisy = X + rng.normal(size=X.shape)
    errors = {
        strategy: np.abs(NaiveRegressor(strategy, 12).fit(X, y).predict(noisy) - y).mean()
        for strategy in ("seasonal", "mean", "harmonic")
    }
    assert errors["harmonic"] < 0.8 * errors["mean"] < 0.8 * errors["seasonal"]


@pytest.mark.parametrize("season", [1, 2, 7, 12])
def test_all_harmonics_together_are_the_means_of_the_season(season):
    X = np.random.default_rng(0).normal(size=(20, 25, 2)).cumsum(axis=1)
    X[0, :13] = NAN
    X[1, :20] = NAN  # less than a season of seven or twelve: the mean
    y = np.zeros((20, 15, 2))
    harmonic = NaiveRegressor("harmonic", season, n_harmonics=9).fit(X, y).predict(X)
    expected = NaiveRegressor("mean", season).fit(X, y).predict(X)
    if season > 5:
        expected[1] = X[1, 20:].mean(axis=0)
    np.testing.assert_allclose(harmonic, expected)


def test_drift_goes_on_along_a_line():
    X, y = sliding_windows(np.arange(30.0) * 2 + 1, lookback=7, horizon=4)
    np.testing.assert_allclose(NaiveRegressor("drift").fit(X, y).predict(X), y)


# -- axes ------------------------------------------------------------------------


@pytest.mark.parametrize("n_timesteps", [6, 9])
def test_the_shape_of_y_and_the_target_say_what_is_predicted(n_timesteps):
    X = np.random.default_rng(0).normal(size=(20, n_timesteps, 3))
    last = X[:, -1]
    expected = {
        (0, ()): last[:, 0],
        (2, (4,)): np.repeat(last[:, 2:], 4, axis=1),
        ((1,), (1,)): last[:, [1]],
        ((2, 0), (2,)): last[:, [2, 0]],
        ((2, 0), (4, 2)): np.repeat(last[:, np.newaxis, [2, 0]], 4, axis=1),
        (None, (4, 3)): np.repeat(last[:, np.newaxis], 4, axis=1),
    }
    for (target, shape), prediction in expected.items():
        target = list(target) if isinstance(target, tuple) else target
        model = NaiveRegressor(target_feature=target).fit(X, np.zeros((20, *shape)))
        np.testing.assert_array_equal(model.predict(X), prediction)
        assert model.constant_.shape == shape
        assert model.horizon_ == (shape[0] if shape[:1] == (4,) else 1)


def test_a_table_holds_univariate_sequences():
    X = np.random.default_rng(0).normal(size=(20, 7))
    y = np.zeros((20, 3))
    flat = NaiveRegressor("seasonal", 2).fit(X, y).predict(X)
    deep = NaiveRegressor("seasonal", 2).fit(X[..., np.newaxis], y).predict(X[..., np.newaxis])
    np.testing.assert_array_equal(flat, deep)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("strategy", ["last", "seasonal", "drift", "mean", "harmonic"])
def test_predictions_have_the_dtype_of_x(strategy, dtype):
    X = np.random.default_rng(0).normal(size=(20, 7, 1)).astype(dtype)
    assert NaiveRegressor(strategy).fit(X, np.zeros(20)).predict(X).dtype == dtype


def test_windows_of_another_length_in_predict():
    X = np.random.default_rng(0).normal(size=(20, 9, 1))
    model = NaiveRegressor("mean", 4).fit(X, X[:, -1, 0])
    np.testing.assert_array_equal(model.predict(X[:, 3:]), X[:, [5], 0].mean(axis=1))
    with pytest.raises(ValueError, match=r"season_length=4 needs windows of at least 4 .* have 3"):
        model.predict(X[:, :3])


@pytest.mark.parametrize("strategy", ["seasonal", "mean", "harmonic"])
def test_parameters_may_be_of_any_integer_type_and_count_as_they_were_in_fit(strategy):
    X = np.random.default_rng(0).normal(size=(20, 300, 1))
    y = np.zeros((20, 150))
    expected = NaiveRegressor(strategy, 100, n_harmonics=3).fit(X, y).predict(X)
    for kind in (np.int8, np.uint8):
        model = NaiveRegressor(strategy, kind(100), n_harmonics=kind(3)).fit(X, y)
        np.testing.assert_array_equal(model.predict(X), expected)
        model.set_params(season_length=0, strategy="none", n_harmonics=1, target_feature=7)
        np.testing.assert_array_equal(model.predict(X), expected)


# -- padding ---------------------------------------------------------------------


@pytest.mark.parametrize("strategy", ["last", "seasonal", "drift", "mean", "harmonic"])
def test_a_row_of_padding_gets_the_weighted_mean_of_y(strategy):
    X = np.random.default_rng(0).normal(size=(5, 4, 1))
    X[0] = NAN
    y = np.arange(10.0).reshape(5, 2)
    weight = np.array([0.0, 1, 1, 2, 0])
    model = NaiveRegressor(strategy, 2).fit(X, y, sample_weight=weight)
    np.testing.assert_allclose(model.predict(X)[0], (y[1] + y[2] + 2 * y[3]) / 4)
    assert np.isfinite(model.predict(X)).all()


def test_in_a_pipeline_every_row_is_predicted():
    X, y = make_supervised(load_airline_passengers(), horizon=3)
    pipe = make_pipeline(SlidingWindowTransformer(24), NaiveRegressor("seasonal", 12))
    predicted = pipe.fit(X, y).predict(X)
    passengers = X["passengers"].to_numpy()
    np.testing.assert_array_equal(predicted[11:, 0], passengers[: len(X) - 11])
    np.testing.assert_array_equal(predicted[:9], np.repeat(passengers[:9, np.newaxis], 3, axis=1))
    assert (cross_val_score(pipe, X, y, cv=TimeSeriesSplit(3)) > 0).all()


def test_score_takes_targets_of_several_outputs():
    X = np.random.default_rng(0).normal(size=(30, 5, 2)).cumsum(axis=1)
    y = np.repeat(X[:, -1:], 3, axis=1)
    assert NaiveRegressor().fit(X, y).score(X, y) == 1
    assert NaiveRegressor("mean").fit(X, y).score(X, y) < 1


# -- bad input -------------------------------------------------------------------

BAD = {
    "seasonal too short": (
        NaiveRegressor("seasonal", 12),
        (),
        r"strategy='seasonal' and season_length=12 needs windows of at least 12 .* have 8 ",
    ),
    "mean too short": (NaiveRegressor("mean", 9, target_feature=0), (), "at least 9 time steps"),
    "which feature": (NaiveRegressor(), (3,), r"X has 2 features.*target_feature=0"),
    "no such feature": (NaiveRegressor(target_feature=2), (), "from 0 to 1 for this X, but is 2"),
    "no such feature in the list": (NaiveRegressor(target_feature=[0, "a"]), (2,), r"\[0, 'a'\]"),
    "list without outputs": (
        NaiveRegressor(target_feature=[0]),
        (),
        r"shape \(n_samples, 1\) or \(n_samples, horizon, 1\), but found shape \(n_samples\)",
    ),
    "outputs without list": (
        NaiveRegressor(target_feature=0),
        (3, 1),
        r"shape \(n_samples\) or \(n_samples, horizon\)",
    ),
    "other number of outputs": (
        NaiveRegressor(target_feature=[0, 1]),
        (4, 3),
        r"\(n_samples, horizon, 2",
    ),
    "features and outputs": (NaiveRegressor(), (4, 3), r"\(n_samples, horizon, 2\)"),
    "four axes": (NaiveRegressor(), (4, 3, 2), "found shape"),
    "harmonic too short": (
        NaiveRegressor("harmonic", 9, target_feature=0),
        (),
        "at least 9 time steps",
    ),
    "harmonics": (NaiveRegressor(n_harmonics=0), (), "'n_harmonics' parameter"),
    "strategy": (NaiveRegressor("mode"), (), "'strategy' parameter"),
    "season": (NaiveRegressor(season_length=0), (), "'season_length' parameter"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_an_error_that_says_what_is_wrong(case, windows):
    model, shape, message = BAD[case]
    with pytest.raises((ValueError, InvalidParameterError), match=message):
        model.fit(windows[0], np.zeros((60, *shape)))
    assert not hasattr(model, "constant_")


def test_one_step_has_no_drift():
    with pytest.raises(ValueError, match=r"strategy='drift'.* at least 2 time steps, .* have 1 "):
        NaiveRegressor("drift").fit(np.zeros((5, 1, 1)), np.zeros(5))


def test_another_number_of_features_in_predict(windows):
    X, y = windows
    model = NaiveRegressor(target_feature=0).fit(X, y)
    with pytest.raises(ValueError, match="X has 1 features, but NaiveRegressor is expecting 2"):
        model.predict(X[:, :, :1])
    with pytest.raises(ValueError, match="fitted on 3-D X, but X is 2-D now"):
        model.predict(X[:, :, 0])
