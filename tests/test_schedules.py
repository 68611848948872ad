"""Schedules of the learning rate and optimizers' options when training continues."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from skorch.callbacks import Callback, LRScheduler
from torch.optim import lr_scheduler

from skrnn import GRURegressor


class Power:
    """A schedule that is an object, which each fit copies."""

    def __init__(self, base):
        self.base = base

    def __call__(self, epoch):
        return self.base**epoch


def one_after_the_other(optimizer, last_epoch=-1):
    first = lr_scheduler.ConstantLR(optimizer, 0.1, 2)
    second = lr_scheduler.ExponentialLR(optimizer, 0.9)
    return lr_scheduler.SequentialLR(optimizer, [first, second], [2], last_epoch=last_epoch)


def at_once(optimizer, last_epoch=-1):
    return lr_scheduler.ChainedScheduler(
        [lr_scheduler.ConstantLR(optimizer, 0.1, 4), lr_scheduler.ExponentialLR(optimizer, 0.9)]
    )


CYCLE = {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 2}
SCHEDULES = {
    "step": (lr_scheduler.StepLR, {"step_size": 2, "gamma": 0.5}),
    "milestones": (lr_scheduler.MultiStepLR, {"milestones": [2, 4]}),
    "constant": (lr_scheduler.ConstantLR, {"total_iters": 4}),
    "linear": (lr_scheduler.LinearLR, {"total_iters": 4}),
    "exponential": (lr_scheduler.ExponentialLR, {"gamma": 0.8}),
    "polynomial": (lr_scheduler.PolynomialLR, {"total_iters": 5}),
    "cosine": (lr_scheduler.CosineAnnealingLR, {"T_max": 4}),
    "restarts": (lr_scheduler.CosineAnnealingWarmRestarts, {"T_0": 2}),
    "function": (lr_scheduler.LambdaLR, {"lr_lambda": lambda epoch: 0.9**epoch}),
    "object": (lr_scheduler.LambdaLR, {"lr_lambda": Power(0.9)}),
    "factor": (lr_scheduler.MultiplicativeLR, {"lr_lambda": lambda epoch: 0.9}),
    "plateau": (
        lr_scheduler.ReduceLROnPlateau,
        {"patience": 0, "threshold": 0.5, "monitor": "train_loss"},
    ),
    "cyclic": (lr_scheduler.CyclicLR, CYCLE),
    "cyclic, own scale": (lr_scheduler.CyclicLR, CYCLE | {"scale_fn": Power(0.9)}),
    "one cycle": (lr_scheduler.OneCycleLR, {"max_lr": 0.1, "total_steps": 6}),
    "sequence": (one_after_the_other, {}),
    "chain": (at_once, {}),
    "skorch's": ("WarmRestartLR", {"min_lr": 0.01, "max_lr": 0.2, "base_period": 4}),
    "each batch": (lr_scheduler.StepLR, {"step_size": 5, "step_every": "batch"}),
}


def model_with(*callbacks, **options):
    options = {"max_epochs": 3, "learning_rate": 0.05, "warm_start": True} | options
    return GRURegressor(3, callbacks=list(callbacks), random_state=0, **options)


# SequentialLR of torch 2.6 calls its schedules in a way that it deprecates itself.
@pytest.mark.filterwarnings("ignore:The epoch parameter in `scheduler.step:UserWarning")
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_k_epochs_and_k_more_are_2k_epochs(schedule, optimizer, windows):
    policy, options = SCHEDULES[schedule]
    if policy in (lr_scheduler.CyclicLR, lr_scheduler.OneCycleLR) and optimizer == "sgd":
        options = options | {"cycle_momentum": False}
    model = model_with(LRScheduler(policy, **options), optimizer=optimizer)
    whole = model.set_params(max_epochs=6).fit(*windows)
    halves = model_with(*model.callbacks, optimizer=optimizer).fit(*windows).fit(*windows)
    steps = model_with(*model.callbacks, optimizer=optimizer).fit(*windows)
    for _ in range(3):
        steps.partial_fit(*windows)
    for continued in (halves, steps):
        assert continued.loss_curve_ == whole.loss_curve_
        assert_array_equal(continued.predict(windows[0]), whole.predict(windows[0]))
    if "step_every" not in options:
        assert halves.net_.history[:, "event_lr"] == whole.net_.history[:, "event_lr"]


class Shrink(Callback):
    """Changes the options of the optimizer itself."""

    def on_epoch_end(self, net, **kwargs):
        for group in net.optimizer_.param_groups:
            group["lr"] *= 0.5
            group["weight_decay"] += 0.01


def test_what_a_callback_has_changed_is_kept(windows):
    whole = model_with(Shrink(), max_epochs=6).fit(*windows)
    halves = model_with(Shrink()).fit(*windows).fit(*windows)
    assert halves.loss_curve_ == whole.loss_curve_
    (group,) = halves.net_.optimizer_.param_groups
    assert group["lr"] == 0.05 * 0.5**6


def rates_of(model):
    return model.net_.history[:, "event_lr"]


def test_a_new_learning_rate_starts_the_schedule_anew(windows):
    model = model_with(LRScheduler(lr_scheduler.ExponentialLR, gamma=0.5)).fit(*windows)
    model.set_params(learning_rate=0.02).fit(*windows)
    assert rates_of(model) == pytest.approx([0.05, 0.025, 0.0125, 0.02, 0.01, 0.005])


def test_a_new_rate_after_a_plateau_counts(windows):
    plateau = LRScheduler("ReduceLROnPlateau", patience=0, threshold=0.9)
    model = model_with(plateau, max_epochs=6).fit(*windows)
    assert model.net_.optimizer_.param_groups[0]["lr"] < 1e-4
    model.set_params(learning_rate=0.02, max_epochs=1).fit(*windows)
    assert rates_of(model)[-1] == 0.02


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"gamma": 0.5}, {"gamma": 0.1}),
        ({"policy": lr_scheduler.LambdaLR, "lr_lambda": Power(0.5)}, {"gamma": 0.1}),
    ],
)
def test_another_schedule_starts_at_the_learning_rate(first, second, windows):
    schedules = [LRScheduler(**{"policy": lr_scheduler.ExponentialLR} | o) for o in (first, second)]
    model = model_with(schedules[0]).fit(*windows)
    model.set_params(callbacks=[schedules[1]]).fit(*windows)
    assert rates_of(model) == pytest.approx([0.05, 0.025, 0.0125, 0.05, 0.005, 0.0005])


@pytest.mark.parametrize(
    "parts", [(Power(0.5), Power(0.1)), (lambda epoch: 0.5**epoch, lambda epoch: 0.1**epoch)]
)
def test_another_function_of_a_schedule_is_another_schedule(parts, windows):
    first, second = (LRScheduler(lr_scheduler.LambdaLR, lr_lambda=part) for part in parts)
    model = model_with(first).fit(*windows).set_params(callbacks=[second]).fit(*windows)
    assert rates_of(model) == pytest.approx([0.05, 0.025, 0.0125, 0.05, 0.005, 0.0005])


def test_a_new_weight_decay_counts_while_the_schedule_goes_on(windows):
    model = model_with(LRScheduler(lr_scheduler.ExponentialLR, gamma=0.5)).fit(*windows)
    model.set_params(weight_decay=0.1).fit(*windows)
    assert model.net_.optimizer_.param_groups[0]["weight_decay"] == 0.1
    assert rates_of(model) == pytest.approx(0.05 * 0.5 ** np.arange(6))


def test_a_continued_training_leaves_the_earlier_net_as_it_was(windows):
    model = model_with(LRScheduler(lr_scheduler.ExponentialLR, gamma=0.5)).fit(*windows)
    net, scheduler = model.net_, dict(model.net_.callbacks_)["LRScheduler"].lr_scheduler_
    model.fit(*windows)
    assert net.optimizer_.param_groups[0]["lr"] == 0.05 * 0.5**3
    assert scheduler.last_epoch == 3
    assert not hasattr(dict(model.net_.callbacks_)["LRScheduler"], "last_epoch")


def test_a_schedule_of_a_fixed_length_says_that_it_is_over(windows):
    one_cycle = LRScheduler(lr_scheduler.OneCycleLR, max_lr=0.1, total_steps=4)
    model = model_with(one_cycle).fit(*windows)
    before = model.predict(windows[0])
    with pytest.raises(ValueError, match=r"is over after epoch 5: .* Set total_steps to the steps"):
        model.fit(*windows)
    assert model.n_iter_ == 3
    assert_array_equal(model.predict(windows[0]), before)


# Zero is zero


@pytest.mark.parametrize("name", ["AdamW", "Adam", "SGD", "NAdam", "RMSprop", "Adagrad"])
def test_a_class_of_torch_gets_a_weight_decay_of_zero(name, windows):
    X, y = windows
    by_class = model_with(optimizer=getattr(torch.optim, name)).fit(X, y)
    by_name = model_with(optimizer=name.lower()).fit(X, y)
    assert by_class.net_.optimizer_.param_groups[0]["weight_decay"] == 0
    np.testing.assert_allclose(by_class.loss_curve_, by_name.loss_curve_, rtol=1e-9)


def test_an_optimizer_without_weight_decay_gets_none(windows):
    assert model_with(optimizer=torch.optim.LBFGS).fit(*windows).n_iter_ == 3
