"""Forecasts with dates: form of the tables, windows, identities."""

import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from spy import Spy

from skrnn import (
    BlendingRegressor,
    Forecaster,
    GRURegressor,
    LastSteps,
    NaiveRegressor,
    PretrainedGRURegressor,
    TimeDistributed,
    WindowLinearRegressor,
    WindowNormalizedRegressor,
    skill_table,
    sliding_windows,
)
from skrnn._models.inner_regressor import takes_windows
from skrnn.datasets import load_airline_passengers

LAST = NaiveRegressor()


def walk(n_rows, seed=0):
    return np.random.default_rng(seed).normal(size=n_rows).cumsum() + 50


def months(n_rows, start="2020-01"):
    return pd.period_range(start, periods=n_rows, freq="M", name="month")


def shops(lengths=(30, 24, 9), seed=0):
    """A panel of shops; all end in the same month."""
    tables = []
    for i, n_rows in enumerate(lengths):
        time = pd.period_range(end="2024-12", periods=n_rows, freq="M")
        index = pd.MultiIndex.from_product([["abcdef"[i]], time], names=["shop", "month"])
        tables.append(pd.DataFrame({"sold": walk(n_rows, seed + i) * (i + 1)}, index=index))
    return pd.concat(tables)


# Tables


LABELS = {
    "months": pd.period_range("2023-11", periods=40, freq="M"),
    "quarters": pd.period_range("2003Q4", periods=40, freq="Q"),
    "month starts": pd.date_range("2023-11-01", periods=40, freq="MS"),
    "month ends": pd.date_range("2023-11-30", periods=40, freq="ME"),
    "business month ends": pd.date_range("2023-11-30", periods=40, freq="BME"),
    "days": pd.date_range("2024-02-10", periods=40, freq="D"),
    "hours over the change of the clock": pd.date_range(
        "2024-03-30", periods=40, freq="h", tz="Europe/Berlin"
    ),
    "days over the change of the clock": pd.date_range(
        "2024-02-25", periods=40, freq="D", tz="Europe/Berlin"
    ),
    "trading days": pd.bdate_range("2024-02-10", periods=40),
    "weeks": pd.date_range("2024-02-11", periods=40, freq="W-SUN"),
    "integers": pd.RangeIndex(40),
    "even integers": pd.Index(np.arange(10, 90, 2)),
    "durations": pd.timedelta_range("0s", periods=40, freq="30s"),
}


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
@pytest.mark.parametrize("steps", [1, 3, 7])
def test_forecasts_have_the_labels_that_follow(labels, steps):
    series = pd.Series(np.arange(40.0), labels.rename("time"), name="load")
    forecast = Forecaster(LAST, horizon=3).fit(series[:33]).forecast(steps)
    assert_array_equal(forecast["load"], 32.0)
    assert forecast.index.equals(series.index[33 : 33 + steps])
    assert forecast.index.name == "time"
    assert forecast.index.dtype == series.index.dtype


def test_trading_days_of_an_exchange():
    days = pd.offsets.CustomBusinessDay(holidays=["2024-12-25", "2024-12-26"])
    labels = pd.date_range("2024-10-01", "2024-12-24", freq=days)
    series = pd.Series(walk(len(labels)), labels)
    forecast = Forecaster(LAST, horizon=2, freq=days).fit(series).forecast()
    assert list(forecast.index.strftime("%m-%d")) == ["12-27", "12-30"]


@pytest.mark.parametrize(
    "freq", ["2B", "SME", pd.offsets.CustomBusinessDay(holidays=["2024-11-13", "2024-12-25"])]
)
@pytest.mark.parametrize("n_rows", [1, 2, 4, 30])
def test_dates_that_carry_their_frequency_keep_it(freq, n_rows):
    labels = pd.date_range("2024-11-15", periods=n_rows + 8, freq=freq)
    series = pd.Series(walk(n_rows + 8), labels, name="sold")
    forecaster = Forecaster(horizon=3, random_state=0).fit(series[:n_rows])
    assert_array_equal(forecaster.forecast(5).index, labels[n_rows : n_rows + 5])
    assert_array_equal(forecaster.forecast(3, series=series[:-3]).index, labels[-3:])


