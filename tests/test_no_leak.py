"""Several steps ahead, cross-validated: nothing of a test part reaches fit, windows are full."""

import time

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from spy import Spy

from skrnn import (
    GRURegressor,
    LastSteps,
    ResidualRegressor,
    SlidingWindowTransformer,
    TimeDistributed,
    WindowNormalizedRegressor,
    make_supervised,
    sliding_windows,
)
from skrnn.datasets import load_airline_passengers, load_australian_temperature
from skrnn.model_selection import PanelTimeSeriesSplit

HORIZON = 12
LOOKBACKS = [1, 12, 24]
STATIONS = ["Cairns", "Canberra", "Darwin", "Hobart", "Melbourne"]
LAST_STEPS = "laststeps__lookback"


def one_series():
    return load_airline_passengers()


def a_panel():
    """Five stations without gaps, one of which starts a year later."""
    month = pd.period_range("2009-01", "2017-06", freq="M", name="month")
    table = load_australian_temperature().loc[STATIONS].unstack("station").reindex(month)
    panel = table.interpolate().stack("station", future_stack=True).swaplevel()
    return panel.sort_index().iloc[12:]


DATA = {
    "one series": (one_series, TimeSeriesSplit(3, gap=HORIZON - 1)),
    "panel": (a_panel, PanelTimeSeriesSplit(3, test_size=12, gap=HORIZON - 1)),
}
data_sets = pytest.mark.parametrize(("load", "cv"), DATA.values(), ids=DATA)


def network():
    return GRURegressor(3, max_epochs=2, random_state=0)


def scaled():
    """A network with a scaler and a target scaler."""
    pipe = make_pipeline(LastSteps(12), TimeDistributed(StandardScaler()), network())
    return TransformedTargetRegressor(pipe, transformer=TimeDistributed(StandardScaler()))


def normalised():
    """A network with the level of each window, which holds out the newest training rows."""
    model = WindowNormalizedRegressor(ResidualRegressor(network()))
    return make_pipeline(LastSteps(12), model)


def months(labelled):
    return labelled.index.get_level_values(-1)


def with_planted_values(series, first):
    """Return the series with other values from the label `first` on."""
    noise = np.random.default_rng(0).normal(1e3, 1e3, size=series.shape)
    return series.where((months(series) < first)[:, np.newaxis], series + noise)


def values_in(thing, seen):
    """Yield all arrays, numbers and texts in a fitted estimator and in what it is made of."""
    if isinstance(thing, str | bytes | int | float | np.generic | None):
        yield thing if thing == thing else "NaN"
    elif isinstance(thing, np.ndarray | torch.Tensor):
        yield np.asarray(thing.detach() if isinstance(thing, torch.Tensor) else thing).tobytes()
    elif id(thing) not in seen and not isinstance(thing, type):
        seen[id(thing)] = thing
        if isinstance(thing, dict):
            parts = [*thing.keys(), *thing.values()]
        else:
            parts = [*thing] if isinstance(thing, list | tuple | set) else []
            parts += vars(thing).values() if hasattr(thing, "__dict__") else []
        for part in parts:
            yield from values_in(part, seen)


def fitted_in(split, model, X, y):
    """Return a model that was fitted in a split of a cross-validation."""
    return cross_validate(model, X, y, cv=[split], return_estimator=True)["estimator"][0]


def learned(model):
    """Return all values in a fitted model."""
    return list(values_in(model, {}))


@pytest.fixture
def no_clock(monkeypatch):
    """Stop the clock: skorch stores the seconds of each epoch in the fitted network."""
    monkeypatch.setattr(time, "time", lambda: 0.0)


def cases(X, y, cv, series):
    """Yield each split, and the series with other values in all targets of its test part."""
    for train, test in cv.split(X, y):
        # The value at the label of the first test row is known when it is predicted.
        yield (train, test), with_planted_values(series, months(y)[test].min() + 1)


@pytest.mark.usefixtures("no_clock")
@pytest.mark.parametrize("make_model", [scaled, normalised])
@data_sets
def test_no_value_of_a_test_part_reaches_a_fit(load, cv, make_model):
    series = load()
    X, y = sliding_windows(series, max(LOOKBACKS), horizon=HORIZON)
    for split, planted in cases(X, y, cv, series):
        X_planted, y_planted = sliding_windows(planted, max(LOOKBACKS), horizon=HORIZON)
        assert (y_planted.iloc[split[1]] != y.iloc[split[1]]).all(axis=None)
        expected = learned(fitted_in(split, make_model(), X, y))
        assert learned(fitted_in(split, make_model(), X_planted, y_planted)) == expected


