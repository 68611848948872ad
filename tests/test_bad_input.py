"""Bad input: the error names the rule, the value and the cure, and nothing is lost."""

import os
import resource
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from sklearn.exceptions import NotFittedError
from sklearn.utils._param_validation import InvalidParameterError

from skrnn import (
    GRURegressor,
    LSTMRegressor,
    RNNRegressor,
    SlidingWindowTransformer,
    make_supervised,
)
from skrnn._recurrent._network.device import memory_errors


@pytest.fixture
def model(windows):
    """A fitted regressor, cheap to fit again."""
    return GRURegressor(3, max_epochs=2, random_state=0).fit(*windows)


def put(array, where, value):
    array = array.copy()
    array[where] = value
    return array


BAD_X = {
    "NaN in a window": (
        lambda X: put(X, (4, 3, 1), np.nan),
        r"X of GRURegressor contains NaN at row 4, step 3, feature 1\. .*in front",
    ),
    "NaN after real steps": (
        lambda X: put(X, (0, slice(2, 4)), np.nan),
        r"NaN at row 0, step 2, feature 0",
    ),
    "NaN in one feature of a leading step": (
        lambda X: put(X, (7, 0, 1), np.nan),
        r"NaN at row 7, step 0, feature 1",
    ),
    "infinity": (lambda X: put(X, (5, 0, 0), np.inf), r"infinity .* inf at row 5, step 0"),
    "NaN in a table": (
        lambda X: put(X[:, :, 0], (9, 2), np.nan),
        r"NaN at row 9, column 2.*pad_sequences",
    ),
    "four axes": (lambda X: X[..., np.newaxis], r"n_timesteps, n_features.*dim 4.*\(60, 8, 2, 1\)"),
    "one axis": (lambda X: X[:, 0, 0], "Reshape your data"),
    "unequal lengths": (
        lambda X: [row[: 3 + i % 4] for i, row in enumerate(X)],
        r"unequal lengths, from 3 to 6 steps.*pad_sequences",
    ),
    "unequal lengths in an array": (
        lambda X: pd.Series([row[: 3 + i % 4] for i, row in enumerate(X)]),
        r"unequal lengths, from 3 to 6 steps.*pad_sequences",
    ),
    "strings": (lambda X: np.full((60, 4), "a"), "could not convert string"),
    "no rows": (lambda X: X[:0], r"0 sample\(s\)"),
    "no steps": (lambda X: X[:, :0], r"0 time step"),
    "no features": (lambda X: X[:, :, :0], r"0 feature\(s\)"),
    "sparse": (lambda X: sparse.csr_matrix(X[:, :, 0]), "[Ss]parse"),
    "nothing but padding": (lambda X: np.full_like(X, np.nan), "no row to learn from.*all 60"),
}


@pytest.mark.parametrize("case", BAD_X)
def test_bad_x_in_fit_says_what_and_where_and_changes_nothing(case, model, windows):
    X, y = windows
    spoil, message = BAD_X[case]
    before, state = model.predict(X), dict(vars(model))
    with pytest.raises((ValueError, TypeError), match=message):
        model.fit(spoil(X), y)
    assert vars(model) == state
    np.testing.assert_array_equal(model.predict(X), before)


BAD_Y = {
    "too short": (lambda y: y[:-1], r"inconsistent numbers of samples: \[60, 59\]"),
    "three axes": (lambda y: y.reshape(-1, 1, 1), r"y of shape .* but found shape \(60, 1, 1\)"),
    "NaN": (lambda y: put(y, 11, np.nan), r"y of GRURegressor contains NaN at row 11.*Leave out"),
    "infinity": (lambda y: put(y, 12, -np.inf), r"y of GRURegressor contains infinity.*row 12"),
    "strings": (lambda y: np.full(60, "a"), "could not convert string"),
    "none": (lambda y: None, r"requires y to be passed, but the target y is None"),
    "no outputs": (lambda y: np.empty((60, 0)), r"\(60, 0\)"),
}


@pytest.mark.parametrize("case", BAD_Y)
def test_bad_y_in_fit_says_what_and_where_and_changes_nothing(case, model, windows):
    X, y = windows
    spoil, message = BAD_Y[case]
    state = dict(vars(model))
    with pytest.raises((ValueError, TypeError), match=message):
        model.fit(X, spoil(y))
    assert vars(model) == state


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (np.zeros(60), "at least one (positive|non-zero) number"),
        (np.ones(59), r"shape"),
        (put(np.ones(60), 3, -1), "[Nn]egative"),
        (put(np.ones(60), 3, np.nan), "NaN"),
    ],
)
def test_bad_weights(weight, message, model, windows):
    state = dict(vars(model))
    with pytest.raises(ValueError, match=message):
        model.fit(*windows, sample_weight=weight)
    assert vars(model) == state


