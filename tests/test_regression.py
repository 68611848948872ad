"""The regressors: shapes, types, seeds, weights, memory of earlier fits."""

import copy
import functools
import inspect
import io
import pickle
import subprocess
import sys

import joblib
import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from skrnn import GRURegressor, LSTMRegressor, RNNRegressor, sliding_windows
from skrnn._recurrent._network.optimizers import OPTIMIZERS

REGRESSORS = [RNNRegressor, GRURegressor, LSTMRegressor]


@pytest.mark.parametrize("Regressor", REGRESSORS)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"num_layers": 2, "dropout": 0.1},
        {"bidirectional": True},
        {"num_layers": 2, "bidirectional": True, "max_grad_norm": 1.0},
    ],
    ids=str,
)
def test_learns_a_linear_target(Regressor, options, windows):
    X, y = windows
    model = Regressor(16, max_epochs=150, random_state=0, **options).fit(X, y)
    assert model.score(X, y) > 0.9
    assert model.loss_curve_[-1] < model.loss_curve_[0] / 5
    assert model.n_iter_ == 150 == len(model.loss_curve_)
    assert model.best_loss_ == min(model.loss_curve_) == model.loss_curve_[model.best_epoch_ - 1]
    assert model.backend_ == "compiled"
    assert model.n_features_in_ == 2
    assert model.n_outputs_ == 1


def test_relu_is_another_network_than_tanh(windows):
    fitted = [
        RNNRegressor(4, nonlinearity=name, max_epochs=2, random_state=0).fit(*windows)
        for name in ("tanh", "relu")
    ]
    assert not np.allclose(fitted[0].predict(windows[0]), fitted[1].predict(windows[0]))


def test_rnn_has_the_parameters_of_the_base_and_its_own():
    base = inspect.signature(GRURegressor.__init__).parameters
    own = inspect.signature(RNNRegressor.__init__).parameters
    assert {name: p.default for name, p in own.items() if name != "nonlinearity"} == {
        name: p.default for name, p in base.items()
    }


@pytest.mark.parametrize("Regressor", REGRESSORS)
def test_a_misspelt_parameter_is_pythons_own_error(Regressor):
    message = rf"^{Regressor.__name__}\.__init__\(\) got an unexpected keyword argument 'units'"
    with pytest.raises(TypeError, match=message):
        Regressor(units=3)
    with pytest.raises(TypeError, match=rf"^{Regressor.__name__}\.__init__\(\) takes"):
        Regressor(3, 2)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_outputs", [None, 1, 3])
def test_predictions_have_the_shape_of_y_and_the_dtype_of_x(n_outputs, dtype, windows):
    X, y = windows
    if n_outputs is not None:
        y = np.repeat(y[:, np.newaxis], n_outputs, axis=1)
    model = GRURegressor(4, max_epochs=2, random_state=0).fit(X.astype(dtype), y)
    predicted = model.predict(X.astype(dtype))
    assert predicted.shape == y.shape
    assert predicted.dtype == dtype
    other = np.float64 if dtype == np.float32 else np.float32
    assert model.predict(X.astype(other)).dtype == other


def test_two_dimensional_input_is_univariate_sequences():
    X = np.random.default_rng(0).normal(size=(40, 6))
    y = X[:, -1]
    flat = GRURegressor(4, max_epochs=3, random_state=0).fit(X, y)
    deep = GRURegressor(4, max_epochs=3, random_state=0).fit(X[:, :, np.newaxis], y)
    np.testing.assert_array_equal(flat.predict(X), deep.predict(X[:, :, np.newaxis]))
    assert (flat.n_features_in_, deep.n_features_in_) == (6, 1)


def test_three_dimensional_input_may_have_another_length_in_predict(windows):
    X, y = windows
    model = GRURegressor(4, max_epochs=2, random_state=0).fit(X, y)
    assert model.predict(X[:, 3:]).shape == y.shape


# -- masks -------------------------------------------------------------------


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("Regressor", REGRESSORS)
def test_padded_rows_predict_like_short_ones(Regressor, bidirectional, padded_windows):
    X, y = padded_windows
    model = Regressor(6, bidirectional=bidirectional, max_epochs=3, random_state=0).fit(X, y)
    together = model.predict(X)
    for row, n_padded in enumerate([8, 7, 5, 3, 1]):
        if n_padded < 8:
            alone = model.predict(X[row : row + 1, n_padded:])
            np.testing.assert_allclose(together[row], alone[0], rtol=1e-10)


