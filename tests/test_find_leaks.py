"""Leaks are planted and found, each in its step; models without a leak are reported clean."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingRegressor, VotingRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, KFold, ShuffleSplit, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    OneHotEncoder,
    StandardScaler,
)

from skrnn import (
    Forecaster,
    GRURegressor,
    LastSteps,
    NaiveRegressor,
    PerSeriesTargetRegressor,
    PerSeriesTransformer,
    PretrainedGRURegressor,
    ResidualRegressor,
    SeriesImputer,
    SlidingWindowTransformer,
    TimeDistributed,
    WindowLinearRegressor,
    WindowNormalizedRegressor,
    WindowTheta,
    insert_missing_rows,
    make_supervised,
    sliding_windows,
)
from skrnn.datasets import load_airline_passengers, load_australian_temperature
from skrnn.model_selection import PanelTimeSeriesSplit, find_leaks

LATER_ROWS = "later rows"
IN_PREDICT = "changes while predicting"
LATER_STEPS = "later time steps"
SHUFFLED = "training rows after the start of the test part"
OVERLAP = "targets reach into the test part"
COPY = "target among the features"


def network(**options):
    return GRURegressor(3, max_epochs=1, **options)


def a_panel():
    stations = ["Cairns", "Hobart", "Melbourne"]
    return load_australian_temperature().loc[stations].sort_index()


@pytest.fixture
def airline():
    return make_supervised(load_airline_passengers())


def kinds(report):
    return list(report.table["kind"])


# Steps that look at later rows


def centred_mean(rows):
    return rows.rolling(5, center=True, min_periods=1).mean()


def next_value(rows):
    return rows.shift(-1).ffill()


def own_mean(rows):
    return rows - rows.mean()


@pytest.mark.parametrize(
    ("function", "n_rows", "cure"),
    [(centred_mean, 2, "Use earlier rows only"), (next_value, 1, "Use earlier rows only")],
)
def test_a_step_that_looks_a_few_rows_ahead(airline, function, n_rows, cure):
    model = make_pipeline(MinMaxScaler(), FunctionTransformer(function), LinearRegression())
    model.set_output(transform="pandas")
    (leak,) = find_leaks(model, *airline, TimeSeriesSplit(3)).table.itertuples()
    assert leak.kind == LATER_ROWS
    assert leak.step == "functiontransformer (FunctionTransformer)"
    assert leak.n_rows == n_rows
    assert leak.rows.endswith("1959-06")  # the middle of the last test part
    assert leak.effect > 0.1
    assert leak.cure.startswith(cure)


def test_a_step_that_looks_at_all_rows_inside_a_target_transformer(airline):
    pipe = make_pipeline(
        FunctionTransformer(own_mean), SlidingWindowTransformer(3), network()
    ).set_output(transform="pandas")
    model = TransformedTargetRegressor(pipe, transformer=MinMaxScaler())
    report = find_leaks(model, *airline, TimeSeriesSplit(3))
    (leak,) = report.table.itertuples()
    assert leak.kind == LATER_ROWS
    assert leak.step == "regressor__functiontransformer (FunctionTransformer)"
    assert leak.cure.startswith("Compute it in fit")
    assert leak.n_rows == 126  # all rows up to 1959-06


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_a_step_of_a_column_transformer(airline, n_jobs):
    X, y = airline
    X = X.assign(year=X.index.year, month=X.index.strftime("%b"))
    columns = ColumnTransformer(
        [
            ("smooth", FunctionTransformer(centred_mean), ["passengers"]),
            ("scale", StandardScaler(), ["year"]),
            ("month", OneHotEncoder(sparse_output=False), ["month"]),
        ],
        n_jobs=n_jobs,
    )
    report = find_leaks(make_pipeline(columns, Ridge()), X, y, TimeSeriesSplit(3))
    assert list(report.table["step"]) == ["columntransformer__smooth (FunctionTransformer)"]


def test_two_steps_that_leak_are_both_named(airline):
    model = make_pipeline(
        FunctionTransformer(centred_mean), FunctionTransformer(own_mean), LinearRegression()
    )
    report = find_leaks(model, *airline)
    assert [step.partition(" ")[0] for step in report.table["step"]] == [
        "functiontransformer-1",
        "functiontransformer-2",
    ]
    assert list(report.table["n_rows"]) == [2, 129]


class RanksItsPredictions(LinearRegression):
    def predict(self, X):
        predicted = super().predict(X)
        return predicted.argsort().argsort().astype(float)


def test_a_predictor_that_looks_at_all_rows(airline):
    (leak,) = find_leaks(RanksItsPredictions(), *airline).table.itertuples()
    assert (leak.kind, leak.step) == (LATER_ROWS, "the model (RanksItsPredictions)")


@pytest.mark.parametrize(("method", "expected"), [("linear", [LATER_ROWS]), ("previous", [])])
def test_gaps_filled_with_later_values(method, expected):
    X, y = make_supervised(insert_missing_rows(a_panel()))
    model = make_pipeline(SeriesImputer(method=method), HistGradientBoostingRegressor(max_iter=2))
    model.set_output(transform="pandas")
    y = y.groupby("station").ffill()
    report = find_leaks(model, X, y, PanelTimeSeriesSplit(3))
    assert kinds(report) == expected


class LearnsInTransform(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.scaler_ = StandardScaler().fit(X)
        return self

    def transform(self, X):
        return self.scaler_.partial_fit(X).transform(X)


def test_a_step_that_learns_in_transform(airline):
    report = find_leaks(make_pipeline(LearnsInTransform(), LinearRegression()), *airline)
    (leak,) = report.table.itertuples()
    assert (leak.kind, leak.step) == (IN_PREDICT, "learnsintransform (LearnsInTransform)")


@pytest.mark.parametrize(("bidirectional", "expected"), [(True, [LATER_STEPS]), (False, [])])
def test_a_bidirectional_network_with_a_prediction_for_each_step(bidirectional, expected):
    series = load_airline_passengers() / 100
    X, y = sliding_windows(series, 8)
    y = pd.DataFrame(np.hstack([X[:, 1:, 0], y.to_numpy()[:, None]]), y.index)
    pipe = make_pipeline(
        TimeDistributed(StandardScaler()),
        network(bidirectional=bidirectional, architecture="many-to-many"),
    )
    report = find_leaks(pipe, X, y, TimeSeriesSplit(3))
    assert kinds(report) == expected
    assert list(report.table["step"]) == ["gruregressor (GRURegressor)"] * len(expected)


# Splits


@pytest.mark.parametrize(
    ("cv", "n_splits"),
    [(5, 4), (KFold(5, shuffle=True, random_state=0), 5), (ShuffleSplit(2, random_state=0), 2)],
)
def test_shuffled_splits(airline, cv, n_splits):
    model = make_pipeline(SlidingWindowTransformer(3), WindowLinearRegressor())
    (leak,) = find_leaks(model, *airline, cv).table.itertuples()
    assert leak.kind == SHUFFLED
    assert leak.step == ("KFold" if cv == 5 else type(cv).__name__)
    assert leak.found.startswith(f"In {n_splits} of {cv if cv == 5 else n_splits} splits")
    assert leak.effect > 0.1


def test_splits_of_rows_that_are_sorted_by_series():
    X, y = make_supervised(a_panel())
    X, y = X.sort_index(), y.sort_index()
    assert kinds(find_leaks(LinearRegression(), X, y, TimeSeriesSplit(3))) == [SHUFFLED]
    assert not find_leaks(LinearRegression(), X, y, PanelTimeSeriesSplit(3))


@pytest.mark.parametrize(("gap", "n_rows"), [(0, 11), (9, 2), (10, 1), (11, 0)])
def test_overlapping_horizons(gap, n_rows):
    X, y = sliding_windows(load_airline_passengers(), 24, horizon=12)
    report = find_leaks(WindowLinearRegressor(), X, y, TimeSeriesSplit(3, gap=gap))
    assert kinds(report) == [OVERLAP] * (n_rows > 0)
    assert list(report.table["n_rows"]) == [n_rows] * (n_rows > 0)
    assert (report.table["effect"] > 0.01).all()
    assert all("gap=11" in cure for cure in report.table["cure"])


@pytest.mark.parametrize("form", ["values", "3-D", "one step, far ahead", "sum", "strided"])
def test_overlap_in_other_forms_of_targets(form):
    series = load_airline_passengers()
    if form == "strided":
        X, y = sliding_windows(series, 12, horizon=12, stride=3)
        gaps = [(2, [OVERLAP]), (3, [])]
        X, y = X[:, -1], y.to_numpy()
    else:
        X, y = make_supervised(series, horizon=12)
        X, y, gaps = X.to_numpy(), y.to_numpy(), [(10, [OVERLAP]), (11, [])]
    horizon = None
    if form == "3-D":
        y = np.stack([y, -y], axis=2)
    elif form == "one step, far ahead":
        y = y[:, -1]
    elif form == "sum":
        y, horizon = y.sum(axis=1), 12
    model = LinearRegression() if y.ndim < 3 else network(architecture="encoder-decoder")
    X = X if y.ndim < 3 else X[:, :, None] / 100
    for gap, expected in gaps:
        cv = TimeSeriesSplit(3, gap=gap)
        assert kinds(find_leaks(model, X, y, cv, horizon=horizon)) == expected


def test_several_targets_of_one_step_are_no_horizon():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    y = np.column_stack([X[:, 0], X[:, 1]]) + 0.1 * rng.normal(size=(60, 2))
    assert not find_leaks(LinearRegression(), X, y, TimeSeriesSplit(3))


# Copies of the target


@pytest.mark.parametrize(
    "copy",
    [
        lambda y: y,
        lambda y: np.log(y),
        lambda y: 3 - 0.01 * y,
        lambda y: y.shift(-1).fillna(0),  # a value from after the target
    ],
)
def test_the_target_among_the_features(airline, copy):
    X, y = airline
    (leak,) = find_leaks(Ridge(), X.assign(copied=copy(y)), y).table.itertuples()
    assert (leak.kind, leak.step) == (COPY, "column 'copied' of X")
    assert np.isnan(leak.effect)


def test_the_target_in_the_last_step_of_windows():
    X, y = sliding_windows(load_airline_passengers(), 6, horizon=2)
    leaking = np.concatenate([X, y.to_numpy()[:, 1, None, None]], axis=1)
    (leak,) = find_leaks(WindowLinearRegressor(), leaking, y.to_numpy()).table.itertuples()
    assert (leak.kind, leak.step) == (COPY, "column step 6 feature 0 of X")


@pytest.mark.parametrize("name", ["trend", "season", "alternating", "constant"])
def test_the_own_past_of_a_regular_series_is_no_copy(name):
    time = np.arange(120)
    values = {
        "trend": 1.01**time,
        "season": np.random.default_rng(0).normal(size=12)[time % 12],
        "alternating": (-1.0) ** time,
        "constant": np.ones(120),
    }[name]
    X, y = make_supervised(values, horizon=12)
    assert not find_leaks(LinearRegression(), X, y)


def test_the_class_among_the_features(airline):
    X, y = airline
    rises = np.where(y > X["passengers"], "up", "down")
    known = X.assign(change=X["passengers"].diff().fillna(0), code=(rises == "up").astype(int))
    model = make_pipeline(StandardScaler(), LogisticRegression())
    assert kinds(find_leaks(model, known, rises, TimeSeriesSplit(3))) == [COPY]
    assert not find_leaks(model, known.drop(columns="code"), rises, TimeSeriesSplit(3))


def test_shuffled_splits_of_classes(airline):
    """Every class stays in the training part, where most targets are changed."""
    X, y = airline
    rises = np.where(y > X["passengers"], "up", "down")
    model = make_pipeline(StandardScaler(), LogisticRegression())
    (leak,) = find_leaks(model, X, rises, 5).table.itertuples()
    assert (leak.kind, leak.step) == (SHUFFLED, "StratifiedKFold")
    assert leak.effect > 0.1


# Models of the guide


def tuned(**grid):
    pipe = make_pipeline(MinMaxScaler(), SlidingWindowTransformer(), network())
    model = TransformedTargetRegressor(
        pipe.set_output(transform="pandas"), transformer=MinMaxScaler()
    )
    return GridSearchCV(model, grid, cv=TimeSeriesSplit(3))


ROWS = {
    "readme": make_pipeline(
        SlidingWindowTransformer(13),
        WindowNormalizedRegressor(ResidualRegressor(network(early_stopping=True))),
    ),
    "last year": make_pipeline(SlidingWindowTransformer(12), NaiveRegressor("seasonal", 12)),
    "search": tuned(regressor__slidingwindowtransformer__lookback=[1, 6]),
    "residual": make_pipeline(SlidingWindowTransformer(12), ResidualRegressor(network())),
    "trees": make_pipeline(
        SlidingWindowTransformer(12, flatten=True), HistGradientBoostingRegressor(max_iter=5)
    ),
    "average": make_pipeline(
        MinMaxScaler(),
        SlidingWindowTransformer(12),
        VotingRegressor([(f"seed{i}", network(random_state=i)) for i in range(2)]),
    ).set_output(transform="pandas"),
    "theta": make_pipeline(SlidingWindowTransformer(48), WindowTheta(season_length=12)),
    "pretrained": make_pipeline(SlidingWindowTransformer(48), PretrainedGRURegressor(12)),
    "dropout": make_pipeline(
        MinMaxScaler(), SlidingWindowTransformer(12), network(num_layers=2, dropout=0.3)
    ).set_output(transform="pandas"),
}


@pytest.mark.parametrize("model", ROWS.values(), ids=ROWS)
def test_models_of_rows_are_clean(airline, model):
    cv = None if isinstance(model, GridSearchCV) else TimeSeriesSplit(3)
    report = find_leaks(model, *airline, cv)
    assert not report
    assert "3 splits." in report.checked
    assert "No leak found." in repr(report)


def test_a_search_is_checked_with_its_own_splits(airline):
    search = tuned(regressor__slidingwindowtransformer__lookback=[1, 6]).set_params(cv=3)
    assert list(find_leaks(search, *airline).table["step"]) == ["KFold"]
    assert not find_leaks(search.set_params(cv=TimeSeriesSplit(2)).fit(*airline), *airline)


def test_windows_made_before_the_split_are_clean():
    X, y = sliding_windows(load_airline_passengers(), 24, horizon=12)
    pipe = make_pipeline(LastSteps(12), TimeDistributed(MinMaxScaler()), network())
    model = TransformedTargetRegressor(pipe, transformer=TimeDistributed(MinMaxScaler()))
    assert not find_leaks(model, X, y, TimeSeriesSplit(3, gap=11))


def test_a_panel_of_the_guide_is_clean():
    X, y = make_supervised(a_panel(), horizon=3)
    pipe = make_pipeline(
        PerSeriesTransformer(StandardScaler()), SlidingWindowTransformer(12), network()
    ).set_output(transform="pandas")
    model = PerSeriesTargetRegressor(pipe, TimeDistributed(StandardScaler()))
    report = find_leaks(model, X, y, PanelTimeSeriesSplit(3, test_size=12, gap=2))
    assert not report
    assert any("3 series" in sentence for sentence in report.checked)


def test_windows_of_a_panel_have_the_labels_of_their_targets():
    X, y = sliding_windows(a_panel(), 6, horizon=3)
    cv = PanelTimeSeriesSplit(3, test_size=6, gap=2)
    assert not find_leaks(WindowLinearRegressor(), X, y, cv)
    cv = PanelTimeSeriesSplit(3, test_size=6)
    report = find_leaks(WindowLinearRegressor(), X, y, cv)
    assert kinds(report) == [OVERLAP]
    assert list(report.table["rows"]) == ["2016-08 to 2016-09"]


def test_labels_in_columns_are_those_that_the_steps_name():
    table = a_panel().reset_index()
    table["month"] = table["month"].dt.to_timestamp()
    labels = {"id_col": "station", "time_col": "month"}
    X, y = make_supervised(table, target="temperature", horizon=2, freq="MS", **labels)
    pipe = make_pipeline(
        PerSeriesTransformer(StandardScaler(), **labels),
        SlidingWindowTransformer(3, freq="MS", **labels),
        WindowLinearRegressor(),
    ).set_output(transform="pandas")
    cv = PanelTimeSeriesSplit(3, gap=1, **labels)
    report = find_leaks(pipe, X, y, cv)
    assert not report
    assert report.checked[0].startswith("272 rows of 3 series")
    leaking = find_leaks(pipe, X, y, PanelTimeSeriesSplit(3, **labels))
    assert kinds(leaking) == [OVERLAP]
    assert kinds(find_leaks(pipe, X, y, 3)) == [SHUFFLED, OVERLAP]


# The report


def test_the_same_report_twice(airline):
    model = make_pipeline(FunctionTransformer(own_mean), SlidingWindowTransformer(3), network())
    model.set_output(transform="pandas")
    first, second = (find_leaks(model, *airline, TimeSeriesSplit(3)) for _ in range(2))
    pd.testing.assert_frame_equal(first.table, second.table)
    assert repr(first) == repr(second)


def test_model_and_data_stay_as_they_are(airline):
    X, y = airline
    X_before, y_before = X.copy(), y.copy()
    model = make_pipeline(SlidingWindowTransformer(3), network())
    find_leaks(model, X, y, 3)
    pd.testing.assert_frame_equal(X, X_before)
    pd.testing.assert_series_equal(y, y_before)
    assert not hasattr(model[0], "n_features_in_")
    assert model.get_params()["gruregressor__random_state"] is None
    assert "predict" not in vars(model)


def test_the_printed_report(airline):
    X, y = airline
    model = make_pipeline(FunctionTransformer(centred_mean), LinearRegression())
    text = repr(find_leaks(model, X.assign(copied=y), y, TimeSeriesSplit(3)))
    assert text.startswith("2 leaks found.\n\n1. later rows: functiontransformer")
    assert "Rows:   2, 1959-05 to 1959-06" in text
    assert "2. target among the features: column 'copied' of X" in text
    assert max(map(len, text.splitlines())) <= 88


def test_input_that_cannot_be_checked(airline):
    X, y = airline
    for model in (Forecaster(horizon=2), "ridge"):
        with pytest.raises(
            TypeError, match=r"fit\(X, y\) and predict\(X\), but is a (Forecaster|s)"
        ):
            find_leaks(model, X, y)
    with pytest.raises(ValueError, match="X has 143 and y has 100"):
        find_leaks(LinearRegression(), X, y[:100])
    with pytest.raises(TypeError, match="X must be a DataFrame or an array"):
        find_leaks(LinearRegression(), X["passengers"], y)
    with pytest.raises(ValueError, match="Too few rows: there are 2 time label"):
        find_leaks(LinearRegression(), X[:2], y[:2])
    with pytest.raises(ValueError, match="horizon must be an integer of at least 1"):
        find_leaks(LinearRegression(), X, y, horizon=0)
    with pytest.raises(ValueError, match="Time labels must be periods, dates or numbers"):
        find_leaks(LinearRegression(), X.set_axis(X.index.strftime("month %m of %Y")), y)
