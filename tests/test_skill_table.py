"""Skill: metrics are those of utilsforecast, naive forecasts have skill 0, sentences are true."""

import numpy as np
import pandas as pd
import pytest
import utilsforecast.losses as reference
from numpy.testing import assert_allclose
from pandas.testing import assert_frame_equal

from skrnn import Forecaster, NaiveRegressor, skill_table
from skrnn.datasets import load_airline_passengers, load_australian_temperature

SEASON = 12


def backtest(values, cutoffs, horizon, forecasts, names=("a",)):
    """A backtest of series (n_series, n_rows); `forecasts` maps known values to forecasts."""
    rng = np.random.default_rng(0)
    rows = []
    for name, y in zip(names, values, strict=True):
        for cutoff in cutoffs:
            made = {model: make(y[: cutoff + 1], rng) for model, make in forecasts.items()}
            for step in range(1, horizon + 1):
                row = {"unique_id": name, "cutoff": cutoff, "ds": cutoff + step}
                row |= {"y": y[cutoff + step]}
                rows.append(row | {model: ahead[step - 1] for model, ahead in made.items()})
    return pd.DataFrame(rows)


def noisy(size):
    return lambda known, rng: known[-SEASON:] + size * rng.normal(size=SEASON)


def last_value(known, rng):
    return np.repeat(known[-1], SEASON)


def last_season(known, rng):
    return known[-SEASON:]


def long(values, names):
    return pd.concat(
        [
            pd.DataFrame({"unique_id": name, "ds": np.arange(len(y)), "y": y})
            for name, y in zip(names, values, strict=True)
        ],
        ignore_index=True,
    )


@pytest.fixture
def panel():
    """Two seasonal series of different size, as arrays."""
    time = np.arange(120)
    noise = np.random.default_rng(1).normal(size=(2, 120))
    return np.array([[10.0], [1000.0]]) * (3 + np.sin(time / 6 * np.pi) + 0.3 * noise)


# The metrics of utilsforecast


@pytest.fixture
def scored(panel):
    names = ("a", "b")
    frame = backtest(panel, [80, 90, 100], 6, {"m": noisy(3.0), "k": noisy(30.0)}, names)
    for level, width in ((80, 20.0), (95, 60.0)):
        frame[f"m-lo-{level}"], frame[f"m-hi-{level}"] = frame["m"] - width, frame["m"] + width
    return frame, long(panel, names)


def test_errors_are_those_of_utilsforecast(scored):
    frame, series = scored
    skill = skill_table(frame, series, season_length=SEASON)
    options = {"models": ["m", "k"], "seasonality": SEASON, "train_df": series}
    expected = {
        "mae": reference.mae(frame, models=["m", "k"]),
        "mase": reference.mase(frame, **options),
    }
    for name, by_cutoff in expected.items():
        for model in ("m", "k"):
            means = by_cutoff.groupby("unique_id")[model].mean()
            assert_allclose(skill.by_series.loc[model][name], means, rtol=1e-12)
    one = frame[frame["cutoff"] == 90]
    by_series = skill_table(one, series, season_length=SEASON).by_series
    rmsse = reference.rmsse(one, **options)
    for model in ("m", "k"):
        assert_allclose(by_series.loc[model]["rmsse"], rmsse[model], rtol=1e-12)


@pytest.mark.parametrize("level", [80, 95])
def test_intervals_are_scored_as_in_utilsforecast(scored, level):
    frame, series = scored
    skill = skill_table(frame, series, season_length=SEASON).by_series
    for name, metric in (("coverage", reference.coverage), ("winkler", reference.winkler_score)):
        expected = metric(frame, models=["m"], level=level).groupby("unique_id")["m"].mean()
        assert_allclose(skill.loc["m"][f"{name}-{level}"], expected, rtol=1e-12)
    assert skill.loc["k"][f"coverage-{level}"].isna().all()  # it has no interval


