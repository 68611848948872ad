"""Forecasts of the pretrained network: their identities, their weights, and a few figures."""

import hashlib
import importlib.util
import json
import pickle
import subprocess
import sys
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from skrnn import NaiveRegressor, PretrainedGRURegressor, SlidingWindowTransformer, sliding_windows
from skrnn._pretrained import pretrained_gru_regressor as regressor_module
from skrnn._pretrained import weights as weights_module
from skrnn._pretrained.network import SPREAD, forecast
from skrnn._pretrained.weights import load_weights
from skrnn._pretrained.windows import (
    CONTEXT,
    HORIZON,
    centre_and_size,
    constant_inputs,
    inputs,
    past_seasons,
)
from skrnn.datasets import load_airline_passengers, load_australian_temperature

FOLDER = resources.files("skrnn._pretrained")
PASSENGERS = load_airline_passengers()["passengers"].to_numpy()


def windows(n_rows=6, n_timesteps=40, seed=0, horizon=12):
    """Windows (n, t, 1) and targets (n, horizon) with a level, a season and noise."""
    rng = np.random.default_rng(seed)
    step = np.arange(n_timesteps + horizon)
    series = 10 + np.sin(2 * np.pi * step / 12) + rng.normal(0, 0.3, (n_rows, len(step)))
    return series[:, :n_timesteps, np.newaxis], series[:, n_timesteps:]


def fitted(season_length=12, horizon=12, **parameters):
    X, y = windows(horizon=horizon)
    return PretrainedGRURegressor(season_length, **parameters).fit(X, y)


def padded(X, n_steps):
    return np.concatenate((np.full((len(X), n_steps, X.shape[2]), np.nan), X), axis=1)


