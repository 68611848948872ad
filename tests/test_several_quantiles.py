"""One network with several quantiles: in both backends, inside meta-estimators, in forecasts."""

import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from both_backends import assert_same_state, fit_both, sequences
from compiled_gradients import assert_same_gradients, gradients, make_net, make_rows
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_pinball_loss
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from skorch.callbacks import EpochScoring

from skrnn import (
    Forecaster,
    GRURegressor,
    LSTMRegressor,
    PretrainedGRURegressor,
    RNNRegressor,
    SeedEnsembleRegressor,
    WindowNormalizedRegressor,
)
from skrnn._recurrent._network.losses import WeightedLoss
from skrnn._recurrent._network.modules import EncoderDecoder, ManyToMany, ManyToOne
from skrnn.datasets import load_airline_passengers

QUANTILES = [0.1, 0.5, 0.9]
BACKENDS = pytest.mark.parametrize("backend", ["compiled", "torch"])
ARCHITECTURES = pytest.mark.parametrize(
    "architecture", ["many-to-one", "encoder-decoder", "many-to-many"]
)


def network(quantile=QUANTILES, *, max_epochs=5, **options):
    return GRURegressor(
        4, loss="quantile", quantile=quantile, max_epochs=max_epochs, random_state=0, **options
    )


# The loss


