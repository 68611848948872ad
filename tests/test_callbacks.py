"""skorch's callbacks, passed through."""

import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch
from sklearn.exceptions import ConvergenceWarning
from skorch.callbacks import (
    Callback,
    Checkpoint,
    EarlyStopping,
    EpochScoring,
    Freezer,
    InputShapeSetter,
    LRScheduler,
    TrainEndCheckpoint,
)

from skrnn import GRURegressor


class Recorder(Callback):
    def __init__(self):
        self.seen = []

    def on_epoch_end(self, net, **kwargs):
        self.seen.append((net.history[-1, "train_loss"], len(net.history[-1, "batches"])))


def test_a_callback_sees_every_epoch_and_its_batches(windows):
    model = GRURegressor(3, max_epochs=4, batch_size=20, callbacks=[Recorder()], random_state=0)
    model.fit(*windows)
    recorder = dict(model.net_.callbacks_)["Recorder"]
    assert [loss for loss, _ in recorder.seen] == model.loss_curve_
    assert {n_batches for _, n_batches in recorder.seen} == {3}
    assert all(epoch["batches"] == [] for epoch in model.net_.history.to_list())


def test_learning_rate_scheduler(windows):
    scheduler = LRScheduler(torch.optim.lr_scheduler.StepLR, step_size=1, gamma=0.5)
    model = GRURegressor(3, max_epochs=3, learning_rate=0.08, random_state=0)
    model.set_params(callbacks=[scheduler]).fit(*windows)
    assert model.net_.history[:, "event_lr"] == pytest.approx([0.08, 0.04, 0.02])


def test_epoch_scoring_on_validation_rows(windows):
    X, y = windows
    scoring = EpochScoring("neg_mean_squared_error", name="negative_mse", lower_is_better=False)
    model = GRURegressor(3, max_epochs=3, callbacks=[scoring], random_state=0)
    model.fit(X, y, X_val=X[:20], y_val=y[:20])
    np.testing.assert_allclose(
        -np.array(model.net_.history[:, "negative_mse"]), model.validation_loss_curve_, rtol=1e-9
    )


def test_epoch_scoring_on_training_rows_pairs_predictions_with_their_targets(windows):
    X, y = windows
    scoring = EpochScoring("neg_mean_absolute_error", name="mae", on_train=True)
    model = GRURegressor(3, max_epochs=1, batch_size=8, learning_rate=1e-300, random_state=0)
    model.set_params(callbacks=[scoring]).fit(X, y)
    expected = -np.abs(model.predict(X) - y).mean()
    assert model.net_.history[-1, "mae"] == pytest.approx(expected, rel=1e-9)


def test_a_callback_may_stop_the_training_without_a_warning(windows):
    stopping = EarlyStopping(monitor="train_loss", patience=1, threshold=0.999, sink=print)
    model = GRURegressor(3, max_epochs=50, callbacks=[stopping], random_state=0).fit(*windows)
    assert 1 < model.n_iter_ < 50


def test_a_fit_leaves_the_callbacks_that_it_was_given_alone(windows):
    recorder = Recorder()
    for _ in range(2):
        model = GRURegressor(3, max_epochs=4, callbacks=[("mine", recorder)], random_state=0)
        model.fit(*windows)
        assert recorder.seen == []
        assert len(dict(model.net_.callbacks_)["mine"].seen) == 4


def test_checkpoint_finds_what_it_monitors(windows, tmp_path):
    X, y = windows
    checkpoint = Checkpoint(dirname=str(tmp_path), sink=str)
    model = GRURegressor(3, max_epochs=3, callbacks=[checkpoint], random_state=0)
    model.fit(X, y, X_val=X[:20], y_val=y[:20])
    best = np.argmin(model.validation_loss_curve_) == np.arange(3)
    assert model.net_.history[:, "valid_loss_best"][-1] == best[-1]
    assert (tmp_path / "params.pt").exists()
    at_end = TrainEndCheckpoint(dirname=str(tmp_path / "end"), sink=str)
    model.set_params(callbacks=[at_end]).fit(X, y)
    assert any((tmp_path / "end").iterdir())


@pytest.mark.parametrize("item", [3, "progress", ("name", "progress"), torch.nn.Linear])
def test_what_is_no_callback_is_refused(item, windows):
    with pytest.raises(ValueError, match="callbacks of skorch"):
        GRURegressor(3, callbacks=[item]).fit(*windows)


@pytest.mark.parametrize("name", ["a__b", "", 1, None])
def test_names_that_cannot_be_part_of_a_parameter_are_refused(name, windows):
    with pytest.raises(ValueError, match=f"name of a callback must be .* but is {name!r}"):
        GRURegressor(3, callbacks=[(name, Recorder())]).fit(*windows)


