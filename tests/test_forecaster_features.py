"""Features of a Forecaster: known in advance, of the calendar, of the series."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.preprocessing import FunctionTransformer
from spy import Spy

from skrnn import (
    Forecaster,
    GRURegressor,
    NaiveRegressor,
    PretrainedGRURegressor,
    WindowLinearRegressor,
    WindowNormalizedRegressor,
)

DAYS = pd.date_range("2024-01-01", periods=400, freq="D")
REGRESSORS = [
    Ridge(),
    WindowLinearRegressor(),
    WindowNormalizedRegressor(GRURegressor(4, max_epochs=10, random_state=0)),
    NaiveRegressor("seasonal", season_length=7),
    PretrainedGRURegressor(7),
    None,
]


def sales(n_rows=300, effect=30.0, seed=0):
    """Days with a week, a slow walk, and promotions that add to their own day alone."""
    rng = np.random.default_rng(seed)
    promotion = (rng.random(n_rows) < 0.15).astype(float)
    week = 10 * np.sin(2 * np.pi * np.arange(n_rows) / 7)
    level = 100 + 0.5 * rng.normal(size=n_rows).cumsum()
    sold = level + week + effect * promotion + rng.normal(size=n_rows)
    return pd.DataFrame({"sold": sold, "promotion": promotion}, index=DAYS[:n_rows])


def effect_by_step(forecaster, steps):
    """How much a promotion on each of the steps adds to each forecast."""
    none = forecaster.make_future(steps).fillna(0.0)
    without = forecaster.forecast(steps, future=none)["sold"].to_numpy()
    effects = []
    for step in range(steps):
        future = none.copy()
        future.iloc[step] = 1.0
        effects.append(forecaster.forecast(steps, future=future)["sold"].to_numpy() - without)
    return np.array(effects)


@pytest.mark.parametrize("regressor", REGRESSORS, ids=lambda r: type(r).__name__)
def test_a_promotion_acts_on_its_own_step_in_a_direct_forecast(regressor):
    forecaster = Forecaster(
        regressor, horizon=5, lookback=14, target="sold", future_features="promotion"
    )
    effects = effect_by_step(forecaster.fit(sales()), 5)
    assert_allclose(np.diag(effects), 30, rtol=0.05)
    assert_allclose(effects - np.diag(np.diag(effects)), 0, atol=1e-9)


def test_trees_learn_an_effect_that_is_not_linear():
    table = sales(effect=0)
    heat = np.random.default_rng(1).normal(size=300)
    table = table[["sold"]].assign(heat=heat, sold=table["sold"] + 30 * (np.abs(heat) > 1))
    trees = HistGradientBoostingRegressor(max_iter=30, random_state=0)
    forecaster = Forecaster(
        trees, horizon=2, lookback=7, target="sold", future_features=["heat"]
    ).fit(table)
    future = forecaster.make_future()
    future["heat"] = [2.0, 0.0]
    hot_first = forecaster.forecast(future=future)["sold"].to_numpy()
    future["heat"] = [0.0, -2.0]
    hot_second = forecaster.forecast(future=future)["sold"].to_numpy()
    assert_allclose(hot_first - hot_second, [30, -30], rtol=0.3)


def test_effects_beyond_the_horizon_do_not_move_other_steps():
    forecaster = Forecaster(
        WindowLinearRegressor(), horizon=3, lookback=14, target="sold", future_features="promotion"
    )
    effects = effect_by_step(forecaster.fit(sales()), 8)
    assert_allclose(np.diag(effects), 30, rtol=0.05)
    assert_allclose(effects - np.diag(np.diag(effects)), 0, atol=1e-9)


def test_promotions_in_the_window_do_not_change_the_level():
    table = sales()
    table.iloc[-3:, 1] = 0
    busy = table.copy()
    busy.iloc[-3:] += [30, 1]
    forecaster = Forecaster(
        WindowLinearRegressor(), horizon=3, lookback=14, target="sold", future_features="promotion"
    ).fit(table)
    future = forecaster.make_future().fillna(0.0)
    quiet = forecaster.forecast(future=future)["sold"]
    assert_allclose(forecaster.forecast(series=busy, future=future)["sold"], quiet, rtol=0.01)


def test_an_effect_is_in_proportion_to_the_size_of_a_series():
    table = sales()
    panel = pd.concat({"large": table, "small": table * [0.1, 1]}, names=["shop"])
    forecaster = Forecaster(
        WindowNormalizedRegressor(WindowLinearRegressor()),
        horizon=3,
        lookback=14,
        target="sold",
        future_features="promotion",
    ).fit(panel)
    future = forecaster.make_future()
    difference = [
        forecaster.forecast(future=future.assign(promotion=value))["sold"] for value in (0.0, 1.0)
    ]
    effect = (difference[1] - difference[0]).groupby("shop").mean()
    assert_allclose(effect, [30, 3], rtol=0.05)
    other = pd.concat({"new": table * [10, 1]}, names=["shop"])
    future = forecaster.make_future(series=other)
    assert list(future.index.unique("shop")) == ["new"]
    difference = [
        forecaster.forecast(series=other, future=future.assign(promotion=value))["sold"]
        for value in (0.0, 1.0)
    ]
    assert_allclose(difference[1] - difference[0], 300, rtol=0.05)


@pytest.mark.parametrize("n_rows", [1, 60])
def test_a_series_that_never_changed_does_not_disturb_the_others_in_any_unit(n_rows):
    table, unit = sales(100), 2.0**-20
    flat = table[-n_rows:].assign(sold=100.0)
    panel = pd.concat({"flat": flat, "a": table, "b": table * [2, 1]}, names=["shop"])
    parameters = {"horizon": 3, "lookback": 14, "target": "sold", "future_features": "promotion"}
    forecaster = Forecaster(WindowNormalizedRegressor(WindowLinearRegressor()), **parameters)
    forecaster.fit(panel)
    future = forecaster.make_future()
    effects = [forecaster.forecast(future=future.fillna(value)) for value in (0.0, 1.0)]
    effect = (effects[1] - effects[0])["sold"].groupby("shop").mean()
    assert_allclose(effect[["a", "b"]], [30, 60], rtol=0.1)
    assert effect["flat"] == 0
    small = forecaster.fit(panel * [unit, 1]).forecast(future=future.fillna(1.0))
    assert_allclose(small / unit, effects[1], rtol=1e-6)


@pytest.mark.parametrize("days", [0, 5, 1000])
def test_effects_on_another_series_without_a_name_are_in_its_own_size(days):
    table = sales()
    forecaster = Forecaster(
        WindowNormalizedRegressor(WindowLinearRegressor()),
        horizon=3,
        lookback=14,
        target="sold",
        future_features="promotion",
    ).fit(table)
    other = (sales(seed=1) * [1000, 1]).shift(days, freq="D")
    other.loc[other.index[-1], "sold"] = table["sold"].get(other.index[-1], 100_000.0)
    future = forecaster.make_future(series=other)
    without, with_promotion = (
        forecaster.forecast(series=other, future=future.fillna(value)) for value in (0.0, 1.0)
    )
    assert_allclose(with_promotion - without, 30_000, rtol=0.1)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("noise", [0, 1])
def test_a_feature_that_never_changes_has_no_effect(dtype, noise):
    rounded = np.array([3.3, np.nextafter(dtype(3.3), dtype(4))], dtype=dtype)
    table = sales().astype(dtype).assign(promotion=rounded[np.arange(300) % 2 * noise])
    parameters = {"horizon": 3, "lookback": 14, "target": "sold"}
    with_feature = Forecaster(
        WindowLinearRegressor(), future_features="promotion", **parameters
    ).fit(table)
    future = with_feature.make_future().assign(promotion=7.0)
    without = Forecaster(WindowLinearRegressor(), **parameters).fit(table[["sold"]])
    assert_allclose(with_feature.forecast(future=future), without.forecast())


@given(
    steps=st.integers(1, 9), horizon=st.integers(1, 4), is_panel=st.booleans(), seed=st.integers(0)
)
@settings(max_examples=30)
def test_the_order_of_future_rows_is_free(steps, horizon, is_panel, seed):
    table = sales(60)
    if is_panel:
        table = pd.concat({"b": table, "a": table[:50]}, names=["shop"])
    forecaster = Forecaster(
        WindowLinearRegressor(),
        horizon=horizon,
        lookback=3,
        target="sold",
        future_features=["promotion"],
    ).fit(table)
    future = forecaster.make_future(steps)
    assert future.index.equals(forecaster.forecast(steps, future=future.fillna(0)).index)
    assert future["promotion"].isna().all()
    rng = np.random.default_rng(seed % 2**32)
    future["promotion"] = rng.normal(size=len(future))
    expected = forecaster.forecast(steps, future=future)
    mixed = future.sample(frac=1, random_state=seed % 2**32).assign(other="text")
    assert_frame_equal(forecaster.forecast(steps, future=mixed), expected)


@pytest.mark.parametrize("regressor", [Ridge(), WindowLinearRegressor()])
def test_an_update_with_features_equals_a_longer_past(regressor):
    table = sales(90)
    parameters = {"horizon": 2, "lookback": 5, "target": "sold", "future_features": "promotion"}
    forecaster = Forecaster(regressor, **parameters).fit(table[:80])
    updated = Forecaster(regressor, **parameters).fit(table[:80]).update(table[80:])
    future = updated.make_future(5).fillna(1.0)
    assert future.index[0] == DAYS[90]
    expected = forecaster.forecast(5, series=table, future=future)
    assert_frame_equal(updated.forecast(5, future=future), expected)


def test_long_tables_have_their_columns_in_the_future():
    table = sales(60).rename_axis("ds").reset_index().rename(columns={"sold": "y"})
    long = pd.concat([table.assign(unique_id="b"), table.assign(unique_id="a")])
    forecaster = Forecaster(
        Ridge(),
        horizon=2,
        lookback=3,
        target="y",
        future_features="promotion",
        id_col="unique_id",
        time_col="ds",
    ).fit(long)
    future = forecaster.make_future()
    assert list(future.columns) == ["ds", "unique_id", "promotion"]
    assert list(future["unique_id"]) == ["a", "a", "b", "b"]
    forecast = forecaster.forecast(future=future.assign(promotion=0.0))
    assert list(forecast.columns) == ["ds", "unique_id", "y"]


# Calendar


def is_december(labels):
    return pd.DataFrame({"december": (labels.month == 12) * 1.0})


@pytest.mark.parametrize("is_period", [True, False])
@pytest.mark.parametrize(
    "calendar",
    [
        is_december,
        lambda labels: (labels.month == 12)[:, np.newaxis],
        FunctionTransformer(lambda dates: pd.DataFrame({"x": 1.0 * (dates.dt.month == 12)})),
    ],
)
def test_a_calendar_acts_on_its_own_month(calendar, is_period):
    months = pd.period_range("2010-01", periods=100, freq="M", name="month")
    rng = np.random.default_rng(0)
    values = np.arange(100.0) + 20 * (months.month == 12) + rng.normal(size=100)
    series = pd.Series(values, months if is_period else months.to_timestamp())
    forecaster = Forecaster(NaiveRegressor(), horizon=3, lookback=6, calendar=calendar).fit(series)
    forecast = forecaster.forecast(12)["value"].to_numpy()  # May 2018 to April 2019
    assert_allclose(np.delete(forecast, 7), forecast[0])
    assert forecast[7] - forecast[0] == pytest.approx(20, rel=0.05)


def test_columns_of_a_calendar_may_have_another_order():
    def weekend(days, columns=("sunday", "saturday")):
        return pd.DataFrame({"saturday": days.day_of_week == 5, "sunday": days.day_of_week == 6})[
            list(columns if len(days) > 10 else columns[::-1])
        ]

    series = sales()["sold"] + 50.0 * (DAYS[:300].day_of_week == 5)
    forecaster = Forecaster(Ridge(), horizon=3, lookback=6, calendar=weekend).fit(series)
    few = forecaster.forecast(7)
    assert_frame_equal(few, forecaster.forecast(20)[:7])


def test_a_calendar_and_future_features_together():
    table = sales()
    table["sold"] += 25.0 * (DAYS[:300].day == 1)
    forecaster = Forecaster(
        Ridge(),
        horizon=7,
        lookback=14,
        target="sold",
        future_features="promotion",
        calendar=lambda days: (days.day == 1)[:, np.newaxis] * 1.0,
    ).fit(table)
    assert forecaster.regressor_[0].n_features_in_ == 14 + 2
    trees = forecaster.forecast(future=forecaster.make_future().fillna(0.0))
    assert trees.shape == (7, 1)


def test_a_calendar_gets_labels_without_the_name_of_their_index():
    series = sales(120)["sold"].rename_axis("day")
    forecaster = Forecaster(
        WindowLinearRegressor(),
        horizon=3,
        lookback=5,
        calendar=lambda days: days.to_frame().isin([DAYS[100]]) * 1.0,
    ).fit(series)
    expected = forecaster.forecast()["sold"].to_numpy()
    other = forecaster.forecast(series=series.rename_axis("date"))["sold"].to_numpy()
    assert_array_equal(other, expected)


def test_a_transformer_of_dates_is_fitted_once_and_not_changed():
    pytest.importorskip("skrub")
    from skrub import DatetimeEncoder

    encoder = DatetimeEncoder(add_weekday=True, periodic_encoding="circular", resolution=None)
    series = sales(120)["sold"].rename_axis("day")
    forecaster = Forecaster(WindowLinearRegressor(), horizon=3, lookback=5, calendar=encoder)
    week = forecaster.fit(series).forecast(20)["sold"].to_numpy()
    assert not hasattr(encoder, "extracted_features_")
    assert np.corrcoef(week[:-7], week[7:])[0, 1] > 0.99


# Static features


def panel(n_rows=60):
    rng = np.random.default_rng(0)
    shops = {name: pd.Series(rng.normal(size=n_rows), DAYS[:n_rows]) for name in "abc"}
    return pd.concat(shops, names=["shop"]).to_frame("sold")


STATIC = pd.DataFrame({"size": [3.0, 1.0, 2.0, 9.0], "open": True}, index=list("cabx"))


def test_static_features_stand_in_every_step_of_a_window():
    spy = Spy(three_d_array=True, allow_nan=True)
    forecaster = Forecaster(spy, horizon=2, lookback=4, static_features=STATIC).fit(panel())
    assert forecaster.regressor_.X_.shape[2] == 3
    forecaster.forecast()
    of_series = np.array([[1.0, 1.0], [2.0, 1.0], [3.0, 1.0]])
    expected = np.broadcast_to(of_series[:, np.newaxis], (3, 4, 2))
    assert_array_equal(forecaster.regressor_.X_predicted_[:, :, 1:], expected)


@pytest.mark.parametrize("in_columns", [True, False])
def test_static_features_of_several_levels_may_have_another_order(in_columns):
    keys = [(shop, region) for shop in (1, 2) for region in (1, 2)]
    table = pd.concat(dict.fromkeys(keys, panel().loc["a"]), names=["shop", "region"])
    static = pd.DataFrame([(region, shop, 10.0 * shop + region) for shop, region in keys])
    static.columns = ["region", "shop", "size"]
    parameters = {"id_col": ["shop", "region"]} if in_columns else {}
    static = static if in_columns else static.set_index(["region", "shop"])
    spy = Spy(three_d_array=True, allow_nan=True)
    forecaster = Forecaster(spy, horizon=2, lookback=4, static_features=static, **parameters)
    forecaster.fit(table).forecast()
    assert_array_equal(forecaster.regressor_.X_predicted_[:, -1, 1], [11, 12, 21, 22])


def test_static_features_that_change_after_fit_do_not_change_forecasts():
    static = STATIC.copy()
    forecaster = Forecaster(Ridge(), horizon=2, lookback=4, static_features=static).fit(panel())
    before = forecaster.forecast()
    static["size"] = 100.0
    assert_frame_equal(forecaster.forecast(), before)


def test_padding_has_no_static_features():
    table = pd.concat([panel().loc[["a", "c"]], panel().loc[["b"]][-2:]])
    network = GRURegressor(2, max_epochs=1, random_state=0)
    forecaster = Forecaster(network, horizon=2, lookback=4, static_features=STATIC).fit(table)
    short = table.loc["b"].to_numpy()
    window = np.vstack([np.full((2, 3), np.nan), np.hstack([short, [[2.0, 1.0]] * 2])])
    expected = forecaster.regressor_.predict(window[np.newaxis])[0]
    assert_allclose(forecaster.forecast().loc["b", "sold"], expected)


@pytest.mark.parametrize(
    "regressor",
    [
        Ridge(1e-6),
        WindowLinearRegressor(),
        WindowNormalizedRegressor(WindowLinearRegressor()),
        WindowNormalizedRegressor(WindowLinearRegressor(), center="mean", scale="std"),
    ],
)
def test_static_features_are_learned(regressor):
    table = panel()
    slope = table.index.get_level_values("shop").map(STATIC["size"]).to_numpy()
    table["sold"] += slope * np.tile(np.arange(60), 3)
    parameters = {"horizon": 1, "lookback": 2}
    forecaster = Forecaster(regressor, static_features=STATIC[["size"]], **parameters).fit(table)
    last = table.groupby("shop").tail(1)["sold"].to_numpy()
    rise = forecaster.forecast()["sold"].to_numpy() - last
    assert rise[2] - rise[0] > 1


def test_static_features_of_a_long_table_and_of_a_new_series():
    long = panel().rename_axis(["unique_id", "ds"]).reset_index()
    names = {"id_col": "unique_id", "time_col": "ds"}
    static = STATIC.rename_axis("unique_id").reset_index()
    forecaster = Forecaster(Ridge(), horizon=2, lookback=3, static_features=static, **names)
    expected = Forecaster(Ridge(), horizon=2, lookback=3, static_features=STATIC).fit(panel())
    assert_allclose(forecaster.fit(long).forecast()["sold"], expected.forecast()["sold"])
    new = pd.concat({"x": panel().loc["a"]}, names=["shop"])
    assert expected.forecast(series=new).shape == (2, 1)
    with pytest.raises(ValueError, match=r"no row for 1 of 1 series, such as 'y'"):
        expected.forecast(series=new.rename({"x": "y"}))