def test_days_at_noon_with_a_gap_over_the_change_of_the_clock():
    labels = pd.date_range("2024-03-01 12:00", periods=45, freq="D", tz="Europe/Berlin")
    series = pd.Series(walk(40), labels[:40], name="load").drop(labels[10])
    forecast = Forecaster(LAST, horizon=5).fit(series).forecast()
    assert_array_equal(forecast.index, labels[40:])


def test_series_in_a_column_and_the_time_in_the_index():
    table = pd.concat({"b": shops().loc["a"], "a": shops().loc["a"]}, names=["shop"])
    table = table.reset_index("shop").to_timestamp()
    forecast = Forecaster(LAST, horizon=2, id_col="shop").fit(table).forecast()
    assert list(forecast.columns) == ["shop", "sold"]
    assert list(forecast["shop"]) == list("aabb")
    assert list(forecast.index.strftime("%Y-%m")) == ["2025-01", "2025-02"] * 2


def test_names_of_columns_may_have_several_levels():
    names = [("price", "open"), ("price", "close")]
    table = pd.DataFrame({name: walk(40, seed) for seed, name in enumerate(names)}, months(40))
    assert isinstance(table.columns, pd.MultiIndex)
    forecaster = Forecaster(Ridge(), horizon=2, target=names, n_calibration=5).fit(table)
    assert list(forecaster.forecast().columns) == names
    bounds = [f"{names[0]}-{side}-50" for side in ("lo", "hi")]
    assert list(forecaster.forecast(coverage=0.5).columns[:3]) == [names[0], *bounds]
    frame = forecaster.backtest(table, n_cutoffs=2)
    assert list(frame["target"].unique()) == names
    assert_array_equal(frame["y"][:2], table[names[0]].to_numpy()[-3:-1])
    one = Forecaster(Ridge(), horizon=2).fit(table[names[0]])
    assert list(one.forecast().columns) == names[:1]
    frame = one.backtest(table[names[0]], n_cutoffs=2)
    assert skill_table(frame, table[names[0]], season_length=12).by_series.index[0][1] == names[0]


def test_a_forecast_has_the_form_of_the_table():
    panel = shops()
    long = panel.reset_index().rename(columns={"shop": "unique_id", "month": "ds", "sold": "y"})
    long["ds"] = long["ds"].dt.to_timestamp()
    forecast = Forecaster(LAST, horizon=2).fit(panel).forecast()
    assert forecast.index.names == ["shop", "month"]
    assert list(forecast.columns) == ["sold"]
    of_long = Forecaster(LAST, horizon=2, id_col="unique_id", time_col="ds").fit(long).forecast()
    assert list(of_long.columns) == ["unique_id", "ds", "y"]
    assert of_long.index.equals(pd.RangeIndex(6))
    assert list(of_long["unique_id"]) == list("aabbcc")
    assert_array_equal(of_long["y"], forecast["sold"])
    assert_array_equal(of_long["ds"], forecast.index.get_level_values("month").to_timestamp())
    swapped = long.set_index(["ds", "unique_id"])
    names = {"id_col": "unique_id", "time_col": "ds"}
    forecast = Forecaster(LAST, horizon=2, **names).fit(swapped).forecast()
    assert forecast.index.names == ["ds", "unique_id"]
    assert_array_equal(forecast["y"], of_long["y"])
    half = long.set_index("unique_id")
    assert list(Forecaster(LAST, horizon=2, **names).fit(half).forecast().columns) == ["ds", "y"]


def test_several_levels_name_a_series():
    panel = pd.concat({("x", 1): shops(), ("y", 2): shops(seed=5)}, names=["region", "store"])
    forecast = Forecaster(LAST, horizon=2).fit(panel).forecast()
    assert forecast.index.names == ["region", "store", "shop", "month"]
    assert len(forecast) == 12


def test_rows_may_have_any_order():
    panel = shops()
    forecast = Forecaster(Ridge(), horizon=3, lookback=4).fit(panel).forecast(5)
    mixed = panel.sample(frac=1, random_state=0)
    assert_frame_equal(Forecaster(Ridge(), horizon=3, lookback=4).fit(mixed).forecast(5), forecast)