def test_naive_forecasts_are_those_of_utilsforecast_frames(panel):
    """The baselines, as columns of the frame, have the errors that are put beside them."""
    naive = {"last": last_value, "season": last_season}
    frame = backtest(panel, [70, 85, 100], SEASON, naive, ("a", "b"))
    skill = skill_table(frame, long(panel, ("a", "b")), season_length=SEASON)
    for table in (skill.overall, skill.by_step, skill.by_series, skill.table):
        assert_allclose(table.loc["last"]["mase"], table.loc["last"]["mase_last_value"])
        assert_allclose(table.loc["season"]["mase"], table.loc["season"]["mase_last_season"])
        assert_allclose(table.loc["last"]["skill_last_value"], 0, atol=1e-12)
        assert_allclose(table.loc["season"]["skill_last_season"], 0, atol=1e-12)
    assert "last: no better than the last value at any step." in skill.sentences[0]
    assert any(
        "season: no better than last season's value at any step." in s for s in skill.sentences
    )


def test_means_of_a_step_and_of_a_series_are_those_of_the_rows(scored):
    frame, series = scored
    skill = skill_table(frame, series, season_length=SEASON)
    assert skill.table["n"].eq(3).all()
    assert skill.by_step["n"].eq(6).all()
    assert skill.overall["n"].eq(36).all()
    for by, level in ((skill.by_step, "step"), (skill.by_series, "unique_id")):
        means = skill.table["mase"].groupby(["model", level]).mean()
        assert_allclose(by["mase"], means)
    assert_allclose(skill.overall["mase"], skill.table["mase"].groupby("model").mean())
    assert "mae" in skill.by_series
    assert "mae" not in skill.by_step  # series in different units
    assert "winkler-80" not in skill.overall


# Sentences


def test_the_steps_at_which_a_model_is_no_better(panel):
    def fades(known, rng):
        """Perfect at first, then last season's value."""
        ahead = panel[0][len(known) : len(known) + SEASON]
        return np.where(np.arange(SEASON) < 6, ahead, known[-SEASON:])

    frame = backtest(panel[:1], range(60, 105, 3), SEASON, {"fades": fades})
    skill = skill_table(frame, long(panel[:1], ("a",)), season_length=SEASON)
    better = skill.by_step["better_than_last_season"].to_numpy()
    assert list(better) == [True] * 6 + [False] * 6
    size = skill.overall["skill_last_season"]["fades"]
    assert skill.sentences[-1] == (
        "fades: no better than last season's value at steps 7 to 12. "
        f"Its errors are {100 * size:.0f} % smaller."
    )


def test_a_gain_by_chance_is_no_gain():
    """Random walks, whose last value cannot be beaten: noise around it is seldom called better."""
    rng = np.random.default_rng(0)
    walks = rng.normal(size=(30, 100)).cumsum(axis=1)
    names = [f"walk{i}" for i in range(30)]

    def near(known, rng):
        return np.repeat(known[-1] + 0.02 * rng.normal(), SEASON)

    frame = backtest(walks, [40, 52, 64, 76], SEASON, {"near": near}, names)
    skill = skill_table(frame, long(walks, names), season_length=1)
    assert skill.by_step["skill_last_value"].abs().max() < 0.02
    assert skill.by_step["better_than_last_value"].sum() <= 1
    assert skill.by_step.columns.str.contains("last_season").sum() == 0


def test_series_for_which_a_model_is_no_better(panel):
    names = ("good", "bad")
    frame = backtest(panel, range(60, 100, 6), SEASON, {"m": last_season}, names)
    frame.loc[frame["unique_id"] == "good", "m"] = frame["y"]
    frame.loc[frame["unique_id"] == "bad", "m"] += 5000
    skill = skill_table(frame, long(panel, names), season_length=SEASON)
    text = "m: no better than last season's value for 1 of 2 series, such as 'bad'."
    assert text in skill.sentences


def test_the_sentence_on_intervals(scored):
    frame, series = scored
    skill = skill_table(frame, series, season_length=SEASON)
    coverage = skill.by_step.loc["m"]["coverage-80"]
    (sentence,) = [s for s in skill.sentences if "80 %" in s and "interval" in s]
    overall = skill.overall["coverage-80"]["m"]
    assert sentence == (
        f"m: the 80 % interval holds {100 * overall:.0f} % of the values, and "
        f"{100 * coverage.min():.0f} % at step {coverage.idxmin()}."
    )
    assert repr(skill).endswith("\n".join(skill.sentences))


# Forms of the series, and labels


def airline(horizon=3):
    series = load_airline_passengers()["passengers"]
    frame = backtest([series.to_numpy(float)], range(100, 130, 5), horizon, {"m": noisy(20.0)})
    for name in ("cutoff", "ds"):
        frame[name] = series.index[frame[name]]
    return frame, series


