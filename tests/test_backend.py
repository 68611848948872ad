"""Which backend runs: what is asked for, what can be had, and why not."""

import functools
from unittest import mock

import numpy as np
import pytest
import torch
from both_backends import assert_same_state
from sklearn.base import clone
from skorch.callbacks import Callback, EpochScoring, Freezer, GradientNormClipping, LRScheduler

from skrnn import GRURegressor, LSTMRegressor
from skrnn._recurrent import base
from skrnn._recurrent._training import backend
from skrnn._recurrent._training.net import RecurrentNet


class Descent(torch.optim.SGD):
    """Another optimizer than the one that it is made of."""


def regressor(**options):
    return GRURegressor(3, max_epochs=2, random_state=0, **options)


def test_auto_is_the_default_and_says_what_ran(windows):
    assert regressor().backend == "auto"
    for name in ("auto", "compiled"):
        assert regressor(backend=name).fit(*windows).backend_ == "compiled"
    assert regressor(backend="torch").fit(*windows).backend_ == "torch"


class NewHead(Callback):
    def on_epoch_begin(self, net, **kwargs):
        head = net.module_.head
        net.module_.head = torch.nn.Linear(head.in_features, 1).to(head.weight)
        with torch.no_grad():
            net.module_.head.weight.fill_(0.1)
            net.module_.head.bias.zero_()


class TwoRates(Callback):
    def on_epoch_begin(self, net, **kwargs):
        encoder, head = net.module_.encoder.parameters(), net.module_.head.parameters()
        groups = [{"params": encoder, "lr": 0.1}, {"params": head}]
        net.optimizer_ = torch.optim.SGD(groups, lr=0.01)


class WantsGradients(Callback):
    def on_grad_computed(self, net, **kwargs):
        pass


IMPOSSIBLE = {
    "another optimizer": ({"optimizer": torch.optim.Adamax}, "the optimizer Adamax"),
    "a subclass": ({"optimizer": Descent}, "the optimizer Descent"),
    "momentum": (
        {"optimizer": functools.partial(torch.optim.SGD, momentum=0.9)},
        "momentum=0.9",
    ),
    "amsgrad": ({"optimizer": functools.partial(torch.optim.Adam, amsgrad=True)}, "amsgrad=True"),
    "maximize": ({"optimizer": functools.partial(torch.optim.SGD, maximize=True)}, "maximize=True"),
    "centered": (
        {"optimizer": functools.partial(torch.optim.RMSprop, centered=True)},
        "centered=True",
    ),
    "decoupled decay": (
        {
            "optimizer": functools.partial(torch.optim.NAdam, decoupled_weight_decay=True),
            "weight_decay": 0.1,
        },
        "decoupled_weight_decay=True",
    ),
    "frozen": ({"callbacks": [Freezer("encoder*")]}, "frozen"),
    "a new layer": ({"callbacks": [NewHead()]}, "other weights than the network"),
    "two rates": ({"callbacks": [TwoRates()], "optimizer": "sgd"}, "several groups of weights"),
    "gradients": ({"callbacks": [("mine", WantsGradients())]}, "callback 'mine' wants to see"),
    "clipping": ({"callbacks": [GradientNormClipping(1.0)]}, "'GradientNormClipping' wants"),
    "rates of batches": (
        {
            "callbacks": [
                LRScheduler(torch.optim.lr_scheduler.StepLR, step_size=3, step_every="batch")
            ]
        },
        "'LRScheduler' wants",
    ),
    "scores of training": (
        {"callbacks": [EpochScoring("r2", on_train=True)]},
        "'EpochScoring' wants",
    ),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_what_the_compiled_backend_cannot_do(case, windows):
    X, y = windows
    options, reason = IMPOSSIBLE[case]
    model = regressor().fit(X, y)
    before, state = model.predict(X), dict(vars(model))
    model.set_params(backend="compiled", **options)
    with pytest.raises(ValueError, match=f"backend='compiled' is not possible: .*{reason}.*'auto'"):
        model.fit(X, y)
    assert model.net_ is state["net_"]
    assert model.backend_ == "compiled"
    np.testing.assert_array_equal(model.predict(X), before)
    # "auto" does without, and without a word.
    auto, expected = (
        clone(model).set_params(backend=b, **options).fit(X, y) for b in ("auto", "torch")
    )
    assert auto.backend_ == "torch"
    assert auto.loss_curve_ == expected.loss_curve_
    assert_same_state(auto, expected, rtol=0)


def test_another_device(monkeypatch, windows):
    monkeypatch.setattr(base, "check_device", lambda device: None)
    # torch's device without memory: nothing else is everywhere that is not the CPU.
    with pytest.raises(ValueError, match="computes on the CPU, not on device='meta'"):
        regressor(backend="compiled", device="meta").fit(*windows)


@pytest.mark.parametrize("device", ["cpu", "cpu:0", torch.device("cpu")])
def test_the_cpu_has_many_names(device, windows):
    assert regressor(backend="compiled", device=device).fit(*windows).backend_ == "compiled"


def test_auto_takes_torch_where_it_is_faster(monkeypatch, windows):
    monkeypatch.setattr(backend, "is_faster", lambda module, batch_size: False)
    assert regressor().fit(*windows).backend_ == "torch"
    assert regressor(backend="compiled").fit(*windows).backend_ == "compiled"


@pytest.mark.parametrize(
    ("Regressor", "dtype", "units", "batch", "expected"),
    [
        (GRURegressor, "float32", 32, 512, "compiled"),
        (GRURegressor, "float32", 256, 8, "compiled"),
        (GRURegressor, "float64", 256, 32, "torch"),
        (LSTMRegressor, "float64", 256, 8, "compiled"),
        (LSTMRegressor, "float32", 64, 32, "compiled"),
        (LSTMRegressor, "float32", 64, 128, "compiled"),
        (LSTMRegressor, "float32", 64, 256, "torch"),
        (LSTMRegressor, "float32", 256, 1, "torch"),
    ],
)
def test_auto_goes_by_the_size_of_the_product_in_a_step(Regressor, dtype, units, batch, expected):
    X = np.zeros((512, 1, 1), dtype)
    model = Regressor(units, batch_size=batch, max_epochs=1, random_state=0)
    # It is decided before the training.
    with mock.patch.object(RecurrentNet, "fit_loop"):
        model.fit(X, X[:, 0, 0])
    assert model.backend_ == expected


def test_the_backend_may_change_between_epochs(windows):
    class Late(Callback):
        def on_epoch_begin(self, net, **kwargs):
            if len(net.history) == 2:
                net.optimizer_.param_groups[0]["momentum"] = 0.5

    options = {"optimizer": "sgd", "callbacks": [Late()]}
    auto = regressor(**options).fit(*windows)
    assert auto.backend_ == "torch"
    expected = regressor(backend="torch", **options).fit(*windows)
    np.testing.assert_allclose(auto.loss_curve_, expected.loss_curve_, rtol=1e-9)
    with pytest.raises(ValueError, match=r"momentum=0\.5"):
        regressor(backend="compiled", **options).fit(*windows)
