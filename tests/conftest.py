"""Data that many tests share."""

import os
import signal

import numpy as np
import pytest
from hypothesis import settings

# A run that decides over a change tries the same examples each time; at a desk the
# examples are new ones.
# No example has a deadline: on a busy machine any of them may be late.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("desk", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


@pytest.fixture
def windows():
    """Sixty windows of eight steps of two features, and a target made of them."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 8, 2))
    y = X[:, -1, 0] - 0.5 * X[:, -2, 1]
    return X, y


@pytest.fixture
def padded_windows(windows):
    """The same windows, the first ones shorter, one of them empty."""
    X, y = windows
    X = X.copy()
    for row, n_padded in enumerate([8, 7, 5, 3, 1]):
        X[row, :n_padded] = np.nan
    return X, y


@pytest.fixture
def ctrl_c():
    """Python's own handler: a process in the background may have inherited another one."""
    earlier = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, earlier)
