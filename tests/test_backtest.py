"""Backtests: the same as fits by hand, no leak, one long frame."""

import os
import signal
import warnings

import numpy as np
import pandas as pd
import pytest
import utilsforecast.losses
from pandas.testing import assert_frame_equal
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.linear_model import Ridge
from skorch.callbacks import Callback

from skrnn import (
    Forecaster,
    GRURegressor,
    NaiveRegressor,
    PretrainedGRURegressor,
    WindowLinearRegressor,
    WindowNormalizedRegressor,
    skill_table,
)

LAST = NaiveRegressor()
COLUMNS = ["unique_id", "ds", "cutoff", "y", "forecast"]


def walk(n_rows, seed=0):
    return np.random.default_rng(seed).normal(size=n_rows).cumsum() + 50


def one(n_rows=48, seed=0):
    months = pd.period_range("2020-01", periods=n_rows, freq="M", name="month")
    return pd.Series(walk(n_rows, seed), months, name="sold")


def shops(**months):
    """A panel of shops with their months, "first:last"."""
    tables = []
    for i, (shop, span) in enumerate(months.items()):
        time = pd.period_range(*span.split(":"), freq="M")
        index = pd.MultiIndex.from_product([[shop], time], names=["shop", "month"])
        tables.append(pd.DataFrame({"sold": walk(len(time), i)}, index=index))
    return pd.concat(tables)


# The same as by hand


@pytest.mark.parametrize("regressor", [Ridge(), WindowNormalizedRegressor(WindowLinearRegressor())])
def test_each_cutoff_has_the_forecast_of_a_forecaster_that_knows_nothing_later(regressor):
    series = one()
    forecaster = Forecaster(regressor, horizon=3, lookback=5)
    frame = forecaster.backtest(series, n_cutoffs=4, stride=2)
    assert list(frame.columns) == COLUMNS
    assert list(frame["cutoff"].unique()) == list(series.index[[38, 40, 42, 44]])
    assert set(frame["unique_id"]) == {"sold"}
    for cutoff, part in frame.groupby("cutoff"):
        expected = clone(forecaster).fit(series[:cutoff]).forecast()
        assert list(part["ds"]) == list(expected.index)
        np.testing.assert_array_equal(part["forecast"], expected["sold"])
        np.testing.assert_array_equal(part["y"], series[expected.index])
    assert not hasattr(forecaster, "regressor_")


def test_without_refit_it_is_fitted_at_the_first_cutoff_and_updated():
    series = one()
    frame = Forecaster(Ridge(), horizon=3, lookback=5).backtest(series, n_cutoffs=6, refit=False)
    cutoffs = frame["cutoff"].unique()
    fitted = Forecaster(Ridge(), horizon=3, lookback=5).fit(series[: cutoffs[0]])
    for before, cutoff in zip([None, *cutoffs[:-1]], cutoffs, strict=True):
        if before is not None:
            fitted.update(series[before + 1 : cutoff])
        expected = fitted.forecast()["sold"]
        np.testing.assert_array_equal(frame.loc[frame["cutoff"] == cutoff, "forecast"], expected)
    assert not frame.equals(
        Forecaster(Ridge(), horizon=3, lookback=5).backtest(series, n_cutoffs=6)
    )


def test_a_long_table_has_the_backtest_of_an_index():
    panel = shops(b="2020-01:2023-12", a="2021-01:2023-12")
    long = panel.reset_index().sample(frac=1, random_state=0)
    forecaster = Forecaster(Ridge(), horizon=3, lookback=5)
    of_long = Forecaster(Ridge(), horizon=3, lookback=5, id_col="shop", time_col="month")
    frame = forecaster.backtest(panel, n_cutoffs=3)
    assert_frame_equal(of_long.backtest(long, n_cutoffs=3), frame)
    assert frame.groupby("unique_id").size().to_dict() == {"a": 9, "b": 9}


def test_cutoffs_at_the_same_time_give_the_same_frame():
    forecaster = Forecaster(Ridge(), horizon=3, lookback=5)
    assert_frame_equal(
        forecaster.backtest(one(), n_cutoffs=4, n_jobs=2), forecaster.backtest(one(), n_cutoffs=4)
    )


