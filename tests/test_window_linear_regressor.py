"""Linear regression on the steps of a window: scikit-learn's ridge on the right columns."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import lsq_linear
from sklearn.linear_model import LinearRegression, QuantileRegressor, Ridge
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils._param_validation import InvalidParameterError
from threadpoolctl import threadpool_limits

from skrnn import (
    SlidingWindowTransformer,
    WindowLinearRegressor,
    WindowNormalizedRegressor,
    make_supervised,
    sliding_windows,
)
from skrnn._models import window_linear_regressor as module
from skrnn._models.quantile_regression import quantile_regression
from skrnn.datasets import load_airline_passengers

NAN = np.nan


@pytest.fixture
def panel():
    """Eighty windows of six steps of two features, two outputs, and weights."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 6, 2)).cumsum(axis=1) + 50
    y = X[:, -2:, 0] @ np.array([[1.0, 0.5], [-0.7, 0.2]]) + rng.normal(size=(80, 2)) + 3
    return X, y, rng.uniform(0.2, 3, size=80)


def columns(X):
    """Differences of the earlier steps from the last one, then the last one."""
    return np.hstack(((X[:, :-1] - X[:, -1:]).reshape(len(X), -1), X[:, -1]))


def followed(X, y, weight):
    """Which feature's last value each output varies least about; None if it varies less alone."""

    def variance(values):
        return np.cov(values, aweights=weight, ddof=0)

    found = []
    for output in y.T:
        of_changes = [variance(output - last) for last in X[:, -1].T]
        best = int(np.argmin(of_changes))
        found.append(best if of_changes[best] < variance(output) else None)
    return found


def by_hand(X, y, alphas, weight=None):
    """The regression by scikit-learn, one output at a time, as a function of windows."""
    weight = np.ones(len(X)) if weight is None else weight
    y = y.reshape(len(y), -1)
    features = followed(X, y, weight)
    scaler = StandardScaler().fit(columns(X), sample_weight=weight)

    def level(Z, feature):
        return 0 if feature is None else Z[:, -1, feature]

    fitted = [
        Ridge(alpha * weight.sum(), solver="svd").fit(
            scaler.transform(columns(X)), output - level(X, feature), sample_weight=weight
        )
        for output, feature, alpha in zip(y.T, features, alphas, strict=True)
    ]
    return lambda Z: np.column_stack(
        [
            ridge.predict(scaler.transform(columns(Z))) + level(Z, feature)
            for ridge, feature in zip(fitted, features, strict=True)
        ]
    )


@pytest.mark.parametrize("weighted", [False, True])
def test_predicts_what_ridge_regression_predicts(weighted, panel):
    X, y, weight = panel
    weight = weight if weighted else None
    model = WindowLinearRegressor().fit(X, y, sample_weight=weight)
    expected = by_hand(X, y, model.alpha_, weight)(X)
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-9)
    from_coef = np.einsum("ntf,tfk->nk", X, model.coef_) + model.intercept_
    np.testing.assert_allclose(from_coef, expected, rtol=1e-9)


@pytest.mark.parametrize("n_rows", [80, 20])
def test_the_penalty_of_each_output_has_the_lowest_gcv_score(n_rows, panel):
    X, y = panel[0][:n_rows], panel[1][:n_rows]
    model = WindowLinearRegressor().fit(X, y)
    flat = StandardScaler().fit_transform(columns(X))
    for output, feature, found in zip(y.T, followed(X, y, None), model.alpha_, strict=True):
        target = output - (0 if feature is None else X[:, -1, feature])
        target = target - target.mean()
        scores = []
        for alpha in module._ALPHAS[:, 0]:
            gram = flat.T @ flat + alpha * n_rows * np.eye(flat.shape[1])
            hat = flat @ np.linalg.solve(gram, flat.T) + 1 / n_rows
            residual = target - hat @ target
            scores.append(np.square(residual).sum() / (n_rows - np.trace(hat)) ** 2)
        assert scores[int(np.argmin(np.abs(module._ALPHAS[:, 0] - found)))] == pytest.approx(
            min(scores), rel=1e-9
        )


