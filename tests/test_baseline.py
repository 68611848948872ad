"""A baseline: fitted first, the network learns what is left, predict adds both."""

import pickle

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils._param_validation import InvalidParameterError

from skrnn import (
    GRURegressor,
    LSTMRegressor,
    NaiveRegressor,
    RNNRegressor,
    SlidingWindowTransformer,
    make_supervised,
)
from skrnn._recurrent._training.batches import Rows
from skrnn._validation.sequences import check_sequences
from skrnn.datasets import load_airline_passengers

STILL = {  # learns nothing, from all rows
    "learning_rate": 1e-300,
    "max_epochs": 1,
    "early_stopping": False,
    "random_state": 0,
}


class Spy(RegressorMixin, BaseEstimator):
    """Predicts zeros, remembers what it saw, and says what it takes."""

    def __init__(self, three_d_array=False, allow_nan=False):
        self.three_d_array = three_d_array
        self.allow_nan = allow_nan

    def fit(self, X, y):
        self.X_, self.y_ = X.copy(), y.copy()
        return self

    def predict(self, X):
        return np.zeros((len(X), *self.y_.shape[1:]))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = self.three_d_array
        tags.input_tags.allow_nan = self.allow_nan
        return tags


def predict_flat(model, X):
    return model.baseline_.predict(X.reshape(len(X), -1))


# -- the sum of both --------------------------------------------------------------

TARGETS = [
    ("many-to-one", ()),
    ("many-to-one", (3,)),
    ("encoder-decoder", (4,)),
    ("encoder-decoder", (4, 2)),
    ("many-to-many", (8,)),
    ("many-to-many", (8, 2)),
]


@pytest.mark.parametrize(("architecture", "shape"), TARGETS)
@pytest.mark.parametrize("baseline", ["linear", LinearRegression()], ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_before_it_learns_a_network_predicts_the_baseline(
    architecture, shape, baseline, dtype, windows
):
    X, y = windows
    X = X.astype(dtype)
    y = y.reshape(60, *[1] * len(shape)) * (1 + np.arange(np.prod(shape)).reshape(shape))
    model = GRURegressor(4, architecture=architecture, baseline=baseline, **STILL).fit(X, y)
    predicted = model.predict(X)
    assert predicted.shape == y.shape
    assert predicted.dtype == dtype
    expected = LinearRegression().fit(X.reshape(60, -1), y.reshape(60, -1))
    expected = expected.predict(X.reshape(60, -1)).reshape(y.shape)
    np.testing.assert_allclose(predicted, expected, atol=2e-3 if dtype == np.float32 else 1e-4)
    assert model.loss_curve_[0] < 1e-3  # the line is perfect


@pytest.mark.parametrize("Regressor", [RNNRegressor, GRURegressor, LSTMRegressor])
@pytest.mark.parametrize("options", [{}, {"num_layers": 2, "bidirectional": True}], ids=str)
def test_the_network_learns_what_is_left(Regressor, options):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 6, 1))
    curved = np.abs(X[:, -1, 0])  # which no line shows
    y = 100 * X[:, -2, 0] + curved
    options = {"learning_rate": 0.01, "max_epochs": 150, "random_state": 0} | options
    model = Regressor(16, baseline="linear", **options)
    model.fit(X[:200], y[:200])
    alone = np.mean((model.baseline_.predict(X[200:]) - y[200:]) ** 2)
    together = np.mean((model.predict(X[200:]) - y[200:]) ** 2)
    assert together < alone / 4
    assert model.loss_curve_[-1] < 0.1  # in units of what the baseline leaves over


@pytest.mark.parametrize("loss", ["squared_error", "huber", "quantile"])
@pytest.mark.parametrize("scale", [1e-4, 1e4])
def test_the_unit_of_y_makes_no_difference(loss, scale, windows):
    X, y = windows
    y = y + np.abs(X[:, 0, 0])
    options = {"loss": loss, "max_epochs": 5, "early_stopping": False, "random_state": 0}
    options |= {"baseline": LinearRegression()}
    model = GRURegressor(4, huber_delta=0.3, **options).fit(X, y)
    other = GRURegressor(4, huber_delta=0.3 * scale, **options).fit(X, scale * y + 5)
    expected = scale * model.predict(X) + 5
    np.testing.assert_allclose(other.predict(X), expected, rtol=1e-6, atol=1e-6 * scale)
    alone = model.baseline_.predict(X.reshape(len(X), -1))
    assert np.abs(model.predict(X) - alone).max() > 0.01