def test_all_forms_of_a_series_give_the_same_table():
    frame, series = airline()
    expected = skill_table(frame, series, season_length=SEASON).table
    nixtla = series.rename("y").rename_axis("ds").reset_index().assign(unique_id="a")
    other = nixtla.rename(columns={"ds": "month", "unique_id": "line", "y": "sold"})
    forms = {
        "DataFrame": (series.to_frame(), {}),
        "columns beside it": (series.to_frame().assign(rain=0.0), {"target": "passengers"}),
        "MultiIndex": (pd.concat({"a": series}), {}),
        "Nixtla's": (nixtla, {}),
        "other names": (other, {"id_col": "line", "time_col": "month", "target": "sold"}),
        "up to the last cutoff": (series[: frame["cutoff"].max()], {}),
        "shuffled": (nixtla.sample(frac=1, random_state=0), {}),
    }
    for name, (form, options) in forms.items():
        found = skill_table(frame, form, season_length=SEASON, **options).table
        pd.testing.assert_frame_equal(found, expected, obj=name)


def test_dates_and_trading_days():
    days = pd.bdate_range("2024-01-01", periods=120)
    y = np.random.default_rng(0).normal(size=120).cumsum()
    frame = backtest([y], [80, 90, 100], 5, {"m": noisy(1.0)})
    expected = skill_table(frame, pd.Series(y), season_length=5).table
    for name in ("cutoff", "ds"):
        frame[name] = days[frame[name]]
    found = skill_table(frame, pd.Series(y, days), season_length=5).table
    pd.testing.assert_frame_equal(found, expected)
    unlabelled = pd.Series(y, pd.DatetimeIndex(days, freq=None))
    found = skill_table(frame, unlabelled, season_length=5, freq="B").table
    pd.testing.assert_frame_equal(found, expected)


@pytest.mark.parametrize("freq", ["2B", pd.offsets.CustomBusinessDay(holidays=["2024-02-01"])])
def test_dates_that_carry_their_frequency_keep_it(freq):
    labels = pd.date_range("2024-01-01", periods=60, freq=freq)
    series = load_airline_passengers()["passengers"][:60]
    dated, numbered = series.set_axis(labels), series.reset_index(drop=True)
    tables = [
        skill_table(
            Forecaster(NaiveRegressor(), horizon=3, lookback=2).backtest(rows, n_cutoffs=5),
            rows,
            season_length=12,
        ).table
        for rows in (dated, numbered)
    ]
    assert_frame_equal(tables[0], tables[1])


def test_a_panel_with_its_own_names():
    panel = load_australian_temperature().loc[["Cairns", "Hobart"]]
    month = pd.period_range("2015-01", "2015-06", freq="M")
    frame = panel[panel.index.get_level_values("month").isin(month)].reset_index()
    frame.columns = ["unique_id", "ds", "y"]
    frame = frame.assign(m=frame["y"] + 1.0)
    skill = skill_table(frame, panel, season_length=SEASON)  # no cutoff: before the first month
    assert list(skill.by_series.loc["m"].index) == ["Cairns", "Hobart"]
    assert list(skill.by_step.loc["m"].index) == [1, 2, 3, 4, 5, 6]
    december = panel["temperature"].loc["Cairns"].loc["2014-12"]
    expected = (frame[frame["unique_id"] == "Cairns"]["y"] - december).abs().mean()
    found = skill.by_series.loc["m", "Cairns"]
    assert_allclose(found["mase_last_value"] / found["mase"], expected)


def test_missing_rows_take_the_last_known_value():
    y = np.arange(40.0) ** 2
    series = pd.Series(y)
    frame = backtest([y], [30], 4, {"m": noisy(1.0)})
    gap = series.drop([29, 30])  # the last two known values, one of them last season's
    gap[30] = np.nan
    skill = skill_table(frame, gap, season_length=2).table
    scale = skill["mae"] / skill["mase"]
    assert_allclose(skill["mase_last_value"] * scale, y[31:35] - y[28])
    assert_allclose(skill["mase_last_season"] * scale, y[31:35] - y[[27, 28, 27, 28]])


def test_unknown_values_are_left_out(scored):
    frame, series = scored
    frame.loc[0, ["y", "m"]] = np.nan
    skill = skill_table(frame, series, season_length=SEASON)
    assert skill.overall["n"]["m"] == 35


