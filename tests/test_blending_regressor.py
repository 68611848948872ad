"""Blends: members, weights that are given or learned, the rows that no member saw."""

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from sklearn import config_context
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import Ridge
from spy import WatchingSpy

from skrnn import (
    BlendingRegressor,
    GRURegressor,
    NaiveRegressor,
    WindowLinearRegressor,
    WindowNormalizedRegressor,
    sliding_windows,
)
from skrnn._models.blend_weights import _minimise, learn_weights

SERIES = np.sin(np.arange(200) / 5) + np.random.default_rng(0).normal(size=200) / 10


class Constant(RegressorMixin, BaseEstimator):
    """Predicts a constant, in the shape of y."""

    def __init__(self, value=0.0):
        self.value = value

    def fit(self, X, y):
        self.shape_ = y.shape[1:]
        return self

    def predict(self, X):
        return np.full((len(X), *self.shape_), self.value)


CONSTANTS = [("a", Constant(1.0)), ("b", Constant(2.0)), ("c", Constant(6.0))]


@pytest.mark.parametrize("shape", [(), (1,), (3,), (3, 2)])
@pytest.mark.parametrize(
    ("weights", "expected"), [(None, 3.0), ([1, 1, 2], 3.75), (np.array([0, 5, 0]), 2.0)]
)
def test_the_prediction_is_the_weighted_mean(shape, weights, expected, windows):
    X, y = windows[0], np.zeros((60, *shape))
    blend = BlendingRegressor(CONSTANTS, weights=weights).fit(X, y)
    np.testing.assert_allclose(blend.predict(X), np.full((60, *shape), expected))
    assert blend.weights_.sum() == pytest.approx(1)
    of_members = blend.predict_members(X)
    assert list(of_members) == ["a", "b", "c"]
    for name, member in CONSTANTS:
        np.testing.assert_array_equal(of_members[name], np.full((60, *shape), member.value))
    assert blend.validation_scores_ is None


def test_members_are_parameters(windows):
    blend = BlendingRegressor(CONSTANTS, weights=[1, 1, 2])
    blend.set_params(a__value=5.0, b="drop")
    assert blend.get_params()["a__value"] == 5
    assert blend.get_params()["b"] == "drop"
    blend.fit(*windows)
    np.testing.assert_allclose(blend.predict(windows[0]), (5 + 2 * 6) / 3)
    np.testing.assert_allclose(blend.weights_, [1 / 3, 2 / 3])
    assert list(blend.predict_members(windows[0])) == ["a", "c"]
    assert blend.named_estimators_["b"] == "drop"
    assert blend.named_estimators_["c"] is blend.estimators_[1]
    assert not hasattr(CONSTANTS[0][1], "shape_")  # the user's object is cloned
    for copy in (clone(blend).fit(*windows), pickle.loads(pickle.dumps(blend))):
        np.testing.assert_array_equal(copy.predict(windows[0]), blend.predict(windows[0]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"estimators": []}, "none of the 0 estimators is left"),
        ({"a": "drop", "b": "drop", "c": "drop"}, "none of the 3 estimators is left"),
        ({"estimators": [Ridge()]}, r"item 0 is Ridge\(\)"),
        ({"estimators": [("a", Ridge()), ("a", Ridge())]}, "not unique"),
        ({"estimators": [("n_jobs", Ridge())]}, "conflict with constructor arguments"),
        ({"weights": "learned"}, "'weights' parameter"),
        ({"weights": [1, 2]}, r"shape \(3,\), but they have shape \(2,\)"),
        ({"weights": [1, -2, 0]}, "that of 'b' is -2.0"),
        ({"weights": [1, 1, np.nan]}, "that of 'c' is nan"),
        ({"weights": [0, 0, 0]}, "one above 0 for a member"),
        ({"weights": [0, 1, 0], "b": "drop"}, "one above 0 for a member"),
        ({"validation_fraction": 1.0}, "'validation_fraction' parameter"),
    ],
)
def test_a_wrong_parameter_is_an_error(change, message, windows):
    with pytest.raises(ValueError, match=message):
        BlendingRegressor(CONSTANTS).set_params(**change).fit(*windows)


class Remembers(Ridge):
    """Keeps the targets of each fit."""

    targets = []

    def fit(self, X, y, sample_weight=None):
        self.targets.append(np.array(y))
        return super().fit(X, y, sample_weight)


@pytest.mark.parametrize("n_series", [1, 3])
@pytest.mark.parametrize("horizon", [1, 4])
def test_no_member_sees_a_held_out_target(n_series, horizon):
    # The value at time t is t, and a little more in each series.
    month = pd.period_range("2000-01", periods=80, freq="M")
    index = pd.MultiIndex.from_product([list("abc")[:n_series], month])
    series = pd.Series(np.tile(np.arange(80.0), n_series), index=index)
    series += index.codes[0] / 100
    X, y = sliding_windows(series, lookback=5, horizon=horizon)
    Remembers.targets.clear()
    members = [("one", Remembers()), ("two", Ridge())]
    BlendingRegressor(members, weights="validated", validation_fraction=0.3).fit(X, y)
    first, last = Remembers.targets
    held_out = np.asarray(y)[-int(np.ceil(0.3 * len(y))) :]
    assert np.floor(first.max()) < np.floor(held_out.min())
    assert len(last) == len(y)  # then all rows
    # and no row is left out needlessly
    assert np.floor(first.max()) == np.floor(held_out.min()) - 1


