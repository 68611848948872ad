"""Which row continues which: series, steps, gaps, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from pandas.tseries.frequencies import to_offset

from skrnn import SlidingWindowTransformer, make_supervised, sliding_windows
from skrnn._windows._labels.label_columns import LabelColumns
from skrnn._windows._labels.row_labels import RowLabels
from skrnn._windows._labels.runs import find_runs
from skrnn._windows._labels.time_step import find_step


def frame(index, **columns):
    return pd.DataFrame({"x": np.arange(float(len(index))), **columns}, index=index)


def labels_of(index, series=None):
    return RowLabels(None if series is None else pd.Index(series), index, len(index))


def forget_freq(index):
    """Return the same dates without the frequency that pandas carries along."""
    return pd.Index(list(index))


def fit(X, **params):
    return SlidingWindowTransformer(lookback=2, **params).fit(X)


# Reading series and time


def test_a_bare_array_is_one_series_without_labels():
    labels = LabelColumns().read(np.zeros((3, 1)), n_rows=3)
    assert labels.series is None
    assert labels.time is None
    assert_array_equal(labels.series_codes(), [0, 0, 0])


def test_a_list_has_a_method_index_but_no_labels():
    assert LabelColumns().read([[1.0], [2.0]], n_rows=2).time is None


def test_all_levels_but_the_last_name_the_series():
    index = pd.MultiIndex.from_arrays([list("aab"), list("xyx"), [0, 1, 2]])
    labels = LabelColumns().read(frame(index), n_rows=3)
    assert list(labels.series) == [("a", "x"), ("a", "y"), ("b", "x")]
    assert_array_equal(labels.time, [0, 1, 2])
    assert_array_equal(labels.series_codes(), [0, 1, 2])


def test_a_multi_index_of_one_level_is_the_time():
    labels = LabelColumns().read(frame(pd.MultiIndex.from_arrays([[4, 5]])), n_rows=2)
    assert labels.series is None
    assert_array_equal(labels.time, [4, 5])


@pytest.mark.parametrize("order", [["station", "t"], ["t", "station"]])
def test_id_col_may_name_a_level_in_any_place(order):
    levels = {"station": list("aab"), "t": [0, 1, 2]}
    index = pd.MultiIndex.from_arrays([levels[name] for name in order], names=order)
    labels = LabelColumns("station").read(frame(index), n_rows=3)
    assert list(labels.series) == list("aab")
    assert_array_equal(labels.time, [0, 1, 2])


def test_id_col_may_name_a_column():
    labels = LabelColumns("s").read(frame(pd.Index([4, 5]), s=list("ba")), n_rows=2)
    assert list(labels.series) == ["b", "a"]
    assert_array_equal(labels.time, [4, 5])


# Steps


@pytest.mark.parametrize(
    "freq", ["MS", "ME", "QS-OCT", "YS-JAN", "W-SUN", "D", "B", "h", "15min", "2D", "2MS"]
)
def test_dates_show_their_frequency(freq):
    index = pd.date_range("2000-01-01", periods=20, freq=freq)
    assert find_step(labels_of(index)) == to_offset(freq)
    found = find_step(labels_of(forget_freq(index)))
    assert_array_equal(pd.date_range(index[0], periods=20, freq=found), index)


def test_dates_of_all_series_together_show_the_frequency():
    index = forget_freq(pd.date_range("2000-01-01", periods=6, freq="MS"))
    panel = labels_of(index[[0, 1, 2, 4, 0, 2, 3, 5]], list("aaaabbbb"))
    assert find_step(panel) == to_offset("MS")


def test_what_is_given_goes_before_what_is_learned_and_that_before_a_guess():
    index = forget_freq(pd.date_range("2000-01-01", periods=6, freq="D"))
    assert find_step(labels_of(index), learned=to_offset("h")) == to_offset("h")
    assert find_step(labels_of(index), freq="2h", learned=to_offset("h")) == to_offset("2h")


@pytest.mark.parametrize("freq", ["M", "2M", "Q", "D", "h"])
def test_freq_may_repeat_what_periods_say(freq):
    index = pd.period_range("2000-01", periods=4, freq=freq)
    assert find_step(labels_of(index), freq=freq) == index.freq


@pytest.mark.parametrize(
    ("numbers", "step"),
    [([3, 4, 5, 8], 1), ([0, 5, 10, 30], 5), ([-4, -2, 0], 2), ([0, 2, 3], 1), ([7], None)],
)
def test_integers_show_their_step(numbers, step):
    assert find_step(labels_of(pd.Index(numbers))) == step


def test_integer_steps_are_taken_within_series():
    assert find_step(labels_of(pd.Index([0, 1, 2, 3]), list("abab"))) == 2


@pytest.mark.parametrize("dtype", ["int8", "uint64", "Int64"])
def test_integers_of_any_type_are_labels(dtype):
    windows = SlidingWindowTransformer(lookback=2).fit_transform(
        frame(pd.Index([1, 2, 4], dtype=dtype))
    )
    assert_array_equal(windows[:, 0, 0], [np.nan, 0, np.nan])


# Runs


@given(
    series=st.lists(st.sampled_from("abc"), min_size=1, max_size=12),
    data=st.data(),
)
@settings(max_examples=80, deadline=None)
def test_runs_are_the_longest_pieces_without_a_gap(series, data):
    is_gap = np.array(data.draw(st.lists(st.booleans(), min_size=12, max_size=12)))
    codes, _ = pd.factorize(np.array(series))
    time = np.empty(len(series), dtype=int)
    for code in range(codes.max() + 1):
        rows = np.flatnonzero(codes == code)
        time[rows] = np.cumsum(1 + is_gap[: len(rows)])
    runs = find_runs(labels_of(pd.Index(time), series), 1)
    assert_array_equal(runs.order, np.argsort(codes, kind="stable"))
    for position, row in enumerate(runs.order):
        run = runs.order[runs.start[position] : runs.stop[position]]
        assert row in run
        assert set(codes[run]) == {codes[row]}
        assert (np.diff(time[run]) == 1).all()
        neighbours = {(code, label) for code, label in zip(codes, time, strict=True)}
        assert (codes[row], time[run[0]] - 1) not in neighbours
        assert (codes[row], time[run[-1]] + 1) not in neighbours


def test_only_one_run_in_order_is_single():
    step = 1
    assert find_runs(labels_of(pd.Index([0, 1, 2])), step).is_single
    assert find_runs(RowLabels(None, None, 3), None).is_single
    assert not find_runs(labels_of(pd.Index([0, 1, 3])), step).is_single
    assert not find_runs(labels_of(pd.Index([0, 1]), ["a", "b"]), step).is_single


@pytest.mark.parametrize(
    ("before", "after", "freq", "expected"),
    [
        ("2000-01-31", "2000-02-29", "ME", True),
        ("2000-01-31", "2000-03-31", "ME", False),
        ("2000-01-07", "2000-01-10", "B", True),
        ("2000-01-07 23:00", "2000-01-08 00:00", "h", True),
        ("2000-01-07", "2000-01-09", "D", False),
    ],
)
def test_a_date_follows_when_it_is_the_next_one(before, after, freq, expected):
    runs = find_runs(labels_of(pd.DatetimeIndex([before, after])), to_offset(freq))
    assert runs.is_single == expected


def test_a_day_with_23_hours_is_a_day():
    index = pd.date_range("2000-03-25", periods=3, freq="D", tz="Europe/Berlin")
    assert (index[2] - index[1]).total_seconds() == 23 * 3600
    assert find_runs(labels_of(index), to_offset("D")).is_single


# What is refused: names of series and time


@pytest.mark.parametrize("make", [SlidingWindowTransformer(id_col="s").fit, None])
def test_id_col_without_an_index_asks_for_set_output(make):
    make = make or (lambda X: make_supervised(X, id_col="s"))
    with pytest.raises(
        ValueError, match=r"id_col='s'.*name columns.*ndarray.*set_output\(transform=\"pandas\"\)"
    ):
        make(np.ones((3, 1)))


def test_id_col_that_is_not_there_shows_columns_and_levels():
    with pytest.raises(
        ValueError, match=r"id_col names 's', .* is neither .*\['x'\].*\['t'\].*set_output"
    ):
        fit(frame(pd.RangeIndex(3, name="t")), id_col="s")


def test_id_col_cannot_be_the_only_level():
    with pytest.raises(ValueError, match="leaves no index level for the time"):
        fit(frame(pd.Index(list("aab"), name="s")), id_col="s")


@pytest.mark.parametrize(
    ("index", "columns", "id_col"),
    [
        (pd.MultiIndex.from_arrays([["a", None, "a"], [0, 1, 2]], names=["s", "t"]), {}, None),
        (pd.MultiIndex.from_arrays([["a", None, "a"], [0, 1, 2]], names=["s", "t"]), {}, "s"),
        (pd.MultiIndex.from_arrays([["a", None, "a"], list("xxx"), [0, 1, 2]]), {}, None),
        (pd.RangeIndex(3), {"s": ["a", None, "a"]}, "s"),
        (pd.RangeIndex(3), {"s": [1.0, np.nan, 1.0]}, "s"),
    ],
)
def test_every_row_needs_a_series(index, columns, id_col):
    with pytest.raises(ValueError, match=r"series of row 1 is missing.*Give every row a series"):
        fit(frame(index, **columns), id_col=id_col)


# What is refused: labels


@pytest.mark.parametrize(
    "index",
    [
        pd.PeriodIndex(["2000-01", None, "2000-03"], freq="M"),
        pd.DatetimeIndex(["2000-01-01", None, "2000-01-03"]),
        pd.TimedeltaIndex(["1h", None, "3h"]),
        pd.Index([1, None, 3], dtype="Int64"),
    ],
)
@pytest.mark.parametrize("rows", [slice(None), slice(1, 2)])
def test_every_row_needs_a_time_label(index, rows):
    with pytest.raises(ValueError, match=r"time label of row \d is missing"):
        fit(frame(index[rows]))


@pytest.mark.parametrize(
    "index", [pd.Index(list("abc")), pd.Index([0.5, 1.5, 2.5]), pd.Index([True, False, True])]
)
def test_labels_of_no_order_are_refused_with_a_cure(index):
    with pytest.raises(ValueError, match=r"periods, dates or integers.*reset_index\(drop=True\)"):
        fit(frame(index))


INDEXES = [
    pd.RangeIndex(4),
    pd.period_range("2000-01", periods=4, freq="M"),
    pd.date_range("2000-01-01", periods=4, freq="MS"),
    pd.date_range("2000-01-01", periods=4, freq="D"),
    pd.date_range("2000-01-01", periods=4, freq="h", tz="UTC"),
    pd.timedelta_range("1h", periods=4, freq="h"),
]


@pytest.mark.parametrize("index", INDEXES, ids=str)
def test_a_label_that_appears_twice_is_named(index):
    step = find_step(labels_of(index))
    with pytest.raises(ValueError, match=r"Duplicate time label .* id_col"):
        find_runs(labels_of(index[[0, 1, 1, 2]]), step)


@pytest.mark.parametrize("index", INDEXES, ids=str)
def test_time_that_goes_back_is_named_with_a_cure(index):
    step = find_step(labels_of(index))
    with pytest.raises(ValueError, match=r"Time goes back at .*sort_index"):
        find_runs(labels_of(index[[0, 1, 3, 2]]), step)


@pytest.mark.parametrize("index", INDEXES[1:], ids=str)
def test_time_in_reverse_goes_back(index):
    with pytest.raises(ValueError, match="Time goes back at"):
        fit(frame(index[::-1]))


def test_two_series_without_their_names_are_a_duplicate():
    with pytest.raises(ValueError, match=r"Duplicate time label 0\. .*id_col"):
        fit(frame(pd.Index([0, 1, 0, 1])).sort_index(), freq=1)


def test_an_error_names_the_series():
    index = pd.MultiIndex.from_product([["Cairns", "Perth"], [0, 1, 2]])
    with pytest.raises(ValueError, match="Time goes back at 1 of series 'Perth'"):
        fit(frame(index).iloc[[0, 1, 2, 3, 5, 4]], freq=1)


@pytest.mark.parametrize(
    ("index", "freq"),
    [
        (pd.PeriodIndex(["2000-01", "2000-03", "2000-06"], freq="2M"), None),
        (pd.DatetimeIndex(["2000-01-01 00:00", "2000-01-01 01:00", "2000-01-01 02:30"]), "h"),
        (pd.DatetimeIndex(["2000-01-01", "2000-01-02", "2000-01-03 12:00"]), "D"),
        (pd.DatetimeIndex(["2000-01-01", "2000-03-01", "2000-04-01"]), "2MS"),
        (pd.Index([0, 2, 5]), 2),
    ],
)
def test_a_label_between_two_steps_is_named(index, freq):
    with pytest.raises(ValueError, match=r"is not a whole number of steps of .* freq="):
        fit(frame(index), freq=freq)


@pytest.mark.parametrize(
    ("dates", "freq"),
    [
        (["2000-01-01", "2000-01-15", "2000-02-01"], "MS"),
        (["2000-01-07", "2000-01-08", "2000-01-10"], "B"),
    ],
)
def test_a_date_off_the_calendar_is_named(dates, freq):
    with pytest.raises(ValueError, match=rf"{dates[1]}.* does not lie on the frequency '{freq}'"):
        fit(frame(pd.DatetimeIndex(dates)), freq=freq)


def test_a_label_between_two_steps_after_the_fitted_ones_is_named():
    # Three rows show a step of 2, which the fourth one disproves.
    with pytest.raises(ValueError, match=r"label 5 is not a whole number .* context=False"):
        fit(frame(pd.Index([0, 2, 4]))).transform(frame(pd.Index([5])))


# What is refused: frequencies


@pytest.mark.parametrize(
    "dates",
    [
        ["2000-01-01", "2000-02-01"],
        ["2000-01-15", "2000-02-15", "2000-03-15", "2000-05-15"],
        ["2000-01-01", "2000-01-02", "2000-01-04"],
    ],
)
@pytest.mark.parametrize("make", [fit, make_supervised, lambda X: sliding_windows(X, 1)])
def test_a_frequency_that_the_dates_do_not_prove_is_asked_for(make, dates):
    with pytest.raises(ValueError, match=r"frequency of the dates cannot be told.*Pass freq="):
        make(frame(pd.DatetimeIndex(dates)))


@pytest.mark.parametrize(
    ("freq", "step"),
    [
        ("MS", "MS"), ("ME", "ME"), ("2MS", "2MS"), ("QE-DEC", "3ME"), ("YS", "12MS"), ("D", "D"),
        ("h", "h"), ("15min", "15min"), ("W-FRI", "7D"), ("3D", "3D"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_dates_with_gaps_show_the_step_of_their_unbroken_stretches(freq, step, zone):
    index = pd.date_range("2000-01-01", periods=40, freq=freq, tz=zone).delete([7, 19, 20])
    windower = fit(frame(forget_freq(index)))
    assert windower.freq_ == to_offset(step)
    windows = windower.transform(frame(index))
    assert_array_equal(np.flatnonzero(np.isnan(windows[:, 0, 0])), [0, 7, 18])


def test_business_days_with_gaps_ask_for_freq():
    index = pd.date_range("2000-01-03", periods=40, freq="B").delete([7, 19])
    words = r"step is 1 days .* but '2000-01-10 .*' follows '2000-01-07 .*freq=\"B\" for business"
    with pytest.raises(ValueError, match=words):
        fit(frame(forget_freq(index)))


def test_the_step_of_series_that_are_read_at_other_minutes():
    hours = pd.date_range("2000-01-01", periods=10, freq="h")
    index = pd.MultiIndex.from_arrays([["a"] * 10 + ["b"] * 10, [*hours, *hours.shift(1, "30min")]])
    assert fit(frame(index)).freq_ == to_offset("h")


def test_the_hour_that_summer_time_leaves_out_is_a_gap():
    index = pd.date_range("2024-03-30", periods=48, freq="h").delete(26)
    windows = fit(frame(forget_freq(index))).transform(frame(index))
    assert_array_equal(np.flatnonzero(np.isnan(windows[:, 0, 0])), [0, 26])


def test_labels_that_mostly_stand_alone_are_a_warning():
    days = pd.DatetimeIndex(["2000-01-01", "2000-01-02", "2000-01-03", "2000-01-08"])
    lonely = days[-1] + pd.to_timedelta([7, 9, 13, 18, 25], "D")
    words = r"step of 'D', but 6 of 9 rows have no neighbour .* first of them '2000-01-08"
    with pytest.warns(UserWarning, match=words):
        find_step(labels_of(days.append(lonely)))


@pytest.mark.parametrize(
    ("fitted", "new"),
    [("W-FRI", "7D"), ("7D", "W-FRI"), ("D", "24h"), ("QS", "3MS"), ("YS", "12MS"), ("2D", "48h")],
)
def test_frequencies_with_two_names_are_equal_where_labels_follow(fitted, new):
    start = "2000-01-07" if "W-FRI" in (fitted, new) else "2000-01-01"
    index = pd.date_range(start, periods=12, freq=fitted)
    rest = pd.date_range(index[-1], periods=5, freq=new)[1:]
    assert rest.freqstr != index.freqstr
    windows = fit(frame(index)).transform(frame(rest))
    assert_array_equal(windows[:, :, 0], [[11, 0], [0, 1], [1, 2], [2, 3]])


@pytest.mark.parametrize(
    ("index", "freq", "step"),
    [
        (pd.date_range("2000", periods=5, freq="D"), pd.Timedelta("1D"), "D"),
        (pd.date_range("2000", periods=5, freq="D"), np.timedelta64(24, "h"), "D"),
        (pd.date_range("2000", periods=5, freq="h"), pd.Timedelta("1h"), "h"),
        (pd.date_range("2000", periods=5, freq="D"), pd.DateOffset(days=1), "D"),
        (pd.date_range("2000", periods=5, freq="2D"), pd.DateOffset(2), "2D"),
        (pd.date_range("2000", periods=5, freq="ME"), pd.DateOffset(months=1), "ME"),
        (pd.date_range("2000", periods=5, freq="MS"), pd.DateOffset(months=1), "MS"),
        (pd.date_range("2000", periods=5, freq="YE"), pd.DateOffset(years=1), "12ME"),
        (pd.timedelta_range("1h", periods=5, freq="h"), pd.Timedelta("1h"), "h"),
    ],
)
def test_freq_may_be_a_time_difference_or_a_date_offset(index, freq, step):
    windower = fit(frame(forget_freq(index)), freq=freq)
    assert windower.freq_ == to_offset(step)
    assert not np.isnan(windower.transform(frame(index))[1:]).any()


def test_m_on_dates_is_told_from_ms_and_me():
    with pytest.raises(ValueError, match=r'for dates "MS", the first .* or "ME", the last one'):
        fit(frame(pd.date_range("2000-01-31", periods=5, freq="ME")), freq="M")


@pytest.mark.parametrize("as_objects", [lambda days: days.date, lambda days: days.to_pydatetime()])
def test_dates_of_python_are_dates(as_objects):
    days = pd.date_range("2000-01-01", periods=9, freq="D")
    index = pd.Index(as_objects(days), dtype=object)
    assert fit(frame(index)).freq_ == to_offset("D")
    days_in_column = frame(days).assign(day=index.to_numpy())
    assert fit(days_in_column, time_col="day").freq_ == to_offset("D")
    months = pd.period_range("2000-01", periods=4, freq="M")
    assert fit(frame(months.astype(object))).freq_ == months.freq


@pytest.mark.parametrize("dtype", ["timestamp[us][pyarrow]", "date32[pyarrow]"])
def test_dates_of_arrow_are_dates(dtype):
    pytest.importorskip("pyarrow")
    days = pd.date_range("2000-01-01", periods=9, freq="D")
    values = days.date if dtype.startswith("date") else days
    index = pd.Index(pd.array(values, dtype=dtype))
    assert fit(frame(index)).freq_ == to_offset("D")
    assert fit(frame(days).assign(day=index.array), time_col="day").freq_ == to_offset("D")


def test_rows_out_of_order_are_told_apart():
    words = "Time goes back at 9, and at all 9 steps"
    with pytest.raises(ValueError, match=words):
        fit(frame(pd.RangeIndex(10, 0, -1)))
    with pytest.raises(ValueError, match=r"Time goes back at \d+, and at \d+ of 19 steps"):
        fit(frame(pd.Index(np.random.default_rng(0).permutation(20))))
    with pytest.raises(ValueError, match=r"Duplicate time label 0.*3 row\(s\) have that .* id_col"):
        fit(frame(pd.Index([0, 1, 2, 0, 1, 2])))


def test_years_that_are_floats_are_told_to_become_integers():
    with pytest.raises(
        ValueError, match=r"float64\. Make whole numbers .* astype\(int\), and years"
    ):
        fit(frame(pd.Index([2000.0, 2001.0, 2002.0])))


def test_one_working_week_is_daily_or_business_daily():
    week = frame(forget_freq(pd.date_range("2000-01-03", periods=5, freq="D")))
    with pytest.raises(ValueError, match=r"frequency of the dates cannot be told.*Pass freq="):
        fit(week)
    assert fit(week, freq="D").freq_ == to_offset("D")
    assert fit(week, freq="B").freq_ == to_offset("B")


def test_a_weekend_tells_daily_from_business_daily():
    assert fit(frame(forget_freq(pd.date_range("2000-01-03", periods=6)))).freq_ == to_offset("D")
    index = forget_freq(pd.date_range("2000-01-03", periods=6, freq="B"))
    assert fit(frame(index)).freq_ == to_offset("B")


def test_integers_without_a_common_step_ask_for_freq():
    with pytest.raises(ValueError, match=r"step of the integer labels .* 2, 3\. Pass freq="):
        fit(frame(pd.Index([0, 2, 5])))


@pytest.mark.parametrize(
    ("index", "freq"),
    [
        (pd.date_range("2000-01-01", periods=3, freq="D"), "h"),
        (pd.Index([0, 7, 14]), 1),
    ],
)
def test_a_step_by_which_no_row_continues_is_refused(index, freq):
    with pytest.raises(ValueError, match=rf"No row .* by a step of '?{freq}'?: .* right freq="):
        fit(frame(index), freq=freq)


def test_a_series_of_gaps_alone_needs_a_step_that_is_given():
    index = pd.MultiIndex.from_arrays([list("aaabbb"), [0, 1, 2, 0, 7, 14]])
    labels = labels_of(index.get_level_values(1), index.get_level_values(0))
    with pytest.raises(ValueError, match=r"starts at 0 of series 'b' continues .* freq="):
        find_step(labels)
    runs = find_runs(labels, find_step(labels, freq=1))
    np.testing.assert_array_equal(runs.stop - runs.start, [3, 3, 3, 1, 1, 1])


def test_a_given_step_by_which_no_row_continues_another_is_refused():
    index = forget_freq(pd.date_range("2000-01-01", periods=4, freq="D"))
    with pytest.raises(ValueError, match=r"No row .* continues another by a step of 'h'"):
        find_step(labels_of(index), freq="h")


def test_periods_may_have_nothing_but_gaps():
    index = pd.PeriodIndex(["2000-01", "2001-01", "2002-01"], freq="M")
    labels = labels_of(index)
    np.testing.assert_array_equal(find_runs(labels, find_step(labels)).start, [0, 1, 2])


@pytest.mark.parametrize(
    ("index", "freq", "words"),
    [
        (pd.RangeIndex(3), "MS", "must be a positive integer, not 'MS'"),
        (pd.period_range("2000-01", periods=3, freq="M"), "Q", "contradicts the time labels"),
        (pd.period_range("2000-01", periods=3, freq="M"), 1, "freq=1 is for integer labels"),
        (pd.date_range("2000-01", periods=3, freq="MS"), 1, "freq=1 is for integer labels"),
        (
            pd.date_range("2000-01", periods=3, freq="MS"),
            "often",
            "freq='often' is not a frequency for a DatetimeIndex",
        ),
        (pd.timedelta_range("1h", periods=3, freq="h"), 1, "freq=1 is for integer labels"),
    ],
)
def test_freq_has_to_suit_the_labels(index, freq, words):
    with pytest.raises(ValueError, match=words):
        fit(frame(index), freq=freq)


@pytest.mark.parametrize("freq", [0, -1, 1.5])
def test_the_step_of_integers_is_positive(freq):
    with pytest.raises(ValueError, match="must be a positive integer"):
        make_supervised(frame(pd.RangeIndex(3)), freq=freq)


def test_freq_for_a_bare_array_asks_for_the_index():
    with pytest.raises(ValueError, match=r"freq='MS' needs time labels.*set_output"):
        fit(np.ones((3, 1)), freq="MS")


# What is refused: rows unlike those in fit


@pytest.mark.parametrize(
    ("fitted", "new"),
    [
        (pd.RangeIndex(3), pd.period_range("2000-01", periods=3, freq="M")),
        (
            pd.period_range("2000-01", periods=3, freq="M"),
            pd.period_range("2000Q1", periods=3, freq="Q"),
        ),
        (
            pd.date_range("2000-01", periods=3, freq="MS"),
            pd.period_range("2000-04", periods=3, freq="M"),
        ),
        (
            pd.date_range("2000-01", periods=3, freq="MS"),
            pd.date_range("2000-04", periods=3, freq="MS", tz="UTC"),
        ),
        (pd.timedelta_range("0h", periods=3, freq="h"), pd.RangeIndex(3)),
    ],
)
def test_labels_of_another_kind_than_in_fit_are_refused(fitted, new):
    windower = fit(frame(fitted))
    with pytest.raises(ValueError, match=r"fit saw time labels of type .* Bring both to one type"):
        windower.transform(frame(new))


def test_dates_of_another_frequency_than_in_fit_are_refused():
    windower = fit(frame(pd.date_range("2000-01-01", periods=3, freq="D")))
    with pytest.raises(ValueError, match=r"frequency 'h', but fit saw 'D'.*freq="):
        windower.transform(frame(pd.date_range("2000-01-04", periods=3, freq="h")))


PANEL = pd.DataFrame({0: range(4)}, index=pd.MultiIndex.from_product([list("ab"), [0, 1]]))


@pytest.mark.parametrize("new", [np.ones((3, 1)), pd.DataFrame({0: range(3)})])
def test_a_panel_in_fit_asks_for_a_panel(new):
    with pytest.raises(ValueError, match=r"were of several series .* none now.*index levels"):
        fit(PANEL).transform(new)


@pytest.mark.parametrize("old", [np.ones((3, 1)), pd.DataFrame({0: range(3)})])
def test_one_series_in_fit_asks_for_one_series(old):
    with pytest.raises(ValueError, match=r"were of one series .* several now.*index levels"):
        fit(old).transform(PANEL)


@pytest.mark.parametrize("context", ["auto", False])
def test_one_labelled_series_may_be_followed_by_a_bare_array(context):
    windower = fit(pd.DataFrame({0: [1.0, 2.0, 3.0]}), context=context)
    assert_array_equal(windower.transform([[4.0], [5.0]])[:, :, 0], [[np.nan, 4], [4, 5]])


@pytest.mark.filterwarnings("ignore:No row has a full window:UserWarning")
def test_a_step_first_shown_in_transform_is_refused_if_no_series_takes_it():
    months = forget_freq(pd.date_range("2000-01-01", periods=7, freq="MS"))
    fitted = pd.MultiIndex.from_arrays([["a"], months[:1]])
    new = pd.MultiIndex.from_arrays([list("abababa")[1:], months[1:]])
    message = r"No row of the series .* of series 'a' .* a step of 'MS'"
    with pytest.raises(ValueError, match=message):
        fit(frame(fitted)).transform(frame(new))


@pytest.mark.filterwarnings("ignore:No row has a full window:UserWarning")
@pytest.mark.parametrize("freq", ["D", "h"])
def test_series_that_are_read_in_turn_have_the_step_of_each(freq):
    time = forget_freq(pd.date_range("2000-01-01", periods=7, freq=freq))
    index = pd.MultiIndex.from_arrays([list("abababa"), time])
    windows = fit(frame(index[:1])).transform(frame(index[1:]))
    assert np.isnan(windows).any(axis=(1, 2)).tolist() == [True, *[False] * 5]
    assert fit(frame(index)).freq_ == to_offset(f"2{freq}")