@pytest.mark.filterwarnings("ignore:.* all 1 rows of X are nothing but padding:UserWarning")
def test_rows_of_padding_are_not_learned_from_but_predicted(windows):
    X, y = windows
    empty = np.full((1, 8, 2), np.nan)
    with_empty = GRURegressor(4, max_epochs=3, random_state=0).fit(
        np.concatenate((X, empty)), np.append(y, 1e6)
    )
    without = GRURegressor(4, max_epochs=3, random_state=0).fit(X, y)
    np.testing.assert_array_equal(with_empty.predict(X), without.predict(X))
    head = without.net_.module_.head
    assert without.predict(empty)[0] == pytest.approx(head.bias.item())


# -- seeds -------------------------------------------------------------------


@pytest.mark.parametrize("Regressor", REGRESSORS)
def test_one_seed_is_one_result(Regressor, windows):
    make = functools.partial(Regressor, 5, num_layers=2, dropout=0.3, max_epochs=4)
    first = make(random_state=3).fit(*windows).predict(windows[0])
    again = make(random_state=3).fit(*windows).predict(windows[0])
    other = make(random_state=4).fit(*windows).predict(windows[0])
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


def test_global_generators_are_left_alone(windows):
    numpy_before, torch_before = np.random.get_state(), torch.get_rng_state()
    model = LSTMRegressor(4, num_layers=2, dropout=0.3, max_epochs=2, random_state=0)
    model.fit(*windows).partial_fit(*windows).predict(windows[0])
    numpy_after = np.random.get_state()
    assert numpy_before[2] == numpy_after[2]
    np.testing.assert_array_equal(numpy_before[1], numpy_after[1])
    assert torch.equal(torch.get_rng_state(), torch_before)


def test_without_a_seed_numpys_global_generator_decides(windows):
    def fit():
        return GRURegressor(3, max_epochs=1).fit(*windows).predict(windows[0])

    np.random.seed(0)
    first, second = fit(), fit()
    np.random.seed(0)
    np.testing.assert_array_equal(fit(), first)
    assert not np.allclose(first, second)


SCRIPT = """
import numpy as np
from skrnn import GRURegressor
X = np.random.default_rng(0).normal(size=(50, 6, 2))
model = GRURegressor(5, num_layers=2, dropout=0.2, max_epochs=3, random_state=0)
print(model.fit(X, X[:, -1, 0]).predict(X[:4]).tobytes().hex())
"""


