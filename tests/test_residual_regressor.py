"""A baseline and the regressor of its residuals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.compose import TransformedTargetRegressor
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from spy import Spy, WatchingSpy

from skrnn import (
    GRURegressor,
    LSTMRegressor,
    NaiveRegressor,
    ResidualRegressor,
    RNNRegressor,
    SlidingWindowTransformer,
    WindowLinearRegressor,
    WindowNormalizedRegressor,
    make_supervised,
    sliding_windows,
)
from skrnn._models.held_out_rows import rows_per_step
from skrnn._models.residual_regressor import learn_shrinkage
from skrnn.datasets import load_airline_passengers

NAN = np.nan


def curved(n_rows=300, seed=0):
    """Windows, and targets of which a line explains a part."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, 6, 1))
    return X, 100 * X[:, -2, 0] + 3 * np.abs(X[:, -1, 0]) + 0.1 * rng.normal(size=n_rows)


def test_is_the_sum_of_baseline_and_shrunken_correction():
    X, y = curved()
    model = ResidualRegressor(HistGradientBoostingRegressor(random_state=0)).fit(X, y)
    baseline = WindowLinearRegressor().fit(X, y)
    residual = y - baseline.predict(X)
    scale = np.sqrt(np.mean(residual**2))
    windows = ((X - X.mean()) / X.std()).reshape(300, -1)
    trees = HistGradientBoostingRegressor(random_state=0).fit(windows, residual / scale)
    assert model.scale_ == pytest.approx(scale)
    assert 0.5 < model.shrinkage_ <= 1
    expected = baseline.predict(X) + model.shrinkage_ * scale * trees.predict(windows)
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-6)


def test_the_shrinkage_is_learned_on_the_newest_rows_by_a_model_of_the_older_ones():
    X, y = curved()
    y += 100 * np.random.default_rng(1).normal(size=300)
    model = ResidualRegressor(Ridge(), NaiveRegressor(), validation_fraction=0.25).fit(X, y)
    older, newest = slice(225), slice(225, None)
    residual = y - X[:, -1, 0]
    scale = np.sqrt(np.mean(residual[older] ** 2))
    mean, spread = X[older].mean(), X[older].std()
    windows = ((X - mean) / spread).reshape(300, -1)
    ridge = Ridge().fit(windows[older], residual[older] / scale)
    correction = scale * ridge.predict(windows[newest])[:, np.newaxis]
    expected = learn_shrinkage(residual[newest, np.newaxis], correction, None, 1)
    assert model.shrinkage_ == pytest.approx(expected)
    assert 0.5 < expected < 1


@pytest.mark.parametrize("Regressor", [RNNRegressor, GRURegressor, LSTMRegressor])
def test_a_network_learns_what_no_line_shows(Regressor):
    X, y = curved(500)
    model = ResidualRegressor(Regressor(16, max_epochs=80, random_state=0)).fit(X[:400], y[:400])
    alone = np.mean((model.baseline_.predict(X[400:]) - y[400:]) ** 2)
    together = np.mean((model.predict(X[400:]) - y[400:]) ** 2)
    assert together < alone / 4


@pytest.mark.parametrize("seed", range(3))
def test_what_adds_nothing_is_left_out(seed):
    rng = np.random.default_rng(seed)
    X, y = sliding_windows(rng.normal(size=200).cumsum(), lookback=8)
    model = ResidualRegressor(HistGradientBoostingRegressor(random_state=0)).fit(X, y)
    assert model.shrinkage_ < 0.1
    baseline = WindowLinearRegressor().fit(X, y)
    np.testing.assert_array_equal(model.baseline_.predict(X), baseline.predict(X))
    if model.shrinkage_ == 0:
        np.testing.assert_array_equal(model.predict(X), baseline.predict(X))


@pytest.mark.parametrize("unit", [1e-4, 1e4])
def test_units_make_no_difference(unit):
    X, y = curved()
    X = np.concatenate((X, np.full_like(X, 1 / 3)), axis=2)  # a constant does no harm
    X[:20, :3] = NAN
    model = ResidualRegressor(GRURegressor(4, max_epochs=20, random_state=0))
    expected = model.fit(X, y)
    predicted, shrinkage = expected.predict(X), expected.shrinkage_
    found = model.fit(X * unit + 7, y * unit + 7)
    assert found.shrinkage_ == pytest.approx(shrinkage, rel=1e-4)
    assert shrinkage > 0
    np.testing.assert_allclose((found.predict(X * unit + 7) - 7) / unit, predicted, atol=1e-3)