def test_bad_validation_rows(model, windows):
    X, y = windows
    for X_val, y_val, message in [
        (X, None, "go together, but y_val is None"),
        (None, y, "go together, but X_val is None"),
        (X[:, :, :1], y, "X_val must have the features of X"),
        (X[:, :, 0], y, "X_val must have the features of X"),
        (X, y[:-1], "X and y_val must have one row"),
        (X, np.column_stack((y, y)), "y_val must have the outputs of y"),
        (put(X, 0, np.inf), y, "infinity"),
        (np.full_like(X, np.nan), y, "nothing but padding"),
    ]:
        with pytest.raises(ValueError, match=message):
            model.fit(X, y, X_val=X_val, y_val=y_val)


def test_features_that_differ_from_fit(model, windows):
    X, _ = windows
    with pytest.raises(ValueError, match="X has 1 features, but GRURegressor is expecting 2"):
        model.predict(X[:, :, :1])
    with pytest.raises(ValueError, match=r"fitted on 3-D X, but X is 2-D.*window\[np\.newaxis\]"):
        model.predict(X[0])
    flat = GRURegressor(3, max_epochs=1, random_state=0).fit(X[:, :, 0], X[:, 0, 0])
    with pytest.raises(ValueError, match="X has 7 features, but GRURegressor is expecting 8"):
        flat.predict(X[:, :7, 0])
    with pytest.raises(ValueError, match="X has 1 features"):
        model.partial_fit(X[:, :, :1], X[:, 0, 0])


def test_outputs_that_differ_from_the_first_partial_fit(model, windows):
    X, y = windows
    with pytest.raises(ValueError, match=r"target_shape was \(1,\) and is \(2,\) now"):
        model.partial_fit(X, np.column_stack((y, y)))


@pytest.mark.parametrize("Regressor", [RNNRegressor, GRURegressor, LSTMRegressor])
def test_predict_before_fit(Regressor, windows):
    with pytest.raises(NotFittedError, match="not fitted yet"):
        Regressor().predict(windows[0])


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("hidden_size", 0),
        ("hidden_size", 2.5),
        ("num_layers", 0),
        ("dropout", 1.0),
        ("architecture", "one-to-none"),
        ("loss", "mse"),
        ("quantile", 1.0),
        ("huber_delta", 0),
        ("optimizer", "lion"),
        ("learning_rate", 0),
        ("weight_decay", -1),
        ("max_grad_norm", 0),
        ("batch_size", 0),
        ("max_epochs", 0),
        ("validation_fraction", 1.0),
        ("n_iter_no_change", 0),
        ("tol", -1),
        ("tol", 1.0),
        ("backend", "jax"),
        ("callbacks", "progress"),
        ("random_state", "x"),
        ("random_state", True),
        ("nonlinearity", "sine"),
    ],
)
def test_unknown_parameter_values(parameter, value, windows):
    model = RNNRegressor(**{parameter: value})
    with pytest.raises(InvalidParameterError, match=f"'{parameter}' parameter .* Got {value!r}"):
        model.fit(*windows)


@pytest.mark.parametrize("backend", ["compiled", "torch"])
@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int64])
@pytest.mark.parametrize("name", ["hidden_size", "batch_size", "max_epochs", "random_state"])
def test_integers_may_be_of_any_type(name, kind, backend, windows):
    X, y = windows
    model = GRURegressor(3, max_epochs=2, random_state=0, backend=backend)
    expected, found = (
        model.set_params(**{name: value}).fit(X, y).predict(X) for value in (7, kind(7))
    )
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("optimizer", "message"),
    [
        (
            lambda weights: None,
            r"created: .*argument 'lr'.*optimizer\(weights, lr=0.01\)",
        ),
        (lambda weights, lr, momentum: None, r"cannot be created: .*'momentum'"),
        (partial(torch.optim.Adam, wrong=1), r"cannot be created: .*argument 'wrong'"),
        (partial(torch.optim.SGD, momentum=-1), r"cannot be created: Invalid momentum value: -1"),
        (partial(torch.optim.Adam, lr=0.1), r"sets lr=0\.1, but learning_rate=0\.01 replaces it"),
        (torch.nn.Linear, r"cannot be created: .*Pass a class of torch\.optim"),
        (lambda weights, lr: None, r"must return an optimizer .* but returns None"),
    ],
)
def test_useless_optimizers(optimizer, message, model, windows):
    before = model.predict(windows[0])
    with pytest.raises(ValueError, match=message):
        model.set_params(optimizer=optimizer).fit(*windows)
    np.testing.assert_array_equal(model.predict(windows[0]), before)