def test_rows_in_blocks_are_rows_at_once(panel, monkeypatch):
    X, y, weight = panel
    X = X.copy()
    X[::3, :2] = NAN
    expected = WindowLinearRegressor().fit(X, y, weight).predict(X)
    blocks = lambda X: [slice(i, i + 7) for i in range(0, len(X), 7)]  # noqa: E731
    monkeypatch.setattr(module, "row_blocks", blocks)
    np.testing.assert_allclose(
        WindowLinearRegressor().fit(X, y, weight).predict(X), expected, rtol=1e-10
    )


def test_a_view_of_windows_is_not_copied_as_a_whole():
    import tracemalloc

    X, y = sliding_windows(np.random.default_rng(0).normal(size=100_000), lookback=100)
    tracemalloc.start()
    WindowLinearRegressor().fit(X, y).predict(X)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < X.nbytes / 2


@given(
    lengths=st.lists(st.integers(0, 4), min_size=1, max_size=6),
    n_whole=st.integers(12, 20),
    seed=st.integers(0, 100),
)
def test_a_short_window_has_the_regression_on_the_steps_that_it_has(lengths, n_whole, seed):
    rng = np.random.default_rng(seed)
    n_real = rng.permutation([*lengths, *[5] * n_whole])
    X = rng.normal(size=(len(n_real), 5, 1)).cumsum(axis=1) * 10
    y = X[:, -1, 0] + rng.normal(size=len(X))
    for row, length in enumerate(n_real):
        X[row, : 5 - length] = NAN
    model = WindowLinearRegressor().fit(X, y)
    predicted = model.predict(X)
    for length in set(n_real):
        rows, used = n_real == length, n_real >= length
        if length == 0:
            np.testing.assert_allclose(predicted[rows], y.mean())
            continue
        regression = by_hand(X[used, 5 - length :], y[used], model.alpha_)
        np.testing.assert_allclose(
            predicted[rows], regression(X[rows, 5 - length :])[:, 0], rtol=1e-7, atol=1e-7
        )
        short = model.predict(X[rows, 5 - max(length, 1) :])
        np.testing.assert_allclose(predicted[rows], short, rtol=1e-12)


def test_whole_windows_are_predicted_as_if_there_were_no_others(panel):
    X, y, weight = panel
    alone = WindowLinearRegressor().fit(X[10:], y[10:], sample_weight=weight[10:])
    X = X.copy()
    X[:10, :3] = NAN
    together = WindowLinearRegressor().fit(X, y, sample_weight=weight)
    np.testing.assert_allclose(together.predict(X[10:]), alone.predict(X[10:]), rtol=1e-10)


def test_the_longest_windows_are_those_that_two_rows_have_for_each_coefficient():
    series = np.random.default_rng(0).normal(size=100)
    X = np.full((99, 60, 1), NAN)
    for row in range(99):
        known = series[max(0, row - 59) : row + 1]
        X[row, 60 - len(known) :, 0] = known
    model = WindowLinearRegressor().fit(X, series[1:])
    assert model.coef_.shape == (33, 1, 1)  # 99 - 33 + 1 rows have so many
    np.testing.assert_array_equal(model.predict(X), model.predict(X[:, -33:]))


def test_a_random_walk_is_predicted_by_its_last_value_and_noise_by_its_mean():
    noise = np.random.default_rng(0).normal(size=400)
    X, y = sliding_windows(noise.cumsum(), lookback=6)
    predicted = WindowLinearRegressor().fit(X, y).predict(X)
    assert np.abs(predicted - X[:, -1, 0] - np.mean(y - X[:, -1, 0])).max() < 0.1
    X, y = sliding_windows(noise, lookback=6)
    assert np.abs(WindowLinearRegressor().fit(X, y).predict(X) - y.mean()).max() < 0.3


