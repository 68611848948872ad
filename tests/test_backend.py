"""Which backend runs: what is asked for, what can be had, and why not."""

import functools
import pickle
import subprocess
import sys
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
        (LSTMRegressor, "float32", 64, 64, "torch"),
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


# -- numba ---------------------------------------------------------------------------

FIT = """
import pickle, sys, warnings
import numpy as np
warnings.simplefilter("error")
# Old releases of torch leave a temporary folder to be removed at the end.
warnings.simplefilter("ignore", ResourceWarning)
import skrnn
from skrnn import GRURegressor
def numba_is_loaded():
    return sys.modules.get("numba") is not None
"""

WITHOUT_NUMBA = """
X = np.random.default_rng(0).normal(size=(50, 6, 2))
y = X[:, -1, 0]
model = GRURegressor(4, max_epochs=3, early_stopping=True, random_state=0)
model.fit(X, y).set_params(early_stopping=False).partial_fit(X, y)
assert model.backend_ == "torch", model.backend_
assert np.isfinite(model.score(X, y))
try:
    GRURegressor(backend="compiled").fit(X, y)
except ValueError as error:
    print(error)
fitted_elsewhere = pickle.loads(sys.stdin.buffer.read())
assert fitted_elsewhere.backend_ == "compiled"
print(fitted_elsewhere.predict(X).tobytes().hex())
print(fitted_elsewhere.partial_fit(X, y).backend_)
"""

HIDDEN = "import sys; sys.modules['numba'] = None\n"

# As numba's releases for another Python, NumPy or machine fail.
BROKEN = """
import importlib.abc, importlib.machinery, sys
class Broken(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name == "numba":
            return importlib.machinery.ModuleSpec(name, self)
    def exec_module(self, module):
        raise ImportError("needs NumPy 2.0")
sys.meta_path.insert(0, Broken())
"""


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (HIDDEN, "numba is not installed"),
        (BROKEN, "numba cannot be imported (needs NumPy 2.0)"),
    ],
    ids=["absent", "of another NumPy"],
)
def test_without_numba_everything_works_through_torch(prepare, reason):
    X = np.random.default_rng(0).normal(size=(50, 6, 2))
    y = X[:, -1, 0]
    compiled = regressor(backend="compiled").fit(X, y)
    run = subprocess.run(
        [sys.executable, "-c", prepare + FIT + WITHOUT_NUMBA],
        input=pickle.dumps(compiled.set_params(backend="auto")),
        capture_output=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, b"")
    error, predicted, backend = run.stdout.decode().splitlines()
    assert pytest.approx(compiled.predict(X), rel=1e-9) == np.frombuffer(bytes.fromhex(predicted))
    assert backend == "torch"
    assert f"is not possible: {reason}." in error


def test_numba_switched_off(monkeypatch, windows):
    backend.why_no_numba.cache_clear()
    monkeypatch.setattr("numba.config.DISABLE_JIT", 1)
    try:
        assert regressor().fit(*windows).backend_ == "torch"
        with pytest.raises(ValueError, match="is not possible: NUMBA_DISABLE_JIT is set"):
            regressor(backend="compiled").fit(*windows)
    finally:
        backend.why_no_numba.cache_clear()


def run_and_print(code):
    run = subprocess.run(
        [sys.executable, "-c", FIT + code], capture_output=True, text=True, check=True
    )
    assert run.stderr == ""
    return run.stdout


def test_numba_is_not_imported_before_it_is_needed():
    shown = run_and_print("""
print(numba_is_loaded())
X = np.random.default_rng(0).normal(size=(50, 6, 2))
GRURegressor(4, max_epochs=1, backend="torch").fit(X, X[:, -1, 0]).predict(X)
print(numba_is_loaded())
import torch
GRURegressor(4, max_epochs=1, optimizer=torch.optim.Adamax).fit(X, X[:, -1, 0]).predict(X)
print(numba_is_loaded())
GRURegressor(4, max_epochs=1).fit(X, X[:, -1, 0]).predict(X)
print(numba_is_loaded())
""")
    assert shown.split() == ["False", "False", "False", "True"]
