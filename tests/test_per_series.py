"""PerSeriesTransformer: a transformer for each series."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal, assert_index_equal
from sklearn import config_context
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    OneHotEncoder,
    PolynomialFeatures,
    StandardScaler,
)
from sklearn.utils import get_tags

from skrnn import (
    GRURegressor,
    PerSeriesTransformer,
    SlidingWindowTransformer,
    TimeDistributed,
    make_supervised,
)


def make_panel(names="aabbaabb", seed=0):
    """Two columns of random rows, of the series that are named, each in its own scale."""
    rng = np.random.default_rng(seed)
    names = list(names)
    times = pd.Series(names).groupby(names).cumcount()
    index = pd.MultiIndex.from_arrays([names, times], names=["of", "time"])
    scale = np.array([ord(name) - 96 for name in names])[:, np.newaxis] ** 2
    return pd.DataFrame(scale * rng.normal(1, 1, (len(names), 2)), index=index, columns=["u", "v"])


PANELS = st.builds(make_panel, st.text("abc", min_size=2, max_size=14), st.integers(0, 2**16))


# Identities


@pytest.mark.filterwarnings("ignore:.* series were not seen in fit:UserWarning")
@given(train=PANELS, test=PANELS, scaler=st.sampled_from([StandardScaler(), MinMaxScaler()]))
@settings(max_examples=80, deadline=None)
def test_it_equals_a_loop_over_the_series(train, test, scaler):
    wrapper = PerSeriesTransformer(scaler).set_output(transform="pandas").fit(train)
    expected = []
    for name, rows in test.groupby(level="of"):
        seen = name in train.index.unique("of")
        own = scaler.fit(train.loc[[name]] if seen else train)
        expected.append(pd.DataFrame(own.transform(rows), rows.index, rows.columns))
    assert_frame_equal(wrapper.transform(test), pd.concat(expected).loc[test.index])
    assert list(wrapper.transformers_) == list(train.index.unique("of"))


@pytest.mark.filterwarnings("ignore:.* series were not seen in fit:UserWarning")
@given(train=PANELS, test=PANELS, scaler=st.sampled_from([StandardScaler(), MinMaxScaler()]))
@settings(max_examples=40, deadline=None)
def test_the_inverse_undoes_the_transformation(train, test, scaler):
    wrapper = PerSeriesTransformer(scaler).set_output(transform="pandas").fit(train)
    assert_allclose(wrapper.inverse_transform(wrapper.transform(test)), test, atol=1e-9)


@given(panel=PANELS)
@settings(max_examples=30, deadline=None)
def test_a_column_and_a_level_name_series_alike(panel):
    # No sums, whose last digit depends on the order in which a table lies in memory.
    expected = PerSeriesTransformer(MinMaxScaler()).fit_transform(panel)
    by_level = PerSeriesTransformer(MinMaxScaler(), id_col="of").fit_transform(panel.swaplevel())
    assert_array_equal(by_level, expected)
    table = panel.reset_index("of")[["u", "of", "v"]]
    by_column = PerSeriesTransformer(MinMaxScaler(), id_col="of")
    scaled = by_column.fit_transform(table)
    assert_array_equal(scaled[["u", "v"]], expected)
    assert_array_equal(scaled["of"], table["of"])
    assert_frame_equal(by_column.inverse_transform(scaled), table)


def test_series_named_by_two_levels():
    index = pd.MultiIndex.from_tuples([("x", i % 2, i) for i in range(6)])
    wrapper = PerSeriesTransformer(StandardScaler())
    wrapper.fit(pd.DataFrame({"u": np.arange(6.0) ** 2}, index=index))
    assert list(wrapper.transformers_) == [("x", 0), ("x", 1)]
    assert wrapper.transformers_[("x", 1)].mean_ == [(1 + 9 + 25) / 3]


def test_numbers_name_series_as_python_numbers():
    panel = make_panel("aab").rename(index={"a": 7, "b": 8})
    names = list(PerSeriesTransformer(StandardScaler()).fit(panel).transformers_)
    assert names == [7, 8]
    assert [type(name) for name in names] == [int, int]


@pytest.mark.filterwarnings("ignore:X has no index, so that its rows are one series")
@pytest.mark.parametrize("index", [None, pd.period_range("2020-01", periods=4, freq="M")])
def test_rows_without_names_are_one_series(index):
    X = np.arange(8.0).reshape(4, 2)
    rows = X if index is None else pd.DataFrame(X, index=index, columns=["u", "v"])
    wrapper = PerSeriesTransformer(StandardScaler())
    assert_array_equal(wrapper.fit_transform(rows), StandardScaler().fit_transform(X))
    assert wrapper.transformers_ == {}
    assert_allclose(wrapper.inverse_transform(wrapper.transform(rows)), X)


@pytest.mark.filterwarnings("ignore:X has no index, so that its rows are one series")
def test_sequences_are_one_series():
    X = np.arange(12.0).reshape(2, 3, 2)
    scaler = TimeDistributed(MinMaxScaler())
    wrapper = PerSeriesTransformer(scaler).set_output(transform="pandas")
    assert_array_equal(wrapper.fit_transform(X), scaler.fit_transform(X))
    assert wrapper.n_features_in_ == 2
    assert list(wrapper.get_feature_names_out()) == ["x0", "x1"]


def test_missing_values_are_left_to_the_transformer():
    panel = make_panel()
    panel.iloc[0, 0] = np.nan
    scaled = PerSeriesTransformer(StandardScaler()).fit_transform(panel)
    expected = StandardScaler().fit_transform(panel.loc["a"])
    assert_array_equal(scaled[panel.index.get_level_values("of") == "a"], expected)


# Output


def test_an_array_by_default_and_a_table_on_request():
    panel = make_panel()
    wrapper = PerSeriesTransformer(StandardScaler())
    assert isinstance(wrapper.fit_transform(panel), np.ndarray)
    table = wrapper.set_output(transform="pandas").transform(panel)
    assert_index_equal(table.index, panel.index)
    assert list(table.columns) == ["u", "v"] == list(wrapper.get_feature_names_out())
    assert wrapper.n_features_in_ == 2
    with config_context(transform_output="pandas"):
        fresh = PerSeriesTransformer(StandardScaler()).fit_transform(panel)
    assert_frame_equal(fresh, table)


def test_a_column_that_names_the_series_stays_whatever_the_output():
    table = make_panel().reset_index("of")
    wrapper = PerSeriesTransformer(StandardScaler(), id_col="of")
    scaled = wrapper.fit_transform(table)
    assert list(scaled.columns) == ["u", "v", "of"] == list(wrapper.get_feature_names_out())
    assert_frame_equal(wrapper.set_output(transform="pandas").transform(table), scaled)
    assert wrapper.n_features_in_ == 3


@pytest.mark.parametrize("output", ["default", "pandas"])
def test_windows_behind_it_find_the_column(output):
    panel = make_panel("abababbaab")
    pipe = make_pipeline(PerSeriesTransformer(StandardScaler()), SlidingWindowTransformer(3))
    expected = pipe.set_output(transform="pandas").fit(panel[:6]).transform(panel[6:])
    pipe.set_output(transform=output).set_params(
        perseriestransformer__id_col="of", slidingwindowtransformer__id_col="of"
    )
    table = panel.reset_index("of")
    assert_array_equal(pipe.fit(table[:6]).transform(table[6:]), expected)
    assert not np.isnan(expected).any()  # each series continues its own rows


def test_sequences_are_an_array_also_with_a_column():
    panel = make_panel()
    to_sequences = FunctionTransformer(lambda X: np.asarray(X)[:, :, np.newaxis])
    wrapper = PerSeriesTransformer(to_sequences, id_col="of").set_output(transform="pandas")
    sequences = wrapper.fit_transform(panel.reset_index("of"))
    assert_array_equal(sequences, panel.to_numpy()[:, :, np.newaxis])
    assert list(wrapper.get_feature_names_out()) == ["functiontransformer0"]


@pytest.mark.parametrize(
    ("transformer", "names"),
    [
        (PCA(1), ["pca0"]),
        (PolynomialFeatures(2, include_bias=False), ["u", "v", "u^2", "u v", "v^2"]),
        (OneHotEncoder(categories=[[0, 1], [0, 1]]), ["u_0.0", "u_1.0", "v_0.0", "v_1.0"]),
        (FunctionTransformer(np.sign), ["functiontransformer0", "functiontransformer1"]),
        (
            make_pipeline(FunctionTransformer(np.sign), MinMaxScaler()),
            ["pipeline0", "pipeline1"],
        ),
    ],
    ids=["pca", "polynomial", "sparse", "no names", "pipeline"],
)
def test_names_of_features_are_those_of_the_transformer(transformer, names):
    panel = (make_panel("abbabaab") > 1).astype(float)
    wrapper = PerSeriesTransformer(transformer).set_output(transform="pandas")
    table = wrapper.fit_transform(panel)
    assert list(table.columns) == names
    assert_index_equal(table.index, panel.index)
    assert hasattr(wrapper, "inverse_transform") == hasattr(transformer, "inverse_transform")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_dtype_is_that_of_the_transformer(dtype):
    panel = make_panel().astype(dtype)
    assert PerSeriesTransformer(StandardScaler()).fit_transform(panel).dtype == dtype


def test_each_series_is_fitted_with_its_own_y():
    panel = make_panel("ab" * 10)
    of_a = panel.index.get_level_values("of") == "a"
    y = np.where(of_a, panel["u"], panel["v"])
    best = PerSeriesTransformer(SelectingScores()).fit(panel, y).transformers_
    assert best["a"].scores_.argmax() == 0
    assert best["b"].scores_.argmax() == 1


class SelectingScores(TransformerMixin, BaseEstimator):
    """Scores features against y, and keeps them all."""

    def fit(self, X, y):
        self.scores_ = SelectKBest(f_regression, k="all").fit(X, y).scores_
        return self

    def transform(self, X):
        return np.asarray(X)


# A good citizen of scikit-learn


def test_the_transformer_is_cloned_and_its_tags_are_kept():
    scaler = StandardScaler()
    wrapper = PerSeriesTransformer(scaler).fit(make_panel())
    assert not hasattr(scaler, "scale_")
    assert get_tags(wrapper).input_tags.allow_nan
    assert get_tags(wrapper).transformer_tags == get_tags(scaler).transformer_tags
    assert not get_tags(PerSeriesTransformer(OneHotEncoder())).input_tags.sparse
    assert get_tags(PerSeriesTransformer(TimeDistributed(scaler))).input_tags.three_d_array


def test_the_scale_of_a_series_does_not_matter_to_a_network_behind_it():
    panel = make_panel("abc" * 12)[["u"]]
    X, y = make_supervised(panel)
    factor = X.index.get_level_values("of").map({"a": 3.0, "b": 100.0, "c": 0.01}).to_numpy()
    pipe = make_pipeline(
        PerSeriesTransformer(StandardScaler()),
        SlidingWindowTransformer(4),
        GRURegressor(2, max_epochs=2, random_state=0),
    ).set_output(transform="pandas")
    scores = cross_val_score(pipe, X, y, cv=TimeSeriesSplit(2))
    rescaled = cross_val_score(pipe, X.mul(factor, axis=0), y, cv=TimeSeriesSplit(2))
    assert_allclose(rescaled, scores, rtol=1e-4)
    pooled = make_pipeline(StandardScaler(), *pipe[1:]).set_output(transform="pandas")
    assert not np.allclose(cross_val_score(pooled, X, y, cv=TimeSeriesSplit(2)), scores, rtol=1e-3)


# Columns that are constant within each series


@pytest.mark.parametrize("scaler", [StandardScaler(), MinMaxScaler()])
def test_columns_that_tell_series_apart_and_are_erased_are_a_warning(scaler):
    panel = make_panel("aabbcc").assign(height=[1, 1, 5, 5, 9, 9], one=1)
    words = rf"Column\(s\) 'height' have one .* and 0 in all 3 .* own {type(scaler).__name__}.*Colu"
    with pytest.warns(UserWarning, match=words):
        PerSeriesTransformer(scaler).fit(panel)
    with pytest.warns(UserWarning, match=r"Column\(s\) 'height' have"):
        PerSeriesTransformer(scaler, id_col="of").fit_transform(panel.reset_index("of"))
    together = ColumnTransformer(
        [("own", PerSeriesTransformer(scaler), ["u", "v"]), ("all", scaler, ["height", "one"])]
    )
    assert len(np.unique(together.fit_transform(panel)[:, 2])) == 3


def test_columns_that_are_kept_or_differ_nowhere_are_no_warning():
    panel = make_panel("aabbcc").assign(height=[1, 1, 5, 5, 9, 9])
    PerSeriesTransformer(FunctionTransformer(np.sign)).fit(panel[["u"]].assign(one=1))
    PerSeriesTransformer(FunctionTransformer()).fit(panel)
    PerSeriesTransformer(StandardScaler()).fit(panel[::2])  # one row of each series


# Errors


class RefusesLargeNumbers(StandardScaler):
    def fit(self, X, y=None):
        return super().fit(self.check(X))

    def transform(self, X):
        return super().transform(self.check(X))

    def check(self, X):
        if np.max(np.abs(X)) > 1000:
            raise RuntimeError("numbers are too large")
        return X


def test_an_error_of_a_transformer_names_the_series():
    panel = make_panel()
    wrapper = PerSeriesTransformer(RefusesLargeNumbers()).fit(panel)
    panel.loc["b"] = 2000.0
    for method in ["transform", "fit"]:
        words = f"RefusesLargeNumbers.{method} failed for series 'b': numbers are too large"
        with pytest.raises(ValueError, match=words) as caught:
            getattr(wrapper, method)(panel)
        assert isinstance(caught.value.__cause__, RuntimeError)


@pytest.mark.filterwarnings("ignore:X has no index, so that its rows are one series")
def test_an_error_with_one_series_is_the_transformer_s_own():
    with pytest.raises(RuntimeError, match=r"^numbers are too large$"):
        PerSeriesTransformer(RefusesLargeNumbers()).fit([[2000.0]])


def test_all_series_must_have_the_same_features():
    panel = make_panel("aabb")
    panel["u"] = [0, 1, 0, 2]
    panel["v"] = 0
    words = r"features \['u_0', 'u_1', 'v_0'\] of series 'a', but \['u_0', 'u_1', 'u_2', 'v_0'\]"
    with pytest.raises(ValueError, match=words):
        PerSeriesTransformer(OneHotEncoder()).fit(panel)


def test_all_series_must_have_the_same_shape_where_features_have_no_names():
    drops = FunctionTransformer(lambda X: X.loc[:, (X > 0).any(axis=0)])
    panel = make_panel("aabb").abs()
    wrapper = PerSeriesTransformer(drops).fit(panel)
    panel.loc["b", "v"] = -1.0
    with pytest.raises(ValueError, match=r"makes \(2, 1\) of the 2 row\(s\) of series 'b'"):
        wrapper.transform(panel)


@pytest.mark.filterwarnings("ignore:X has no index, so that its rows are one series")
def test_rows_must_be_named_as_in_fit():
    panel = make_panel()
    wrapper = PerSeriesTransformer(StandardScaler()).fit(panel)
    for method in ["transform", "inverse_transform"]:
        with pytest.raises(ValueError, match="of several series by their index, but X names none"):
            getattr(wrapper, method)(panel.to_numpy())
    with pytest.raises(ValueError, match="fit saw time labels of type integer"):
        wrapper.transform(
            panel.set_index(pd.date_range("2020", periods=8), append=True).droplevel(1)
        )
    wrapper.fit(panel.to_numpy())
    with pytest.raises(ValueError, match="of one series by their index, but X names several"):
        wrapper.transform(panel.set_axis(["x0", "x1"], axis=1))


@pytest.mark.parametrize(
    ("X", "id_col", "words"),
    [
        (make_panel().to_numpy(), "of", 'without an index.*set_output\\(transform="pandas"\\)'),
        (make_panel(), "station", "names 'station', which is neither a column nor an index level"),
        (make_panel().assign(shop=["x"] * 7 + [None]), "shop", "series of row 7 is missing"),
        (pd.Series([1.0, 2.0]), None, "Expected a 2-dimensional container"),
        (make_panel()[:0], None, r"0 sample\(s\)"),
    ],
)
def test_what_names_no_series_is_refused(X, id_col, words):
    with pytest.raises(ValueError, match=words):
        PerSeriesTransformer(StandardScaler(), id_col=id_col).fit(X)


def test_no_rows_are_an_error_of_the_transformer():
    wrapper = PerSeriesTransformer(StandardScaler()).fit(make_panel())
    with pytest.raises(ValueError, match=r"0 sample\(s\)"):
        wrapper.transform(make_panel()[:0])


def test_other_columns_than_in_fit_are_refused():
    wrapper = PerSeriesTransformer(StandardScaler()).fit(make_panel())
    with pytest.raises(ValueError, match="feature names should match"):
        wrapper.transform(make_panel().rename(columns={"u": "w"}))


@pytest.mark.parametrize("transformer", [None, "scale", LinearRegression()])
def test_the_transformer_must_transform(transformer):
    with pytest.raises(ValueError, match="'transformer' parameter of PerSeriesTransformer must"):
        PerSeriesTransformer(transformer).fit(make_panel())


def test_y_must_have_as_many_rows():
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        PerSeriesTransformer(StandardScaler()).fit(make_panel(), [1, 2])


@pytest.mark.parametrize("method", ["transform", "inverse_transform", "get_feature_names_out"])
def test_it_must_be_fitted(method):
    arguments = [] if method == "get_feature_names_out" else [make_panel()]
    with pytest.raises(NotFittedError, match="PerSeriesTransformer instance is not fitted yet"):
        getattr(PerSeriesTransformer(StandardScaler()), method)(*arguments)


def test_a_failing_fit_leaves_the_fitted_transformer_as_it_was():
    panel = make_panel()
    wrapper = PerSeriesTransformer(RefusesLargeNumbers()).fit(panel)
    before, state = wrapper.transform(panel), dict(vars(wrapper))
    for bad in [panel * 1000, panel.assign(w=1.0).mul(1000), panel.rename(columns={"u": 1})]:
        with pytest.raises((ValueError, TypeError), match=r"too large|string"):
            wrapper.fit(bad)
    assert vars(wrapper) == state
    assert_array_equal(wrapper.transform(panel), before)