@pytest.mark.parametrize("refit", [True, False])
def test_no_value_after_a_cutoff_changes_its_forecasts(refit):
    """Of no series, also through scaling, the effects of known features or other columns."""
    panel = shops(a="2020-01:2023-12", b="2020-01:2023-12")
    rng = np.random.default_rng(0)
    panel["visits"], panel["price"] = rng.normal(size=(2, len(panel)))
    regressor = WindowNormalizedRegressor(WindowLinearRegressor())
    parameters = {"target": "sold", "future_features": ["price"]}
    forecaster = Forecaster(regressor, horizon=3, lookback=6, **parameters)
    changed = panel.copy()
    cutoff = pd.Period("2023-05", "M")
    is_later = changed.index.get_level_values("month") > cutoff
    changed.loc[is_later, ["sold", "visits"]] *= 100
    before, after = (
        forecaster.backtest(table, n_cutoffs=8, refit=refit) for table in (panel, changed)
    )
    before, after = (frame[frame["cutoff"] <= cutoff] for frame in (before, after))
    assert before["cutoff"].nunique() == 4
    np.testing.assert_array_equal(before["forecast"], after["forecast"])
    later = forecaster.backtest(changed, n_cutoffs=1)["forecast"]
    assert (later != forecaster.backtest(panel, n_cutoffs=1)["forecast"]).all()


# Which rows


def test_series_that_end_or_start_in_between():
    panel = shops(old="2018-01:2022-12", whole="2018-01:2023-12", new="2023-03:2023-12")
    frame = Forecaster(LAST, horizon=3, lookback=1).backtest(
        panel, cutoffs=["2022-11", "2023-02", "2023-06", "2023-11"]
    )
    counts = frame.groupby([frame["cutoff"].astype(str), "unique_id"]).size()
    assert counts.to_dict() == {
        ("2022-11", "old"): 1,
        ("2022-11", "whole"): 3,
        ("2023-02", "whole"): 3,
        ("2023-06", "new"): 3,
        ("2023-06", "whole"): 3,
        ("2023-11", "new"): 1,
        ("2023-11", "whole"): 1,
    }
    known = panel["sold"].loc[list(zip(frame["unique_id"], frame["cutoff"], strict=True))]
    np.testing.assert_array_equal(frame["forecast"], known)


def test_steps_without_a_target_are_left_out():
    panel = shops(a="2020-01:2023-12", b="2020-01:2023-12")
    panel.loc[("a", "2023-11"), "sold"] = np.nan  # a target
    panel = panel.drop(("b", pd.Period("2023-08", "M")))  # a cutoff
    with pytest.warns(UserWarning, match="filled with the value one season before"):
        frame = Forecaster(LAST, horizon=3, lookback=2).backtest(panel, n_cutoffs=3)
    counts = frame.groupby([frame["cutoff"].astype(str), "unique_id"]).size()
    assert counts.to_dict() == {
        ("2023-07", "a"): 3,
        ("2023-07", "b"): 2,
        ("2023-08", "a"): 2,
        ("2023-09", "a"): 2,
        ("2023-09", "b"): 3,
    }
    assert frame.notna().all().all()


def test_known_static_and_other_features_are_those_of_the_cutoff():
    panel = shops(a="2020-01:2023-12", b="2020-01:2023-12")
    panel["visits"] = walk(len(panel), 3)
    panel["price"] = np.random.default_rng(1).normal(size=len(panel))
    panel["sold"] += 10 * panel["price"]
    parameters = {
        "target": "sold",
        "future_features": ["price"],
        "static_features": pd.DataFrame({"area": [1.0, 2.0]}, index=["a", "b"]),
        "calendar": lambda months: np.asarray(months.month == 12)[:, np.newaxis],
    }
    forecaster = Forecaster(Ridge(), horizon=3, lookback=5, **parameters)
    frame = forecaster.backtest(panel, cutoffs=["2023-06"])
    months = panel.index.get_level_values("month").astype(str)
    future = panel.loc[months.isin(["2023-07", "2023-08", "2023-09"]), ["price"]]
    expected = clone(forecaster).fit(panel[months <= "2023-06"]).forecast(future=future)
    np.testing.assert_array_equal(frame["forecast"], expected["sold"])
    short = forecaster.backtest(panel[(months < "2023-12") | (panel["visits"] > 0)], n_cutoffs=1)
    assert len(short) == 6
    with pytest.raises(ValueError, match=r"No series .* cutoff '2023-11' and 3 row\(s\) after it"):
        forecaster.backtest(panel, cutoffs=["2023-11"])