def test_the_loss_is_the_mean_of_the_pinball_losses():
    rng = np.random.default_rng(0)
    y, predicted, weight = rng.normal(size=(50, 2)), rng.normal(size=(50, 6)), rng.uniform(size=50)
    weight /= weight.mean()
    expected = np.mean(
        [
            mean_pinball_loss(y[:, i // 3], predicted[:, i], sample_weight=weight, alpha=alpha)
            for i, alpha in enumerate(2 * QUANTILES)
        ]
    )
    arrays = predicted, np.repeat(y, 3, axis=1), weight
    found = WeightedLoss("quantile", quantile=QUANTILES)(*map(torch.from_numpy, arrays))
    assert found.item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_targets", [1, 2, 7])
@pytest.mark.parametrize("module", [ManyToOne, EncoderDecoder, ManyToMany])
def test_gradients_are_those_of_autograd(module, n_targets, weighted):
    net = make_net(module, "gru", n_outputs=3 * n_targets, loss="quantile", quantile=QUANTILES)
    assert_same_gradients(net, make_rows(net, [5, 4, 4, 2, 1, 1], 5, weighted=weighted))


def test_each_output_has_the_slope_of_its_quantile():
    net = make_net(ManyToOne, "gru", n_outputs=6, loss="quantile", quantile=QUANTILES, batch_size=1)
    rows = make_rows(net, [3], 3)
    below = np.array([1, 1, 0, 0, 1, 0], dtype=bool)  # whether the output is below its target
    rows.y[0] = net.predict(rows)[0] + np.where(below, 1, -1)
    for _, found in gradients(net, rows):
        levels = np.array(2 * QUANTILES)
        assert_allclose(found["head.bias"], np.where(below, -levels, 1 - levels) / 6)


@ARCHITECTURES
@pytest.mark.parametrize("regressor", [GRURegressor, LSTMRegressor, RNNRegressor])
def test_both_backends_learn_the_same(regressor, architecture):
    X, y, weight = sequences(architecture)
    model = regressor(
        5,
        num_layers=2,
        dropout=0.2,
        architecture=architecture,
        loss="quantile",
        quantile=QUANTILES,
        batch_size=8,
        max_epochs=4,
        random_state=0,
    )
    compiled, expected = fit_both(model, X, y, weight, X[:9], y[:9])
    assert_allclose(compiled.loss_curve_, expected.loss_curve_, rtol=1e-9)
    assert_allclose(compiled.validation_loss_curve_, expected.validation_loss_curve_, rtol=1e-9)
    assert_same_state(compiled, expected)
    assert_allclose(compiled.predict_quantiles(X), expected.predict_quantiles(X), rtol=1e-9)


# What is learned


@BACKENDS
def test_constant_input_learns_the_quantiles_of_each_target(backend):
    rng = np.random.default_rng(0)
    y = np.column_stack((rng.exponential(size=400), rng.normal(5, 2, size=400)))
    model = network([0.9, 0.1, 0.5, 0.75], max_epochs=400, batch_size=400, learning_rate=0.05)
    model = model.set_params(backend=backend).fit(np.zeros((400, 2)), y)
    found = model.predict_quantiles(np.zeros((1, 2)))[0]
    assert_allclose(found, np.quantile(y, [0.1, 0.5, 0.75, 0.9], axis=0).T, atol=0.1)
    assert_array_equal(model.predict(np.zeros((1, 2)))[0], found[:, 1])


@BACKENDS
@ARCHITECTURES
def test_a_list_of_one_quantile_is_that_quantile(architecture, backend):
    X, y, weight = sequences(architecture)
    model = network(0.5, architecture=architecture, backend=backend).fit(X, y, weight)
    listed = network([0.5], architecture=architecture, backend=backend).fit(X, y, weight)
    assert_same_state(listed, model, rtol=0)
    assert_array_equal(listed.predict(X), model.predict(X))
    assert_array_equal(listed.predict_quantiles(X)[..., 0], model.predict(X))


@BACKENDS
def test_the_order_of_the_list_does_not_matter_and_one_seed_is_one_result(backend, windows):
    X, y = windows
    expected = network(QUANTILES, backend=backend).fit(X, y).predict_quantiles(X)
    for quantile in ([0.9, 0.1, 0.5], (0.5, 0.9, 0.1), np.array(QUANTILES)):
        found = network(quantile, backend=backend).fit(X, y).predict_quantiles(X)
        assert_array_equal(found, expected)
    other = network(backend=backend).set_params(random_state=1).fit(X, y)
    assert not np.array_equal(other.predict_quantiles(X), expected)


# Predictions


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("architecture", "shape"),
    [
        ("many-to-one", ()),
        ("many-to-one", (1,)),
        ("many-to-one", (3,)),
        ("encoder-decoder", ()),
        ("encoder-decoder", (3,)),
        ("encoder-decoder", (3, 2)),
        ("many-to-many", (8,)),
        ("many-to-many", (8, 2)),
    ],
)
def test_quantiles_are_one_more_axis_and_sorted(architecture, shape, dtype, padded_windows):
    X, y = padded_windows
    X, y = X.astype(dtype), np.random.default_rng(0).normal(size=(60, *shape))
    model = network(architecture=architecture, max_epochs=1).fit(X, y)
    median, quantiles = model.predict(X), model.predict_quantiles(X)
    assert median.shape == (60, *shape)
    assert quantiles.shape == (60, *shape, 3)
    assert median.dtype == quantiles.dtype == dtype
    assert (np.diff(quantiles) >= 0).all()
    assert_array_equal(quantiles[..., 1], median)
    assert model.n_outputs_ == (y.shape[-1] if y.ndim > 2 - (architecture == "many-to-one") else 1)
    assert np.isfinite(model.score(X, y))


def test_outputs_that_cross_are_sorted(windows):
    X, y = windows
    model = network(max_epochs=1).fit(X, y)
    outputs = model.net_.module_(torch.from_numpy(X)).detach().numpy()
    assert (np.diff(outputs) < 0).any()
    assert_allclose(model.predict_quantiles(X), np.sort(outputs), rtol=1e-12, atol=1e-15)


def test_quantiles_between_are_interpolated_in_the_order_that_was_asked_for(windows):
    X, y = windows
    model = network(max_epochs=20).fit(X, y)
    low, median, high = np.moveaxis(model.predict_quantiles(X), -1, 0)
    found = model.predict_quantiles(X, [0.9, 0.3, 0.5, 0.6, 0.1])
    expected = [high, (low + median) / 2, median, 0.75 * median + 0.25 * high, low]
    assert_allclose(found, np.stack(expected, axis=-1))


def test_a_probability_may_be_a_rounded_one(windows):
    X, y = windows
    model = network([(1 - 0.9) / 2, 0.5, 0.95]).fit(X, y)  # 0.04999999999999999
    assert_array_equal(model.predict_quantiles(X, [0.05, 0.5, 0.95]), model.predict_quantiles(X))


@pytest.mark.parametrize("quantiles", [[0.05, 0.5], [0.95], 0.5, [[0.5]], [np.nan]])
def test_quantiles_beyond_the_list(quantiles, windows):
    model = network().fit(*windows)
    words = r"quantiles must be a list of probabilities from 0\.1 to 0\.9.* coverage of up to 0\.8"
    with pytest.raises(ValueError, match=words):
        model.predict_quantiles(windows[0], quantiles)


# The parameter


@pytest.mark.parametrize(
    "quantile",
    [
        [],
        [0.1, 0.9],
        [0.5, 0.5],
        [0.0, 0.5],
        [0.5, 1.0],
        [0.5, 1e-15],
        [0.5, np.nan],
        [0.5, "0.9"],
        [0.5, None],
        [[0.1, 0.5]],
        np.array(0.9),
    ],
)
def test_bad_lists(quantile, windows):
    X, y = windows
    model = network().fit(X, y)
    before = model.predict_quantiles(X)
    with pytest.raises(ValueError, match=r"list of different .* with 0\.5 among them.* But it is"):
        model.set_params(quantile=quantile).fit(X, y)
    assert_array_equal(model.predict_quantiles(X), before)


@pytest.mark.parametrize("quantile", [0.0, 1.5, "0.5", None, {0.5}])
def test_bad_values(quantile, windows):
    with pytest.raises(ValueError, match=r"'quantile' parameter of GRURegressor must be a float"):
        network(quantile).fit(*windows)


@pytest.mark.parametrize(
    "options",
    [{"quantile": 0.5}, {"loss": "squared_error"}, {"loss": "huber", "quantile": [0.1, 0.2]}],
)
def test_the_method_is_there_for_several_quantiles_only(options, windows):
    X, y = windows
    model = network().set_params(**options)
    for now in (model, model.fit(X, y)):
        assert not hasattr(now, "predict_quantiles")
        with pytest.raises(AttributeError, match="no attribute 'predict_quantiles'") as raised:
            now.predict_quantiles(X)
        assert "Set loss='quantile' and a list" in str(raised.value.__cause__)
    assert hasattr(network(), "predict_quantiles")
    with pytest.raises(NotFittedError):
        network().predict_quantiles(X)


def test_a_fitted_network_keeps_its_quantiles(windows):
    X, y = windows
    model = network().fit(X, y)
    expected, median = model.predict_quantiles(X), model.predict(X)
    model.set_params(loss="huber", quantile=0.3)
    assert_array_equal(model.predict_quantiles(X), expected)
    assert_array_equal(model.predict(X), median)
    model.fit(X, y).set_params(loss="quantile", quantile=QUANTILES)
    assert not hasattr(model, "predict_quantiles")


# Training


@BACKENDS
def test_partial_fit_continues(backend, windows):
    X, y = windows
    model, whole = network(backend=backend), network(backend=backend, max_epochs=3).fit(X, y)
    for _ in range(3):
        model.partial_fit(X, y)
    assert_array_equal(model.predict_quantiles(X), whole.predict_quantiles(X))


def test_a_warm_start_keeps_the_number_of_quantiles(windows):
    X, y = windows
    model = network(warm_start=True).fit(X, y)
    model.set_params(quantile=[0.05, 0.5, 0.95]).fit(X, y)
    assert model.n_iter_ == 10
    assert_array_equal(model.predict_quantiles(X, [0.05]), model.predict_quantiles(X)[..., :1])
    for quantile, n_quantiles in (([0.1, 0.25, 0.5, 0.75, 0.9], 5), (0.5, 1)):
        with pytest.raises(ValueError, match=f"n_quantiles was 3 and is {n_quantiles} now"):
            model.set_params(quantile=quantile).fit(X, y)
    assert model.predict_quantiles(X).shape == (60, 3)


@BACKENDS
def test_early_stopping_restores_the_best_epoch(backend, windows):
    X, y = windows
    model = network(early_stopping=True, max_epochs=60, n_iter_no_change=3, backend=backend)
    model.fit(X, y)
    outputs = model.net_.module_(torch.from_numpy(X[-6:])).detach().numpy()
    loss = np.mean([mean_pinball_loss(y[-6:], outputs[:, i], alpha=QUANTILES[i]) for i in range(3)])
    assert model.best_loss_ == pytest.approx(loss)
    assert model.best_loss_ == pytest.approx(min(model.validation_loss_curve_))


def test_scores_of_callbacks_compare_the_outputs_with_the_targets(windows):
    X, y = windows
    scoring = EpochScoring("neg_mean_absolute_error", name="mae")
    model = network(callbacks=[scoring]).fit(X, y, X_val=X[:20], y_val=y[:20])
    outputs = model.net_.module_(torch.from_numpy(X[:20])).detach().numpy()
    expected = -np.abs(outputs - y[:20, np.newaxis]).mean()
    assert model.net_.history[-1]["mae"] == pytest.approx(expected)


def test_pickles_clones_and_searches(windows):
    X, y = windows
    model = network().fit(X, y)
    assert_array_equal(
        pickle.loads(pickle.dumps(model)).predict_quantiles(X), model.predict_quantiles(X)
    )
    assert_array_equal(clone(model).fit(X, y).predict(X), model.predict(X))
    lists = [QUANTILES, 0.5, [0.25, 0.5, 0.75]]
    search = GridSearchCV(network(), {"quantile": lists}, cv=TimeSeriesSplit(2)).fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_a_network_that_learns_nothing_warns():
    X = np.sin(np.arange(60)[:, np.newaxis] / 5 + np.arange(6) / 5)
    y = np.column_stack((X[:, -1], X[:, 0]))
    with pytest.warns(ConvergenceWarning, match="has learned nothing: .* y has mean"):
        network(max_epochs=30).fit(X, 1e5 * y)


@pytest.mark.parametrize("seed", [0, 1])
def test_pure_noise_does_not_warn(seed):
    rng = np.random.default_rng(seed)
    network(max_epochs=60).fit(rng.normal(size=(300, 5)), rng.normal(size=(300, 2)))


# Inside meta-estimators

NORMALIZATIONS = [
    {},
    {"scale": "std"},
    {"center": "mean", "log": True, "season_length": 4, "adjust_season": True},
    {"scale": "season_mean_abs_change", "season_length": 4, "adjust_season": True},
]


def positive_windows(n_outputs=2):
    rng = np.random.default_rng(0)
    series = np.exp(rng.normal(0, 0.1, size=80) + np.sin(np.arange(80) * np.pi / 2))
    rows = np.lib.stride_tricks.sliding_window_view(series, 12 + n_outputs)
    return rows[:, :12], rows[:, 12:]


@pytest.mark.parametrize("options", NORMALIZATIONS, ids=str)
def test_normalized_windows_have_quantiles_in_the_units_of_the_targets(options):
    X, y = positive_windows()
    model = WindowNormalizedRegressor(network(max_epochs=20), **options)
    quantiles = model.fit(X, y).predict_quantiles(X)
    assert quantiles.shape == (67, 2, 3)
    assert (np.diff(quantiles) > 0).all()
    assert_array_equal(quantiles[..., 1], model.predict(X))
    if options:  # the default does not divide by the size
        larger = clone(model).fit(1000 * X, 1000 * y).predict_quantiles(1000 * X)
        assert_allclose(larger, 1000 * quantiles, rtol=1e-7)
    if not options.get("log"):
        higher = clone(model).set_params(adjust_season=False).fit(X, y)
        expected = higher.predict_quantiles(X, [0.2, 0.7]) + 50
        assert_allclose(higher.predict_quantiles(X + 50, [0.2, 0.7]), expected, rtol=1e-7)


def test_without_level_and_size_the_quantiles_are_those_of_the_regressor():
    X, y = positive_windows()
    inside = PretrainedGRURegressor(4).fit(X, y)
    model = WindowNormalizedRegressor(PretrainedGRURegressor(4), center=None).fit(X, y)
    assert_allclose(model.predict_quantiles(X), inside.predict_quantiles(X))
    wanted = [0.8, 0.2]
    assert_allclose(model.predict_quantiles(X, wanted), inside.predict_quantiles(X, wanted))


def test_rows_of_padding_alone_have_the_mean_for_every_quantile(padded_windows):
    X, y = padded_windows
    model = WindowNormalizedRegressor(network(), target_feature=0).fit(X, y)
    found = model.predict_quantiles(X, [0.2, 0.8])
    assert_array_equal(found[0], np.full(2, model.constant_[0]))
    assert_allclose(found[3:5], model.predict_quantiles(X[3:5], [0.2, 0.8]), rtol=1e-6)
    with pytest.warns(UserWarning, match="nothing to predict from") as caught:
        alone = model.predict_quantiles(X[:1])
    assert_array_equal(alone, np.full((1, 3), model.constant_[0]))
    assert len(caught) == 1


@pytest.mark.parametrize("aggregation", ["mean", "median"])
def test_an_ensemble_has_the_mean_or_median_of_the_quantiles(aggregation):
    X, y = positive_windows()
    inside = WindowNormalizedRegressor(network(), scale="std")
    model = SeedEnsembleRegressor(inside, 3, aggregation=aggregation, random_state=0).fit(X, y)
    of_copies = [copy.predict_quantiles(X[:, :, np.newaxis]) for copy in model.estimators_]
    expected = {"mean": np.mean, "median": np.median}[aggregation](of_copies, axis=0)
    assert_allclose(model.predict_quantiles(X), expected)
    assert_allclose(model.predict_quantiles(X)[..., 1], model.predict(X))
    assert (np.diff(model.predict_quantiles(X)) > 0).all()


def test_meta_estimators_without_quantiles_inside():
    X, y = positive_windows()
    for inside in (Ridge(), GRURegressor(4)):
        for meta in (WindowNormalizedRegressor(inside), SeedEnsembleRegressor(inside, 2)):
            assert not hasattr(meta, "predict_quantiles")
    assert hasattr(WindowNormalizedRegressor(network()), "predict_quantiles")
    with pytest.raises(ValueError, match=r"quantiles must be a list of probabilities from 0\.1"):
        WindowNormalizedRegressor(network()).fit(X, y).predict_quantiles(X, [0.99])


# Forecasts


def normalized_network(**options):
    return WindowNormalizedRegressor(network(max_epochs=20, **options), scale="std")


def test_bounds_of_forecasts_are_the_quantiles():
    series = load_airline_passengers()
    forecaster = Forecaster(normalized_network(), horizon=12, lookback=24).fit(series)
    window = series.to_numpy().T[:, -24:]
    expected = forecaster.regressor_.predict_quantiles(window[:, :, np.newaxis], [0.1, 0.9, 0.5])
    forecast = forecaster.forecast(coverage=0.8)
    assert list(forecast.columns) == ["passengers", "passengers-lo-80", "passengers-hi-80"]
    assert_allclose(forecast[["passengers-lo-80", "passengers-hi-80"]], expected[0, :, :2])
    assert_allclose(forecast["passengers"], expected[0, :, 2])
    words = (
        r"no quantiles for coverage=0\.95: .* coverage of up to 0\.8\. Choose a lower coverage, "
        "or set n_calibration"
    )
    with pytest.raises(ValueError, match=words):
        forecaster.forecast(coverage=[0.8, 0.95])


def test_backtests_and_several_targets_have_the_quantiles():
    passengers = load_airline_passengers()["passengers"]
    table = pd.DataFrame({"a": passengers, "b": np.sqrt(passengers)})
    model = normalized_network(architecture="encoder-decoder")
    forecaster = Forecaster(model, horizon=3, lookback=24, target=["a", "b"])
    frame = forecaster.backtest(table, n_cutoffs=2, coverage=0.8)
    assert (frame["forecast-lo-80"] < frame["forecast"]).all()
    assert (frame["forecast"] < frame["forecast-hi-80"]).all()
    first = forecaster.fit(table[:-4]).forecast(coverage=0.8)
    of_first = frame[frame["cutoff"] == frame["cutoff"].min()]
    for name in ("a", "b"):
        rows = of_first[of_first["target"] == name]
        assert_allclose(rows["forecast-hi-80"], first[f"{name}-hi-80"])


def test_forecasts_without_several_quantiles_need_a_calibration():
    forecaster = Forecaster(WindowNormalizedRegressor(network(0.5)), horizon=3)
    with pytest.raises(ValueError, match="but n_calibration is 0"):
        forecaster.fit(load_airline_passengers()).forecast(coverage=0.8)
