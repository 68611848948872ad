"""The picture of a blend: its lines, its points, its errors."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge

from skrnn import BlendingDisplay, BlendingRegressor, NaiveRegressor, WindowLinearRegressor

pytest.importorskip("matplotlib").use("agg")
plt = pytest.importorskip("matplotlib.pyplot")


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


MEMBERS = [("linear", WindowLinearRegressor()), ("ridge", Ridge())]


@pytest.mark.parametrize(
    ("shape", "options", "place", "x_label"),
    [
        ((), {}, slice(None), "Row of X"),
        ((3,), {}, -1, "Column of y"),
        ((3,), {"row": 2}, 2, "Column of y"),
        ((3, 2), {"row": 2, "output": 1}, (2, slice(None), 1), "Step ahead"),
    ],
)
def test_lines_are_the_predictions(shape, options, place, x_label, windows):
    X, y = windows
    y = y.reshape(60, *[1] * len(shape)) * (1 + np.arange(np.prod(shape)).reshape(shape))
    blend = BlendingRegressor(MEMBERS, weights=[3, 1]).fit(X, y)
    display = BlendingDisplay.from_estimator(blend, X, y, **options)
    shown = blend.predict(X)[place]
    np.testing.assert_array_equal(display.blend_.get_ydata(), shown)
    for name, predicted in blend.predict_members(X).items():
        np.testing.assert_array_equal(display.lines_[name].get_ydata(), predicted[place])
    assert display.lines_["linear"].get_linewidth() > display.lines_["ridge"].get_linewidth()
    first = 0 if shape == () else 1
    np.testing.assert_array_equal(display.blend_.get_xdata(), first + np.arange(len(shown)))
    np.testing.assert_array_equal(display.ax_.lines[-1].get_ydata(), y[place])
    assert display.ax_.get_xlabel() == x_label
    legend = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert legend == ["linear (0.75)", "ridge (0.25)", "blend", "true"]


def test_the_axes_may_be_given(windows):
    X, y = windows
    _, ax = plt.subplots()
    blend = BlendingRegressor(MEMBERS).fit(X, y)
    display = BlendingDisplay.from_estimator(blend, X, ax=ax)
    assert display.ax_ is ax
    assert display.figure_ is ax.figure
    assert display.plot().ax_ is not ax


def test_a_single_point_is_seen(windows):
    X, y = windows
    blend = BlendingRegressor(MEMBERS).fit(X, y)
    assert BlendingDisplay.from_estimator(blend, X[:1]).blend_.get_marker() == "."


def test_the_blend_is_seen_on_a_dark_background(windows):
    X, y = windows
    blend = BlendingRegressor(MEMBERS).fit(X, y)
    with plt.style.context("dark_background"):
        display = BlendingDisplay.from_estimator(blend, X, y)
    assert display.blend_.get_color() == display.ax_.lines[-1].get_color() == "white"


def test_errors(windows):
    X, y = windows
    two = np.column_stack((y, y))
    with pytest.raises(NotFittedError):
        BlendingDisplay.from_estimator(BlendingRegressor(MEMBERS), X)
    blend = BlendingRegressor([("naive", NaiveRegressor(target_feature=0))]).fit(X, two)
    with pytest.raises(ValueError, match="row=60 does not exist: there are 60 rows"):
        BlendingDisplay.from_estimator(blend, X, row=60)
    with pytest.raises(ValueError, match=r"shape of the predictions, \(60, 2\), but has shape"):
        BlendingDisplay.from_estimator(blend, X, y)