def test_the_regressor_sees_standardised_windows_and_residuals_of_unit_size(padded_windows):
    X, y = padded_windows
    X, y = X * [10, 1e-3] + [500, 3], y * 1e5
    seen = ResidualRegressor(Spy(True)).fit(X, y).regressor_
    np.testing.assert_allclose(np.nanmean(seen.X_, axis=(0, 1)), 0, atol=1e-9)
    np.testing.assert_allclose(np.nanstd(seen.X_, axis=(0, 1)), 1)
    assert np.sqrt(np.mean(seen.y_**2)) == pytest.approx(1)
    np.testing.assert_array_equal(np.isnan(seen.X_), np.isnan(X[1:]))


def test_the_baseline_sees_windows_and_targets_as_they_are(windows):
    X, y = windows
    seen = ResidualRegressor(Ridge(), Spy(True)).fit(X, y).baseline_
    np.testing.assert_array_equal(seen.X_, X)
    np.testing.assert_array_equal(seen.y_, y)


def test_a_perfect_baseline_leaves_nothing(windows):
    X, _ = windows
    y = X[:, -1, 1]
    model = ResidualRegressor(Ridge(), NaiveRegressor(target_feature=1)).fit(X, y)
    assert model.scale_ == pytest.approx(y.std())  # the size of y: there is no residual
    np.testing.assert_array_equal(model.predict(X), y)


def test_rounding_of_a_perfect_baseline_is_no_unit(windows):
    X, _ = windows
    y = X[:, -1, 0] + 2 * X[:, -2, 1]
    model = ResidualRegressor(Ridge(), LinearRegression()).fit(X, y)
    assert model.scale_ == pytest.approx(y.std(), rel=1e-6)


def test_weights_count_in_scale_and_shrinkage():
    X, y = curved()
    weight = np.arange(300) % 3
    model = ResidualRegressor(Ridge(), DummyRegressor()).fit(X, y, sample_weight=weight)
    mean = np.average(y, weights=weight)
    assert model.scale_ == pytest.approx(np.sqrt(np.average((y - mean) ** 2, weights=weight)))
    doubled = ResidualRegressor(Ridge(), DummyRegressor()).fit(X, y, sample_weight=2 * weight)
    assert doubled.shrinkage_ == pytest.approx(model.shrinkage_, rel=1e-2)


NO_SHRINKAGE = "cannot learn its shrinkage, and predicts as its baseline does"


def test_one_row_is_its_baseline(windows):
    X, y = windows
    model = ResidualRegressor(Ridge())
    with pytest.warns(UserWarning, match=rf"{NO_SHRINKAGE}: of 1 row\(s\) the last 1 are held out"):
        model.fit(X[:1], y[:1])
    assert model.shrinkage_ == 0
    np.testing.assert_allclose(model.predict(X[:1]), y[:1])


@pytest.mark.parametrize(
    ("horizon", "options"), [(1, {"validation_fraction": 0.99}), (49, {})], ids=["few", "far"]
)
def test_no_row_to_learn_the_shrinkage_from_is_a_warning(horizon, options, windows):
    X, y = windows
    model = ResidualRegressor(Ridge(), NaiveRegressor(target_feature=0), **options)
    with pytest.warns(UserWarning, match=rf"{NO_SHRINKAGE}: of 60 .* of {horizon} step") as caught:
        model.fit(X, np.repeat(y[:, np.newaxis], horizon, axis=1))
    assert [warning.filename for warning in caught] == [__file__]
    assert model.shrinkage_ == 0


def test_normalising_inside_a_residual_is_refused_and_outside_it_works():
    X, y = make_supervised(load_airline_passengers())
    windows = SlidingWindowTransformer(13).fit_transform(X)
    for inner in (
        WindowNormalizedRegressor(Ridge()),
        make_pipeline("passthrough", WindowNormalizedRegressor(Ridge())),
        TransformedTargetRegressor(WindowNormalizedRegressor(Ridge())),
        GridSearchCV(WindowNormalizedRegressor(Ridge()), {"center": ["last", "mean"]}),
        ResidualRegressor(Ridge(), WindowNormalizedRegressor(Ridge())),
    ):
        with pytest.raises(ValueError, match=r"Put it outside: WindowNormalizedRegressor\(Res"):
            ResidualRegressor(inner).fit(windows, y)
    model = WindowNormalizedRegressor(ResidualRegressor(Ridge())).fit(windows[:107], y[:107])
    assert model.score(windows[107:], y[107:]) > 0.9