def test_a_series_without_a_name_gets_one():
    series = pd.Series(walk(30), months(30))
    assert list(Forecaster(LAST, horizon=2).fit(series).forecast().columns) == ["value"]


# Windows


@pytest.mark.parametrize("horizon", [1, 4])
def test_a_regressor_of_windows_gets_those_of_sliding_windows(horizon):
    series = load_airline_passengers()[:80]
    X, y = sliding_windows(series, lookback=13, horizon=horizon)
    model = WindowLinearRegressor().fit(X, y)
    forecaster = Forecaster(WindowLinearRegressor(), horizon=horizon, lookback=13).fit(series)
    assert forecaster.n_windows_ == len(X)
    assert_array_equal(forecaster.regressor_.coef_, model.coef_)
    newest = series.to_numpy()[np.newaxis, -13:]
    expected = model.predict(newest).ravel()
    assert_allclose(forecaster.forecast().to_numpy().ravel(), expected)


def test_a_regressor_of_lags_is_fitted_for_each_step():
    series = load_airline_passengers()[:80]
    X, y = sliding_windows(series, lookback=13, horizon=3)
    forecaster = Forecaster(LinearRegression(), horizon=3, lookback=13).fit(series)
    newest = series.to_numpy()[-13:].reshape(1, -1)
    for step in range(3):
        model = LinearRegression().fit(X[:, :, 0], y.iloc[:, step])
        assert_allclose(forecaster.regressor_[step].coef_, model.coef_)
        assert forecaster.forecast().iloc[step, 0] == pytest.approx(model.predict(newest)[0])


def test_windows_of_a_panel_are_in_the_order_of_time():
    panel = shops((30, 30))
    forecaster = Forecaster(spying(), horizon=2, lookback=5).fit(panel)
    X, y = sliding_windows(panel, lookback=5, horizon=2)
    assert_array_equal(forecaster.regressor_.X_, X)
    assert_array_equal(forecaster.regressor_.y_, y)


def spying():
    return Spy(three_d_array=True, allow_nan=True)


def test_short_series_have_padded_windows():
    panel = shops((30, 5, 1))
    forecaster = Forecaster(spying(), horizon=2, lookback=8).fit(panel)
    n_padded = np.isnan(forecaster.regressor_.X_[:, :, 0]).sum(axis=1)
    assert (n_padded == 0).sum() == 30 - 8 - 2 + 1
    assert sorted(n_padded[n_padded > 0]) == [5, 6, 7]  # of the second series
    forecaster.forecast()
    assert_array_equal(np.isnan(forecaster.regressor_.X_predicted_).sum(axis=(1, 2)), [0, 3, 7])


def test_forecasts_are_fed_back_beyond_the_horizon():
    series = pd.Series(walk(60), months(60), name="x")
    forecaster = Forecaster(WindowLinearRegressor(), horizon=4, lookback=6).fit(series)
    first = forecaster.forecast()["x"]
    longer = pd.concat([series, first])
    second = forecaster.forecast(series=longer)["x"]
    assert_allclose(forecaster.forecast(7)["x"], pd.concat([first, second])[:7])
    lags = Forecaster(Ridge(), horizon=4, lookback=6).fit(series)
    expected = lags.forecast(series=pd.concat([series, lags.forecast()["x"]]))
    assert_allclose(lags.forecast(7)[4:], expected[:3])


@pytest.mark.parametrize("regressor", [Ridge(), NaiveRegressor("mean"), WindowLinearRegressor()])
def test_short_series_grow_by_what_is_fed_back(regressor):
    panel = shops((40, 2))
    forecaster = Forecaster(regressor, horizon=2, lookback=7).fit(panel)
    longer = panel
    for steps in (2, 4, 6, 8):
        newest = forecaster.forecast(series=longer)
        expected = newest.groupby("shop").tail(2)["sold"]
        found = forecaster.forecast(steps).groupby("shop").tail(2)["sold"]
        assert_allclose(found, expected)
        longer = pd.concat([longer, newest])