@pytest.mark.parametrize("baseline", ["linear", NaiveRegressor(target=1)], ids=str)
@pytest.mark.parametrize("unit", [1e-4, 1e4])
def test_the_unit_of_window_and_target_makes_no_difference(baseline, unit, windows):
    X, y = windows
    y = y + np.abs(X[:, -2, 0])
    X = np.concatenate((X, np.full_like(X[..., :1], 1 / 3)), axis=2)  # a constant does no harm
    X[:20, :3] = np.nan
    options = {"baseline": baseline, "max_epochs": 5, "early_stopping": False, "random_state": 0}
    options |= {"learning_rate": 0.01}
    expected = GRURegressor(4, **options).fit(X + 100, y + 100).predict(X + 100)
    far = X * unit + 7, y * unit + 7
    found = GRURegressor(4, **options).fit(*far).predict(far[0])
    np.testing.assert_allclose((found - 7) / unit, expected - 100, rtol=1e-6, atol=1e-6)
    alone = GRURegressor(4, baseline=baseline, **STILL).fit(X, y).predict(X)
    assert np.abs(expected - 100 - alone).max() > 0.01  # the network has learned something


def test_losses_count_in_units_of_what_the_baseline_leaves_over(windows):
    X, y = windows
    y = 50 * y + 20 * np.abs(X[:, -2, 0])
    model = GRURegressor(4, baseline="linear", **STILL).fit(X, y)
    assert model.loss_curve_ == pytest.approx([1])


def test_a_perfect_baseline_leaves_nothing_over(windows):
    X, _ = windows
    model = GRURegressor(4, baseline=NaiveRegressor(target=1), max_epochs=3, random_state=0)
    model.fit(X, X[:, -1, 1])
    np.testing.assert_array_equal(model.loss_curve_, 0)
    np.testing.assert_array_equal(model.predict(X), X[:, -1, 1])


# -- what a baseline gets to see ---------------------------------------------------


@pytest.mark.parametrize("shape", [(), (1,), (3,), (3, 2)])
def test_windows_and_targets_come_in_the_form_that_the_tags_ask_for(shape, padded_windows):
    X, y = padded_windows
    y = y.reshape(60, *[1] * len(shape)) * np.ones(shape)
    architecture = "encoder-decoder" if shape[:1] == (3,) else "many-to-one"
    seen = {}
    for deep in (False, True):
        for allow_nan in (False, True):
            spy = Spy(three_d_array=deep, allow_nan=allow_nan)
            model = GRURegressor(2, architecture=architecture, baseline=spy, **STILL).fit(X, y)
            seen[deep, allow_nan] = model.baseline_.X_, model.baseline_.y_
    X, y = X[1:], y[1:]  # the first row is nothing but padding
    for allow_nan in (False, True):
        np.testing.assert_array_equal(seen[True, allow_nan][0], X)
        np.testing.assert_array_equal(seen[True, allow_nan][1], y)
    flat_y = y.reshape(59, -1)
    for allow_nan in (False, True):
        expected = flat_y[:, 0] if flat_y.shape[1] == 1 else flat_y
        np.testing.assert_array_equal(seen[False, allow_nan][1], expected)
    np.testing.assert_array_equal(seen[False, True][0], X.reshape(59, -1))
    filled = X.copy()
    for row, n_padded in enumerate([7, 5, 3, 1]):
        filled[row, :n_padded] = X[row, n_padded]
    np.testing.assert_array_equal(seen[False, False][0], filled.reshape(59, -1))


def test_a_table_goes_to_every_baseline_as_a_table():
    X = np.random.default_rng(0).normal(size=(30, 6))
    for spy in (Spy(), Spy(three_d_array=True)):
        model = GRURegressor(2, baseline=spy, **STILL).fit(X, X[:, -1])
        np.testing.assert_array_equal(model.baseline_.X_, X)


@pytest.mark.parametrize(
    "baseline",
    ["linear", NaiveRegressor(target=0), Ridge(), HistGradientBoostingRegressor(max_iter=3)],
    ids=lambda baseline: str(baseline).partition("(")[0],
)
def test_padded_rows_are_learned_from_and_predicted(baseline, padded_windows):
    X, y = padded_windows
    model = GRURegressor(4, baseline=baseline, max_epochs=3, random_state=0).fit(X, y)
    assert np.isfinite(model.predict(X)).all()
    network = model.predict(X) - model._remainder.restore(np.zeros((60, 1)), _rows(X))[:, 0]
    bias = model.net_.module_.head.bias.item() * model._remainder.scale
    assert network[0] == pytest.approx(bias)  # nothing but padding: the initial state