def test_two_processes_give_one_result():
    runs = [
        subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert runs[0].stdout == runs[1].stdout != ""


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_parallel_fits_equal_sequential_ones(backend, windows):
    X, y = windows
    models = [
        GRURegressor(4, num_layers=2, dropout=0.2, max_epochs=3, random_state=seed)
        for seed in range(4)
    ]
    expected = [clone(model).fit(X, y).predict(X) for model in models]
    parallel = joblib.Parallel(n_jobs=2, backend=backend)(
        joblib.delayed(clone(model).fit)(X, y) for model in models
    )
    for model, prediction in zip(parallel, expected, strict=True):
        np.testing.assert_array_equal(model.predict(X), prediction)


# -- weights -------------------------------------------------------------------


def test_weight_zero_is_the_same_as_leaving_out(windows):
    X, y = windows
    weight = np.ones(60)
    weight[::3] = 0
    weighted = GRURegressor(4, max_epochs=3, batch_size=7, random_state=0)
    weighted.fit(X, y, sample_weight=weight)
    left_out = GRURegressor(4, max_epochs=3, batch_size=7, random_state=0)
    left_out.fit(X[weight > 0], y[weight > 0])
    np.testing.assert_allclose(weighted.predict(X), left_out.predict(X), rtol=1e-12)


def test_only_the_ratio_of_weights_counts(windows):
    X, y = windows
    weight = np.random.default_rng(0).uniform(0.5, 2, size=60)
    fits = [
        GRURegressor(4, max_epochs=3, random_state=0).fit(X, y, sample_weight=scale * weight)
        for scale in (1, 1e6)
    ]
    np.testing.assert_allclose(fits[0].predict(X), fits[1].predict(X), rtol=1e-8)


# -- optimizers ----------------------------------------------------------------


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_optimizer_takes_the_steps_of_torch(name, windows):
    X, y = windows
    model = GRURegressor(
        3, optimizer=name, max_epochs=1, batch_size=60, weight_decay=0.01, random_state=0
    ).fit(X, y)
    start = GRURegressor(
        3, optimizer="sgd", learning_rate=1e-300, max_epochs=1, batch_size=60, random_state=0
    ).fit(X, y)
    network = start.net_.module_
    optimizer = OPTIMIZERS[name].factory(network.parameters(), lr=0.01, weight_decay=0.01)
    network.zero_grad()
    loss = (network(torch.from_numpy(X))[:, 0] - torch.from_numpy(y)).square().mean()
    loss.backward()
    optimizer.step()
    expected = network.state_dict()
    for key, value in model.net_.module_.state_dict().items():
        torch.testing.assert_close(value, expected[key], rtol=1e-9, atol=1e-12)


def test_optimizer_may_be_a_class_or_a_partial(windows):
    momentum = functools.partial(torch.optim.SGD, momentum=0.9)
    for optimizer in (torch.optim.Adamax, momentum):
        model = GRURegressor(4, optimizer=optimizer, max_epochs=20, random_state=0).fit(*windows)
        assert model.loss_curve_[-1] < model.loss_curve_[0]
    assert model.net_.optimizer_.param_groups[0]["momentum"] == 0.9


def test_long_gradients_are_clipped(windows):
    X, y = windows

    def weights(**options):
        options = {"learning_rate": 1.0} | options
        model = GRURegressor(
            3, optimizer="sgd", max_epochs=1, batch_size=60, random_state=0, **options
        ).fit(X, 100 * y)
        return np.concatenate([v.numpy().ravel() for v in model.net_.module_.state_dict().values()])

    start = weights(learning_rate=1e-300)
    assert np.linalg.norm(weights(max_grad_norm=0.5) - start) == pytest.approx(0.5, rel=1e-4)
    assert np.linalg.norm(weights() - start) > 1


# -- early stopping --------------------------------------------------------------


def test_early_stopping_holds_out_the_chronological_tail():
    X = np.random.default_rng(0).normal(size=(50, 5))
    y = np.zeros(50)
    y[40:] = 1000.0  # only the tail tells them apart
    model = GRURegressor(
        3, early_stopping=True, validation_fraction=0.2, max_epochs=3, random_state=0
    ).fit(X, y)
    assert max(model.loss_curve_) < 10
    assert min(model.validation_loss_curve_) > 1e5


@pytest.mark.parametrize("given", [False, True])
def test_early_stopping_restores_the_best_weights(given, windows):
    X, y = windows
    rng = np.random.default_rng(1)
    y = rng.normal(size=60)  # nothing to learn but noise
    model = GRURegressor(
        16, early_stopping=True, n_iter_no_change=5, max_epochs=200, validation_fraction=0.25
    ).set_params(learning_rate=0.02, random_state=0)
    X_train, y_train, X_val, y_val = X[:45], y[:45], X[45:], y[45:]
    if given:
        model.fit(X_train, y_train, X_val=X_val, y_val=y_val)
    else:
        model.fit(X, y)
    assert model.n_iter_ < 200
    curve = model.validation_loss_curve_
    assert model.best_loss_ == min(curve) == curve[model.best_epoch_ - 1] < curve[-1]
    found = np.mean((model.predict(X_val) - y_val) ** 2)
    assert found == pytest.approx(model.best_loss_, rel=1e-10)


def test_validation_rows_are_watched_without_early_stopping(windows):
    X, y = windows
    watched = GRURegressor(4, max_epochs=5, random_state=0).fit(X, y, X_val=X[:9], y_val=y[:9])
    alone = GRURegressor(4, max_epochs=5, random_state=0).fit(X, y)
    assert len(watched.validation_loss_curve_) == 5
    assert alone.validation_loss_curve_ == []
    np.testing.assert_array_equal(watched.predict(X), alone.predict(X))


# -- going on --------------------------------------------------------------------


@pytest.mark.parametrize("scaler", [StandardScaler(), MinMaxScaler((-1, 1))])
def test_validation_targets_in_other_units_are_a_warning(scaler, windows):
    X, y = windows
    network = GRURegressor(3, max_epochs=2, early_stopping=True, random_state=0)
    scaled = TransformedTargetRegressor(network, transformer=scaler)
    words = r"y_val of GRURegressor is far from y: .*TransformedTargetRegressor does not"
    with pytest.warns(UserWarning, match=words):
        scaled.fit(X, 1000 + y, X_val=X, y_val=1000 + y)
    with pytest.warns(UserWarning, match=words) as caught:
        network.fit(X, 1000 + y, X_val=X, y_val=y)
    assert caught[0].filename == __file__
    network.fit(X, y, X_val=X, y_val=y + 3 * np.ptp(y))  # a trend


def test_partial_fit_is_one_epoch_and_epochs_add_up_to_a_fit(windows):
    X, y = windows
    whole = GRURegressor(5, num_layers=2, dropout=0.2, max_epochs=4, random_state=0).fit(X, y)
    steps = GRURegressor(5, num_layers=2, dropout=0.2, random_state=0)
    for epoch in range(1, 5):
        steps.partial_fit(X, y)
        assert steps.n_iter_ == epoch
        steps = pickle.loads(pickle.dumps(steps))  # what lies between must not matter
    assert steps.loss_curve_ == whole.loss_curve_
    np.testing.assert_array_equal(steps.predict(X), whole.predict(X))


def test_warm_start_goes_on_where_the_last_fit_ended(windows):
    X, y = windows
    whole = LSTMRegressor(5, max_epochs=6, random_state=0).fit(X, y)
    warm = LSTMRegressor(5, max_epochs=3, warm_start=True, random_state=0).fit(X, y).fit(X, y)
    assert warm.loss_curve_ == whole.loss_curve_
    np.testing.assert_array_equal(warm.predict(X), whole.predict(X))
    cold = LSTMRegressor(5, max_epochs=3, random_state=0).fit(X, y).fit(X, y)
    assert cold.n_iter_ == 3


def test_warm_start_takes_a_new_learning_rate(windows):
    model = GRURegressor(4, max_epochs=2, warm_start=True, random_state=0).fit(*windows)
    before = model.predict(windows[0])
    model.set_params(learning_rate=1e-300).fit(*windows)
    np.testing.assert_array_equal(model.predict(windows[0]), before)


def test_warm_start_into_another_network_is_an_error(windows):
    model = GRURegressor(4, max_epochs=1, warm_start=True, random_state=0).fit(*windows)
    with pytest.raises(ValueError, match="hidden_size was 4 and is 8 now"):
        model.set_params(hidden_size=8).fit(*windows)
    assert model.predict(windows[0]).shape == (60,)


def test_warm_start_takes_other_options_of_the_optimizer(windows):
    model = GRURegressor(4, optimizer="rmsprop", max_epochs=2, warm_start=True, random_state=0)
    model.fit(*windows)
    for optimizer in (functools.partial(torch.optim.RMSprop, centered=True), "adam"):
        model.set_params(optimizer=optimizer).fit(*windows)
    assert model.n_iter_ == 6


def test_going_on_never_ends_with_worse_weights_on_the_validation_rows(windows):
    X, y = windows
    X_train, y_train, validation = X[:45], y[:45], {"X_val": X[45:], "y_val": y[45:]}
    model = GRURegressor(
        6, early_stopping=True, warm_start=True, max_epochs=30, random_state=0
    ).fit(X_train, y_train, **validation)
    before, epoch = model.best_loss_, model.best_epoch_
    assert epoch < model.n_iter_  # so that the weights kept are not the last ones
    model.set_params(learning_rate=1.0, max_epochs=3).fit(X_train, y_train, **validation)
    found = np.mean((model.predict(validation["X_val"]) - validation["y_val"]) ** 2)
    assert found == pytest.approx(model.best_loss_)
    assert model.best_loss_ == pytest.approx(before)
    assert model.best_epoch_ == epoch
    model.set_params(early_stopping=False, learning_rate=1e-3).fit(X_train, y_train, **validation)
    curve = model.validation_loss_curve_
    assert model.best_loss_ == min(curve) == curve[model.best_epoch_ - 1]


# -- losses of an epoch --------------------------------------------------------------


@pytest.mark.parametrize("batch_size", [60, 7, 1])
def test_loss_curve_is_the_loss_over_all_rows_whatever_the_batches(batch_size, windows):
    X, y = windows
    y = y.copy()
    y[-4:] = 100  # the last, smaller batch weighs no more than its rows
    model = GRURegressor(
        3, batch_size=batch_size, shuffle=False, max_epochs=1, learning_rate=1e-300, random_state=0
    ).fit(X, y)
    assert model.loss_curve_ == pytest.approx([np.mean((model.predict(X) - y) ** 2)])


def test_validation_loss_is_the_loss_over_all_rows(windows):
    X_val = np.random.default_rng(0).normal(size=(1030, 8, 2))
    y_val = np.zeros(1030)
    y_val[-6:] = 100
    model = GRURegressor(3, max_epochs=1, random_state=0).fit(*windows, X_val=X_val, y_val=y_val)
    assert model.validation_loss_curve_ == pytest.approx(
        [np.mean((model.predict(X_val) - y_val) ** 2)]
    )


# -- copies ------------------------------------------------------------------------


@pytest.mark.parametrize("copier", ["pickle", "joblib", "deepcopy"])
def test_copies_predict_the_same_and_train_on_alike(copier, windows):
    model = LSTMRegressor(4, num_layers=2, dropout=0.2, max_epochs=3, random_state=0).fit(*windows)
    if copier == "pickle":
        copied = pickle.loads(pickle.dumps(model))
    elif copier == "joblib":
        file = io.BytesIO()
        joblib.dump(model, file)
        file.seek(0)
        copied = joblib.load(file)
    else:
        copied = copy.deepcopy(model)
    np.testing.assert_array_equal(copied.predict(windows[0]), model.predict(windows[0]))
    for each in (copied, model):
        each.partial_fit(*windows)
    np.testing.assert_array_equal(copied.predict(windows[0]), model.predict(windows[0]))


def test_a_pickle_holds_no_training_data():
    X = np.random.default_rng(0).normal(size=(20_000, 10))
    model = GRURegressor(4, max_epochs=1, early_stopping=True, random_state=0).fit(X, X[:, -1])
    assert len(pickle.dumps(model)) < X.nbytes / 20


def test_clone_has_the_parameters_and_no_fit(windows):
    model = RNNRegressor(4, nonlinearity="relu", max_epochs=1, random_state=0).fit(*windows)
    copied = clone(model)
    assert copied.get_params() == model.get_params()
    assert not hasattr(copied, "net_")


# -- training seen from outside ------------------------------------------------------


def test_verbose_shows_a_progress_bar_with_the_loss(windows, capsys):
    GRURegressor(3, max_epochs=4, verbose=1, random_state=0).fit(*windows)
    shown = capsys.readouterr().err
    assert "4/4" in shown
    assert "loss=" in shown


def test_silent_by_default(windows, capsys):
    GRURegressor(3, max_epochs=2, early_stopping=True, random_state=0).fit(*windows)
    assert capsys.readouterr() == ("", "")


def test_best_loss_of_an_interrupted_first_epoch_is_infinite(windows):
    class Interrupt(torch.optim.SGD):
        def step(self, closure=None):
            raise KeyboardInterrupt

    model = GRURegressor(3, optimizer=Interrupt, random_state=0)
    with pytest.warns(ConvergenceWarning, match="interrupted in epoch 1"):
        model.fit(*windows)
    assert (model.n_iter_, model.loss_curve_, model.best_loss_) == (0, [], np.inf)
    assert model.best_epoch_ == 0


@pytest.mark.parametrize("Regressor", [GRURegressor, LSTMRegressor])
def test_a_trend_goes_on_beyond_the_range_of_the_training_rows(Regressor):
    series = np.linspace(-1.7, 3.4, 300)
    X, y = sliding_windows(series, lookback=12)
    model = Regressor(random_state=0).fit(X[:188], y[:188])
    error = np.abs(model.predict(X[188:]) - y[188:]).mean()
    assert error < 0.08 * np.abs(y[188:] - y[187]).mean()