@pytest.mark.parametrize("horizon", [1, 3])
@pytest.mark.parametrize("target", ["x", ["x"], ["x", "z"]])
@pytest.mark.parametrize(
    "regressor",
    [
        Ridge(),
        WindowLinearRegressor(),
        NaiveRegressor(),
        WindowNormalizedRegressor(WindowLinearRegressor()),
        GRURegressor(2, architecture="encoder-decoder", max_epochs=1, random_state=0),
        PretrainedGRURegressor(),
        RandomForestRegressor(2, random_state=0),
    ],
    ids=lambda regressor: type(regressor).__name__,
)
def test_targets_and_other_columns(regressor, target, horizon):
    index = months(70)
    table = pd.DataFrame({"w": walk(70, 1), "x": walk(70, 2), "z": walk(70, 3)}, index=index)
    if isinstance(target, list) and horizon == 1 and isinstance(regressor, GRURegressor):
        regressor = GRURegressor(2, max_epochs=1, random_state=0)
    forecaster = Forecaster(regressor, horizon=horizon, target=target, lookback=5, random_state=0)
    forecast = forecaster.fit(table).forecast()
    assert list(forecast.columns) == (target if isinstance(target, list) else [target])
    assert forecast.shape[0] == horizon
    assert np.isfinite(forecast).all(axis=None)
    if isinstance(regressor, NaiveRegressor):
        assert_array_equal(forecast, np.tile(table[forecast.columns].to_numpy()[-1], (horizon, 1)))


def test_a_single_column_and_a_list_of_it_are_the_same():
    table = pd.DataFrame({"x": walk(70)}, index=months(70))
    one = Forecaster(WindowLinearRegressor(), horizon=3).fit(table).forecast()
    several = Forecaster(WindowLinearRegressor(), horizon=3, target=["x"]).fit(table).forecast()
    assert_frame_equal(one, several)


@pytest.mark.parametrize(
    ("regressor", "expected"),
    [
        (Ridge(), False),
        (GRURegressor(), True),
        (make_pipeline(StandardScaler(), Ridge()), False),
        (make_pipeline(TimeDistributed(StandardScaler()), GRURegressor()), True),
        (TransformedTargetRegressor(GRURegressor()), True),
        (TransformedTargetRegressor(), False),
        (GridSearchCV(make_pipeline(LastSteps(), Ridge()), {}), True),
        (GridSearchCV(Ridge(), {}), False),
    ],
)
def test_which_regressors_take_windows(regressor, expected):
    assert takes_windows(regressor) is expected


def test_scalers_of_windows_and_targets():
    series = load_airline_passengers()
    network = make_pipeline(
        TimeDistributed(MinMaxScaler()), GRURegressor(4, max_epochs=2, random_state=0)
    )
    scaled = TransformedTargetRegressor(network, transformer=TimeDistributed(MinMaxScaler()))
    X, y = sliding_windows(series, lookback=12, horizon=3)
    expected = clone(scaled).fit(X, y.to_numpy()).predict(series.to_numpy()[np.newaxis, -12:])
    forecast = Forecaster(scaled, horizon=3, lookback=12).fit(series).forecast()
    assert_allclose(forecast.to_numpy().ravel(), expected.ravel())


def test_a_search_is_a_regressor():
    search = GridSearchCV(
        make_pipeline(LastSteps(), WindowLinearRegressor()),
        {"laststeps__lookback": [2, 12]},
        cv=TimeSeriesSplit(3, gap=2),
    )
    forecaster = Forecaster(search, horizon=3, lookback=12).fit(load_airline_passengers())
    assert forecaster.regressor_.best_params_ == {"laststeps__lookback": 12}
    assert forecaster.forecast().shape == (3, 1)


# Updates and other series