def test_targets_in_other_units_are_predicted_as_well():
    X, y = sliding_windows(np.random.default_rng(0).normal(size=400).cumsum(), lookback=6)
    expected = WindowLinearRegressor().fit(X, y).score(X, y)
    for unit in (1e-3, 1e3):
        assert WindowLinearRegressor().fit(X, unit * y).score(X, unit * y) > expected - 1e-3


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_units_make_no_difference(unit, panel):
    X, y, _ = panel
    expected = WindowLinearRegressor().fit(X, y).predict(X)
    other = WindowLinearRegressor().fit(X * unit, y * unit)
    np.testing.assert_allclose(other.predict(X * unit), expected * unit, rtol=1e-6)


def test_a_weight_of_two_is_two_rows_and_weight_zero_none(panel):
    X, y, _ = panel
    weight = np.arange(80) % 3
    expected = WindowLinearRegressor().fit(np.repeat(X, weight, 0), np.repeat(y, weight, 0))
    model = WindowLinearRegressor().fit(X, y, sample_weight=weight)
    np.testing.assert_allclose(model.predict(X), expected.predict(X), rtol=1e-9)
    np.testing.assert_allclose(model.alpha_, expected.alpha_)


@pytest.mark.parametrize("offset", [1e8, 1e10, 1e12])
def test_far_from_the_origin_no_digit_is_lost_that_the_data_have(offset):
    walk = np.round(np.random.default_rng(0).normal(size=400).cumsum(), 3)
    X, y = sliding_windows(walk, lookback=5)
    expected = WindowLinearRegressor().fit(X, y).predict(X)
    predicted = WindowLinearRegressor().fit(X + offset, y + offset).predict(X + offset) - offset
    np.testing.assert_allclose(predicted, expected, atol=1e-11 * offset + 1e-3)


@pytest.mark.parametrize("height", [1e6, 1e9])
@pytest.mark.parametrize("normalized", [False, True])
def test_changes_of_a_panel_are_regressed_however_high_its_series_lie(height, normalized):
    rng = np.random.default_rng(0)
    parts = []
    for start in rng.uniform(0, height, size=20):
        change = rng.normal(size=40)
        change[1:] += change[:-1]  # a moving average, which the last changes tell
        parts.append(sliding_windows(change.cumsum() + start, lookback=5))
    X, y = map(np.concatenate, zip(*parts, strict=True))
    changes, target = (X[:, :-1] - X[:, -1:])[..., 0], y - X[:, -1, 0]
    expected = LinearRegression().fit(changes, target).predict(changes) - target
    model = WindowLinearRegressor()
    model = WindowNormalizedRegressor(model) if normalized else model
    residual = model.fit(X, y).predict(X) - y
    assert np.sqrt(np.mean(residual**2)) < 1.02 * np.sqrt(np.mean(expected**2))


def test_a_line_is_found_exactly_far_from_the_origin():
    X, y = sliding_windows(np.cumsum(np.random.default_rng(0).normal(size=300)) + 1e5, lookback=5)
    y = 2 * X[:, 1, 0] - X[:, 4, 0] + 7
    np.testing.assert_allclose(WindowLinearRegressor().fit(X, y).predict(X), y, rtol=1e-9)


def test_single_precision_input_loses_nothing_in_between(panel):
    X, y, _ = panel
    double = WindowLinearRegressor().fit(X, y).predict(X)
    single = WindowLinearRegressor().fit(X.astype(np.float32), y).predict(X.astype(np.float32))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, double, rtol=1e-5)


def test_constant_columns_and_targets_do_no_harm(panel):
    X, y, _ = panel
    X, y = X.copy(), y.copy()
    X[:, :, 1] = 1e8 / 3
    y[:, 1] = 0.1
    model = WindowLinearRegressor().fit(X, y)
    np.testing.assert_array_equal(model.coef_[:, 1], 0)
    np.testing.assert_allclose(model.predict(X)[:, 1], 0.1, rtol=1e-12)
    alone = WindowLinearRegressor().fit(X[:, :, :1], y).predict(X[:, :, :1])
    np.testing.assert_allclose(model.predict(X), alone, rtol=1e-6)


@pytest.mark.parametrize("n_rows", [1, 2, 5])
def test_fewer_rows_than_coefficients(n_rows, panel):
    X, y, _ = panel
    model = WindowLinearRegressor().fit(X[:n_rows], y[:n_rows])
    assert model.coef_.shape == (6, 2, 2)
    assert np.isfinite(model.predict(X)).all()
    assert np.abs(model.predict(X[:n_rows]) - y[:n_rows]).max() <= np.ptp(y[:n_rows]) + 1e-9


