"""Weights of the newest windows: which rows they keep, and that the others are not used."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

from skrnn import (
    BlendingRegressor,
    GRURegressor,
    WindowLinearRegressor,
    WindowNormalizedRegressor,
    make_supervised,
    newest_windows_weight,
    sliding_windows,
)
from skrnn.datasets import load_australian_temperature

MONTH = pd.period_range("2020-01", periods=6, freq="M")
# "b" starts late, and ends early.
INDEX = pd.MultiIndex.from_tuples([("a", m) for m in MONTH] + [("b", m) for m in MONTH[1:4]])
ROWS = pd.DataFrame({"x": np.arange(9.0)}, index=INDEX)


@pytest.mark.parametrize(
    ("n_windows", "expected"),
    [
        (1, [0, 0, 0, 0, 0, 1, 0, 0, 1]),
        (2, [0, 0, 0, 0, 1, 1, 0, 1, 1]),
        (5, [0, 1, 1, 1, 1, 1, 1, 1, 1]),
        (99, [1] * 9),
    ],
)
def test_the_newest_windows_of_each_series_have_weight_one(n_windows, expected):
    np.testing.assert_array_equal(newest_windows_weight(ROWS, n_windows), expected)
    np.testing.assert_array_equal(newest_windows_weight(ROWS["x"], n_windows), expected)
    shuffled = np.random.default_rng(0).permutation(9)
    found = newest_windows_weight(ROWS.iloc[shuffled], n_windows)
    np.testing.assert_array_equal(found, np.array(expected)[shuffled])
    columns = ROWS.rename_axis(["shop", "month"]).reset_index()
    found = newest_windows_weight(columns, n_windows, id_col="shop", time_col="month")
    np.testing.assert_array_equal(found, expected)


def test_one_series_by_its_labels_and_an_array_by_its_order():
    dates = pd.date_range("2020-01-01", periods=4)
    rows = pd.Series(np.arange(4.0), index=dates[[3, 0, 2, 1]])
    np.testing.assert_array_equal(newest_windows_weight(rows, 2), [1, 0, 1, 0])
    np.testing.assert_array_equal(newest_windows_weight(np.zeros((4, 3, 1)), 2), [0, 0, 1, 1])


@pytest.mark.parametrize("horizon", [1, 3])
def test_labels_of_make_supervised_and_sliding_windows(horizon):
    series = load_australian_temperature()
    n_series = series.index.get_level_values(0).nunique()
    for y in (make_supervised(series, horizon)[1], sliding_windows(series, 24, horizon=horizon)[1]):
        weight = newest_windows_weight(y, 7)
        assert weight.sum() == 7 * n_series
        kept = y[weight == 1].index.to_frame(index=False).groupby("station").agg(["min", "size"])
        assert (kept.iloc[:, 1] == 7).all()
        left_out = y[weight == 0].index.to_frame(index=False).groupby("station").max()
        oldest = kept.iloc[:, 0]
        assert (left_out.iloc[:, 0] < oldest[left_out.index]).all()


@pytest.mark.parametrize(
    ("X", "n_windows", "message"),
    [
        (ROWS, 0, "n_windows must be an integer of at least 1"),
        (ROWS, 2.0, "n_windows must be an integer of at least 1"),
        (
            ROWS.droplevel(0),
            2,
            r"3 of 9 rows have the labels of an earlier row, such as '2020-02' in row 6",
        ),
        (pd.concat([ROWS, ROWS[-1:]]), 2, "1 of 10 rows .* '2020-04' of series 'b' in row 9"),
        (pd.Series([1.0, 2.0], index=["Jan", "Feb"]), 1, "periods, dates or numbers, but are of"),
        (pd.Series([1.0, 2.0], index=pd.DatetimeIndex(["2020", None])), 1, "row 1 is missing"),
    ],
)
def test_errors(X, n_windows, message):
    with pytest.raises(ValueError, match=message):
        newest_windows_weight(X, n_windows)


@pytest.mark.parametrize(
    "model",
    [
        GRURegressor(3, max_epochs=3, random_state=0),
        GRURegressor(3, max_epochs=3, random_state=0, backend="torch"),
        GRURegressor(3, max_epochs=3, early_stopping=True, random_state=0),
        WindowLinearRegressor(),
        WindowNormalizedRegressor(GRURegressor(3, max_epochs=3, random_state=0)),
        BlendingRegressor(
            [("ridge", Ridge()), ("l", WindowLinearRegressor())], weights="validated"
        ),
    ],
    ids=lambda model: type(model).__name__,
)
def test_rows_of_weight_zero_are_not_used(model):
    series = load_australian_temperature().loc[["Cairns", "Darwin", "Hobart"]]
    series = (series - series.mean()) / series.std()
    X, y = sliding_windows(series, 12)
    weight = newest_windows_weight(y, 20)
    kept = weight == 1
    y_other = np.where(kept, y, 1e6)  # a target that would change everything
    found = model.fit(X, y_other, sample_weight=weight).predict(X)
    expected = model.fit(X[kept], y[kept], sample_weight=np.ones(kept.sum())).predict(X)
    np.testing.assert_array_equal(found, expected)