@pytest.mark.filterwarnings("ignore:The last windows of", "ignore:Only .* windows are learned")
@given(
    n_seen=st.integers(1, 40),
    n_new=st.integers(1, 15),
    missing=st.sets(st.integers(1, 70)),
    season=st.integers(1, 5),
    lookback=st.integers(1, 6),
    is_panel=st.booleans(),
)
@settings(max_examples=60)
def test_an_update_equals_a_longer_past(n_seen, n_new, missing, season, lookback, is_panel):
    series = pd.Series(walk(90), months(90), name="x")
    gaps = [row for row in missing if row not in (39 + n_seen, 39 + n_seen + n_new)]
    series.iloc[gaps] = np.nan
    series = series[: 40 + n_seen + n_new]
    if is_panel:
        series = pd.concat({"b": series, "a": series * 2}, names=["shop"])
    month = series.index.get_level_values("month")
    fitted = series[month <= months(90)[39 + n_seen]]
    new = series[month > months(90)[39 + n_seen]]
    parameters = {"horizon": 2, "season_length": season, "lookback": lookback}
    forecaster = Forecaster(NaiveRegressor("mean"), **parameters).fit(fitted)
    with_new = Forecaster(NaiveRegressor("mean"), **parameters).fit(fitted).update(new)
    assert_frame_equal(with_new.forecast(4), forecaster.forecast(4, series=series))


def test_an_update_of_some_series():
    panel = shops()
    new = pd.DataFrame(
        {"sold": [7.0, 8.0]},
        index=pd.MultiIndex.from_product(
            [["b"], pd.period_range("2025-01", periods=2, freq="M")], names=["shop", "month"]
        ),
    )
    forecaster = Forecaster(LAST, horizon=1).fit(panel).update(new)
    forecast = forecaster.forecast()
    assert [str(month) for _, month in forecast.index] == ["2025-01", "2025-03", "2025-01"]
    assert forecast["sold"].iloc[1] == 8
    one_by_one = Forecaster(LAST, horizon=1).fit(panel).update(new[:1]).update(new[1:])
    assert_frame_equal(one_by_one.forecast(), forecast)


def test_a_forecaster_of_one_series_forecasts_another():
    panel = shops((40, 40))
    a, b = panel.loc["a"], panel.loc["b"]
    forecaster = Forecaster(WindowLinearRegressor(), horizon=3, lookback=6).fit(a)
    expected = forecaster.regressor_.predict(b.to_numpy()[np.newaxis, -6:])
    assert_allclose(forecaster.forecast(series=b).to_numpy().ravel(), expected.ravel())
    of_panel = Forecaster(WindowLinearRegressor(), horizon=3, lookback=6).fit(panel.loc[["a"]])
    assert_allclose(of_panel.forecast(series=panel.loc[["b"]])["sold"], expected.ravel())
    assert forecaster.forecast().index[0] == a.index[-1] + 1  # the series of fit is kept


def test_a_single_row_is_forecast():
    panel = shops((40, 1))
    forecast = Forecaster(Ridge(), horizon=2, lookback=3).fit(panel).forecast()
    assert np.isfinite(forecast).all(axis=None)
    alone = pd.Series([3.0], months(1))
    assert_array_equal(Forecaster(horizon=14).fit(alone).forecast()["value"].round(), 3)
    date = pd.Series([3.0], pd.DatetimeIndex(["2024-05-01"]))
    assert Forecaster(horizon=1, freq="MS").fit(date).forecast().index[0] == pd.Timestamp(
        "2024-06-01"
    )


def test_forecasts_from_earlier_rows():
    panel = shops((40, 30))
    panel.iloc[[12, 50]] = np.nan
    forecaster = Forecaster(WindowLinearRegressor(), horizon=3, lookback=6).fit(panel)
    rows = forecaster._reader.read_rows(panel, forecaster._rows.labels)
    origins = np.array([33, 61])
    data = forecaster._reader.data(rows)
    found = forecaster._model.forecast(data, origins, np.empty((2, 5, 0)))
    for origin, of_origin in zip(origins, found, strict=True):
        shop, month = rows.labels.series[origin], rows.labels.time[origin]
        past = panel.loc[[shop]].loc[(slice(None), slice(None, month)), :]
        assert_allclose(forecaster.forecast(5, series=past), of_origin)


def test_lags_are_fitted_in_parallel():
    series = pd.Series(walk(60), months(60))
    forest = RandomForestRegressor(3, random_state=0)
    one, two = (Forecaster(forest, horizon=2, lookback=4, n_jobs=n).fit(series) for n in (1, 2))
    assert_frame_equal(one.forecast(), two.forecast())


# Missing targets


