"""The bundled series are what their descriptions say."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from skrnn import SlidingWindowTransformer, make_supervised
from skrnn.datasets import load_airline_passengers, load_australian_temperature

MISSING_MONTHS = ["2011-04", "2012-12", "2013-02"]


def test_airline_passengers_are_144_months_without_a_gap():
    passengers = load_airline_passengers()
    expected = pd.period_range("1949-01", "1960-12", freq="M", name="month")
    pd.testing.assert_index_equal(passengers.index, expected)
    assert list(passengers.columns) == ["passengers"]
    assert passengers["passengers"].dtype == "float64"


def test_airline_passengers_are_series_g():
    passengers = load_airline_passengers()["passengers"]
    assert_array_equal(passengers.iloc[:6], [112, 118, 132, 129, 121, 135])
    assert_array_equal(passengers.iloc[-3:], [461, 390, 432])
    assert passengers.sum() == 40363
    assert (passengers.min(), passengers.max()) == (104, 622)


def test_temperature_has_the_index_that_is_described():
    temperature = load_australian_temperature()
    assert temperature.shape == (4769, 1)
    assert list(temperature.columns) == ["temperature"]
    assert list(temperature.index.names) == ["station", "month"]
    month = temperature.index.levels[1]
    assert isinstance(month, pd.PeriodIndex)
    assert month.freqstr == "M"
    assert (str(month.min()), str(month.max())) == ("2007-11", "2017-06")
    assert temperature.index.is_unique
    assert temperature.index.is_monotonic_increasing
    assert temperature.index.get_level_values("station").nunique() == 49


def test_temperatures_are_degrees_celsius():
    values = load_australian_temperature()["temperature"]
    assert values.dtype == "float64"
    assert values.notna().all()
    assert values.between(-5, 40).all()


def test_the_gaps_of_the_panel_are_those_described():
    months = load_australian_temperature().reset_index("station")["station"]
    present = set(months.index.astype(str))
    assert not present & set(MISSING_MONTHS)
    everywhere = pd.period_range("2013-03", "2017-06", freq="M").difference(
        pd.PeriodIndex(MISSING_MONTHS, freq="M")
    )
    lacking = {
        station: sorted(str(month) for month in everywhere.difference(rows.index))
        for station, rows in months.groupby(months)
    }
    melbourne = [str(month) for month in pd.period_range("2015-02", "2016-04", freq="M")]
    assert {station: gap for station, gap in lacking.items() if gap} == {"Melbourne": melbourne}


def test_the_stations_start_when_described():
    temperature = load_australian_temperature().reset_index()
    starts = temperature.groupby("station")["month"].min()
    assert (starts <= pd.Period("2009-01", freq="M")).sum() == 45
    assert list(starts[starts == pd.Period("2013-03", freq="M")].index) == [
        "Katherine",
        "Nhil",
        "Uluru",
    ]
    assert (starts == pd.Period("2009-03", freq="M")).sum() == 1


@pytest.mark.parametrize("load", [load_airline_passengers, load_australian_temperature])
def test_each_load_returns_a_frame_of_its_own(load):
    first = load()
    first.iloc[:] = np.nan
    assert load().notna().all(axis=None)


@pytest.mark.parametrize("load", [load_airline_passengers, load_australian_temperature])
def test_the_series_can_be_windowed_as_they_come(load):
    X, y = make_supervised(load())
    windows = SlidingWindowTransformer(lookback=3).fit_transform(X)
    assert windows.shape == (len(X), 3, 1)
    assert_array_equal(windows[:, -1, 0], X.iloc[:, 0])
    pd.testing.assert_index_equal(X.index, y.index)
