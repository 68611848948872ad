"""skorch's callbacks, torch's schedules, and a user's own: they don't notice the backend."""

import copy
import pickle

import numpy as np
import pytest
import torch
from both_backends import assert_same_state, fit_both, sequences
from sklearn.base import clone
from skorch.callbacks import (
    Callback,
    Checkpoint,
    EarlyStopping,
    EpochScoring,
    Freezer,
    GradientNormClipping,
    LRScheduler,
    ParamMapper,
    Unfreezer,
)

from skrnn import GRURegressor

SCHEDULES = {
    "steps": (torch.optim.lr_scheduler.StepLR, {"step_size": 2, "gamma": 0.3}),
    "cosine": (torch.optim.lr_scheduler.CosineAnnealingLR, {"T_max": 4}),
    "plateau": (
        torch.optim.lr_scheduler.ReduceLROnPlateau,
        {"monitor": "valid_loss", "patience": 0, "threshold": 0.5},
    ),
    "one cycle, with momentum": (
        torch.optim.lr_scheduler.OneCycleLR,
        {"max_lr": 0.1, "total_steps": 10},
    ),
}


def model_with(*callbacks, **options):
    options = {"num_layers": 2, "dropout": 0.2, "batch_size": 8, "max_epochs": 5} | options
    return GRURegressor(4, callbacks=list(callbacks), random_state=0, **options)


def assert_same_fits(model):
    X, y, weight = sequences("many-to-one")
    compiled, expected = fit_both(model, X, y, weight, X_val=X[:9], y_val=y[:9])
    for curve in ("loss_curve_", "validation_loss_curve_"):
        np.testing.assert_allclose(
            getattr(compiled, curve), getattr(expected, curve), rtol=1e-9, err_msg=curve
        )
    assert_same_state(compiled, expected)
    return compiled, expected


@pytest.mark.parametrize("optimizer", ["adam", "nadam", "adagrad", "sgd"])
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_schedules_of_the_learning_rate(schedule, optimizer):
    policy, options = SCHEDULES[schedule]
    if policy is torch.optim.lr_scheduler.OneCycleLR:
        options = options | {"cycle_momentum": optimizer in ("adam", "nadam")}
    compiled, expected = assert_same_fits(
        model_with(LRScheduler(policy, **options), optimizer=optimizer)
    )
    rates = compiled.net_.history[:, "event_lr"]
    assert rates == expected.net_.history[:, "event_lr"]
    assert len(set(rates)) > 1


class Each(Callback):
    """Calls a function of the net at the beginning of each epoch."""

    def __init__(self, function):
        self.function = function

    def on_epoch_begin(self, net, **kwargs):
        self.function(net, len(net.history))


def set_rate(net, epoch):
    net.optimizer_.param_groups[0]["lr"] = 0.02 / epoch


def set_decay(net, epoch):
    net.optimizer_.param_groups[0]["weight_decay"] = 0.01 * epoch


def load_weights(net, epoch):
    state = net.module_.state_dict()
    net.module_.load_state_dict({name: 0.9 * value for name, value in state.items()})


def change_weights_in_place(net, epoch):
    with torch.no_grad():
        for p in net.module_.parameters():
            p.mul_(0.9)


def replace_data(net, epoch):
    for p in net.module_.parameters():
        p.data = 0.9 * p.data


def load_optimizer(net, epoch):
    net.optimizer_.load_state_dict(copy.deepcopy(net.optimizer_.state_dict()))


def forget_moments(net, epoch):
    net.optimizer_.state.clear()


def new_optimizer(net, epoch):
    net.initialize_optimizer()


def less_dropout(net, epoch):
    net.module_.encoder.dropout.p = 0.5 / epoch if epoch % 2 else 0.0


def pickle_everything(net, epoch):
    copied = pickle.loads(pickle.dumps(net))
    for p, other in zip(net.module_.parameters(), copied.module_.parameters(), strict=True):
        assert torch.equal(p, other)


@pytest.mark.parametrize(
    "change",
    [
        set_rate,
        set_decay,
        load_weights,
        change_weights_in_place,
        replace_data,
        load_optimizer,
        forget_moments,
        new_optimizer,
        less_dropout,
        pickle_everything,
    ],
)
def test_what_a_callback_changes_between_epochs_counts(change):
    assert_same_fits(model_with(Each(change)))


class Batches(Callback):
    """Keeps what the history says about each batch."""

    def on_train_begin(self, net, **kwargs):
        self.seen_ = []

    def on_epoch_end(self, net, **kwargs):
        self.seen_.append(copy.deepcopy(net.history[-1]["batches"]))


