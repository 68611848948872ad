"""TimeDistributed: any transformer, on every time step."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    OneHotEncoder,
    PolynomialFeatures,
    StandardScaler,
)
from sklearn.utils import get_tags

from skrnn import SlidingWindowTransformer, TimeDistributed

NUMBERS = st.floats(-1000, 1000, width=32).map(lambda value: round(value, 2))
SEQUENCES = array_shapes(min_dims=2, max_dims=3, max_side=4).flatmap(
    lambda shape: arrays("float64", shape, elements=NUMBERS)
)


def sequences(shape=(4, 3, 2), seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def table(X):
    return X.reshape(-1, X.shape[2] if X.ndim == 3 else 1)


# Identities


@given(X=SEQUENCES, transformer=st.sampled_from([MinMaxScaler(), StandardScaler()]))
@settings(max_examples=60, deadline=None)
def test_steps_are_transformed_as_one_long_table(X, transformer):
    expected = clone(transformer).fit_transform(table(X)).reshape(X.shape)
    assert_array_equal(TimeDistributed(transformer).fit_transform(X), expected)


@given(X=SEQUENCES, data=st.data())
@settings(max_examples=60, deadline=None)
def test_the_inverse_undoes_the_transformation(X, data):
    X = X.copy()
    n_padded = data.draw(st.integers(0, X.shape[1] - 1), label="padding of the first row")
    X[0, :n_padded] = np.nan
    scaler = TimeDistributed(MinMaxScaler()).fit(X)
    assert_allclose(scaler.inverse_transform(scaler.transform(X)), X, atol=1e-9)


@given(X=SEQUENCES, n_padded=st.integers(1, 4))
@settings(max_examples=50, deadline=None)
def test_padding_stays_and_changes_nothing_else(X, n_padded):
    padding = np.full((X.shape[0], n_padded, *X.shape[2:]), np.nan)
    padded = np.concatenate((padding, X), axis=1)
    result = TimeDistributed(StandardScaler()).fit_transform(padded)
    assert np.isnan(result[:, :n_padded]).all()
    assert_array_equal(result[:, n_padded:], TimeDistributed(StandardScaler()).fit_transform(X))


def test_a_scale_is_common_to_all_steps():
    y = np.array([[0.0, 5.0], [5.0, 10.0]])
    assert_array_equal(TimeDistributed(MinMaxScaler()).fit_transform(y), y / 10)


def test_steps_with_some_features_missing_are_no_padding():
    X = np.array([[[np.nan, 1.0], [3.0, 3.0]]])
    result = TimeDistributed(MinMaxScaler()).fit_transform(X)
    assert_array_equal(result, [[[np.nan, 0], [0, 1]]])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_dtype_is_that_of_the_transformer(dtype):
    X = sequences().astype(dtype)
    scaler = TimeDistributed(MinMaxScaler()).fit(X)
    assert scaler.transform(X).dtype == dtype
    assert scaler.inverse_transform(X).dtype == dtype
    assert scaler.transform(np.full_like(X, np.nan)).dtype == dtype


def test_integers_become_float64():
    assert TimeDistributed(MinMaxScaler()).fit_transform([[0, 1], [2, 4]]).dtype == "float64"


def test_the_input_is_left_alone():
    X = sequences()
    before = X.copy()
    scaler = TimeDistributed(MinMaxScaler()).fit(X)
    scaler.inverse_transform(scaler.transform(X))
    assert_array_equal(X, before)


def test_a_read_only_view_of_windows_is_scaled_like_its_rows():
    rows = np.arange(10.0)[:, np.newaxis]
    windows = SlidingWindowTransformer(lookback=3).fit_transform(rows)
    assert_allclose(
        TimeDistributed(MinMaxScaler()).fit_transform(windows),
        SlidingWindowTransformer(lookback=3).fit_transform(rows / 9),
    )


# Shapes


def test_3d_sequences_may_be_longer_or_shorter_than_in_fit():
    scaler = TimeDistributed(MinMaxScaler()).fit(sequences((4, 3, 2)))
    assert scaler.transform(sequences((2, 7, 2))).shape == (2, 7, 2)


@pytest.mark.parametrize(
    ("transformer", "n_out"),
    [
        (PCA(1), 1),
        (PolynomialFeatures(degree=2), 6),
        (OneHotEncoder(handle_unknown="ignore"), 24),
    ],
)
def test_the_number_of_features_may_change(transformer, n_out):
    X = sequences()
    expected = clone(transformer).fit_transform(table(X))
    expected = expected.toarray() if hasattr(expected, "toarray") else expected
    distributed = TimeDistributed(transformer).fit(X)
    assert_allclose(distributed.transform(X), expected.reshape(4, 3, n_out), atol=1e-12)
    nothing = distributed.transform(np.full((2, 5, 2), np.nan))
    assert nothing.shape == (2, 5, n_out)
    assert np.isnan(nothing).all()


def test_padding_is_not_shown_to_a_transformer_that_refuses_it():
    X = sequences()
    X[0, :2] = np.nan
    assert TimeDistributed(PolynomialFeatures()).fit_transform(X).shape == (4, 3, 6)


def test_the_inverse_of_nothing_but_padding_has_the_features_of_the_input():
    distributed = TimeDistributed(PCA(1)).fit(sequences())
    back = distributed.inverse_transform(np.full((2, 5, 1), np.nan))
    assert back.shape == (2, 5, 2)
    assert np.isnan(back).all()


def test_n_features_in_counts_features_of_a_step_or_columns():
    assert TimeDistributed(MinMaxScaler()).fit(sequences((4, 3, 2))).n_features_in_ == 2
    assert TimeDistributed(MinMaxScaler()).fit(sequences((4, 3))).n_features_in_ == 3


# A good citizen of scikit-learn


def test_the_transformer_is_cloned():
    scaler = MinMaxScaler()
    distributed = TimeDistributed(scaler).fit(sequences())
    assert not hasattr(scaler, "scale_")
    assert distributed.transformer_ is not scaler


def test_an_inverse_is_there_where_the_transformer_has_one():
    assert hasattr(TimeDistributed(MinMaxScaler()), "inverse_transform")
    assert not hasattr(TimeDistributed(PolynomialFeatures()), "inverse_transform")


def test_a_pipeline_may_be_distributed():
    X = sequences()
    pipe = make_pipeline(MinMaxScaler(), StandardScaler())
    distributed = TimeDistributed(pipe).fit(X)
    assert_allclose(distributed.inverse_transform(distributed.transform(X)), X)


def test_2d_output_has_the_names_of_the_columns():
    y = pd.DataFrame(sequences((4, 2)), columns=["t+1", "t+2"], index=list("abcd"))
    scaler = TimeDistributed(MinMaxScaler()).set_output(transform="pandas")
    scaled = scaler.fit_transform(y)
    assert list(scaler.feature_names_in_) == ["t+1", "t+2"]
    assert list(scaler.get_feature_names_out()) == ["t+1", "t+2"]
    pd.testing.assert_index_equal(scaled.index, y.index)
    pd.testing.assert_index_equal(scaled.columns, y.columns)
    expected = TimeDistributed(MinMaxScaler()).fit_transform(y.to_numpy())
    assert_array_equal(scaled, expected)


def test_3d_output_has_the_names_of_the_transformer_and_stays_an_array():
    scaler = TimeDistributed(MinMaxScaler()).set_output(transform="pandas")
    X = sequences()
    assert isinstance(scaler.fit_transform(X), np.ndarray)
    names = [f"f{i}" for i in range(X.shape[2])]
    assert list(scaler.get_feature_names_out(names)) == names


def test_the_global_setting_is_obeyed_where_a_table_can_be():
    with config_context(transform_output="pandas"):
        scaler = TimeDistributed(MinMaxScaler())
        assert isinstance(scaler.fit_transform(sequences((4, 3))), pd.DataFrame)
        assert isinstance(scaler.fit_transform(sequences()), np.ndarray)


@pytest.mark.parametrize("n_steps", [1, 3])
def test_as_the_transformer_of_a_target_it_changes_no_linear_fit(n_steps):
    X, y = sequences((20, 4)), 100 * sequences((20, n_steps), seed=1)
    model = TransformedTargetRegressor(
        LinearRegression(), transformer=TimeDistributed(MinMaxScaler())
    ).fit(X, y)
    assert_array_equal(model.transformer_.transformer_.data_range_, [np.ptp(y)])
    assert_allclose(model.predict(X), LinearRegression().fit(X, y).predict(X))


def test_tags_say_what_it_takes_and_keeps():
    tags = get_tags(TimeDistributed(KeepsFloat32()))
    assert tags.input_tags.three_d_array
    assert tags.input_tags.allow_nan
    assert tags.transformer_tags.preserves_dtype == ["float64", "float32"]
    assert get_tags(TimeDistributed(MinMaxScaler())).transformer_tags.preserves_dtype == ["float64"]


class KeepsFloat32(MinMaxScaler):
    """A scaler that says that it keeps float32."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


