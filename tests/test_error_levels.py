"""Levels of the errors of series: credibility weights, halves of origins, series without errors."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skrnn._forecasting.conformal import SeriesErrors
from skrnn._forecasting.error_levels import comparable_errors, independent


def noise(n_origins=20, n_series=30, horizon=1, seed=0):
    return np.random.default_rng(seed).normal(size=(n_origins, n_series, horizon, 1))


def test_a_single_series_keeps_its_errors():
    errors = noise(n_series=1, horizon=4)
    comparable, levels = comparable_errors(errors)
    assert_array_equal(comparable, errors)
    assert_array_equal(levels, 1.0)


def test_levels_are_means_with_credibility_weights():
    """Computed again as in the books: expected process variance by variance of the means."""
    n_origins, horizon = 20, 3
    difficulty = np.exp(np.random.default_rng(1).normal(size=8))
    errors = noise(n_origins, 8, horizon) * difficulty[:, np.newaxis, np.newaxis]
    comparable, levels = comparable_errors(errors)
    distances = np.abs(errors[..., 0])
    relative = (distances / distances.mean(axis=1, keepdims=True)).mean(axis=2)
    n = 1 + (n_origins - 1) / horizon
    within = (relative.var(axis=0) * n / (n - 1)).mean()
    between = relative.mean(axis=0).var(ddof=1) - within / n
    ratio = max(within / between, 1)
    weight = n / (n + ratio)
    assert 0.5 < weight < 1
    expected = weight * relative.mean(axis=0) + 1 - weight
    assert_allclose(levels[:, 0], expected)
    n_half = 1 + (n_origins / 2 - 1) / horizon
    weight = n_half / (n_half + ratio)
    newer = weight * relative[10:].mean(axis=0) + 1 - weight
    older = weight * relative[:10].mean(axis=0) + 1 - weight
    assert_allclose(comparable[:10, :, :, 0], errors[:10, :, :, 0] / newer[:, np.newaxis])
    assert_allclose(comparable[10:, :, :, 0], errors[10:, :, :, 0] / older[:, np.newaxis])


def test_many_errors_of_unlike_series_give_their_levels():
    difficulty = np.repeat([0.2, 1.8], 50)
    errors = noise(400, 100) * difficulty[:, np.newaxis, np.newaxis]
    levels = comparable_errors(errors)[1][:, 0]
    assert_allclose(levels, difficulty, rtol=0.25)
    assert np.corrcoef(levels, difficulty)[0, 1] > 0.99


def test_levels_that_differ_by_chance_are_one():
    spread = [comparable_errors(noise(5, 200, seed=seed))[1].std() for seed in range(20)]
    means = [np.abs(noise(5, 200, seed=seed)).mean(axis=0).std() for seed in range(20)]
    assert np.mean(spread) < 0.25 * np.mean(means)


def test_errors_count_for_less_as_far_as_they_overlap():
    """20 errors 6 steps ahead: from successive rows 4.2, from every third 10.5, and then 20."""
    found = [float(independent(np.array(20), 6 / stride)) for stride in (1, 3, 6, 12)]
    assert_allclose(found, [1 + 19 / 6, 10.5, 20, 20])
    errors = noise(horizon=6) * np.linspace(0.2, 2, 30)[:, np.newaxis, np.newaxis]
    spread = [comparable_errors(errors, stride)[1].std() for stride in (1, 3, 6, 12)]
    assert spread[0] < spread[1] < spread[2] == spread[3]


def test_units_of_all_errors_do_not_matter():
    errors = noise() * np.linspace(0.5, 2, 30)[:, np.newaxis, np.newaxis]
    (small, levels), (large, same) = comparable_errors(errors), comparable_errors(errors * 1024)
    assert_allclose(same, levels)
    assert_allclose(large, small * 1024)


def test_missing_errors():
    errors = noise(horizon=3) * np.linspace(0.2, 2, 30)[:, np.newaxis, np.newaxis]
    errors[3, 5, 1:] = np.nan
    errors[:, 6] = np.nan
    errors[:19, 7] = np.nan
    errors[2] = np.nan
    errors[4, :, 1] = np.nan
    errors[5] = 0.0
    comparable, levels = comparable_errors(errors)
    assert_array_equal(np.isnan(comparable), np.isnan(errors))
    assert np.isfinite(levels).all()
    assert (levels > 0).all()
    assert levels[6] == 1.0


@pytest.mark.parametrize(
    "errors", [noise(n_origins=1), np.zeros((6, 3, 2, 1)), np.full((6, 3, 2, 1), np.nan)]
)
def test_errors_that_tell_no_levels(errors):
    comparable, levels = comparable_errors(errors)
    assert_array_equal(comparable, errors)
    assert_array_equal(levels, 1.0)


def test_each_target_has_its_levels():
    errors = np.concatenate((noise(), noise(seed=1)), axis=3)
    errors[:, :10, :, 1] *= 5
    comparable, levels = comparable_errors(errors)
    for target in range(2):
        alone, level = comparable_errors(errors[..., [target]])
        assert_allclose(comparable[..., [target]], alone, rtol=1e-12)
        assert_allclose(levels[:, [target]], level, rtol=1e-12)


def test_number_of_separate_errors():
    assert_allclose(independent(np.array([0, 1, 20]), 12), [0, 1, 1 + 19 / 12])


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_easy_and_hard_series_have_nearly_their_coverage(level):
    """Errors at step h are sums of h numbers. Without levels, 80 % hold 100 % and 60 %."""
    n_origins, horizon, n_series = 20, 3, 4000
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=(n_origins + 2 * horizon, n_series)) * np.repeat([0.3, 1.5], 2000)
    sums = [np.cumsum(numbers[i : i + horizon], axis=0).T for i in range(n_origins + horizon)]
    errors = np.array(sums)[..., np.newaxis]
    known = SeriesErrors(errors[:n_origins], np.arange(n_series), np.ones((n_series, 1)))
    later = errors[n_origins + horizon - 1]
    holds = (np.abs(later) <= known.half_widths(horizon, level)).mean(axis=(1, 2))
    assert holds[:2000].mean() == pytest.approx(level, abs=0.1)
    assert holds[2000:].mean() == pytest.approx(level, abs=0.1)


@pytest.mark.parametrize(("level", "n_needed"), [(0.5, 10), (0.8, 25), (0.9, 50)])
def test_own_errors_are_taken_where_five_lie_outside(level, n_needed):
    errors = noise(n_needed, 4) * np.array([0.1, 1, 2, 3])[:, np.newaxis, np.newaxis]

    def widths(errors):
        n_series = errors.shape[1]
        known = SeriesErrors(errors, np.arange(n_series), np.ones((n_series, 1)))
        return known.half_widths(1, level)[:, 0, 0]

    own, fewer = ([widths(part[:, [i]])[0] for i in range(4)] for part in (errors, errors[1:]))
    assert_array_equal(widths(errors), own)
    assert (widths(errors[1:]) != fewer).all()
