"""Modes of torch that the user has set for other models change nothing."""

from contextlib import contextmanager

import numpy as np
import pytest
import torch
from skorch.callbacks import Callback

from skrnn import GRURegressor


@contextmanager
def default_type(dtype):
    earlier = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    yield
    torch.set_default_dtype(earlier)


MODES = {
    "no gradients": torch.no_grad,
    "inference": torch.inference_mode,
    "default device": lambda: torch.device("meta"),
    "default type": lambda: default_type(torch.float16),
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
}


@pytest.mark.parametrize("backend", ["compiled", "torch"])
@pytest.mark.parametrize("mode", MODES)
def test_results_are_the_same(mode, backend, windows):
    X, y = windows[0].astype(np.float32), windows[1]
    model = GRURegressor(3, max_epochs=2, warm_start=True, backend=backend, random_state=0)
    plain = model.fit(X, y).predict(X)
    continued = model.fit(X, y).predict(X)
    with MODES[mode]():
        model.set_params(warm_start=False).fit(X, y)
        np.testing.assert_array_equal(model.predict(X), plain)
    np.testing.assert_array_equal(model.predict(X), plain)
    model.set_params(warm_start=True).fit(X, y)  # a network made in that mode can be trained
    np.testing.assert_array_equal(model.predict(X), continued)


class Threads(Callback):
    """Remembers with how many threads torch computed each batch."""

    def on_train_begin(self, net, **kwargs):
        self.seen = set()

    def on_batch_end(self, net, **kwargs):
        self.seen.add(torch.get_num_threads())


@pytest.mark.parametrize(("units", "expected"), [(8, 1), (80, 2)])
def test_small_networks_use_one_thread_of_torch(units, expected, monkeypatch, windows):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        model = GRURegressor(units, max_epochs=1, callbacks=[Threads()], backend="torch")
        model.fit(*windows).predict(windows[0])
        assert model.net_.callbacks_[-1][1].seen == {expected}
        assert torch.get_num_threads() == 2
        monkeypatch.setattr(model.net_, "evaluation_step", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            model.predict(windows[0])
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
