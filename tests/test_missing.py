"""insert_missing_rows and SeriesImputer: rows that are added, values that are filled."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skrnn import SeriesImputer, SlidingWindowTransformer, insert_missing_rows, make_supervised
from skrnn.datasets import load_australian_temperature

METHODS = ["linear", "previous", "seasonal"]


def months(*labels, name="month"):
    return pd.PeriodIndex(labels, freq="M", name=name)


def column(*values):
    return np.array(values, dtype=float)[:, np.newaxis]


@st.composite
def panels(draw):
    """Rows of up to three series, interleaved, with rows and values missing."""
    rows = []
    for name in "abc"[: draw(st.integers(1, 3))]:
        times = draw(st.sets(st.integers(0, 15), min_size=1, max_size=12))
        rows += [(name, time) for time in times]
    rows = sorted(draw(st.permutations(rows)), key=lambda row: row[1])
    start = draw(st.sampled_from(["2020-01", "1969-11"]))
    time = pd.PeriodIndex([pd.Period(start, "M") + time for _, time in rows])
    index = pd.MultiIndex.from_arrays([[name for name, _ in rows], time], names=["of", "month"])
    values = st.lists(
        st.one_of(st.just(np.nan), st.integers(-9, 9)), min_size=len(rows), max_size=len(rows)
    )
    return pd.DataFrame({"u": draw(values), "v": draw(values)}, index=index, dtype=float)


# insert_missing_rows


def inserted_by_reindexing(panel):
    """The same, one series after the other."""
    parts = {}
    for name, rows in panel.groupby(level=0):
        rows = rows.droplevel(0).sort_index()
        parts[name] = rows.reindex(pd.period_range(rows.index[0], rows.index[-1], freq="M"))
    return pd.concat(parts, names=panel.index.names)


@given(panel=panels(), data=st.data())
@settings(max_examples=80, deadline=None)
def test_each_series_is_reindexed_in_any_order_of_rows(panel, data):
    order = data.draw(st.permutations(range(len(panel))))
    result = insert_missing_rows(panel.iloc[order])
    assert_frame_equal(result, inserted_by_reindexing(panel), check_freq=False)


@given(panel=panels())
@settings(max_examples=30, deadline=None)
def test_a_second_time_nothing_is_missing(panel):
    once = insert_missing_rows(panel)
    assert_frame_equal(insert_missing_rows(once), once)


@given(panel=panels())
@settings(max_examples=40, deadline=None)
def test_a_column_and_a_level_name_series_alike(panel):
    expected = insert_missing_rows(panel)
    by_level = insert_missing_rows(panel.swaplevel(), id_col="of")
    assert_frame_equal(by_level.swaplevel(), expected)
    by_column = insert_missing_rows(panel.reset_index("of"), id_col="of")
    assert list(by_column.columns) == ["of", "u", "v"]
    assert_frame_equal(by_column.set_index("of", append=True).swaplevel(), expected)


@pytest.mark.parametrize(
    ("whole", "freq"),
    [
        (pd.period_range("2020-01", periods=9, freq="2M"), None),
        (pd.date_range("2020-01-31", periods=9, freq="ME"), "ME"),
        (pd.date_range("2020-01-01", periods=9, freq="MS", tz="Europe/Berlin"), "MS"),
        (pd.date_range("2020-03-01", periods=9, freq="2B"), "2B"),
        (pd.date_range("2020-03-27", periods=9, freq="D", tz="Europe/Berlin"), "D"),
        (pd.date_range("2020-10-24 20:00", periods=9, freq="h", tz="Europe/Berlin"), "h"),
        (pd.date_range("2020-03-27", periods=9, freq="15min", unit="s"), "15min"),
        (pd.timedelta_range("1h", periods=9, freq="2h"), "2h"),
        (pd.RangeIndex(3, 21, 2), None),
        (pd.Index(np.arange(9), dtype="int32"), None),
    ],
    ids=lambda item: getattr(item, "freqstr", None) if isinstance(item, pd.Index) else item,
)
def test_every_kind_of_label_comes_back(whole, freq):
    whole = whole.rename("when")
    table = pd.DataFrame({"value": np.arange(9.0)}, index=whole)
    result = insert_missing_rows(table.iloc[[0, 1, 2, 5, 6, 8]], freq=freq)
    expected = table.where(table["value"].isin([0, 1, 2, 5, 6, 8]))
    assert_frame_equal(result, expected, check_freq=False, check_index_type="equiv")
    if isinstance(whole, pd.DatetimeIndex) and whole.tz is None:
        assert result.index.freq == whole.freq


def test_dates_of_one_series_say_afterwards_how_far_they_are_apart():
    days = pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-04"])
    result = insert_missing_rows(pd.DataFrame({"load": [1.0, 2, 4]}, index=days), freq="D")
    assert result.index.freqstr == "D"
    assert len(make_supervised(result)[0]) == 3  # as it is, no freq= given again


def test_other_dtypes_are_those_of_reindex():
    table = pd.DataFrame(
        {"count": [1, 2], "kind": pd.Categorical(["x", "y"]), "shop": pd.array([7, 7], "int32")},
        index=[0, 2],
    )
    result = insert_missing_rows(table, id_col="shop", freq=1)
    assert_array_equal(result["count"], [1, np.nan, 2])
    assert result.dtypes.astype(str).to_dict() == {
        "count": "float64",
        "kind": "category",
        "shop": "int32",
    }
    assert insert_missing_rows(table.set_axis([0, 1]))["count"].dtype == "int64"


def test_nothing_to_insert_into_single_rows():
    index = pd.MultiIndex.from_arrays([["b", "a"], [3, 3]], names=["of", "time"])
    result = insert_missing_rows(pd.DataFrame({"u": [1.0, 2.0]}, index=index))
    assert_array_equal(result["u"], [2, 1])


def test_a_multiindex_of_one_level_is_one_series():
    index = pd.MultiIndex.from_arrays([months("2020-01", "2020-03")])
    assert len(insert_missing_rows(pd.DataFrame({"u": [1.0, 2.0]}, index=index))) == 3


def test_series_named_by_two_levels():
    index = pd.MultiIndex.from_tuples(
        [("x", 1, 0), ("x", 2, 5), ("x", 1, 2), ("x", 2, 6), ("x", 1, 3)], names=["a", "b", "t"]
    )
    result = insert_missing_rows(pd.DataFrame({"u": range(5)}, index=index))
    assert list(result.index) == [("x", 1, t) for t in range(4)] + [("x", 2, 5), ("x", 2, 6)]


def test_scattered_days_are_completed_at_a_given_step():
    days = pd.to_datetime(["2024-01-01", "2024-01-05", "2024-01-20"])
    table = pd.DataFrame({"u": [1.0, np.nan, 3.0]}, index=days)
    assert_frame_equal(insert_missing_rows(table, freq="D"), table.asfreq("D"))
    filled = SeriesImputer("previous", max_gap=None, freq="D").fit_transform(table)
    assert_array_equal(filled, table)  # each row stands alone
    index = pd.MultiIndex.from_arrays(
        [["a"] * 3 + ["b"] * 5, [*days, *days[0] + np.arange(5) * pd.Timedelta("1D")]]
    )
    both = insert_missing_rows(pd.DataFrame({"u": 1.0}, index=index), freq="D")
    assert len(both) == 20 + 5


def test_a_series_that_would_not_fit_into_memory_is_refused():
    table = pd.DataFrame({"u": [1.0, 2.0, 3.0]}, index=[0, 1, 10**12])
    words = r"would have 1,000,000,000,001 rows, and X has 3\. .* before 1000000000000\. Correct"
    with pytest.raises(ValueError, match=words):
        insert_missing_rows(table)


def test_the_input_is_left_alone():
    table = pd.DataFrame({"u": [1.0, 2.0], "of": ["a", "a"]}, index=months("2020-01", "2020-03"))
    before = table.copy()
    insert_missing_rows(table, id_col="of")
    assert_frame_equal(table, before)


@pytest.mark.parametrize(
    ("table", "parameters", "error", "words"),
    [
        (np.ones((3, 1)), {}, TypeError, "needs a DataFrame.*X is a ndarray"),
        (pd.Series([1.0, 2.0]), {}, TypeError, "X is a Series"),
        (pd.DataFrame({"u": []}), {}, ValueError, "empty: 0 rows"),
        (pd.DataFrame({"u": [1, 2]}, index=[1, 1]), {}, ValueError, "Duplicate time label 1"),
        (
            pd.DataFrame({"u": [1, 2]}, index=pd.DatetimeIndex(["2020-01-01", None])),
            {},
            ValueError,
            r"label of row 1 is missing \(NaT or NaN\)",
        ),
        (
            pd.DataFrame({"u": [1, 2]}, index=pd.to_datetime(["2020-01-01", "2020-01-03"])),
            {},
            ValueError,
            "frequency of the dates cannot be told.*Pass freq=",
        ),
        (
            pd.DataFrame({"u": [1, 2, 3]}, index=[0, 2, 5]),
            {"freq": 2},
            ValueError,
            "5 is not a whole number of steps of 2",
        ),
        (pd.DataFrame({"u": [1, 2]}, index=["x", "y"]), {}, ValueError, "must be periods, dates"),
        (
            pd.DataFrame({"u": [1]}, index=months("2020-01")),
            {"id_col": "of"},
            ValueError,
            "names 'of', which is neither a column nor",
        ),
        (
            pd.DataFrame({"u": [1], "of": ["a"]}, index=pd.MultiIndex.from_tuples([("x", 1)])),
            {"id_col": "of"},
            ValueError,
            r"more than the series and the time, .* X\.droplevel",
        ),
        (
            pd.DataFrame(
                {"u": [1]}, index=pd.MultiIndex.from_tuples([("x", "y", 1)], names=["a", "b", "t"])
            ),
            {"id_col": "a"},
            ValueError,
            r"\['a', 'b', 't'\] hold more than the series and the time",
        ),
        (
            pd.DataFrame({"u": [1, 2], "of": ["a", None]}, index=[1, 2]),
            {"id_col": "of"},
            ValueError,
            "series of row 1 is missing",
        ),
    ],
)
def test_what_is_no_series_is_refused(table, parameters, error, words):
    with pytest.raises(error, match=words):
        insert_missing_rows(table, **parameters)


# SeriesImputer


def filled_row_by_row(values, times, method, max_gap, season):
    """One column of one series, value by value."""
    values, result = list(values), list(values)
    known = {t: v for t, v in zip(times, values, strict=True) if not np.isnan(v)}
    for i, t in enumerate(times):
        if t in known:
            continue
        before = after = t
        while before in times and before not in known:
            before -= 1
        while after in times and after not in known:
            after += 1
        if method == "linear":
            length = after - before - 1
            if before in known and after in known and (max_gap is None or length <= max_gap):
                weight = (t - before) / (after - before)
                result[i] = (1 - weight) * known[before] + weight * known[after]
        elif max_gap is None or t - before <= max_gap:
            unbroken = t
            while unbroken - 1 in times:
                unbroken -= 1
            back = t - season
            while back >= unbroken and back not in known:
                back -= season
            if back >= unbroken:
                result[i] = known[back]
    return result


@given(
    panel=panels(),
    method=st.sampled_from(METHODS),
    max_gap=st.sampled_from([1, 2, 3, None]),
    season=st.integers(1, 4),
)
@settings(max_examples=300, deadline=None)
def test_it_equals_a_loop_over_series_and_values(panel, method, max_gap, season):
    expected = panel.copy()
    for name in panel.index.unique(0):
        rows = np.flatnonzero(panel.index.get_level_values(0) == name)
        times = [month.ordinal for month in panel.index[rows].get_level_values(1)]
        for j in range(2):
            expected.iloc[rows, j] = filled_row_by_row(
                panel.iloc[rows, j], times, method, max_gap, 1 if method == "previous" else season
            )
    imputer = SeriesImputer(method, max_gap=max_gap, season_length=season)
    imputer.set_output(transform="pandas")
    assert_frame_equal(imputer.fit_transform(panel), expected)


@given(
    panel=panels(),
    method=st.sampled_from(["previous", "seasonal"]),
    max_gap=st.sampled_from([1, 2, None]),
    data=st.data(),
)
@settings(max_examples=150, deadline=None)
def test_causal_methods_know_nothing_of_later_rows(panel, method, max_gap, data):
    k = data.draw(st.integers(1, len(panel)))
    imputer = SeriesImputer(method, max_gap=max_gap, season_length=3)
    filled = imputer.fit_transform(panel)
    assert_array_equal(imputer.fit_transform(panel[:k]), filled[:k])


@given(
    panel=panels(),
    method=st.sampled_from(METHODS),
    max_gap=st.sampled_from([1, 2, None]),
    data=st.data(),
)
@settings(max_examples=100, deadline=None)
def test_later_rows_continue_those_of_fit(panel, method, max_gap, data):
    k = data.draw(st.integers(0, len(panel) - 1))
    month = panel.index.get_level_values("month")
    is_train = month <= month[k]
    assume(not is_train.all())
    imputer = SeriesImputer(method, max_gap=max_gap, season_length=3)
    whole = imputer.fit_transform(panel)
    assert_array_equal(imputer.fit(panel[is_train]).transform(panel[~is_train]), whole[~is_train])


def test_a_test_part_that_starts_with_a_missing_row_is_filled():
    table = pd.DataFrame(
        {"u": np.arange(12.0)}, index=pd.period_range("2020-01", periods=12, freq="M")
    )
    table.iloc[8] = np.nan
    pipe = make_pipeline(SeriesImputer("previous"), SlidingWindowTransformer(3))
    windows = pipe.set_output(transform="pandas").fit(table[:8]).transform(table[8:])
    assert_array_equal(windows[0, :, 0], [6, 7, 7])


def test_runs_that_are_left_are_reported():
    complete = insert_missing_rows(load_australian_temperature().loc[["Hobart", "Melbourne"]])
    left = SeriesImputer().fit(complete).runs_left_
    where = ["'2015-02' of series 'Melbourne'", "'2016-04' of series 'Melbourne'"]
    assert left.to_numpy().tolist() == [["temperature", *where, 15]]
    left = SeriesImputer("previous").fit(column(np.nan, 1, np.nan, np.nan, np.nan)).runs_left_
    assert left.to_numpy().tolist() == [[0, "row 0", "row 0", 1], [0, "row 3", "row 4", 2]]
    assert len(SeriesImputer("previous", max_gap=None).fit(column(1, np.nan)).runs_left_) == 0


def test_arrays_do_not_continue_those_of_fit():
    imputer = SeriesImputer("previous").fit(column(1, 2))
    assert_array_equal(imputer.transform(column(np.nan, 3)), column(np.nan, 3))


def test_linear_looks_one_value_ahead():
    X = column(1, np.nan, 3)
    assert SeriesImputer().fit_transform(X)[1] == 2
    assert np.isnan(SeriesImputer().fit_transform(X[:2])[1])


def test_longer_runs_are_left_alone_by_linear_and_begun_by_causal_methods():
    X = column(1, np.nan, np.nan, 4)
    assert_array_equal(SeriesImputer(max_gap=1).fit_transform(X), X)
    assert_array_equal(SeriesImputer(max_gap=2).fit_transform(X), column(1, 2, 3, 4))
    previous = SeriesImputer("previous", max_gap=1).fit_transform(X)
    assert_array_equal(previous, column(1, 1, np.nan, 4))


@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_made_up_before_the_first_value(method):
    X = column(np.nan, np.nan, 3, 4)
    imputer = SeriesImputer(method, max_gap=None, season_length=1)
    assert_array_equal(imputer.fit_transform(X), X)


def test_a_season_without_a_value_is_skipped():
    X = column(1, 2, np.nan, np.nan, np.nan)
    imputer = SeriesImputer("seasonal", season_length=2, max_gap=None)
    assert_array_equal(imputer.fit_transform(X), column(1, 2, 1, 2, 1))


@pytest.mark.parametrize("method", METHODS)
def test_nothing_crosses_a_gap_in_the_labels(method):
    table = pd.DataFrame({"u": [1.0, np.nan, 5.0]}, index=[0, 1, 3])
    imputer = SeriesImputer(method, season_length=2, freq=1)
    filled = imputer.fit_transform(table)[:, 0]
    assert_array_equal(filled, [1, 1 if method == "previous" else np.nan, 5])


@given(panel=panels(), method=st.sampled_from(METHODS))
@settings(max_examples=40, deadline=None)
def test_a_column_may_name_the_series_and_stays(panel, method):
    expected = SeriesImputer(method, season_length=2).fit_transform(panel)
    table = panel.reset_index("of")[["u", "of", "v"]]
    imputer = SeriesImputer(method, season_length=2, id_col="of")
    filled = imputer.fit_transform(table)
    assert_array_equal(filled[["u", "v"]], expected)
    assert_frame_equal(filled[["of"]], table[["of"]])
    assert list(imputer.get_feature_names_out()) == ["u", "of", "v"] == list(filled.columns)
    assert_frame_equal(imputer.set_output(transform="pandas").transform(table), filled)


def test_columns_with_names_that_are_no_strings():
    table = pd.DataFrame({5: [1, np.nan, 3], "of": ["a"] * 3})
    with pytest.raises(TypeError, match="string"):
        SeriesImputer(id_col="of").fit(table)


def test_in_a_pipeline_it_keeps_rows_index_and_names():
    table = pd.DataFrame(
        {"u": [1.0, np.nan, 3.0, 1.0]}, index=months("2020-01", "2020-02", "2020-03", "2020-04")
    )
    pipe = make_pipeline(SeriesImputer(), StandardScaler(), SlidingWindowTransformer(2))
    windows = pipe.set_output(transform="pandas").fit_transform(table)
    assert windows.shape == (4, 2, 1)
    assert int(np.isnan(windows).sum()) == 1  # in front of the first row
    assert_frame_equal(pipe[0].transform(table).isna(), table.isna() & False)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("method", METHODS)
def test_the_dtype_is_kept(method, dtype):
    imputer = SeriesImputer(method, season_length=1)
    assert imputer.fit_transform(column(1, np.nan, 3).astype(dtype)).dtype == dtype


def test_australian_months_missing_everywhere_are_means_of_their_neighbours():
    panel = load_australian_temperature()
    complete = insert_missing_rows(panel)
    imputer = SeriesImputer(max_gap=1).set_output(transform="pandas")
    filled = imputer.fit_transform(complete)["temperature"].unstack("station")
    known = panel["temperature"].unstack("station").reindex(filled.index)
    for month in map(pd.Period, ["2011-04", "2012-12", "2013-02"]):
        assert known.loc[month].isna().all()
        stations = known.columns[known.loc[: month - 1].notna().any()]
        assert len(stations) == 46
        neighbours = known.loc[[month - 1, month + 1], stations]
        assert_allclose(filled.loc[month, stations], neighbours.mean(skipna=False))
    assert filled.loc["2015-02":"2016-04", "Melbourne"].isna().all()
    assert len(complete) == len(panel) + 3 * 46 + 15
    assert int(filled.notna().sum().sum()) == len(panel) + 3 * 46


# Errors


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"method": "spline"}, "'method' parameter of SeriesImputer must be a str among"),
        ({"max_gap": 0}, "'max_gap' parameter of SeriesImputer must be"),
        ({"season_length": 0}, "'season_length' parameter of SeriesImputer must be"),
        ({"method": "seasonal"}, "needs season_length.*season_length=12 for months"),
        ({"id_col": "of"}, "without an index"),
        ({"freq": "D"}, "needs time labels"),
    ],
)
def test_parameters_are_checked(parameters, words):
    with pytest.raises(ValueError, match=words):
        SeriesImputer(**parameters).fit(column(1, 2))


def test_labels_are_checked():
    table = pd.DataFrame({"u": [1.0, 2.0, 3.0]}, index=[1, 0, 2])
    with pytest.raises(ValueError, match="Time goes back at 0"):
        SeriesImputer(freq=1).fit(table)
    imputer = SeriesImputer().fit(table.sort_index())
    with pytest.raises(ValueError, match="fit saw time labels of type integer"):
        imputer.transform(table.set_axis(months("2020-01", "2020-02", "2020-03")))
    with pytest.raises(ValueError, match="of one series by their index, but X names several now"):
        imputer.transform(pd.concat({"a": table}))


def test_it_must_be_fitted():
    with pytest.raises(NotFittedError, match="SeriesImputer instance is not fitted"):
        SeriesImputer().transform(column(1, 2))


def test_a_failing_fit_leaves_the_imputer_as_it_was():
    imputer = SeriesImputer().fit(
        pd.DataFrame({"u": [1.0, 2.0]}, index=months("2020-01", "2020-02"))
    )
    before = dict(vars(imputer))
    with pytest.raises(ValueError, match="Time goes back"):
        imputer.fit(pd.DataFrame({"u": [1.0, 2.0, 3.0, 4.0], "v": 0.0}, index=[0, 1, 3, 2]))
    assert vars(imputer) == before
