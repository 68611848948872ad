"""Losses against scikit-learn's metrics."""

import numpy as np
import pytest
import torch
from sklearn.metrics import mean_absolute_error, mean_pinball_loss, mean_squared_error

from skrnn import GRURegressor
from skrnn._recurrent._network.losses import LOSSES, WeightedLoss

RNG = np.random.default_rng(0)
Y_TRUE, Y_PRED, WEIGHT = RNG.normal(size=50), RNG.normal(size=50), RNG.uniform(0, 2, size=50)


def huber(y_true, y_pred, sample_weight):
    error = np.abs(y_true - y_pred)
    losses = np.where(error < 0.7, error**2 / 2, 0.7 * (error - 0.35))
    return np.average(losses, weights=sample_weight)


METRICS = {
    "squared_error": mean_squared_error,
    "absolute_error": mean_absolute_error,
    "huber": huber,
    "quantile": lambda *args, sample_weight: mean_pinball_loss(
        *args, sample_weight=sample_weight, alpha=0.9
    ),
}


@pytest.mark.parametrize("name", LOSSES)
def test_loss_is_the_metric_of_that_name(name):
    weight = WEIGHT / WEIGHT.mean()
    loss = WeightedLoss(name, delta=0.7, quantile=0.9)
    found = loss(*(torch.from_numpy(a[:, np.newaxis]) for a in (Y_PRED, Y_TRUE)))
    assert found.item() == pytest.approx(METRICS[name](Y_TRUE, Y_PRED, sample_weight=None))
    found = loss(
        torch.from_numpy(Y_PRED[:, np.newaxis]),
        torch.from_numpy(Y_TRUE[:, np.newaxis]),
        torch.from_numpy(weight),
    )
    assert found.item() == pytest.approx(METRICS[name](Y_TRUE, Y_PRED, sample_weight=weight))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"loss": "squared_error"}, np.mean),
        ({"loss": "absolute_error"}, np.median),
        ({"loss": "quantile", "quantile": 0.9}, lambda y: np.quantile(y, 0.9)),
        ({"loss": "quantile", "quantile": 0.1}, lambda y: np.quantile(y, 0.1)),
        ({"loss": "huber", "huber_delta": 1e3}, np.mean),
        ({"loss": "huber", "huber_delta": 1e-3}, np.median),
    ],
    ids=["squared", "absolute", "quantile 0.9", "quantile 0.1", "huber, squared", "huber, linear"],
)
def test_constant_input_learns_what_the_loss_asks_for(options, expected):
    y = np.random.default_rng(0).exponential(size=400)
    X = np.zeros((400, 2))
    model = GRURegressor(2, max_epochs=150, batch_size=400, learning_rate=0.05, random_state=0)
    if options["loss"] == "huber" and options["huber_delta"] < 1:
        model.set_params(max_epochs=400)  # gradients are no longer than delta
    predicted = model.set_params(**options).fit(X, y).predict(X)
    assert np.ptp(predicted) == 0
    assert predicted[0] == pytest.approx(expected(y), abs=0.05)
