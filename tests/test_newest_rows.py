"""A warning if the rows that an estimator holds out are not the newest."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

from skrnn import (
    GRURegressor,
    LastSteps,
    ResidualRegressor,
    WindowLinearRegressor,
    WindowNormalizedRegressor,
    sliding_windows,
)

LABELS = {
    "month": pd.period_range("2000-01", periods=30, freq="M"),
    "day": pd.date_range("2000-01-01", periods=30, tz="UTC"),
    "minute": pd.timedelta_range("1min", periods=30, freq="min"),
    "integer": np.arange(30),
}
stopping = GRURegressor(2, max_epochs=1, early_stopping=True, random_state=0)
residual = ResidualRegressor(LinearRegression())
HOLD_OUT = {
    "early stopping": stopping,
    "residual": residual,
    "inside": WindowNormalizedRegressor(residual),
    "in a pipeline": make_pipeline(LastSteps(2), WindowNormalizedRegressor(stopping)),
}


def by_series_and_by_time(time):
    """Return windows and targets of two series, one after the other, and sorted by time."""
    index = pd.MultiIndex.from_product([["a", "b"], time], names=["series", "time"])
    values = np.random.default_rng(0).normal(size=len(index)).cumsum()
    X, y = sliding_windows(pd.Series(values, index=index), 4, freq=1 if time[0] == 0 else None)
    by_series = np.argsort(y.index.get_level_values("series"), kind="stable")
    return (X[by_series], y.iloc[by_series]), (X, y)


@pytest.mark.parametrize("model", HOLD_OUT.values(), ids=HOLD_OUT)
@pytest.mark.parametrize("kind", LABELS)
def test_series_one_after_the_other(model, kind):
    by_series, by_time = by_series_and_by_time(LABELS[kind])
    row, first, last = 26, LABELS[kind][3], LABELS[kind][28]
    message = f"they are not the newest: by the index of y, row {row} ({first}) is older than row "
    with pytest.warns(UserWarning, match=re.escape(f"{message}{row - 1} ({last})")) as caught:
        model.fit(*by_series)
    assert len(caught) == 1
    model.fit(*by_time)  # no warning


@pytest.mark.parametrize("owner", ["GRURegressor", "ResidualRegressor"])
def test_the_warning_names_what_holds_out_the_rows(owner):
    (X, y), _ = by_series_and_by_time(LABELS["month"])
    inner = {"GRURegressor": stopping, "ResidualRegressor": residual}[owner]
    with pytest.warns(UserWarning, match=f"^{owner} holds out the last rows"):
        WindowNormalizedRegressor(inner).fit(X, y)


def test_nothing_is_said_where_no_rows_are_held_out_or_others_are():
    (X, y), _ = by_series_and_by_time(LABELS["month"])
    WindowNormalizedRegressor(WindowLinearRegressor()).fit(X, y)
    GRURegressor(2, max_epochs=1).fit(X, y)
    stopping.fit(X, y, X_val=X[:4], y_val=y[:4])
    WindowNormalizedRegressor(stopping).fit(X, y, X_val=X[:4], y_val=y[:4])


def test_validation_rows_do_not_replace_those_of_the_shrinkage():
    (X, y), _ = by_series_and_by_time(LABELS["month"])
    with pytest.warns(UserWarning, match="^ResidualRegressor holds out"):
        residual.fit(X, y, X_val=X[:4], y_val=y[:4])


@pytest.mark.parametrize(
    "index",
    [
        np.arange(52)[::-1],  # row numbers of shuffled sequences
        [f"patient {i}" for i in range(52)][::-1],
        pd.MultiIndex.from_arrays([np.arange(52) // 2, [2, 1] * 26]),  # month, shop
        pd.MultiIndex.from_arrays([LABELS["month"][:26].repeat(2), [2, 1] * 26]),
    ],
)
def test_labels_that_tell_nothing(index):
    (X, y), _ = by_series_and_by_time(LABELS["month"])
    stopping.fit(X, y.set_axis(index))
    stopping.fit(X, y.to_numpy())