def _rows(X):
    sequences = check_sequences(X, owner="test")
    return Rows(sequences.values, sequences.lengths)


def test_steps_of_padding_are_no_targets_of_a_baseline(padded_windows):
    X, _ = padded_windows
    y = np.cumsum(np.nan_to_num(X[:, :, 0]), axis=1)
    spoiled = np.where(np.isnan(X[:, :, 0]), 1e6, y)
    fits = [
        GRURegressor(3, architecture="many-to-many", baseline=Ridge(), max_epochs=2, random_state=0)
        .fit(X, target)
        .predict(X)
        for target in (y, spoiled)
    ]
    np.testing.assert_array_equal(*fits)


def test_weights_reach_a_baseline_that_takes_them(windows):
    X, y = windows
    weight = np.random.default_rng(0).uniform(0, 2, size=60)
    weight[:5] = 0
    model = GRURegressor(2, baseline=Ridge(), **STILL).fit(X, y, sample_weight=weight)
    expected = Ridge().fit(X.reshape(60, -1), y, sample_weight=weight / weight[5:].mean())
    np.testing.assert_allclose(predict_flat(model, X), expected.predict(X.reshape(60, -1)))
    unweighted = GRURegressor(2, baseline=Spy(), **STILL).fit(X, y, sample_weight=weight)
    assert len(unweighted.baseline_.X_) == 55  # rows of weight zero are left out all the same


def test_a_baseline_is_fitted_on_all_rows_of_x_and_no_others(windows):
    X, y = windows
    spy = {"baseline": Spy(), **STILL}
    given = GRURegressor(2, **spy).fit(X[:48], y[:48], None, X[48:], y[48:])
    np.testing.assert_array_equal(given.baseline_.y_, y[:48])
    unit = np.mean(y[:48] ** 2)
    assert given.validation_loss_curve_ == pytest.approx([np.mean(y[48:] ** 2) / unit])

    spy |= {"early_stopping": True, "validation_fraction": 0.2}
    stopped = GRURegressor(2, **spy).fit(X, y)
    np.testing.assert_array_equal(stopped.baseline_.y_, y)
    unit = np.mean(y**2)
    assert stopped.loss_curve_ == pytest.approx([np.mean(y[:48] ** 2) / unit])
    assert stopped.validation_loss_curve_ == pytest.approx([np.mean(y[48:] ** 2) / unit])


# -- early stopping, training on ----------------------------------------------------


@pytest.mark.parametrize(
    ("baseline", "share", "rate"), [("linear", 0.3, 0.001), (NaiveRegressor(target=1), 0.1, 0.01)]
)
def test_by_default_a_network_with_a_baseline_stops_early(baseline, share, rate, windows):
    X, y = windows
    options = {"max_epochs": 30, "random_state": 0}
    auto = GRURegressor(4, baseline=baseline, **options).fit(X, y)
    options |= {"early_stopping": True, "validation_fraction": share, "learning_rate": rate}
    told = GRURegressor(4, baseline=baseline, **options).fit(X, y)
    assert auto.validation_loss_curve_ == told.validation_loss_curve_
    np.testing.assert_array_equal(auto.predict(X), told.predict(X))


def test_by_default_nothing_is_held_out_without_a_baseline_nor_by_partial_fit(windows):
    X, y = windows
    options = {"max_epochs": 2, "random_state": 0}
    auto = GRURegressor(4, **options).fit(X, y)
    told = GRURegressor(4, early_stopping=False, **options).fit(X, y)
    assert auto.validation_loss_curve_ == []
    assert auto.loss_curve_ == told.loss_curve_
    options |= {"baseline": "linear"}
    auto = GRURegressor(4, **options).partial_fit(X, y).partial_fit(X, y)
    told = GRURegressor(4, early_stopping=False, **options).fit(X, y)
    assert auto.validation_loss_curve_ == []
    assert auto.loss_curve_ == told.loss_curve_


def test_without_a_baseline_early_stopping_holds_out_a_tenth(windows):
    X, y = windows
    options = {"max_epochs": 2, "early_stopping": True, "random_state": 0}
    auto = GRURegressor(4, **options).fit(X, y)
    told = GRURegressor(4, validation_fraction=0.1, **options).fit(X, y)
    assert auto.validation_loss_curve_ == told.validation_loss_curve_


