"""The recommended blend."""

import numpy as np
import pytest
from sklearn.base import clone

from skrnn import PretrainedGRURegressor, WindowNormalizedRegressor, sliding_windows
from skrnn.datasets import load_airline_passengers, make_series
from skrnn.recommended import make_blend

PASSENGERS = load_airline_passengers()["passengers"].to_numpy(dtype=float)
X, Y = sliding_windows(PASSENGERS[:72], lookback=30, horizon=6)


@pytest.fixture(scope="module")
def fitted():
    return make_blend(12, random_state=0).fit(X[:-6], Y[:-6])


def test_its_members_are_named_and_their_weights_convex(fitted):
    names = ["linear", "pretrained", "theta", "networks", "adjusted networks"]
    assert [name for name, _ in fitted.estimators] == names
    assert fitted.weights_.min() >= 0
    assert fitted.weights_.sum() == pytest.approx(1)
    assert set(fitted.validation_scores_) == set(names)
    assert fitted.predict(X[-1:]).shape == (1, 6)
    error = np.abs(fitted.predict(X[-6:]) / Y[-6:] - 1).mean()
    last_year = np.abs(X[-6:, -12:-6, 0] / Y[-6:] - 1).mean()
    assert error < last_year


def test_one_seed_is_one_result_whatever_n_jobs(fitted):
    again = make_blend(12, random_state=0, n_jobs=2).fit(X[:-6], Y[:-6])
    np.testing.assert_array_equal(again.predict(X[-3:]), fitted.predict(X[-3:]))
    other = make_blend(12, random_state=1).fit(X[:-6], Y[:-6])
    assert (other.predict(X[-3:]) != fitted.predict(X[-3:])).any()


def test_padding_in_front_changes_nothing(fitted):
    padded = np.concatenate((np.full((6, 20, 1), np.nan), X[-6:]), axis=1)
    np.testing.assert_allclose(fitted.predict(padded), fitted.predict(X[-6:]), rtol=1e-9)


@pytest.mark.parametrize("season", [1, 2, 24, 30])
def test_any_season(season):
    series = make_series(2, 150, season_length=min(season, 24), random_state=0)
    windows, y = sliding_windows(series, lookback=max(12, 2 * season), horizon=3)
    blend = make_blend(season, random_state=0).fit(windows, y)
    assert np.isfinite(blend.predict(windows[-4:])).all()
    assert ("adjusted networks" in blend.named_estimators_) == (season > 1)


def test_a_season_that_the_pretrained_network_does_not_know_is_removed_from_its_windows():
    season = np.tile(np.arange(30.0) ** 2, 5)
    windows, y = sliding_windows(season + 7, lookback=90, horizon=30)
    pretrained = dict(make_blend(30).estimators)["pretrained"]
    assert isinstance(pretrained, WindowNormalizedRegressor)
    error = np.abs(clone(pretrained).fit(windows, y).predict(windows) - y).max()
    assert error < 0.05 * np.ptp(y)
    assert isinstance(dict(make_blend(24).estimators)["pretrained"], PretrainedGRURegressor)


def test_several_features():
    noise = np.random.default_rng(0).normal(size=len(PASSENGERS))
    both = np.column_stack((noise, PASSENGERS))
    windows, y = sliding_windows(both, lookback=30, horizon=6, target=1)
    blend = make_blend(12, target_feature=1, random_state=0).fit(windows, y)
    error = np.abs(blend.predict(windows[-6:]) / y[-6:] - 1).mean()
    assert error < 0.1
    with pytest.raises(ValueError, match="target_feature"):
        make_blend(12, random_state=0).fit(windows, y)


def test_bad_input():
    with pytest.raises(ValueError, match="season_length"):
        make_blend(0)
    with pytest.raises(ValueError, match=r"30 steps|lookback|steps"):
        make_blend(20).fit(X[:-6], Y[:-6])