def test_several_targets():
    table = pd.DataFrame({"sold": one(), "lost": one(seed=1)})
    parameters = {"horizon": 3, "lookback": 5, "target": ["sold", "lost"]}
    frame = Forecaster(Ridge(), **parameters).backtest(table, n_cutoffs=2)
    assert list(frame.columns) == [*COLUMNS[:3], "target", *COLUMNS[3:]]
    assert frame.groupby(["target", "unique_id"]).size().to_dict() == {
        ("lost", "lost"): 6,
        ("sold", "sold"): 6,
    }
    for target, part in frame.groupby("target"):
        np.testing.assert_array_equal(part["y"], table.loc[part["ds"], target])


def test_all_steps_are_forecast_for_series_at_different_minutes():
    hours = pd.date_range("2024-01-01", periods=60, freq="h")
    shifted = {
        f"s{i}": pd.Series(walk(60, i), hours + pd.Timedelta(minutes=20 * i)) for i in range(3)
    }
    table = pd.concat(shifted, names=["sensor", "time"]).to_frame("load")
    frame = Forecaster(LAST, horizon=6, lookback=2).backtest(table, n_cutoffs=6)
    assert (frame.groupby(["cutoff", "unique_id"]).size() == 6).all()
    assert frame["cutoff"].nunique() == 6


def test_rows_without_a_target_at_the_end_do_not_move_the_cutoffs():
    series = one()
    longer = pd.concat([series, one()[:4].set_axis(series.index[-4:] + 4) * np.nan])
    forecaster = Forecaster(LAST, horizon=3)
    expected = forecaster.backtest(series, n_cutoffs=3)
    pd.testing.assert_frame_equal(forecaster.backtest(longer, n_cutoffs=3), expected)
    assert len(expected) == 9


def test_one_cutoff_need_not_be_a_list():
    forecaster = Forecaster(LAST, horizon=2)
    expected = forecaster.backtest(one(), cutoffs=["2023-01"])
    for cutoff in ("2023-01", pd.Period("2023-01", "M")):
        pd.testing.assert_frame_equal(forecaster.backtest(one(), cutoffs=cutoff), expected)


LABELS = {
    "days": pd.date_range("2024-01-01", periods=48, freq="D"),
    "days in a time zone": pd.date_range("2024-03-01", periods=48, freq="D", tz="Europe/Berlin"),
    "trading days": pd.bdate_range("2024-01-01", periods=48),
    "integers": pd.RangeIndex(48),
    "durations": pd.timedelta_range("0s", periods=48, freq="30s"),
}


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
def test_labels(labels):
    series = pd.Series(walk(48), labels, name="load")
    frame = Forecaster(LAST, horizon=2, lookback=3).backtest(series, n_cutoffs=3)
    assert list(frame["ds"]) == list(labels[[44, 45, 45, 46, 46, 47]])
    assert list(frame["cutoff"].unique()) == list(labels[43:46])
    assert frame["ds"].dtype == frame["cutoff"].dtype == labels.dtype


# Metrics


def test_metrics_of_utilsforecast_and_skill_table_read_the_frame():
    panel = shops(a="2018-01:2023-12", b="2018-01:2023-12")
    frame = Forecaster(LAST, horizon=3, lookback=1).backtest(panel, n_cutoffs=12)
    mae = utilsforecast.losses.mae(frame, models=["forecast"])
    mae = mae.set_index(["unique_id", "cutoff"])["forecast"]
    error = (frame["forecast"] - frame["y"]).abs()
    expected = error.groupby([frame["unique_id"], frame["cutoff"]]).mean()
    pd.testing.assert_series_equal(mae.sort_index(), expected, check_names=False)
    skill = skill_table(frame, panel, season_length=12)
    assert skill.overall.loc["forecast", "n"] == 72
    assert skill.overall.loc["forecast", "skill_last_value"] == 0


# Progress, Ctrl-C, warnings


def test_the_progress_bar_counts_cutoffs(capsys):
    Forecaster(LAST, horizon=2).backtest(one(), n_cutoffs=3)
    assert capsys.readouterr().err == ""
    Forecaster(LAST, horizon=2).backtest(one(), n_cutoffs=3, verbose=1)
    assert "3/3" in capsys.readouterr().err


