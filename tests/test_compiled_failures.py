"""Fits that go wrong, or are broken off: both backends end alike."""

import _thread
import threading

import numpy as np
import pytest
from both_backends import assert_same_state, state_of
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from skorch.callbacks import Callback

from skrnn import GRURegressor, LSTMRegressor, RNNRegressor

DIVERGING = {
    "a target far too large": (GRURegressor(3), 1e200),
    "a rate far too large": (GRURegressor(3, optimizer="sgd", learning_rate=1e200), 1),
    "a rate too large for its decay": (
        LSTMRegressor(3, optimizer="adamw", weight_decay=1e200, learning_rate=1e150),
        1,
    ),
    "a rectifier that blows up": (
        RNNRegressor(3, nonlinearity="relu", optimizer="sgd", learning_rate=1e30),
        1,
    ),
    "clipped": (GRURegressor(3, max_grad_norm=1.0), 1e200),
    "absolute errors": (GRURegressor(3, loss="absolute_error", learning_rate=1e308), 1),
    "quantiles": (LSTMRegressor(3, loss="quantile", learning_rate=1e308), 1),
    "huber": (LSTMRegressor(3, loss="huber", learning_rate=1e308), 1),
    "rmsprop": (GRURegressor(3, optimizer="rmsprop", learning_rate=1e200), 1),
    "adagrad": (GRURegressor(3, optimizer="adagrad", learning_rate=1e200), 1),
    "nadam": (GRURegressor(3, optimizer="nadam", learning_rate=1e200), 1),
}


def error_of(model, X, y, **kwargs):
    with pytest.raises(ValueError, match=r"^Training diverged: ") as caught:
        model.fit(X, y, **kwargs)
    return str(caught.value)


@pytest.mark.parametrize("max_epochs", [1, 4])
@pytest.mark.parametrize("case", DIVERGING)
def test_a_diverging_fit_ends_in_the_same_error(case, max_epochs, windows):
    X, y = windows
    model, scale = DIVERGING[case]
    model = clone(model).set_params(max_epochs=max_epochs, batch_size=7, random_state=0)
    errors = [
        error_of(clone(model).set_params(backend=b), X, scale * y) for b in ("compiled", "torch")
    ]
    assert errors[0] == errors[1]


@pytest.mark.parametrize("backend", ["compiled", "torch"])
@pytest.mark.parametrize(
    ("name", "value"),
    [  # an infinite weight of a cell saturates it, in torch as well
        ("encoder.layers.0.weight_ih_l0", np.nan),
        ("encoder.layers.0.weight_hh_l0", np.nan),
        ("head.weight", np.nan),
        ("head.bias", np.nan),
        ("head.weight", np.inf),
        ("head.bias", -np.inf),
    ],
)
@pytest.mark.parametrize("Regressor", [RNNRegressor, GRURegressor, LSTMRegressor])
def test_a_weight_that_is_no_number_is_noticed(Regressor, name, value, backend, windows):
    class Spoil(Callback):
        def on_epoch_begin(self, net, **kwargs):
            dict(net.module_.named_parameters())[name].data.view(-1)[0] = value

    model = Regressor(3, callbacks=[Spoil()], max_epochs=1, backend=backend, random_state=0)
    assert "the training loss is" in error_of(model, *windows)


def test_validation_rows_that_diverge(windows):
    X, y = windows
    model = GRURegressor(3, max_epochs=2, random_state=0)
    errors = [
        error_of(clone(model).set_params(backend=b), X, y, X_val=X, y_val=1e200 * y)
        for b in ("compiled", "torch")
    ]
    assert errors[0] == errors[1]
    assert "the validation loss is inf in epoch 1" in errors[0]


class InterruptLater(Callback):
    """Ctrl-C, in the midst of an epoch."""

    def __init__(self, epoch):
        self.epoch = epoch

    def on_epoch_begin(self, net, **kwargs):
        if len(net.history) == self.epoch:
            threading.Timer(0.3, _thread.interrupt_main).start()


@pytest.mark.parametrize("optimizer", ["adam", "nadam"])
def test_ctrl_c_within_an_epoch_keeps_the_steps_that_were_taken(ctrl_c, optimizer):
    # An epoch of a second or more, in steps of a microsecond.
    X = np.broadcast_to(np.random.default_rng(0).normal(size=(500, 1, 2)), (4000, 500, 1, 2))
    X = X.reshape(-1, 1, 2)
    y = X[:, 0, 0]
    model = LSTMRegressor(
        16, optimizer=optimizer, batch_size=1, shuffle=False, max_epochs=10**6, backend="compiled"
    ).set_params(random_state=0, callbacks=[InterruptLater(1)])
    with pytest.warns(ConvergenceWarning, match="interrupted in epoch 1"):
        model.fit(X, y)
    assert model.loss_curve_ == []
    n_steps = int(next(v for k, v in state_of(model).items() if k.startswith("step")))
    assert 0 < n_steps < len(X)
    same = clone(model).set_params(max_epochs=1, callbacks=None).fit(X[:n_steps], y[:n_steps])
    assert_same_state(model, same, rtol=0)


def test_ctrl_c_in_a_later_epoch_keeps_the_earlier_ones(ctrl_c):
    X = np.random.default_rng(0).normal(size=(300, 20, 2))
    model = LSTMRegressor(32, max_epochs=10**6, backend="compiled", random_state=0)
    model.set_params(callbacks=[InterruptLater(3)])
    with pytest.warns(ConvergenceWarning, match="interrupted in epoch"):
        model.fit(X, X[:, -1, 0])
    assert 2 <= model.n_iter_ == len(model.loss_curve_)
    expected = clone(model).set_params(max_epochs=2, callbacks=None).fit(X, X[:, -1, 0])
    assert model.loss_curve_[:2] == expected.loss_curve_
    assert np.isfinite(model.predict(X)).all()


def test_a_failing_callback_leaves_the_estimator_as_it_was(windows):
    class Fails(Callback):
        def on_epoch_end(self, net, **kwargs):
            if len(net.history) > 2:
                raise RuntimeError("full disk")

    model = GRURegressor(3, max_epochs=2, warm_start=True, backend="compiled", random_state=0)
    model.fit(*windows)
    before = state_of(model)
    with pytest.raises(RuntimeError, match="full disk"):
        model.set_params(callbacks=[Fails()]).fit(*windows)
    assert model.n_iter_ == 2
    for name, value in state_of(model).items():
        np.testing.assert_array_equal(value, before[name])
