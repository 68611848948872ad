"""SlidingWindowTransformer: a window for every row, the context, tables, pipelines."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, PolynomialFeatures, StandardScaler

from skrnn import LastSteps, SlidingWindowTransformer, TimeDistributed, make_supervised
from skrnn.datasets import load_airline_passengers, load_australian_temperature

# Short series, by chance or on purpose: test_short_windows.py tests the warnings.
SHORT = pytest.mark.filterwarnings(
    "ignore:.*fewer than lookback=:UserWarning",
    "ignore:No window of .* all are nothing but padding:UserWarning",
    "ignore:.* have a full window:UserWarning",
    "ignore:No row has a full window:UserWarning",
)

# Labels of 60 consecutive steps, and the freq= that says so where the labels do not.
N_STEPS = 60
BERLIN = "Europe/Berlin"
LABELS = {
    "month": (pd.period_range("1999-11", periods=N_STEPS, freq="M"), None),
    "quarter": (pd.period_range("1999Q4", periods=N_STEPS, freq="Q"), None),
    "two months": (pd.period_range("1999-11", periods=N_STEPS, freq="2M"), None),
    "business day": (pd.date_range("2000-02-24", periods=N_STEPS, freq="B"), "B"),
    "two business days": (pd.date_range("2000-02-24", periods=N_STEPS, freq="2B"), "2B"),
    "day": (pd.date_range("2000-02-20", periods=N_STEPS, freq="D"), "D"),
    "hour": (pd.date_range("2000-02-28 20:00", periods=N_STEPS, freq="h"), "h"),
    "15 minutes": (pd.date_range("2000-02-28 20:00", periods=N_STEPS, freq="15min"), "15min"),
    "month start": (pd.date_range("2000-01-01", periods=N_STEPS, freq="MS"), "MS"),
    "two months, end": (pd.date_range("2000-01-31", periods=N_STEPS, freq="2ME"), "2ME"),
    # The clock changes on 26 March 2000 and 29 October 2000.
    "day in Berlin": (pd.date_range("2000-03-20", periods=N_STEPS, freq="D", tz=BERLIN), "D"),
    "hour in Berlin": (pd.date_range("2000-03-25", periods=N_STEPS, freq="h", tz=BERLIN), "h"),
    "month in Berlin": (pd.date_range("2000-01", periods=N_STEPS, freq="MS", tz=BERLIN), "MS"),
    "elapsed days": (pd.timedelta_range("0D", periods=N_STEPS, freq="D"), "D"),
    "elapsed minutes": (pd.timedelta_range("1min", periods=N_STEPS, freq="5min"), "5min"),
    "integer": (pd.RangeIndex(N_STEPS), 1),
    "every seventh integer": (pd.RangeIndex(-70, -70 + 7 * N_STEPS, 7), 7),
}


@dataclass
class Panel:
    """Rows of several series: the number of the time step of each, and its values."""

    series: list[str]
    steps: np.ndarray
    values: np.ndarray

    def frame(self, labels, how):
        """Rows as a DataFrame whose index and columns name series and time as `how` says."""
        columns = [f"x{i}" for i in range(self.values.shape[1])]
        frame = pd.DataFrame(self.values, columns=columns)
        time = labels[self.steps]
        if how == "index":
            frame.index = pd.MultiIndex.from_arrays([self.series, time], names=["station", "t"])
        elif how == "two levels":
            state = [name.upper() for name in self.series]
            frame.index = pd.MultiIndex.from_arrays([state, self.series, time])
        elif how == "column":
            frame.index = time
            frame.insert(0, "station", self.series)
        else:
            frame.index = pd.MultiIndex.from_arrays([time, self.series], names=["t", "station"])
        return frame


@st.composite
def panels(draw, max_series=3):
    """Panels with unequal starts and gaps, their series in blocks or interleaved.

    The first two rows of each series follow one another, so that neither a series nor
    its beginning is nothing but gaps, which `fit` refuses.
    """
    names = draw(st.permutations("abc"[: draw(st.integers(1, max_series))]))
    steps = {}
    for name in names:
        start = draw(st.integers(0, 5))
        gaps = draw(st.lists(st.sampled_from([1, 1, 1, 2, 3]), max_size=5))
        steps[name] = iter(np.cumsum([start, 1, *gaps]).tolist())
        steps[name, "length"] = len(gaps) + 2
    series = [name for name in names for _ in range(steps[name, "length"])]
    if draw(st.booleans()):
        series = draw(st.permutations(series))
    n_features = draw(st.integers(1, 2))
    values = 1 + np.arange(len(series) * n_features).reshape(-1, n_features)
    dtype = draw(st.sampled_from(["float32", "float64", "int64"]))
    return Panel(series, np.array([next(steps[name]) for name in series]), values.astype(dtype))


@st.composite
def windowings(draw):
    """Parameters of a window."""
    lookback = draw(st.integers(1, 6))
    min_periods = draw(st.just(1) | st.integers(1, lookback))
    return {"lookback": lookback, "shift": draw(st.integers(0, 3)), "min_periods": min_periods}


@st.composite
def labellings(draw):
    """A kind of labels, where the series are named, and the parameters that say so."""
    labels, freq = LABELS[draw(st.sampled_from(sorted(LABELS)))]
    how = draw(st.sampled_from(["index", "two levels", "column", "level"]))
    return labels, how, {"freq": freq, "id_col": "station" if how in ("column", "level") else None}


def naive_windows(panel, *, lookback, shift, min_periods):
    """Walk back from each row, step by step, for as long as there is a row."""
    labels = list(zip(panel.series, panel.steps.tolist(), strict=True))
    row_of = {label: row for row, label in enumerate(labels)}
    windows = np.full((len(labels), lookback, panel.values.shape[1]), np.nan)
    for row, (name, step) in enumerate(labels):
        back = 0
        while back < shift + lookback and (name, step - back) in row_of:
            if back >= shift:
                windows[row, lookback - 1 - (back - shift)] = panel.values[
                    row_of[name, step - back]
                ]
            back += 1
        if back - shift < min_periods:
            windows[row] = np.nan
    return windows


def monthly(n_rows, start="2000-01", n_features=1):
    index = pd.period_range(start, periods=n_rows, freq="M")
    values = np.arange(1.0, n_rows * n_features + 1).reshape(n_rows, n_features)
    return pd.DataFrame(values, index=index, columns=[f"x{i}" for i in range(n_features)])


# Windows


@SHORT
@given(panel=panels(), windowing=windowings(), labelling=labellings())
@settings(max_examples=150, deadline=None)
def test_windows_are_those_of_a_naive_loop(panel, windowing, labelling):
    labels, how, params = labelling
    X = panel.frame(labels, how)
    windows = SlidingWindowTransformer(**windowing, **params).fit_transform(X)
    assert_array_equal(windows, naive_windows(panel, **windowing))
    is_float32 = panel.values.dtype == "float32"
    assert windows.dtype == ("float32" if is_float32 else "float64")


@SHORT
@pytest.mark.parametrize("kind", LABELS)
def test_one_series_with_a_gap_is_windowed_by_its_labels(kind):
    labels, freq = LABELS[kind]
    steps = np.array([0, 1, 2, 3, 5, 6, 7, 20, 21])
    panel = Panel(["a"] * 9, steps, np.arange(9.0)[:, np.newaxis])
    X = pd.DataFrame(panel.values, index=labels[steps])
    windowing = {"lookback": 3, "shift": 1, "min_periods": 2}
    windows = SlidingWindowTransformer(**windowing, freq=freq).fit_transform(X)
    assert_array_equal(windows, naive_windows(panel, **windowing))


# pandas infers every business day, but no multiple of it.
@pytest.mark.parametrize("kind", sorted(LABELS.keys() - {"two business days"}))
def test_labels_without_a_gap_need_no_freq(kind):
    labels, _ = LABELS[kind]
    X = pd.DataFrame({"x": np.arange(float(N_STEPS))}, index=labels)
    for frame in (X, X.set_index(pd.Index(list(labels)))):
        windows = SlidingWindowTransformer(lookback=4).fit_transform(frame)
        assert_array_equal(windows, SlidingWindowTransformer(lookback=4).fit_transform(X.values))


@SHORT
@given(n_rows=st.integers(1, 8), windowing=windowings(), dtype=st.sampled_from("fdi"))
@settings(max_examples=50, deadline=None)
def test_rows_of_a_bare_array_are_one_series(n_rows, windowing, dtype):
    X = np.arange(n_rows * 2).reshape(n_rows, 2).astype(dtype)
    panel = Panel(["a"] * n_rows, np.arange(n_rows), X)
    windows = SlidingWindowTransformer(**windowing).fit_transform(X)
    assert_array_equal(windows, naive_windows(panel, **windowing))
    assert windows.dtype == ("float32" if dtype == "f" else "float64")


def test_a_group_column_is_no_feature():
    X = monthly(4).assign(station=["a", "a", "b", "b"])
    windower = SlidingWindowTransformer(lookback=2, id_col="station").fit(X)
    assert windower.transform(X).shape == (4, 2, 1)
    assert windower.n_features_in_ == 2
    assert list(windower.feature_names_in_) == ["x0", "station"]


def test_a_categorical_group_column_may_bring_new_categories():
    X = monthly(3).assign(station=pd.Categorical(["a", "a", "a"]))
    new = monthly(3, "2000-04").assign(station=pd.Categorical(["a", "b", "b"]))
    windower = SlidingWindowTransformer(lookback=2, id_col="station").fit(X)
    expected = [[3, 1], [np.nan, 2], [2, 3]]
    assert_array_equal(windower.transform(new)[:, :, 0], expected)


def test_all_windows_of_one_series_are_a_view():
    X = monthly(40, n_features=2)
    for windows in (
        SlidingWindowTransformer(lookback=5).fit_transform(X),
        SlidingWindowTransformer(lookback=5).fit(X[:10]).transform(X[10:]),
        SlidingWindowTransformer(lookback=5).fit_transform(X.to_numpy()),
    ):
        assert windows.strides == (16, 16, 8)
        assert np.shares_memory(windows[20], windows[21])
        assert not windows.flags.writeable


def test_windows_do_not_change_with_the_rows_they_came_from():
    X = np.arange(6.0)[:, np.newaxis]
    windower = SlidingWindowTransformer(lookback=2, context=True)
    windows = windower.fit_transform(X)
    before = windows.copy()
    X[:] = 0
    assert_array_equal(windows, before)
    assert windower.transform(X[:1])[0, 0, 0] == 5  # the context is a copy, too


@SHORT
def test_a_lookback_longer_than_the_series_pads_every_window():
    windows = SlidingWindowTransformer(lookback=10).fit_transform(monthly(3))
    assert windows.shape == (3, 10, 1)
    assert_array_equal(np.isnan(windows).sum(axis=(1, 2)), [9, 8, 7])


def test_min_periods_of_lookback_leaves_complete_windows_or_none():
    windows = SlidingWindowTransformer(lookback=3, min_periods=3).fit_transform(monthly(5))
    assert np.isnan(windows[:2]).all()
    assert_array_equal(windows[2:, :, 0], [[1, 2, 3], [2, 3, 4], [3, 4, 5]])


def test_series_may_start_at_different_steps_of_a_multiple():
    time = [*pd.date_range("2000-01", periods=3, freq="2MS")]
    time += [*pd.date_range("2000-02", periods=3, freq="2MS")]
    index = pd.MultiIndex.from_arrays([list("aaabbb"), time])
    windows = SlidingWindowTransformer(lookback=2, freq="2MS").fit_transform(
        pd.DataFrame({"x": np.arange(6.0)}, index=index)
    )
    expected = [[np.nan, 0], [0, 1], [1, 2], [np.nan, 3], [3, 4], [4, 5]]
    assert_array_equal(windows[:, :, 0], expected)


# Context


def assert_tail(windower, X, is_train):
    full = clone(windower).fit_transform(X)
    tail = clone(windower).fit(X[is_train]).transform(X[~is_train])
    assert tail.dtype == full.dtype
    assert_array_equal(tail, full[~is_train])


@SHORT
@given(panel=panels(), windowing=windowings(), labelling=labellings(), data=st.data())
@settings(max_examples=150, deadline=None)
def test_context_makes_the_tail_when_a_panel_is_cut_in_time(panel, windowing, labelling, data):
    labels, how, params = labelling
    first, last = panel.steps.min(), panel.steps.max()
    is_train = panel.steps < data.draw(st.integers(first + 1, last), label="cut")
    windower = SlidingWindowTransformer(**windowing, **params)
    assert_tail(windower, panel.frame(labels, how), is_train)


@SHORT
@given(panel=panels(), windowing=windowings(), labelling=labellings(), data=st.data())
@settings(max_examples=150, deadline=None)
def test_context_makes_the_tail_when_each_series_is_cut_elsewhere(
    panel, windowing, labelling, data
):
    labels, how, params = labelling
    series = pd.Series(panel.series)
    # 0 rows of a series: it is not seen in fit.
    n_train = {name: data.draw(st.integers(0, 7), label=name) for name in series.unique()}
    is_train = (series.groupby(series).cumcount() < series.map(n_train)).to_numpy()
    assume(0 < is_train.sum() < len(series))
    windower = SlidingWindowTransformer(**windowing, **params)
    assert_tail(windower, panel.frame(labels, how), is_train)


@SHORT
@given(n_rows=st.integers(2, 9), windowing=windowings(), data=st.data())
@settings(max_examples=50, deadline=None)
def test_context_true_continues_bare_arrays(n_rows, windowing, data):
    X = np.arange(1.0, n_rows + 1)[:, np.newaxis]
    is_train = np.arange(n_rows) < data.draw(st.integers(1, n_rows - 1), label="k")
    assert_tail(SlidingWindowTransformer(**windowing, context=True), X, is_train)


@SHORT
@pytest.mark.filterwarnings("ignore:.* rows have no neighbour one step away:UserWarning")
@given(
    steps=st.lists(st.integers(0, 12), min_size=3, max_size=9, unique=True).map(sorted),
    labels=st.sampled_from(
        [
            pd.RangeIndex(13),
            pd.RangeIndex(0, 39, 3),
            pd.date_range("2000-01-01", periods=13, freq="MS"),
            pd.date_range("2000-01-05", periods=13, freq="D"),
            pd.date_range("2000-01-05", periods=13, freq="B"),
            pd.date_range("2000-01-05", periods=13, freq="h"),
        ]
    ),
    data=st.data(),
)
@settings(max_examples=150, deadline=None)
def test_a_step_that_nobody_gave_is_never_wrong_in_silence(steps, labels, data):
    X = pd.DataFrame({"x": np.arange(len(steps), dtype=float)}, index=labels[np.array(steps)])
    k = data.draw(st.integers(1, len(steps) - 1), label="k")
    windower = SlidingWindowTransformer(lookback=3)
    try:
        full = windower.fit_transform(X)
        tail = windower.fit(X[:k]).transform(X[k:])
    except ValueError:
        return  # to refuse is allowed, to return other windows is not
    assert_array_equal(tail, full[k:])


@pytest.mark.parametrize("freq", ["MS", "D", "h", "15min"])
def test_the_frequency_learned_in_fit_serves_a_single_row(freq):
    X = pd.DataFrame({"x": np.arange(20.0)}, index=pd.date_range("2000", periods=20, freq=freq))
    windower = SlidingWindowTransformer(lookback=3).fit(X[:19])
    assert windower.freq_.freqstr == freq
    assert_array_equal(windower.transform(X.iloc[[19]])[0, :, 0], [17, 18, 19])


@SHORT
def test_a_series_that_is_all_gaps_is_no_error_once_the_step_is_known():
    X = pd.DataFrame({"x": np.arange(6.0)}, index=[0, 1, 2, 4, 6, 8])
    assert_tail(SlidingWindowTransformer(lookback=2, freq=1), X, np.arange(6) < 3)


@pytest.mark.parametrize("context", ["auto", True])
def test_rows_after_a_gap_do_not_see_the_context(context):
    X = monthly(30)
    windower = SlidingWindowTransformer(lookback=4, context=context)
    for train, test in TimeSeriesSplit(3, gap=2).split(X):
        windows = windower.fit(X.iloc[train]).transform(X.iloc[test])
        assert_array_equal(windows, clone(windower).fit_transform(X.iloc[test]))
        assert np.isnan(windows[0, :3]).all()


def test_each_test_fold_has_complete_windows():
    X = monthly(30)
    for train, test in TimeSeriesSplit(3).split(X):
        windower = SlidingWindowTransformer(lookback=4).fit(X.iloc[train])
        assert not np.isnan(windower.transform(X.iloc[test])).any()


@SHORT
@given(panel=panels(), windowing=windowings(), labelling=labellings())
@settings(max_examples=50, deadline=None)
def test_the_training_rows_again_have_the_windows_of_fit_transform(panel, windowing, labelling):
    labels, how, params = labelling
    X = panel.frame(labels, how)
    windower = SlidingWindowTransformer(**windowing, **params)
    assert_array_equal(windower.fit_transform(X), windower.transform(X))


@pytest.mark.parametrize("is_labelled", [True, False])
def test_bare_training_rows_have_the_windows_of_fit_transform_without_context(is_labelled):
    X = monthly(6) if is_labelled else monthly(6).to_numpy()
    windower = SlidingWindowTransformer(lookback=3, context=False)
    assert_array_equal(windower.fit_transform(X), windower.transform(X))
    first = windower.fit(X[:3]).transform(X[3:])[0, :, 0]
    assert_array_equal(first, [np.nan, np.nan, 4])


def test_auto_does_not_continue_bare_arrays():
    X = monthly(6).to_numpy()
    windower = SlidingWindowTransformer(lookback=3).fit(X[:3])
    assert_array_equal(windower.transform(X[3:])[0, :, 0], [np.nan, np.nan, 4])


def test_labels_decide_also_where_context_is_true():
    windower = SlidingWindowTransformer(lookback=2, context=True).fit(monthly(3))
    assert_array_equal(windower.transform(monthly(2, "2001-01"))[0, :, 0], [np.nan, 1])


def test_a_context_of_another_dtype_is_cast_to_that_of_the_rows():
    X = monthly(6)
    windower = SlidingWindowTransformer(lookback=2).fit(X[:3])
    windows = windower.transform(X[3:].astype("float32"))
    assert windows.dtype == "float32"
    assert_array_equal(windows[0, :, 0], [3, 4])


def test_the_units_of_dates_need_not_agree():
    X = pd.DataFrame({"x": np.arange(6.0)}, index=pd.date_range("2000", periods=6, freq="h"))
    new = X[3:].set_index(X.index[3:].as_unit("s"))
    windows = SlidingWindowTransformer(lookback=2).fit(X[:3]).transform(new)
    assert_array_equal(windows[0, :, 0], [2, 3])


def test_the_units_of_elapsed_time_need_not_agree():
    index = pd.timedelta_range("0h", periods=6, freq="h")
    X = pd.DataFrame({"x": np.arange(6.0)}, index=index.as_unit("ns"))
    new = X[3:].set_index(index[3:].as_unit("s"))
    windows = SlidingWindowTransformer(lookback=2).fit(X[:3]).transform(new)
    assert_array_equal(windows[0, :, 0], [2, 3])


# Tables


def test_flat_windows_are_the_windows_side_by_side():
    X = monthly(5, n_features=2)
    windows = SlidingWindowTransformer(lookback=3).fit_transform(X)
    flat = SlidingWindowTransformer(lookback=3, flatten=True).fit_transform(X)
    assert_array_equal(flat, windows.reshape(5, 6))


def test_names_tell_feature_and_lag():
    passengers = load_airline_passengers().assign(year=1.0)
    windower = SlidingWindowTransformer(lookback=2, shift=2, flatten=True).fit(passengers)
    names = ["passengers_lag3", "year_lag3", "passengers_lag2", "year_lag2"]
    assert list(windower.get_feature_names_out()) == names


def test_each_named_lag_holds_the_shifted_column():
    X = load_airline_passengers()
    windower = SlidingWindowTransformer(lookback=3, shift=1, flatten=True)
    table = windower.set_output(transform="pandas").fit_transform(X)
    expected = {f"passengers_lag{lag}": X["passengers"].shift(lag) for lag in (3, 2, 1)}
    pd.testing.assert_frame_equal(table, pd.DataFrame(expected))


def test_a_table_of_a_panel_keeps_its_index_and_leaves_out_the_id_column():
    X = monthly(4).assign(station=["a", "a", "b", "b"])
    windower = SlidingWindowTransformer(lookback=2, id_col="station", flatten=True)
    table = windower.set_output(transform="pandas").fit_transform(X)
    pd.testing.assert_index_equal(table.index, X.index)
    assert list(table.columns) == ["x0_lag1", "x0_lag0"]


def test_the_global_setting_makes_tables_too():
    with config_context(transform_output="pandas"):
        X = monthly(4)
        table = SlidingWindowTransformer(lookback=2, flatten=True).fit_transform(X)
        windows = SlidingWindowTransformer(lookback=2).fit_transform(X)
    assert isinstance(table, pd.DataFrame)
    assert table.index is X.index
    assert isinstance(windows, np.ndarray)


def test_set_output_is_accepted_where_windows_are_3d():
    windower = SlidingWindowTransformer(lookback=2)
    assert windower.set_output(transform="pandas") is windower
    assert isinstance(windower.fit_transform(monthly(4)), np.ndarray)
    assert isinstance(clone(windower).fit(monthly(4)).transform(monthly(4)), np.ndarray)


def test_set_output_none_changes_nothing():
    windower = SlidingWindowTransformer(flatten=True).set_output(transform="pandas")
    assert isinstance(windower.set_output().fit_transform(monthly(4)), pd.DataFrame)


def test_3d_windows_have_the_names_of_the_features_of_a_step():
    windower = SlidingWindowTransformer(lookback=2).fit(monthly(4))
    names = list(monthly(4).columns)
    assert list(windower.get_feature_names_out()) == names
    assert len(windower.set_params(flatten=True).get_feature_names_out()) == 2 * len(names)


@pytest.mark.parametrize("output", ["default", "pandas"])
def test_a_pipeline_of_3d_windows_has_feature_names(output):
    pipe = make_pipeline(
        PolynomialFeatures(2, include_bias=False),
        SlidingWindowTransformer(lookback=4),
        LastSteps(2),
        TimeDistributed(PCA(2)),
        Ridge(),
    ).set_output(transform=output)
    X = monthly(8)[["x0"]].assign(z=np.sin(np.arange(8)))
    windows = pipe[:-2].fit_transform(X)
    assert isinstance(windows, np.ndarray)
    names = ["x0", "z", "x0^2", "x0 z", "z^2"]
    assert list(pipe[:-2].get_feature_names_out()) == names
    assert windows.shape == (8, 2, len(names))
    assert_array_equal(windows[-1, -1], np.asarray(pipe[0].transform(X))[-1])
    pipe[:-2].fit(X)
    pipe[-2].fit(windows[2:])
    assert list(pipe[:-1].get_feature_names_out()) == ["pca0", "pca1"]


# Pipelines


def test_a_scaler_before_the_windows_sees_the_rows_only():
    X = monthly(30)
    pipe = make_pipeline(MinMaxScaler(), SlidingWindowTransformer(4))
    pipe.set_output(transform="pandas").fit(X[:20])
    scaled = MinMaxScaler().fit(X[:20]).transform(X)
    expected = SlidingWindowTransformer(4).fit_transform(scaled)
    assert_array_equal(pipe.transform(X[20:]), expected[20:])


def test_a_pipeline_without_an_index_windows_bare_arrays():
    X = monthly(30)
    pipe = make_pipeline(MinMaxScaler(), SlidingWindowTransformer(4)).fit(X[:20])
    assert np.isnan(pipe.transform(X[20:])[0, :3]).all()


class CompleteWindows(RegressorMixin, BaseEstimator):
    """Predicts zeros, and refuses windows with padding."""

    def fit(self, X, y):
        self.n_rows_ = len(X)
        return self

    def predict(self, X):
        if np.isnan(X).any():
            raise AssertionError("a window is not complete")
        return np.zeros(len(X))


def search_lookbacks(**params):
    X, y = make_supervised(load_airline_passengers())
    pipe = make_pipeline(MinMaxScaler(), SlidingWindowTransformer(**params), CompleteWindows())
    search = GridSearchCV(
        pipe.set_output(transform="pandas"),
        {"slidingwindowtransformer__lookback": [1, 6, 12]},
        cv=TimeSeriesSplit(5),
        scoring=lambda model, X, y: len(model.predict(X)) + 1000 * model[-1].n_rows_,
        error_score="raise",
        refit=False,
    )
    return X, search.fit(X, y).cv_results_


def test_a_search_over_lookback_scores_all_candidates_on_the_same_complete_rows():
    X, results = search_lookbacks()
    for i, (train, test) in enumerate(TimeSeriesSplit(5).split(X)):
        assert_array_equal(results[f"split{i}_test_score"], len(test) + 1000 * len(train))


def test_without_context_the_rows_of_a_search_are_not_complete():
    with pytest.raises(AssertionError, match="not complete"):
        search_lookbacks(context=False)


class CompleteRidge(Ridge):
    """Ridge regression on the rows without a missing lag."""

    def fit(self, X, y):
        known = X.notna().all(axis=1).to_numpy()
        return super().fit(X[known], y[known])


def test_lags_serve_any_regressor_with_a_transformed_target():
    X, y = make_supervised(load_airline_passengers())
    pipe = make_pipeline(
        StandardScaler(), SlidingWindowTransformer(12, flatten=True), CompleteRidge(alpha=1e-3)
    )
    model = TransformedTargetRegressor(
        pipe.set_output(transform="pandas"), transformer=StandardScaler()
    )
    model.fit(X[:100], y[:100])
    assert model.score(X[100:], y[100:]) > 0.8


def test_windows_of_the_bundled_panel_do_not_cross_its_missing_months():
    X = load_australian_temperature().loc[["Cairns", "Melbourne"]]
    windows = SlidingWindowTransformer(lookback=2).fit_transform(X)
    starts = X.index[np.isnan(windows[:, 0, 0])]
    gaps = ["2011-05", "2013-01", "2013-03"]
    assert starts[starts.get_loc("Cairns")].get_level_values(1).astype(str).tolist()[1:] == gaps
    assert ("Melbourne", pd.Period("2016-05", freq="M")) in starts


# Errors


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"lookback": 0}, "'lookback' .* must be an int"),
        ({"lookback": 2.5}, "'lookback' .* must be an int"),
        ({"lookback": "12"}, "'lookback' .* must be an int"),
        ({"shift": -1}, "'shift' .* must be an int"),
        ({"min_periods": 0}, "'min_periods' .* must be an int"),
        ({"id_col": 3}, "'id_col' .* must be"),
        ({"freq": 0}, "'freq' .* must be"),
        ({"freq": 1.5}, "'freq' .* must be"),
        ({"context": "always"}, "'context' .* must be"),
        ({"flatten": "yes"}, "'flatten' .* must be"),
        ({"lookback": 2, "min_periods": 3}, "min_periods=3 and lookback=2"),
    ],
)
def test_fit_refuses_parameters_that_make_no_window(params, words):
    with pytest.raises(ValueError, match=words):
        SlidingWindowTransformer(**params).fit(monthly(4))


def test_min_periods_may_equal_lookback():
    SlidingWindowTransformer(lookback=2, min_periods=2).fit(monthly(4))


def test_a_pipeline_that_dropped_the_id_column_is_told_to_set_output():
    X = monthly(4).assign(station=1.0)
    pipe = make_pipeline(StandardScaler(), SlidingWindowTransformer(2, id_col="station"))
    with pytest.raises(ValueError, match=r"'station'.*set_output\(transform=\"pandas\"\)"):
        pipe.fit(X)


@SHORT
def test_windows_that_do_not_fit_into_memory_name_the_lookback():
    with pytest.raises(MemoryError, match="lookback=100000000000000000 over 3 rows"):
        SlidingWindowTransformer(lookback=10**17).fit_transform(np.ones((3, 1)))


def test_transform_asks_for_as_many_features_as_in_fit():
    windower = SlidingWindowTransformer().fit(np.ones((3, 2)))
    with pytest.raises(ValueError, match="X has 1 features, but SlidingWindowTransformer"):
        windower.transform(np.ones((3, 1)))


def test_infinite_values_are_refused():
    with pytest.raises(ValueError, match="infinity"):
        SlidingWindowTransformer().fit([[1.0], [np.inf]])


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(monthly(4).iloc[::-1], id="time goes back"),
        pytest.param(monthly(4).iloc[[0, 1, 1]], id="duplicate label"),
        pytest.param(monthly(4).set_index(pd.Index(list("abcd"))), id="strings"),
        pytest.param(monthly(4).assign(x1="text"), id="a column of text"),
        pytest.param(monthly(2).set_index(pd.DatetimeIndex(["2000", "2001"])), id="two dates"),
    ],
)
def test_a_failing_fit_leaves_the_fitted_transformer_as_it_was(bad):
    X = monthly(8)
    windower = SlidingWindowTransformer(lookback=3).fit(X[:5])
    before, state = windower.transform(X[5:]), dict(vars(windower))
    with pytest.raises(ValueError, match=r"\w"):
        windower.fit(bad)
    assert_array_equal(windower.transform(X[5:]), before)
    assert vars(windower).keys() == state.keys()
    assert all(vars(windower)[name] is value for name, value in state.items())


@SHORT
def test_rows_with_an_index_do_not_continue_bare_ones():
    windower = SlidingWindowTransformer(lookback=3).fit(np.arange(20.0)[:, np.newaxis])
    index = pd.PeriodIndex(["2000-01", "2000-02", "2000-06"], freq="M")
    X = pd.DataFrame({0: [100.0, 101, 105]}, index=index)
    windows = windower.transform(X)
    nan = np.nan
    expected = [[nan, nan, 100], [nan, 100, 101], [nan, nan, 105]]
    assert_array_equal(windows[:, :, 0], expected)
    with pytest.raises(ValueError, match="context=True needs rows of one kind"):
        windower.set_params(context=True).transform(X)


@pytest.mark.parametrize("labels", [[3, 8], [0, 12, 24]])
def test_a_difference_that_proves_nothing_is_not_taken_for_the_step(labels):
    beside = pd.MultiIndex.from_arrays([["b"] * len(labels) + ["a"] * 5, labels + list(range(5))])
    X = pd.DataFrame({"x": np.arange(len(beside), dtype=float)}, index=beside)
    if len(labels) == 2:
        X = X.loc["b"]
    with pytest.raises(ValueError, match="freq="):
        SlidingWindowTransformer(3).fit(X)
