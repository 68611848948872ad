"""The same contracts on a GPU, wherever torch sees one."""

import pickle

import numpy as np
import pytest
import torch

from skrnn import GRURegressor, LSTMRegressor, RNNRegressor

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no CUDA GPU")


@pytest.mark.parametrize("Regressor", [RNNRegressor, GRURegressor, LSTMRegressor])
def test_gpu_and_cpu_give_the_same_numbers(Regressor, padded_windows):
    X, y = padded_windows
    options = {"num_layers": 2, "bidirectional": True, "max_epochs": 5, "random_state": 0}
    on_gpu = Regressor(6, device="cuda", **options).fit(X, y)
    on_cpu = Regressor(6, device="cpu", **options).fit(X, y)
    np.testing.assert_allclose(on_gpu.loss_curve_, on_cpu.loss_curve_, rtol=1e-6)
    np.testing.assert_allclose(on_gpu.predict(X), on_cpu.predict(X), rtol=1e-5, atol=1e-8)


def test_one_seed_is_one_result_with_dropout(windows):
    make = {"num_layers": 2, "dropout": 0.3, "max_epochs": 3, "device": "cuda", "random_state": 0}
    before = torch.cuda.get_rng_state()
    first = GRURegressor(6, **make).fit(*windows).predict(windows[0])
    again = GRURegressor(6, **make).fit(*windows).predict(windows[0])
    np.testing.assert_allclose(first, again, rtol=1e-10)
    assert torch.equal(torch.cuda.get_rng_state(), before)


def test_pickle_and_train_on(windows):
    model = LSTMRegressor(4, max_epochs=2, device="cuda", random_state=0).fit(*windows)
    copied = pickle.loads(pickle.dumps(model))
    np.testing.assert_allclose(copied.predict(windows[0]), model.predict(windows[0]))
    assert copied.partial_fit(*windows).n_iter_ == 3