def test_learned_weights_follow_the_evidence_and_scores_tell_the_errors():
    X, y = sliding_windows(SERIES, lookback=8)
    members = [("linear", WindowLinearRegressor()), ("bad", Constant(5.0))]
    blend = BlendingRegressor(members, weights="validated").fit(X, y)
    assert blend.weights_[1] < 0.05
    n_older = len(X) - int(np.ceil(0.2 * len(X)))
    linear = WindowLinearRegressor().fit(X[:n_older], y[:n_older])
    error = np.sqrt(np.mean((y[n_older:] - linear.predict(X[n_older:])) ** 2))
    assert blend.validation_scores_["linear"] == pytest.approx(error)
    assert list(blend.validation_scores_) == ["linear", "bad"]
    np.testing.assert_allclose(
        blend.named_estimators_["linear"].predict(X), WindowLinearRegressor().fit(X, y).predict(X)
    )


def test_members_that_predict_the_same_have_equal_weights():
    X, y = sliding_windows(SERIES, lookback=8)
    members = [("one", Ridge()), ("two", Ridge())]
    np.testing.assert_array_equal(
        BlendingRegressor(members, weights="validated").fit(X, y).weights_, [0.5, 0.5]
    )


@pytest.mark.parametrize(("prior", "expected"), [(None, [0.5, 0.5]), ([1, 3], [0.25, 0.75])])
def test_without_rows_to_hold_out_the_weights_are_the_prior_ones(prior, expected):
    X, y = sliding_windows(SERIES[:8], lookback=3, horizon=3)
    assert len(X) == 3
    members = [("naive", NaiveRegressor()), ("bad", Constant(99.0))]
    message = r"takes the prior weights: of 3 row\(s\) the last 1 are held out"
    with pytest.warns(UserWarning, match=message) as caught:
        blend = BlendingRegressor(members, weights="validated", prior_weights=prior).fit(X, y)
    np.testing.assert_array_equal(blend.weights_, expected)
    assert blend.validation_scores_ is None
    assert caught[0].filename == __file__


def test_one_block_is_enough_for_weights_by_the_errors():
    X, y = sliding_windows(SERIES[:48], lookback=3, horizon=6)
    assert len(X) == 40  # 8 held-out rows, with targets of 6 steps
    members = [("naive", NaiveRegressor()), ("bad", Constant(99.0))]
    blend = BlendingRegressor(members, weights="validated").fit(X, y)
    assert 0 < blend.weights_[1] < 0.1


def test_prior_weights_belong_to_the_members_that_are_left():
    X, y = sliding_windows(SERIES, lookback=8)
    members = [("one", Ridge()), ("out", "drop"), ("two", Ridge())]
    blend = BlendingRegressor(members, weights="validated", prior_weights=[1, 5, 3]).fit(X, y)
    np.testing.assert_allclose(blend.weights_, [0.25, 0.75], rtol=1e-6)  # no evidence
    with pytest.raises(ValueError, match=r"prior_weights must have .* shape \(3,\), but .* \(2,\)"):
        clone(blend).set_params(prior_weights=[1, 2]).fit(X, y)


def test_the_order_of_rows_matters_only_to_learned_weights():
    index = pd.period_range("2000-01", periods=len(SERIES), freq="M")
    X, y = sliding_windows(pd.Series(SERIES, index=index), lookback=8)
    members = [("ridge", Ridge()), ("naive", NaiveRegressor())]
    BlendingRegressor(members).fit(X[::-1], y[::-1])
    with pytest.warns(UserWarning, match="BlendingRegressor holds out the last rows, but"):
        BlendingRegressor(members, weights="validated").fit(X[::-1], y[::-1])


@pytest.mark.parametrize("weights", [None, "validated"])
def test_the_result_is_the_same_whatever_n_jobs(weights):
    X, y = sliding_windows(SERIES, lookback=8, horizon=2)
    network = WindowNormalizedRegressor(GRURegressor(3, max_epochs=4, random_state=0))
    members = [("network", network), ("linear", WindowLinearRegressor()), ("ridge", Ridge())]
    one, three = (BlendingRegressor(members, weights=weights, n_jobs=n).fit(X, y) for n in (1, 3))
    np.testing.assert_array_equal(three.weights_, one.weights_)
    np.testing.assert_array_equal(three.predict(X), one.predict(X))


def test_weights_and_validation_rows_reach_the_members_that_take_them(windows):
    X, y = windows
    weight = np.arange(1.0, 61)
    members = [("spy", WatchingSpy(True)), ("dummy", DummyRegressor()), ("constant", Constant())]
    blend = BlendingRegressor(members, weights="validated").fit(X, y, weight, X[:7], y[:7])
    spy = blend.named_estimators_["spy"]
    np.testing.assert_array_equal(spy.sample_weight_, weight)
    np.testing.assert_array_equal(spy.X_val_, X[:7])
    assert blend.named_estimators_["dummy"].constant_[0, 0] == pytest.approx(
        np.average(y, weights=weight)
    )


