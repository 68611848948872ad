"""What holds for the meta-estimators: forms of windows and targets, metadata, errors."""

import pickle

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import StackingRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Ridge, RidgeCV
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVR
from spy import Spy, WatchingSpy

from skrnn import (
    BlendingRegressor,
    GRURegressor,
    ResidualRegressor,
    SeedEnsembleRegressor,
    SlidingWindowTransformer,
    WindowNormalizedRegressor,
    make_supervised,
)
from skrnn.datasets import load_airline_passengers

NAN = np.nan

METAS = {
    "normalized": lambda regressor: WindowNormalizedRegressor(regressor, target_feature=0),
    "residual": lambda regressor: ResidualRegressor(regressor),
    "blend": lambda regressor: BlendingRegressor([("one", regressor), ("two", Ridge())]),
    "seeds": lambda regressor: SeedEnsembleRegressor(regressor, 2, random_state=0),
}
BOTH = pytest.mark.parametrize("meta", [METAS[i] for i in ("normalized", "residual")])
ALL = pytest.mark.parametrize("meta", METAS.values(), ids=METAS)


def shaped(y, shape):
    return y.reshape(len(y), *[1] * len(shape)) * (1 + np.arange(np.prod(shape)).reshape(shape))


@pytest.mark.parametrize("shape", [(), (1,), (3,), (3, 2)])
@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("allow_nan", [False, True])
def test_windows_and_targets_come_in_the_form_that_the_tags_ask_for(
    shape, deep, allow_nan, padded_windows
):
    X, y = padded_windows
    y = shaped(y, shape)
    features = [0, 1] if len(shape) == 2 else 0
    model = WindowNormalizedRegressor(Spy(deep, allow_nan), center=None, target_feature=features)
    seen = model.fit(X, y).regressor_
    X, y = X[1:], y[1:]  # the first row is nothing but padding
    if deep:
        np.testing.assert_array_equal(seen.X_, X)
        np.testing.assert_array_equal(seen.y_, y)
        return
    flat_y = y.reshape(59, -1)
    np.testing.assert_array_equal(seen.y_, flat_y[:, 0] if flat_y.shape[1] == 1 else flat_y)
    if not allow_nan:
        X = X.copy()
        for row, n_padded in enumerate([7, 5, 3, 1]):
            X[row, :n_padded] = X[row, n_padded]
    np.testing.assert_array_equal(seen.X_, X.reshape(59, -1))


