"""Labels that would be misread in silence: levels in another order, dates as numbers, y and X."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import AdaBoostRegressor, BaggingRegressor
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from skrnn import (
    PerSeriesTargetRegressor,
    PerSeriesTransformer,
    SeriesImputer,
    SlidingWindowTransformer,
    TimeDistributed,
    insert_missing_rows,
    make_supervised,
    sliding_windows,
)
from skrnn._windows._labels.label_columns import LabelColumns
from skrnn.model_selection import PanelTimeSeriesSplit

MONTHS = pd.period_range("2019-01", periods=24, freq="M")
READERS = {
    "windows": SlidingWindowTransformer(2).fit,
    "imputer": SeriesImputer().fit,
    "scaler": PerSeriesTransformer(StandardScaler()).fit,
    "pairs": make_supervised,
    "arrays": lambda X: sliding_windows(X, 2),
    "rows": insert_missing_rows,
    "split": PanelTimeSeriesSplit(2).split,
    "target": lambda X: PerSeriesTargetRegressor(Ridge(), StandardScaler()).fit(X, X["x"]),
}
NEEDS_ORDER = {name: READERS[name] for name in ("windows", "imputer", "pairs", "arrays", "rows")}


def panel(*levels, names=None):
    index = pd.MultiIndex.from_product(levels, names=names)
    return pd.DataFrame({"x": np.arange(float(len(index)))}, index=index)


# Levels


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("shops", [[1, 2, 3], ["a", "b", "c"]])
@pytest.mark.parametrize("time", [MONTHS, MONTHS.to_timestamp(), MONTHS.map(lambda m: m.end_time)])
def test_dates_that_would_name_series(reader, shops, time):
    X = panel(time, shops, names=["month", "shop"])
    words = "'shop', is read as the time, .* level 'month' holds dates. Pass time_col='month'"
    with pytest.raises(ValueError, match=words):
        READERS[reader](X)


def test_levels_without_names_are_numbered():
    with pytest.raises(ValueError, match=r"number 1, is .* number 0 holds .* name of level 0 as t"):
        make_supervised(panel(MONTHS, [1, 2]))


def test_dates_may_name_series_if_the_user_says_so():
    X = panel(MONTHS[:3], range(4), names=["issued", "step"])
    windows = SlidingWindowTransformer(2, time_col="step").fit_transform(X)
    assert_array_equal(np.isnan(windows[:, 0, 0]), np.arange(12) % 4 == 0)
    assert make_supervised(X, time_col="step")[0].shape == (9, 1)
    both_dates = panel(MONTHS[:3], MONTHS, names=["issued", "valid"])
    assert make_supervised(both_dates)[0].shape == (69, 1)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "levels", [([2019, 2020], range(1, 13)), (["a", "b"], [2019, 2020], range(1, 53))]
)
def test_years_that_would_name_series(reader, levels):
    X = panel(*levels, names=["shop", "year", "part"][-len(levels) :])
    words = r"'year' would name series.*years \(2019 to 2020\) and .* \(1 to \d+\).*='part'"
    with pytest.raises(ValueError, match=words):
        READERS[reader](X)


@pytest.mark.parametrize(
    "levels", [([1, 2], range(1, 13)), ([2019, 2020], range(12)), ([2019], range(1, 13))]
)
def test_other_numbers_name_series(levels):
    assert len(make_supervised(panel(*levels))[0]) == len(levels[0]) * 11


# Row numbers beside a column of dates


@pytest.mark.parametrize("reader", [name for name in READERS if name != "target"])
@pytest.mark.parametrize("dates", [MONTHS, MONTHS.to_timestamp(), MONTHS.to_timestamp().date])
def test_row_numbers_that_would_be_the_time(reader, dates):
    table = pd.DataFrame({"of": ["a"] * 24 + ["b"] * 24, "when": [*dates, *dates], "x": range(48)})
    words = "holds row numbers, 0 to 47, .*column 'when' holds dates. Pass time_col='when' and id_c"
    with pytest.raises(ValueError, match=words):
        READERS[reader](table)
    with pytest.raises(ValueError, match=r"Pass time_col='when'\. Or put .* with set_index"):
        SlidingWindowTransformer(2, id_col="of").fit(table)


@pytest.mark.parametrize("written", [MONTHS.astype(str), MONTHS.to_timestamp().astype(str)])
def test_dates_written_as_text_beside_row_numbers(written):
    table = pd.DataFrame({"when": written, "of": "a", "x": range(24)})
    words = r"'when' holds dates as text: .*to_datetime\. Pass time_col='when' and id_col='of'"
    with pytest.raises(ValueError, match=words):
        make_supervised(table, target="x")
    for text in (["2024-99"] * 24, ["1234"] * 24, ["2020-01 sold out"] * 24):
        assert len(make_supervised(table.assign(when=text), target="x")[0]) == 23


class TableOfAnotherLibrary:
    """A DataFrame that is not one of pandas."""

    columns = ("of", "x")

    def to_pandas(self):
        return panel(["a"], range(4), names=["of", "t"]).reset_index()


def test_tables_of_another_library_are_told_to_become_pandas():
    table, words = TableOfAnotherLibrary(), "DataFrame of pandas, e.g. with to_pandas() of "
    for use in (lambda X: make_supervised(X, target="x"), lambda X: sliding_windows(X, 2)):
        with pytest.raises(ValueError, match=re.escape(words)):
            use(table)
    with pytest.raises(ValueError, match=re.escape(words)):
        LabelColumns("of").read(table, n_rows=4)


# Dates written as numbers


@pytest.mark.parametrize("reader", NEEDS_ORDER)
@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        (MONTHS.strftime("%Y%m"), r"201912 and 202001 .* differ by 89.*format='%Y%m'\)"),
        (pd.date_range("2019-12-30", periods=9).strftime("%Y%m%d"), r"20191231 and 20200101.*%d'"),
        (["201951", "201952", "202001"], "201952 and 202001 .* make them dates or periods"),
        (["20194", "20201", "20202"], "20194 and 20201 "),
    ],
)
def test_dates_written_as_numbers(reader, numbers, words):
    X = pd.DataFrame({"x": range(len(numbers))}, index=pd.Index(numbers).astype(int))
    with pytest.raises(ValueError, match=words):
        NEEDS_ORDER[reader](X)


def test_the_next_year_in_transform():
    X = pd.DataFrame({"x": range(24)}, index=MONTHS.strftime("%Y%m").astype(int))
    windower = SlidingWindowTransformer(3).fit(X[:12])
    with pytest.raises(ValueError, match="201912 and 202001 are numbers that look like dates"):
        windower.transform(X[12:])


@pytest.mark.parametrize("start", [201_890, 20_190, 2_019, 0])
def test_counters_are_no_dates(start):
    X = pd.DataFrame({"x": range(300)}, index=pd.RangeIndex(start, start + 300))
    assert len(make_supervised(X)[0]) == 299


def test_numbers_that_look_like_dates_by_chance_may_count_from_zero():
    numbers = MONTHS.strftime("%Y%m").astype(int)
    assert len(make_supervised(pd.DataFrame({"x": range(24)}, index=numbers - 201901))[0]) == 22


# In predict as in fit


@pytest.mark.parametrize("names", [["shop", "t"], ["region", "shop", "t"]])
def test_levels_in_another_order_than_in_fit(names):
    X = panel(*[[1, 2, 3]] * (len(names) - 1), range(20), names=names)
    other = X.swaplevel(0, 1).sort_index()
    models = [
        SlidingWindowTransformer(3),
        SeriesImputer(),
        PerSeriesTransformer(StandardScaler()),
    ]
    for model in models:
        with pytest.raises(ValueError, match=rf"in the order .*'{names[0]}', '{names[1]}'.*reord"):
            model.fit(X).transform(other)
    model = PerSeriesTargetRegressor(Ridge(), StandardScaler()).fit(X, X["x"])
    with pytest.raises(ValueError, match="Bring the levels of the index into the order of fit"):
        model.predict(other)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (["1", "2"], "named by numbers in fit, such as 1, but are named by text now, such as '1'"),
        (pd.CategoricalIndex(["1", "2"]), "numbers in fit, .* by text now"),
        ([True, False], "numbers in fit, .* by booleans now"),
    ],
)
@pytest.mark.parametrize("model", ["windows", "scaler", "target"])
def test_names_of_another_type_than_in_fit(model, other, words):
    X, new = panel([1, 2], range(20)), panel(other, range(20, 40))
    with pytest.raises(ValueError, match=words):
        fitted(model, X)(new)
    with pytest.raises(ValueError, match=r"by (text|booleans) in fit, .* by numbers now"):
        fitted(model, new)(X)


@pytest.mark.parametrize("model", ["windows", "scaler", "target"])
def test_more_or_fewer_levels_than_in_fit(model):
    X, new = panel([1, 2], range(20)), panel([1, 2], ["a"], range(20, 40))
    with pytest.raises(ValueError, match=r"fit 1 level.*such as 1, but in X 2 do .* \(1, 'a'\)"):
        fitted(model, X)(new)
    with pytest.raises(ValueError, match=r"fit 2 level.*such as \(1, 'a'\), but in X 1 do"):
        fitted(model, new)(X)


@pytest.mark.parametrize("other", [[1.0, 2.0], pd.CategoricalIndex([1, 2]), np.array([1, 2], "u1")])
@pytest.mark.parametrize("model", ["windows", "scaler", "target"])
def test_names_of_another_type_of_number_are_the_same(model, other):
    X, new = panel([1, 2], range(20)), panel(other, range(20, 40))
    expected = fitted(model, X)(panel([1, 2], range(20, 40)))
    assert_array_equal(fitted(model, X)(new), expected)


@pytest.mark.parametrize("model", ["scaler", "target"])
def test_series_that_fit_has_not_seen_are_a_warning(model):
    use = fitted(model, panel(["a", "b"], range(20)))
    with pytest.warns(UserWarning, match=r"1 of 2 series .* such as 'c' \(fit saw 2, .* 'a'\)"):
        use(panel(["a", "c"], range(20)))
    with pytest.warns(UserWarning, match="All 2 series were not seen in fit, such as 'c' "):
        use(panel(["c", "d"], range(20)))


def fitted(model, X):
    if model == "target":
        return PerSeriesTargetRegressor(Ridge(), StandardScaler()).fit(X, X["x"]).predict
    model = {
        "windows": SlidingWindowTransformer(2),
        "scaler": PerSeriesTransformer(MinMaxScaler()),
    }[model]
    return model.fit(X).transform


def test_named_levels_may_change_their_order():
    X = panel([1, 2, 3], range(20), names=["shop", "t"])
    windower = SlidingWindowTransformer(3, id_col="shop", time_col="t")
    expected = windower.fit_transform(X)
    assert_array_equal(windower.fit(X).transform(X.swaplevel()), expected)


# X and y


def y_models():
    return [
        SlidingWindowTransformer(2),
        SeriesImputer(),
        PerSeriesTransformer(StandardScaler()),
        PerSeriesTargetRegressor(Ridge(), StandardScaler()),
    ]


@pytest.mark.parametrize("model", y_models(), ids=lambda model: type(model).__name__)
@pytest.mark.parametrize("levels", [[MONTHS], [["a", "b"], MONTHS], [["a", "b"], range(20)]])
def test_a_y_in_another_order(model, levels):
    X = panel(*levels)
    if len(levels) == 1:
        X = X.droplevel([]).set_axis(MONTHS)
    shuffled = X["x"].sample(frac=1, random_state=0)
    with pytest.raises(ValueError, match=r"labels of X and y disagree: row \d+ is .*y\.to_numpy"):
        model.fit(X, shuffled)
    with pytest.raises(ValueError, match=r"disagree: row 0 is .*y\.loc\[X\.index\]"):
        model.fit(X, X["x"].sort_index(ascending=False))
    model.fit(X, shuffled.loc[X.index])
    model.fit(X, shuffled.to_numpy())


def test_a_score_with_y_in_another_order():
    X = panel(["a", "b"], MONTHS)
    model = PerSeriesTargetRegressor(Ridge(), StandardScaler()).fit(X, X["x"])
    with pytest.raises(ValueError, match="labels of X and y disagree"):
        model.score(X, X["x"].swaplevel().sort_index().swaplevel())
    assert model.score(X, X["x"]) == r2_score(X["x"], model.predict(X))


def test_the_score_of_targets_of_many_steps():
    rng = np.random.default_rng(0)
    X, y = panel(["a", "b"], MONTHS), rng.normal(size=(48, 3, 2))
    model = PerSeriesTargetRegressor(Constant(), TimeDistributed(StandardScaler())).fit(X, y)
    predicted = model.predict(X)
    expected = [r2_score(y[:, step], predicted[:, step]) for step in range(3)]
    assert_allclose(model.score(X, y), np.mean(expected))


class Constant(DummyRegressor):
    """Predicts the mean of targets of any shape."""

    def fit(self, X, y):
        self.mean_ = y.mean(axis=0)
        return self

    def predict(self, X):
        return np.tile(self.mean_, (len(X), *[1] * self.mean_.ndim))


def test_a_y_with_repeated_labels_in_another_order():
    table = panel(["a", "b"], MONTHS, names=["of", "month"]).reset_index("of")
    reordered = table["x"].iloc[::-1]
    windower = SlidingWindowTransformer(2, id_col="of").fit(table, table["x"])
    with pytest.raises(ValueError, match="labels of X and y disagree"):
        windower.fit(table, reordered)


def test_a_y_of_other_series():
    X = panel(["a", "b"], MONTHS)
    other = panel(["b", "c"], MONTHS)["x"]
    for model in y_models():
        with pytest.raises(ValueError, match=r"row 0 is \('a', '2019-01'\) in X, and \('b', '20"):
            model.fit(X, other)


@given(horizon=st.integers(0, 3), names=st.sampled_from([[], [["a", "b"]]]))
def test_the_time_of_the_target_may_label_y(horizon, names):
    whole = panel(*names, range(20))
    X = whole[whole.index.get_level_values(-1) < 20 - horizon]
    y = whole["x"][whole.index.get_level_values(-1) >= horizon]
    assert SlidingWindowTransformer(2).fit(X, y).transform(X).shape == (len(X), 2, 1)


@pytest.mark.parametrize("y", [np.arange(24), list(range(24)), pd.Series(range(24))])
def test_row_numbers_say_nothing(y):
    X = pd.DataFrame({"x": range(24)}, index=MONTHS)
    for model in y_models():
        model.fit(X, y)


# An index that an earlier step has lost


@pytest.mark.parametrize("model", y_models(), ids=lambda model: type(model).__name__)
def test_an_index_of_series_that_was_lost(model):
    X = panel(["a", "b"], MONTHS)
    pipe = make_pipeline(StandardScaler(), model)
    words = r"X has no index.* index of y shows 2 series.*set_output\(transform=\"pandas\"\).*numpy"
    with pytest.raises(ValueError, match=words):
        pipe.fit(X, X["x"])
    pipe[0].set_output(transform="pandas")
    pipe.fit(X, X["x"])


@pytest.mark.parametrize("form", ["long table", "named levels", "freq"])
@pytest.mark.parametrize("ensemble", [BaggingRegressor, AdaBoostRegressor])
def test_ensembles_that_draw_rows_are_an_error_where_labels_are_named(ensemble, form):
    X = panel(["a", "b"], range(20), names=["of", "t"])
    names, y = {"id_col": "of", "time_col": "t"}, X["x"]
    if form == "long table":
        X = X.reset_index()
        X["of"] = X["of"].map({"a": 1, "b": 2})
    elif form == "freq":
        names = {"freq": 1}
    pipe = make_pipeline(SlidingWindowTransformer(2, **names, flatten=True), DummyRegressor())
    with pytest.raises(ValueError, match=r"X is a ndarray without|needs time labels, but X has no"):
        ensemble(pipe, random_state=0).fit(X, y)


@pytest.mark.filterwarnings("ignore:X has no index, so that its rows are one series")
def test_gaps_and_shuffled_rows_whose_index_was_lost():
    X = np.ones((22, 1))
    y = pd.Series(range(24), index=MONTHS)
    windower = SlidingWindowTransformer(2)
    with pytest.raises(ValueError, match="index of y shows a gap before '2019-06'"):
        windower.fit(X, y.drop(MONTHS[[4, 9]]))
    with pytest.raises(ValueError, match=r"Time goes back at '20.*without shuffling"):
        windower.fit(X, y[2:].sample(frac=1, random_state=0))
    windower.fit(X, y[2:])
    windower.fit(X, y.drop(MONTHS[[4, 9]]).to_numpy())
    trading_days = pd.to_datetime(["2024-03-27", "2024-03-28", "2024-04-02", "2024-04-03"])
    windower.fit(X[:4], pd.Series(range(4), index=trading_days))  # in order, of unknown frequency
    PerSeriesTransformer(StandardScaler()).fit(X, y.drop(MONTHS[[4, 9]]))  # needs no order
