"""What is not a number, or too large for one, is an error that names it."""

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import MinMaxScaler

from skrnn import (
    GRURegressor,
    LastSteps,
    NaiveRegressor,
    PretrainedGRURegressor,
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
    PretrainedGRURegressor(),
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


# What is no array of numbers


class Unreadable:
    """As a tensor of a type that NumPy does not have."""

    def __array__(self, dtype=None, copy=None):
        raise TypeError("Got unsupported ScalarType BFloat16")


NO_ARRAYS = {
    "text": (["a"] * 30, r"of type list, cannot be read .* string to float: 'a'\)\. Pass an array"),
    "a dictionary": ({"a": Y}, "of type dict, cannot be read as numbers"),
    "a generator": ((v for v in Y), "of type generator, cannot be read as numbers"),
    "unequal lengths": ([[1.0] * (1 + i % 2) for i in range(30)], "of type list, cannot be read"),
    "an unknown type": (Unreadable(), "of type Unreadable, cannot be read .*BFloat16"),
    "named fields": (np.array([(1.0, 2.0)] * 30, dtype="f8,f8"), "of type ndarray, cannot be read"),
    "complex numbers": (Y + 1j, "holds complex numbers"),
}


@each(REGRESSORS)
@pytest.mark.parametrize("case", NO_ARRAYS)
def test_what_is_no_array_of_numbers(case, estimator):
    value, words = NO_ARRAYS[case]
    name = type(estimator).__name__
    for arguments, argument in (((X, value), "y"), ((X, Y, value), "sample_weight")):
        with pytest.raises((ValueError, TypeError), match=f"{argument} of {name}.* ?{words}"):
            estimator.fit(*arguments)
    with pytest.raises((ValueError, TypeError), match=f"y of {name}.* ?{words}"):
        estimator.fit(X, Y).score(X, value)
    if case != "unequal lengths":
        with pytest.raises((ValueError, TypeError), match=f"X of {name}.* ?{words}"):
            estimator.fit(value, Y)


def test_a_tensor_with_a_gradient_names_the_cure():
    torch = pytest.importorskip("torch")
    tensor = torch.tensor(X, requires_grad=True)
    with pytest.raises(
        ValueError, match=r"of type Tensor, .*Pass X\.detach\(\)\.cpu\(\)\.float\(\)"
    ):
        NaiveRegressor().fit(tensor, Y)


@each(REGRESSORS)
def test_none_is_no_array(estimator):
    with pytest.raises(ValueError, match=f"X of {type(estimator).__name__} is None"):
        estimator.fit(None, Y)


@each(REGRESSORS)
def test_sparse_columns_are_named(estimator):
    table = pd.DataFrame({"sales": pd.arrays.SparseArray(Y), "price": Y})
    with pytest.raises(TypeError, match=r"Column 'sales' of X of .* sparse.*to_dense\(\)"):
        estimator.fit(table, Y)


# Weights, and targets of score, are numbers as well


@each(REGRESSORS)
def test_masked_and_dated_weights_are_refused(estimator):
    with pytest.raises(ValueError, match=r"sample_weight of .* is a masked array with 2 masked"):
        estimator.fit(X, Y, masked(np.ones(30)))
    with pytest.raises(ValueError, match=r"sample_weight of .* holds dates or durations"):
        estimator.fit(X, Y, DATES)


@each(REGRESSORS)
def test_score_checks_targets_and_weights(estimator):
    estimator.fit(X, Y)
    for target, words in (
        (masked(Y), "y of .* is a masked array with 2 masked"),
        (DATES, "y of .* holds dates or durations"),
        (np.where(np.arange(30) == 4, np.nan, Y), "y of .* contains NaN at row 4"),
        (np.column_stack((Y, Y)), r"shape of the predictions, \(30,\), but has shape \(30, 2\)"),
    ):
        with pytest.raises(ValueError, match=words):
            estimator.score(X, target)
    for weight, words in (
        (masked(np.ones(30)), "sample_weight of .* is a masked array"),
        (-np.ones(30), "Negative values"),
        (np.zeros(30), "at least one"),
    ):
        with pytest.raises(ValueError, match=words):
            estimator.score(X, Y, weight)
    assert estimator.score(X, Y[:, np.newaxis]) == estimator.score(X, Y)  # a column of one output


# Too large or too small to compute with


@each(REGRESSORS[1:])
@pytest.mark.parametrize("size", [1e200, 1e-200])
def test_values_whose_squares_are_no_numbers(estimator, size):
    kind = "large" if size > 1 else "small"
    name = type(estimator).__name__
    with pytest.raises(ValueError, match=f"X of {name} is too {kind} to compute with: .*e[+-]"):
        estimator.fit(size * X, Y)
    with pytest.raises(ValueError, match=f"y of {name} is too {kind} to compute with: .* Scale"):
        estimator.fit(X, size * Y)
    with pytest.raises(ValueError, match=f"sample_weight of {name} is too {kind}"):
        estimator.fit(X, Y, np.full(30, size))


def test_sizes_that_can_be_computed_with():
    for size in (1e100, 1e-100):
        found = WindowLinearRegressor().fit(size * X, size * Y).predict(size * X)
        np.testing.assert_allclose(found / size, Y)
    assert WindowLinearRegressor().fit(0 * X, 0 * Y).predict(0 * X).max() == 0


def test_targets_beyond_the_type_of_the_predictions():
    with pytest.raises(ValueError, match=r"y of WindowLinearRegressor has the value .* float32"):
        WindowLinearRegressor().fit(X.astype(np.float32), 1e100 * np.abs(Y) + 1e100)