# Errors


@pytest.mark.parametrize("transformer", [None, "scale", LinearRegression()])
def test_the_transformer_must_transform(transformer):
    with pytest.raises(ValueError, match="'transformer' parameter of TimeDistributed must"):
        TimeDistributed(transformer).fit(sequences())


@pytest.mark.parametrize(
    ("X", "words"),
    [
        (np.full((2, 3), np.nan), "at least one time step that is not NaN"),
        (np.full((2, 3, 2), np.nan), "at least one time step that is not NaN"),
        (np.ones((2, 2, 2, 2)), "found an array with dim 4"),
        (np.ones(3), "Expected 2D array"),
        ([[1.0, np.inf]], "infinity"),
    ],
)
def test_what_are_no_sequences_is_refused(X, words):
    with pytest.raises(ValueError, match=words):
        TimeDistributed(MinMaxScaler()).fit(X)


@pytest.mark.parametrize("shape", [(4, 3, 3), (4, 2), (4, 3)])
def test_transform_asks_for_the_features_of_fit(shape):
    scaler = TimeDistributed(MinMaxScaler()).fit(sequences((4, 3, 2)))
    with pytest.raises(ValueError, match=r"expecting 2 features as input, in 3 dimensions"):
        scaler.transform(sequences(shape))


def test_2d_sequences_have_no_place_for_more_features():
    X = sequences((4, 3))
    with pytest.raises(ValueError, match=r"makes 3 features of one.*X\[:, :, np.newaxis\]"):
        TimeDistributed(PolynomialFeatures(2)).fit_transform(X)


