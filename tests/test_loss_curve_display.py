"""The picture of a training: its lines are the losses of the networks inside any estimator."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skrnn import (
    Forecaster,
    GRURegressor,
    LastSteps,
    LossCurveDisplay,
    SeedEnsembleRegressor,
    WindowNormalizedRegressor,
)
from skrnn.datasets import load_airline_passengers

pytest.importorskip("matplotlib").use("agg")
plt = pytest.importorskip("matplotlib.pyplot")


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


NETWORK = GRURegressor(2, max_epochs=4, early_stopping=True, random_state=0)


def texts(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def test_lines_are_the_losses(windows):
    model = GRURegressor(2, loss="huber", max_epochs=4, early_stopping=True, random_state=0)
    display = LossCurveDisplay.from_estimator(model.fit(*windows))
    (line,), (validation,) = display.lines_.values(), display.validation_lines_.values()
    assert_array_equal(line.get_xdata(), [1, 2, 3, 4])
    assert_array_equal(line.get_ydata(), model.loss_curve_)
    assert_array_equal(validation.get_ydata(), model.validation_loss_curve_)
    assert validation.get_markevery() == [model.best_epoch_ - 1]
    assert texts(display) == ["training", f"validation, lowest in epoch {model.best_epoch_}"]
    assert display.ax_.get_ylabel() == "Loss (huber)"


def test_without_validation_rows_there_is_one_line(windows):
    model = GRURegressor(2, max_epochs=2, random_state=0).fit(*windows)
    display = LossCurveDisplay.from_estimator(model)
    assert display.validation_lines_ == {}
    assert texts(display) == ["training"]


def test_epochs_without_validation_rows_are_left_out(windows):
    X, y = windows
    model = GRURegressor(2, max_epochs=2, warm_start=True, random_state=0)
    model.fit(X, y).fit(X[:40], y[:40], X_val=X[40:], y_val=y[40:])
    display = LossCurveDisplay.from_estimator(model)
    (validation,) = display.validation_lines_.values()
    assert_array_equal(validation.get_ydata(), [np.nan, np.nan, *model.validation_loss_curve_])
    (best,) = validation.get_markevery()
    assert best >= 2


def test_a_single_epoch_is_seen(windows):
    model = GRURegressor(2, max_epochs=1, random_state=0).fit(*windows)
    (line,) = LossCurveDisplay.from_estimator(model).lines_.values()
    assert (line.get_marker(), line.get_markevery()) == ("o", [0])


@pytest.mark.parametrize(
    ("model", "n_networks"),
    [
        (make_pipeline(LastSteps(4), NETWORK), 1),
        (GridSearchCV(NETWORK, {"hidden_size": [2]}, cv=2), 1),
        (WindowNormalizedRegressor(SeedEnsembleRegressor(NETWORK, 3), target_feature=0), 3),
    ],
    ids=["pipeline", "search", "ensemble"],
)
def test_networks_are_found_inside(model, n_networks, windows):
    display = LossCurveDisplay.from_estimator(model.fit(*windows))
    assert len(display.lines_) == len(display.validation_lines_) == n_networks
    if n_networks > 1:
        assert texts(display) == ["training, 3 networks", "validation, 3 networks"]
        curves = [tuple(line.get_ydata()) for line in display.lines_.values()]
        assert len(set(curves)) == 3  # each network once


def test_the_network_of_a_forecaster_is_found():
    network = WindowNormalizedRegressor(GRURegressor(2, max_epochs=3, random_state=0))
    forecaster = Forecaster(network, horizon=2, lookback=6).fit(load_airline_passengers())
    display = LossCurveDisplay.from_estimator(forecaster)
    (line,) = display.lines_.values()
    assert_array_equal(line.get_ydata(), forecaster.regressor_.regressor_.loss_curve_)


def test_the_axes_may_be_given(windows):
    _, ax = plt.subplots()
    display = LossCurveDisplay.from_estimator(NETWORK.fit(*windows), ax=ax)
    assert display.ax_ is ax
    assert display.figure_ is ax.figure
    assert display.plot().ax_ is not ax


@pytest.mark.parametrize("model", [Ridge(), GRURegressor()])
def test_without_a_network_it_is_an_error(model, windows):
    X, y = windows
    if isinstance(model, Ridge):
        model.fit(X[:, -1], y)
    with pytest.raises(ValueError, match=r"No fitted network is found in (Ridge|GRURegressor)"):
        LossCurveDisplay.from_estimator(model)
