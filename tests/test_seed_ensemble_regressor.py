"""Copies that differ in their random numbers: seeds, aggregation, threads, metadata."""

import itertools
import threading
import time
import warnings

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from spy import WatchingSpy

from skrnn import (
    GRURegressor,
    LastSteps,
    ResidualRegressor,
    SeedEnsembleRegressor,
    WindowNormalizedRegressor,
)


class Draws(RegressorMixin, BaseEstimator):
    """Predicts a random number, the same for each window and output."""

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, y):
        self.shape_ = y.shape[1:]
        self.value_ = np.random.default_rng(self.random_state).normal()
        return self

    def predict(self, X):
        return np.full((len(X), *self.shape_), self.value_)


@pytest.mark.parametrize("aggregation", ["mean", "median"])
@pytest.mark.parametrize("shape", [(), (1,), (3,), (3, 2)])
def test_predictions_are_the_mean_or_median_of_those_of_the_copies(aggregation, shape, windows):
    X, y = windows
    y = np.zeros((60, *shape))
    model = SeedEnsembleRegressor(Draws(), 4, aggregation=aggregation, random_state=0).fit(X, y)
    values = [copy.value_ for copy in model.estimators_]
    assert len(set(values)) == 4
    expected = getattr(np, aggregation)(values)
    np.testing.assert_allclose(model.predict(X), np.full((60, *shape), expected))


def seeds_of(model):
    return [
        value
        for copy in model.estimators_
        for name, value in copy.get_params().items()
        if name.endswith("random_state")
    ]


@pytest.mark.parametrize(
    "nest",
    [
        lambda network: network,
        lambda network: make_pipeline(LastSteps(5), network),
        lambda network: WindowNormalizedRegressor(network, target_feature=0),
        lambda network: WindowNormalizedRegressor(ResidualRegressor(network), target_feature=0),
    ],
)
def test_every_random_state_inside_is_another_seed(nest, windows):
    network = GRURegressor(2, max_epochs=1, random_state=7)
    inner = nest(network)
    model = SeedEnsembleRegressor(inner, 3, random_state=0).fit(*windows)
    seeds = seeds_of(model)
    assert len(seeds) == len(set(seeds)) == 3
    assert network.random_state == 7  # the user's object stays as it is
    again = SeedEnsembleRegressor(inner, 3, random_state=0).fit(*windows)
    np.testing.assert_array_equal(again.predict(windows[0]), model.predict(windows[0]))
    other = SeedEnsembleRegressor(inner, 3, random_state=1).fit(*windows)
    assert set(seeds_of(other)).isdisjoint(seeds)


def test_the_first_copies_do_not_depend_on_the_number(windows):
    X, y = windows
    few, many = (SeedEnsembleRegressor(Draws(), n, random_state=0).fit(X, y) for n in (2, 5))
    assert [c.value_ for c in few.estimators_] == [c.value_ for c in many.estimators_[:2]]


@pytest.mark.parametrize("backend", ["auto", "torch"])
def test_the_result_is_the_same_whatever_n_jobs(backend, windows):
    X, y = windows
    inner = WindowNormalizedRegressor(
        GRURegressor(4, max_epochs=5, dropout=0.2, num_layers=2, backend=backend),
        target_feature=0,
        scale="mean_abs_change",
    )
    one, three, every = (
        SeedEnsembleRegressor(inner, 6, random_state=0, n_jobs=n).fit(X, y).predict(X)
        for n in (None, 3, -1)
    )
    np.testing.assert_array_equal(three, one)
    np.testing.assert_array_equal(every, one)


class Quiet(RegressorMixin, BaseEstimator):
    """Hides warnings for a moment. The first fit ends while the third one has begun."""

    numbers = itertools.count()
    first_has_begun, third_has_begun, first_has_ended = (threading.Event() for _ in range(3))

    def fit(self, X, y):
        number = next(self.numbers)
        if number == 0:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.first_has_begun.set()
                assert self.third_has_begun.wait(10)
            self.first_has_ended.set()
        elif number == 1:
            assert self.first_has_begun.wait(10)
        else:
            self.third_has_begun.set()
            assert self.first_has_ended.wait(10)
            time.sleep(0.1)  # until the thread of the first one has ended
        return self

    def predict(self, X):
        return np.zeros(len(X))


def test_the_filters_of_warnings_stay_as_they_were(windows):
    before = list(warnings.filters)
    SeedEnsembleRegressor(Quiet(), 3, n_jobs=2).fit(*windows)
    assert list(warnings.filters) == before


def test_weights_and_validation_rows_reach_each_copy(windows):
    X, y = windows
    weight = np.arange(1.0, 61)
    model = SeedEnsembleRegressor(WatchingSpy(True), 3).fit(X, y, weight, X[:7], y[:7])
    for copy in model.estimators_:
        np.testing.assert_array_equal(copy.sample_weight_, weight)
        np.testing.assert_array_equal(copy.X_val_, X[:7])
        np.testing.assert_array_equal(copy.y_val_, y[:7])


def test_one_copy_is_the_estimator_itself(windows):
    X, y = windows
    model = SeedEnsembleRegressor(Ridge(), 1).fit(X, y)
    expected = Ridge().fit(X.reshape(60, -1), y).predict(X.reshape(60, -1))
    np.testing.assert_allclose(model.predict(X), expected)


@pytest.mark.parametrize(
    "wrong", [{"n_estimators": 0}, {"n_estimators": True}, {"aggregation": "max"}]
)
def test_a_wrong_parameter_is_an_error(wrong, windows):
    model = SeedEnsembleRegressor(Ridge()).set_params(**wrong)
    with pytest.raises(ValueError, match=f"'{next(iter(wrong))}' parameter"):
        model.fit(*windows)
