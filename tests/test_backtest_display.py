"""The picture of a backtest: its lines are the errors of the table of skill."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from skrnn import BacktestDisplay, skill_table
from skrnn.datasets import load_airline_passengers

mpl = pytest.importorskip("matplotlib")
mpl.use("agg")
plt = pytest.importorskip("matplotlib.pyplot")


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture
def backtest():
    """A model that is good at first and bad later, and one that is always bad."""
    series = load_airline_passengers()["passengers"].astype(float)
    rows = [
        {
            "unique_id": "airline",
            "cutoff": series.index[row],
            "ds": series.index[row + step],
            "y": series.iloc[row + step],
            "good": series.iloc[row + step] + (2.0 if step < 4 else 200.0),
            "bad": 0.0,
        }
        for row in range(100, 124)
        for step in range(1, 7)
    ]
    return pd.DataFrame(rows), series


def test_lines_are_the_errors_by_step(backtest):
    frame, series = backtest
    skill = skill_table(frame, series, season_length=12)
    display = BacktestDisplay.from_predictions(frame, series, season_length=12)
    for model in ("good", "bad"):
        line = display.lines_[model]
        assert_array_equal(line.get_xdata(), range(1, 7))
        assert_array_equal(line.get_ydata(), skill.by_step.loc[model, "mase"])
    for name, line in display.baseline_lines_.items():
        assert_array_equal(line.get_ydata(), skill.by_step.loc["good", f"mase_{name}"])
    assert list(display.baseline_lines_) == ["last_value", "last_season"]
    legend = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    words = ["the last value", "last season's value"]
    assert legend == [*words, "bad", "good", "not clearly better"]
    again = BacktestDisplay.from_skill_table(skill)
    pd.testing.assert_frame_equal(again.errors, display.errors)


def points(display):
    """Steps of the filled and of the hollow points of each colour."""
    ground = mpl.colors.to_rgba(display.ax_.get_facecolor())
    found = {}
    for line in display.ax_.lines:
        if line.get_marker() == "o" and len(line.get_xdata()):
            is_filled = mpl.colors.to_rgba(line.get_markerfacecolor()) != ground
            found.setdefault(line.get_color(), {})[is_filled] = list(line.get_xdata())
    return found


def test_points_are_hollow_where_a_model_is_not_clearly_better(backtest):
    display = BacktestDisplay.from_predictions(*backtest, season_length=12)
    good, bad = (display.lines_[name].get_color() for name in ("good", "bad"))
    assert points(display) == {
        good: {True: [1, 2, 3], False: [4, 5, 6]},
        bad: {False: [1, 2, 3, 4, 5, 6]},
    }


def test_a_single_step_is_seen(backtest):
    frame, series = backtest
    first = frame[frame["ds"] == frame["cutoff"] + 1]
    display = BacktestDisplay.from_predictions(first, series, season_length=12)
    markers = {line.get_marker() for line in display.baseline_lines_.values()}
    assert markers == {"_", "+"}
    assert points(display)[display.lines_["good"].get_color()] == {True: [1]}


def test_all_lines_are_within_the_axes(backtest):
    display = BacktestDisplay.from_predictions(*backtest, season_length=12)
    bottom, top = display.ax_.get_ylim()
    assert bottom == 0
    assert top > max(np.max(line.get_ydata()) for line in display.lines_.values())


def test_options_are_those_of_the_table(backtest):
    display = BacktestDisplay.from_predictions(*backtest, season_length=1, models=["good"])
    assert list(display.lines_) == ["good"]
    assert list(display.baseline_lines_) == ["last_value"]


def test_the_axes_may_be_given(backtest):
    with plt.style.context("dark_background"):
        _, ax = plt.subplots()
        display = BacktestDisplay.from_predictions(*backtest, season_length=12, ax=ax)
    assert display.ax_ is ax
    assert display.baseline_lines_["last_value"].get_color() == "white"
    assert display.plot().ax_ is not ax