# Bad input


def test_a_constant_or_short_series_is_left_out_with_a_warning(panel):
    values = np.vstack([panel, np.ones((1, 120))])
    names = ("a", "b", "zero")
    frame = backtest(values, [80, 90], 3, {"m": noisy(1.0)}, names)
    with pytest.warns(UserWarning, match="6 of 18 rows are left out, such as 81 of series 'zero'"):
        skill = skill_table(frame, long(values, names), season_length=SEASON)
    rest = frame[frame["unique_id"] != "zero"]
    expected = skill_table(rest, long(values, names), season_length=SEASON)
    pd.testing.assert_frame_equal(skill.table, expected.table)
    with pytest.raises(ValueError, match="None of 18 rows can be scored"):
        skill_table(frame, long(values, names), season_length=95)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.drop(columns="y"), "frame has no column 'y'"),
        (lambda f: f.drop(columns=["m"]), "no column with forecasts"),
        (lambda f: f.assign(m="text"), "a column 'm' of numbers"),
        (lambda f: f.assign(y=np.nan), "None of the 18 rows of frame .* a known value in 'y'"),
        (lambda f: f[:0], "None of the 0 rows of frame"),
        (lambda f: f.assign(m=f["m"].where(f.index > 1)), "2 of 18 rows have no value in 'm'"),
        (lambda f: pd.concat([f, f[:2]], ignore_index=True), "2 rows stand in frame twice"),
        (lambda f: f.assign(y=f["y"] / 1000), "differs from series in 18 of 18 rows"),
        (lambda f: f.assign(unique_id=["b", *f["unique_id"][1:]]), "2 series in 'unique_id'"),
        (lambda f: f.assign(ds=f["ds"].dt.to_timestamp()), "'ds' of frame holds dates"),
        (lambda f: f.assign(cutoff=f["ds"]), "18 of 18 rows have no known value before them"),
        (lambda f: f.assign(cutoff=f["cutoff"] - 120), "12 of 18 rows have no known value"),
    ],
)
def test_frames_that_cannot_be_scored(change, message):
    frame, series = airline()
    with pytest.raises(ValueError, match=message):
        skill_table(change(frame), series, season_length=SEASON)


@pytest.mark.parametrize("is_panel", [False, True])
def test_a_backtest_of_several_targets_is_scored_by_target(is_panel):
    series = load_airline_passengers().astype(float)
    table = series.assign(other=np.random.default_rng(0).normal(size=144).cumsum())
    if is_panel:
        table = pd.concat({"a": table, "b": table * 2}, names=["name"])
    forecaster = Forecaster(NaiveRegressor(), horizon=3, target=["passengers", "other"])
    frame = forecaster.backtest(table, n_cutoffs=4)
    for target in ("passengers", "other"):
        alone = Forecaster(NaiveRegressor(), horizon=3).backtest(table[[target]], n_cutoffs=4)
        expected = skill_table(alone, table[[target]], season_length=12)
        found = skill_table(frame, table, season_length=12, target=target)
        assert_frame_equal(found.table, expected.table)
    words = r"forecasts of 2 targets, \['passengers', 'other'\], and target=None is none of them"
    with pytest.raises(ValueError, match=words):
        skill_table(frame, table, season_length=12)


def test_models_are_named_once_and_one_need_not_be_a_list(scored):
    frame, series = scored
    name = skill_table(frame, series, season_length=SEASON).overall.index[0]
    expected = skill_table(frame, series, season_length=SEASON, models=[name]).table
    for models in (name, [name, name]):
        found = skill_table(frame, series, season_length=SEASON, models=models)
        assert_frame_equal(found.table, expected)


def test_other_bad_input(scored):
    frame, series = scored
    with pytest.raises(TypeError, match="frame must be a DataFrame"):
        skill_table(frame.to_numpy(), series, season_length=SEASON)
    with pytest.raises(ValueError, match="season_length must be an integer of at least 1"):
        skill_table(frame, series, season_length=0)
    with pytest.raises(ValueError, match="frame has no column 'x'"):
        skill_table(frame, series, season_length=SEASON, models=["x"])
    with pytest.raises(ValueError, match="1 of 2 series of frame are not in series, such as 'b'"):
        skill_table(frame, series[series["unique_id"] == "a"], season_length=SEASON)