@pytest.mark.parametrize("method", ["transform", "inverse_transform", "get_feature_names_out"])
def test_it_must_be_fitted(method):
    arguments = [] if method == "get_feature_names_out" else [sequences()]
    with pytest.raises(NotFittedError, match="TimeDistributed instance is not fitted yet"):
        getattr(TimeDistributed(MinMaxScaler()), method)(*arguments)


class Refuses(TransformerMixin, BaseEstimator):
    """Cannot be fitted to more than ten steps."""

    def fit(self, X, y=None):
        if len(X) > 10:
            raise ValueError("too many steps")
        self.mean_ = X.mean()
        return self

    def transform(self, X):
        return X - self.mean_


@pytest.mark.parametrize("bad", [sequences((9, 9)), np.full((2, 3), np.nan), np.ones(3)])
def test_a_failing_fit_leaves_the_fitted_transformer_as_it_was(bad):
    X = sequences((2, 3, 1))
    distributed = TimeDistributed(Refuses()).fit(X)
    before, state = distributed.transform(X), dict(vars(distributed))
    with pytest.raises(ValueError, match=r"too many|one time step|Expected 2D"):
        distributed.fit(bad)
    assert_array_equal(distributed.transform(X), before)
    assert vars(distributed) == state


def test_inverse_transform_of_another_dimension_is_an_error():
    fitted = TimeDistributed(MinMaxScaler()).fit(np.arange(12.0).reshape(3, 2, 2))
    with pytest.raises(ValueError, match="fitted on 3-D X, but X is 2-D now"):
        fitted.inverse_transform(np.arange(4.0).reshape(2, 2))
