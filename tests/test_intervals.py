"""Conformal intervals and sample paths: ranks of errors from earlier origins, coverage, units."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.linear_model import Ridge

from skrnn import Forecaster, NaiveRegressor, PretrainedGRURegressor, skill_table
from skrnn._forecasting.conformal import SeriesErrors
from skrnn._forecasting.error_levels import comparable_errors

LAST = NaiveRegressor()


def walk(n_rows, seed=0):
    return np.random.default_rng(seed).normal(size=n_rows).cumsum() + 50


def one(n_rows=60, seed=0):
    months = pd.period_range("2020-01", periods=n_rows, freq="M", name="month")
    return pd.Series(walk(n_rows, seed), months, name="sold")


def panel(n_series=3, n_rows=60, factor=10.0):
    return pd.concat(
        {f"s{i}": one(n_rows, seed=i) * factor**i for i in range(n_series)}, names=["shop"]
    ).to_frame()


def seasonal_size(values, season=12):
    return np.abs(values[season:] - values[:-season]).mean()


def scaled_errors(forecaster, series, n_origins, stride=1):
    """Errors (n_origins, horizon) of forecasters that are fitted to less and less, newest first."""
    horizon, found = forecaster.horizon, []
    for age in range(horizon, horizon + n_origins * stride, stride):
        known = series[:-age]
        ahead = clone(forecaster).set_params(n_calibration=0).fit(known).forecast()["sold"]
        found.append((series[ahead.index] - ahead) / seasonal_size(known.to_numpy()))
    return np.array(found)


# Intervals


@pytest.mark.parametrize(("regressor", "stride"), [(LAST, 1), (Ridge(), 1), (Ridge(), 4)])
def test_bounds_are_ranked_errors_of_refitted_forecasters(regressor, stride):
    """Of 9 errors, 80 % take the 8th: the smallest k with k / (9 + 1) >= 0.8."""
    series = one()
    options = {"n_calibration": 9, "calibration_stride": stride}
    forecaster = Forecaster(regressor, horizon=3, lookback=5, **options)
    forecast = forecaster.fit(series).forecast(coverage=[0.8, 0.5])
    assert list(forecast) == ["sold", "sold-lo-80", "sold-hi-80", "sold-lo-50", "sold-hi-50"]
    assert_array_equal(forecast["sold"], forecaster.forecast()["sold"])
    errors = np.sort(np.abs(scaled_errors(forecaster, series, 9, stride)), axis=0)
    for level, rank in (("80", 8), ("50", 5)):
        width = errors[rank - 1] * seasonal_size(series.to_numpy())
        assert_allclose(forecast[f"sold-hi-{level}"] - forecast["sold"], width, rtol=1e-10)
        assert_allclose(forecast["sold"] - forecast[f"sold-lo-{level}"], width, rtol=1e-10)


def test_coverage_holds_with_few_errors():
    """Of 5 errors the largest one is taken, which holds 5 of 6 new values. 4 of 5 would be 67 %."""
    errors = np.random.default_rng(0).normal(size=(6, 1500, 1, 1))
    place, sizes = np.zeros(1, dtype=np.intp), np.ones((1, 1))
    widths = [
        SeriesErrors(errors[:5, [i]], place, sizes).half_widths(1, 0.8)[0, 0, 0]
        for i in range(1500)
    ]
    covered = (np.abs(errors[5, :, 0, 0]) <= widths).mean()
    assert covered == pytest.approx(5 / 6, abs=3 * np.sqrt(5 / 36 / 1500))


def test_coverage_of_many_series_holds_with_few_errors():
    rng = np.random.default_rng(0)
    months = pd.period_range("2020-01", periods=41, freq="M")
    names = [f"s{i}" for i in range(1500)]
    index = pd.MultiIndex.from_product([names, months], names=["shop", "month"])
    noise = pd.DataFrame({"sold": rng.normal(size=len(index))}, index=index)
    forecaster = Forecaster(NaiveRegressor("mean"), horizon=1, lookback=24, n_calibration=5)
    frame = forecaster.backtest(noise, n_cutoffs=1, coverage=0.8)
    covered = frame["y"].between(frame["forecast-lo-80"], frame["forecast-hi-80"]).mean()
    assert covered == pytest.approx(0.8, abs=3 * np.sqrt(0.16 / 1500))


def test_series_take_their_own_errors_alone_if_five_lie_outside():
    """20 errors one row apart count as 1 + 19 / h at step h. Half of them are 5 up to step 2."""
    table, horizon = panel(), 4
    forecaster = Forecaster(LAST, horizon=horizon, lookback=1, n_calibration=20).fit(table)
    forecast = forecaster.forecast(coverage=0.5)
    width = (forecast["sold-hi-50"] - forecast["sold"]).to_numpy().reshape(3, horizon)
    sizes = [seasonal_size(part.to_numpy()) for _, part in table["sold"].groupby("shop")]
    single = [
        scaled_errors(forecaster, part.droplevel("shop"), 20)
        for _, part in table["sold"].groupby("shop")
    ]
    scaled = width / np.array(sizes)[:, np.newaxis]
    own = np.sort(np.abs(single), axis=1)[:, 11 - 1]  # rank ceil(21 * 0.5)
    assert_allclose(scaled[:, :2], own[:, :2])
    oldest_first = np.array(single).transpose(1, 0, 2)[::-1, ..., np.newaxis]
    comparable, levels = comparable_errors(oldest_first)
    ranked = np.sort(np.abs(comparable).reshape(-1, horizon), axis=0)[31 - 1]  # ceil(61 * 0.5)
    assert_allclose(scaled[:, 2:], levels * ranked[2:])


def test_an_interval_holds_those_of_lower_levels():
    """20 errors one row apart are enough for 75 %, and those of all series are taken for 80 %."""
    levels = [0.8, 0.5, 0.75]
    errors = np.random.default_rng(0).standard_t(2, size=(50, 20, 30, 1, 1))
    for of_panel in errors:
        found = SeriesErrors(of_panel, np.arange(30), np.ones((30, 1)))
        (low, high), *_, (low_75, high_75) = found.bounds(np.zeros((30, 1, 1)), levels)
        assert (high >= high_75).all()
        assert (low <= low_75).all()
        assert_array_equal(high_75[..., 0], found.half_widths(1, 0.75)[..., 0])


def test_units_do_not_matter():
    forecaster = Forecaster(LAST, horizon=3, lookback=5, n_calibration=9)
    small, large = (
        clone(forecaster).fit(series).forecast(coverage=0.8) for series in (one(), one() * 1024)
    )
    assert_allclose(large, small * 1024)


def test_update_does_not_change_what_was_learned():
    series = one()
    forecaster = Forecaster(LAST, horizon=3, lookback=5, n_calibration=9).fit(series[:-6])
    before = forecaster.forecast(coverage=0.8)
    after = forecaster.update(series[-6:]).forecast(coverage=0.8)
    width = before["sold-hi-80"] - before["sold"]
    assert_allclose(after["sold-hi-80"] - after["sold"], width, rtol=1e-12)
    assert after.index[0] == series.index[-1] + 1


def test_a_series_that_changes_for_the_first_time_after_fit_gets_a_width():
    flat = pd.concat({"flat": one().to_frame() * 0 + 5.0}, names=["shop"])
    table = pd.concat([panel(), flat])
    forecaster = Forecaster(LAST, horizon=2, lookback=30, n_calibration=9).fit(table)
    new = flat[-24:] + np.random.default_rng(0).normal(size=(24, 1))
    months = new.index.get_level_values("month") + 24
    new.index = pd.MultiIndex.from_arrays([["flat"] * 24, months], names=["shop", "month"])
    forecast = forecaster.update(new).forecast(coverage=0.8).loc["flat"]
    values = np.concatenate((np.full(6, 5.0), new["sold"]))  # as many rows as a window has
    errors = forecaster._calibration.errors
    ranked = np.sort(np.abs(errors[:, 1:]).reshape(-1, 2), axis=0)[23 - 1]  # rank ceil(28 * 0.8)
    width = forecast["sold-hi-80"] - forecast["sold"]
    assert_allclose(width, ranked * seasonal_size(values), rtol=1e-12)


def test_a_series_that_fit_did_not_see_has_its_own_size_and_the_errors_of_all():
    table = panel()
    forecaster = Forecaster(LAST, horizon=2, lookback=5, n_calibration=9).fit(table)
    new = one(seed=7) * 3
    other = pd.concat({"new": new, "s1": table.loc["s1", "sold"]}, names=["shop"]).to_frame("sold")
    forecast = forecaster.forecast(series=other, coverage=0.8)
    width = (forecast["sold-hi-80"] - forecast["sold"]).groupby("shop", sort=False).agg(list)
    errors = forecaster._calibration.errors
    ranked = np.sort(np.abs(errors).reshape(-1, 2), axis=0)[23 - 1]  # rank ceil(28 * 0.8)
    assert_allclose(width["new"], ranked * seasonal_size(new.to_numpy()))
    known = forecaster.forecast(coverage=0.8).loc["s1"]
    assert_allclose(width["s1"], known["sold-hi-80"] - known["sold"])


def test_a_constant_series_has_no_width():
    flat = pd.DataFrame({"sold": 5.0}, index=one().index)
    forecast = Forecaster(LAST, horizon=2, n_calibration=9).fit(flat).forecast(coverage=0.8)
    assert_array_equal(forecast, 5.0)
    table = pd.concat({"flat": flat, "other": one().to_frame()}, names=["shop"])
    forecast = Forecaster(LAST, horizon=2, n_calibration=9).fit(table).forecast(coverage=0.8)
    assert_array_equal(forecast.loc["flat"], 5.0)
    assert np.isfinite(forecast.to_numpy()).all()


def test_constant_series_do_not_change_the_intervals_of_others():
    table = panel()
    new = pd.concat({"new": one().tail(1).to_frame() * 0 + 500.0}, names=["shop"])
    flat = {f"flat {i}": pd.DataFrame({"sold": 5.0}, index=one().index) for i in range(6)}
    forecaster = Forecaster(LAST, horizon=2, lookback=5, n_calibration=9)
    alone = forecaster.fit(pd.concat([table, new])).forecast(coverage=[0.5, 0.8])
    paths = forecaster.set_params(random_state=0).forecast(paths=200)
    mixed = pd.concat([table, new, pd.concat(flat, names=["shop"])])
    forecast = forecaster.fit(mixed).forecast(coverage=[0.5, 0.8])
    assert_allclose(forecast.loc[alone.index], alone, rtol=1e-12)
    assert_array_equal(forecast.drop(alone.index), 5.0)
    both = paths, forecaster.forecast(paths=200)
    sizes = [found["sold"].groupby("shop").std()["new"] for found in both]
    assert sizes[1] == pytest.approx(sizes[0], rel=0.3)


def test_a_series_shorter_than_a_season_has_its_size_in_the_unit_of_the_others():
    table = panel()
    forecaster = Forecaster(LAST, horizon=2, lookback=5, n_calibration=9).fit(table)
    new = one(seed=7)[-6:] * 3
    other = pd.concat({"new": new.to_frame()}, names=["shop"])
    forecast = forecaster.forecast(series=other, coverage=0.8)
    ranked = np.sort(np.abs(forecaster._calibration.errors).reshape(-1, 2), axis=0)[23 - 1]
    ratios = [
        seasonal_size(y.to_numpy()) / np.abs(np.diff(y)).mean()
        for _, y in table["sold"].groupby("shop")
    ]
    size = np.median(ratios) * np.abs(np.diff(new)).mean()
    assert_allclose(forecast["sold-hi-80"] - forecast["sold"], ranked * size, rtol=1e-12)


def test_intervals_of_series_shorter_than_a_season_hold():
    rng = np.random.default_rng(0)
    months = pd.period_range("2019-01", periods=63, freq="M", name="month")
    walks = {f"long {i}": pd.Series(rng.normal(size=63).cumsum(), months) for i in range(40)}
    walks |= {f"short {i}": pd.Series(rng.normal(size=7).cumsum(), months[-7:]) for i in range(80)}
    table = pd.concat(walks, names=["shop"]).to_frame("sold")
    known = table[table.index.get_level_values("month") < months[60]]
    forecaster = Forecaster(LAST, horizon=3, lookback=1, n_calibration=8).fit(known)
    found = forecaster.forecast(coverage=0.8).join(table.rename(columns={"sold": "y"}))
    held = found["y"].between(found["sold-lo-80"], found["sold-hi-80"])
    short = found.index.get_level_values("shop").str.startswith("short")
    assert held[short].mean() == pytest.approx(0.8, abs=0.1)
    assert held[~short].mean() == pytest.approx(0.8, abs=0.1)


def test_a_series_of_one_row_has_the_usual_width_for_its_level():
    table = panel()
    new = pd.concat({"new": one().tail(1).to_frame() * 0 + 500.0}, names=["shop"])
    seen = Forecaster(LAST, horizon=2, lookback=5, n_calibration=9).fit(pd.concat([table, new]))
    unseen = Forecaster(LAST, horizon=2, lookback=5, n_calibration=9).fit(table)
    groups = table["sold"].groupby("shop", sort=False)
    shares = [seasonal_size(y.to_numpy()) / np.abs(y).mean() for _, y in groups]
    scaled = [
        (forecast["sold-hi-80"] - forecast["sold"]).loc["new"]
        for forecast in (seen.forecast(coverage=0.8), unseen.forecast(series=new, coverage=0.8))
    ]
    ranked = np.sort(np.abs(unseen._calibration.errors).reshape(-1, 2), axis=0)[23 - 1]
    for widths in scaled:
        assert_allclose(widths, ranked * np.median(shares) * 500, rtol=1e-12)


def test_missing_targets_are_no_errors():
    series = one()
    series.iloc[[-3, -8]] = np.nan
    forecaster = Forecaster(LAST, horizon=2, lookback=1, n_calibration=9).fit(series)
    errors = forecaster._calibration.errors[:, 0, :, 0]
    # Origins start at rows with a target, and each of the two rows is one and two steps ahead.
    assert np.isnan(errors).sum(axis=0).tolist() == [2, 2]
    assert np.isfinite(forecaster.forecast(coverage=0.8)).all(axis=None)


def test_several_targets():
    table = pd.DataFrame({"sold": one(), "lost": one(seed=1) * 100})
    parameters = {"horizon": 2, "lookback": 5, "n_calibration": 9}
    both = Forecaster(Ridge(), target=["sold", "lost"], **parameters).fit(table)
    forecast = both.forecast(coverage=0.8)
    assert list(forecast)[:3] == ["sold", "sold-lo-80", "sold-hi-80"]
    assert list(forecast)[3:] == ["lost", "lost-lo-80", "lost-hi-80"]
    widths = [(forecast[f"{name}-hi-80"] - forecast[name]).mean() for name in table]
    assert widths[1] > 20 * widths[0]
    frame = both.backtest(table, n_cutoffs=2, coverage=0.8)
    assert list(frame)[-3:] == ["forecast", "forecast-lo-80", "forecast-hi-80"]
    assert frame.notna().all(axis=None)


def test_known_features_are_those_of_the_origin():
    table = one().to_frame()
    table["price"] = np.random.default_rng(1).normal(size=len(table))
    table["holiday"] = np.arange(len(table)) % 5 == 0
    table["sold"] += 100 * table["price"]
    parameters = {"target": "sold", "future_features": ["price", "holiday"], "n_calibration": 9}
    forecaster = Forecaster(Ridge(1e-3), horizon=2, lookback=5, **parameters).fit(table)
    forecast = forecaster.forecast(future=forecaster.make_future().fillna(0.0), coverage=0.8)
    assert (forecast["sold-hi-80"] - forecast["sold"]).max() < 20


def test_origins_at_the_same_time_learn_the_same():
    forecaster = Forecaster(Ridge(), horizon=2, lookback=5, n_calibration=9)
    parallel = clone(forecaster).set_params(n_jobs=2).fit(panel())
    expected = forecaster.fit(panel()).forecast(coverage=0.8)
    assert_frame_equal(parallel.forecast(coverage=0.8), expected)
    assert_frame_equal(pickle.loads(pickle.dumps(parallel)).forecast(coverage=0.8), expected)


def test_a_backtest_learns_errors_before_each_cutoff():
    series = one()
    forecaster = Forecaster(Ridge(), horizon=3, lookback=5, n_calibration=9)
    frame = forecaster.backtest(series, n_cutoffs=3, coverage=[0.8, 0.5])
    for cutoff, part in frame.groupby("cutoff"):
        expected = clone(forecaster).fit(series[:cutoff]).forecast(coverage=[0.8, 0.5])
        columns = [name.replace("sold", "forecast") for name in expected]
        assert_array_equal(part[columns], expected)
    skill = skill_table(frame, series, season_length=12)
    assert skill.overall.columns[-4:].tolist() == [
        *("coverage-80", "coverage-50", "winkler-80", "winkler-50")
    ]
    assert "forecast-lo-80" not in forecaster.backtest(series, n_cutoffs=1)


# Paths


def test_a_path_is_the_forecast_and_a_whole_error():
    series = one()
    forecaster = Forecaster(LAST, horizon=3, lookback=5, n_calibration=9, random_state=0)
    forecast = forecaster.fit(series).forecast()
    paths = forecaster.forecast(paths=18)
    assert list(paths.columns) == ["path", "sold"]
    assert list(paths.index[:3]) == list(forecast.index)
    drawn = paths["sold"].to_numpy().reshape(18, 3) - forecast["sold"].to_numpy()
    errors = scaled_errors(forecaster, series, 9) * seasonal_size(series.to_numpy())
    expected = np.concatenate((errors, -errors))
    order = [np.lexsort(np.round(vectors, 9).T) for vectors in (drawn, expected)]
    assert_allclose(drawn[order[0]], expected[order[1]], atol=1e-9)
    assert_frame_equal(forecaster.forecast(paths=18), paths)
    assert len(forecaster.forecast(2, paths=25)) == 50


def test_series_of_a_path_have_the_error_of_one_origin():
    """Where all series move together, their sum varies as much as they do."""
    months = one().index
    together = walk(len(months))
    table = pd.concat(
        {name: pd.Series(together, months, name="sold") for name in "abcd"}, names=["shop"]
    ).to_frame()
    forecaster = Forecaster(LAST, horizon=4, lookback=5, n_calibration=9, random_state=0)
    paths = forecaster.fit(table).forecast(paths=50)
    assert list(paths.index.names) == ["shop", "month"]
    spread = paths["sold"].to_numpy().reshape(50, 4, 4).std(axis=1)
    assert_allclose(spread, 0, atol=1e-9)


def test_paths_of_a_long_table_and_of_series_without_own_errors():
    long = panel().reset_index()
    parameters = {"id_col": "shop", "time_col": "month", "random_state": 0}
    forecaster = Forecaster(LAST, horizon=8, lookback=5, n_calibration=9, **parameters)
    paths = forecaster.fit(long).forecast(paths=200)
    assert list(paths.columns) == ["shop", "month", "path", "sold"]
    spread = paths.groupby("shop")["sold"].std()
    assert (spread.diff().dropna() > 0).all()  # they have their own sizes
    new = long[long["shop"] == "s0"].assign(shop="new")
    assert len(forecaster.forecast(series=new, paths=5)) == 40


def test_paths_of_hard_series_are_wider():
    """The last value is a worse forecast of noise than of a walk, each in units of its size."""
    rng = np.random.default_rng(0)
    months = pd.period_range("2020-01", periods=60, freq="M", name="month")
    noise, walks = rng.normal(size=(60, 20)), rng.normal(size=(60, 20)).cumsum(axis=0)
    table = pd.DataFrame(np.hstack((noise, walks)), index=months).rename_axis(columns="shop")
    long = table.unstack().rename("sold").to_frame()
    forecaster = Forecaster(LAST, horizon=4, lookback=1, n_calibration=9, random_state=0)
    paths = forecaster.fit(long).forecast(paths=100)
    moves = paths["sold"] - paths["sold"].groupby(["shop", "month"]).transform("mean")
    sizes = [seasonal_size(values) for values in table.to_numpy().T]
    spread = moves.groupby("shop").std().to_numpy() / sizes
    known = forecaster._calibration.errors
    difficulty = np.abs(known).mean(axis=(0, 2, 3))
    assert np.corrcoef(spread, difficulty)[0, 1] > 0.9


# Bad input


def test_too_few_origins_for_the_coverage():
    forecaster = Forecaster(LAST, horizon=2, lookback=1, n_calibration=12).fit(one())
    with pytest.raises(
        ValueError, match=r"coverage=0.95 needs 19 errors .* gives 12 .* n_calibration to 19 or"
    ):
        forecaster.forecast(coverage=0.95)
    of_panel = Forecaster(LAST, horizon=2, lookback=1, n_calibration=12).fit(panel())
    assert np.isfinite(of_panel.forecast(coverage=0.95)).all(axis=None)
    with pytest.raises(ValueError, match=r"needs 99 errors .* gives 36 .* n_calibration to 33 or"):
        of_panel.forecast(coverage=0.99)
    flat = pd.concat({"a": one() * 0, "b": one()[-2:]}, names=["shop"]).to_frame()
    forecaster = Forecaster(LAST, horizon=2, lookback=1, n_calibration=5).fit(flat)
    with pytest.raises(ValueError, match=r"gives 0 for 2 .* had not changed before do not count"):
        forecaster.forecast(coverage=0.5)


@pytest.mark.parametrize("coverage", [0, 1, 80, -0.1, True, "0.8", [], [0.8, 0.8], [0.8, 1.0]])
def test_coverage(coverage):
    forecaster = Forecaster(LAST, horizon=2, lookback=1, n_calibration=9).fit(one())
    with pytest.raises(ValueError, match=r"coverage must be (between 0 and 1|a list of different)"):
        forecaster.forecast(coverage=coverage)
    with pytest.raises(ValueError, match="coverage must be"):
        Forecaster(LAST, horizon=2, n_calibration=9).backtest(one(), coverage=coverage)


def test_without_calibration_or_beyond_it():
    with pytest.raises(ValueError, match="n_calibration is 0"):
        Forecaster(LAST, horizon=2).fit(one()).forecast(coverage=0.8)
    forecaster = Forecaster(LAST, horizon=2, n_calibration=9).fit(one())
    with pytest.raises(ValueError, match="steps=3 is beyond horizon=2, up to which errors"):
        forecaster.forecast(3, coverage=0.8)
    with pytest.raises(ValueError, match="paths must be an integer of at least 1, but is 0"):
        forecaster.forecast(paths=0)
    with pytest.raises(ValueError, match="paths=10 are two kinds of results"):
        forecaster.forecast(coverage=0.8, paths=10)


def test_series_too_short_for_the_origins():
    with pytest.raises(
        ValueError, match=r"n_calibration=9 with horizon=3 .* needs .* 12 rows, .* has 11 row\(s\)"
    ):
        Forecaster(LAST, horizon=3, lookback=1, n_calibration=9).fit(one(11))
    with pytest.raises(ValueError, match=r"calibration_stride=4 needs a series with 36 rows"):
        Forecaster(LAST, horizon=3, lookback=1, n_calibration=9, calibration_stride=4).fit(one(35))
    with pytest.raises(ValueError, match="no row to learn from") as caught:
        Forecaster(LAST, horizon=3, lookback=1, n_calibration=9).fit(one(12))
    assert caught.value.__notes__ == ["This happened at the cutoff '2020-01'."]


@pytest.mark.parametrize("n_calibration", [-1, 1.5, True, None])
def test_number_of_origins(n_calibration):
    with pytest.raises(ValueError, match="'n_calibration' parameter of Forecaster must be an int"):
        Forecaster(LAST, horizon=2, n_calibration=n_calibration).fit(one())


class Interrupted(RegressorMixin, BaseEstimator):
    """Is interrupted by Ctrl-C in its second fit."""

    n_fits = 0

    def fit(self, X, y):
        Interrupted.n_fits += 1
        if Interrupted.n_fits == 2:
            raise KeyboardInterrupt
        return self

    def predict(self, X):
        return np.zeros(len(X))


def test_ctrl_c_ends_a_fit():
    Interrupted.n_fits = 0
    forecaster = Forecaster(Interrupted(), horizon=1, lookback=1, n_calibration=9)
    with pytest.raises(KeyboardInterrupt):
        forecaster.fit(one())
    assert not hasattr(forecaster, "regressor_")


# Quantiles of the regressor


def test_without_origins_intervals_are_the_quantiles_of_the_regressor():
    table = panel(n_rows=40)
    forecaster = Forecaster(PretrainedGRURegressor(12), horizon=6, lookback=36).fit(table)
    forecast = forecaster.forecast(4, coverage=[0.8, 0.5])
    windows = table["sold"].to_numpy().reshape(3, 40, 1)[:, -36:]
    model = PretrainedGRURegressor(12).fit(windows, np.zeros((3, 6)))
    for level, probabilities in (("80", [0.1, 0.9]), ("50", [0.25, 0.75])):
        expected = model.predict_quantiles(windows, probabilities)[:, :4].reshape(12, 2)
        assert_allclose(forecast[[f"sold-lo-{level}", f"sold-hi-{level}"]], expected, rtol=1e-9)
    assert_array_equal(forecast["sold"], forecaster.forecast(4)["sold"])


def test_quantiles_have_the_effects_of_known_features():
    table = one().to_frame()
    table["price"] = np.random.default_rng(1).normal(size=len(table))
    table["sold"] += 10 * table["price"]
    parameters = {"target": "sold", "future_features": "price"}
    forecaster = Forecaster(PretrainedGRURegressor(12), horizon=2, lookback=36, **parameters)
    future = forecaster.fit(table).make_future().fillna(0.0)
    cheap, dear = (
        forecaster.forecast(future=future + price, coverage=0.8).to_numpy() for price in (0, 1)
    )
    effect = dear - cheap
    assert_allclose(effect, np.repeat(effect[:, :1], 3, axis=1))
    assert effect.mean() == pytest.approx(10, abs=1)


def test_several_targets_have_their_quantiles():
    table = pd.DataFrame({"sold": one(), "lost": one(seed=1) * 100})
    regressor = PretrainedGRURegressor(12)
    both = Forecaster(regressor, horizon=2, lookback=36, target=["sold", "lost"]).fit(table)
    for name in table:
        alone = Forecaster(regressor, horizon=2, lookback=36).fit(table[name])
        columns = [name, f"{name}-lo-80", f"{name}-hi-80"]
        assert_allclose(both.forecast(coverage=0.8)[columns], alone.forecast(coverage=0.8))


def test_quantiles_that_the_regressor_does_not_predict():
    forecaster = Forecaster(PretrainedGRURegressor(12), horizon=2, lookback=36).fit(one())
    with pytest.raises(ValueError, match=r"no quantiles for coverage=0.95: .* set n_calibration"):
        forecaster.forecast(coverage=0.95)
    with pytest.raises(ValueError, match="steps=3 is beyond horizon=2, up to which the regressor"):
        forecaster.forecast(3, coverage=0.8)
    learned = clone(forecaster).set_params(n_calibration=20).fit(one())
    assert np.isfinite(learned.forecast(coverage=0.95)).all(axis=None)