@ALL
@pytest.mark.parametrize("shape", [(), (1,), (3,), (3, 2)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_predictions_have_the_shape_of_y_and_the_type_of_x(meta, shape, dtype, windows):
    X, y = windows
    model = meta(Ridge())
    if len(shape) == 2 and "target_feature" in model.get_params():
        model.set_params(target_feature=[0, 1])
    predicted = model.fit(X.astype(dtype), shaped(y, shape)).predict(X.astype(dtype))
    assert predicted.shape == (60, *shape)
    assert predicted.dtype == dtype


@ALL
def test_a_table_holds_univariate_windows(meta, windows):
    X, y = windows[0][:, :, 0], windows[1]
    flat = meta(Ridge()).fit(X, y)
    deep = meta(Ridge()).fit(X[:, :, np.newaxis], y)
    np.testing.assert_array_equal(flat.predict(X), deep.predict(X[:, :, np.newaxis]))
    assert flat.n_features_in_ == 8
    assert deep.n_features_in_ == 1


@ALL
@pytest.mark.parametrize("regressor", [Ridge(), GRURegressor(3, max_epochs=2, random_state=0)])
def test_padded_windows_are_learned_from_and_predicted(meta, regressor, padded_windows):
    X, y = padded_windows
    predicted = meta(regressor).fit(X, y).predict(X)
    assert np.isfinite(predicted).all()
    short = meta(regressor).fit(X, y).predict(X[3:5])
    np.testing.assert_allclose(short, predicted[3:5], rtol=1e-6)


@BOTH
def test_weights_and_validation_rows_reach_a_regressor_that_takes_them(meta, windows):
    X, y = windows
    y = y + np.abs(X[:, 0, 0])
    weight = np.random.default_rng(0).uniform(0.5, 2, size=60)
    seen = meta(WatchingSpy()).fit(X, y, weight, X[:7], y[:7]).regressor_
    np.testing.assert_array_equal(seen.sample_weight_, weight)
    # The validation rows are among the rows: changed in the same way, they are the same.
    np.testing.assert_allclose(seen.X_val_, seen.X_[:7])
    np.testing.assert_allclose(seen.y_val_, seen.y_[:7])
    unwatched = meta(Spy()).fit(X, y, weight, X[:7], y[:7]).regressor_  # takes neither
    np.testing.assert_array_equal(unwatched.X_, seen.X_)


@ALL
def test_rows_of_weight_zero_are_left_out(meta, windows):
    X, y = windows
    weight = np.arange(60) % 3
    model = meta(Ridge()).fit(X, y, sample_weight=weight)
    left_out = meta(Ridge()).fit(X[weight > 0], y[weight > 0], sample_weight=weight[weight > 0])
    np.testing.assert_array_equal(model.predict(X), left_out.predict(X))


@BOTH
def test_metadata_is_routed(meta, windows):
    X, y = windows
    weight = np.arange(1.0, 61)
    with config_context(enable_metadata_routing=True):
        model = meta(WatchingSpy().set_fit_request(sample_weight=True))
        if "baseline" in model.get_params():
            model.set_params(baseline=WatchingSpy().set_fit_request(sample_weight=False))
        model.set_fit_request(sample_weight=True)
        model.fit(X, y, sample_weight=weight)
        np.testing.assert_array_equal(model.regressor_.sample_weight_, weight)
        if hasattr(model, "baseline_"):
            assert model.baseline_.sample_weight_ is None


@BOTH
def test_with_routing_the_default_baseline_takes_weights_and_the_regressor_must_be_asked(
    meta, windows
):
    X, y = windows
    weight = np.arange(1.0, 61)
    plain = meta(Ridge()).fit(X, y, sample_weight=weight).predict(X)
    with config_context(enable_metadata_routing=True):
        model = meta(Ridge().set_fit_request(sample_weight=True)).fit(X, y, sample_weight=weight)
        with pytest.raises(ValueError, match="sample_weight"):
            meta(Ridge()).fit(X, y, sample_weight=weight)
    np.testing.assert_array_equal(model.predict(X), plain)


@BOTH
def test_a_search_tunes_what_is_inside(meta):
    X, y = make_supervised(load_airline_passengers())
    pipe = make_pipeline(SlidingWindowTransformer(13), meta(Ridge()))
    name = pipe.steps[-1][0]
    grid = {f"{name}__regressor__alpha": [1e-3, 1e9], "slidingwindowtransformer__lookback": [1, 13]}
    search = GridSearchCV(pipe, grid, cv=TimeSeriesSplit(3)).fit(X[:107], y[:107])
    assert search.best_params_["slidingwindowtransformer__lookback"] == 13


@ALL
def test_a_target_transformer_may_stand_around(meta):
    X, y = make_supervised(load_airline_passengers())
    pipe = make_pipeline(StandardScaler(), SlidingWindowTransformer(13), meta(Ridge(1e-3)))
    pipe.set_output(transform="pandas")
    model = TransformedTargetRegressor(pipe, transformer=StandardScaler())
    assert model.fit(X[:107], y[:107]).score(X[107:], y[107:]) > 0.9


@ALL
def test_copies_predict_the_same_and_parameters_stay(meta, windows):
    X, y = windows
    inner = GRURegressor(3, max_epochs=2, random_state=0)
    model = meta(inner).fit(X, y)
    assert not hasattr(inner, "net_")  # the user's object is cloned
    copies = [pickle.loads(pickle.dumps(model)), clone(model).fit(X, y)]
    for copy in copies:
        np.testing.assert_array_equal(copy.predict(X), model.predict(X))


@ALL
@pytest.mark.parametrize("y_ndim", [2, 3])
def test_one_prediction_at_each_step_is_refused(meta, y_ndim, windows):
    X, y = windows
    y = np.repeat(y[:, np.newaxis], 8, axis=1).reshape(60, 8, *[1] * (y_ndim - 2))
    inner = GRURegressor(architecture="many-to-many")
    with pytest.raises(ValueError, match=r"many-to-many' predicts one value at each step inside"):
        meta(inner).fit(X, y)
    with pytest.raises(ValueError, match="many-to-many"):
        meta(make_pipeline(inner)).fit(X, y)


@ALL
def test_a_classifier_is_refused(meta, windows):
    with pytest.raises(ValueError, match=r"needs a regressor, but LogisticRegression\(\) is a"):
        meta(LogisticRegression()).fit(*windows)


class Predicts(RegressorMixin, BaseEstimator):
    """Learns nothing, returns nothing from fit, and predicts what it is given."""

    def __init__(self, what=None):
        self.what = what

    def fit(self, X, y):
        self.is_fitted_ = True

    def predict(self, X):
        return self.what(len(X)) if self.what else np.zeros(len(X))


class Broken(Ridge):
    """Predicts NaN."""

    def predict(self, X):
        return np.full(len(X), NAN)


class OneShort(Ridge):
    """Predicts a row too few."""

    def predict(self, X):
        return super().predict(X)[1:]


@ALL
@pytest.mark.parametrize(
    ("regressor", "message"),
    [
        (Broken(), "predicts NaN or infinity"),
        (OneShort(), r"an array of shape \(\d+,\) for \d+ windows"),
        (Predicts(lambda n: np.zeros(n) + 1j), r"prediction of .* holds complex numbers"),
        (Predicts(lambda n: np.ma.masked_all(n)), r"prediction of .* is a masked array with"),
        (Predicts(lambda n: ["a"] * n), r"prediction of .* cannot be read as numbers"),
        (Predicts(lambda n: None), r"prediction of .* is None"),
    ],
)
def test_useless_predictions_are_an_error(meta, regressor, message, windows):
    X, y = windows
    with pytest.raises(ValueError, match=message):
        meta(regressor).fit(X, y).predict(X)


@BOTH
def test_what_fit_returns_does_not_matter(meta, windows):
    assert isinstance(meta(Predicts()).fit(*windows).regressor_, Predicts)


@ALL
def test_a_regressor_that_has_predict_only_after_fit(meta, windows):
    X, y = windows
    stacking = StackingRegressor([("ridge", Ridge())], cv=2)
    assert not hasattr(stacking, "predict")
    assert meta(stacking).fit(X, y).predict(X).shape == (60,)


@ALL
@pytest.mark.parametrize("inner", [StandardScaler(), make_pipeline(MinMaxScaler())])
def test_a_transformer_is_refused(meta, inner, windows):
    with pytest.raises(ValueError, match=r"needs a regressor, but .* has no method predict"):
        meta(inner).fit(*windows)


@ALL
def test_windows_of_another_length_for_a_regressor_of_columns(meta, windows):
    X, y = windows
    model = meta(Ridge()).fit(X, y)
    with pytest.raises(ValueError, match="X has 10 features, but Ridge is expecting 16") as caught:
        model.predict(X[:, -5:])
    assert "10 for the windows of 5 steps" in caught.value.__notes__[0]


@ALL
def test_an_error_inside_says_which_shapes_it_got(meta, windows):
    X, y = windows
    with pytest.raises(ValueError, match="y should be a 1d array") as caught:
        meta(SVR()).fit(X, np.column_stack((y, y)))
    assert "X of shape" in caught.value.__notes__[0]
    assert "MultiOutputRegressor" in caught.value.__notes__[0]
    meta(MultiOutputRegressor(SVR())).fit(X, np.column_stack((y, y)))


@BOTH
def test_a_failed_fit_leaves_the_estimator_as_it_was(meta, windows):
    X, y = windows
    model = meta(Ridge())
    with pytest.raises(NotFittedError):
        model.predict(X)
    before = model.fit(X, y).predict(X)
    bad = X.copy()
    bad[3, 4, 1] = NAN
    for arguments, message in [
        ((bad, y), "NaN at row 3, step 4, feature 1"),
        ((X, y[1:]), "inconsistent numbers of samples"),
        ((np.full_like(X, NAN), y), "all 60 rows of X are nothing but padding"),
        ((X, y, None, X), "y_val is None"),
        ((X, y, None, X[:, :, :1], y), "X_val must have the features of X"),
        ((X, y, None, X, np.column_stack((y, y))), "y_val must have the outputs of y"),
    ]:
        with pytest.raises(ValueError, match=message):
            model.fit(*arguments)
    with pytest.raises(ValueError, match="predicts NaN"):
        model.set_params(regressor=Broken()).fit(X, y).predict(X)
    model.set_params(regressor=Ridge()).fit(X, y)
    np.testing.assert_array_equal(model.predict(X), before)


@ALL
def test_a_meta_estimator_takes_what_another_one_makes(meta, windows):
    X, y = windows
    inside = ResidualRegressor(RidgeCV())
    assert meta(inside).fit(X, y).predict(X).shape == y.shape
