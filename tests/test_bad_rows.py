"""Rows, series and windows of odd kinds: a right answer, a clear error or a warning."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.compose import TransformedTargetRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skrnn import (
    PerSeriesTargetRegressor,
    PerSeriesTransformer,
    SlidingWindowTransformer,
    TimeDistributed,
)

MONTHS = pd.period_range("2020-01", periods=6, freq="M")


def months(n_rows=6):
    """One series of monthly rows 0, 1, 2, ..."""
    index = pd.period_range("2020-01", periods=n_rows, freq="M")
    return pd.DataFrame({"x": np.arange(float(n_rows))}, index=index)


def panel(shops=("a", "b"), n_rows=6):
    """Monthly rows 0, 1, 2, ... of two shops, one after the other."""
    time = pd.period_range("2020-01", periods=n_rows, freq="M")
    index = pd.MultiIndex.from_product([list(shops), time], names=["shop", "month"])
    return pd.DataFrame({"x": np.arange(float(len(index)))}, index=index)


def shops_of(table):
    return table.index.get_level_values("shop")


# What is no number


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.ma.masked_array([1.0, 2.0, 3.0], mask=[1, 0, 0]), "1 masked value"),
        (pd.date_range("2020", periods=3).to_numpy(), "holds dates or durations"),
        (np.array([1j, 2, 3]), "[Cc]omplex"),
    ],
)
def test_what_is_no_number_is_no_row_and_no_target_of_a_series(values, words):
    with pytest.raises(ValueError, match=f"X of PerSeriesTransformer.*{words}"):
        PerSeriesTransformer(StandardScaler()).fit(values[:, np.newaxis])
    with pytest.raises(ValueError, match=f"y of PerSeriesTargetRegressor.*{words}"):
        PerSeriesTargetRegressor(Ridge(), StandardScaler()).fit(months(3), values)


# Series that nobody named


@pytest.mark.parametrize(
    "fit",
    [
        lambda X: make_pipeline(SimpleImputer(), PerSeriesTransformer(StandardScaler())).fit(X),
        lambda X: PerSeriesTargetRegressor(Ridge(), StandardScaler()).fit(X.to_numpy(), X["x"]),
        lambda X: PerSeriesTargetRegressor(Ridge(), StandardScaler()).fit(X.to_numpy(), [0.0] * 6),
        lambda X: TransformedTargetRegressor(
            Ridge(), transformer=PerSeriesTransformer(StandardScaler()), check_inverse=False
        ).fit(X, X["x"]),
        lambda X: TimeDistributed(PerSeriesTransformer(StandardScaler())).fit(X.to_numpy()),
    ],
)
def test_rows_without_an_index_are_one_series_with_a_warning(fit):
    with pytest.warns(UserWarning, match=r"X has no index, so that its rows are one series for Pe"):
        fit(months())


@pytest.mark.parametrize(
    "index",
    [
        pd.Index(["a", "b"] * 3),  # names of series in place of the time
        pd.date_range("2020", periods=3).repeat(2),  # a panel whose names are in a column
        pd.Index([0, 1, 2, 0, 1, 2]),  # two frames, one below the other
    ],
)
def test_labels_of_one_series_that_repeat_are_an_error(index):
    X = pd.DataFrame({"x": np.arange(6.0)}, index=index)
    words = r"would be one series for {}, but \d of 6 have the label of an earlier row"
    with pytest.raises(ValueError, match=words.format("PerSeriesTransformer")):
        PerSeriesTransformer(StandardScaler()).fit(X)
    with pytest.raises(ValueError, match=words.format("PerSeriesTargetRegressor")):
        PerSeriesTargetRegressor(Ridge(), StandardScaler()).fit(X, X["x"])


def test_the_regressor_of_a_target_of_series_notices_a_lost_index():
    X = panel()
    pipe = make_pipeline(StandardScaler(), SlidingWindowTransformer(2, flatten=True), Ridge())
    model = PerSeriesTargetRegressor(pipe, StandardScaler())
    with pytest.raises(ValueError, match=r"X has no index, .* but the index of y shows 2 series"):
        model.fit(X, X["x"])
    with pytest.raises(ValueError, match=r"X has no index, .* but the index of y shows 2 series"):
        model.fit(X, X.assign(z=np.sin(X["x"])))


# Transformers inside that do not keep the rows


def test_a_transformer_that_sorts_the_rows_of_a_series():
    sorts = FunctionTransformer(lambda rows: rows.sort_values("x", ascending=False))
    words = r"returns rows in another order: row 0 is \('a', '2020-01'\) in its input, and \('a', "
    with pytest.raises(ValueError, match=words):
        PerSeriesTransformer(sorts).fit_transform(panel())
    with pytest.raises(ValueError, match=r"another order: row 0 is '2020-01' in its input"):
        PerSeriesTransformer(sorts).fit_transform(months())
    renumbers = FunctionTransformer(lambda rows: rows.reset_index(drop=True))
    X = panel()
    assert_array_equal(PerSeriesTransformer(renumbers).fit_transform(X), X)


def test_a_transformer_that_returns_one_dimension():
    flattens = FunctionTransformer(lambda rows: rows["x"])
    with pytest.raises(ValueError, match=r"FunctionTransformer.transform returns an array of one"):
        PerSeriesTransformer(flattens).fit(panel())


def test_fit_leaves_the_first_row_alone():
    X = np.arange(6.0)[:, np.newaxis]
    table = months()
    PerSeriesTransformer(StandardScaler(copy=False)).fit(table)
    with pytest.warns(UserWarning, match="X has no index"):
        PerSeriesTransformer(StandardScaler(copy=False)).fit(X)
    assert_array_equal(X[:, 0], np.arange(6.0))
    assert_array_equal(table["x"], np.arange(6.0))


def test_windows_of_each_series_inside_do_not_warn_in_fit():
    X = panel()
    inner = make_pipeline(StandardScaler(), SlidingWindowTransformer(2)).set_output(
        transform="pandas"
    )
    assert PerSeriesTransformer(inner).fit(X).transform(X).shape == (12, 2, 1)


def test_the_inverse_needs_the_columns_of_the_output():
    X = panel().assign(z=np.sin(np.arange(12)))
    scaler = PerSeriesTransformer(StandardScaler()).set_output(transform="pandas").fit(X)
    scaled = scaler.transform(X)
    with pytest.raises(ValueError, match=r"makes the columns \['x', 'z'\], .* \['z', 'x'\]"):
        scaler.inverse_transform(scaled[["z", "x"]])
    with pytest.raises(ValueError, match="X has 1 features, but transform makes 2"):
        scaler.inverse_transform(scaled[["z"]])
