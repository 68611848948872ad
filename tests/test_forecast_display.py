"""The picture of forecasts: its lines are the series and the forecasts, for tables of each form."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.exceptions import NotFittedError

from skrnn import ForecastDisplay, Forecaster, NaiveRegressor, forecast
from skrnn.datasets import load_airline_passengers, load_australian_temperature

mpl = pytest.importorskip("matplotlib")
mpl.use("agg")
plt = pytest.importorskip("matplotlib.pyplot")


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def make_forecaster(series, **options):
    regressor = NaiveRegressor("seasonal", 12, target_feature=options.pop("target_feature", None))
    return Forecaster(regressor, horizon=6, lookback=12, **options).fit(series)


def with_bounds(table, names):
    table = table.copy()
    for name in names:
        for level, width in (("95", 20.0), ("80", 10.0)):
            table[f"{name}-lo-{level}"] = table[name] - width
            table[f"{name}-hi-{level}"] = table[name] + width
    return table


def dates(line):
    return mpl.dates.num2date(mpl.dates.date2num(line.get_xdata()))


AIRLINE = load_airline_passengers()


def test_lines_are_the_series_and_the_forecast():
    known = AIRLINE[:-12]
    ahead = with_bounds(make_forecaster(known).forecast(), ["passengers"])
    display = ForecastDisplay.from_predictions(AIRLINE, ahead, n_history=24)
    (line,), (past,) = display.forecast_lines_.values(), display.history_lines_.values()
    assert_array_equal(line.get_xdata(), ahead.index.to_timestamp())
    assert_array_equal(line.get_ydata(), ahead["passengers"])
    # 24 months before, and what happened in the months that were forecast.
    assert_array_equal(past.get_xdata(), AIRLINE.index[-36:-6].to_timestamp())
    assert_array_equal(past.get_ydata(), AIRLINE["passengers"][-36:-6])
    cutoff = next(line for line in display.axes_[0].lines if line.get_linestyle() == ":")
    assert cutoff.get_xdata()[0] == known.index[-1].to_timestamp()
    assert display.axes_[0].get_ylabel() == "passengers"
    legend = [text.get_text() for text in display.axes_[0].get_legend().get_texts()]
    assert legend == ["history", "forecast", "95 %", "80 %"]


def test_bands_are_the_bounds():
    ahead = with_bounds(make_forecaster(AIRLINE).forecast(), ["passengers"])
    display = ForecastDisplay.from_predictions(AIRLINE, ahead)
    assert list(display.bands_) == [("", "95"), ("", "80")]  # the wide one lies below
    for (_, level), band in display.bands_.items():
        corners = band.get_paths()[0].vertices
        for side in ("lo", "hi"):
            assert set(ahead[f"passengers-{side}-{level}"]) <= set(corners[:, 1])
    wide, narrow = display.bands_.values()
    assert wide.get_alpha() < narrow.get_alpha()


def test_a_target_may_be_named_like_a_bound():
    series = AIRLINE.rename(columns={"passengers": "x-lo-80"})
    display = ForecastDisplay.from_predictions(series, make_forecaster(series).forecast())
    assert display.axes_[0].get_ylabel() == "x-lo-80"
    assert display.bands_ == {}


def test_a_single_step_and_its_bounds_are_seen():
    ahead = with_bounds(make_forecaster(AIRLINE).forecast(1), ["passengers"])
    display = ForecastDisplay.from_predictions(AIRLINE, ahead)
    (line,) = display.forecast_lines_.values()
    assert line.get_marker() == "."
    (segment,) = display.bands_["", "80"].get_segments()
    assert_array_equal(segment[:, 1], ahead[["passengers-lo-80", "passengers-hi-80"]].iloc[0])


def test_by_default_six_rows_are_drawn_for_each_step():
    for steps, n_rows in ((2, 50), (12, 72)):
        ahead = make_forecaster(AIRLINE).forecast(steps)
        display = ForecastDisplay.from_predictions(AIRLINE, ahead)
        assert len(display.history_lines_[""].get_xdata()) == n_rows


def test_from_forecaster_draws_its_forecasts():
    forecaster = make_forecaster(AIRLINE)
    display = ForecastDisplay.from_forecaster(forecaster, steps=9)
    assert_array_equal(
        display.forecast_lines_[""].get_ydata(), forecaster.forecast(9)["passengers"]
    )
    # It remembers the rows of a window.
    assert_array_equal(display.history_lines_[""].get_ydata(), AIRLINE["passengers"][-12:])
    other = AIRLINE[:-30]
    display = ForecastDisplay.from_forecaster(forecaster, other)
    assert_array_equal(
        display.forecast_lines_[""].get_ydata(), forecaster.forecast(series=other)["passengers"]
    )
    assert_array_equal(display.history_lines_[""].get_ydata(), other["passengers"][-50:])


def test_from_forecaster_draws_intervals():
    forecaster = make_forecaster(AIRLINE, n_calibration=20)
    display = ForecastDisplay.from_forecaster(forecaster, coverage=[0.8, 0.95])
    ahead = forecaster.forecast(coverage=[0.8, 0.95])
    assert list(display.bands_) == [("", "95"), ("", "80")]
    for side in ("lo-80", "hi-80", "lo-95", "hi-95"):
        assert_array_equal(display.forecast[""][side], ahead[f"passengers-{side}"])


def test_missing_targets_are_gaps():
    series = AIRLINE.astype(float)
    series.iloc[-3] = np.nan
    with pytest.warns(UserWarning, match="without a target"):
        display = ForecastDisplay.from_forecaster(make_forecaster(series))
    assert np.isnan(display.history_lines_[""].get_ydata()).nonzero()[0] == [9]


@pytest.mark.parametrize("form", ["index", "long", "named"])
def test_each_series_has_a_panel(form):
    series = load_australian_temperature().loc[["Cairns", "Hobart"]]
    cairns = series.loc["Cairns", "temperature"]
    names = {}
    if form == "long":
        series = series.reset_index().set_axis(["unique_id", "ds", "y"], axis=1)
        names = {"id_col": "unique_id", "time_col": "ds"}
    if form == "named":
        names = {"id_col": "station", "time_col": "month"}
        series = series.reset_index().set_axis(["station", "month", "y"], axis=1)
    forecaster = make_forecaster(series, **names)
    ahead = forecaster.forecast()
    display = ForecastDisplay.from_predictions(
        series.sample(frac=1, random_state=0), ahead, **(names if form == "named" else {})
    )
    assert [ax.get_title() for ax in display.axes_] == ["Cairns", "Hobart"]
    column = ahead.columns[-1]
    assert_array_equal(display.forecast_lines_["Hobart"].get_ydata(), ahead[column][6:])
    assert_array_equal(display.history_lines_["Cairns"].get_ydata(), cairns[-50:])
    assert display.figure_._supylabel.get_text() == column
    assert len(display.figure_.legends) == 1
    same = ForecastDisplay.from_forecaster(forecaster, series)
    assert_array_equal(same.forecast["Hobart"]["forecast"], display.forecast["Hobart"]["forecast"])


def test_each_target_has_a_panel():
    series = AIRLINE.assign(cargo=2.0 * AIRLINE["passengers"])
    ahead = make_forecaster(
        series, target=["passengers", "cargo"], target_feature=[0, 1]
    ).forecast()
    ahead = with_bounds(ahead, ["passengers", "cargo"])
    display = ForecastDisplay.from_predictions(series, ahead)
    assert list(display.forecast_lines_) == ["passengers", "cargo"]
    assert_array_equal(display.forecast_lines_["cargo"].get_ydata(), ahead["cargo"])
    assert ("cargo", "80") in display.bands_


def test_the_title_says_how_many_series_are_left_out():
    series = load_australian_temperature().loc[["Cairns", "Hobart", "Perth"]]
    ahead = make_forecaster(series).forecast()
    display = ForecastDisplay.from_predictions(series, ahead, max_panels=2)
    assert len(display.axes_) == 2
    assert display.figure_.get_suptitle() == "The first 2 of 3 panels"
    assert display.plot().figure_.get_suptitle() == ""


def test_the_axes_may_be_given():
    series = load_australian_temperature().loc[["Cairns", "Hobart"]]
    ahead = make_forecaster(series).forecast()
    figure, axes = plt.subplots(1, 2)
    display = ForecastDisplay.from_predictions(series, ahead, ax=axes)
    assert list(display.axes_) == list(axes)
    assert display.figure_ is figure
    one = ForecastDisplay.from_predictions(series, ahead, ax=axes[0], max_panels=1)
    assert list(one.axes_) == [axes[0]]
    with pytest.raises(ValueError, match="There are 2 panels for 1 axes"):
        display.plot(axes[0])


@pytest.mark.parametrize(
    "labels",
    [
        pd.date_range("2024-01-01", periods=60, freq="D"),
        pd.date_range("2024-03-30", periods=60, freq="h", tz="Europe/Berlin"),
        pd.date_range("2024-10-25", periods=60, freq="h", tz="Europe/Berlin"),
        pd.RangeIndex(60),
        pd.timedelta_range("0 days", periods=60, freq="D"),
    ],
    ids=["dates", "time zone", "hour that repeats", "integers", "durations"],
)
def test_labels_of_each_kind(labels):
    series = pd.Series(np.arange(60.0), index=labels, name="y")
    forecaster = make_forecaster(series)
    display = ForecastDisplay.from_forecaster(forecaster)
    x, ahead = display.forecast_lines_[""].get_xdata(), forecaster.forecast().index
    if isinstance(labels, pd.DatetimeIndex):
        assert pd.DatetimeIndex(x).equals(pd.DatetimeIndex(ahead, freq=None))
        locator = display.axes_[0].xaxis.get_major_locator()
        assert labels.tz is None or str(locator.tz) == str(labels.tz)  # pytz: equal by name
    else:
        assert_array_equal(x, np.arange(60, 66))
    display.figure_.canvas.draw()


@pytest.mark.parametrize(("freq", "n_rows"), [("MS", 33), ("h", 61), ("min", 155), ("s", 155)])
def test_dates_of_almost_three_years_days_or_hours_have_few_labels(freq, n_rows):
    labels = pd.date_range("2024-01-01", periods=n_rows, freq=freq)
    series = pd.Series(np.arange(1.0 * n_rows), labels)
    ahead = Forecaster(NaiveRegressor(), horizon=1, lookback=2).fit(series[:-1]).forecast()
    display = ForecastDisplay.from_predictions(series[:-1], ahead, n_history=n_rows)
    display.figure_.draw_without_rendering()
    assert 2 <= len(display.axes_[0].get_xticks()) <= 6


def test_the_forecast_of_a_model_without_a_forecaster():
    series = AIRLINE["passengers"]
    model = NaiveRegressor("seasonal", 12).fit(np.zeros((3, 12, 1)), np.zeros((3, 4)))
    ahead = forecast(model, series, lookback=12)
    display = ForecastDisplay.from_predictions(series, ahead["passengers"])
    assert_array_equal(display.forecast_lines_[""].get_ydata(), series[-12:-8])


def test_colours_are_seen_on_a_dark_background():
    ahead = make_forecaster(AIRLINE).forecast()
    with plt.style.context("dark_background"):
        display = ForecastDisplay.from_predictions(AIRLINE, ahead)
    assert display.history_lines_[""].get_color() == "white"


def test_sample_paths_are_thin_lines_around_their_median():
    forecaster = make_forecaster(AIRLINE[:-12], n_calibration=20, random_state=0)
    drawn = forecaster.forecast(paths=30)
    display = ForecastDisplay.from_predictions(AIRLINE, drawn)
    lines = display.path_lines_[""]
    assert len(lines) == 30
    for number, line in enumerate(lines):
        path = drawn[drawn["path"] == number]
        assert_array_equal(line.get_xdata(), path.index.to_timestamp())
        assert_array_equal(line.get_ydata(), path["passengers"])
    median = drawn.groupby(level=0)["passengers"].median()
    assert_array_equal(display.forecast_lines_[""].get_ydata(), median)
    assert {line.get_linewidth() for line in lines} == {0.8}
    legend = [text.get_text() for text in display.axes_[0].get_legend().get_texts()]
    assert legend == ["history", "30 paths", "median"]
    same = ForecastDisplay.from_forecaster(forecaster, AIRLINE[:-12], paths=30)
    pd.testing.assert_frame_equal(same.paths[""], display.paths[""])
    one = ForecastDisplay.from_forecaster(forecaster, steps=1, paths=2)
    assert one.path_lines_[""][0].get_marker() == "."
    # Drawn again, and without paths.
    assert len(display.plot().path_lines_[""]) == 30
    assert ForecastDisplay.from_forecaster(forecaster).path_lines_ == {}


@pytest.mark.parametrize("form", ["index", "long"])
def test_each_panel_has_the_paths_of_its_series_and_target(form):
    stations = load_australian_temperature().loc[["Cairns", "Hobart"]]
    stations = stations[stations.index.get_level_values("month") > "2013-02"]  # no gap
    stations = stations.assign(twice=2.0 * stations["temperature"])
    options = {"target": ["temperature", "twice"], "target_feature": [0, 1]}
    if form == "long":
        stations = stations.reset_index()
        options |= {"id_col": "station", "time_col": "month"}
    forecaster = make_forecaster(stations, n_calibration=8, random_state=0, **options)
    display = ForecastDisplay.from_forecaster(forecaster, stations, paths=5)
    assert list(display.path_lines_) == [
        f"{station}, {target}"
        for station in ("Cairns", "Hobart")
        for target in ("temperature", "twice")
    ]
    for station in ("Cairns", "Hobart"):
        paths = display.paths[f"{station}, temperature"]
        assert paths.shape == (6, 5)
        np.testing.assert_allclose(2 * paths, display.paths[f"{station}, twice"])
    (legend,) = display.figure_.legends
    assert [text.get_text() for text in legend.get_texts()] == ["history", "5 paths", "median"]


def test_a_column_of_the_series_may_be_named_path():
    series = AIRLINE.rename(columns={"passengers": "path"})
    display = ForecastDisplay.from_predictions(series, make_forecaster(series).forecast())
    assert display.path_lines_ == {}
    assert display.axes_[0].get_ylabel() == "path"


def test_errors():
    ahead = make_forecaster(AIRLINE).forecast()
    with pytest.raises(NotFittedError):
        ForecastDisplay.from_forecaster(Forecaster(horizon=3))
    with pytest.raises(ValueError, match="forecast has the column 'passengers', but history has"):
        ForecastDisplay.from_predictions(AIRLINE.rename(columns={"passengers": "y"}), ahead)
    with pytest.raises(ValueError, match="of type period, but those of history are of type datet"):
        ForecastDisplay.from_predictions(AIRLINE.to_timestamp(), ahead)
    stations = load_australian_temperature().loc[["Cairns", "Hobart"]]
    of_stations = make_forecaster(stations).forecast()
    with pytest.raises(ValueError, match="series 'Hobart' of forecast is not in history"):
        ForecastDisplay.from_predictions(stations.loc[["Cairns"]], of_stations)
    with pytest.raises(ValueError, match=r"forecast has 0 row\(s\) and the columns"):
        ForecastDisplay.from_predictions(AIRLINE, ahead[:0])
    forecaster = make_forecaster(AIRLINE, n_calibration=20, random_state=0)
    paths = forecaster.forecast(paths=2)
    with pytest.raises(ValueError, match="forecast has path 0 at '1961-01' twice in one series"):
        ForecastDisplay.from_predictions(AIRLINE, pd.concat([paths, paths]))
    with pytest.raises(ValueError, match="forecast has the column 'passengers-lo-95', but"):
        ForecastDisplay.from_predictions(AIRLINE, with_bounds(paths, ["passengers"]))
    with pytest.raises(ValueError, match="max_panels must be an integer of at least 1"):
        ForecastDisplay.from_predictions(AIRLINE, ahead, max_panels=0)
