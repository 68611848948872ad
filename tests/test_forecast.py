"""Forecasts with dates of models that were fitted without a Forecaster."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from skrnn import (
    Forecaster,
    LastSteps,
    NaiveRegressor,
    PerSeriesTargetRegressor,
    PerSeriesTransformer,
    SlidingWindowTransformer,
    TimeDistributed,
    WindowLinearRegressor,
    forecast,
    make_supervised,
    sliding_windows,
)
from skrnn.datasets import load_airline_passengers, load_australian_temperature

SERIES = load_airline_passengers()


def panel():
    stations = load_australian_temperature().loc[["Hobart", "Cairns"]]
    return stations[stations.index.get_level_values("month") >= "2013-03"]


def of_rows(lookback=13):
    return make_pipeline(SlidingWindowTransformer(lookback), WindowLinearRegressor())


@pytest.mark.parametrize("horizon", [1, 3])
@pytest.mark.parametrize("steps", [None, 1, 3, 8])
def test_a_pipeline_of_rows_a_model_of_windows_and_a_forecaster_agree(horizon, steps):
    X, y = sliding_windows(SERIES, 13, horizon=horizon)
    of_windows = WindowLinearRegressor().fit(X, y)
    rows, targets = make_supervised(SERIES, horizon=horizon)
    pipeline = of_rows().fit(rows[12:], targets[12:])
    # The windows of the first rows are padded, which the regression takes as shorter ones.
    pipeline[-1].fit(X, y)
    forecaster = Forecaster(WindowLinearRegressor(), horizon=horizon, lookback=13).fit(SERIES)
    expected = forecaster.forecast(steps)
    assert_frame_equal(forecast(of_windows, SERIES, steps, lookback=13), expected)
    assert_frame_equal(forecast(pipeline, SERIES, steps), expected)
    assert_frame_equal(forecast(forecaster, SERIES, steps), expected)


@pytest.mark.parametrize("steps", [2, 9])
def test_the_frequency_of_the_index_is_that_of_all_steps(steps):
    labels = pd.date_range("2024-01-01", periods=60 + steps, freq="2B")
    series = SERIES[: 60 + steps].set_axis(labels)
    pipeline = of_rows(5).fit(*make_supervised(series, horizon=2))
    X, y = sliding_windows(series, 5, horizon=2)
    of_windows = WindowLinearRegressor().fit(X, y)
    for model in (pipeline, of_windows):
        found = forecast(model, series[:60], steps, lookback=5)
        assert_array_equal(found.index, labels[60:])


def test_the_winner_of_a_search_with_a_horizon_of_twelve():
    X, y = sliding_windows(SERIES, lookback=24, horizon=12)
    pipeline = make_pipeline(LastSteps(), TimeDistributed(MinMaxScaler()), WindowLinearRegressor())
    search = GridSearchCV(
        TransformedTargetRegressor(pipeline, transformer=TimeDistributed(MinMaxScaler())),
        {"regressor__laststeps__lookback": [1, 24]},
        cv=TimeSeriesSplit(n_splits=3, gap=11),
    ).fit(X, y)
    found = forecast(search, SERIES)
    newest = SlidingWindowTransformer(24).fit_transform(SERIES)[-1:]
    assert_allclose(found["passengers"], search.predict(newest)[0])
    assert [str(month) for month in found.index[[0, -1]]] == ["1961-01", "1961-12"]


def test_a_panel_with_scalers_of_each_series():
    stations = panel()
    network = make_pipeline(
        PerSeriesTransformer(StandardScaler()), SlidingWindowTransformer(12), NaiveRegressor()
    ).set_output(transform="pandas")
    model = PerSeriesTargetRegressor(network, TimeDistributed(StandardScaler()))
    model.fit(*make_supervised(stations, horizon=2))
    found = forecast(model, stations, 3)
    newest = stations.groupby("station").tail(12).sort_index()
    expected = model.predict(newest)[[11, 23]]
    assert list(found.index.get_level_values("station")) == ["Cairns"] * 3 + ["Hobart"] * 3
    assert_allclose(found["temperature"].to_numpy().reshape(2, 3)[:, :2], expected)
    assert str(found.index[0][1]) == "2017-07"


def test_a_long_table():
    stations = panel()
    long = stations.reset_index()[["month", "temperature", "station"]]
    names = {"id_col": "station", "time_col": "month"}
    windows = SlidingWindowTransformer(4, **names)
    model = make_pipeline(windows, NaiveRegressor()).fit(*make_supervised(long, **names))
    found = forecast(model, long, 2, target="temperature", **names)
    assert list(found.columns) == ["month", "station", "temperature"]
    wide = make_pipeline(SlidingWindowTransformer(4), NaiveRegressor())
    wide.fit(*make_supervised(stations))
    assert_allclose(found["temperature"], forecast(wide, stations, 2)["temperature"])


@pytest.mark.parametrize("steps", [None, 9])
def test_a_gap_before_the_last_rows_is_a_warning(steps):
    model = of_rows(5).fit(*make_supervised(SERIES, horizon=3))
    whole = forecast(model, SERIES, steps)
    early = SERIES.drop(SERIES.index[-6])
    assert_frame_equal(forecast(model, early, steps), whole)
    words = (
        r"cuts the last window of 1 of 1 series: from '1960-10' on there are 3 row\(s\), and loo"
    )
    with pytest.warns(UserWarning, match=words) as caught:
        forecast(model, SERIES.drop(SERIES.index[-4]), steps)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    both = pd.concat({"a": SERIES, "b": SERIES.drop(SERIES.index[-2]), "c": SERIES[-2:]})
    both = both.rename_axis(["name", "month"])
    of_panel = of_rows(5).fit(*make_supervised(both, horizon=3))
    with pytest.warns(UserWarning, match=r"window of 1 of 3 series: from '1960-12' of series 'b'"):
        forecast(of_panel, both, steps)


def test_several_targets_and_other_columns():
    table = SERIES.assign(other=np.arange(144.0), third=np.ones(144))
    targets = ["passengers", "other"]
    X, y = sliding_windows(table, 4, horizon=2, target=targets)
    model = NaiveRegressor(target_feature=[0, 1]).fit(X, y)
    found = forecast(model, table, target=targets, lookback=4)
    assert_allclose(found, [[432, 143], [432, 143]])
    with pytest.raises(ValueError, match=r"steps=3 is beyond the 2 step\(s\) .* 'third'"):
        forecast(model, table, 3, target=targets, lookback=4)


@pytest.mark.parametrize(
    ("fitted", "passed", "words"),
    [
        (["passengers"], ["passengers", "other"], r"predicts \(4, 1\) numbers .* names 2 col"),
        ("passengers", ["passengers", "other"], r"predicts \(4,\) numbers .* names 2 column"),
        (["passengers", "other"], "passengers", r"predicts \(4, 2\) numbers .* names 1 column"),
    ],
)
def test_other_targets_than_those_of_the_model(fitted, passed, words):
    table = SERIES.assign(other=np.arange(144.0))
    model = WindowLinearRegressor().fit(*sliding_windows(table, 4, horizon=4, target=fitted))
    with pytest.raises(ValueError, match=words):
        forecast(model, table, target=passed, lookback=4)


def test_bad_input():
    model = of_rows().fit(*make_supervised(SERIES))
    with pytest.raises(ValueError, match="steps must be an integer of at least 1, but is 0"):
        forecast(model, SERIES, 0)
    with pytest.raises(TypeError, match=r"Series or DataFrame .* but is a ndarray"):
        forecast(model, SERIES.to_numpy())
    search = GridSearchCV(of_rows(), {"slidingwindowtransformer__lookback": [4]}, refit=False)
    for unfitted in (of_rows(), search.set_params(refit=True)):
        with pytest.raises(NotFittedError):
            forecast(unfitted, SERIES)
    search.set_params(refit=False, cv=TimeSeriesSplit(2)).fit(*make_supervised(SERIES))
    for no_model in (search, "ridge"):
        with pytest.raises(TypeError, match=r"regressor with predict, but is a .* refit=True"):
            forecast(no_model, SERIES)
    windows = WindowLinearRegressor().fit(*sliding_windows(SERIES, 4))
    with pytest.raises(ValueError, match=r"Pass the lookback of its windows, e.g. lookback=24"):
        forecast(windows, SERIES)
    with pytest.raises(ValueError, match="target must be one of the columns"):
        forecast(model, SERIES.assign(other=1.0))
    missing = SERIES.astype(float).copy()
    missing.iloc[-1] = np.nan
    with pytest.raises(ValueError, match=r"'passengers' is missing .* '1960-12'"):
        forecast(windows, missing, lookback=4)
    with pytest.raises(ValueError, match=r"no step|frequency|row"):
        forecast(windows, pd.Series([1.0], index=pd.to_datetime(["2024-01-01"])), lookback=4)
