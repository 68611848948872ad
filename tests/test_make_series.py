"""Simulated series for examples."""

import numpy as np
import pandas as pd
import pytest

from skrnn import SlidingWindowTransformer
from skrnn.datasets import make_series


def test_a_frame_of_series_and_time():
    frame = make_series(7, 30, random_state=0)
    assert frame.shape == (210, 1)
    assert frame.columns.tolist() == ["value"]
    assert frame.index.names == ["series", "time"]
    assert frame.index.is_monotonic_increasing
    assert frame.index.is_unique
    assert np.isfinite(frame.to_numpy()).all()
    assert frame["value"].unstack("series").nunique(axis=1).eq(7).all()


def test_windows_do_not_cross_series():
    transformer = SlidingWindowTransformer(4).fit(make_series(7, 30, random_state=0))
    assert transformer.n_series_ == 7
    assert transformer.n_gaps_ == 0


def test_one_seed_gives_the_same_frame():
    first, second, other = (make_series(3, 20, random_state=seed) for seed in (0, 0, 1))
    pd.testing.assert_frame_equal(first, second)
    assert not first.equals(other)
    rng = np.random.RandomState(0)
    assert not make_series(3, 20, random_state=rng).equals(make_series(3, 20, random_state=rng))


def test_the_global_generator_is_not_used_with_a_seed():
    before = np.random.get_state()[1].copy()
    make_series(3, 20, random_state=0)
    assert np.array_equal(before, np.random.get_state()[1])


@pytest.mark.parametrize("season_length", [1, 5, 52])
def test_any_season_length(season_length):
    assert len(make_series(4, 110, season_length=season_length, random_state=0)) == 440


@pytest.mark.parametrize("name", ["n_series", "n_timesteps", "season_length"])
@pytest.mark.parametrize("value", [0, -1, 2.5, True, "3"])
def test_sizes_are_positive_integers(name, value):
    sizes = {"n_series": 3, "n_timesteps": 20, "season_length": 12, name: value}
    with pytest.raises(ValueError, match=rf"{name} must be an integer of at least 1, but is"):
        make_series(**sizes)