def test_the_history_of_batches():
    compiled, expected = assert_same_fits(model_with(("batches", Batches())))
    seen = [dict(fit.net_.callbacks_)["batches"].seen_ for fit in (compiled, expected)]
    assert len(seen[0]) == 5
    for found, epoch in zip(*seen, strict=True):
        assert len(found) == len(epoch) > 5
        for batch, other in zip(found, epoch, strict=True):
            assert batch == pytest.approx(other, rel=1e-9)


def test_checkpoints_hold_the_same_weights(tmp_path):
    X, y, _ = sequences("many-to-one")
    model, saved = model_with(), []
    for backend in ("compiled", "torch"):
        checkpoint = Checkpoint(dirname=str(tmp_path / backend), sink=str, monitor=None)
        model.set_params(backend=backend, callbacks=[checkpoint]).fit(X, y)
        saved.append(torch.load(tmp_path / backend / "params.pt", weights_only=True))
        # The memory of a single file holds each weight once.
        size = (tmp_path / backend / "params.pt").stat().st_size
        saved[-1] = saved[-1], size
    assert saved[0][0].keys() == saved[1][0].keys()
    for name, value in saved[0][0].items():
        torch.testing.assert_close(value, saved[1][0][name], rtol=1e-9, atol=1e-12)
    assert saved[0][1] <= saved[1][1]


def score_of_rows(net, rows, y=None):
    return np.abs(net.predict(rows) - rows.y).mean()


@pytest.mark.parametrize("scoring", ["neg_mean_absolute_error", score_of_rows])
def test_scores_of_validation_rows(scoring):
    # Without its cache, EpochScoring passes on the rows as the net has them.
    scoring = EpochScoring(scoring, name="mae", use_caching=isinstance(scoring, str))
    compiled, expected = assert_same_fits(model_with(scoring))
    found, scores = (fit.net_.history[:, "mae"] for fit in (compiled, expected))
    np.testing.assert_allclose(found, scores, rtol=1e-9)
    assert len(set(found)) == 5


def test_scores_of_training_rows():
    scoring = EpochScoring(score_of_rows, name="mae", on_train=True, use_caching=False)
    compiled, expected = assert_same_fits(model_with(scoring))
    found, scores = (fit.net_.history[:, "mae"] for fit in (compiled, expected))
    np.testing.assert_allclose(found, scores, rtol=1e-9)


def test_a_callback_that_stops():
    stopping = EarlyStopping("train_loss", patience=1, threshold=0.5, sink=str)
    compiled, _ = assert_same_fits(model_with(stopping, max_epochs=50))
    assert compiled.n_iter_ < 50


# -- those that need torch, for a while or altogether ---------------------------------


@pytest.mark.parametrize(
    "callback",
    [
        LRScheduler(
            torch.optim.lr_scheduler.OneCycleLR, max_lr=0.1, total_steps=30, step_every="batch"
        ),
        EpochScoring("neg_mean_absolute_error", name="mae", on_train=True),
        GradientNormClipping(0.1),
        Freezer("encoder*"),
    ],
    ids=lambda callback: type(callback).__name__,
)
def test_auto_takes_torch_where_a_callback_needs_it(callback):
    X, y, weight = sequences("many-to-one")
    model = model_with(callback)
    auto, expected = (
        clone(model).set_params(backend=b).fit(X, y, weight) for b in ("auto", "torch")
    )
    assert auto.backend_ == "torch"
    assert auto.loss_curve_ == expected.loss_curve_
    assert_same_state(auto, expected, rtol=0)


@pytest.mark.parametrize("optimizer", ["adam", "nadam", "adagrad", "sgd"])
@pytest.mark.parametrize("freezer", [Freezer, ParamMapper])
def test_weights_that_are_frozen_for_some_epochs(freezer, optimizer):
    X, y, weight = sequences("many-to-one")
    start = (
        Freezer("encoder*")
        if freezer is Freezer
        else ParamMapper("head*", fn=lambda p: p.requires_grad_(False))
    )
    model = model_with(start, Unfreezer(start.patterns, at=3), optimizer=optimizer)
    auto, expected = (
        clone(model).set_params(backend=b).fit(X, y, weight) for b in ("auto", "torch")
    )
    np.testing.assert_allclose(auto.loss_curve_, expected.loss_curve_, rtol=1e-9)
    assert_same_state(auto, expected)