def test_by_default_one_row_is_enough(windows):
    X, y = windows
    model = GRURegressor(4, baseline="linear", max_epochs=2, random_state=0).fit(X[:1], y[:1])
    assert model.validation_loss_curve_ == []
    np.testing.assert_allclose(model.predict(X[:1]), y[:1])


def test_what_rounding_leaves_over_is_no_unit(windows):
    X, y = windows
    y = np.abs(X[:, -1, 0])
    options = {"baseline": Ridge(1e-12), "learning_rate": 0.01, "random_state": 0}
    model = GRURegressor(8, **options).partial_fit(X[:2], y[:2])  # on two rows a line is perfect
    for _ in range(60):
        model.partial_fit(X, y)
    alone = np.mean((model.baseline_.predict(X.reshape(60, -1)) - y) ** 2)
    assert np.mean((model.predict(X) - y) ** 2) < alone / 2


@pytest.mark.parametrize("unit", [1e-25, 1e15])
def test_windows_are_standardised_whatever_their_unit(unit, windows):
    X, y = (array.astype(np.float32) for array in windows)
    y += np.abs(X[:, -2, 0])
    options = {"baseline": "linear", "early_stopping": False, "random_state": 0}
    expected = GRURegressor(4, **options).fit(X, y)
    X, y = X * np.float32(unit), y * np.float32(unit)
    found = GRURegressor(4, **options).fit(X, y)
    np.testing.assert_allclose(found.loss_curve_, expected.loss_curve_, rtol=1e-2)


def test_early_stopping_may_leave_the_baseline_alone(windows):
    X, y = windows
    baseline = Ridge().fit(X[:45].reshape(45, -1), y[:45])
    y_val = baseline.predict(X[45:].reshape(15, -1))  # nothing can be better
    model = GRURegressor(
        4, baseline=Ridge(), early_stopping=True, n_iter_no_change=3, random_state=0
    ).fit(X[:45], y[:45], X_val=X[45:], y_val=y_val)
    np.testing.assert_allclose(model.predict(X), baseline.predict(X.reshape(60, -1)), rtol=1e-12)
    assert model.best_loss_ == pytest.approx(0, abs=1e-20)
    assert min(model.validation_loss_curve_) > 0


def test_early_stopping_keeps_what_the_network_has_learned():
    X = np.random.default_rng(0).normal(size=(200, 4))
    model = GRURegressor(baseline="linear", learning_rate=0.01, random_state=0)
    model.fit(X, np.abs(X[:, -1]))
    assert model.best_loss_ == min(model.validation_loss_curve_) < 0.3


def test_without_a_baseline_only_trained_weights_count():
    X = np.random.default_rng(0).normal(size=(50, 4))
    y = np.zeros(50)
    model = GRURegressor(3, early_stopping=True, random_state=0).fit(X[:40], y[:40], None, X, y)
    assert model.best_loss_ == min(model.validation_loss_curve_)
    assert model.baseline_ is None


@pytest.mark.parametrize("again", ["fit", "partial_fit"])
def test_training_on_keeps_the_baseline_of_the_first_fit(again, windows):
    X, y = windows
    options = {"baseline": "linear", "early_stopping": False, "random_state": 0}
    whole = GRURegressor(4, max_epochs=4, **options).fit(X, y)
    model = GRURegressor(4, max_epochs=2, warm_start=True, **options).fit(X, y)
    first = model.baseline_
    if again == "fit":
        model.fit(X, y)
    else:
        model.partial_fit(X, y).partial_fit(X, y)
    assert model.baseline_ is first
    assert model.loss_curve_ == whole.loss_curve_
    np.testing.assert_array_equal(model.predict(X), whole.predict(X))
    model.partial_fit(X[:9], y[:9] + 1e3)  # other rows, same baseline
    assert model.baseline_ is first


def test_partial_fit_may_come_first(windows):
    X, y = windows
    options = {"baseline": "linear", "early_stopping": False, "random_state": 0}
    model = GRURegressor(4, **options).partial_fit(X, y)
    fitted = GRURegressor(4, max_epochs=1, **options).fit(X, y)
    np.testing.assert_array_equal(model.predict(X), fitted.predict(X))


@pytest.mark.parametrize("change", [(None, "linear"), ("linear", None)])
def test_a_network_cannot_change_what_it_stands_on(change, windows):
    X, y = windows
    model = GRURegressor(4, baseline=change[0], max_epochs=1, warm_start=True, random_state=0)
    before = model.fit(X, y).predict(X)
    with pytest.raises(ValueError, match=r"baseline was .* and is .* now.*warm_start=False"):
        model.set_params(baseline=change[1]).fit(X, y)
    np.testing.assert_array_equal(model.predict(X), before)