@pytest.mark.parametrize("device", ["gpu", "cuda:99", "meta", ""])
def test_unknown_device(device, model, windows):
    before = model.predict(windows[0])
    with pytest.raises(ValueError, match=f"device='{device}'.*'cpu'"):
        model.set_params(device=device).fit(*windows)
    np.testing.assert_array_equal(model.predict(windows[0]), before)


def test_diverging_fit_names_the_epoch_and_the_causes_and_changes_nothing(model, windows):
    X, y = windows
    before = model.predict(X)
    message = r"diverged: the training loss is (nan|inf) in epoch \d.*scaled.*learning_rate.*1e\+30"
    model.set_params(learning_rate=1e30, optimizer="sgd", batch_size=5)
    for train in (model.fit, model.partial_fit):
        with pytest.raises(ValueError, match=message):
            train(X, 1e200 * y)
        np.testing.assert_array_equal(model.predict(X), before)
        assert model.n_iter_ == 2


def test_a_last_step_too_far_is_noticed_too(windows):
    X, y = windows
    model = RNNRegressor(
        3, nonlinearity="relu", optimizer="sgd", learning_rate=1e20, batch_size=60, random_state=0
    )
    with pytest.raises(ValueError, match="diverged: predictions are not finite in epoch 1"):
        model.partial_fit(X.astype(np.float32), y)
    assert not hasattr(model, "net_")


def test_constant_columns_and_a_constant_target_work():
    X, y = np.full((30, 5, 2), 3.0), np.full(30, 7.0)
    model = GRURegressor(4, learning_rate=0.1, max_epochs=100, random_state=0).fit(X, y)
    np.testing.assert_allclose(model.predict(X), 7.0, atol=0.05)


def test_one_row_works_unless_rows_have_to_be_held_out():
    X, y = np.ones((1, 4, 1)), np.ones(1)
    assert RNNRegressor(2, max_epochs=1, random_state=0).fit(X, y).predict(X).shape == (1,)
    with pytest.raises(ValueError, match=r"n_samples=1 usable row\(s\) leaves 0 for training"):
        RNNRegressor(2, early_stopping=True).fit(X, y)


@pytest.mark.filterwarnings("ignore:No row has a full window:UserWarning")
def test_lookback_longer_than_the_series_works_masked():
    series = np.sin(np.arange(20.0))
    X, y = make_supervised(series)
    windows = SlidingWindowTransformer(lookback=50).fit_transform(X)
    model = GRURegressor(3, max_epochs=2, random_state=0).fit(windows, y)
    whole = model.predict(windows)
    np.testing.assert_allclose(whole, model.predict(windows[:, -19:]), rtol=1e-10)


# -- memory --------------------------------------------------------------------


def test_a_network_larger_than_any_machine_says_how_large():
    # 3 gates times (1 + 10**7) inputs times 10**7 units, of 8 bytes
    with pytest.raises(MemoryError, match=r"fit ran out of memory.*\d{15}.*smaller hidden_size"):
        GRURegressor(hidden_size=10**7).fit(np.ones((4, 3)), np.ones(4))


@pytest.mark.filterwarnings("ignore:No row has a full window:UserWarning")
def test_windows_larger_than_the_machine_say_how_large():
    X = np.ones((1000, 1))
    with pytest.raises(MemoryError, match=r"lookback=1000000000000000 .* GiB.*shorter lookback"):
        SlidingWindowTransformer(lookback=10**15).fit_transform(X)


@pytest.mark.skipif(sys.platform != "linux", reason="limits the address space of a process")
def test_torch_running_out_of_memory_is_a_memory_error(windows):
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    used = pages * os.sysconf("SC_PAGE_SIZE")
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + 2**30, limits[1]))
    try:
        with pytest.raises(MemoryError, match=r"GRURegressor.fit ran out of memory.*\d{6,}"):
            GRURegressor(hidden_size=20_000, max_epochs=1).fit(*windows)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)


def test_other_errors_of_torch_are_not_called_memory_errors():
    with pytest.raises(RuntimeError, match="shapes"), memory_errors("GRURegressor.fit"):
        torch.ones(2, 3) @ torch.ones(2, 3)
