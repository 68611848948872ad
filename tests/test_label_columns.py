"""id_col and time_col: series and time in columns, in index levels, or in both."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal, assert_index_equal
from sklearn.base import clone
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skrnn import (
    PerSeriesTargetRegressor,
    PerSeriesTransformer,
    SeriesImputer,
    SlidingWindowTransformer,
    insert_missing_rows,
    make_supervised,
    sliding_windows,
)
from skrnn._windows._labels.label_columns import LabelColumns
from skrnn._windows._labels.runs import find_runs
from skrnn._windows._labels.time_step import find_step
from skrnn.model_selection import PanelTimeSeriesSplit

LEVELS = ["region", "shop", "day"]
IDS = ["region", "shop"]
LONG = {"id_col": IDS, "time_col": "day"}

# Order of the labels, which of them are columns, and the parameters that say so. All forms
# say the same as LEVELS in the index, without parameters.
FORMS = {
    "named levels": (["day", "shop", "region"], [], LONG),
    "named ids": (["day", "region", "shop"], [], {"id_col": IDS}),
    "named time": (["region", "day", "shop"], [], {"time_col": "day"}),
    "ids are columns": (LEVELS, IDS, {"id_col": IDS}),
    "time is a column": (LEVELS, ["day"], {"id_col": IDS, "time_col": ["day"]}),
    "one id is a column": (LEVELS, ["region"], {"id_col": IDS}),
    "one id and the time are columns": (LEVELS, ["region", "day"], LONG),
    "long table": (LEVELS, LEVELS, LONG),
}
TIMES = {
    "day": (pd.date_range("2024-02-20", periods=40, freq="D"), "D"),
    "month": (pd.period_range("2019-11", periods=40, freq="M"), None),
    "integer": (pd.RangeIndex(5, 85, 2), 2),
}
form_names = st.sampled_from(sorted(FORMS))


@st.composite
def panels(draw):
    """Rows of up to three series with gaps, in any order of series, and their freq=."""
    series = [("north", "a"), ("north", "b"), ("south", "a")][: draw(st.integers(1, 3))]
    steps = [
        # Two rows that follow one another, so that no series is nothing but gaps.
        np.cumsum([draw(st.integers(0, 3)), 1, *draw(st.lists(st.sampled_from([1, 1, 2, 3])))])
        for _ in series
    ]
    which = [i for i, own in enumerate(steps) for _ in own[:8]]
    which = draw(st.permutations(which)) if draw(st.booleans()) else which
    rows = [iter(own) for own in steps]
    labels, freq = TIMES[draw(st.sampled_from(sorted(TIMES)))]
    index = pd.MultiIndex.from_tuples(
        [(*series[i], labels[int(next(rows[i]))]) for i in which], names=LEVELS
    )
    values = np.arange(2.0 * len(which)).reshape(-1, 2) ** 1.5
    return pd.DataFrame(values, index=index, columns=["u", "v"]), freq


def in_form(panel, form):
    """The same rows with their labels elsewhere, and the parameters that say where."""
    order, columns, parameters = FORMS[form]
    table = panel.reorder_levels(order)
    return (table.reset_index(columns) if columns else table), parameters


def as_panel(table):
    """Rows of any form with all labels in the index."""
    columns = [name for name in LEVELS if name in table.columns]
    if len(columns) == len(LEVELS):
        return table.set_index(LEVELS)
    return table.set_index(columns, append=True).reorder_levels(LEVELS) if columns else table


# Each form says the same


@given(drawn=panels(), form=form_names)
@settings(max_examples=60, deadline=None)
def test_labels_are_the_same_in_every_form(drawn, form):
    panel, _ = drawn
    table, parameters = in_form(panel, form)
    labels = LabelColumns(**parameters).read(table, n_rows=len(table))
    expected = LabelColumns().read(panel, n_rows=len(panel))
    assert list(labels.series) == list(expected.series)
    assert_index_equal(labels.time, expected.time)


@pytest.mark.filterwarnings("ignore:No row has a full window:UserWarning")
@pytest.mark.filterwarnings("ignore:Only .* have a full window:UserWarning")
@pytest.mark.filterwarnings("ignore:.*fewer than lookback=:UserWarning")  # gaps at the cut
@given(drawn=panels(), form=form_names, data=st.data())
@settings(max_examples=100, deadline=None)
def test_windows_and_their_context_are_the_same_in_every_form(drawn, form, data):
    panel, freq = drawn
    table, parameters = in_form(panel, form)
    windower = SlidingWindowTransformer(3, freq=freq)
    named = clone(windower).set_params(**parameters)
    expected = windower.fit_transform(panel)
    assert_array_equal(named.fit_transform(table), expected)
    k = data.draw(st.integers(1, len(panel) - 1))
    assert_array_equal(named.fit(table[:k]).transform(table[k:]), expected[k:])
    assert list(named.set_params(flatten=True).get_feature_names_out()) == [
        f"{name}_lag{lag}" for lag in (2, 1, 0) for name in "uv"
    ]


@given(drawn=panels(), form=form_names, horizon=st.sampled_from([1, 2]))
@settings(max_examples=60, deadline=None)
def test_pairs_are_the_same_in_every_form_and_keep_all_columns(drawn, form, horizon):
    panel, freq = drawn
    table, parameters = in_form(panel, form)
    options = {"horizon": horizon, "target": "v", "freq": freq}
    try:
        expected, y = make_supervised(panel, **options)
    except ValueError:
        with pytest.raises(ValueError, match="No row has its next 2"):
            make_supervised(table, **options, **parameters)
        return
    X, y_named = make_supervised(table, **options, **parameters)
    assert list(X.columns) == list(table.columns)
    assert_frame_equal(as_panel(X).reorder_levels(LEVELS), expected)
    assert_array_equal(y_named, y)
    assert_index_equal(y_named.index, X.index)
    windows = sliding_windows(panel, 1, **options)
    windows_named = sliding_windows(table, 1, **options, **parameters)
    assert_array_equal(windows_named[0], windows[0])
    assert_array_equal(windows_named[1], windows[1])


@given(drawn=panels(), form=form_names)
@settings(max_examples=60, deadline=None)
def test_missing_rows_are_the_same_in_every_form(drawn, form):
    panel, freq = drawn
    expected = insert_missing_rows(panel, freq=freq)
    table, parameters = in_form(panel, form)
    before = table.copy()
    complete = insert_missing_rows(table, freq=freq, **parameters)
    assert_frame_equal(table, before)
    assert list(complete.columns) == list(table.columns)
    assert complete.index.names == table.index.names
    assert_frame_equal(as_panel(complete).reorder_levels(LEVELS), expected, check_freq=False)


@given(drawn=panels(), form=form_names, method=st.sampled_from(["linear", "previous"]))
@settings(max_examples=60, deadline=None)
def test_values_are_filled_alike_in_every_form(drawn, form, method):
    panel, freq = drawn
    panel[::3] = np.nan
    table, parameters = in_form(panel, form)
    imputer = SeriesImputer(method, freq=freq)
    expected = imputer.fit_transform(panel)
    filled = imputer.set_params(**parameters).fit_transform(table)
    if FORMS[form][1]:
        assert_frame_equal(filled.drop(columns=["u", "v"]), table.drop(columns=["u", "v"]))
        assert list(filled.columns) == list(table.columns)
        filled = filled[["u", "v"]]
    assert_array_equal(filled, expected)


@given(drawn=panels(), form=form_names)
@settings(max_examples=60, deadline=None)
def test_series_are_scaled_alike_in_every_form(drawn, form):
    panel, _ = drawn
    table, parameters = in_form(panel, form)
    wrapper = PerSeriesTransformer(StandardScaler())
    expected = wrapper.fit_transform(panel)
    named = PerSeriesTransformer(StandardScaler(), **parameters)
    scaled = named.fit_transform(table)
    assert list(named.transformers_) == list(wrapper.transformers_)
    columns = [name for name in table.columns if name in LEVELS]
    if columns:
        assert list(scaled.columns) == ["u", "v", *columns] == list(named.get_feature_names_out())
        assert_frame_equal(named.inverse_transform(scaled), table)
        assert_frame_equal(scaled[columns], table[columns])
        scaled = scaled[["u", "v"]]
    assert_allclose(scaled, expected, rtol=1e-10, atol=1e-12)  # sums in another memory layout


# By default a scaler returns a DataFrame only if it has label columns to keep.
OUTPUTS = [(form, "pandas") for form in FORMS]
OUTPUTS += [(form, "default") for form, (_, columns, _) in FORMS.items() if columns]


@pytest.mark.parametrize(("form", "output"), OUTPUTS)
def test_a_pipeline_forecasts_alike_in_every_form(form, output, shops):
    X, y = make_supervised(shops, target="v")
    expected = forecaster().fit(X[:40], y[:40]).predict(X[40:])
    table, parameters = in_form(shops, form)
    X, y = make_supervised(table, target="v", **parameters)
    model = forecaster(parameters, output).fit(X[:40], y[:40])
    assert_allclose(model.predict(X[40:]), expected, rtol=1e-12)
    windows = model.regressor_[:-1].transform(X[40:])
    assert np.isfinite(np.asarray(windows)).all()  # each series continues its own rows


def forecaster(parameters=None, output="pandas"):
    parameters = parameters or {}
    regressor = make_pipeline(
        PerSeriesTransformer(StandardScaler(), **parameters),
        SlidingWindowTransformer(3, flatten=True, **parameters),
        HistGradientBoostingRegressor(max_iter=2, min_samples_leaf=2),
    ).set_output(transform=output)
    return PerSeriesTargetRegressor(regressor, StandardScaler(), **parameters)


@pytest.fixture
def shops():
    days = pd.date_range("2024-01-01", periods=20, freq="D")
    index = pd.MultiIndex.from_tuples(
        [(*series, day) for day in days for series in [("n", "a"), ("n", "b"), ("s", "a")]],
        names=LEVELS,
    )
    values = np.random.default_rng(0).normal(size=(60, 2)) * np.tile([[1], [10], [100]], (20, 1))
    return pd.DataFrame(values, index=index, columns=["u", "v"])


@given(drawn=panels(), form=form_names)
@settings(max_examples=40, deadline=None)
def test_what_was_found_is_counted(drawn, form):
    panel, freq = drawn
    table, parameters = in_form(panel, form)
    expected = LabelColumns().read(panel, n_rows=len(panel))
    runs = find_runs(expected, find_step(expected, freq=freq))
    n_series = len(set(expected.series))
    for model in (SlidingWindowTransformer(1, freq=freq), SeriesImputer(freq=freq)):
        model.set_params(**parameters).fit(table)
        assert model.n_series_ == n_series
        assert model.n_gaps_ == len(set(zip(runs.start, runs.stop, strict=True))) - n_series
    scaler = PerSeriesTransformer(StandardScaler(), **parameters).fit(table)
    model = PerSeriesTargetRegressor(DummyRegressor(), StandardScaler(), **parameters)
    assert scaler.n_series_ == model.fit(table, panel["u"].to_numpy()).n_series_ == n_series


def test_an_array_is_one_series_without_gaps():
    windower = SlidingWindowTransformer(2).fit(np.ones((5, 1)))
    assert (windower.n_series_, windower.n_gaps_) == (1, 0)
    with pytest.warns(UserWarning, match="X has no index, so that its rows are one series"):
        assert PerSeriesTransformer(StandardScaler()).fit(np.ones((5, 1))).n_series_ == 1


def test_what_was_found_is_in_the_html():
    pytest.importorskip("sklearn.utils._repr_html.fitted_attributes")  # scikit-learn 1.9
    table = long_table().drop(2)
    html = SlidingWindowTransformer(2, **PARAMETERS).fit(table)._repr_html_()
    for name in ("n_series_", "n_gaps_", "freq_", "n_full_windows_"):
        assert name in html


# Long tables


def long_table():
    """Two series of five days, one row for each series and day, without an index."""
    days = pd.date_range("2024-01-01", periods=5, freq="D")
    return pd.DataFrame(
        {"unique_id": ["a"] * 5 + ["b"] * 5, "ds": [*days, *days], "y": np.arange(10.0)}
    )


PARAMETERS = {"id_col": "unique_id", "time_col": "ds", "freq": "D"}


def test_a_missing_day_of_a_long_table_is_a_gap():
    table = long_table().drop(2).reset_index(drop=True)
    windows = SlidingWindowTransformer(2, **PARAMETERS).fit_transform(table)[:, :, 0]
    nan = np.nan
    assert_array_equal(windows[:4], [[nan, 0], [0, 1], [nan, 3], [3, 4]])
    X, _ = make_supervised(table, **PARAMETERS)
    assert list(X["y"]) == [0, 5, 6, 7, 3, 8]  # oldest first
    complete = insert_missing_rows(table, **PARAMETERS)
    expected = long_table().astype({"y": float})
    expected.loc[2, "y"] = nan
    assert_frame_equal(complete, expected)
    filled = SeriesImputer(**PARAMETERS).fit_transform(complete)
    assert_frame_equal(filled, long_table())


def test_shuffled_days_of_a_long_table_are_an_error_or_sorted():
    table = long_table().iloc[[1, 0, 2, 3, 4, 9, 8, 7, 6, 5]].reset_index(drop=True)
    for use in (
        SlidingWindowTransformer(2, **PARAMETERS).fit,
        SeriesImputer(**PARAMETERS).fit,
        lambda X: make_supervised(X, **PARAMETERS),
        lambda X: sliding_windows(X, 2, **PARAMETERS),
    ):
        with pytest.raises(ValueError, match=r"Time goes back at '2024-01-01 .*' of series 'a'"):
            use(table)
    assert_frame_equal(insert_missing_rows(table, **PARAMETERS), long_table())


def test_a_time_column_alone_is_one_series():
    table = long_table()[:5][["ds", "y"]].set_axis([7, 3, 5, 1, 9])
    windows = SlidingWindowTransformer(2, time_col="ds", freq="D").fit_transform(table)
    assert_array_equal(windows[:, :, 0], [[np.nan, 0], [0, 1], [1, 2], [2, 3], [3, 4]])
    wrapper = PerSeriesTransformer(StandardScaler(), time_col="ds")
    assert list(wrapper.fit_transform(table).columns) == ["y", "ds"]
    assert wrapper.transformers_ == {}


def test_a_list_of_one_name_is_that_name():
    table = long_table()
    scaler = PerSeriesTransformer(StandardScaler(), id_col="unique_id", time_col="ds")
    listed = PerSeriesTransformer(StandardScaler(), id_col=["unique_id"], time_col=["ds"])
    assert_frame_equal(listed.fit_transform(table), scaler.fit_transform(table))
    assert list(listed.transformers_) == ["a", "b"] == list(scaler.transformers_)


def test_a_level_that_is_not_named_is_ignored_where_both_are_named():
    table = long_table().assign(row=range(10)).set_index(["row", "unique_id", "ds"])
    windows = SlidingWindowTransformer(2, **PARAMETERS).fit_transform(table)
    expected = SlidingWindowTransformer(2, **PARAMETERS).fit_transform(long_table())
    assert_array_equal(windows, expected)


def test_a_grid_search_over_a_long_table():
    rng = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", periods=30, freq="D")
    table = pd.DataFrame({"unique_id": np.repeat(["a", "b"], 30), "ds": [*days, *days]})
    table["y"] = rng.normal(size=60)
    names = {"id_col": "unique_id", "time_col": "ds"}
    panel = table.set_index(["unique_id", "ds"])
    grid = {"slidingwindowtransformer__lookback": [1, 3]}
    scores = []
    for rows, parameters in ((table, names), (panel, {})):
        pipe = make_pipeline(
            PerSeriesTransformer(StandardScaler(), **parameters),
            SlidingWindowTransformer(**parameters, min_periods=1, flatten=True),
            HistGradientBoostingRegressor(max_iter=2, min_samples_leaf=2),
        ).set_output(transform="pandas")
        cv = PanelTimeSeriesSplit(3, time_col=parameters.get("time_col"))
        search = GridSearchCV(pipe, grid, cv=cv, error_score="raise")
        search.fit(*make_supervised(rows, target="y", **parameters))
        scores.append(search.cv_results_["mean_test_score"])
    assert_allclose(scores[0], scores[1], rtol=1e-12)


# Errors


def use(table, **parameters):
    return SlidingWindowTransformer(2, **parameters).fit(table)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"id_col": []}, r"id_col must be the name .* or a list of names, but is \[\]"),
        ({"id_col": ["y", 3]}, r"id_col must be the name .* but is \['y', 3\]"),
        ({"time_col": []}, r"time_col must be the name .* but is \[\]"),
        ({"time_col": ["year", "ds"]}, r"one name, but is \['year', 'ds'\].*pandas\.to_datetime"),
        ({"id_col": ["y", "y"]}, r"id_col=\['y', 'y'\] and .* name 'y' twice"),
        ({"id_col": ["y", "ds"], "time_col": "ds"}, r"and time_col='ds' name 'ds' twice"),
    ],
)
def test_parameters_are_names(parameters, words):
    for call in (
        lambda: use(long_table(), **parameters),
        lambda: make_supervised(long_table(), **parameters),
        lambda: insert_missing_rows(long_table(), **parameters),
        lambda: PerSeriesTargetRegressor(Ridge(), StandardScaler(), **parameters).fit(
            long_table(), range(10)
        ),
    ):
        with pytest.raises(ValueError, match=words):
            call()


@pytest.mark.parametrize("make", [make_supervised, insert_missing_rows])
@pytest.mark.parametrize("parameter", ["id_col", "time_col"])
def test_functions_too_refuse_what_is_no_name(make, parameter):
    with pytest.raises(ValueError, match=f"{parameter} must be the name .*but is 3"):
        make(long_table(), **{parameter: 3})


def test_a_misspelt_name_shows_columns_and_levels():
    table = long_table().set_index("ds")
    words = r"names 'date', .* columns are \['unique_id', 'y'\], levels \['ds'\].*set_output"
    with pytest.raises(ValueError, match=f"time_col {words}"):
        use(table, id_col="unique_id", time_col="date")
    with pytest.raises(ValueError, match=f"id_col {words}"):
        use(table, id_col=["unique_id", "date"])


def test_a_name_of_a_column_and_a_level_is_ambiguous():
    table = long_table().set_index("ds", drop=False)
    words = r"time_col names 'ds', which stands 1 .* columns and 1 .* index levels\. Rename or drop"
    with pytest.raises(ValueError, match=words):
        use(table, id_col="unique_id", time_col="ds")
    twice = pd.concat([long_table(), long_table()[["unique_id"]]], axis=1)
    with pytest.raises(ValueError, match=r"stands 2 time\(s\) among the columns and 0"):
        use(twice, id_col="unique_id", time_col="ds")


def test_an_array_has_no_columns():
    words = r"time_col='ds' name columns or index levels, but X is a ndarray .*set_output"
    splitter = PanelTimeSeriesSplit(time_col="ds")
    for make in (SlidingWindowTransformer(time_col="ds").fit, splitter.split):
        with pytest.raises(ValueError, match=words):
            make(np.ones((9, 1)))


def test_a_time_column_beside_levels_asks_for_id_col():
    table = long_table().set_index(["unique_id", "y"]).assign(u=1.0)
    words = r"time_col='ds' is a column, .* \['unique_id', 'y'\]. Pass those .* as id_col"
    with pytest.raises(ValueError, match=words):
        use(table, time_col="ds")


def test_a_time_column_of_text_names_the_cure():
    table = long_table().astype({"ds": str})
    with pytest.raises(ValueError, match=r"Time labels must be periods.*pandas\.to_datetime"):
        use(table, id_col="unique_id", time_col="ds")


def test_every_row_needs_a_date_and_all_its_names():
    table = long_table()
    table.loc[3, "ds"] = pd.NaT
    with pytest.raises(ValueError, match="time label of row 3 is missing"):
        use(table, **PARAMETERS)
    table = long_table().assign(shop=["x"] * 9 + [None])
    with pytest.raises(ValueError, match="series of row 9 is missing"):
        use(table, id_col=["unique_id", "shop"], time_col="ds", freq="D")


def test_missing_rows_need_an_index_that_is_known_in_new_rows():
    for index in (list("abcdefghij"), pd.RangeIndex(10, name="row")):
        with pytest.raises(ValueError, match=r"hold more than .* X\.reset_index\(drop=True\)"):
            insert_missing_rows(long_table().set_index(pd.Index(index)), **PARAMETERS)


def test_time_of_another_kind_than_in_fit_is_refused():
    windower = use(long_table(), **PARAMETERS)
    with pytest.raises(ValueError, match="fit saw time labels of type datetime, but X has integer"):
        windower.transform(long_table().assign(ds=range(10)))
