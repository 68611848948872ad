"""The examples: that every line runs, and their protocol. `make docs` runs them in full."""

import os
import warnings
from pathlib import Path

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from skrnn import skill_table
from skrnn.datasets import load_airline_passengers

EXAMPLES = Path(__file__).parents[1] / "examples"


def run(name, shorter, folder):
    """Run an example in a folder, with some of its text shortened, and return its names."""
    matplotlib = pytest.importorskip("matplotlib")
    source = (EXAMPLES / name).read_text(encoding="utf-8")
    for text, replacement in shorter.items():
        assert source.count(text) == 1, f"{text!r} in {name}"
        source = source.replace(text, replacement)
    namespace = {"__name__": "example"}
    before, backend = Path.cwd(), matplotlib.get_backend()
    matplotlib.use("agg")
    os.chdir(folder)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # after a single epoch
            exec(compile(source, name, "exec"), namespace)
    finally:
        os.chdir(before)
        matplotlib.pyplot.close("all")
        matplotlib.use(backend)
    return namespace


@pytest.fixture(scope="module")
def airline(tmp_path_factory):
    """The names of the airline example, with few epochs and one seed."""
    shorter = {
        "SEEDS = range(5)": "SEEDS = range(1)",
        "max_epochs=50": "max_epochs=1",
        'lookback": [1, 12]': 'lookback": [12]',
        "        RNNRegressor(random_state=0),\n": "",
        "        GRURegressor(random_state=0),\n": "        GRURegressor(max_epochs=1),\n",
        "        LSTMRegressor(random_state=0),\n": "",
        "n_jobs=2": "n_jobs=1",
        "for seed in range(3)": "for seed in range(1)",
        "n_calibration=12": "n_calibration=4",
    }
    folder = tmp_path_factory.mktemp("airline")
    names = run("plot_airline_passengers.py", shorter, folder)
    assert (folder / names["picture"]).exists()
    return names


def test_airline_networks_are_trained_and_chosen_on_the_first_108_months(airline):
    for prepared in airline["prepared_series"].values():
        X_train, y_train, X_test = airline["split"](prepared)
        assert len(X_train) == len(y_train)
        assert str(X_train.index[-1] + 1) == "1957-12"  # the last target of the training
        assert str(X_test.index[0] + 1) == "1958-01"
        assert len(X_test) == 36


def test_airline_errors_are_those_that_the_page_tells(airline):
    table = airline["table"]["MSE"]
    assert table["same as last month"] == pytest.approx(2530, abs=1)
    assert table["same month last year"] == pytest.approx(1762, abs=1)
    assert table["linear regression"] == pytest.approx(254, abs=1)
    assert table["normalised linear regression"] == pytest.approx(246, abs=1)
    for corrected in ("GRU on its residuals", "GRU on its residuals, normalised"):
        assert table[corrected] < 262
    assert table["pretrained network"] == pytest.approx(209, abs=1)
    assert table["recommended blend"] < 225
    training = airline["training_errors"]
    assert training["normalised linear regression"] < training["linear regression"]
    assert training.idxmin() == "recommended blend"


def test_airline_ends_with_the_next_twelve_months_and_their_range(airline):
    ahead, last = airline["next_year"], airline["passengers"][-12:]
    assert list(ahead.index.astype(str)) == [f"1961-{month:02d}" for month in range(1, 13)]
    assert (ahead["passengers-lo-80"] < ahead["passengers"]).all()
    assert (ahead["passengers"] < ahead["passengers-hi-80"]).all()
    growth = ahead["passengers"].to_numpy() / last.to_numpy()
    assert ((growth > 1) & (growth < 1.2)).all()  # as in the years before


@pytest.fixture(scope="module")
def temperature(tmp_path_factory):
    """The names of the temperature example, after a single epoch of training."""
    shorter = {
        "SEEDS = range(3)": "SEEDS = range(1)",
        "product([3e-3, 1e-2, 2e-2], [50, 100])": "product([1e-2], [1])",
        "early_stopping=True,": "early_stopping=True, max_epochs=1,",
    }
    folder = tmp_path_factory.mktemp("temperature")
    names = run("plot_australian_temperature.py", shorter, folder)
    assert (folder / names["picture"]).exists()
    return names


def test_temperature_windows_lie_within_their_part(temperature):
    table, degrees = temperature["table"].to_numpy(), temperature["degrees"]
    X, y = degrees(temperature["X"][..., 0]), degrees(temperature["y"])
    n_origins = {"train": 25, "test": 7, "early": 7, "late": 1}
    for part, first in {"train": 0, "test": 60, "early": 0, "late": 24}.items():
        rows = temperature[part]
        assert rows.sum() == 44 * n_origins[part]
        np.testing.assert_allclose(X[rows][0], table[0, first : first + 18], rtol=1e-5)
    for part, stop in {"train": 60, "test": 102, "early": 42, "late": 60}.items():
        rows = temperature[part]
        np.testing.assert_allclose(y[rows][-1], table[-1, stop - 18 : stop], rtol=1e-5)


def test_temperature_errors_are_those_that_the_page_tells(temperature):
    errors = {
        name: "{:.3f} {:.3f}".format(*temperature["errors"](predicted, temperature["test"]))
        for name, predicted in temperature["forecasts"].items()
    }
    del errors["tutorial"]  # a single epoch
    assert errors == {
        "last year": "1.267 2.652",
        "monthly means": "1.027 1.772",
        "ridge": "1.145 2.131",
        "harmonic + network": "0.963 1.524",
    }


def test_temperature_rows_are_sorted_by_time(temperature):
    assert temperature["month"].is_monotonic_increasing
    assert temperature["model"].shrinkage_ == 0  # as the page says