@pytest.mark.filterwarnings("ignore:.* all 4 rows of X are nothing but padding:UserWarning")
def test_rows_of_padding_alone_are_predicted_by_the_mean():
    X, y = np.full((4, 3, 1), NAN), np.arange(4.0)
    model = WindowLinearRegressor().fit(X, y)
    np.testing.assert_allclose(model.predict(X), 1.5)
    np.testing.assert_allclose(model.predict(np.ones((2, 3, 1))), 1.5)


def test_targets_may_have_steps_and_outputs(panel):
    X, y, _ = panel
    cube = np.stack((y, y + 2, y - 1), axis=1)
    model = WindowLinearRegressor().fit(X, cube)
    flat = WindowLinearRegressor().fit(X, cube.reshape(80, 6)).predict(X)
    assert model.predict(X).shape == (80, 3, 2)
    np.testing.assert_array_equal(model.predict(X), flat.reshape(80, 3, 2))
    assert model.score(X, cube) > 0.5


def test_with_many_rows_the_penalty_hardly_matters():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(5000, 4, 1))
    y = X[:, :, 0] @ [1, 2, 3, 4] + rng.normal(size=5000)
    expected = LinearRegression().fit(X[:, :, 0], y)
    model = WindowLinearRegressor().fit(X, y)
    np.testing.assert_allclose(model.coef_[:, 0, 0], expected.coef_, atol=1e-3)


def test_the_number_of_threads_makes_no_difference():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3000, 25, 1)).cumsum(axis=1)
    y = X[:, -1, 0] + rng.normal(size=3000)
    predicted = []
    for n_threads in (1, 2):
        with threadpool_limits(n_threads, user_api="blas"):
            predicted.append(WindowLinearRegressor().fit(X, y).predict(X))
    np.testing.assert_array_equal(*predicted)


def test_in_a_pipeline_the_lookback_is_tuned():
    X, y = make_supervised(load_airline_passengers())
    pipe = make_pipeline(SlidingWindowTransformer(), WindowLinearRegressor())
    grid = {"slidingwindowtransformer__lookback": [1, 13]}
    search = GridSearchCV(pipe, grid, cv=TimeSeriesSplit(3), scoring="neg_mean_squared_error")
    search.fit(X[:107], y[:107])
    assert search.best_params_ == {"slidingwindowtransformer__lookback": 13}


# -- other losses ----------------------------------------------------------------


def pinball(residual, quantile, weight=1.0):
    """Sum of the pinball losses, by their definition."""
    return np.sum(weight * np.maximum(quantile * residual, (quantile - 1) * residual))


def regression_rows(n_rows, n_columns, noise):
    """Columns with an intercept, targets and weights."""
    rng = np.random.default_rng(n_rows + n_columns)
    X = np.hstack((np.ones((n_rows, 1)), rng.normal(size=(n_rows, n_columns - 1))))
    error = {
        "heavy tails": rng.standard_t(2, size=n_rows),
        "other sizes": rng.normal(size=n_rows) * np.exp(2 * X[:, 1]),
        "counts": rng.poisson(0.3, size=n_rows) - X @ np.ones(n_columns),  # many equal values
    }
    return X, X @ rng.normal(size=n_columns) + error[noise], rng.uniform(0.1, 3, size=n_rows)


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.95])
@pytest.mark.parametrize("noise", ["heavy tails", "other sizes", "counts"])
@pytest.mark.parametrize("size", [(30, 4), (90, 12), (2000, 6)])
def test_the_pinball_loss_is_that_of_the_optimum_of_a_linear_program(size, noise, quantile):
    X, y, weight = regression_rows(*size, noise)
    start = np.linalg.lstsq(X, y, rcond=None)[0]
    none = np.zeros(size[1])
    found = quantile_regression(X, y, weight, start, quantile=quantile, penalty=none)
    optimum = QuantileRegressor(quantile=quantile, alpha=0).fit(X[:, 1:], y, sample_weight=weight)
    lowest = pinball(y - optimum.predict(X[:, 1:]), quantile, weight)
    assert pinball(y - X @ found, quantile, weight) == pytest.approx(lowest, rel=1e-6)


