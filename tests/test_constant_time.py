"""An epoch's work does not grow with the number of epochs before it."""

import sys
from contextlib import contextmanager

import numpy as np
import pytest
from skorch.callbacks import EarlyStopping
from skorch.history import History

from skrnn import GRURegressor


@contextmanager
def counted_work(monkeypatch):
    """Count the instructions of Python, and the epochs of each copy of the history."""
    count = [0]
    to_list = History.to_list

    def counted_copy(history):
        count[0] += len(history)
        return to_list(history)

    def trace(frame, event, argument):
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        count[0] += event == "opcode"
        return trace

    monkeypatch.setattr(History, "to_list", counted_copy)
    earlier = sys.gettrace()
    sys.settrace(trace)
    try:
        yield count
    finally:
        sys.settrace(earlier)
        monkeypatch.undo()


def rows(n=12):
    X = np.random.default_rng(0).normal(size=(n, 3, 1))
    return X, X[:, -1, 0]


def network(**options):
    # Small steps: the loss falls in each epoch, so that each epoch has the same to do.
    return GRURegressor(2, random_state=0, **{"learning_rate": 1e-4} | options)


@pytest.mark.parametrize("backend", ["torch", "compiled"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"early_stopping": True, "n_iter_no_change": 10**6},
        {"callbacks": [EarlyStopping("train_loss", patience=10**6, sink=str)]},
    ],
    ids=["plain", "early stopping", "callback"],
)
def test_an_epoch_of_fit(options, backend, monkeypatch):
    model = network(backend=backend, **options)
    model.set_params(max_epochs=2).fit(*rows())  # what happens once is done
    work = []
    for max_epochs in (110, 150, 190):  # enough for the comparison with a constant at the end
        with counted_work(monkeypatch) as count:
            model.set_params(max_epochs=max_epochs).fit(*rows())
        work.append(count[0])
    first, second = np.diff(work)
    assert second < 1.02 * first


def test_an_epoch_of_partial_fit(monkeypatch):
    model = network(backend="torch").fit(*rows())
    work = []
    for _ in range(3):
        with counted_work(monkeypatch) as count:
            model.partial_fit(*rows())
        work.append(count[0])
        model.set_params(warm_start=True, max_epochs=60).fit(*rows())
    assert max(work) < 1.02 * min(work)


# The curves are those of the history, however it came about.


def assert_curves_are_those_of_the_history(model):
    history = model.net_.history.to_list()
    assert model.loss_curve_ == [epoch["train_loss"] for epoch in history]
    validation = [epoch["valid_loss"] for epoch in history if "valid_loss" in epoch]
    assert model.validation_loss_curve_ == validation
    assert model.n_iter_ == len(history)
    for key in ("train_loss", "valid_loss"):
        epochs = [epoch for epoch in history if key in epoch]
        losses = np.array([epoch[key] for epoch in epochs])
        best = losses < np.r_[np.inf, np.minimum.accumulate(losses)[:-1]] if len(losses) else []
        assert [epoch[f"{key}_best"] for epoch in epochs] == list(best)


def test_curves_of_several_trainings():
    X, y = rows(30)
    model = network(max_epochs=3, warm_start=True, learning_rate=0.3)
    model.fit(X, y, X_val=X[:9], y_val=y[:9])
    assert_curves_are_those_of_the_history(model)
    first = model.loss_curve_
    model.partial_fit(X, y).set_params(early_stopping=True).fit(X, y)
    assert_curves_are_those_of_the_history(model)
    assert len(first) == 3
    model.set_params(warm_start=False, early_stopping=False).fit(X, y)
    assert_curves_are_those_of_the_history(model)
    assert model.n_iter_ == 3


def test_values_of_one_epoch_are_those_of_skorchs_history():
    history = network(max_epochs=3).fit(*rows()).net_.history
    plain = History(history.to_list())
    for index in (
        0,
        -1,
        slice(1, None),
        (-1, "train_loss"),
        (slice(None), "train_loss"),
        (0, ("train_loss", "train_loss_best")),
        (-2, "batches"),
    ):
        assert history[index] == plain[index]
    for index, error in [((5, "train_loss"), IndexError), ((0, "valid_loss"), KeyError)]:
        with pytest.raises(error):
            history[index]
