"""Inside scikit-learn: pipelines, searches, ensembles, routing, inspection."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import BaggingRegressor, StackingRegressor, VotingRegressor
from sklearn.experimental import enable_halving_search_cv  # noqa: F401  makes the import below work
from sklearn.inspection import permutation_importance
from sklearn.linear_model import Ridge
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    KFold,
    TimeSeriesSplit,
    cross_val_predict,
    cross_val_score,
    cross_validate,
)
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

from skrnn import (
    GRURegressor,
    LSTMRegressor,
    RNNRegressor,
    SlidingWindowTransformer,
    TimeDistributed,
    make_supervised,
    sliding_windows,
)
from skrnn.datasets import load_airline_passengers, load_australian_temperature


@pytest.fixture
def airline():
    return make_supervised(load_airline_passengers())


def forecaster(lookback=12, **options):
    options = {"hidden_size": 4, "max_epochs": 3, "random_state": 0} | options
    pipe = make_pipeline(
        MinMaxScaler(), SlidingWindowTransformer(lookback), LSTMRegressor(**options)
    )
    return TransformedTargetRegressor(
        pipe.set_output(transform="pandas"), transformer=MinMaxScaler()
    )


LOOKBACK = "regressor__slidingwindowtransformer__lookback"


def test_forecast_of_the_test_part_reads_the_training_part(airline):
    X, y = airline
    model = forecaster().fit(X[:107], y[:107])
    windows = model.regressor_[:-1].transform(X[107:])
    assert not np.isnan(windows).any()
    low, high = X[:107].min().item(), X[:107].max().item()
    np.testing.assert_allclose(
        windows[0, :, 0] * (high - low) + low, X["passengers"][96:108], rtol=1e-12
    )
    assert model.predict(X[107:]).shape == (36,)


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_grid_search_tunes_the_lookback(n_jobs, airline):
    search = GridSearchCV(
        forecaster(), {LOOKBACK: [1, 6, 12]}, cv=TimeSeriesSplit(3), n_jobs=n_jobs
    ).fit(*airline)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.predict(airline[0]).shape == (143,)
    by_hand = [
        cross_val_score(forecaster(lookback), *airline, cv=TimeSeriesSplit(3)).mean()
        for lookback in (1, 6, 12)
    ]
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], by_hand, rtol=1e-9)


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_halving_grid_search_over_epochs(n_jobs, airline):
    search = HalvingGridSearchCV(
        forecaster(),
        {LOOKBACK: [1, 6], "regressor__lstmregressor__learning_rate": [1e-3, 1e-2]},
        resource="regressor__lstmregressor__max_epochs",
        min_resources=1,
        max_resources=4,
        factor=2,
        cv=TimeSeriesSplit(3),
        n_jobs=n_jobs,
        random_state=0,
    ).fit(*airline)
    assert search.best_params_["regressor__lstmregressor__max_epochs"] == 4


def test_cross_val_predict_with_a_splitter_that_covers_every_row(airline):
    X, y = airline
    predicted = cross_val_predict(forecaster(), X, y, cv=KFold(4))
    assert predicted.shape == (143,)
    assert np.isfinite(predicted).all()
    with pytest.raises(ValueError, match="only works for partitions"):
        cross_val_predict(forecaster(), X, y, cv=TimeSeriesSplit(4))


def test_panel_in_a_pipeline():
    panel = load_australian_temperature().loc[["Cairns", "Darwin", "Hobart"]]
    X, y = make_supervised(panel, horizon=3)
    pipe = make_pipeline(
        MinMaxScaler(),
        SlidingWindowTransformer(12),
        GRURegressor(4, max_epochs=2, random_state=0),
    ).set_output(transform="pandas")
    model = TransformedTargetRegressor(pipe, transformer=TimeDistributed(MinMaxScaler()))
    before = X.index.get_level_values("month") < "2015-01"
    model.fit(X[before], y[before])
    assert model.predict(X[~before]).shape == (sum(~before), 3)
    assert not np.isnan(model.regressor_[:-1].transform(X[~before]).max(axis=(1, 2))).any()


def test_column_transformer_in_front():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {"load": rng.normal(size=80), "temperature": rng.normal(size=80), "day": ["a", "b"] * 40},
        index=pd.period_range("2020-01-01", periods=80, freq="D"),
    )
    prepare = ColumnTransformer(
        [
            ("scale", StandardScaler(), ["load", "temperature"]),
            ("encode", OneHotEncoder(sparse_output=False), ["day"]),
        ]
    )
    pipe = make_pipeline(
        prepare, SlidingWindowTransformer(7), GRURegressor(4, max_epochs=3, random_state=0)
    ).set_output(transform="pandas")
    pipe.fit(X[:60], X["load"][:60])
    assert pipe[-1].n_features_in_ == 4
    assert pipe.predict(X[60:]).shape == (20,)


@pytest.mark.parametrize("Regressor", [RNNRegressor, GRURegressor, LSTMRegressor])
def test_bagging_voting_and_stacking(Regressor, windows):
    X = windows[0][:, :, 0]
    y = windows[1]
    base = Regressor(4, max_epochs=3, random_state=0)
    bagging = BaggingRegressor(base, n_estimators=2, random_state=0).fit(X, y)
    assert bagging.predict(X).shape == (60,)
    voting = VotingRegressor([("a", base), ("b", Regressor(4, max_epochs=3, random_state=1))])
    members = voting.fit(X, y).transform(X)
    np.testing.assert_allclose(voting.predict(X), members.mean(axis=1), rtol=1e-12)
    stacking = StackingRegressor([("network", base), ("line", Ridge())], cv=KFold(3))
    assert stacking.fit(X, y).predict(X).shape == (60,)


def test_voting_over_seeds_in_a_pipeline_of_windows(airline):
    X, y = airline
    networks = VotingRegressor(
        [(f"seed{i}", GRURegressor(3, max_epochs=2, random_state=i)) for i in range(2)]
    )
    pipe = make_pipeline(MinMaxScaler(), SlidingWindowTransformer(6), networks)
    assert pipe.fit(X.to_numpy(), y).predict(X.to_numpy()).shape == (143,)


def test_multi_output_regressor_is_one_network_for_each_output(windows):
    X, y = windows
    Y = np.column_stack((y, -y))
    base = GRURegressor(4, max_epochs=3, random_state=0)
    both = MultiOutputRegressor(base).fit(X, Y).predict(X)
    np.testing.assert_array_equal(both[:, 1], base.fit(X, -y).predict(X))


def test_transformed_target_regressor_undoes_the_scale(windows):
    X, y = windows
    y = 1000 + 50 * y
    model = TransformedTargetRegressor(
        GRURegressor(8, max_epochs=60, random_state=0), transformer=StandardScaler()
    ).fit(X, y)
    assert model.score(X, y) > 0.9


def test_permutation_importance_finds_the_step_that_counts():
    X = np.random.default_rng(0).normal(size=(150, 5))
    y = X[:, 3]
    model = RNNRegressor(8, max_epochs=80, random_state=0).fit(X, y)
    importance = permutation_importance(model, X, y, n_repeats=3, random_state=0)
    assert importance.importances_mean.argmax() == 3


def test_flat_windows_serve_any_estimator(airline):
    X, y = airline
    lags = SlidingWindowTransformer(13, flatten=True).set_output(transform="pandas").fit(X)
    table = lags.transform(X)[12:]
    assert list(table.columns[:2]) == ["passengers_lag12", "passengers_lag11"]
    assert Ridge().fit(table, y[12:]).score(table, y[12:]) > 0.95


# -- metadata routing ------------------------------------------------------------


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


@pytest.mark.usefixtures("routing")
def test_sample_weight_is_routed_through_a_pipeline_and_a_search(windows):
    X, y = windows
    weight = np.ones(60)
    weight[:30] = 0
    network = GRURegressor(3, max_epochs=2, random_state=0)
    network.set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
    pipe = make_pipeline(TimeDistributed(StandardScaler()), network)
    pipe.fit(X, y, sample_weight=weight)
    alone = GRURegressor(3, max_epochs=2, random_state=0)
    alone.fit(pipe[0].transform(X)[30:], y[30:])
    np.testing.assert_allclose(pipe.predict(X), alone.predict(pipe[0].transform(X)), rtol=1e-10)
    search = GridSearchCV(network, {"hidden_size": [2, 3]}, cv=KFold(2, shuffle=True))
    search.fit(X, y, sample_weight=weight)
    assert search.best_score_ == search.cv_results_["mean_test_score"].max()


@pytest.mark.usefixtures("routing")
def test_a_weight_that_nobody_asked_for_is_an_error(windows):
    X, y = windows
    pipe = make_pipeline(TimeDistributed(StandardScaler()), GRURegressor(3, max_epochs=1))
    with pytest.raises(ValueError, match="sample_weight"):
        pipe.fit(X, y, sample_weight=np.ones(60))


@pytest.mark.usefixtures("routing")
def test_fit_and_partial_fit_work_while_routing_is_on(windows):
    model = GRURegressor(3, max_epochs=2, random_state=0).fit(*windows, sample_weight=np.ones(60))
    assert model.partial_fit(*windows).n_iter_ == 3


def test_cross_validate_passes_weights(windows):
    X, y = windows
    weight = np.ones(60)
    result = cross_validate(
        GRURegressor(3, max_epochs=1, random_state=0),
        X,
        y,
        cv=KFold(2),
        params={"sample_weight": weight},
    )
    assert np.isfinite(result["test_score"]).all()


# -- set_output --------------------------------------------------------------------


def test_global_pandas_output_makes_set_output_superfluous(airline):
    X, y = airline
    with sklearn.config_context(transform_output="pandas"):
        pipe = make_pipeline(
            MinMaxScaler(),
            SlidingWindowTransformer(12, id_col=None),
            GRURegressor(3, max_epochs=1, random_state=0),
        ).fit(X[:100], y[:100])
        assert not np.isnan(pipe[:-1].transform(X[100:])).any()


def test_without_the_index_a_test_part_starts_with_short_windows(airline):
    X, y = airline
    pipe = make_pipeline(
        MinMaxScaler(), SlidingWindowTransformer(12), GRURegressor(3, max_epochs=1, random_state=0)
    ).fit(X[:100], y[:100])
    n_missing = np.isnan(pipe[:-1].transform(X[100:])[:, :, 0]).sum(axis=1)
    np.testing.assert_array_equal(n_missing[:13], [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0])


@pytest.mark.parametrize("horizon", [1, 4])
def test_windows_in_the_pipeline_and_before_it_train_the_same_network(horizon):
    panel = load_australian_temperature().loc[["Cairns", "Hobart", "Melbourne"]] / 30
    X, y = make_supervised(panel, horizon=horizon)
    rows = SlidingWindowTransformer(12, min_periods=12).fit_transform(X)
    complete = ~np.isnan(rows[:, -1, 0])
    windows, targets = sliding_windows(panel, 12, horizon=horizon)
    np.testing.assert_array_equal(rows[complete], windows)
    np.testing.assert_array_equal(y[complete], targets)

    network = GRURegressor(4, max_epochs=3, random_state=0)
    pipe = make_pipeline(SlidingWindowTransformer(12, min_periods=12), network).fit(X, y)
    alone = GRURegressor(4, max_epochs=3, random_state=0).fit(windows, targets)
    assert pipe[-1].loss_curve_ == alone.loss_curve_
    np.testing.assert_allclose(
        pipe.predict(X)[complete], alone.predict(windows), rtol=1e-10, atol=1e-12
    )