@pytest.fixture(scope="module")
def tool():
    path = Path(__file__).parents[1] / "tools" / "pretrain.py"
    spec = importlib.util.spec_from_file_location("pretrain_of_weights", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["pretrain_of_weights"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["pretrain_of_weights"]


# The weights


def test_the_manifest_describes_the_weights_and_the_prior(tool):
    manifest = json.loads((FOLDER / "weights.json").read_text())
    content = (FOLDER / "weights.npz").read_bytes()
    assert manifest["sha256"] == hashlib.sha256(content).hexdigest()
    assert len(content) < 2_000_000
    assert manifest["prior_sha256"] == tool.prior_hash(), (
        "the prior is frozen: run make pretrain after a change, or take the change back"
    )
    assert manifest["plan"] == tool.asdict(tool.Plan())


def test_the_forecasts_are_those_of_the_network_that_was_trained(tool):
    plan = tool.Plan()
    network = tool.Network(plan.hidden_size, plan.head_size)
    state = {name: torch.tensor(w, dtype=torch.float32) for name, w in load_weights().items()}
    network.load_state_dict(state)
    X = padded(windows(5, 50)[0], CONTEXT - 50)[:, :, 0]
    seasons = np.full(5, 12)
    centre, size = centre_and_size(X, seasons)
    Z, level = (X - centre) / size, centre / size
    end = np.full((5, 1), CONTEXT - 1)
    arrays = (inputs(Z, seasons, level), *past_seasons(Z, seasons, end))
    features, base, earlier = (torch.tensor(a, dtype=torch.float32) for a in arrays)
    assert_allclose(features[:, -1, -2:], constant_inputs(seasons, level), rtol=1e-6)
    with torch.no_grad():
        expected = network(features, torch.tensor(end), base, earlier)[:, 0].sort(-1).values.numpy()
    expected = expected[..., 4:5] + SPREAD * (expected - expected[..., 4:5])
    found = (forecast(load_weights(), X, 12) - centre[..., None]) / size[..., None]
    assert_allclose(found, expected, atol=1e-4)


def test_forecasts_have_not_changed():
    X = PASSENGERS[np.newaxis, :-24]
    model = PretrainedGRURegressor(12).fit(X, PASSENGERS[np.newaxis, -24:])
    quantiles = model.predict_quantiles(X, [0.1, 0.5, 0.9])[0, [0, 11, 23]]
    expected = [
        [334.39949472, 350.54974175, 367.53316742],
        [310.79586557, 356.25896334, 398.93803858],
        [299.14941791, 375.17921356, 451.5364624],
    ]
    assert_allclose(quantiles, expected, rtol=1e-7)


def test_forecasts_without_a_season_have_not_changed():
    time = np.arange(30.0)
    X = (np.sin(time / 3) + time / 10)[np.newaxis]
    model = PretrainedGRURegressor().fit(X, X[:, :12])
    expected = [[2.15410505, 2.30145713, 2.42393895], [0.3101732, 1.66427321, 2.89573832]]
    assert_allclose(model.predict_quantiles(X)[0, [0, 11]], expected, rtol=1e-7)


@pytest.mark.parametrize(
    ("series", "lookback"),
    [
        (load_airline_passengers()["passengers"], 48),
        (load_australian_temperature()["temperature"], 36),
    ],
    ids=["passengers", "temperature"],
)
def test_better_than_the_last_season_without_training(series, lookback):
    X, y = sliding_windows(series, lookback=lookback, horizon=12)
    errors = [
        np.abs(model.fit(X, y).predict(X) - y.to_numpy()).mean()
        for model in (
            PretrainedGRURegressor(12),
            NaiveRegressor("seasonal", season_length=12),
        )
    ]
    assert errors[0] < 0.9 * errors[1]


def test_torch_is_not_imported():
    code = (
        "import sys, numpy as np; from skrnn import PretrainedGRURegressor; "
        "X = np.ones((2, 9)); PretrainedGRURegressor().fit(X, X).predict(X); "
        "assert 'torch' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_pickles_do_not_hold_the_weights():
    model = fitted()
    X, _ = windows()
    content = pickle.dumps(model)
    assert len(content) < 5000
    assert_allclose(pickle.loads(content).predict(X), model.predict(X))


@pytest.fixture
def other_folder(tmp_path, monkeypatch):
    """Copy the weights to a folder from which they are read."""
    for name in ("weights.npz", "weights.json"):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    monkeypatch.setattr(weights_module.resources, "files", lambda package: tmp_path)
    load_weights.cache_clear()
    yield tmp_path
    load_weights.cache_clear()


def test_damaged_weights_are_an_error_that_says_so(other_folder):
    content = bytearray((other_folder / "weights.npz").read_bytes())
    content[5000] ^= 1
    (other_folder / "weights.npz").write_bytes(bytes(content))
    message = r"weights of PretrainedGRURegressor, .*weights\.npz, are damaged: .*Install skrnn"
    with pytest.raises(RuntimeError, match=message):
        fitted().predict(windows()[0])


@pytest.mark.parametrize("name", ["weights.npz", "weights.json"])
def test_missing_weights_are_an_error_that_says_so(other_folder, name):
    (other_folder / name).unlink()
    with pytest.raises(RuntimeError, match=r"weights\.npz, or .* cannot be read: .*Install skrnn"):
        fitted().predict(windows()[0])


# Windows


@pytest.mark.parametrize("season_length", [1, 4, 12, 24])
def test_padding_does_not_change_the_forecasts(season_length):
    X, _ = windows(n_timesteps=40)
    model = fitted(season_length)
    expected = model.predict(X)
    assert_allclose(model.predict(padded(X, 9)), expected, rtol=1e-9)
    assert_allclose(model.predict(padded(X, 300)), expected, rtol=1e-9)
    mixed = np.concatenate((padded(X, 20), windows(3, 60, seed=1)[0]))
    assert_allclose(model.predict(mixed)[:6], expected, rtol=1e-9)


def test_the_newest_steps_of_long_windows_are_read():
    X, _ = windows(n_timesteps=200)
    model = fitted()
    assert_allclose(model.predict(X), model.predict(X[:, -CONTEXT:]))


def test_forecasts_do_not_depend_on_the_other_rows():
    X, _ = windows(300)
    model = fitted()
    together = model.predict(X)
    assert_allclose(
        np.concatenate([model.predict(X[i : i + 7]) for i in range(0, 300, 7)]), together
    )


@pytest.mark.parametrize("factor", [1e-300, 1e-9, 1000.0, 1e290])
def test_forecasts_do_not_depend_on_the_units(factor):
    X, _ = windows()
    model = fitted()
    assert_allclose(model.predict(factor * X) / factor, model.predict(X), rtol=1e-6)


@pytest.mark.parametrize("season_length", [1, 4, 12])
@pytest.mark.parametrize("value", [0.0, 5.0, -3e8, 1e-12])
@pytest.mark.parametrize("n_timesteps", [1, 2, 13, 100])
def test_a_constant_window_is_continued(season_length, value, n_timesteps):
    X = np.full((2, n_timesteps, 1), value)
    assert_allclose(fitted(season_length).predict(X), np.full((2, 12), value), rtol=1e-12)


@pytest.mark.parametrize("season_length", [1, 4, 12, 24])
@pytest.mark.parametrize("n_timesteps", [2, 3, 5])
def test_very_short_windows_have_finite_forecasts(season_length, n_timesteps):
    X = np.random.default_rng(0).normal(size=(4, n_timesteps, 1))
    quantiles = fitted(season_length).predict_quantiles(X)
    assert np.isfinite(quantiles).all()
    assert np.abs(quantiles).max() < 100


def test_rows_of_padding_alone_have_the_mean_of_y():
    X, y = windows()
    X[2] = np.nan
    model = PretrainedGRURegressor(12).fit(X, y)
    assert_allclose(model.predict(X)[2], model.constant_)
    assert_allclose(model.predict_quantiles(X)[2, :, 0], model.constant_)
    assert_allclose(model.constant_, y.mean(axis=0))
    assert_allclose(model.predict(X)[[0, 1]], fitted().predict(X[:2]))


def test_rows_are_predicted_in_blocks(monkeypatch):
    X, y = windows(11)
    X[[0, 4, 5]] = np.nan
    pair = np.concatenate((X, 3 * X), axis=2)
    model = PretrainedGRURegressor(12).fit(pair, np.stack((y, 3 * y), axis=2))
    expected = model.predict_quantiles(pair)
    monkeypatch.setattr(regressor_module, "_N_ROWS", 3)
    assert_allclose(model.predict_quantiles(pair), expected)


def test_a_parameter_that_is_set_after_fit_waits_for_the_next_fit():
    X, _ = windows()
    model = fitted()
    before = model.predict(X)
    assert_allclose(model.set_params(season_length=4).predict(X), before)


def test_only_the_target_is_read():
    X, y = windows()
    other = np.random.default_rng(1).normal(size=(6, 40, 1))
    model = PretrainedGRURegressor(12, target_feature=1)
    predicted = model.fit(np.concatenate((other, X), axis=2), y).predict(
        np.concatenate((2 * other, X), axis=2)
    )
    assert_allclose(predicted, fitted().predict(X))


# Targets


def test_the_shape_of_y_is_kept():
    X, y = windows()
    pair = np.concatenate((X, 2 * X + 5), axis=2)
    expected = fitted().predict(X)
    assert PretrainedGRURegressor(12).fit(X, y[:, 0]).predict(X).shape == (6,)
    both = PretrainedGRURegressor(12).fit(pair, np.stack((y, 2 * y + 5), axis=2))
    assert both.predict(pair).shape == (6, 12, 2)
    assert_allclose(both.predict(pair)[:, :, 0], expected)
    assert both.predict_quantiles(pair, [0.2, 0.4, 0.5, 0.8]).shape == (6, 12, 2, 4)
    one_step = PretrainedGRURegressor(12, target_feature=[0, 1])
    one_step.fit(pair, np.stack((y[:, 0], 2 * y[:, 0] + 5), axis=1))
    assert_allclose(one_step.predict(pair), both.predict(pair)[:, 0])
    assert one_step.horizon_ == 1


def test_two_dimensions_are_univariate_windows():
    X, y = windows()
    model = PretrainedGRURegressor(12).fit(X[:, :, 0], y)
    assert_allclose(model.predict(X[:, :, 0]), fitted().predict(X))


def test_single_precision_stays_single():
    X, y = windows()
    model = PretrainedGRURegressor(12).fit(X.astype(np.float32), y.astype(np.float32))
    predicted = model.predict(X.astype(np.float32))
    assert predicted.dtype == np.float32
    assert_allclose(predicted, fitted().predict(X), rtol=1e-4)


def test_medians_are_fed_back_beyond_24_steps():
    X, _ = windows()
    long = fitted(horizon=60)
    predicted = long.predict(X)
    assert predicted.shape == (6, 60)
    assert_allclose(predicted[:, :12], fitted().predict(X))
    continued = np.concatenate((X, predicted[:, :HORIZON, np.newaxis]), axis=1)
    assert_allclose(predicted[:, HORIZON:48], long.predict(continued)[:, :HORIZON])


def test_spread_does_not_shrink_where_medians_are_fed_back():
    X, _ = windows()
    lower, upper = np.moveaxis(fitted(horizon=60).predict_quantiles(X, [0.1, 0.9]), -1, 0)
    width = (upper - lower).reshape(6, 5, 12).mean(axis=2)  # of each season
    assert (width[:, 2:] > width[:, 1:2]).all()


def test_targets_in_other_units_are_warned_of():
    X, y = windows(20)
    with pytest.warns(UserWarning, match="PretrainedGRURegressor takes y to continue the windows"):
        PretrainedGRURegressor(12).fit(X, y - 10)


# Quantiles


def test_the_median_is_the_forecast_and_quantiles_increase():
    X, _ = windows()
    model = fitted()
    quantiles = model.predict_quantiles(X, np.linspace(0.1, 0.9, 33))
    assert (np.diff(quantiles, axis=2) >= 0).all()
    assert_allclose(quantiles[:, :, 16], model.predict(X))


def test_quantiles_between_are_interpolated_and_keep_the_order_that_was_asked_for():
    X, _ = windows()
    model = fitted()
    low, high, between, lowest = np.moveaxis(
        model.predict_quantiles(X, [0.3, 0.4, 0.325, 0.1]), -1, 0
    )
    assert_allclose(between, 0.75 * low + 0.25 * high)
    assert (lowest < low).all()


@pytest.mark.parametrize("quantiles", [[0.05, 0.5], [0.95], 0.5, [[0.5]], [np.nan]])
def test_quantiles_outside_the_training_are_errors(quantiles):
    X, _ = windows()
    with pytest.raises(ValueError, match=r"quantiles must be a list of probabilities from 0\.1 to"):
        fitted().predict_quantiles(X, quantiles)


@pytest.mark.parametrize("season_length", [0, 25, 52, 12.0, True])
def test_seasons_outside_the_training_are_errors(season_length):
    X, y = windows()
    with pytest.raises(ValueError, match=r"'season_length' parameter of .* in the range \[1, 24\]"):
        PretrainedGRURegressor(season_length).fit(X, y)


def test_a_dozen_rows_and_a_transformer_are_enough():
    series = PASSENGERS[:20, np.newaxis]
    X = SlidingWindowTransformer(20).fit_transform(series)
    y = np.concatenate((series[1:], series[-1:]))[:, 0]
    predicted = PretrainedGRURegressor(12).fit(X, y).predict(X[-1:])
    assert 100 < predicted[0] < 160
