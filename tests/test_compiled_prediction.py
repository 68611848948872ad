"""Predictions of a fitted estimator: the same under both backends, for any input."""

import copy

import numpy as np
import pytest
import torch
from both_backends import sequences
from hypothesis import given, settings
from hypothesis import strategies as st

from skrnn import GRURegressor, LSTMRegressor, RNNRegressor
from skrnn._recurrent._training import net as net_module

ARCHITECTURES = ["many-to-one", "encoder-decoder", "many-to-many"]


def predict_both(model, X):
    """Predictions through the compiled backend and through torch."""
    assert model.net_.backend_ == "compiled"
    compiled = model.predict(X)
    through_torch = copy.copy(model)
    through_torch.net_ = copy.deepcopy(model.net_)
    through_torch.net_.backend_ = "torch"
    through_torch.net_._compiled = None  # which is not called
    return compiled, through_torch.predict(X)


def assert_same_predictions(model, X, dtype=np.float64):
    compiled, expected = predict_both(model, X)
    assert compiled.dtype == expected.dtype
    # An output near zero is the difference of larger numbers: their last digits count.
    tolerance = 32 * np.finfo(dtype).eps * np.abs(expected).max()
    np.testing.assert_allclose(compiled, expected, rtol=0, atol=tolerance)


def fitted(Regressor=GRURegressor, architecture="many-to-one", dtype=np.float64, **options):
    X, y, _ = sequences(architecture, dtype=dtype)
    model = Regressor(5, architecture=architecture, max_epochs=2, random_state=0, **options)
    return model.fit(X, y), X


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize(
    ("Regressor", "options"),
    [
        (RNNRegressor, {"nonlinearity": "relu"}),
        (RNNRegressor, {"num_layers": 2}),
        (GRURegressor, {"bidirectional": True, "num_layers": 3, "dropout": 0.5}),
        (LSTMRegressor, {"bidirectional": True}),
    ],
    ids=["rectifier", "tanh", "gru", "lstm"],
)
def test_both_backends_predict_the_same(Regressor, options, architecture, dtype):
    model, X = fitted(Regressor, architecture, dtype, **options)
    assert_same_predictions(model, X, dtype)
    other = {np.float32: np.float64, np.float64: np.float32}[dtype]
    assert_same_predictions(model, X.astype(other), np.float32)


# Some rows here are padding alone, and are compared all the same.
EMPTY = pytest.mark.filterwarnings("ignore:.* has nothing to predict from:UserWarning")


@EMPTY
@settings(max_examples=40, deadline=None)
@given(
    architecture=st.sampled_from(ARCHITECTURES),
    bidirectional=st.booleans(),
    n_timesteps=st.integers(1, 12),
    lengths=st.lists(st.integers(0, 12), min_size=1, max_size=9),
    chunk=st.integers(1, 9),
)
def test_any_number_of_steps_rows_and_chunks(
    architecture, bidirectional, n_timesteps, lengths, chunk
):
    model, _ = FITTED[architecture, bidirectional]
    X = np.random.default_rng(0).normal(size=(len(lengths), n_timesteps, 2))
    for row, length in zip(X, lengths, strict=True):
        row[: max(0, n_timesteps - length)] = np.nan
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(net_module, "PREDICTION_BATCH_SIZE", chunk)
        assert_same_predictions(model, X)


FITTED = {
    (architecture, bidirectional): fitted(architecture=architecture, bidirectional=bidirectional)
    for architecture in ARCHITECTURES
    for bidirectional in (False, True)
}


@EMPTY
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_rows_of_nothing_but_padding(architecture):
    model, X = FITTED[architecture, True]
    empty = np.full_like(X[:3], np.nan)
    assert_same_predictions(model, empty)
    assert_same_predictions(model, np.concatenate((X, empty, X)))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_more_rows_than_are_predicted_at_once(architecture):
    model, _ = FITTED[architecture, False]
    n_rows = 2 * net_module.PREDICTION_BATCH_SIZE + 3
    X = np.random.default_rng(0).normal(size=(n_rows, 5, 2))
    X[7, :3] = X[1500, :4] = X[-1, :2] = np.nan
    assert_same_predictions(model, X)


def unaligned(X):
    buffer = bytearray(X.nbytes + 1)
    shifted = np.frombuffer(buffer, X.dtype, offset=1, count=X.size).reshape(X.shape)
    shifted[:] = X
    assert not shifted.flags.aligned
    return shifted


def read_only(X):
    X = X.copy()
    X.flags.writeable = False
    return X


LAYOUTS = {
    "of every second row": lambda X: np.repeat(X, 2, axis=0)[::2],
    "of rows that run back": lambda X: np.ascontiguousarray(X[::-1])[::-1],
    "column by column": np.asfortranarray,
    "features first": lambda X: np.ascontiguousarray(X.transpose(2, 0, 1)).transpose(1, 2, 0),
    "read-only": read_only,
    "overlapping": lambda X: np.lib.stride_tricks.sliding_window_view(X[:, 0], 6, axis=0).transpose(
        0, 2, 1
    ),
    "unaligned": unaligned,
    "of the other byte order": lambda X: X.astype(X.dtype.newbyteorder()),
    "of integers": lambda X: np.round(3 * X).astype(int),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_arrays_of_any_layout(layout):
    X, y, weight = sequences("many-to-many")
    real = np.isfinite(X[:, 0, 0])
    X, y, weight = X[real], y[real], weight[real]
    given = LAYOUTS[layout](X)
    y, weight = y[: len(given)], weight[: len(given)]
    if layout not in ("overlapping", "of integers"):
        y = LAYOUTS[layout](y)
    plain = [np.array(a, dtype=float, order="C") for a in (given, y, weight)]
    options = {"architecture": "many-to-many", "max_epochs": 2, "random_state": 0}
    model = GRURegressor(4, backend="compiled", **options).fit(given, y, weight)
    expected = GRURegressor(4, backend="compiled", **options).fit(*plain)
    assert model.loss_curve_ == expected.loss_curve_
    np.testing.assert_array_equal(model.predict(given), expected.predict(plain[0]))
    assert_same_predictions(model, given)


def test_predictions_follow_the_weights():
    model, X = fitted()
    before = model.predict(X)
    with torch.no_grad():
        for p in model.net_.module_.parameters():
            p *= 1.5
    assert not np.allclose(model.predict(X), before)
    assert_same_predictions(model, X)
    model.net_.set_params(module__hidden_size=7)  # skorch builds another network
    assert_same_predictions(model, X)
