"""Fits through the compiled backend beside fits through torch, for tests."""

import numpy as np
from sklearn.base import clone


def sequences(architecture, n_outputs=2, dtype=np.float64):
    """Forty-five rows, some of them shorter, some empty, and a target of any architecture."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(45, 6, 2)).astype(dtype)
    y = np.cumsum(X, axis=1)[:, :, :1] * np.ones(n_outputs) + 0.1 * rng.normal(size=n_outputs)
    for row in range(0, 45, 4):
        X[row, : rng.integers(1, 7)] = np.nan
    y = {"many-to-one": y[:, -1], "encoder-decoder": y[:, -3:], "many-to-many": y}[architecture]
    return X, y, rng.uniform(0.5, 2, size=45)


def state_of(model):
    """Weights and the memory of the optimizer, by name."""
    net = model.net_
    state = {f"weight {name}": p.detach() for name, p in net.module_.named_parameters()}
    for name, p in net.module_.named_parameters():
        for key, value in net.optimizer_.state[p].items():
            if value is not None:
                state[f"{key} {name}"] = value
    return {name: value.numpy().copy() for name, value in state.items()}


def assert_same_state(found, expected, rtol=1e-9):
    """Relative to the largest component of each tensor: some components are rounding."""
    found, expected = state_of(found), state_of(expected)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name].dtype == value.dtype
        allowed = rtol * np.abs(value).max()
        np.testing.assert_allclose(found[name], value, rtol=0, atol=allowed, err_msg=name)


def fit_both(model, *args, **kwargs):
    fits = [clone(model).set_params(backend=b).fit(*args, **kwargs) for b in ("compiled", "torch")]
    assert [fit.backend_ for fit in fits] == ["compiled", "torch"]
    return fits
