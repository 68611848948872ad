"""PerSeriesTargetRegressor: a target that is transformed for each series."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.dummy import DummyRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, PolynomialFeatures, StandardScaler
from sklearn.utils import get_tags

from skrnn import (
    GRURegressor,
    PerSeriesTargetRegressor,
    PerSeriesTransformer,
    SlidingWindowTransformer,
    TimeDistributed,
    make_supervised,
)


def make_data(names="abcabcabcabc", shape=(), seed=0):
    """Rows of the series that are named, and a target in the scale of each series."""
    rng = np.random.default_rng(seed)
    names = list(names)
    times = pd.Series(names).groupby(names).cumcount()
    index = pd.MultiIndex.from_arrays([names, times], names=["of", "time"])
    X = pd.DataFrame(rng.normal(size=(len(names), 2)), index=index, columns=["u", "v"])
    scale = 10.0 ** np.array([ord(name) - 97 for name in names])
    y = scale.reshape(-1, *[1] * len(shape)) * rng.normal(1, 1, (len(names), *shape))
    return X, y


NAMES = st.text("abc", min_size=2, max_size=14)


# Identities


@pytest.mark.filterwarnings("ignore:.* series were not seen in fit:UserWarning")
@given(
    train=NAMES,
    test=NAMES,
    shape=st.sampled_from([(), (1,), (3,)]),
    scaler=st.sampled_from([StandardScaler(), MinMaxScaler(), TimeDistributed(StandardScaler())]),
)
@settings(max_examples=80, deadline=None)
def test_it_equals_a_loop_over_the_series(train, test, shape, scaler):
    X, y = make_data(train, shape)
    X_test, _ = make_data(test, seed=1)
    of, of_test = (np.array(rows.index.get_level_values("of")) for rows in (X, X_test))
    table = y.reshape(len(y), -1)
    scaled, scalers = np.empty_like(table), {}
    for name in set(of):
        scalers[name] = clone(scaler).fit(table[of == name])
        scaled[of == name] = scalers[name].transform(table[of == name])
    inner = Ridge().fit(X, scaled).predict(X_test).reshape(len(X_test), -1)
    pooled = clone(scaler).fit(table)
    expected = [
        scalers.get(name, pooled).inverse_transform(row[np.newaxis])
        for name, row in zip(of_test, inner, strict=True)
    ]
    model = PerSeriesTargetRegressor(Ridge(), scaler).fit(X, y)
    predicted = model.predict(X_test)
    assert predicted.shape == (len(X_test), *shape)
    assert_allclose(predicted, np.concatenate(expected).reshape(predicted.shape), atol=1e-8)


@given(names=NAMES, shape=st.sampled_from([(), (1,), (3,)]))
@settings(max_examples=40, deadline=None)
def test_a_regressor_that_repeats_its_target_gives_y_back(names, shape):
    X, y = make_data(names, shape)
    model = PerSeriesTargetRegressor(Repeats(), StandardScaler()).fit(X, y)
    assert_allclose(model.predict(X), y, atol=1e-9)


class Repeats(RegressorMixin, BaseEstimator):
    """Predicts the target of fit, whatever the rows."""

    def fit(self, X, y):
        self.y_ = y
        return self

    def predict(self, X):
        return self.y_


@pytest.mark.filterwarnings("ignore:X has no index, so that its rows are one series")
@pytest.mark.parametrize("n_rows", [1, 12])
def test_without_names_it_is_a_transformed_target(n_rows):
    X, y = make_data()
    X = X.to_numpy()[:n_rows]
    mine = PerSeriesTargetRegressor(Ridge(), StandardScaler()).fit(X, y[:n_rows])
    other = TransformedTargetRegressor(Ridge(), transformer=StandardScaler()).fit(X, y[:n_rows])
    assert_array_equal(mine.predict(X), other.predict(X))
    assert mine.transformer_.transformers_ == {}


@pytest.mark.filterwarnings("ignore:X has no index, so that its rows are one series")
def test_a_transformed_target_cannot_do_it():
    X, y = make_data()
    y = pd.Series(y, X.index)
    model = TransformedTargetRegressor(
        Ridge(), transformer=PerSeriesTransformer(StandardScaler()), check_inverse=False
    ).fit(X, y)
    assert model.transformer_.transformers_ == {}  # as its docstring argues: y lost its index
    mine = PerSeriesTargetRegressor(Ridge(), StandardScaler()).fit(X, y)
    assert list(mine.transformer_.transformers_) == ["a", "b", "c"]


@pytest.mark.parametrize("id_col", ["of", "time"])
def test_a_column_and_a_level_name_series_alike(id_col):
    X, y = make_data()
    level = PerSeriesTargetRegressor(DummyRegressor(), StandardScaler(), id_col=id_col).fit(X, y)
    table = X.reset_index(id_col)
    column = clone(level).fit(table, y)
    assert_array_equal(column.predict(table), level.predict(X))
    assert list(level.transformer_.transformers_) == list(X.index.unique(id_col))


@pytest.mark.parametrize("container", [np.asarray, pd.DataFrame, list])
def test_y_may_be_any_table(container):
    X, y = make_data(shape=(2,))
    expected = PerSeriesTargetRegressor(Ridge(), StandardScaler()).fit(X, y).predict(X)
    model = PerSeriesTargetRegressor(Ridge(), StandardScaler()).fit(X, container(y))
    assert_array_equal(model.predict(X), expected)


def test_one_scale_over_the_horizon_or_one_for_each_step():
    X, y = make_data(shape=(3,))
    each = PerSeriesTargetRegressor(Ridge(), StandardScaler()).fit(X, y)
    one = PerSeriesTargetRegressor(Ridge(), TimeDistributed(StandardScaler())).fit(X, y)
    of_b = X.index.get_level_values("of") == "b"
    of_each = each.transformer_.transformers_["b"]
    of_one = one.transformer_.transformers_["b"].transformer_
    assert_allclose(of_each.mean_, y[of_b].mean(axis=0))
    assert_allclose(of_one.mean_, [y[of_b].mean()])


def test_targets_of_many_to_many_are_3d():
    X, y = make_data(shape=(4, 2))
    model = PerSeriesTargetRegressor(Repeats(), TimeDistributed(StandardScaler())).fit(X, y)
    assert_allclose(model.predict(X), y)
    assert model.regressor_.y_.shape == y.shape


def test_the_regressor_gets_a_target_of_the_same_dimension():
    X, y = make_data()
    model = PerSeriesTargetRegressor(Repeats(), StandardScaler()).fit(X, y)
    assert model.regressor_.y_.shape == (12,)


# A good citizen of scikit-learn


def pipeline(id_col=None):
    return make_pipeline(
        PerSeriesTransformer(StandardScaler(), id_col=id_col),
        SlidingWindowTransformer(4, id_col=id_col),
        GRURegressor(2, max_epochs=2, random_state=0),
    ).set_output(transform="pandas")


@pytest.mark.parametrize("horizon", [1, 3])
def test_a_network_in_a_cross_validation_and_a_grid_search(horizon):
    rng = np.random.default_rng(0)
    index = pd.MultiIndex.from_product([range(20), ["a", "b"]]).swaplevel()
    panel = pd.DataFrame({"u": rng.normal(size=40) * np.tile([1, 1000], 20)}, index=index)
    X, y = make_supervised(panel, horizon=horizon)
    model = PerSeriesTargetRegressor(pipeline(), TimeDistributed(StandardScaler()))
    scores = cross_val_score(model, X, y, cv=TimeSeriesSplit(2), error_score="raise")
    search = GridSearchCV(
        model,
        {"regressor__slidingwindowtransformer__lookback": [4, 5]},
        cv=TimeSeriesSplit(2),
        error_score="raise",
    ).fit(X, y)
    assert_array_equal([search.cv_results_[f"split{i}_test_score"][0] for i in (0, 1)], scores)
    assert search.predict(X).shape == np.shape(y)


def test_the_scale_of_a_target_does_not_matter_to_a_network():
    X, y = make_data("ab" * 12)
    factor = np.tile([1000.0, 0.01], 12)
    model = PerSeriesTargetRegressor(pipeline(), StandardScaler())
    predicted = model.fit(X, y).predict(X)
    assert_allclose(model.fit(X, y * factor).predict(X), predicted * factor, rtol=1e-4, atol=1e-5)


def test_a_column_of_names_reaches_windows():
    X, y = make_data()
    expected = PerSeriesTargetRegressor(pipeline(), StandardScaler()).fit(X, y).predict(X)
    model = PerSeriesTargetRegressor(pipeline("of"), StandardScaler(), id_col="of")
    table = X.reset_index("of")
    assert_array_equal(model.fit(table, y).predict(table), expected)


def test_weights_reach_the_regressor():
    X, y = make_data()
    weight = np.arange(12.0)
    scaler = PerSeriesTargetRegressor(Repeats(), StandardScaler()).fit(X, y)
    expected = LinearRegression().fit(X, scaler.regressor_.y_, weight)
    model = PerSeriesTargetRegressor(LinearRegression(), StandardScaler())
    model.fit(X, y, sample_weight=weight)
    assert_allclose(model.regressor_.coef_, expected.coef_)


def test_metadata_is_routed_to_the_regressor():
    X, y = make_data()
    weight = np.arange(12.0)
    expected = PerSeriesTargetRegressor(LinearRegression(), StandardScaler())
    expected.fit(X, y, sample_weight=weight)
    with config_context(enable_metadata_routing=True):
        regressor = LinearRegression().set_fit_request(sample_weight=True)
        model = PerSeriesTargetRegressor(regressor, StandardScaler())
        model.fit(X, y, sample_weight=weight)
        assert_array_equal(model.predict(X), expected.predict(X))
        model.set_score_request(sample_weight=True)
        search = GridSearchCV(model, {"regressor__positive": [False]}, cv=TimeSeriesSplit(2))
        search.fit(X, y, sample_weight=weight)
        unasked = PerSeriesTargetRegressor(LinearRegression(), StandardScaler())
        with pytest.raises(ValueError, match=r"sample_weight.*not explicitly set as requested"):
            unasked.fit(X, y, sample_weight=weight)
    assert_array_equal(search.best_estimator_.predict(X), expected.predict(X))
    train, test = list(TimeSeriesSplit(2).split(X))[1]
    expected.fit(X.iloc[train], y[train], sample_weight=weight[train])
    score = expected.score(X.iloc[test], y[test], sample_weight=weight[test])
    assert search.cv_results_["split1_test_score"] == [score]


def test_what_it_wraps_is_cloned_and_its_tags_are_kept():
    regressor, scaler = Ridge(), StandardScaler()
    X, y = make_data()
    model = PerSeriesTargetRegressor(regressor, scaler)
    with pytest.raises(AttributeError, match="has no n_features_in_"):
        model.n_features_in_  # noqa: B018
    model.fit(X, y)
    assert not hasattr(regressor, "coef_")
    assert not hasattr(scaler, "scale_")
    assert model.n_features_in_ == 2
    assert list(model.feature_names_in_) == ["u", "v"]
    assert not hasattr(model.fit(X.set_axis([0, 1], axis=1), y), "feature_names_in_")
    assert get_tags(model).target_tags.multi_output
    assert get_tags(model).input_tags == get_tags(regressor).input_tags
    network = PerSeriesTargetRegressor(GRURegressor(), scaler)
    assert get_tags(network).input_tags.three_d_array


# Errors


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"regressor": StandardScaler()}, "'regressor' parameter of PerSeriesTargetRegressor must"),
        ({"transformer": PolynomialFeatures()}, "'transformer' parameter of PerSeriesTargetRegr"),
        ({"id_col": 1}, "'id_col' parameter of PerSeriesTargetRegressor must"),
        ({"id_col": "station"}, "names 'station', which is neither a column nor an index level"),
    ],
)
def test_parameters_are_checked(parameters, words):
    model = PerSeriesTargetRegressor(Ridge(), StandardScaler()).set_params(**parameters)
    with pytest.raises(ValueError, match=words):
        model.fit(*make_data())


def test_the_names_must_be_in_x():
    X, y = make_data()
    y = pd.Series(y, X.index)
    with pytest.raises(ValueError, match="X is a ndarray without an index"):
        PerSeriesTargetRegressor(Ridge(), StandardScaler(), id_col="of").fit(X.to_numpy(), y)


def test_predict_needs_the_names_that_fit_had():
    X, y = make_data()
    model = PerSeriesTargetRegressor(Ridge(), StandardScaler()).fit(X, y)
    with pytest.raises(ValueError, match="of several series by their index, but X names none now"):
        model.predict(X.to_numpy())
    with pytest.raises(ValueError, match="of several series by their index, but X names none now"):
        model.predict(X.droplevel("of"))


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (None, "requires y to be passed, but the target y is None"),
        (np.ones(11), r"inconsistent numbers of samples: \[12, 11\]"),
        (np.full(12, np.nan), "Input y contains NaN"),
        (np.ones((12, 3, 2)), "StandardScaler.fit failed for series 'a': Found array with dim 3"),
    ],
)
def test_the_target_is_checked(y, words):
    X, _ = make_data()
    with pytest.raises(ValueError, match=words):
        PerSeriesTargetRegressor(Ridge(), StandardScaler()).fit(X, y)


def test_it_must_be_fitted():
    with pytest.raises(NotFittedError, match="PerSeriesTargetRegressor instance is not fitted"):
        PerSeriesTargetRegressor(Ridge(), StandardScaler()).predict(make_data()[0])


def test_a_failing_fit_leaves_the_fitted_regressor_as_it_was():
    X, y = make_data()
    model = PerSeriesTargetRegressor(Ridge(), StandardScaler()).fit(X, y)
    before, state = model.predict(X), dict(vars(model))
    with pytest.raises(ValueError, match="X contains NaN"):
        model.fit(X * np.nan, 2 * y)
    assert vars(model) == state
    assert_array_equal(model.predict(X), before)
