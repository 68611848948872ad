"""PanelTimeSeriesSplit: against a naive definition, TimeSeriesSplit, and in searches."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from hypothesis import assume, example, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from skrnn import GRURegressor, SlidingWindowTransformer, make_supervised
from skrnn.datasets import load_australian_temperature
from skrnn.model_selection import PanelTimeSeriesSplit

N_STEPS = 40
LABELS = {
    "month": pd.period_range("1999-11", periods=N_STEPS, freq="M"),
    "business day": pd.date_range("2000-02-24", periods=N_STEPS, freq="B"),
    "hour in Berlin": pd.date_range("2000-03-25", periods=N_STEPS, freq="h", tz="Europe/Berlin"),
    "elapsed minutes": pd.timedelta_range("-5min", periods=N_STEPS, freq="5min"),
    "integer": pd.RangeIndex(-7, N_STEPS - 7),
    "decimal year": pd.Index(2000 + np.arange(N_STEPS) / 12),
}


@st.composite
def panels(draw):
    """Series and time step of each row: unequal starts and ends, gaps, any order of rows."""
    rows = []
    for name in "abc"[: draw(st.integers(1, 3))]:
        start = draw(st.integers(0, 12))
        steps = draw(st.sets(st.integers(start, start + 16), min_size=1))
        rows += [(name, step) for step in sorted(steps)]
    return draw(st.permutations(rows))


@st.composite
def splitters(draw):
    """Parameters of a split."""
    return {
        "n_splits": draw(st.integers(2, 5)),
        "test_size": draw(st.none() | st.integers(1, 4)),
        "gap": draw(st.integers(0, 3)),
        "max_train_size": draw(st.none() | st.integers(1, 8)),
    }


def with_labels(rows, kind, how):
    """X and groups for these rows, which say the time as `how` names it."""
    series = [name for name, _ in rows]
    time = LABELS[kind][[step for _, step in rows]]
    values = pd.DataFrame({"row": np.arange(len(rows))})
    if how == "index":
        return values.set_axis(pd.MultiIndex.from_arrays([series, time])), None
    if how == "plain index":
        return values.set_axis(time), None
    if how == "time column":
        return values.assign(when=time), None
    if how == "time column beside levels":
        index = pd.MultiIndex.from_arrays([series, range(len(rows))])
        return values.assign(when=time).set_axis(index), None
    if how == "time level":
        index = pd.MultiIndex.from_arrays([time, series], names=["when", "of"])
        return values.set_axis(index), None
    if how == "groups before the index":
        return values.set_axis(pd.MultiIndex.from_arrays([time, series])), time
    return values.to_numpy(), list(time)


NAMED = ["time column", "time column beside levels", "time level"]
HOW = st.sampled_from(["index", "plain index", "groups before the index", "list of labels", *NAMED])
KIND = st.sampled_from(sorted(LABELS))


def naive_split(rows, *, n_splits, test_size, gap, max_train_size):
    """Put each row where it belongs by the number of labels that are later than its own."""
    steps = {step for _, step in rows}
    test_size = test_size or len(steps) // (n_splits + 1)
    parts = []
    for n_later_parts in range(n_splits - 1, -1, -1):
        train, test = [], []
        for row, (_, step) in enumerate(rows):
            n_later = sum(other > step for other in steps) - n_later_parts * test_size
            n_before_gap = n_later - test_size - gap
            if 0 <= n_later < test_size:
                test.append(row)
            elif n_before_gap >= 0 and (max_train_size is None or n_before_gap < max_train_size):
                train.append(row)
        parts.append((train, test))
    return parts


def smallest_step(rows):
    steps = [{step for name, step in rows if name == of} for of in "abc"]
    return min((np.diff(sorted(own)).min() for own in steps if len(own) > 1), default=1)


def is_feasible(n_labels, *, n_splits, test_size, gap, **_):
    test_size = test_size or n_labels // (n_splits + 1)
    return test_size > 0 and n_labels > n_splits * test_size + gap


@example(
    rows=[("a", 6), ("a", 7), ("a", 12), ("b", 0), ("b", 13)],
    options={"n_splits": 2, "test_size": None, "gap": 0, "max_train_size": None},
    kind="business day",
    how="index",
)
@given(panels(), splitters(), KIND, HOW)
def test_equals_the_naive_definition(rows, options, kind, how):
    assume(how not in ("index", "time level") or smallest_step(rows) == 1)  # of one grid
    X, groups = with_labels(rows, kind, how)
    splitter = PanelTimeSeriesSplit(**options, time_col="when" if how in NAMED else None)
    steps = np.array([step for _, step in rows])
    labels = np.unique(steps)
    if not is_feasible(len(labels), **options):
        with pytest.raises(ValueError, match="Too few time labels"):
            splitter.split(X, groups=groups)
        return
    parts = list(splitter.split(X, groups=groups))
    assert [(list(a), list(b)) for a, b in parts] == naive_split(rows, **options)
    assert len(parts) == splitter.get_n_splits(X, None, groups) == options["n_splits"]
    for train, test in parts:
        # One cut for all series, the gap before it, and a part is all rows of its time.
        last, first = np.searchsorted(labels, [steps[train].max(), steps[test].min()])
        assert last < first - options["gap"]
        for part in (train, test):
            between = (steps >= steps[part].min()) & (steps <= steps[part].max())
            assert_array_equal(part, np.flatnonzero(between))


@given(st.integers(1, N_STEPS), splitters(), KIND, st.sampled_from([False, True]))
def test_one_series_is_split_as_by_time_series_split(n_rows, options, kind, as_groups):
    X = np.arange(n_rows)
    labels = LABELS[kind][:n_rows]
    theirs, mine = TimeSeriesSplit(**options), PanelTimeSeriesSplit(**options)
    frame, groups = (X, labels) if as_groups else (pd.DataFrame({"x": X}, index=labels), None)
    try:
        expected = list(theirs.split(X))
    except ValueError:
        with pytest.raises(ValueError, match=f"there are {n_rows}"):
            mine.split(frame, groups=groups)
        return
    for (train, test), (train_mine, test_mine) in zip(
        expected, mine.split(frame, groups=groups), strict=True
    ):
        assert_array_equal(train_mine, train, strict=True)
        assert_array_equal(test_mine, test, strict=True)


DEFAULTS = ["n_splits", "test_size", "gap", "max_train_size"]


def test_the_defaults_are_those_of_time_series_split():
    theirs = {name: value for name, value in vars(TimeSeriesSplit()).items() if name in DEFAULTS}
    assert vars(PanelTimeSeriesSplit()) == theirs | {"id_col": None, "time_col": None}
    options = {"n_splits": 3, "test_size": 4, "gap": 1, "max_train_size": 9, "time_col": "t"}
    options["id_col"] = ["of", "in"]
    assert {name: getattr(PanelTimeSeriesSplit(**options), name) for name in options} == options


def test_a_month_missing_everywhere_is_not_counted():
    time = pd.PeriodIndex(["2020-01", "2020-02", "2020-05", "2020-06"] * 2, freq="M")
    parts = PanelTimeSeriesSplit(n_splits=2, test_size=1, gap=1).split(np.zeros(8), groups=time)
    assert [(list(train), list(test)) for train, test in parts] == [
        ([0, 4], [2, 6]),
        ([0, 1, 4, 5], [3, 7]),
    ]


@pytest.mark.parametrize(
    "groups",
    [
        np.array(["2020-01", "2020-02", "2020-03"], dtype="datetime64[M]"),
        [pd.Timestamp("2020-01-01"), pd.Timestamp("2020-02-01"), pd.Timestamp("2020-03-01")],
        pd.Series(pd.period_range("2020-01", periods=3, freq="M"), index=[7, 8, 9]),
        pd.Series(pd.period_range("2020-01", periods=3, freq="M").to_numpy(), dtype=object),
        np.array([1, 2, 3], dtype=np.uint8),
        pd.array([1, 2, 3], dtype="Int64"),
        (1, 2, 3),
    ],
    ids=lambda groups: type(groups).__name__,
)
def test_labels_come_in_any_container(groups):
    parts = PanelTimeSeriesSplit(n_splits=2).split([[0.0], [1.0], [2.0]], groups=groups)
    assert [(list(train), list(test)) for train, test in parts] == [([0], [1]), ([0, 1], [2])]


# -- targets and windows -----------------------------------------------------------------


def counting_panel(n_months=30):
    """Two series whose values are the numbers of their months, the second two months shorter."""
    month = pd.period_range("2000-01", periods=n_months, freq="M")
    index = pd.MultiIndex.from_product([["a", "b"], month], names=["station", "month"])
    panel = pd.DataFrame({"number": np.tile(np.arange(float(n_months)), 2)}, index=index)
    return panel.drop([("b", month[0]), ("b", month[-1])])


@pytest.mark.parametrize("horizon", [1, 2, 5])
def test_a_gap_of_horizon_minus_one_is_what_keeps_targets_apart(horizon):
    X, y = make_supervised(counting_panel(), horizon=horizon)
    number, target = X["number"].to_numpy(), y.to_numpy().reshape(len(y), horizon)
    for train, test in PanelTimeSeriesSplit(n_splits=3, gap=horizon - 1).split(X):
        assert target[train].max() == number[test].min()  # known when the first row is predicted
        assert target[test].min() == target[train].max() + 1
    if horizon > 1:
        for train, test in PanelTimeSeriesSplit(n_splits=3, gap=horizon - 2).split(X):
            assert target[train].max() == target[test].min()


@pytest.mark.parametrize("horizon", [1, 2, 4])
@pytest.mark.parametrize("offset", ["0min", "10min", "30min"])
@pytest.mark.parametrize("form", ["index", "long table", "levels"])
def test_a_gap_counts_steps_where_series_are_read_at_other_minutes(horizon, offset, form):
    hours = pd.date_range("2024-01-01", periods=40, freq="h")
    series = [hours, hours + pd.Timedelta(offset)]
    table = pd.concat(
        [pd.DataFrame({"of": name, "when": own}) for name, own in zip("ab", series, strict=True)]
    )
    table["elapsed"] = (table["when"] - hours[0]).dt.total_seconds() / 3600
    panel = table.set_index(["of", "when"])
    X, y = make_supervised(panel, horizon=horizon, freq="h")
    elapsed, target = X["elapsed"].to_numpy(), y.to_numpy().reshape(len(y), horizon)
    names = {} if form == "index" else {"id_col": "of", "time_col": ["when"]}
    X = {"index": X, "long table": X.reset_index(), "levels": X.swaplevel()}[form]
    n_trained = []
    for train, test in PanelTimeSeriesSplit(3, gap=horizon - 1, **names).split(X):
        first = elapsed[test].min()
        assert target[train].max() <= first  # known when the first row is predicted
        known = target.max(axis=1) <= first
        if offset == "0min":
            assert_array_equal(train, np.flatnonzero(known))
        n_trained.append((len(train), known.sum()))
    assert all(n >= n_known - 2 * horizon for n, n_known in n_trained)  # little more is left out


def test_a_gap_that_leaves_no_training_row():
    index = pd.MultiIndex.from_arrays([list("aabb"), [0, 10, 3, 13]])
    splits = PanelTimeSeriesSplit(3, test_size=1).split(pd.DataFrame({"x": range(4)}, index=index))
    with pytest.raises(ValueError, match=r"No training row .* gap=0, all are less than 1 steps"):
        list(splits)


@pytest.mark.parametrize("names", [{}, {"id_col": "shop"}])
def test_row_numbers_are_no_time(names):
    X = pd.DataFrame({"shop": [1, 1, 1, 2, 2, 2], "x": range(6)})
    message = error_of(X, **names)
    assert message.startswith("The index of X holds row numbers, 0 to 5, which are no time.")
    assert "sklearn.model_selection.TimeSeriesSplit" in message
    assert "column 'month' holds dates. Pass time_col='month'" in error_of(
        X.assign(month=[*MONTHS[:3]] * 2), **names
    )
    assert len(list(PanelTimeSeriesSplit(2).split(X.rename_axis("day")))) == 2


def test_integer_shops_are_not_the_time():
    X = pd.DataFrame({"x": range(18)}, pd.MultiIndex.from_product([MONTHS, [1, 2, 3]]))
    X.index.names = ["month", "shop"]
    assert "level 'month' holds dates. Pass time_col='month'" in error_of(X)
    for names in ({"time_col": "month"}, {"id_col": ["shop"]}):
        train, test = next(PanelTimeSeriesSplit(2, **names).split(X))
        assert_array_equal(train, range(6))
        assert_array_equal(test, range(6, 12))


@pytest.mark.filterwarnings("ignore:No row has a full window:UserWarning")
@pytest.mark.filterwarnings("ignore:.*fewer than lookback=:UserWarning")
@pytest.mark.parametrize("gap", [0, 1, 4])
def test_windows_reach_into_the_training_rows_only_without_a_gap(gap):
    X, _ = make_supervised(counting_panel(), horizon=gap + 1)
    number = X["number"].to_numpy()
    for train, test in PanelTimeSeriesSplit(n_splits=3, gap=gap).split(X):
        windows = SlidingWindowTransformer(6).fit(X.iloc[train]).transform(X.iloc[test])
        assert np.isin(windows, number[train]).any() == (gap == 0)
        assert np.isnan(windows).any() == (gap > 0)


# -- in scikit-learn ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def stations():
    """Three stations over 51 months without a gap, one of them from its second year on."""
    panel = load_australian_temperature().loc[["Cairns", "Darwin", "Hobart"]]
    month = panel.index.get_level_values("month")
    is_late = (panel.index.get_level_values("station") == "Hobart") & (month < "2014-01")
    return make_supervised(panel[(month >= "2013-03") & ~is_late])


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def forecaster():
    pipe = make_pipeline(
        MinMaxScaler(),
        SlidingWindowTransformer(6),
        GRURegressor(3, max_epochs=2, random_state=0),
    ).set_output(transform="pandas")
    return TransformedTargetRegressor(pipe, transformer=MinMaxScaler())


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_cross_val_score_of_a_pipeline(n_jobs, stations):
    X, y = stations
    scores = cross_val_score(forecaster(), X, y, cv=PanelTimeSeriesSplit(3), n_jobs=n_jobs)
    month = X.index.get_level_values("month")
    by_hand = []
    for first, stop in [("2014-06", "2015-06"), ("2015-06", "2016-06"), ("2016-06", "2017-06")]:
        train, test = month < first, (month >= first) & (month < stop)
        by_hand.append(forecaster().fit(X[train], y[train]).score(X[test], y[test]))
    assert_allclose(scores, by_hand, rtol=1e-6)


@pytest.mark.parametrize(("gap", "complete"), [(0, True), (1, False)])
def test_grid_search_scores_complete_windows_thanks_to_the_context(gap, complete, stations):
    def share_of_complete_windows(pipe, X, y):
        return np.isfinite(pipe[:-1].transform(X)).all(axis=(1, 2)).mean()

    search = GridSearchCV(
        forecaster().regressor,
        {"slidingwindowtransformer__lookback": [2, 3, 5]},
        cv=PanelTimeSeriesSplit(3, gap=gap),
        scoring=share_of_complete_windows,
    ).fit(*stations)
    splits = [search.cv_results_[f"split{i}_test_score"] for i in range(3)]
    assert (np.array(splits) == 1).all() == complete
    assert np.isfinite(search.best_estimator_.predict(stations[0])).all()


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_search_over_arrays_takes_the_labels_as_groups(n_jobs, stations):
    X, y = stations
    search = GridSearchCV(Ridge(), {"alpha": [0.1, 10.0]}, cv=PanelTimeSeriesSplit(3))
    by_index = clone(search).fit(X, y).cv_results_["mean_test_score"]
    month = X.index.get_level_values("month")
    search.set_params(n_jobs=n_jobs).fit(X.to_numpy(), y.to_numpy(), groups=month)
    assert_allclose(search.cv_results_["mean_test_score"], by_index, rtol=1e-10)


@pytest.mark.usefixtures("routing")
def test_groups_are_routed_without_being_asked_for(stations):
    X, y = stations
    options = {"cv": PanelTimeSeriesSplit(3), "params": {}}
    by_index = cross_validate(Ridge(), X, y, **options)["test_score"]
    options["params"] = {"groups": X.index.get_level_values("month")}
    routed = cross_validate(Ridge(), X.to_numpy(), y.to_numpy(), **options)["test_score"]
    assert_allclose(routed, by_index, rtol=1e-10)
    search = GridSearchCV(Ridge(), {"alpha": [1.0]}, cv=options["cv"])
    search.fit(X.to_numpy(), y.to_numpy(), **options["params"])
    assert_allclose(search.best_score_, by_index.mean(), rtol=1e-10)


# -- errors ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_splits": 1}, "n_splits must be an integer of at least 2, but is 1"),
        ({"n_splits": 2.0}, "n_splits must be an integer of at least 2, but is 2.0"),
        ({"n_splits": True}, "n_splits must be an integer of at least 2, but is True"),
        ({"n_splits": None}, "n_splits must be an integer of at least 2, but is None"),
        ({"test_size": 0}, "test_size must be an integer of at least 1, but is 0"),
        ({"test_size": 0.2}, "test_size must be an integer of at least 1, but is 0.2"),
        ({"gap": -1}, "gap must be an integer of at least 0, but is -1"),
        ({"gap": None}, "gap must be an integer of at least 0, but is None"),
        ({"max_train_size": 0}, "max_train_size must be an integer of at least 1, but is 0"),
    ],
)
def test_bad_parameter(options, message):
    with pytest.raises(ValueError, match=f"^{message}\\."):
        PanelTimeSeriesSplit(**options)


MONTHS = pd.period_range("2020-01", periods=6, freq="M")


def error_of(X, groups=None, **options):
    """Words of the error, which comes before the first split is asked for."""
    with pytest.raises(ValueError, match=r".") as caught:
        PanelTimeSeriesSplit(**options).split(X, groups=groups)
    return str(caught.value)


def test_too_few_labels_quotes_every_number():
    X = pd.DataFrame({"x": range(12)}, index=pd.MultiIndex.from_product([["a", "b"], MONTHS]))
    assert error_of(X, n_splits=3, test_size=2, gap=1) == (
        "Too few time labels: n_splits=3 with test_size=2 and gap=1 need 8, but there are 6, "
        "'2020-01' to '2020-06'. Choose fewer splits, a smaller test_size or a smaller gap."
    )
    assert "n_splits=6 with test_size=1 and gap=0 need 7, but there are 6" in error_of(
        X, n_splits=6
    )
    assert "need 6, but there are 0. Choose" in error_of(X[:0])


def test_no_labels_says_how_to_give_them():
    message = error_of(np.zeros((6, 1)))
    assert message.startswith("The rows have no time labels: X is a ndarray without an index.")
    assert "Pass the time label of each row as groups=" in message
    assert "X is a list without an index" in error_of([1, 2, 3])


@pytest.mark.parametrize("n_labels", [5, 7])
def test_groups_of_another_length(n_labels):
    assert error_of(np.zeros(6), groups=np.arange(n_labels)) == (
        f"groups must hold one time label for each row, but has {n_labels} for 6 rows. "
        "Pass the labels of the same rows as X."
    )


@pytest.mark.parametrize(
    ("groups", "what"),
    [("month", "str of 0"), (np.zeros((6, 1)), "ndarray of 2"), (MONTHS.to_frame(), "Frame of 2")],
)
def test_groups_are_labels_in_one_dimension(groups, what):
    message = error_of(np.zeros(6), groups=groups)
    assert message.startswith("groups must be 1-D, the time label of each row, but is a ")
    assert f"{what} dimensions" in message


@pytest.mark.parametrize(
    "time",
    [
        MONTHS.insert(3, pd.NaT),
        MONTHS.to_timestamp().insert(3, pd.NaT),
        pd.Index([0.0, 1.0, 2.0, np.nan, 3.0]),
        pd.Index([0, 1, 2, None, 3], dtype="Int64"),
    ],
    ids=lambda time: str(time.dtype),
)
def test_missing_label(time):
    message = "The time label of row 3 is missing (NaT or NaN)."
    assert message in error_of(np.zeros(len(time)), groups=time)
    assert message in error_of(pd.DataFrame({"x": range(len(time))}, index=time))
    series = ["a"] * len(time)
    panel = pd.MultiIndex.from_arrays([series, time])
    assert message in error_of(pd.DataFrame({"x": range(len(time))}, index=panel))


@pytest.mark.parametrize(
    "groups",
    [
        ["a", "b", "c", "d", "e", "f"],
        ["2020-01", "2020-02", "2020-03", "2020-04", "2020-05", "2020-06"],
        [True, False] * 3,
        MONTHS.astype("category"),
        pd.MultiIndex.from_product([["a", "b"], [1, 2, 3]]),
    ],
    ids=["names", "text", "booleans", "categories", "two levels"],
)
def test_labels_without_an_order_in_time(groups):
    message = error_of(np.zeros(6), groups=groups)
    assert message.startswith("Time labels must be periods, dates or numbers, but groups is of ")
    assert f"is of type {pd.Index(groups).dtype}." in message


def test_time_that_is_not_the_last_level():
    index = pd.MultiIndex.from_product([MONTHS, ["a", "b"]])
    X = pd.DataFrame({"x": range(12)}, index=index)
    assert "number 1, is read as the time, but is of type" in error_of(X)
    names = pd.MultiIndex.from_product([["a", "b"], list("xyz")])
    message = error_of(pd.DataFrame({"x": range(6)}, index=names))
    assert "but the index of X (its last level) is of type " in message
    time = index.get_level_values(0)
    (_, _), (train, test) = PanelTimeSeriesSplit(n_splits=2).split(X, groups=time)
    assert_array_equal(train, range(8))
    assert_array_equal(test, range(8, 12))


def test_a_time_column_is_named_in_errors():
    X = pd.DataFrame({"when": list("abcdef")})
    message = error_of(X, time_col="when")
    assert message.startswith("Time labels must be periods, dates or numbers, but time_col='when' ")
    assert "time_col names 'date', which is neither a column nor" in error_of(X, time_col="date")
    with pytest.raises(ValueError, match=r"time_col must be one name, but is \['a', 'b'\]"):
        PanelTimeSeriesSplit(time_col=["a", "b"])


def test_a_search_passes_the_error_on():
    search = GridSearchCV(Ridge(), {"alpha": [1.0]}, cv=PanelTimeSeriesSplit())
    with pytest.raises(ValueError, match="The rows have no time labels"):
        search.fit(np.zeros((20, 1)), np.zeros(20))