def test_metadata_is_routed_to_each_member(windows):
    X, y = windows
    weight = np.arange(1.0, 61)
    with config_context(enable_metadata_routing=True):
        members = [
            ("yes", WatchingSpy(True).set_fit_request(sample_weight=True)),
            ("no", WatchingSpy(True).set_fit_request(sample_weight=False)),
        ]
        blend = BlendingRegressor(members).fit(X, y, sample_weight=weight)
        np.testing.assert_array_equal(blend.estimators_[0].sample_weight_, weight)
        assert blend.estimators_[1].sample_weight_ is None
        blend.set_params(yes=Ridge())
        with pytest.raises(ValueError, match=r"sample_weight.*Ridge"):
            blend.fit(X, y, sample_weight=weight)


def test_a_member_with_one_prediction_for_each_step_is_refused(windows):
    network = GRURegressor(architecture="many-to-many")
    with pytest.raises(ValueError, match="BlendingRegressor predicts the values that follow"):
        BlendingRegressor([*CONSTANTS, ("network", network)]).fit(*windows)


def errors_of(scales, n_rows, n_outputs=1, seed=0):
    """Errors of members with noise of their own and noise in common."""
    rng = np.random.default_rng(seed)
    own = rng.normal(size=(len(scales), n_rows, n_outputs))
    return rng.normal(size=(n_rows, n_outputs)) + own * np.reshape(scales, (-1, 1, 1))


def learn(errors, weight=None, block_length=1, prior=None):
    equal = np.full(len(errors), 1 / len(errors))
    return learn_weights(errors, weight, block_length, equal if prior is None else prior)


def test_learned_weights_are_convex_and_keep_the_order_of_members():
    errors = errors_of([1, 0.5, 2, 4], 400)
    weights = learn(errors, None, 1)
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1)
    assert (np.diff(weights[[3, 2, 0, 1]]) >= 0).all()
    np.testing.assert_allclose(learn(errors[::-1], None, 1), weights[::-1], atol=1e-9)
    np.testing.assert_allclose(learn(1e9 * errors, None, 1), weights, atol=1e-9)


def test_less_evidence_gives_weights_closer_to_equal():
    distances = [
        np.mean(
            [
                np.linalg.norm(learn(errors_of([1, 3], n, seed=seed), None, 1) - 0.5)
                for seed in range(20)
            ]
        )
        for n in (4, 20, 400)
    ]
    assert distances[0] < distances[1] < distances[2]


def test_chance_moves_the_weights_little_and_less_with_more_rows():
    spread = [
        np.mean([np.ptp(learn(errors_of([1] * 5, n, seed=s))) for s in range(20)])
        for n in (25, 100, 1600)
    ]
    assert spread[0] > spread[1] > spread[2]
    assert spread[1] < 0.2  # of equal weights, each 0.2


def test_one_row_that_a_member_meets_by_chance_does_not_decide():
    weights = learn(np.array([0.0, 1, 1])[:, np.newaxis, np.newaxis])
    assert 1 / 3 < weights[0] < 0.8


def test_series_of_all_sizes_count_alike():
    """A panel of two series: the weights do not depend on the units of the second one."""
    rng = np.random.default_rng(0)
    walks = np.cumsum(rng.normal(size=(80, 2)), axis=0)
    members = [("last", NaiveRegressor()), ("mean", NaiveRegressor("mean"))]
    found = []
    for size in (1, 1e6):
        X, y = sliding_windows(pd.DataFrame(walks * [1, size]).T.stack(), lookback=4)
        found.append(BlendingRegressor(members, weights="validated").fit(X, y).weights_)
    np.testing.assert_allclose(found[1], found[0], rtol=1e-6)


def test_rows_of_weight_zero_do_not_count():
    errors = errors_of([1, 3], 64)
    weight = np.tile([1.0, 0.0], 32)
    other = errors.copy()
    other[:, 1::2] *= 7
    found = [learn(e, weight, 2) for e in (errors, other)]
    np.testing.assert_allclose(*found)


@pytest.mark.parametrize("penalty", [1e-3, 0.1, 10, np.inf])
def test_weights_minimise_the_penalised_loss(penalty):
    errors = errors_of([1, 0.5, 2, 4], 50)[:, :, 0] / 50
    product = errors @ errors.T
    target = np.array([0.1, 0.2, 0.3, 0.4])
    found = _minimise(product, penalty, target)
    if np.isinf(penalty):
        np.testing.assert_array_equal(found, target)
        return

    def loss(w):
        return w @ product @ w + penalty * ((w - target) @ (w - target))

    best = minimize(
        loss,
        np.full(4, 0.25),
        bounds=[(0, 1)] * 4,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        tol=1e-12,
    )
    assert loss(found) <= best.fun + 1e-9
    assert found.sum() == pytest.approx(1)
