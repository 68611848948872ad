"""Windows, future steps and padding in plain NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skrnn import pad_sequences
from skrnn._windows.window_arrays import future_steps, gather_windows, window_view


def rows(n_rows, n_features=2, dtype=float):
    return np.arange(n_rows * n_features, dtype=dtype).reshape(n_rows, n_features) + 1


@given(
    n_rows=st.integers(1, 8),
    n_features=st.integers(1, 3),
    lookback=st.integers(1, 10),
    shift=st.integers(0, 9),
)
@settings(max_examples=80, deadline=None)
def test_each_window_ends_shift_rows_back(n_rows, n_features, lookback, shift):
    values = rows(n_rows, n_features)
    windows = window_view(values, lookback, shift)
    assert windows.shape == (n_rows, lookback, n_features)
    for t in range(n_rows):
        for j in range(lookback):
            source = t - shift - lookback + 1 + j
            expected = values[source] if source >= 0 else np.full(n_features, np.nan)
            assert_array_equal(windows[t, j], expected)


def test_windows_of_one_series_are_a_read_only_view():
    windows = window_view(rows(50), 10)
    step, row = windows.itemsize, 2 * windows.itemsize
    assert windows.strides == (row, row, step)
    assert np.shares_memory(windows[20], windows[21])
    assert not windows.flags.writeable


def test_window_view_leaves_the_values_alone():
    values = rows(5)
    before = values.copy()
    assert not np.shares_memory(window_view(values, 3), values)
    assert_array_equal(values, before)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_window_view_keeps_the_dtype(dtype):
    assert window_view(rows(4, dtype=dtype), 3).dtype == dtype


@given(
    lengths=st.lists(st.integers(1, 6), min_size=1, max_size=4),
    lookback=st.integers(1, 5),
    shift=st.integers(0, 3),
    data=st.data(),
)
@settings(max_examples=80, deadline=None)
def test_gathered_windows_are_those_of_each_series_alone(lengths, lookback, shift, data):
    values = rows(sum(lengths))
    start = np.repeat(np.cumsum([0, *lengths[:-1]]), lengths)
    position = np.array(data.draw(st.permutations(range(len(values)))))
    n_existing = np.clip(position - shift - start[position] + 1, 0, lookback)
    gathered = gather_windows(values, position, n_existing, lookback, shift)
    pieces = np.split(values, np.cumsum(lengths)[:-1])
    alone = np.concatenate([window_view(piece, lookback, shift) for piece in pieces])
    assert_array_equal(gathered, alone[position])


def test_future_steps_have_a_horizon_axis_only_beyond_one():
    values = rows(6)
    position = np.array([0, 2])
    assert_array_equal(future_steps(values, position, 1), values[[1, 3]])
    assert_array_equal(future_steps(values, position, 3), [values[1:4], values[3:6]])


@given(
    lengths=st.lists(st.integers(0, 7), min_size=1, max_size=5).filter(any),
    n_features=st.integers(1, 3),
    max_length=st.none() | st.integers(1, 8),
)
@settings(max_examples=80, deadline=None)
def test_padding_stands_in_front_and_the_newest_steps_stay(lengths, n_features, max_length):
    sequences = [rows(length, n_features) for length in lengths]
    padded = pad_sequences(sequences, max_length=max_length)
    n_timesteps = min(max(lengths), max_length or max(lengths))
    assert padded.shape == (len(lengths), n_timesteps, n_features)
    for sequence, row in zip(sequences, padded, strict=True):
        n_real = min(len(sequence), n_timesteps)
        assert_array_equal(row[n_timesteps - n_real :], sequence[len(sequence) - n_real :])
        assert np.isnan(row[: n_timesteps - n_real]).all()


def test_flat_sequences_have_one_feature():
    assert_array_equal(
        pad_sequences([[1, 2], [3]]), np.array([[1, 2], [np.nan, 3]])[:, :, np.newaxis]
    )


def test_an_empty_sequence_takes_the_width_of_the_others():
    padded = pad_sequences([[], rows(2, 3)])
    assert padded.shape == (2, 2, 3)
    assert np.isnan(padded[0]).all()


@pytest.mark.parametrize(
    ("dtypes", "asked", "expected"),
    [
        (["float32", "float32"], None, "float32"),
        (["float32", "float64"], None, "float64"),
        (["int64", "int64"], None, "float64"),
        (["float64", "float64"], np.float32, "float32"),
    ],
)
def test_dtype_of_padded_sequences(dtypes, asked, expected):
    sequences = [rows(2, dtype=dtype) for dtype in dtypes]
    assert pad_sequences(sequences, dtype=asked).dtype == expected


def test_padded_sequences_are_a_copy():
    sequence = rows(3)
    pad_sequences([sequence])[:] = 0
    assert_array_equal(sequence, rows(3))


@pytest.mark.parametrize(
    ("sequences", "options", "words"),
    [
        ([], {}, "at least one sequence, but the list is empty"),
        ([[], []], {}, "not empty"),
        ([[1.0]], {"max_length": 0}, "max_length must be .* at least 1, but is 0"),
        ([[1.0]], {"max_length": 1.5}, "max_length must be an integer .* is 1.5"),
        ([[1.0]], {"dtype": int}, "dtype must be a floating-point type"),
        ([[1.0], np.ones((2, 2, 2))], {}, r"sequence 1 has shape \(2, 2, 2\)"),
        ([3.0], {}, r"sequence 0 has shape \(\)"),
        ([rows(2, 1), rows(2, 3)], {}, r"same number of features, but found \[1, 3\]"),
    ],
)
def test_pad_sequences_names_what_is_wrong(sequences, options, words):
    with pytest.raises(ValueError, match=words):
        pad_sequences(sequences, **options)