@pytest.mark.parametrize("quantile", [0.2, 0.5])
@pytest.mark.parametrize("penalty", [1e-2, 1.0, 100.0])
def test_the_penalised_pinball_loss_has_a_subgradient_of_zero(penalty, quantile):
    """Rows off the line have their slope; those on it have slopes between the bounds."""
    X, y, weight = regression_rows(200, 5, "heavy tails")
    penalty = np.array([0, *[penalty] * 4])
    coef = quantile_regression(X, y, weight, np.zeros(5), quantile=quantile, penalty=penalty)
    residual = y - X @ coef
    on_line = np.abs(residual) < 1e-5
    slope = X.T @ np.where(on_line, 0, weight * np.where(residual > 0, quantile, quantile - 1))
    bounds = weight[on_line] * (quantile - 1), weight[on_line] * quantile
    rest = lsq_linear(X[on_line].T, penalty * coef - slope, bounds=bounds, tol=1e-12)
    assert 1 <= on_line.sum() <= 5
    np.testing.assert_allclose(rest.fun, 0, atol=1e-5)


@pytest.mark.parametrize(
    "loss", [{"loss": "absolute_error"}, {"loss": "quantile", "quantile": 0.8}]
)
def test_with_many_rows_the_loss_is_that_of_scikit_learn_to_four_digits(loss):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2000, 4, 1)).cumsum(axis=1)
    y = X[:, :, 0] @ [1, -2, 3, 4] + rng.standard_t(3, size=2000)
    quantile = loss.get("quantile", 0.5)
    optimum = QuantileRegressor(quantile=quantile, alpha=0).fit(X[:, :, 0], y)
    lowest = pinball(y - optimum.predict(X[:, :, 0]), quantile)
    model = WindowLinearRegressor(**loss).fit(X, y)
    assert pinball(y - model.predict(X), quantile) == pytest.approx(lowest, rel=1e-4)
    from_coef = np.einsum("nt,t->n", X[:, :, 0], model.coef_[:, 0, 0]) + model.intercept_
    np.testing.assert_allclose(model.predict(X), from_coef, rtol=1e-9)


@pytest.mark.parametrize("quantile", [0.05, 0.3, 0.9])
def test_the_share_of_targets_below_is_the_quantile(quantile, panel):
    X, y, weight = panel
    model = WindowLinearRegressor("quantile", quantile=quantile).fit(X, y, sample_weight=weight)
    below = y - model.predict(X) < -1e-6
    above = y - model.predict(X) > 1e-6
    assert (weight @ below <= quantile * weight.sum() + 1e-6).all()
    assert (weight @ above <= (1 - quantile) * weight.sum() + 1e-6).all()


def test_the_median_is_the_quantile_one_half(panel):
    X, y, weight = panel
    median = WindowLinearRegressor("absolute_error", quantile=0.9).fit(X, y, weight)
    half = WindowLinearRegressor("quantile").fit(X, y, weight)
    np.testing.assert_array_equal(median.predict(X), half.predict(X))
    mean = WindowLinearRegressor(quantile=0.9).fit(X, y, weight).predict(X)
    np.testing.assert_array_equal(mean, WindowLinearRegressor().fit(X, y, weight).predict(X))


def test_values_far_away_change_a_median_less_than_a_mean():
    X, y = sliding_windows(np.random.default_rng(0).normal(size=2004).cumsum(), lookback=4)
    wrong = y.copy()
    wrong[::20] += 50
    change = {}
    for loss in ("squared_error", "absolute_error"):
        fits = [WindowLinearRegressor(loss).fit(X, targets).predict(X) for targets in (y, wrong)]
        change[loss] = np.abs(fits[1] - fits[0]).mean()
    assert change["absolute_error"] < 0.1 * change["squared_error"]


