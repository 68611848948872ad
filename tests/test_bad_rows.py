"""Rows, series and windows of odd kinds: a right answer, a clear error or a warning."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler

from skrnn import (
    GRURegressor,
    LastSteps,
    PerSeriesTargetRegressor,
    PerSeriesTransformer,
    SeriesImputer,
    SlidingWindowTransformer,
    TimeDistributed,
    WindowLinearRegressor,
    WindowNormalizedRegressor,
    insert_missing_rows,
    make_supervised,
    pad_sequences,
)
from skrnn.model_selection import PanelTimeSeriesSplit

MONTHS = pd.period_range("2020-01", periods=6, freq="M")


def months(n_rows=6):
    """One series of monthly rows 0, 1, 2, ..."""
    index = pd.period_range("2020-01", periods=n_rows, freq="M")
    return pd.DataFrame({"x": np.arange(float(n_rows))}, index=index)


def panel(n_rows=6, shops=("a", "b")):
    """Monthly rows 0, 1, 2, ... of two shops, one after the other."""
    time = pd.period_range("2020-01", periods=n_rows, freq="M")
    index = pd.MultiIndex.from_product([list(shops), time], names=["shop", "month"])
    return pd.DataFrame({"x": np.arange(float(len(index)))}, index=index)


def shops_of(table):
    return table.index.get_level_values("shop")


# What is no number


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.ma.masked_array([1.0, 2.0, 3.0], mask=[1, 0, 0]), "1 masked value"),
        (pd.date_range("2020", periods=3).to_numpy(), "holds dates or durations"),
        (np.array([1j, 2, 3]), "[Cc]omplex"),
    ],
)
def test_what_is_no_number_is_no_row_and_no_target_of_a_series(values, words):
    with pytest.raises(ValueError, match=f"X of PerSeriesTransformer.*{words}"):
        PerSeriesTransformer(StandardScaler()).fit(values[:, np.newaxis])
    with pytest.raises(ValueError, match=f"y of PerSeriesTargetRegressor.*{words}"):
        PerSeriesTargetRegressor(Ridge(), StandardScaler()).fit(months(3), values)


# Series that nobody named


@pytest.mark.parametrize(
    "fit",
    [
        lambda X: make_pipeline(SimpleImputer(), PerSeriesTransformer(StandardScaler())).fit(X),
        lambda X: PerSeriesTargetRegressor(Ridge(), StandardScaler()).fit(X.to_numpy(), X["x"]),
        lambda X: PerSeriesTargetRegressor(Ridge(), StandardScaler()).fit(X.to_numpy(), [0.0] * 6),
        lambda X: TransformedTargetRegressor(
            Ridge(), transformer=PerSeriesTransformer(StandardScaler()), check_inverse=False
        ).fit(X, X["x"]),
        lambda X: TimeDistributed(PerSeriesTransformer(StandardScaler())).fit(X.to_numpy()),
    ],
)
def test_rows_without_an_index_are_one_series_with_a_warning(fit):
    with pytest.warns(UserWarning, match=r"X has no index, so that its rows are one series for Pe"):
        fit(months())


@pytest.mark.parametrize(
    "index",
    [
        pd.Index(["a", "b"] * 3),  # names of series in place of the time
        pd.date_range("2020", periods=3).repeat(2),  # a panel whose names are in a column
        pd.Index([0, 1, 2, 0, 1, 2]),  # two frames, one below the other
    ],
)
def test_labels_of_one_series_that_repeat_are_an_error(index):
    X = pd.DataFrame({"x": np.arange(6.0)}, index=index)
    words = r"would be one series for {}, but \d of 6 have the label of an earlier row"
    with pytest.raises(ValueError, match=words.format("PerSeriesTransformer")):
        PerSeriesTransformer(StandardScaler()).fit(X)
    with pytest.raises(ValueError, match=words.format("PerSeriesTargetRegressor")):
        PerSeriesTargetRegressor(Ridge(), StandardScaler()).fit(X, X["x"])


def test_the_regressor_of_a_target_of_series_notices_a_lost_index():
    X = panel()
    pipe = make_pipeline(StandardScaler(), SlidingWindowTransformer(2, flatten=True), Ridge())
    model = PerSeriesTargetRegressor(pipe, StandardScaler())
    with pytest.raises(ValueError, match=r"X has no index, .* but the index of y shows 2 series"):
        model.fit(X, X["x"])
    with pytest.raises(ValueError, match=r"X has no index, .* but the index of y shows 2 series"):
        model.fit(X, X.assign(z=np.sin(X["x"])))


# Transformers inside that do not keep the rows


def test_a_transformer_that_sorts_the_rows_of_a_series():
    sorts = FunctionTransformer(lambda rows: rows.sort_values("x", ascending=False))
    words = r"returns rows in another order: row 0 is \('a', '2020-01'\) in its input, and \('a', "
    with pytest.raises(ValueError, match=words):
        PerSeriesTransformer(sorts).fit_transform(panel())
    with pytest.raises(ValueError, match=r"another order: row 0 is '2020-01' in its input"):
        PerSeriesTransformer(sorts).fit_transform(months())
    renumbers = FunctionTransformer(lambda rows: rows.reset_index(drop=True))
    X = panel()
    assert_array_equal(PerSeriesTransformer(renumbers).fit_transform(X), X)


def test_a_transformer_that_returns_one_dimension():
    flattens = FunctionTransformer(lambda rows: rows["x"])
    with pytest.raises(ValueError, match=r"FunctionTransformer.transform returns an array of one"):
        PerSeriesTransformer(flattens).fit(panel())


def test_fit_leaves_the_first_row_alone():
    X = np.arange(6.0)[:, np.newaxis]
    table = months()
    PerSeriesTransformer(StandardScaler(copy=False)).fit(table)
    with pytest.warns(UserWarning, match="X has no index"):
        PerSeriesTransformer(StandardScaler(copy=False)).fit(X)
    assert_array_equal(X[:, 0], np.arange(6.0))
    assert_array_equal(table["x"], np.arange(6.0))


def test_windows_of_each_series_inside_do_not_warn_in_fit():
    X = panel()
    inner = make_pipeline(StandardScaler(), SlidingWindowTransformer(2)).set_output(
        transform="pandas"
    )
    assert PerSeriesTransformer(inner).fit(X).transform(X).shape == (12, 2, 1)


def test_the_inverse_needs_the_columns_of_the_output():
    X = panel().assign(z=np.sin(np.arange(12)))
    scaler = PerSeriesTransformer(StandardScaler()).set_output(transform="pandas").fit(X)
    scaled = scaler.transform(X)
    with pytest.raises(ValueError, match=r"makes the columns \['x', 'z'\], .* \['z', 'x'\]"):
        scaler.inverse_transform(scaled[["z", "x"]])
    with pytest.raises(ValueError, match="X has 1 features, but transform makes 2"):
        scaler.inverse_transform(scaled[["z"]])


# Labels that say something else


@pytest.mark.parametrize("as_array", [False, True])
def test_names_of_series_as_groups_of_a_split_by_time(as_array):
    X = panel(shops=range(1, 7))
    rows, y = (X.to_numpy(), X["x"]) if as_array else (X, None)
    split = PanelTimeSeriesSplit(2)
    with pytest.raises(ValueError, match="groups has one value within each of the 6 series of X"):
        next(split.split(rows, y, groups=shops_of(X)))
    long = X.reset_index()
    named = PanelTimeSeriesSplit(2, id_col="shop", time_col="month")
    with pytest.raises(ValueError, match="groups has one value within each of the 6 series of X"):
        next(named.split(long, groups=long["shop"]))
    next(split.split(rows, y, groups=X.index.get_level_values("month")))
    next(split.split(X.to_numpy(), groups=shops_of(X)))  # nothing tells what groups is


@pytest.mark.parametrize(
    "model", [SlidingWindowTransformer(2), PerSeriesTransformer(MinMaxScaler())]
)
def test_row_numbers_in_place_of_the_labels_that_y_has(model):
    X = panel()
    with pytest.raises(ValueError, match=r"X has row numbers as its index, .* y shows 2 series"):
        model.fit(X.reset_index(drop=True), X["x"])
    model.fit(months().reset_index(drop=True), months()["x"])


def test_row_numbers_in_place_of_labels_with_a_gap():
    y = months().drop(MONTHS[2])["x"]
    X = y.to_frame().reset_index(drop=True)
    with pytest.raises(ValueError, match="the index of y shows a gap before '2020-04'"):
        SlidingWindowTransformer(2).fit(X, y)
    PerSeriesTransformer(MinMaxScaler()).fit(X, y)  # needs no order


@pytest.mark.parametrize("make", [months, panel])
def test_targets_of_the_past(make):
    X = make(8)
    month = X.index.get_level_values(-1)
    later, earlier = X[month > month[0]], X["x"][month < month.max()]
    with pytest.warns(UserWarning, match="labels of y are earlier than those of X: row 0 is "):
        SlidingWindowTransformer(2).fit(later, earlier)
    SlidingWindowTransformer(2).fit(X[month < month.max()], X["x"][month > month[0]])
    SlidingWindowTransformer(2).fit(X, X["x"])


@pytest.mark.parametrize(
    ("dates", "format_", "words"),
    [
        (pd.date_range("2020-01-30", periods=4), "%Y%m%d", "20200131 and 20200201.*each month"),
        (pd.date_range("2020-01-01 22:00", periods=4, freq="h"), "%Y%m%d%H", "each day.*%d%H'"),
        (pd.date_range("2020-01-01 22:58", periods=4, freq="min"), "%Y%m%d%H%M", "each hour.*%M'"),
        (pd.date_range("2020-12-30", periods=4), "%Y%j", "2020366 and 2021001.*year.*'%Y%j'"),
    ],
)
def test_dates_and_hours_written_as_numbers(dates, format_, words):
    X = pd.DataFrame({"x": range(4)}, index=dates.strftime(format_).astype("int64"))
    for use in (make_supervised, SlidingWindowTransformer(2).fit, insert_missing_rows):
        with pytest.raises(ValueError, match=words):
            use(X)
    day = pd.RangeIndex(2020010100, 2020010124)  # one day: nothing is left out
    SlidingWindowTransformer(2).fit(pd.DataFrame({"x": range(24)}, index=day))


@pytest.mark.parametrize("model", [SlidingWindowTransformer(2), SeriesImputer()])
def test_levels_without_names_that_were_swapped(model):
    index = pd.MultiIndex.from_product([[101, 102], range(2000, 2006)])
    X = pd.DataFrame({"x": np.arange(12.0)}, index=index)
    model.fit(X)
    with pytest.warns(UserWarning, match="No series of X was seen in fit.*names of series there"):
        model.transform(X.swaplevel().sort_index())
    new_shops = pd.MultiIndex.from_product([[103, 104], range(2000, 2006)])
    model.transform(X.set_index(new_shops))


def sparse_panel(time):
    """A series with all labels, and one that has four of them, no two next to each other."""
    index = pd.MultiIndex.from_tuples(
        [("a", label) for label in time] + [("b", time[i]) for i in (0, 3, 5, 8)]
    )
    return pd.DataFrame({"x": np.arange(float(len(index)))}, index=index)


@pytest.mark.parametrize("freq", ["MS", "6h"])
def test_a_sparse_series_takes_the_step_of_the_dense_ones(freq):
    X = sparse_panel(pd.date_range("2020", periods=9, freq=freq))
    words = "most series, but in 1 of 2 no row continues another by it, .* of series 'b'"
    for use in (insert_missing_rows, make_supervised, SlidingWindowTransformer(2).fit):
        with pytest.warns(UserWarning, match=words):
            use(X)
    complete = insert_missing_rows(X, freq=freq)
    assert len(complete) == 18
    assert SlidingWindowTransformer(2).fit(complete.fillna(0)).n_full_windows_ == 16
    with pytest.raises(ValueError, match="No row of the series that starts at"):
        insert_missing_rows(X.iloc[6:])  # most rows are of the sparse series


def test_a_sparse_series_of_numbers_is_an_error():
    words = "No row of the series that starts at 0 of series 'b' continues another by a step of 10"
    with pytest.raises(ValueError, match=words):
        insert_missing_rows(sparse_panel(range(0, 90, 10)))


def test_dates_that_repeat_are_not_called_dates_without_a_frequency():
    week = pd.date_range("2024-01-01", periods=3)
    X = pd.DataFrame({"x": np.arange(6.0)}, index=week.append(week))
    for use in (insert_missing_rows, make_supervised, SeriesImputer().fit):
        with pytest.raises(ValueError, match=r"Duplicate time label '2024-01-01.*name them"):
            use(X)


def test_short_windows_in_front_of_full_ones_are_no_warning():
    # To predict from the last row alone, the guide passes the rows before it as well.
    X = months(30)
    windower = SlidingWindowTransformer(4).fit(X[:12])
    windows = windower.transform(X[20:])
    assert np.isnan(windows).any(axis=(1, 2)).sum() == 3
    with pytest.warns(UserWarning, match="3 of 3 windows have fewer than lookback=4 steps"):
        windower.transform(X[20:23])


# Sequences to pad


@pytest.mark.parametrize(
    ("sequences", "error", "words"),
    [
        ([[1.0], [1j, 2]], ValueError, "sequence 1 holds complex numbers"),
        ([[1.0], [[1.0, 2.0], [3.0]]], ValueError, "sequence 1, of type list, cannot be read as"),
        ([np.array([1j, 2])], ValueError, "sequence 0 holds complex numbers"),
        ([pd.date_range("2020", periods=2)], ValueError, "sequence 0 holds dates"),
        ([np.ma.masked_array([1.0, 2.0], mask=[1, 0])], ValueError, "sequence 0 .* 1 masked value"),
        ([None, [1.0]], ValueError, "sequence 0 is None"),
        ([[1.0], 2.0], ValueError, r"sequence 1 has shape \(\)"),
        (pd.DataFrame({"x": [1.0]}), TypeError, "list of sequences, but is a DataFrame"),
        ({"a": [1.0]}, TypeError, "list of sequences, but is a dict"),
        ("1, 2", TypeError, "list of sequences, but is a str"),
        (None, TypeError, "list of sequences, but is a NoneType"),
        (panel().groupby("shop"), TypeError, r"pass \[rows for _, rows in table.groupby"),
    ],
)
def test_what_is_no_list_of_sequences_of_numbers(sequences, error, words):
    with pytest.raises(error, match=words):
        pad_sequences(sequences)


def test_sequences_with_columns_in_another_order():
    table = pd.DataFrame({"x": [1.0, 2.0], "z": [3.0, 4.0]})
    with pytest.raises(ValueError, match=r"sequence 2 has \['z', 'x'\], and sequence 1 has \['x'"):
        pad_sequences([[[1.0, 2.0]], table, table[["z", "x"]]])
    padded = pad_sequences(rows for rows in (table, table[:1]))
    assert_array_equal(padded[1], [[np.nan, np.nan], [1.0, 3.0]])


# Tables of other libraries, with no more than skrnn looks at


class Temporal:
    """A type of dates as in polars."""

    def is_temporal(self):
        return True


class Numbers:
    shape = (3, 2)

    def __array__(self, dtype=None, copy=None):
        return np.arange(6.0).reshape(3, 2)

    def __len__(self):
        return 3


class Table(Numbers):
    """Like a DataFrame of polars: it has names and types of columns, and no index."""

    columns, dtypes = ("day", "x"), (Temporal(), np.dtype(float))


class Coordinates(Numbers):
    """Like a DataArray of xarray: its dimensions have coordinates."""

    dims = coords = ("time",)
    to_pandas = None


def test_a_table_of_another_library_with_dates():
    for model in (SlidingWindowTransformer(), SeriesImputer(), TimeDistributed(StandardScaler())):
        with pytest.raises(ValueError, match=r"Column 'day' of X .* holds dates or durations"):
            model.fit(Table())


@pytest.mark.parametrize(
    "use", [SlidingWindowTransformer().fit, SeriesImputer().fit, lambda X: make_supervised(X)]
)
def test_coordinates_of_another_library_are_not_dropped_in_silence(use):
    with pytest.raises(ValueError, match=r"X is a Coordinates with coordinates, .* to_pandas"):
        use(Coordinates())


# Columns that are features, read as time steps


def weather(index=MONTHS):
    return pd.DataFrame({"temperature": range(6), "pressure": range(6)}, index, dtype=float)


@pytest.mark.parametrize(
    "model",
    [
        TimeDistributed(StandardScaler()),
        LastSteps(1),
        GRURegressor(2, max_epochs=1, random_state=0),
        WindowLinearRegressor(),
        WindowNormalizedRegressor(Ridge(), target_feature=None),
    ],
    ids=lambda model: type(model).__name__,
)
def test_features_of_rows_are_not_read_as_time_steps_in_silence(model):
    words = "reads each row of X as a sequence of one feature, .* 'temperature' and 'pressure'"
    for index in (MONTHS, MONTHS.to_timestamp(), pd.MultiIndex.from_product([["a"], MONTHS])):
        with pytest.warns(UserWarning, match=words):
            model.fit(weather(index), np.arange(6.0))


def test_flat_windows_of_two_features_are_not_read_as_one():
    windower = SlidingWindowTransformer(3, flatten=True).set_output(transform="pandas")
    flat = windower.fit_transform(weather())[2:]
    with pytest.warns(UserWarning, match="such as 'temperature_lag2' and 'pressure_lag2'"):
        LastSteps(2).fit(flat)
    LastSteps(2).fit(flat[["temperature_lag2", "temperature_lag1", "temperature_lag0"]])


@pytest.mark.parametrize(
    "table",
    [
        weather(pd.RangeIndex(6)),
        weather().set_axis(["t-1", "t-0"], axis=1),
        weather().set_axis(["00:00", "00:15"], axis=1),
        weather().set_axis([0, 1], axis=1),
        make_supervised(months(), horizon=3)[1],
    ],
)
def test_columns_that_may_be_time_steps(table):
    TimeDistributed(StandardScaler()).fit(table)
    LastSteps(1).fit(table)


# Errors that name the cause


def long_table():
    table = panel().reset_index()
    return table.assign(month=table["month"].dt.to_timestamp())


LABELS = {"id_col": "shop", "time_col": "month"}


@pytest.mark.parametrize(
    "model",
    [
        SlidingWindowTransformer(2, **LABELS),
        SeriesImputer(**LABELS),
        PerSeriesTransformer(StandardScaler(), **LABELS),
    ],
)
def test_a_table_of_nothing_but_labels(model):
    rows = long_table()[["shop", "month"]]
    with pytest.raises(
        ValueError, match=r"X has 0 feature.*columns \['shop', 'month'\] are labels"
    ):
        model.fit(rows)
    with pytest.raises(ValueError, match=r"no column to predict: \['shop', 'month'\] are labels"):
        make_supervised(rows, **LABELS)


@pytest.mark.parametrize(
    "model", [SlidingWindowTransformer(), PerSeriesTransformer(MinMaxScaler())]
)
def test_columns_named_by_numbers_in_another_order(model):
    X = months().assign(z=9.0).set_axis([0, 1], axis=1)
    model.fit(X)
    with pytest.raises(ValueError, match=r"fit saw the columns \[0, 1\], .* the order \[1, 0\]"):
        model.transform(X[[1, 0]])
    model.transform(X.set_axis([5, 6], axis=1))


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (["x", "x"], "target names 'x' 2 times"),
        (months()["x"], "target is the name of a column, .* but is a Series of values"),
        (months(), "target is the name of a column, .* but is a DataFrame of values"),
    ],
)
def test_what_names_no_target(target, words):
    with pytest.raises(ValueError, match=words):
        make_supervised(months().assign(z=1.0), target=target)


def test_names_of_series_that_cannot_be_compared():
    table = long_table()
    table["shop"] = [[name] for name in table["shop"]]
    for model in (
        SlidingWindowTransformer(**LABELS),
        PerSeriesTransformer(MinMaxScaler(), **LABELS),
    ):
        with pytest.raises(ValueError, match=r"names of series must be text.* such as \['a'\]"):
            model.fit(table)


def test_times_of_several_time_zones():
    summer = pd.date_range("2020-03-28", periods=3, tz="Europe/Berlin")
    offsets = [time.fromisoformat(time.isoformat()) for time in summer.to_pydatetime()]
    X = pd.DataFrame({"x": range(3)}, index=pd.Index(offsets, dtype=object))
    with pytest.raises(ValueError, match=r"dates of one time zone.*to_datetime\(labels, utc=True"):
        SlidingWindowTransformer(2).fit(X)


def test_a_transformer_of_time_steps_that_drops_some():
    drops = FunctionTransformer(lambda steps: steps[1:])
    windows = np.arange(6.0).reshape(3, 2, 1)
    with pytest.raises(ValueError, match=r"makes an array of shape \(5, 1\) of 6 time steps"):
        TimeDistributed(drops).fit_transform(windows)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"verbose_feature_names_out": False}, r"ColumnTransformer with remainder=\"passthrough\""),
        ({"remainder": "passthrough"}, "ColumnTransformer with verbose_feature_names_out=False"),
    ],
)
def test_labels_that_a_column_transformer_drops_or_renames(options, words):
    scaler = ColumnTransformer([("s", StandardScaler(), ["x"])], **options)
    pipe = make_pipeline(scaler, SlidingWindowTransformer(2, **LABELS))
    with pytest.raises(ValueError, match=words):
        pipe.set_output(transform="pandas").fit(long_table())


def test_lost_labels_are_told_before_values_that_are_no_numbers():
    scaler = ColumnTransformer([("s", StandardScaler(), ["x"])], remainder="passthrough")
    pipe = make_pipeline(scaler, SlidingWindowTransformer(2, **LABELS))
    with pytest.raises(ValueError, match=r"X is a ndarray without an index.*set_output"):
        pipe.fit(long_table())


@pytest.mark.parametrize("names", [["month", "shop"], ["week", "weekday"], ["Day", "hour"]])
def test_integer_levels_with_the_name_of_a_time(names):
    index = pd.MultiIndex.from_product([range(8), range(3)], names=names)
    X = pd.DataFrame({"x": np.arange(24.0)}, index=index)
    words = f"level '{names[0]}' would name series, .* Pass time_col='{names[0]}'; if both"
    for use in (make_supervised, SlidingWindowTransformer(2).fit, SeriesImputer().fit):
        with pytest.raises(ValueError, match=words):
            use(X)
    assert SlidingWindowTransformer(2, time_col=names[0]).fit(X).n_series_ == 3
    assert SlidingWindowTransformer(2, id_col=names[0]).fit(X).n_series_ == 8
    dates = pd.MultiIndex.from_product([range(8), MONTHS], names=["week", "month"])
    SlidingWindowTransformer(2).fit(pd.DataFrame({"x": np.arange(48.0)}, index=dates))


def test_row_numbers_as_groups_of_a_split_by_time():
    X = panel()
    with pytest.raises(ValueError, match=r"groups holds row numbers, 0 to 11, .* as '2020-01'"):
        next(PanelTimeSeriesSplit(2).split(X, groups=np.arange(12)))
    next(PanelTimeSeriesSplit(2).split(months(), groups=np.arange(6)))


@pytest.mark.parametrize("value", ["Rome", pd.Timestamp("2020")])
def test_a_column_of_a_series_that_holds_no_numbers_is_named(value):
    X = panel().assign(place=value)
    words = r"StandardScaler.fit failed for series 'a': .* hold no numbers: \['place'\]"
    with pytest.raises(ValueError, match=words):
        PerSeriesTransformer(StandardScaler()).fit(X)
