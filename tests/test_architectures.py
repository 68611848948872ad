"""Many-to-one, encoder-decoder and many-to-many through the estimators."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skrnn import (
    GRURegressor,
    LSTMRegressor,
    RNNRegressor,
    SlidingWindowTransformer,
    TimeDistributed,
    WindowNormalizedRegressor,
    make_supervised,
)

REGRESSORS = [RNNRegressor, GRURegressor, LSTMRegressor]


def wave(n_samples, n_steps, n_outputs=None):
    """Windows of waves of different phase, and how they go on."""
    phase = np.random.default_rng(0).uniform(0, 6, size=(n_samples, 1))
    past = np.sin(phase + np.arange(8) / 2)
    future = np.sin(phase + (8 + np.arange(n_steps)) / 2)
    if n_outputs is not None:
        future = np.stack([future * (k + 1) for k in range(n_outputs)], axis=2)
    return past[:, :, np.newaxis], future


# The four settings of the field: how many steps in, how many out.
SETTINGS = {
    "one-to-one": ("many-to-one", 1, None),
    "one-to-many": ("encoder-decoder", 1, 5),
    "many-to-one": ("many-to-one", 8, None),
    "many-to-many, other length": ("encoder-decoder", 8, 5),
    "many-to-many, same length": ("many-to-many", 8, 8),
}


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("Regressor", REGRESSORS)
def test_the_four_settings(Regressor, setting):
    architecture, n_in, n_out = SETTINGS[setting]
    X, future = wave(60, n_out or 1)
    X, y = X[:, -n_in:], future[:, 0] if n_out is None else future
    model = Regressor(
        12, architecture=architecture, max_epochs=60, learning_rate=0.02, random_state=0
    ).fit(X, y)
    assert model.predict(X).shape == y.shape
    # Two steps tell a wave's phase. One does not: R² d steps ahead is cos²(d / 2) at best.
    ahead = np.arange(1, (n_out or 1) + 1)
    best = np.cos(ahead / 2) ** 2 if n_in == 1 else np.ones(len(ahead))
    if architecture == "many-to-many":
        best[0] = np.cos(8 / 2) ** 2
    assert model.score(X, y) > best.mean() - 0.1


@pytest.mark.parametrize("options", [{}, {"num_layers": 2, "bidirectional": True, "dropout": 0.1}])
@pytest.mark.parametrize("n_outputs", [None, 1, 2])
@pytest.mark.parametrize("architecture", ["encoder-decoder", "many-to-many"])
@pytest.mark.parametrize("Regressor", REGRESSORS)
def test_predictions_have_the_shape_of_y(Regressor, architecture, n_outputs, options):
    X, y = wave(20, 8, n_outputs)
    X = X.astype(np.float32)
    model = Regressor(4, architecture=architecture, max_epochs=2, random_state=0, **options)
    predicted = model.fit(X, y).predict(X)
    assert predicted.shape == y.shape
    assert predicted.dtype == np.float32
    assert model.n_outputs_ == (n_outputs or 1)
    flat = (a.reshape(20, -1) for a in (y, predicted))
    assert model.score(X, y) == pytest.approx(r2_score(*flat), rel=1e-6)


@pytest.mark.parametrize("architecture", ["encoder-decoder", "many-to-many"])
def test_multi_step_targets_stop_early_and_train_on(architecture):
    X, y = wave(60, 8)
    model = GRURegressor(
        6, architecture=architecture, early_stopping=True, max_epochs=10, random_state=0
    ).fit(X, y)
    n_iter = model.n_iter_
    assert len(model.validation_loss_curve_) == n_iter
    assert model.set_params(early_stopping=False).partial_fit(X, y).n_iter_ == n_iter + 1


def test_steps_of_padding_do_not_count_and_are_predicted_from_the_initial_state():
    X, y = wave(30, 8)
    X[:10, :3] = np.nan
    X[0] = np.nan
    garbage = y.copy()
    garbage[:10, :3] = 1e9
    garbage[0] = np.nan
    model = GRURegressor(5, architecture="many-to-many", max_epochs=5, random_state=0)
    predicted = model.fit(X, garbage).predict(X)
    initial = model.net_.module_.head.bias.item()
    np.testing.assert_allclose(predicted[np.isnan(X[:, :, 0])], initial)
    np.testing.assert_array_equal(predicted, model.fit(X, np.nan_to_num(y)).predict(X))
    assert model.score(X, np.nan_to_num(garbage)) == pytest.approx(
        np.mean(
            [
                r2_score(*(a[first:, step] for a in (y, predicted)))
                for step, first in enumerate([10] * 3 + [1] * 5)
            ]
        )
    )


def test_any_scorer_takes_many_to_many_predictions_of_padded_rows():
    X, y = wave(30, 8)
    X[:10, :3] = np.nan
    model = GRURegressor(3, architecture="many-to-many", max_epochs=2, random_state=0)
    scores = cross_val_score(model, X, y, scoring="neg_mean_squared_error", cv=3)
    assert np.isfinite(scores).all()


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("Regressor", REGRESSORS)
def test_short_sequences_give_what_they_give_alone(Regressor, bidirectional):
    X, y = wave(20, 8)
    X[:5, :3] = np.nan
    model = Regressor(
        4, architecture="many-to-many", bidirectional=bidirectional, max_epochs=2, random_state=0
    ).fit(X, y)
    np.testing.assert_allclose(
        model.predict(X)[:5, 3:], model.predict(X[:5, 3:]), rtol=1e-10, atol=1e-14
    )


def test_training_on_short_sequences_equals_training_on_them_alone():
    X, y = wave(24, 8)
    X[:, :3] = np.nan
    options = {"architecture": "many-to-many", "max_epochs": 4, "random_state": 0}
    padded = GRURegressor(4, **options).fit(X, y)
    alone = GRURegressor(4, **options).fit(X[:, 3:], y[:, 3:])
    np.testing.assert_allclose(padded.loss_curve_, alone.loss_curve_, rtol=1e-12)


@pytest.mark.parametrize("batch_size", [60, 7, 1])
def test_loss_of_an_epoch_is_that_over_all_real_steps(batch_size):
    X, y = wave(30, 8)
    X[:10, :5] = np.nan
    model = GRURegressor(
        3, architecture="many-to-many", max_epochs=1, learning_rate=1e-300, random_state=0
    ).set_params(batch_size=batch_size)
    predicted = model.fit(X, y).predict(X)
    real = ~np.isnan(X[:, :, 0])
    assert model.loss_curve_ == pytest.approx([np.mean((predicted - y)[real] ** 2)])


def test_weights_weigh_rows_with_all_their_steps():
    X, y = wave(24, 8)
    X[:4, :2] = np.nan
    weight = np.ones(24)
    weight[::2] = 0
    options = {"architecture": "many-to-many", "max_epochs": 3, "random_state": 0}
    weighted = GRURegressor(4, **options).fit(X, y, sample_weight=3 * weight)
    alone = GRURegressor(4, **options).fit(X[1::2], y[1::2])
    np.testing.assert_allclose(weighted.predict(X), alone.predict(X), rtol=1e-9)
    assert weighted.score(X, y, weight) == pytest.approx(weighted.score(X[1::2], y[1::2]))


def test_many_to_many_may_predict_another_number_of_steps():
    X, y = wave(20, 8)
    model = RNNRegressor(4, architecture="many-to-many", max_epochs=2, random_state=0).fit(X, y)
    np.testing.assert_allclose(model.predict(X[:, :5]), model.predict(X)[:, :5], rtol=1e-10)


def test_one_scale_over_the_horizon():
    from sklearn.compose import TransformedTargetRegressor

    X, y = wave(40, 6)
    y = 20 + 5 * y
    model = TransformedTargetRegressor(
        GRURegressor(10, architecture="encoder-decoder", max_epochs=80, random_state=0),
        transformer=TimeDistributed(StandardScaler()),
    ).fit(X, y)
    assert model.predict(X).shape == y.shape
    assert model.score(X, y) > 0.9


@pytest.mark.parametrize(
    ("architecture", "shape", "message"),
    [
        ("many-to-one", (20, 8, 1), r"\(20, 8, 1\).*architecture='encoder-decoder'"),
        ("many-to-many", (20,), r"\(n_samples, n_timesteps\).*architecture='many-to-one'"),
        ("many-to-many", (20, 5), r"each of the 8 time steps of X, but y has 5.*encoder-decoder"),
        ("encoder-decoder", (20, 0), r"\(20, 0\)"),
        ("encoder-decoder", (20, 2, 2, 2), r"\(20, 2, 2, 2\)"),
    ],
)
def test_a_target_of_another_architecture_is_an_error(architecture, shape, message):
    X, _ = wave(20, 8)
    with pytest.raises(ValueError, match=message):
        GRURegressor(3, architecture=architecture).fit(X, np.ones(shape))


@pytest.mark.parametrize("horizon", [1, 2, 3])
def test_the_horizon_is_tuned_from_one_step_up(horizon):
    X, y = make_supervised(np.sin(np.arange(60) / 3), horizon=horizon)
    network = GRURegressor(3, architecture="encoder-decoder", max_epochs=2, random_state=0)
    pipe = make_pipeline(SlidingWindowTransformer(6), WindowNormalizedRegressor(network))
    for model, step in ((pipe, "windownormalizedregressor__regressor__"), (network, "")):
        search = GridSearchCV(model, {f"{step}hidden_size": [2, 3]}, cv=TimeSeriesSplit(2))
        assert search.fit(X, y).predict(X).shape == y.shape
        assert np.isfinite(search.cv_results_["mean_test_score"]).all()


@pytest.mark.parametrize("backend", ["compiled", "torch"])
def test_one_step_without_an_axis_is_one_step(backend):
    X, y = wave(20, 1)
    model = GRURegressor(3, architecture="encoder-decoder", max_epochs=3, random_state=0)
    model.set_params(backend=backend, early_stopping=True)
    with_axis, without = (clone(model).fit(X, target) for target in (y, y[:, 0]))
    np.testing.assert_array_equal(without.predict(X), with_axis.predict(X)[:, 0])
    assert without.score(X, y[:, 0]) == with_axis.score(X, y)
    assert without.n_outputs_ == 1
    copy = pickle.loads(pickle.dumps(without))
    assert copy.set_params(warm_start=True).fit(X, y[:, 0]).predict(X).shape == (20,)


def test_score_of_another_horizon_is_an_error():
    X, y = wave(20, 6, 2)
    model = GRURegressor(3, architecture="encoder-decoder", max_epochs=1, random_state=0).fit(X, y)
    with pytest.raises(ValueError, match=r"shape of the predictions, \(20, 6, 2\).*\(20, 5, 2\)"):
        model.score(X, y[:, :5])


@pytest.mark.parametrize("n_outputs", [None, 2])
def test_score_names_a_target_that_is_missing_at_a_real_step(n_outputs):
    X, y = wave(20, 8, n_outputs)
    X[:, :2] = np.nan
    y[:, 0] = np.nan  # at padding: not used
    model = GRURegressor(3, architecture="many-to-many", max_epochs=2, random_state=0).fit(X, y)
    assert np.isfinite(model.score(X, y))
    y[4, 3] = np.nan
    with pytest.raises(ValueError, match=r"Input y of GRURegressor contains NaN at row 4, .* 3"):
        model.score(X, y)


def test_a_new_architecture_needs_a_new_network():
    X, y = wave(20, 8)
    model = GRURegressor(
        3, architecture="encoder-decoder", warm_start=True, max_epochs=1, random_state=0
    ).fit(X, y)
    with pytest.raises(ValueError, match="architecture was EncoderDecoder and is ManyToMany now"):
        model.set_params(architecture="many-to-many").fit(X, y)


@pytest.mark.parametrize("backend", ["torch", "compiled"])
@pytest.mark.parametrize("options", [{}, {"early_stopping": True}, {"bidirectional": True}])
def test_a_step_that_is_padding_in_every_training_row(backend, options):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 4, 1))
    y = X[:, :, 0]
    padded = np.concatenate([np.full((30, 2, 1), np.nan), X], axis=1)
    y_padded = np.concatenate([np.full((30, 2), 7.0), y], axis=1)
    model = GRURegressor(3, architecture="many-to-many", max_epochs=3, backend=backend, **options)
    model.set_params(random_state=0)
    expected = clone(model).fit(X, y)
    found = clone(model).fit(padded, y_padded)
    np.testing.assert_allclose(found.loss_curve_, expected.loss_curve_, rtol=1e-9)
    np.testing.assert_allclose(found.predict(padded)[:, 2:], expected.predict(X), rtol=1e-9)
    assert found.score(padded, y_padded) == pytest.approx(expected.score(X, y), rel=1e-9)


def test_score_leaves_out_steps_that_are_real_only_in_rows_without_weight():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 4, 1))
    X[2:, :2] = np.nan
    y, weight = np.nan_to_num(X[:, :, 0]), np.ones(30)
    weight[:2] = 0
    model = GRURegressor(3, architecture="many-to-many", max_epochs=2, random_state=0).fit(X, y)
    assert model.score(X, y, weight) == pytest.approx(model.score(X[2:], y[2:]))
    with pytest.raises(ValueError, match="real in at least two rows of X with a weight"):
        model.score(X, y, np.where(np.arange(30) == 0, 1.0, 0.0))
