"""LastSteps: the newest steps of each window."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags
from spy import Spy

from skrnn import (
    GRURegressor,
    LastSteps,
    ResidualRegressor,
    SlidingWindowTransformer,
    WindowLinearRegressor,
    WindowNormalizedRegressor,
    make_supervised,
    pad_sequences,
)
from skrnn.datasets import load_airline_passengers


def sequences(shape=(4, 3, 2), seed=0):
    return np.random.default_rng(seed).normal(size=shape)


# Identities


@given(data=st.data(), longest=st.integers(1, 8), n_features=st.integers(1, 3))
def test_the_steps_are_those_of_windows_made_short(data, longest, n_features):
    lookback = data.draw(st.integers(1, longest))
    rows = sequences((data.draw(st.integers(longest, 12)), n_features))
    windows = SlidingWindowTransformer(longest).fit_transform(rows)
    short = SlidingWindowTransformer(lookback).fit_transform(rows)
    assert_array_equal(LastSteps(lookback).fit_transform(windows), short)


def test_steps_of_padding_stay_in_front():
    X = pad_sequences([[[1.0]], [[1.0], [2.0], [3.0]]])
    assert_array_equal(LastSteps(2).fit_transform(X)[:, :, 0], [[np.nan, 1], [2, 3]])


@pytest.mark.parametrize("shape", [(4, 3, 2), (4, 3)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_result_is_a_view_that_cannot_be_written_to(shape, dtype):
    X = sequences(shape).astype(dtype)
    kept = LastSteps(2).fit_transform(X)
    assert np.shares_memory(kept, X)
    assert kept.dtype == dtype
    assert not kept.flags.writeable
    assert X.flags.writeable
    assert_array_equal(kept, X[:, -2:])


def test_windows_of_padding_stay_so():
    last = LastSteps(2).fit(sequences())
    assert np.isnan(last.transform(np.full((2, 5, 2), np.nan))).all()


def test_windows_may_be_longer_or_shorter_than_in_fit():
    last = LastSteps(2).fit(sequences((4, 3, 2)))
    assert last.transform(sequences((2, 7, 2))).shape == (2, 2, 2)
    assert last.transform(sequences((2, 2, 2))).shape == (2, 2, 2)


def test_the_tests_of_a_grid_have_full_windows_in_spite_of_a_gap():
    X, y = make_supervised(load_airline_passengers(), horizon=12)
    windows = SlidingWindowTransformer(24).fit_transform(X)
    pipe = make_pipeline(LastSteps(), WindowLinearRegressor())
    cv = TimeSeriesSplit(3, gap=11)
    search = GridSearchCV(pipe, {"laststeps__lookback": [6, 13, 24]}, cv=cv).fit(windows, y)
    for lookback, score in zip([6, 13, 24], search.cv_results_["split0_test_score"], strict=True):
        train, test = next(cv.split(X))
        short = SlidingWindowTransformer(lookback).fit_transform(X)
        assert not np.isnan(short[test]).any()
        model = WindowLinearRegressor().fit(short[train], y.iloc[train])
        assert score == pytest.approx(model.score(short[test], y.iloc[test]), rel=1e-9)


# Inside other estimators


@pytest.mark.parametrize("outer", [WindowNormalizedRegressor, ResidualRegressor])
def test_in_a_pipeline_inside_a_meta_estimator_it_gets_windows(outer):
    X, y = sequences((40, 5, 2)), sequences(40, seed=1)
    options = {"target_feature": 0} if outer is WindowNormalizedRegressor else {}
    model = outer(make_pipeline("passthrough", LastSteps(2), Spy(three_d_array=True)), **options)
    assert model.fit(X, y).regressor_[-1].X_.shape == (40, 2, 2)
    assert model.predict(X[:3]).shape == (3,)


def test_a_pipeline_inside_that_starts_with_a_table_gets_a_table():
    X, y = sequences((40, 5, 2)), sequences(40, seed=1)
    model = WindowNormalizedRegressor(make_pipeline("passthrough", Spy()), target_feature=0)
    assert model.fit(X, y).regressor_[-1].X_.shape == (40, 10)


def test_a_network_behind_it_reads_the_short_windows():
    X, y = sequences((20, 5, 2)), sequences(20, seed=1)
    network = GRURegressor(2, max_epochs=2, random_state=0)
    expected = network.fit(X[:, -3:], y).predict(X[:, -3:])
    assert_array_equal(make_pipeline(LastSteps(3), network).fit(X, y).predict(X), expected)


# Names and containers


def test_a_table_keeps_the_names_of_its_last_columns():
    X = pd.DataFrame(sequences((4, 3)), columns=["lag2", "lag1", "lag0"], index=list("abcd"))
    last = LastSteps(2).set_output(transform="pandas")
    pd.testing.assert_frame_equal(last.fit_transform(X), X[["lag1", "lag0"]])
    assert list(last.get_feature_names_out()) == ["lag1", "lag0"]
    assert last.n_features_in_ == 3


def test_3d_output_stays_an_array():
    last = LastSteps(2).set_output(transform="pandas")
    assert isinstance(last.fit_transform(sequences()), np.ndarray)
    names = [f"x{i}" for i in range(sequences().shape[2])]
    assert list(last.get_feature_names_out()) == names
    with config_context(transform_output="pandas"):
        assert isinstance(LastSteps(2).fit_transform(sequences()), np.ndarray)


def test_tags_say_what_it_takes_and_keeps():
    tags = get_tags(LastSteps())
    assert tags.input_tags.three_d_array
    assert tags.transformer_tags.preserves_dtype == ["float64", "float32"]


# Errors


@pytest.mark.parametrize("shape", [(4, 3, 2), (4, 3)])
def test_windows_with_too_few_steps_are_refused(shape):
    with pytest.raises(ValueError, match="lookback=4 is longer than the windows of X, which have"):
        LastSteps(4).fit(sequences(shape))
    last = LastSteps(2).fit(sequences(shape)).set_params(lookback=4)
    with pytest.raises(ValueError, match=r"which have 3 time step\(s\)\. Make longer windows"):
        last.transform(sequences(shape))


@pytest.mark.parametrize("lookback", [0, -1, 2.0, "2", None])
def test_lookback_must_be_a_number_of_steps(lookback):
    with pytest.raises(ValueError, match="'lookback' parameter of LastSteps must be an int"):
        LastSteps(lookback).fit(sequences())


def test_windows_with_other_features_than_in_fit_are_refused():
    last = LastSteps(2).fit(sequences())
    with pytest.raises(ValueError, match="expecting 2 features"):
        last.transform(sequences((4, 3, 3)))
    with pytest.raises(ValueError, match="fitted on 3-D X, but X is 2-D now"):
        last.transform(sequences((4, 3)))


def test_it_must_be_fitted():
    with pytest.raises(NotFittedError):
        LastSteps().transform(sequences())