def test_temperature_forecast_has_dates(temperature):
    forecast = temperature["forecast"]
    assert forecast.shape == (44, 18)
    assert [str(forecast.columns[step]) for step in (0, -1)] == ["2017-07", "2018-12"]


@pytest.fixture(scope="module")
def better(tmp_path_factory):
    """The names of the comparison with last year, on three stations, two splits and few epochs."""
    shorter = {
        "GRURegressor(early_stopping=True, ": "GRURegressor(max_epochs=1, ",
        '"2009-01":].dropna()': '"2009-01":].dropna()[:3]',
        "PanelTimeSeriesSplit(4, ": "PanelTimeSeriesSplit(2, ",
    }
    folder = tmp_path_factory.mktemp("better")
    names = run("plot_better_than_last_year.py", shorter, folder)
    assert (folder / "better_than_last_year.png").exists()
    return names


def test_naive_forecasts_are_scored_on_the_rows_that_networks_are(better):
    passengers = load_airline_passengers()["passengers"]
    multiples = better["passengers"]
    for split, start in enumerate([47, 71, 95, 119]):
        actual = passengers[start + 1 : start + 25]
        error = {
            name: np.abs(passengers.shift(lag)[actual.index] - actual).mean()
            for name, lag in (("same as last month", 1), ("same month last year", 12))
        }
        expected = error["same as last month"] / error["same month last year"]
        assert multiples["same as last month"][split] == pytest.approx(expected)


def test_on_both_series_linear_regression_is_better_than_last_year(better):
    for name in ("passengers", "temperatures"):
        for model in ("linear regression", "GRU on linear regression"):
            assert better[name][model].mean() < 1


def test_the_pretrained_network_is_better_than_the_last_year(tmp_path):
    names = run("plot_pretrained_network.py", {}, tmp_path)
    assert (tmp_path / "pretrained_network.png").exists()
    errors = names["errors"].abs().mean()
    assert errors["network"] < 0.55 * errors["same quarter of the last year"]
    assert names["in_range"].all()


def test_one_model_for_many_series(tmp_path):
    names = run("plot_one_model_many_series.py", {"y[train], 60)": "y[train], 35)"}, tmp_path)
    assert names["errors"]["same month last year"] == pytest.approx(1.35, abs=5e-3)
    assert names["errors"]["blend"] < 1.2


def test_the_ranges_of_temperatures_hold_what_they_promise(tmp_path):
    names = run("plot_temperature_ranges.py", {}, tmp_path)
    assert (tmp_path / "temperature_ranges.png").exists()
    overall = names["skill"].overall.loc["forecast"]
    assert abs(overall["coverage-50"] - 0.5) < 0.03
    assert abs(overall["coverage-80"] - 0.8) < 0.03
    assert 0.05 < overall["skill_last_season"] < 0.15  # "but not by much"
    assert not names["errors"].is_better.all(axis=None)  # "at some steps"


def test_an_hourly_load_needs_curves_for_its_holidays(tmp_path):
    pytest.importorskip("skrub")
    names = run("plot_hourly_load.py", {}, tmp_path)
    assert (tmp_path / "hourly_load.png").exists()
    frame, load = names["frame"], names["load"]
    skill = skill_table(frame, load, season_length=168).overall["skill_last_season"]
    is_holiday = frame["ds"].dt.normalize().isin(names["HOLIDAYS"])
    errors = frame[skill.index].sub(frame["y"], axis=0).abs()
    holidays, others = errors[is_holiday].mean(), errors[~is_holiday].mean()
    # What the page says, in its order.
    assert skill["network"] < 0
    assert others["calendar"] == pytest.approx(2 / 3 * others["network"], rel=0.1)
    assert others["skrub's calendar"] > 0.9 * others["network"]
    assert holidays["calendar"] > holidays["network"]
    assert skill["two columns"] < skill["calendar"] + 0.03
    assert holidays["curve of holidays"] < 0.7 * holidays["calendar"]
    assert 0 < skill["all"] - skill["curve of holidays"] < 0.1
    assert skill["all, linear"] > skill["all"] + 0.1
    assert names["inside"] == pytest.approx(0.8, abs=0.05)
    # The next two days.
    ahead, morning = names["forecast"], "2025-01-06 08:00"
    assert ahead.index.equals(load.index[-48:])
    assert names["workday"]["load"][morning] > ahead["load"][morning] + 100
    happened = load["load"][-48:]
    assert happened.between(ahead["load-lo-80"], ahead["load-hi-80"]).mean() > 0.5


def test_many_shops_from_one_table(tmp_path):
    names = run("plot_many_shops.py", {"n_calibration=20": "n_calibration=8"}, tmp_path)
    assert (tmp_path / "many_shops.png").exists()
    # What the page says, in its order.
    sales = names["sales"]
    assert sales["sold"].isna().sum() == 42
    assert sales.groupby("shop").size().agg(["min", "max"]).tolist() == [119, 393]
    of = {name: part.overall.loc["forecast"] for name, part in names["skill"].items()}
    alone, promotions, areas = (part["skill_last_season"] for part in of.values())
    assert promotions > 2 * alone > 0
    assert areas == pytest.approx(promotions, abs=0.01)
    assert (names["by_shop"]["skill_last_season"] > 0.1).all()
    assert names["forecast"].shape == (9 * 14, 5)
    assert names["of_juniper"]["date"].astype(str).iloc[[0, -1]].tolist() == [
        "2024-11-04",
        "2024-11-17",
    ]
    of_path, (low, high) = names["high"] - names["low"], names["bounds"]
    assert of_path < (high - low) / 2
    assert names["low"] < names["happened"]["sold"][-14:].sum() < names["high"]