def test_no_window_has_a_missing_target():
    series = pd.Series(walk(60), months(60))
    series.iloc[[20, 30, 31]] = np.nan
    forecaster = Forecaster(spying(), horizon=3, lookback=4, season_length=12).fit(series)
    _, y = sliding_windows(series.to_numpy(), lookback=4, horizon=3)
    complete = ~np.isnan(y).any(axis=1)
    assert_array_equal(forecaster.regressor_.y_, y[complete])
    filled = series.copy()
    filled.iloc[[20, 30, 31]] = series.iloc[[8, 18, 19]].to_numpy()
    assert_array_equal(
        forecaster.regressor_.X_, sliding_windows(filled.to_numpy(), 4, horizon=3)[0][complete]
    )
    dropped = Forecaster(spying(), horizon=3, lookback=4, season_length=12).fit(series.dropna())
    assert_array_equal(dropped.regressor_.X_, forecaster.regressor_.X_)
    assert_array_equal(dropped.regressor_.y_, forecaster.regressor_.y_)


def test_a_series_starts_with_its_first_known_target():
    panel = shops((40, 40))
    late = panel.copy()
    late.iloc[40:65] = np.nan  # the first rows of b
    shorter = pd.concat([panel.loc[["a"]], panel.loc[["b"]][25:]])
    assert_frame_equal(
        Forecaster(Ridge(), horizon=2, lookback=3).fit(late).forecast(),
        Forecaster(Ridge(), horizon=2, lookback=3).fit(shorter).forecast(),
    )


def test_missing_values_of_several_targets_are_filled_for_each():
    table = pd.DataFrame({"x": walk(60), "y": walk(60, 1)}, months(60))
    table.iloc[[3, 20], 0] = np.nan
    table.iloc[[20, 31], 1] = np.nan
    options = {"horizon": 2, "lookback": 4, "season_length": 12}
    together = Forecaster(spying(), target=["x", "y"], **options).fit(table)
    # The value of the row before in the first season, that of the season before later.
    filled = table.copy()
    filled.iloc[3, 0] = table.iloc[2, 0]
    filled.iloc[20], filled.iloc[31, 1] = table.iloc[8], table.iloc[19, 1]
    windows, y = sliding_windows(filled.to_numpy(), 4, horizon=2, target=[0, 1])
    _, known = sliding_windows(table.to_numpy(), 4, horizon=2, target=[0, 1])
    complete = ~np.isnan(known).any(axis=(1, 2))
    assert_array_equal(together.regressor_.X_, windows[complete])
    assert_array_equal(together.regressor_.y_, y[complete])


def test_filled_rows_in_the_last_window_are_a_warning():
    series = pd.Series(walk(60), months(60))
    series.iloc[[20, 57]] = np.nan
    forecaster = Forecaster(LAST, horizon=1, lookback=6).fit(series)
    with pytest.warns(UserWarning, match=r"of 1 series hold 1 row.* '2024-10'.*SeriesImputer"):
        forecaster.forecast()
    with pytest.raises(
        ValueError, match=r"'value' is missing .* last row of 1 series, .*'2024-10'"
    ):
        forecaster.forecast(series=series[:58])


def test_few_known_targets_are_a_warning():
    trading = pd.Series(walk(100), pd.bdate_range("2024-01-01", periods=100))
    words = (
        r"Only \d+ of 124 windows are learned .*: 38 of 138 rows .* step of 'D', first '2024-01-06"
    )
    with pytest.warns(UserWarning, match=words):
        Forecaster(Ridge(), horizon=5, lookback=10, freq="D").fit(trading)
    Forecaster(Ridge(), horizon=5, lookback=10, freq="B").fit(trading)


# Parameters


def test_constant_series():
    series = pd.Series(np.full(100, 3.0), months(100))
    for regressor in (Ridge(), WindowLinearRegressor(), None):
        forecast = Forecaster(regressor, horizon=3, random_state=0).fit(series).forecast()
        assert_allclose(forecast["value"], 3, rtol=1e-6)