# -- the shrinkage ---------------------------------------------------------------------


@given(
    slope=st.floats(-2, 2),
    seed=st.integers(0, 100),
    n_outputs=st.integers(1, 3),
    n_rows=st.integers(1, 60),
)
def test_the_shrinkage_lies_between_zero_and_the_slope(slope, seed, n_outputs, n_rows):
    rng = np.random.default_rng(seed)
    correction = rng.normal(size=(n_rows, n_outputs))
    residual = slope * correction + 0.1 * rng.normal(size=(n_rows, n_outputs))
    found = learn_shrinkage(residual, correction, None, n_outputs)
    least_squares = (residual * correction).sum() / np.square(correction).sum()
    assert 0 <= found <= np.clip(least_squares, 0, 1)
    if n_rows < 2 * n_outputs:
        assert found == 0


def test_a_correction_that_is_right_is_taken_as_it_is_and_its_opposite_not_at_all():
    correction = np.random.default_rng(0).normal(size=(40, 2))
    assert learn_shrinkage(correction, correction, None, 2) == pytest.approx(1)
    assert learn_shrinkage(3 * correction, correction, None, 2) == 1
    assert learn_shrinkage(-correction, correction, None, 2) == 0
    assert learn_shrinkage(correction, np.zeros((40, 2)), None, 2) == 0


def test_chance_is_shrunk_to_nothing_more_often_than_not():
    rng = np.random.default_rng(0)
    pairs = rng.normal(size=(400, 2, 40, 1))
    found = [learn_shrinkage(*pair, None, 1) for pair in pairs]
    # The lower end of the interval of a slope that is zero lies above zero in one of forty cases.
    assert np.mean(np.array(found) > 0) < 0.05


@pytest.mark.filterwarnings("ignore:No row has a full window:UserWarning")  # none is wanted
@pytest.mark.parametrize("n_series", [1, 2, 7])
def test_the_series_of_a_panel_sorted_by_time_are_seen_in_its_windows(n_series):
    rng = np.random.default_rng(0)
    X = [sliding_windows(rng.normal(size=30).cumsum(), lookback=4)[0] for _ in range(n_series)]
    by_time = np.stack(X, axis=1).reshape(-1, 4, 1)
    assert rows_per_step(by_time) == n_series
    assert rows_per_step(np.concatenate(X)) == 1  # one series below the other
    assert rows_per_step(by_time[:, :1]) == 1  # windows of one step do not tell
    assert rows_per_step(rng.normal(size=(20, 4, 1))) == 1
    assert rows_per_step(by_time[:1]) == 1
    grown = [SlidingWindowTransformer(40).fit_transform(rng.normal(size=(30, 1))) for _ in X]
    assert rows_per_step(np.stack(grown, axis=1).reshape(-1, 40, 1)) == n_series  # all padded


def test_rows_whose_targets_reach_into_the_newest_ones_are_not_trained_on():
    X, y = sliding_windows(np.arange(60.0), lookback=4, horizon=5)
    rows = []

    class Counting(Spy):
        def fit(self, X, y):
            rows.append(len(X))
            return super().fit(X, y)

    ResidualRegressor(Counting(), WatchingSpy()).fit(X, y)
    assert rows == [len(X) - 11 - 4, len(X)]  # a fifth held out, four targets overlap


def test_the_whole_spelling_of_a_pipeline_of_rows():
    X, y = make_supervised(load_airline_passengers())
    pipe = make_pipeline(
        SlidingWindowTransformer(13),
        ResidualRegressor(GRURegressor(8, max_epochs=30, random_state=0)),
    )
    line = make_pipeline(SlidingWindowTransformer(13), WindowLinearRegressor())
    scores = [model.fit(X[:107], y[:107]).score(X[107:], y[107:]) for model in (pipe, line)]
    assert scores[0] > scores[1] - 0.01 > 0.9
