"""Learning rates of a continued training: where it goes on, and where it starts anew."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from types import BuiltinFunctionType, FunctionType
from typing import Any

from skorch import NeuralNet
from skorch.callbacks import LRScheduler
from torch.optim.lr_scheduler import ReduceLROnPlateau


@contextmanager
def continued_schedules(net: NeuralNet, earlier: NeuralNet) -> Iterator[None]:
    """Start the schedules of a net in the body, then give them the state of an earlier net.

    The options of the optimizer, in which schedules and callbacks keep the present rate, are those
    of the earlier net as well. If the learning rate or a schedule is another one, rates and
    schedules start anew.

    Parameters
    ----------
    net, earlier : NeuralNet
        Initialized, with optimizers of one kind.
    """
    now, before = _schedules(net), _schedules(earlier)
    # skorch starts a schedule at the number of epochs in the history, for which torch expects
    # that the optimizer has been in a schedule before.
    fresh = [
        schedule
        for schedule in now.values()
        if schedule.policy_ is not ReduceLROnPlateau and not hasattr(schedule, "last_epoch")
    ]
    parameters = [{name: _parameters(s) for name, s in part.items()} for part in (now, before)]
    for schedule in fresh:
        schedule.last_epoch = -1
    try:
        yield
    finally:
        for schedule in fresh:
            del schedule.last_epoch
    if net.lr != earlier.lr or not _is_same(*parameters):
        return
    for group, options in zip(
        net.optimizer_.param_groups, earlier.optimizer_.param_groups, strict=True
    ):
        kept = {"params"}
        if net.optimizer_.defaults.get("weight_decay") != earlier.optimizer_.defaults.get(
            "weight_decay"
        ):
            kept |= {"weight_decay"}
        group.update(copy.deepcopy({k: v for k, v in options.items() if k not in kept}))
    for name, schedule in now.items():
        state = before[name].lr_scheduler_.state_dict()
        schedule.lr_scheduler_.load_state_dict(copy.deepcopy(state))


def _schedules(net: NeuralNet) -> dict[str, Any]:
    return {name: cb for name, cb in net.callbacks_ if isinstance(cb, LRScheduler)}


def _parameters(schedule: LRScheduler) -> dict[str, Any]:
    values = vars(schedule).items()
    return {"type": type(schedule)} | {k: v for k, v in values if not k.endswith("_")}


def _is_same(a: Any, b: Any) -> bool:
    """Tell whether two parameters are equal; objects without `==` are compared by their parts."""
    if a is b:
        return True
    if type(a) is not type(b) or isinstance(a, BuiltinFunctionType | FunctionType | type):
        return False
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(_is_same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_is_same(a[key], b[key]) for key in a)
    defines_equal: Any = type(a).__eq__
    if defines_equal is object.__eq__:
        return _is_same(a.__reduce_ex__(4), b.__reduce_ex__(4))
    return bool(a == b)
