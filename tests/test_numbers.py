"""What is not a number, or too large for one, is an error that names it."""

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import MinMaxScaler

from skrnn import (
    GRURegressor,
    LastSteps,
    NaiveRegressor,
    SeriesImputer,
    SlidingWindowTransformer,
    TimeDistributed,
    WindowLinearRegressor,
    WindowNormalizedRegressor,
    make_supervised,
    sliding_windows,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(30, 4, 1))
Y = X[:, -1, 0]
DATES = np.array("2020-01-01", dtype="M8[D]") + np.arange(30)

REGRESSORS = [
    GRURegressor(2, max_epochs=2, random_state=0),
    NaiveRegressor(),
    WindowLinearRegressor(),
    WindowNormalizedRegressor(WindowLinearRegressor()),
]
TRANSFORMERS = [
    LastSteps(),
    SeriesImputer(),
    SlidingWindowTransformer(),
    TimeDistributed(MinMaxScaler()),
]


def each(estimators):
    return pytest.mark.parametrize("estimator", estimators, ids=lambda e: type(e).__name__)


def masked(values):
    mask = np.zeros(values.shape, dtype=bool)
    mask[2:4] = True
    return np.ma.array(values, mask=mask)


# Masked values


@each(REGRESSORS)
def test_masked_values_are_refused(estimator):
    name = type(estimator).__name__
    with pytest.raises(ValueError, match=f"X of {name} is a masked array with 8 masked"):
        estimator.fit(masked(X), Y)
    with pytest.raises(ValueError, match=f"y of {name} is a masked array with 2 masked"):
        estimator.fit(X, masked(Y))
    with pytest.raises(ValueError, match="masked array with 8 masked"):
        estimator.fit(X, Y).predict(masked(X))


@each(TRANSFORMERS)
def test_masked_values_are_refused_by_transformers(estimator):
    with pytest.raises(ValueError, match=r"masked array with 8 masked value\(s\)"):
        estimator.fit(masked(X[:, :, 0]))


def test_masked_arrays_without_a_masked_value_are_arrays():
    plain = WindowLinearRegressor().fit(X, Y).predict(X)
    found = WindowLinearRegressor().fit(np.ma.array(X), np.ma.array(Y)).predict(np.ma.array(X))
    np.testing.assert_array_equal(found, plain)


def test_masked_series_are_refused():
    with pytest.raises(ValueError, match="series is a masked array with 2 masked"):
        sliding_windows(masked(Y), lookback=2)
    with pytest.raises(ValueError, match="series is a masked array with 2 masked"):
        make_supervised(masked(Y))


# Dates, durations, text


@each(REGRESSORS)
@pytest.mark.parametrize("kind", ["M8[ns]", "m8[s]"])
def test_dates_and_durations_are_no_values(estimator, kind):
    times = DATES.astype(kind) if kind[0] == "M" else (DATES - DATES[0]).astype(kind)
    name = type(estimator).__name__
    with pytest.raises(ValueError, match=f"X of {name} holds dates or durations"):
        estimator.fit(np.broadcast_to(times[:, np.newaxis], (30, 3)), Y)
    with pytest.raises(ValueError, match=f"y of {name} holds dates or durations"):
        estimator.fit(X, times)
    with pytest.raises(ValueError, match=f"y of {name} holds dates or durations"):
        estimator.fit(X, pd.Series(times))


@each(TRANSFORMERS)
def test_dates_are_no_values_of_transformers(estimator):
    with pytest.raises(ValueError, match=r"holds dates or durations \(datetime64\[D\]\)"):
        estimator.fit(DATES[:, np.newaxis])


@pytest.mark.parametrize(
    "dates",
    [
        DATES,
        pd.Series(DATES).dt.tz_localize("UTC"),
        pd.Series(pd.period_range("2020-01", periods=30, freq="M")),
        DATES - DATES[0],
    ],
)
def test_a_column_of_dates_is_named(dates):
    table = pd.DataFrame({"sales": Y, "day": dates})
    with pytest.raises(ValueError, match="Column 'day' of X of WindowLinearRegressor holds dates"):
        WindowLinearRegressor().fit(table, Y)


@each([WindowLinearRegressor(), GRURegressor(2)])
def test_a_column_of_text_is_named(estimator):
    table = pd.DataFrame({"sales": Y, "shop": ["a", "b"] * 15})
    words = rf"Column 'shop' of X of {type(estimator).__name__} holds .* string to float: 'a'"
    with pytest.raises(ValueError, match=words):
        estimator.fit(table, Y)


def test_numbers_in_columns_of_objects_stay_numbers():
    table = pd.DataFrame({"a": Y, "b": Y})
    expected = WindowLinearRegressor().fit(table, Y).predict(table)
    found = WindowLinearRegressor().fit(table.astype(object), Y).predict(table)
    np.testing.assert_array_equal(found, expected)


def test_another_error_of_a_table_with_text_is_not_one_of_text():
    with pytest.raises(ValueError, match="Found array with 0 sample"):
        WindowLinearRegressor().fit(pd.DataFrame({"a": [], "b": []}), [])


# Too large


def test_integers_beyond_a_float():
    with pytest.raises(ValueError, match="X of GRURegressor holds an integer that is too large"):
        GRURegressor(2).fit([[10**400, 1], [2, 3]], [1, 2])


def test_values_beyond_the_type_of_the_network():
    single = X.astype(np.float32)
    model = GRURegressor(2, max_epochs=2, warm_start=True, random_state=0).fit(single, Y)
    large = X.copy()
    large[3, 2] = -1e200
    words = "X of GRURegressor has the value -1e\\+200 in row 3. It is too large for float32"
    with pytest.raises(ValueError, match=words):
        model.predict(large)
    for train in (model.fit, model.partial_fit):
        with pytest.raises(ValueError, match=words):
            train(large, Y)
    with pytest.raises(ValueError, match=r"y of GRURegressor has the value .* in row 0"):
        model.fit(single, 1e300 * np.abs(Y) + 1e300)
    with pytest.raises(ValueError, match="X_val of GRURegressor has the value -1e"):
        model.fit(single, Y, X_val=large, y_val=Y)
    with pytest.raises(ValueError, match="y of GRURegressor contains infinity"):
        model.fit(single, np.where(np.arange(30) == 4, np.inf, Y))
    padded = np.concatenate([np.full((30, 1, 1), np.nan), X], axis=1)
    assert np.isfinite(model.predict(padded)).all()


# True is no number


@pytest.mark.parametrize(
    ("estimator", "name"),
    [
        *((estimator, "lookback") for estimator in (LastSteps(), SlidingWindowTransformer())),
        (SlidingWindowTransformer(), "shift"),
        (SlidingWindowTransformer(), "min_periods"),
        (SeriesImputer(), "max_gap"),
        (GRURegressor(), "hidden_size"),
        (GRURegressor(), "max_epochs"),
        (GRURegressor(), "learning_rate"),
        (NaiveRegressor(), "season_length"),
        (WindowNormalizedRegressor(WindowLinearRegressor()), "season_length"),
        (WindowNormalizedRegressor(WindowLinearRegressor()), "target_feature"),
    ],
)
@pytest.mark.parametrize("value", [True, False])
def test_a_bool_is_no_number(estimator, name, value):
    owner = type(estimator).__name__
    before = getattr(estimator, name)
    with pytest.raises(ValueError, match=f"'{name}' parameter of {owner} must be .* Got {value}"):
        estimator.set_params(**{name: value}).fit(Y[:, np.newaxis], Y)
    estimator.set_params(**{name: before})
