"""Bad input of a Forecaster: the type and the words of its errors."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline

from skrnn import (
    Forecaster,
    GRURegressor,
    NaiveRegressor,
    SlidingWindowTransformer,
    WindowLinearRegressor,
)

MONTHS = pd.period_range("2020-01", periods=60, freq="M", name="month")
LAST = NaiveRegressor()


def one(n_rows=60):
    return pd.Series(np.sin(np.arange(float(n_rows))) + 5, MONTHS[:n_rows], name="sold")


def table():
    return pd.DataFrame({"sold": one(), "price": np.arange(60.0), "heat": 1.0})


def panel():
    return pd.concat({"a": one(), "b": one() * 2}, names=["shop"]).to_frame()


def fitted(**parameters):
    parameters = {"horizon": 3, "lookback": 4, "target": "sold", "future_features": ["price"]}
    return Forecaster(LAST, **parameters).fit(table()[["sold", "price"]])


# Parameters


@pytest.mark.parametrize("horizon", [0, -1, 1.5, True, None])
def test_horizon(horizon):
    with pytest.raises(ValueError, match="The 'horizon' parameter of Forecaster must be an int"):
        Forecaster(LAST, horizon=horizon).fit(one())


def test_a_series_in_place_of_steps():
    with pytest.raises(ValueError, match=r"steps must be an .* at least 1, but is of type Series"):
        Forecaster(LAST, horizon=2).fit(one()).forecast(one())


def test_steps():
    with pytest.raises(ValueError, match="steps must be an integer of at least 1, but is 0"):
        Forecaster(LAST, horizon=2).fit(one()).forecast(0)
    with pytest.raises(ValueError, match="steps must be an integer"):
        fitted().make_future(-1)


def test_before_fit():
    forecaster = Forecaster(LAST, horizon=2)
    for call in (forecaster.forecast, forecaster.make_future, lambda: forecaster.update(one())):
        with pytest.raises(NotFittedError):
            call()


@pytest.mark.parametrize(
    ("regressor", "words"),
    [
        (LogisticRegression(), "is a classifier"),
        (GRURegressor(architecture="many-to-many"), "predicts one value at each step inside"),
        (make_pipeline(SlidingWindowTransformer(3), Ridge()), "Forecaster makes the windows"),
        (SlidingWindowTransformer(3), "has no method predict"),
    ],
)
def test_what_is_no_regressor_of_windows(regressor, words):
    with pytest.raises(ValueError, match=words):
        Forecaster(regressor, horizon=2).fit(one())


def test_a_network_for_one_step_tells_which_shape_it_got():
    two = table()[["sold", "price"]]
    network = GRURegressor(2, max_epochs=1)
    forecaster = Forecaster(network, horizon=3, lookback=4, target=["sold", "price"])
    with pytest.raises(ValueError, match="need architecture='encoder-decoder'") as caught:
        forecaster.fit(two)
    assert "X of shape (54, 4, 2) and y of shape (54, 3, 2)" in caught.value.__notes__[0]


def test_columns():
    words = r"target must be one of the columns \['sold', 'price', 'heat'\], but is None"
    with pytest.raises(ValueError, match=words):
        Forecaster(LAST, horizon=2).fit(table())
    with pytest.raises(ValueError, match=r"target must be one of the columns .* but is 'other'"):
        Forecaster(LAST, horizon=2, target="other").fit(table())
    with pytest.raises(ValueError, match=r"future_features names 'other', which is not among"):
        Forecaster(LAST, horizon=2, target="sold", future_features="other").fit(table())
    with pytest.raises(ValueError, match=r"no column to forecast: future_features names \['sold'"):
        Forecaster(LAST, horizon=2, future_features="sold").fit(one())
    with pytest.raises(ValueError, match=r"'sold' is named by target and by future_features"):
        Forecaster(LAST, horizon=2, target="sold", future_features="sold").fit(table())
    with pytest.raises(ValueError, match=r"future_features names 'heat' twice"):
        Forecaster(LAST, horizon=2, target="sold", future_features=["heat"] * 2).fit(table())
    twice = table().rename(columns={"heat": "price"})
    with pytest.raises(ValueError, match=r"Column names must be unique, but \['price'\]"):
        Forecaster(LAST, horizon=2, target="sold").fit(twice)


@pytest.mark.parametrize("dtype", ["str", "category", object])
def test_a_column_that_may_name_the_series(dtype):
    long = pd.concat({"a": one(), "b": one()}, names=["shop"]).reset_index()
    words = r"columns are \['shop', 'sold'\], and no target .* id_col='shop' if this column names"
    with pytest.raises(ValueError, match=words):
        Forecaster(LAST, horizon=2, time_col="month").fit(long.astype({"shop": dtype}))


# Series


@pytest.mark.parametrize("series", [[1.0, 2.0, 3.0], np.arange(9.0), "series", None])
def test_no_table(series):
    words = r"must be a Series or DataFrame of pandas with time labels, but is a .*period_range"
    with pytest.raises(TypeError, match=words):
        Forecaster(LAST, horizon=2).fit(series)


def test_labels():
    with pytest.raises(ValueError, match="Time labels must be periods, dates or integers"):
        Forecaster(LAST, horizon=2).fit(one().set_axis([f"row {i}" for i in range(60)]))
    with pytest.raises(ValueError, match="Pass time_col='month'"):
        Forecaster(LAST, horizon=2).fit(one().reset_index().astype({"month": "datetime64[ns]"}))
    twice = pd.concat([one(), one()[:2]])
    with pytest.raises(ValueError, match=r"Duplicate time label '2020-01'.* pass id_col"):
        Forecaster(LAST, horizon=2).fit(twice)
    with pytest.raises(ValueError, match="The series is empty: 0 rows"):
        Forecaster(LAST, horizon=2).fit(one()[:0])
    with pytest.raises(ValueError, match="The time label of row 1 is missing"):
        Forecaster(LAST, horizon=2).fit(pd.Series([1.0, 2.0], pd.to_datetime(["2020-01", None])))
    weekends = pd.Series(np.arange(20.0), pd.bdate_range("2024-01-01", periods=20))
    with pytest.raises(ValueError, match="freq="):
        Forecaster(LAST, horizon=2).fit(weekends.drop(weekends.index[[3, 8]]))


def test_days_in_a_zone_without_a_midnight():
    days = pd.date_range("2018-10-01", periods=60, freq="D")
    days = days.tz_localize("America/Sao_Paulo", nonexistent="shift_forward")
    words = r"most common step is 1 days .*, but .* follows '2018-11-04 01:00:00-02:00'.*to_period"
    with pytest.raises(ValueError, match=words):
        Forecaster(LAST, horizon=2).fit(pd.Series(np.arange(60.0), days))


def test_a_single_row_has_no_step():
    row = pd.Series([1.0], pd.DatetimeIndex(["2024-01-01"]))
    with pytest.raises(ValueError, match=r"one row, '2024-01-01 00:00:00', .* Pass freq="):
        Forecaster(horizon=2).fit(row).forecast()


def test_a_series_too_short_to_learn_from():
    words = r"needs 13 rows of a series without a gap, for horizon=12, .* longest of 1 series has 5"
    with pytest.raises(ValueError, match="no row to learn from.*" + words.partition(".*")[2]):
        Forecaster(WindowLinearRegressor(), horizon=12).fit(one(5))
    with pytest.raises(ValueError, match="no row to learn from"):
        Forecaster(Ridge(), horizon=1).fit(one(1))


def test_missing_values():
    empty = pd.concat({"a": one(), "b": one() * np.nan}, names=["shop"]).to_frame()
    words = r"Series 'b' has no value of 'sold' in its 60 row\(s\).* 0 other series. Leave them out"
    with pytest.raises(ValueError, match=words):
        Forecaster(LAST, horizon=2).fit(empty)
    holes = table()
    holes.iloc[7, 2] = np.nan
    words = r"Feature 'heat' is missing \(NaN\) in 1 row\(s\), first '2020-08'"
    with pytest.raises(ValueError, match=words):
        Forecaster(LAST, horizon=2, target="sold").fit(holes)
    with pytest.raises(
        ValueError, match=r"Feature 'price' is missing .* '2020-08'.*insert_missing"
    ):
        Forecaster(LAST, horizon=2, target="sold").fit(table().drop(MONTHS[7]))
    infinite = one()
    infinite.iloc[3] = np.inf
    with pytest.raises(ValueError, match=r"'sold' is infinite .* '2020-04'"):
        Forecaster(LAST, horizon=2).fit(infinite)
    words = r"'sold' is missing \(NaN\) in the last row of 1 series, first '2024-12' of series 'b'"
    with pytest.raises(ValueError, match=words):
        Forecaster(LAST, horizon=2).fit(
            panel().mask(np.arange(120)[:, np.newaxis] > 118)
        ).forecast()


def test_text():
    with pytest.raises(ValueError, match="Column 'price' of series holds values that are no numb"):
        Forecaster(LAST, horizon=2, target="sold").fit(table().assign(price="high"))


# The future


def test_a_future_that_is_missing():
    with pytest.raises(
        ValueError, match=r"future must be a DataFrame with the columns \['price'\] "
    ):
        fitted().forecast()
    with pytest.raises(ValueError, match=r"but is a ndarray. make_future"):
        fitted().forecast(future=np.zeros((3, 1)))
    with pytest.raises(ValueError, match=r"future has no column 'price': it has \['cost'\]"):
        fitted().forecast(future=fitted().make_future().rename(columns={"price": "cost"}))
    with pytest.raises(ValueError, match="future is passed, but future_features is empty"):
        Forecaster(LAST, horizon=3).fit(one()).forecast(future=fitted().make_future())


def test_labels_of_the_future():
    future = fitted().make_future().fillna(1.0)
    words = (
        r"future has no row for '2025-04', '2025-05'. It needs the 5 label.*'2025-01' to '2025-05'"
    )
    with pytest.raises(ValueError, match=words):
        fitted().forecast(5, future=future)
    with pytest.raises(ValueError, match=r"future has rows that are not forecast: '2025-03'"):
        fitted().forecast(2, future=future)
    with pytest.raises(ValueError, match=r"future has the label '2025-01' twice"):
        fitted().forecast(future=pd.concat([future, future[:1]]))
    with pytest.raises(ValueError, match=r"no row for .* and 5 more"):
        fitted().forecast(12, future=future[:2])
    future.iloc[1] = np.nan
    with pytest.raises(ValueError, match=r"1 value.*in column 'price' at '2025-02'. Fill them"):
        fitted().forecast(future=future)
    with pytest.raises(ValueError, match="fit saw time labels of type period"):
        fitted().forecast(future=future.set_axis(future.index.to_timestamp()))


def test_series_of_the_future():
    two = panel().assign(price=1.0)
    forecaster = Forecaster(LAST, horizon=2, target="sold", future_features=["price"]).fit(two)
    future = forecaster.make_future().fillna(1.0)
    with pytest.raises(
        ValueError, match=r"no row for '2025-01' of series 'b', '2025-02' of series"
    ):
        forecaster.forecast(future=future.loc[["a"]])
    more = pd.concat([future, future.loc[["a"]].rename({"a": "c"})])
    with pytest.raises(ValueError, match=r"not forecast: '2025-01' of series 'c'"):
        forecaster.forecast(future=more)


def test_other_columns_beyond_the_horizon():
    forecaster = Forecaster(LAST, horizon=3, target="sold").fit(table())
    words = r"steps=4 is beyond horizon=3: that needs later values of 'price'.*future_features"
    with pytest.raises(ValueError, match=words):
        forecaster.forecast(4)


# Updates and other series


def test_updates():
    two = panel()
    forecaster = Forecaster(LAST, horizon=2).fit(two)
    new = two.loc[["a"]].tail(3)
    new.index = new.index.set_levels(MONTHS + 3, level="month")
    with pytest.raises(ValueError, match=r"1 series that fit did not see: 'c'. .*series=\.\.\."):
        forecaster.update(new.rename({"a": "c"}))
    with pytest.raises(
        ValueError, match=r"'2024-12' of series 'a' is known and '2025-01' comes nex"
    ):
        forecaster.update(new[1:])
    with pytest.raises(ValueError, match=r"but the first new row is '2024-10' of series 'a'"):
        forecaster.update(two.loc[["a"]].tail(3))
    with pytest.raises(ValueError, match=r"rows with a gap: 1 time label.* \('a', '2025-02'\)"):
        forecaster.update(new.iloc[[0, 2]])
    with pytest.raises(ValueError, match=r"rows with a gap: 1 time label.* '2025-02'"):
        Forecaster(LAST, horizon=2).fit(one()).update(new.loc["a"].iloc[[0, 2]])
    with pytest.raises(ValueError, match="Duplicate time label"):
        forecaster.update(pd.concat([new, new]))
    with pytest.raises(ValueError, match=r"no column 'sold', which fit saw.* rename\('sold'\)"):
        forecaster.update(new.rename(columns={"sold": "bought"}))
    with pytest.raises(ValueError, match="seen in fit were of several series"):
        forecaster.update(new.loc["a"])
    assert forecaster.forecast().index[0][1] == MONTHS[-1] + 1  # nothing of this was kept


def test_series_of_another_frequency():
    forecaster = Forecaster(LAST, horizon=2).fit(one())
    with pytest.raises(ValueError, match="fit saw time labels of type"):
        forecaster.forecast(series=one().set_axis(pd.period_range("2020", periods=60, freq="Q")))


# Static features


@pytest.mark.parametrize(
    ("static", "words"),
    [
        (pd.DataFrame({"size": [1.0]}, ["a"]), r"no row for 1 of 2 series, such as 'b'"),
        (pd.DataFrame({"size": [1.0, 2, 3]}, list("aba")), r"several rows for series 'a'"),
        (pd.DataFrame({"size": [1.0, np.nan]}, list("ab")), r"in column 'size' for series 'b'"),
        (pd.DataFrame({"size": ["x", "y"]}, list("ab")), r"Column 'size' of static_features"),
        (
            pd.DataFrame({"size": [1.0]}, pd.MultiIndex.from_tuples([("a", 1)])),
            r"by 2 level\(s\), and the series are named by 1, such as 'a'",
        ),
    ],
)
def test_static_features(static, words):
    with pytest.raises(ValueError, match=words):
        Forecaster(Ridge(), horizon=2, static_features=static).fit(panel())


def test_static_features_of_one_series():
    static = pd.DataFrame({"size": [1.0]}, ["a"])
    with pytest.raises(ValueError, match="static_features needs series with names"):
        Forecaster(Ridge(), horizon=2, static_features=static).fit(one())
    with pytest.raises(ValueError, match="'static_features' parameter of Forecaster must be"):
        Forecaster(Ridge(), horizon=2, static_features={"a": 1}).fit(one())


# Names in the result


def test_names_that_the_result_has_itself():
    forecaster = Forecaster(LAST, horizon=2, n_calibration=5)
    words = r"The result would have 2 columns named 'path'. Rename that of your table"
    with pytest.raises(ValueError, match=words):
        forecaster.fit(one().rename("path")).forecast(paths=2)
    long = one().rename_axis("path").reset_index().assign(shop="a")
    forecaster.set_params(id_col="shop", time_col="path")
    with pytest.raises(ValueError, match=words):
        forecaster.fit(long).forecast(paths=2)
    forecaster.set_params(id_col="sold-lo-50")
    with pytest.raises(ValueError, match=r"2 columns named 'sold-lo-50'"):
        forecaster.fit(long.rename(columns={"shop": "sold-lo-50"})).forecast(coverage=0.5)


# Calendar


@pytest.mark.parametrize(
    ("calendar", "words"),
    [
        (
            lambda months: [1.0, 2.0],
            r"a row of finite numbers for each of the 60 time labels, but g",
        ),
        (
            lambda months: np.where(months.month == 1, np.nan, 0.0),
            r"with 5 value\(s\) that are not",
        ),
        (lambda months: months.astype(str).to_frame(), r"calendar"),
        (lambda months: 1.0, r"for each of the 60 time labels, but gives float of shape \(\)\."),
        (lambda months: None, r"but gives NoneType of shape \(\)\."),
    ],
)
def test_calendars(calendar, words):
    with pytest.raises(ValueError, match=words):
        Forecaster(Ridge(), horizon=2, calendar=calendar).fit(one())
    with pytest.raises(ValueError, match="'calendar' parameter of Forecaster must be"):
        Forecaster(Ridge(), horizon=2, calendar="month").fit(one())


@pytest.mark.parametrize(
    ("calendar", "words"),
    [
        (lambda months: pd.get_dummies(months.year), r"for 1 time label\(s\), but gave \[2020, 2"),
        (lambda months: np.ones((len(months), 1 if len(months) > 5 else 2)), "for 1 time label"),
        (lambda months: np.arange(len(months)), r"\[59.0\] for '2024-12' .* but \[0.0\] for this"),
        (lambda months: months.year - months.year.min(), r"gives \[4.0\] .* but \[0.0\] for this"),
    ],
)
@pytest.mark.parametrize("in_panel", [False, True])
def test_a_calendar_in_which_a_label_depends_on_others(calendar, words, in_panel):
    series = pd.concat({"b": one(), "a": one()[:9]}, names=["shop"]) if in_panel else one()
    with pytest.raises(ValueError, match=words):
        Forecaster(Ridge(), horizon=2, calendar=calendar).fit(series)


@pytest.mark.parametrize("regressor", [Ridge(), WindowLinearRegressor()])
def test_a_calendar_with_other_features_than_in_fit(regressor):
    def years(months):
        return pd.DataFrame({year: months.year == year for year in range(2020, months[-1].year)})

    forecaster = Forecaster(regressor, horizon=2, calendar=years).fit(one())
    with pytest.raises(ValueError, match=r"for 2 time label\(s\), but gave .* for those of fit"):
        forecaster.forecast()
