"""Looking into fitted estimators."""

import numpy as np
import pytest
import torch
from sklearn.pipeline import make_pipeline

from skrnn import (
    GRURegressor,
    LSTMRegressor,
    ResidualRegressor,
    RNNRegressor,
    SlidingWindowTransformer,
)
from skrnn.inspection import summary


def fitted(Regressor, shape, **options):
    X = np.zeros((6, 10, 3))
    return Regressor(4, max_epochs=1, random_state=0, **options).fit(X, np.zeros((6, *shape)))


def test_the_network_of_the_second_tutorial():
    model = fitted(GRURegressor, (18,), architecture="encoder-decoder", bidirectional=True)
    table = summary(model)
    assert list(table.index) == ["encoder.layers.0", "decoder.layers.0", "head"]
    assert list(table["kind"]) == ["bidirectional GRU", "bidirectional GRU", "Linear"]
    assert list(table["input"]) == [
        "(n_samples, n_timesteps, 3)",
        "(n_samples, 18, 8)",
        "(n_samples, 18, 8)",
    ]
    assert list(table["output"]) == [
        "(n_samples, n_timesteps, 8)",
        "(n_samples, 18, 8)",
        "(n_samples, 18, 1)",
    ]
    # Three gates in two directions, each of input, state and two biases.
    assert list(table["parameters"]) == [2 * 12 * (3 + 4 + 2), 2 * 12 * (8 + 4 + 2), 9]


@pytest.mark.parametrize("Regressor", [RNNRegressor, GRURegressor, LSTMRegressor])
@pytest.mark.parametrize(
    ("architecture", "shape", "output"),
    [
        ("many-to-one", (2,), "(n_samples, 2)"),
        ("encoder-decoder", (5, 2), "(n_samples, 5, 2)"),
        ("many-to-many", (10, 2), "(n_samples, n_timesteps, 2)"),
    ],
)
def test_every_weight_is_counted_once(Regressor, architecture, shape, output):
    model = fitted(Regressor, shape, architecture=architecture, num_layers=2, dropout=0.5)
    table = summary(model)
    n_weights = sum(weight.numel() for weight in model.net_.module_.parameters())
    assert table["parameters"].sum() == n_weights
    assert table.loc["head", "output"] == output
    assert "encoder.layers.1" in table.index


def test_the_estimator_is_left_alone():
    model = fitted(LSTMRegressor, (), num_layers=2, dropout=0.5)
    X = np.random.default_rng(0).normal(size=(6, 10, 3))
    before, generator = model.predict(X), torch.get_rng_state()
    summary(model)
    assert torch.equal(torch.get_rng_state(), generator)
    assert not any(layer._forward_hooks for layer in model.net_.module_.modules())
    np.testing.assert_array_equal(model.predict(X), before)


@pytest.mark.parametrize(
    "model",
    [
        GRURegressor(),
        make_pipeline(SlidingWindowTransformer(), GRURegressor()),
        ResidualRegressor(GRURegressor()),
    ],
)
def test_without_a_network_the_error_says_what_to_pass(model):
    words = rf"{type(model).__name__} has no network.*fit.*pipeline\[-1\].*regressor_"
    with pytest.raises(TypeError, match=words):
        summary(model)