def test_weights_count_rows_with_absolute_errors(panel):
    X, y, _ = panel
    weight = np.arange(80) % 3
    rows = np.repeat(np.arange(80), weight)
    expected = WindowLinearRegressor("absolute_error").fit(X[rows], y[rows]).predict(X)
    found = WindowLinearRegressor("absolute_error").fit(X, y, sample_weight=weight).predict(X)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_short_windows_have_the_median_regression_on_the_steps_that_they_have(panel):
    X, y, weight = panel
    X = X.copy()
    X[:15, :3], X[15:20, :5], X[20:23] = NAN, NAN, NAN
    model = WindowLinearRegressor("absolute_error").fit(X, y, sample_weight=weight)
    predicted = model.predict(X)
    for padding, rows, used in ((3, slice(15), slice(15)), (5, slice(15, 20), slice(20))):
        used = np.r_[used, 23:80]
        short = WindowLinearRegressor("absolute_error")
        np.testing.assert_allclose(predicted[rows], model.predict(X[rows, padding:]), rtol=1e-12)
        # The penalty is that of the longest windows: with it the loss cannot become lower.
        line = short.fit(X[used, padding:], y[used], sample_weight=weight[used]).predict(
            X[used, padding:]
        )
        close = np.abs(model.predict(X[used, padding:]) - line).mean()
        assert close < 0.2 * np.abs(y[used] - line).mean()
    one_step = WindowLinearRegressor("absolute_error").fit(X[23:], y[23:], weight[23:])
    np.testing.assert_allclose(predicted[23:], one_step.predict(X[23:]), rtol=1e-7)
    share = weight @ (y < predicted[20] - 1e-7) / weight.sum()  # all rows count for padding alone
    assert (share <= 0.5).all()
    assert (weight @ (y > predicted[20] + 1e-7) / weight.sum() <= 0.5).all()


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_units_make_no_difference_with_absolute_errors(unit, panel):
    X, y, _ = panel
    expected = WindowLinearRegressor("absolute_error").fit(X, y).predict(X)
    other = WindowLinearRegressor("absolute_error").fit(X * unit, y * unit)
    np.testing.assert_allclose(other.predict(X * unit), expected * unit, rtol=1e-6)


@pytest.mark.parametrize("loss", ["absolute_error", "quantile"])
@pytest.mark.parametrize("n_rows", [1, 2, 5, 13])
def test_fewer_rows_than_coefficients_with_other_losses(n_rows, loss, panel):
    X, y, _ = panel
    model = WindowLinearRegressor(loss).fit(X[:n_rows], y[:n_rows])
    assert np.isfinite(model.coef_).all()
    assert np.abs(model.predict(X[:n_rows]) - y[:n_rows]).max() <= np.ptp(y[:n_rows]) + 1e-9


def test_constants_and_exact_lines_with_absolute_errors(panel):
    X, y, _ = panel
    X, y = X.copy(), y.copy()
    X[:, :, 1] = 1e8 / 3
    y[:, 0], y[:, 1] = 2 * X[:, 1, 0] - X[:, 4, 0] + 7, 0.1
    np.testing.assert_allclose(
        WindowLinearRegressor("absolute_error").fit(X, y).predict(X), y, rtol=1e-7
    )


def test_targets_have_steps_and_outputs_and_single_precision_with_absolute_errors(panel):
    X, y, _ = panel
    cube = np.stack((y, y + 2, y - 1), axis=1)
    model = WindowLinearRegressor("absolute_error").fit(X.astype(np.float32), cube)
    predicted = model.predict(X.astype(np.float32))
    assert predicted.shape == (80, 3, 2)
    assert predicted.dtype == np.float32
    alone = WindowLinearRegressor("absolute_error").fit(X, cube[:, 1, 1]).predict(X)
    np.testing.assert_allclose(predicted[:, 1, 1], alone, rtol=1e-4)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"loss": "huber"}, "The 'loss' parameter"),
        ({"quantile": 1.0}, "The 'quantile' parameter"),
        ({"quantile": 0}, "The 'quantile' parameter"),
    ],
)
def test_parameters_of_other_losses(parameters, message, panel):
    with pytest.raises(InvalidParameterError, match=message):
        WindowLinearRegressor(**parameters).fit(*panel[:2])