def test_float32_columns_stay_float32():
    table = pd.DataFrame(
        {"y": np.arange(40.0) % 7, "other": np.arange(40.0) % 5, "known": np.arange(40.0) % 3},
        pd.period_range("2020-01", periods=40, freq="M"),
    )
    forecaster = Forecaster(
        GRURegressor(4, max_epochs=1, random_state=0),
        horizon=3,
        lookback=6,
        target="y",
        future_features=["known"],
        calendar=lambda time: np.asarray(time.month)[:, np.newaxis],
        n_calibration=9,
    )
    for column, dtype in ((None, torch.float32), ("known", torch.float64)):
        single = table.astype(np.float32)
        if column is not None:  # one column of float64 makes all float64
            single[column] = table[column]
        fitted = clone(forecaster).fit(single[:-1]).update(table[-1:])
        assert fitted.regressor_.net_.module_.head.weight.dtype == dtype
        future = fitted.make_future().fillna(1.0)
        kinds = ({"coverage": 0.8}, {"paths": 2}, {})
        frames = [
            fitted.forecast(future=future, **kind).drop(columns="path", errors="ignore")
            for kind in kinds
        ]
        expected = {np.dtype(str(dtype).removeprefix("torch."))}
        assert {d for frame in frames for d in frame.dtypes} == expected


def test_it_is_an_estimator():
    static = pd.DataFrame({"size": [1.0, 2.0]}, index=["a", "b"])
    forecaster = Forecaster(Ridge(), horizon=3, lookback=4, static_features=static)
    assert forecaster.get_params()["regressor__alpha"] == 1
    other = clone(forecaster).set_params(regressor__alpha=2.0, horizon=2)
    assert other.regressor.alpha == 2
    assert forecaster.regressor.alpha == 1
    assert "horizon=2" in repr(other)
    panel = shops((40, 40))
    fitted = other.fit(panel)
    assert not hasattr(fitted.regressor, "coef_")
    assert_frame_equal(pickle.loads(pickle.dumps(fitted)).forecast(), fitted.forecast())
    assert not hasattr(clone(fitted), "regressor_")


@pytest.mark.parametrize(("lookback", "is_removed"), [(None, True), (103, False)])
def test_a_long_season_is_removed_for_the_pretrained_network(lookback, is_removed):
    week = np.arange(130)
    season = pd.DataFrame({"a": 9 * np.sin(2 * np.pi * week / 52), "b": 90 + 0.0 * week})
    table = season.set_axis(pd.period_range("2020-01-01", periods=130, freq="W"))
    forecaster = Forecaster(horizon=20, lookback=lookback, season_length=52, target=["a", "b"])
    forecast = forecaster.fit(table[:110]).forecast(coverage=0.8)
    assert isinstance(forecaster.regressor_[0], WindowNormalizedRegressor) == is_removed
    error = (forecast["a"] - table["a"]).abs().max()
    assert error < 0.5 if is_removed else error > 2
    assert_allclose(forecast["b"], 90, rtol=1e-6)
    assert (forecast["a-lo-80"] <= forecast["a-hi-80"]).all()


def test_a_parameter_set_after_fit_does_not_change_forecasts():
    series = pd.Series(walk(60), months(60))
    forecaster = Forecaster(Ridge(), horizon=3, lookback=4).fit(series)
    expected = forecaster.forecast()
    forecaster.set_params(horizon=5, lookback=2, target="other", season_length=9)
    assert_frame_equal(forecaster.forecast(), expected)


def test_a_fit_that_fails_changes_nothing():
    series = pd.Series(walk(60), months(60))
    forecaster = Forecaster(Ridge(), horizon=3, lookback=4).fit(series)
    expected = forecaster.forecast()
    with pytest.raises(ValueError, match="no row to learn from"):
        forecaster.fit(series[:3])
    assert_frame_equal(forecaster.forecast(), expected)