@pytest.mark.parametrize("callback", [InputShapeSetter, InputShapeSetter()])
def test_the_shape_is_set_already(callback, windows):
    with pytest.raises(ValueError, match="InputShapeSetter cannot be used"):
        GRURegressor(3, callbacks=[callback]).fit(*windows)


class Predict(Callback):
    """Takes the net for one of skorch's own."""

    def on_epoch_end(self, net, **kwargs):
        net.predict(np.zeros((3, 8, 2)))


def test_the_net_says_what_it_predicts(windows):
    with pytest.raises(TypeError, match=r"rows in skrnn's own form, not a ndarray"):
        GRURegressor(3, callbacks=[Predict()]).fit(*windows)


class Logger(Callback):
    def __init__(self, stream):
        self.stream = stream


def test_a_callback_that_cannot_be_copied(windows):
    with pytest.raises(TypeError, match=r"can be copied.* cannot pickle 'generator'"):
        GRURegressor(3, callbacks=[Logger(line for line in "log")]).fit(*windows)


@pytest.mark.parametrize("backend", ["auto", "torch"])
def test_a_network_that_is_frozen_as_a_whole(backend, windows):
    model = GRURegressor(3, callbacks=[Freezer("*")], backend=backend)
    with pytest.raises(ValueError, match="All weights of the network are frozen"):
        model.fit(*windows)


class Interrupt(Callback):
    """The user's Ctrl-C in the middle of an epoch."""

    def on_batch_end(self, net, **kwargs):
        if len(net.history) == 3 and kwargs["training"]:
            raise KeyboardInterrupt


@pytest.mark.parametrize("early_stopping", [False, True])
def test_interrupt_keeps_what_was_learned_and_says_so(windows, early_stopping):
    X, y = windows
    model = GRURegressor(
        8, max_epochs=50, batch_size=10, callbacks=[Interrupt()], early_stopping=early_stopping
    ).set_params(random_state=0)
    with pytest.warns(ConvergenceWarning, match=r"interrupted in epoch 3.*keeps the weights"):
        model.fit(X, y)
    assert model.n_iter_ == len(model.loss_curve_) == 2
    untrained = GRURegressor(8, max_epochs=1, learning_rate=1e-300, random_state=0).fit(X, y)
    assert model.score(X, y) > untrained.score(X, y)


CTRL_C = """
import os, signal, warnings
import numpy as np
from skorch.callbacks import Callback
from skrnn import GRURegressor

# A process in the background may have inherited that SIGINT is ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)

class SlowAtTheEnd(Callback):
    def on_epoch_end(self, net, **kwargs):
        if len(net.history) == 4:
            os.kill(os.getpid(), signal.SIGINT)
            for _ in range(10**6):
                pass

X = np.random.default_rng(0).normal(size=(40, 5, 1))
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    model = GRURegressor(3, max_epochs=50, callbacks=[SlowAtTheEnd()], random_state=0)
    model.fit(X, X[:, -1, 0])
print(model.n_iter_, [str(w.message) for w in caught if "interrupted" in str(w.message)])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT as POSIX does")
def test_ctrl_c_within_a_callback_is_not_taken_for_its_wish_to_stop():
    run = subprocess.run([sys.executable, "-c", CTRL_C], capture_output=True, text=True, check=True)
    assert run.stdout.startswith("4 ['Training was interrupted in epoch 4")


@pytest.fixture
def pressed():
    """What a handler of the user's noted, installed in place of Python's."""
    pressed = []
    earlier = signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number))
    yield pressed
    signal.signal(signal.SIGINT, earlier)


class PressCtrlC(Callback):
    def on_epoch_end(self, net, **kwargs):
        signal.raise_signal(signal.SIGINT)


def test_the_handler_of_the_user_is_called_and_stays_installed(pressed, windows):
    handler = signal.getsignal(signal.SIGINT)
    model = GRURegressor(3, max_epochs=3, callbacks=[PressCtrlC()], random_state=0).fit(*windows)
    assert model.n_iter_ == len(pressed) == 3
    assert signal.getsignal(signal.SIGINT) is handler


@pytest.mark.parametrize("handler", [signal.SIG_IGN, signal.SIG_DFL])
def test_a_handler_that_is_no_function_stays_installed(handler, pressed, windows):
    signal.signal(signal.SIGINT, handler)
    callbacks = [PressCtrlC()] if handler is signal.SIG_IGN else []
    model = GRURegressor(3, max_epochs=2, callbacks=callbacks, random_state=0).fit(*windows)
    assert model.n_iter_ == 2
    assert signal.getsignal(signal.SIGINT) is handler


def test_a_callback_may_stop_the_training_in_another_thread(windows):
    stopping = EarlyStopping(monitor="train_loss", patience=1, threshold=0.999, sink=print)
    model = GRURegressor(3, max_epochs=50, callbacks=[stopping], random_state=0)
    thread = threading.Thread(target=model.fit, args=windows)
    thread.start()
    thread.join()
    assert 1 < model.n_iter_ < 50
