"""The simulated series on which the pretrained network is trained."""

import numpy as np
import pytest

from skrnn._pretrained._prior.calendar_effects import _calendar, _easter_month
from skrnn._pretrained._prior.parts import draw_pattern, draw_shocks
from skrnn._pretrained._prior.prior import (
    KINDS,
    LONGEST_SEASON,
    SHARES,
    draw_groups,
    draw_season,
    draw_series,
)

EACH_KIND = pytest.mark.parametrize("kind", KINDS)


def generator(seed=0):
    return np.random.default_rng(seed)


def seasonal_share(series, season):
    """Share of the variance that the means of the steps of the season have, without a trend."""
    time = np.arange(series.shape[1])
    line = np.polynomial.polynomial.polyfit(time, series.T, 1)
    rest = series - np.polynomial.polynomial.polyval(time, line)
    folded = rest[:, : series.shape[1] // season * season].reshape(len(series), -1, season)
    return folded.mean(axis=1).var(axis=1) / rest.var(axis=1)


@EACH_KIND
@pytest.mark.parametrize("season", [1, 2, 4, 7, 12, 24, 52])
@pytest.mark.parametrize("length", [1, 3, 108])
def test_series_have_the_shape_and_are_finite(kind, season, length):
    series = draw_series(20, length, season, generator(), {kind: 1.0})
    assert series.shape == (20, length)
    assert np.isfinite(series).all()


@EACH_KIND
def test_one_seed_gives_the_same_series(kind):
    draws = [draw_series(5, 60, 12, generator(seed), {kind: 1.0}) for seed in (3, 3, 4)]
    assert np.array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])


@EACH_KIND
def test_series_of_one_draw_differ(kind):
    series = draw_series(50, 60, 1, generator(), {kind: 1.0})
    assert len(np.unique(series, axis=0)) == 50


@pytest.mark.parametrize(
    "kind", ["state space", "smooth paths", "Gaussian processes", "nested seasons", "counts"]
)
def test_series_with_a_season_repeat_it(kind):
    with_season = KINDS[kind](400, 120, 12, generator())
    without = KINDS[kind](400, 120, 1, generator())
    expected = np.median(seasonal_share(without, 12))
    assert np.median(seasonal_share(with_season, 12)) > 1.3 * expected


def test_cycles_swing_without_a_fixed_period():
    series = KINDS["cycles"](300, 200, 1, generator())
    centred = series - series.mean(axis=1, keepdims=True)
    spectrum = np.abs(np.fft.rfft(centred)) ** 2
    share = np.sort(spectrum, axis=1)[:, -10:].sum(axis=1) / spectrum.sum(axis=1)
    # The ten largest of a hundred frequencies hold most of the variance: noise has about a third.
    assert np.median(share) > 0.6
    assert len(np.unique(spectrum.argmax(axis=1))) > 20


def test_smooth_paths_have_little_noise():
    def roughness(kind):
        series = KINDS[kind](400, 100, 1, generator())
        second = np.abs(np.diff(series, n=2, axis=1)).mean(axis=1)
        return np.median(second / series.std(axis=1))

    assert roughness("smooth paths") < 0.3 * roughness("state space")


def test_counts_are_whole_numbers_from_zero_and_some_are_rare():
    series = draw_series(500, 60, 12, generator(1), {"counts": 1.0})
    counts = KINDS["counts"](500, 60, 12, generator())
    assert np.array_equal(counts, np.rint(counts))
    assert counts.min() == 0
    share_of_zeros = (counts == 0).mean(axis=1)
    assert (share_of_zeros > 0.5).mean() > 0.1
    assert (share_of_zeros < 0.1).mean() > 0.2
    assert np.isfinite(series).all()


def test_series_are_rarely_explosive():
    series = np.concatenate([draw_groups(8, 128, 108, generator(seed))[0] for seed in range(4)])
    assert np.quantile(np.abs(series).max(axis=1), 0.99) < 1e4


def test_patterns_have_mean_zero_and_unit_size():
    for season in (2, 3, 4, 12, 24):
        pattern = draw_pattern(50, season, generator())
        np.testing.assert_allclose(pattern.mean(axis=1), 0, atol=1e-12)
        np.testing.assert_allclose(pattern.std(axis=1), 1)
    assert not draw_pattern(50, 1, generator()).any()


def test_shocks_have_heavy_tails_that_are_cut_off():
    shocks = draw_shocks(300, 200, generator())
    assert np.abs(shocks).max() == 8
    assert 1.0 < shocks.std() < 1.5
    assert (np.abs(shocks) > 4).mean() > 0.002  # of normal numbers 0.00006


def test_a_month_has_its_weekdays_and_a_year_its_easter():
    calendar = _calendar()
    month = 12 * (2024 - 1950) + 1  # February 2024 has five Thursdays
    assert calendar[month, :7].tolist() == [4, 4, 4, 5, 4, 4, 4]
    assert calendar[:, 7].sum() == 100
    easter = {2005: 3, 2008: 3, 2016: 3, 2018: 4, 2019: 4, 2024: 3, 2025: 4}
    assert {year: _easter_month(year) for year in easter} == easter


def test_groups_have_one_season_each_and_random_order():
    series, seasons = draw_groups(6, 50, 40, generator())
    assert series.shape == (300, 40)
    lengths, counts = np.unique(seasons, return_counts=True)
    assert (counts % 50 == 0).all()
    assert lengths.max() <= LONGEST_SEASON
    assert (np.diff(seasons) != 0).sum() > 50


def test_months_and_quarters_are_the_most_frequent_seasons():
    rng = generator()
    seasons = np.array([draw_season(rng) for _ in range(2000)])
    assert seasons.min() == 1
    assert seasons.max() == LONGEST_SEASON
    share = {m: (seasons == m).mean() for m in (1, 4, 12)}
    assert share[12] > share[4] > 0.2
    assert 0.05 < 1 - sum(share.values()) < 0.15


def test_shares_are_probabilities_of_the_kinds():
    assert SHARES.keys() == KINDS.keys()
    assert sum(SHARES.values()) == pytest.approx(1)