@pytest.mark.parametrize(
    ("labels", "season"),
    [
        (pd.period_range("2020", periods=9, freq="M"), 12),
        (pd.date_range("2020", periods=9, freq="MS"), 12),
        (pd.date_range("2020", periods=9, freq="2MS"), 6),
        (pd.date_range("2020", periods=9, freq="5MS"), 1),
        (pd.date_range("2020", periods=9, freq="BME"), 12),
        (pd.period_range("2020", periods=9, freq="Q"), 4),
        (pd.date_range("2020", periods=9, freq="QS"), 4),
        (pd.date_range("2020", periods=9, freq="QE-NOV"), 4),
        (pd.date_range("2020", periods=9, freq="h"), 24),
        (pd.date_range("2020", periods=9, freq="6h"), 4),
        (pd.date_range("2020", periods=9, freq="30min"), 1),
        (pd.date_range("2020", periods=9, freq="D"), 7),
        (pd.date_range("2020", periods=9, freq="W"), 1),
        (pd.date_range("2020", periods=9, freq="B"), 1),
        (pd.date_range("2020", periods=9, freq="YS"), 1),
        (pd.RangeIndex(9), 1),
    ],
)
def test_the_season_follows_from_the_frequency(labels, season):
    forecaster = Forecaster(LAST, horizon=1).fit(pd.Series(walk(9), labels))
    assert forecaster.season_length_ == season


def test_the_lookback_follows_from_season_and_length():
    def lookback(n_rows, **parameters):
        series = pd.Series(walk(n_rows), months(n_rows))
        return Forecaster(LAST, horizon=12, **parameters).fit(series).lookback_

    assert lookback(144) == 36
    assert lookback(144, season_length=1) == 12
    assert lookback(52) == 20
    assert lookback(13) == 1
    assert lookback(144, lookback=5) == 5


@pytest.mark.parametrize("target", ["x", ["x", "z"]])
def test_the_default_is_the_recommended_blend(target):
    table = pd.DataFrame({"w": walk(100, 1), "x": walk(100, 2), "z": walk(100, 3)}, months(100))
    forecaster = Forecaster(horizon=4, target=target, random_state=0).fit(table)
    blends = list(np.atleast_1d(forecaster.regressor_))
    assert [type(blend) for blend in blends] == [BlendingRegressor] * len(np.atleast_1d(target))
    assert (forecaster.lookback_, forecaster.n_windows_) == (84, 100 - 24 - 4 + 1)
    assert_frame_equal(clone(forecaster).fit(table).forecast(), forecaster.forecast())
    targets = list(np.atleast_1d(target))
    newest = table[-84:][[*targets, *table.columns.difference(targets)]]
    expected = [blend.predict(newest.to_numpy()[np.newaxis])[0] for blend in blends]
    assert_allclose(forecaster.forecast(), np.transpose(expected))
    with pytest.raises(ValueError, match=r"lookback=23 is too short .* 24 rows: two seasons"):
        Forecaster(horizon=4, target="x", lookback=23).fit(table)


def test_the_default_forecasts_a_straight_line_without_a_warning():
    series = pd.Series(np.arange(150.0), months(150))
    forecast = Forecaster(horizon=6, random_state=0).fit(series).forecast(3)
    assert_allclose(forecast["value"], [150, 151, 152], atol=0.5)


def test_the_windows_of_the_default_hold_two_seasons():
    hours = pd.Series(walk(200), pd.date_range("2024", periods=200, freq="h"))
    forecaster = Forecaster(horizon=36, random_state=0).fit(hours)
    assert (forecaster.lookback_, forecaster.n_windows_) == (84, 200 - 48 - 36 + 1)
    # 93 windows, and before the last 59 of them 34; no full window, but 80 with padding
    for horizon, n_rows in ((60, 200), (20, 100)):
        forecaster = Forecaster(horizon=horizon, season_length=24 if n_rows == 200 else 48)
        assert not forecaster.fit(hours[:n_rows]).n_windows_


def test_the_pretrained_network_serves_short_series_alone():
    series = load_airline_passengers()[:40]
    forecaster = Forecaster(horizon=12).fit(series)
    assert isinstance(forecaster.regressor_, PretrainedGRURegressor)
    assert forecaster.regressor_.season_length == 12
    assert (forecaster.lookback_, forecaster.n_windows_) == (40, 0)
    model = PretrainedGRURegressor(12).fit(*sliding_windows(series, 20, horizon=12))
    expected = model.predict(series.to_numpy()[np.newaxis]).ravel()
    assert_allclose(forecaster.forecast()["passengers"], expected)
    weekly = pd.Series(walk(30), pd.date_range("2020", periods=30, freq="W"))
    assert Forecaster(horizon=1, season_length=52).fit(weekly).n_windows_ == 0