# -- as a parameter -----------------------------------------------------------------


def test_the_users_object_is_cloned(windows):
    baseline = Ridge()
    model = GRURegressor(2, baseline=baseline, **STILL).fit(*windows)
    assert not hasattr(baseline, "coef_")
    assert model.baseline is baseline
    assert clone(model).baseline is not baseline


def test_its_parameters_are_parameters():
    model = GRURegressor(baseline=NaiveRegressor("seasonal", season_length=12))
    assert model.get_params()["baseline__season_length"] == 12
    model.set_params(baseline__strategy="mean")
    assert model.baseline.strategy == "mean"
    assert "baseline__strategy" not in model.get_params(deep=False)


def test_it_is_tuned_like_any_other():
    X, y = make_supervised(load_airline_passengers())
    pipe = make_pipeline(
        SlidingWindowTransformer(13), GRURegressor(4, max_epochs=2, random_state=0)
    )
    name = "gruregressor__baseline"
    grid = [
        {name: [None, "linear"]},
        {name: [NaiveRegressor("seasonal", 12)], f"{name}__strategy": ["last", "seasonal"]},
    ]
    search = GridSearchCV(pipe, grid, cv=TimeSeriesSplit(3)).fit(X, y)
    scores = search.cv_results_["mean_test_score"]
    assert np.isfinite(scores).all()
    assert search.best_params_ == {name: "linear"}
    assert scores[0] == scores.min()


def test_copies_predict_the_same(windows):
    model = GRURegressor(4, baseline=Ridge(), max_epochs=2, random_state=0).fit(*windows)
    copied = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copied.predict(windows[0]), model.predict(windows[0]))


def test_another_network_may_be_the_baseline(padded_windows):
    X, y = padded_windows
    inner = RNNRegressor(3, max_epochs=2, random_state=0)
    model = GRURegressor(2, baseline=inner, **STILL).fit(X, y)
    np.testing.assert_allclose(model.predict(X[1:]), clone(inner).fit(X, y).predict(X[1:]))


# -- bad input -------------------------------------------------------------------------


@pytest.mark.parametrize("baseline", ["quadratic", 3, StandardScaler()], ids=str)
def test_what_is_no_regressor_is_refused(baseline, windows):
    with pytest.raises(InvalidParameterError, match="'baseline' parameter"):
        GRURegressor(baseline=baseline).fit(*windows)


def test_a_classifier_is_refused(windows):
    with pytest.raises(ValueError, match=r"must be a regressor, but LogisticRegression\(\) is a"):
        GRURegressor(baseline=LogisticRegression()).fit(*windows)


def test_an_error_of_the_baseline_says_where_it_came_from(windows):
    X, y = windows
    model = GRURegressor(2, baseline=HistGradientBoostingRegressor(max_iter=2), **STILL)
    model.fit(X, y)
    before = model.predict(X)
    with pytest.raises(ValueError, match="1d array") as caught:
        model.fit(X, np.column_stack((y, y)))
    (note,) = caught.value.__notes__
    assert "GRURegressor was fitting its baseline HistGradientBoostingRegressor" in note
    assert "X of shape (60, 16) and y of shape (60, 2)" in note
    assert "MultiOutputRegressor" in note
    np.testing.assert_array_equal(model.predict(X), before)
    model.set_params(baseline=MultiOutputRegressor(model.baseline))
    assert model.fit(X, np.column_stack((y, y))).predict(X).shape == (60, 2)


def test_predictions_that_are_no_numbers_are_an_error(windows):
    class Broken(Spy):
        def predict(self, X):
            return np.full(len(X), np.nan)

    with pytest.raises(ValueError, match=r"baseline Broken\(\) predicts NaN or infinity"):
        GRURegressor(baseline=Broken()).fit(*windows)


def test_many_to_many_with_a_baseline_keeps_the_number_of_steps(windows):
    X, _ = windows
    naive = NaiveRegressor(target=0)
    model = GRURegressor(2, architecture="many-to-many", baseline=naive, **STILL)
    model.fit(X, X[:, :, 0])
    with pytest.raises(ValueError, match=r"shape \(60, 8\), where \(60, 5, 1\) is needed"):
        model.predict(X[:, 3:])