class CtrlC(Callback):
    """Sends SIGINT at the end of the first epoch of one of the fits."""

    n_fits = 0

    def __init__(self, fit=0):
        self.fit = fit

    def on_train_begin(self, net, **kwargs):
        CtrlC.n_fits += 1

    def on_epoch_end(self, net, **kwargs):
        if CtrlC.n_fits == self.fit and len(net.history) == 1:
            os.kill(os.getpid(), signal.SIGINT)


def interrupted_in(fit):
    CtrlC.n_fits = 0
    network = GRURegressor(2, max_epochs=3, random_state=0, callbacks=[CtrlC(fit)])
    return Forecaster(WindowNormalizedRegressor(network), horizon=2, lookback=4)


def test_ctrl_c_keeps_the_cutoffs_before(ctrl_c):
    """A network ends its training at Ctrl-C. A forecast of a half trained one is not kept."""
    series = one()
    whole = interrupted_in(fit=0).backtest(series, n_cutoffs=4)
    with pytest.warns(UserWarning, match=r"interrupted: it has 2 of 4 cutoffs, up to '2023-08'"):
        frame = interrupted_in(fit=3).backtest(series, n_cutoffs=4)
    assert_frame_equal(frame, whole[:4])
    for refit in (True, False):
        with pytest.raises(KeyboardInterrupt):
            interrupted_in(fit=1).backtest(series, n_cutoffs=4, refit=refit)


class Warns(RegressorMixin, BaseEstimator):
    """Warns in fit, and cannot learn from few rows."""

    def __init__(self, fewest=0):
        self.fewest = fewest

    def fit(self, X, y):
        warnings.warn(f"{len(X)} rows are few.", FutureWarning, stacklevel=2)
        if len(X) < self.fewest:
            raise ValueError("Too few rows.")
        return self

    def predict(self, X):
        return np.zeros(len(X))


@pytest.mark.parametrize("n_jobs", [None, 2])
@pytest.mark.filterwarnings("default::FutureWarning")
def test_a_warning_of_each_fit_is_raised_once(n_jobs):
    with pytest.warns(FutureWarning) as caught:
        Forecaster(Warns(), horizon=1, lookback=2).backtest(one(), n_cutoffs=3, n_jobs=n_jobs)
    text = "At the cutoff '2023-09' and 2 more: 43 rows are few."
    assert [str(warning.message) for warning in caught] == [text]
    assert caught[0].filename == __file__


@pytest.mark.filterwarnings("default::FutureWarning")
def test_an_error_names_the_cutoff():
    with pytest.raises(ValueError, match="Too few rows") as caught:
        Forecaster(Warns(fewest=44), horizon=1, lookback=2).backtest(one(), n_cutoffs=3)
    assert "This happened at the cutoff '2023-09'." in caught.value.__notes__


# Bad input


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_cutoffs": 0}, "n_cutoffs must be an integer of at least 1, but is 0"),
        ({"stride": 0}, "stride must be an integer of at least 1, but is 0"),
        (
            {"n_cutoffs": 12, "stride": 5},
            r"n_cutoffs=12 with stride=5 and horizon=2 need 58 time labels at least, .* have 48",
        ),
        ({"cutoffs": ["2019-01"]}, "before the last one, .* 1 of 1 are not, such as '2019-01'"),
        ({"cutoffs": ["2023-12"]}, "which is '2023-12'; 1 of 1 are not, such as '2023-12'"),
        ({"cutoffs": []}, "before the last one, .*; 0 of 0 are not"),
        (
            {"cutoffs": ["last year"]},
            "cutoffs must be labels such as '2020-01', but .* 'last year'",
        ),
    ],
)
def test_bad_cutoffs(parameters, message):
    with pytest.raises(ValueError, match=message):
        Forecaster(LAST, horizon=2).backtest(one(), **parameters)


def test_parameters_are_checked():
    with pytest.raises(ValueError, match="'horizon' parameter of Forecaster must be an int"):
        Forecaster(LAST, horizon=0).backtest(one())


def test_the_default_regressor_of_a_short_series():
    frame = Forecaster(horizon=2).backtest(one(30), n_cutoffs=2)
    expected = Forecaster(PretrainedGRURegressor(12), horizon=2, lookback=27)
    expected = expected.backtest(one(30), n_cutoffs=1, cutoffs=["2022-03"])["forecast"]
    np.testing.assert_allclose(frame["forecast"][:2], expected)
