"""Rows with their future, and complete windows with theirs."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skrnn import SlidingWindowTransformer, make_supervised, sliding_windows


@st.composite
def panels(draw):
    """Frames of two columns with several series, gaps, and series in any order of rows."""
    rows = []
    for name in "abc"[: draw(st.integers(1, 3))]:
        gaps = draw(st.lists(st.sampled_from([1, 1, 2]), max_size=6))
        # Two rows that follow one another, so that no series is nothing but gaps.
        rows.append([(name, step) for step in np.cumsum([draw(st.integers(0, 3)), 1, *gaps])])
    which = [i for i, series in enumerate(rows) for _ in series]
    if draw(st.booleans()):
        which = draw(st.permutations(which))
    labels = [rows[i].pop(0) for i in which]
    index = pd.MultiIndex.from_tuples(labels, names=["station", "t"])
    values = np.arange(2.0 * len(labels)).reshape(-1, 2)
    return pd.DataFrame(values, index=index, columns=["x", "y"])


def naive_pairs(frame, horizon):
    """Return the labels whose future is there, oldest first, and that future of the column y."""
    known, futures = [], []
    for name, t in sorted(frame.index, key=lambda label: label[1]):  # equal labels keep their order
        steps = [(name, t + h) for h in range(1, horizon + 1)]
        if all(step in frame.index for step in steps):
            known.append((name, t))
            futures.append([frame.loc[step, "y"] for step in steps])
    return known, futures


def monthly(values, name="passengers"):
    index = pd.period_range("2000-01", periods=len(values), freq="M")
    return pd.DataFrame({name: values}, index=index, dtype=float)


# make_supervised


@given(frame=panels(), horizon=st.integers(1, 3))
@settings(max_examples=80, deadline=None)
def test_pairs_are_those_of_a_naive_loop(frame, horizon):
    known, futures = naive_pairs(frame, horizon)
    assume(known)
    X, y = make_supervised(frame, horizon, target="y", freq=1)
    assert list(X.index) == known
    pd.testing.assert_frame_equal(X, frame.loc[known])
    pd.testing.assert_index_equal(y.index, X.index)
    assert_array_equal(y.to_numpy().reshape(len(known), horizon), futures)


@given(
    n_rows=st.integers(2, 10),
    n_features=st.integers(1, 3),
    horizon=st.integers(1, 4),
    data=st.data(),
)
@settings(max_examples=50, deadline=None)
def test_arrays_in_arrays_out(n_rows, n_features, horizon, data):
    assume(horizon < n_rows)
    target = data.draw(st.integers(0, n_features - 1))
    values = np.arange(n_rows * n_features, dtype="float32").reshape(n_rows, n_features)
    X, y = make_supervised(values, horizon, target=target)
    assert_array_equal(X, values[: n_rows - horizon])
    assert X.dtype == y.dtype == "float32"
    for t in range(n_rows - horizon):
        assert_array_equal(np.atleast_1d(y[t]), values[t + 1 : t + 1 + horizon, target])
    assert y.ndim == (1 if horizon == 1 else 2)


def test_a_flat_list_is_one_feature():
    X, y = make_supervised([1, 2, 4])
    assert_array_equal(X, [[1], [2]])
    assert_array_equal(y, [2, 4])


def test_a_frame_keeps_index_and_names():
    frame = monthly([1, 2, 3, 4])
    X, y = make_supervised(frame)
    pd.testing.assert_frame_equal(X, frame[:3])
    pd.testing.assert_series_equal(y, pd.Series([2.0, 3.0, 4.0], index=X.index, name="passengers"))


def test_targets_of_several_steps_are_named_by_the_step():
    X, y = make_supervised(monthly([1, 2, 3, 4]), horizon=2)
    expected = {"passengers_t+1": [2.0, 3.0], "passengers_t+2": [3.0, 4.0]}
    pd.testing.assert_frame_equal(y, pd.DataFrame(expected, index=X.index))


@pytest.mark.parametrize(("name", "column"), [("sales", "sales"), (None, "value"), (0, 0)])
def test_a_pandas_series_becomes_a_frame_of_one_column(name, column):
    X, y = make_supervised(pd.Series([1.0, 2.0, 3.0], name=name))
    assert list(X.columns) == [column]
    assert y.name == column


def test_rows_before_a_gap_have_no_future():
    frame = monthly([1, 2, 3, 4, 5]).drop(pd.Period("2000-03", freq="M"))
    X, y = make_supervised(frame)
    assert list(X.index.astype(str)) == ["2000-01", "2000-04"]
    assert_array_equal(y, [2, 5])


@pytest.mark.parametrize("horizon", [1, 2])
def test_a_list_of_targets_makes_an_axis_at_the_end(horizon):
    values = np.arange(15.0).reshape(5, 3)
    frame = pd.DataFrame(values, columns=list("abc"))
    steps = [values[h : 5 - horizon + h][:, [2, 0]] for h in range(1, horizon + 1)]
    expected = steps[0] if horizon == 1 else np.stack(steps, axis=1)
    assert_array_equal(make_supervised(frame, horizon, target=["c", "a"])[1], expected)
    assert_array_equal(make_supervised(values, horizon, target=[2, 0])[1], expected)


@pytest.mark.parametrize("columns", [pd.Index(["c", "a"]), np.array(["c", "a"])])
def test_columns_of_a_frame_are_a_list_of_targets(columns):
    frame = pd.DataFrame(np.arange(15.0).reshape(5, 3), columns=list("abc"))
    X, y = make_supervised(frame, target=columns)
    pd.testing.assert_frame_equal(y, make_supervised(frame, target=["c", "a"])[1])
    assert len(X) == 4


def test_a_list_of_one_target_keeps_its_axis():
    assert make_supervised(np.ones((4, 2)), target=[1])[1].shape == (3, 1)
    assert make_supervised(np.ones((4, 2)), 2, target=[1])[1].shape == (2, 2, 1)


def test_an_id_column_names_the_series_and_stays_in_the_rows():
    frame = monthly([1, 2, 3, 4]).assign(station=list("abab"))
    frame.index = pd.PeriodIndex(["2000-01", "2000-01", "2000-02", "2000-02"], freq="M")
    X, y = make_supervised(frame, id_col="station")
    pd.testing.assert_frame_equal(X, frame[:2])
    assert_array_equal(y, [3, 4])
    assert y.name == "passengers"


def test_freq_tells_the_step_that_dates_with_a_gap_do_not():
    frame = monthly([1, 2, 3, 4]).to_timestamp().iloc[[0, 1, 3]]
    X, y = make_supervised(frame, freq="MS")
    assert_array_equal(X, [[1]])
    assert_array_equal(y, [2])


def test_nan_passes_through():
    X, y = make_supervised([1.0, np.nan, 3.0])
    assert_array_equal(X[:, 0], [1, np.nan])
    assert_array_equal(y, [np.nan, 3])


def test_the_series_is_left_alone():
    values = np.array([1.0, 2.0, 3.0])
    X, y = make_supervised(values)
    X[:] = y[:] = 0
    assert_array_equal(values, [1, 2, 3])


def test_windows_of_the_rows_end_right_before_their_target():
    X, y = make_supervised(monthly(range(1, 20)))
    windows = SlidingWindowTransformer(lookback=3).fit_transform(X)
    assert_array_equal(windows[:, -1, 0] + 1, y)


# sliding_windows


@pytest.mark.filterwarnings("ignore:No row has a full window:UserWarning")
@pytest.mark.filterwarnings("ignore:Only .* have a full window:UserWarning")
@given(
    frame=panels(),
    lookback=st.integers(1, 4),
    horizon=st.integers(1, 3),
    stride=st.integers(1, 3),
)
@settings(max_examples=80, deadline=None)
def test_windows_are_the_complete_ones_with_the_targets_of_make_supervised(
    frame, lookback, horizon, stride
):
    assume(naive_pairs(frame, horizon)[0])
    rows, y = make_supervised(frame, horizon, target="y", freq=1)
    windows = SlidingWindowTransformer(lookback, freq=1).fit(frame).transform(frame)
    windows = windows[frame.index.get_indexer(rows.index)]
    # How many rows of its run come before the window: those at multiples of the stride stay.
    n_before = np.array([n_rows_before(frame, label) for label in rows.index]) - lookback + 1
    kept = np.flatnonzero((n_before >= 0) & (n_before % stride == 0))
    assume(len(kept))
    X, targets = sliding_windows(
        frame, lookback, horizon=horizon, stride=stride, target="y", freq=1
    )
    assert not np.isnan(X).any()
    assert_array_equal(X, windows[kept])
    (pd.testing.assert_series_equal if horizon == 1 else pd.testing.assert_frame_equal)(
        targets, y.iloc[kept]
    )


def n_rows_before(frame, label):
    name, t = label
    n_rows = 0
    while (name, t - 1 - n_rows) in frame.index:
        n_rows += 1
    return n_rows


@pytest.mark.parametrize("stride", [1, 3])
def test_windows_of_one_series_are_a_view(stride):
    values = np.arange(60.0).reshape(30, 2)
    X, y = sliding_windows(values, 5, stride=stride, target=1)
    assert X.strides == (16 * stride, 16, 8)
    assert np.shares_memory(X[0], X[1])
    assert not X.flags.writeable
    assert_array_equal(X[:, 0, 0], np.arange(0, 50, 2 * stride))
    assert_array_equal(y, values[5::stride, 1])


def test_all_columns_but_the_id_column_are_features():
    frame = pd.DataFrame({"station": list("aaabbb"), "x": range(6), "y": range(6)})
    X, y = sliding_windows(frame, 2, target="y", id_col="station")
    assert_array_equal(X[:, :, 0], [[0, 1], [3, 4]])
    assert X.shape == (2, 2, 2)
    assert_array_equal(y, [2, 5])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_windows_keep_the_dtype(dtype):
    X, y = sliding_windows(np.ones(5, dtype=dtype), 2)
    assert X.dtype == y.dtype == dtype


def test_a_series_of_just_one_window_has_one():
    X, y = sliding_windows([1.0, 2.0, 3.0, 4.0], 2, horizon=2)
    assert_array_equal(X[:, :, 0], [[1, 2]])
    assert_array_equal(y, [[3, 4]])


def test_the_last_rows_and_windows_of_a_panel_are_the_newest():
    month = pd.period_range("2000-01", periods=6, freq="M")
    index = pd.MultiIndex.from_product([["Cairns", "Hobart"], month], names=["station", "month"])
    panel = pd.DataFrame({"temperature": np.arange(12.0)}, index=index)
    for _, y in (make_supervised(panel, horizon=2), sliding_windows(panel, 3, horizon=2)):
        assert y.index.get_level_values("month").is_monotonic_increasing
        assert list(y.index[-2:]) == [("Cairns", month[3]), ("Hobart", month[3])]


def test_targets_of_windows_have_the_labels_of_series_and_time():
    month = pd.period_range("2000-01", periods=4, freq="M", name="ds")
    series = pd.DataFrame({"y": range(4)}, index=month)
    expected = pd.DataFrame({"y_t+1": [2], "y_t+2": [3]}, index=month[1:2])
    pd.testing.assert_frame_equal(sliding_windows(series, 2, horizon=2)[1], expected)
    assert isinstance(sliding_windows(series, 2, horizon=2, target=["y"])[1], np.ndarray)
    table = pd.concat([series.reset_index().assign(id=name) for name in "ba"], ignore_index=True)
    _, y = sliding_windows(table, 2, horizon=2, target="y", id_col="id", time_col="ds")
    labels = [("b", month[1]), ("a", month[1])]
    pd.testing.assert_index_equal(y.index, pd.MultiIndex.from_tuples(labels, names=["id", "ds"]))


def test_windows_with_a_list_of_targets():
    values = np.arange(12.0).reshape(6, 2)
    _, y = sliding_windows(values, 2, horizon=3, target=[1, 0])
    assert_array_equal(y, [values[2:5, ::-1], values[3:6, ::-1]])


# Errors


@pytest.mark.parametrize("value", [0, -1, 1.0, True, "1"])
@pytest.mark.parametrize("name", ["horizon", "lookback", "stride"])
def test_numbers_of_steps_are_integers_of_at_least_one(name, value):
    params = {"lookback": 1, name: value}
    with pytest.raises(ValueError, match=f"{name} must be an integer of at least 1, but is"):
        sliding_windows([1.0, 2.0, 3.0], **params)


@pytest.mark.parametrize("horizon", [0, 1.5])
def test_a_horizon_is_an_integer_of_at_least_one(horizon):
    with pytest.raises(ValueError, match=f"horizon must be .* at least 1, but is {horizon}"):
        make_supervised([1.0, 2.0], horizon)


def test_a_horizon_beyond_the_series_says_how_long_it_is():
    with pytest.raises(ValueError, match=r"next 4 step\(s\) .* longest .* has 3 row\(s\)"):
        make_supervised([1.0, 2.0, 3.0], horizon=4)


def test_a_window_beyond_the_series_says_how_long_it_is():
    with pytest.raises(ValueError, match=r"lookback=3 and horizon=2 need 5 rows .* has 4"):
        sliding_windows([1.0, 2.0, 3.0, 4.0], 3, horizon=2)


@pytest.mark.parametrize("make", [make_supervised, lambda *a, **k: sliding_windows(*a, 1, **k)])
@pytest.mark.parametrize(
    ("target", "words"),
    [
        (None, r"target must be one of the columns \['x', 'y'\], but is None"),
        ("z", r"target must be one of the columns \['x', 'y'\], but is 'z'"),
        ("station", r"target must be one of the columns \['x', 'y'\], but is 'station'"),
        (["x", "z"], r"target \['z'\] is not among the columns"),
        ([], "target is an empty list"),
        (("x", "y"), r"but is \('x', 'y'\)\. Pass a list to predict several"),
        (True, r"one of the columns \['x', 'y'\], but is True"),
    ],
)
def test_a_target_is_one_of_the_columns(make, target, words):
    frame = pd.DataFrame({"x": range(4), "y": range(4), "station": 1})
    with pytest.raises(ValueError, match=words):
        make(frame, target=target, id_col="station")


@pytest.mark.parametrize("make", [make_supervised, lambda *a, **k: sliding_windows(*a, 1, **k)])
@pytest.mark.parametrize(
    ("target", "words"),
    [
        (None, "target must name one of the 2 columns, by its position"),
        (2, "target=2 is not a column of the array: .* from 0 to 1"),
        (-1, "target=-1 is not a column"),
        (True, "target=True is not a column"),
        ("x", "target='x' is not a column"),
        ([0, 2], "target=2 is not a column"),
        ([], "target is an empty list"),
    ],
)
def test_a_target_of_an_array_is_a_position(make, target, words):
    with pytest.raises(ValueError, match=words):
        make(np.ones((4, 2)), target=target)


@pytest.mark.parametrize("make", [make_supervised, lambda *a, **k: sliding_windows(*a, 1, **k)])
@pytest.mark.parametrize(
    ("series", "words"),
    [
        (pd.DataFrame({"x": []}), "empty: 0 rows"),
        (pd.Series([], dtype=float), "empty: 0 rows"),
        ([], "0 sample"),
        (np.ones((2, 2, 2)), "dim 3"),
        (["a", "b"], "could not convert string to float"),
    ],
)
def test_a_series_is_a_table_of_numbers_with_rows(make, series, words):
    with pytest.raises(ValueError, match=words):
        make(series)


def test_windows_hold_numbers_only():
    frame = pd.DataFrame({"x": range(3), "name": list("abc")})
    with pytest.raises(ValueError, match="could not convert string to float"):
        sliding_windows(frame, 1, target="x")