@pytest.mark.usefixtures("no_clock")
@pytest.mark.parametrize("gap", [0, HORIZON - 2])
def test_with_a_shorter_gap_they_reach_the_network_and_the_target_scaler(gap):
    """The planted values are found where there is a leak, so that the test above can fail."""
    series = one_series()
    X, y = sliding_windows(series, max(LOOKBACKS), horizon=HORIZON)
    for split, planted in cases(X, y, TimeSeriesSplit(3, gap=gap), series):
        planted = sliding_windows(planted, max(LOOKBACKS), horizon=HORIZON)
        before, after = fitted_in(split, scaled(), X, y), fitted_in(split, scaled(), *planted)
        assert learned(before.transformer_) != learned(after.transformer_)
        assert learned(before.regressor_[-1].net_) != learned(after.regressor_[-1].net_)
        assert learned(before.regressor_[:-1]) == learned(after.regressor_[:-1])  # older rows


def windows_in_a_search(steps, parameter, X, y, cv):
    """Yield the lookback, the test rows and the windows that a model predicts, for each split."""
    for lookback in LOOKBACKS:
        model = make_pipeline(steps, Spy(three_d_array=True, allow_nan=True))
        model.set_params(**{parameter: lookback})
        models = cross_validate(model, X, y, cv=cv, return_estimator=True)["estimator"]
        for (_, test), fitted in zip(cv.split(X, y), models, strict=True):
            yield lookback, test, fitted[-1].X_predicted_


@data_sets
def test_every_test_window_is_full_for_every_lookback(load, cv):
    series = load()
    X, y = sliding_windows(series, max(LOOKBACKS), horizon=HORIZON)
    place = series.index.get_indexer(y.index)
    for lookback, test, seen in windows_in_a_search(LastSteps(), LAST_STEPS, X, y, cv):
        assert not np.isnan(seen).any()
        whole = SlidingWindowTransformer(lookback).fit_transform(series)
        assert_array_equal(seen, whole[place[test]])


# A gap between rows takes the context from the windows, which a warning may say, too.
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_windows_made_inside_are_padded_after_a_gap():
    series, cv = DATA["one series"][0](), DATA["one series"][1]
    X, y = make_supervised(series, horizon=HORIZON)
    inside = windows_in_a_search(
        SlidingWindowTransformer(), "slidingwindowtransformer__lookback", X, y, cv
    )
    for lookback, _, seen in inside:
        n_missing = np.isnan(seen[:, :, 0]).sum(axis=1)
        expected = np.arange(lookback - 1, lookback - 1 - len(seen), -1).clip(0)
        assert_array_equal(n_missing, expected)


@data_sets
def test_a_grid_search_over_lookback_forecasts_from_the_newest_rows(load, cv):
    series = load()
    X, y = sliding_windows(series, max(LOOKBACKS), horizon=HORIZON)
    grid = {f"regressor__{LAST_STEPS}": LOOKBACKS}
    search = GridSearchCV(scaled(), grid, cv=cv, scoring="neg_mean_absolute_error").fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    newest = SlidingWindowTransformer(max(LOOKBACKS)).fit_transform(series)[-1:]
    model = clone(scaled()).set_params(**search.best_params_).fit(X, y)
    assert_array_equal(search.predict(newest), model.predict(newest))


# PanelTimeSeriesSplit on windows, whose labels are those of y


def test_splits_of_windows_are_by_the_labels_of_their_targets():
    X, y = sliding_windows(a_panel(), 24, horizon=HORIZON)
    cv = PanelTimeSeriesSplit(3, test_size=12, gap=HORIZON - 1)
    by_groups = list(cv.split(X, groups=months(y)))
    for (train, test), parts in zip(cv.split(X, y), by_groups, strict=True):
        assert_array_equal(train, parts[0])
        assert_array_equal(test, parts[1])
        assert len(months(y)[test].unique()) == 12
    named = PanelTimeSeriesSplit(3, test_size=12, gap=HORIZON - 1, time_col="month")
    assert_array_equal(next(named.split(X, y))[1], by_groups[0][1])


def test_labels_of_rows_go_before_those_of_targets():
    X, y = make_supervised(a_panel())
    other = y.set_axis(np.arange(len(y), 0, -1))
    cv = PanelTimeSeriesSplit(3)
    assert_array_equal(next(cv.split(X, other))[0], next(cv.split(X))[0])


def test_row_numbers_of_targets_are_no_time_labels():
    X, y = sliding_windows(a_panel(), 24, horizon=HORIZON)
    with pytest.raises(ValueError, match="The rows have no time labels"):
        PanelTimeSeriesSplit(3).split(X, pd.DataFrame(y.to_numpy()))
