"""The linear baseline: ridge regression on the steps of a window, in closed form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from skrnn import sliding_windows
from skrnn._models.linear_baseline import LinearBaseline
from skrnn._models.ridge import PENALTIES

NAN = np.nan


@pytest.fixture
def panel():
    """Eighty windows of six steps of two features, two outputs, and weights."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 6, 2)).cumsum(axis=1) + 50
    y = X[:, -2:, 0] @ np.array([[1.0, 0.5], [-0.7, 0.2]]) + rng.normal(size=(80, 2)) + 3
    return X, y, rng.uniform(0.2, 3, size=80)


def best_column_alone(X, y, weight=None):
    """Which column explains most of an output, and the coefficient of a regression on it."""
    weight = np.ones(len(X)) if weight is None else weight
    covariance = np.cov(np.column_stack((X, y)), rowvar=False, aweights=weight, ddof=0)
    variance, with_y = np.diag(covariance)[:-1], covariance[:-1, -1]
    explained = np.square(with_y) / np.where(variance > 0, variance, np.inf)
    best = explained.argmax()
    return best, with_y[best] / (variance[best] or np.inf)


def ridge(X, y, alpha, weight=None):
    """Ridge regression by scikit-learn, one output at a time, as a function of flat windows."""
    X, y = X.reshape(len(X), -1), y.reshape(len(y), -1)
    scaler = StandardScaler().fit(X, sample_weight=weight)
    fitted = []
    for output in y.T:
        best, slope = best_column_alone(X, output, weight)
        model = Ridge(alpha, solver="svd")
        model.fit(scaler.transform(X), output - slope * X[:, best], sample_weight=weight)
        fitted.append((best, slope, model))

    def predict(Z):
        Z = Z.reshape(len(Z), -1)
        return np.column_stack(
            [m.predict(scaler.transform(Z)) + slope * Z[:, best] for best, slope, m in fitted]
        )

    return predict


def changes(X, y, weight=None):
    """Changes from the last step of windows and targets, and what the targets are counted from."""
    weight = np.ones(len(X)) if weight is None else weight
    y = y.reshape(len(y), -1)
    spread = [
        [np.cov(output - last, aweights=weight, ddof=0) for last in X[:, -1].T] for output in y.T
    ]
    nearest = np.argmin(spread, axis=1)
    return X[:, :-1] - X[:, -1:], y - X[:, -1, nearest], nearest


def both_ridges(X, y, alphas, shares, weight=None):
    """The mean of regressions on values and on changes, as a function of windows."""
    of_values = ridge(X, y, alphas[0], weight)
    X_changes, y_changes, nearest = changes(X, y, weight)
    if not X_changes.size:
        average = np.average(y_changes, axis=0, weights=weight)
        of_changes = lambda Z: np.tile(average, (len(Z), 1))  # noqa: E731
    else:
        of_changes = ridge(X_changes, y_changes, alphas[1], weight)

    def predict(Z):
        level = Z[:, -1, nearest]
        return shares[0] * of_values(Z) + shares[1] * (of_changes(Z[:, :-1] - Z[:, -1:]) + level)

    return predict


@pytest.mark.parametrize("weighted", [False, True])
def test_predicts_what_ridge_regression_predicts(weighted, panel):
    X, y, weight = panel
    weight = weight / weight.mean() if weighted else None
    model = LinearBaseline().fit(X, y, sample_weight=weight)
    expected = both_ridges(X, y, model.alphas_, model.weights_, weight)(X)
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-9)
    by_hand = np.einsum("ntf,tfk->nk", X, model.coef_) + model.intercept_
    np.testing.assert_allclose(by_hand, expected, rtol=1e-9)


def scores_by_hand(X, y, shares):
    """The GCV scores of each output and penalty, of ridge regression on flat windows."""
    n_rows, p = len(X), X[0].size
    flat = StandardScaler().fit_transform(X.reshape(n_rows, -1))
    columns = [flat[:, best_column_alone(flat, output)[0]] for output in y.T]
    target = y - y.mean(axis=0)
    residuals, traces = [], []
    for share in shares:
        gram = flat.T @ flat + share * n_rows * np.eye(p)
        smoother = flat @ np.linalg.solve(gram, flat.T)
        hats = [
            np.outer(c, c) / n_rows
            + smoother @ (np.eye(n_rows) - np.outer(c, c) / n_rows)
            + 1 / n_rows
            for c in columns
        ]
        residuals.append(
            [np.square(o - hat @ o).sum() for o, hat in zip(target.T, hats, strict=True)]
        )
        traces.append(np.mean([np.trace(hat) for hat in hats]))
    return np.array(residuals) / (n_rows - np.array(traces)[:, np.newaxis]) ** 2


@pytest.mark.parametrize("n_rows", [80, 14, 13, 9])
def test_penalties_have_the_lowest_scores_and_scores_decide_the_shares(n_rows, panel):
    X, y = panel[0][:n_rows], panel[1][:n_rows]
    tried = PENALTIES[PENALTIES > 1e-6]  # below, the hat matrix is rounding
    model = LinearBaseline().fit(X, y)
    found = model.alphas_ / n_rows
    lowest = []
    for number, (Z, target) in enumerate([(X, y), changes(X, y)[:2]]):
        scores = scores_by_hand(Z, target, tried)
        best = np.argmin((scores / target.var(axis=0)).sum(axis=1))
        if best < len(tried) - 1:
            assert found[number] == pytest.approx(tried[best], rel=1e-9)
        else:
            assert found[number] <= 2e-6
        lowest.append(scores[best])
    if (found > 1e-6).all():
        likelihood = np.array(lowest) ** (-n_rows / 2 / 2)  # two outputs
        np.testing.assert_allclose(model.weights_, likelihood / likelihood.sum(axis=0), rtol=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_values_of_noise_are_regressed_and_changes_of_a_walk_as_well(seed):
    noise = np.random.default_rng(seed).normal(size=400)
    assert LinearBaseline().fit(*sliding_windows(noise, lookback=6)).weights_[0] > 0.99
    of_walk = LinearBaseline().fit(*sliding_windows(noise.cumsum(), lookback=6))
    assert of_walk.weights_[1] > 0.1


def test_in_other_units_the_values_are_regressed():
    X, y = sliding_windows(np.random.default_rng(0).normal(size=400).cumsum(), lookback=6)
    model = LinearBaseline().fit(X, 1000 * y)
    np.testing.assert_allclose(model.weights_[:, 0], [1, 0], atol=1e-6)


def test_changes_are_counted_from_the_feature_that_is_nearest():
    rng = np.random.default_rng(0)
    series = rng.normal(size=(300, 3)).cumsum(axis=0) * [1, 5, 1] + [0, 0, 1000]
    X, y = sliding_windows(series, lookback=4, target=2)
    model = LinearBaseline().fit(X, y)
    assert model.weights_[1] > 0.3
    X, y = X[:, :, [2]], y
    alone = LinearBaseline().fit(X, y)
    np.testing.assert_allclose(model.coef_[:, 2], alone.coef_[:, 0], atol=0.1)


def test_with_noise_alone_around_it_the_best_column_is_what_is_left():
    rng = np.random.default_rng(0)
    series = np.cumsum(rng.normal(size=300))
    X, y = sliding_windows(series, lookback=20)
    coef = LinearBaseline().fit(X, y).coef_[:, 0, 0]
    assert coef[-1] > 0.9  # the last value of a random walk, and hardly anything else
    assert np.abs(coef[:-1]).max() < 0.1


@given(
    lengths=st.lists(st.integers(0, 4), min_size=1, max_size=6),
    n_whole=st.integers(12, 20),
    seed=st.integers(0, 100),
)
def test_a_short_window_has_the_regression_on_the_steps_that_it_has(lengths, n_whole, seed):
    rng = np.random.default_rng(seed)
    n_real = rng.permutation([*lengths, *[5] * n_whole])
    X = rng.normal(size=(len(n_real), 5, 1)) + 10
    y = X[:, -1, 0] + rng.normal(size=len(X))
    for row, length in enumerate(n_real):
        X[row, : 5 - length] = NAN
    model = LinearBaseline().fit(X, y)
    predicted = model.predict(X)
    for length in set(n_real):
        rows, used = n_real == length, n_real >= length
        if length == 0:
            np.testing.assert_allclose(predicted[rows], y.mean())
            continue
        alphas = model.alphas_ / n_whole * used.sum()
        regression = both_ridges(X[used, 5 - length :], y[used], alphas, model.weights_)
        expected = regression(X[rows, 5 - length :])
        np.testing.assert_allclose(predicted[rows], expected[:, 0], rtol=1e-8)
        short = model.predict(X[rows, 5 - max(length, 1) :])
        np.testing.assert_allclose(predicted[rows], short, rtol=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
def test_whole_windows_are_predicted_as_if_there_were_no_others(weighted, panel):
    X, y, weight = panel
    weight = np.where(np.arange(80) < 10, 100 * weight, weight) if weighted else np.ones(80)
    alone = LinearBaseline().fit(X[10:], y[10:], sample_weight=weight[10:])
    X = X.copy()
    X[:10, :3] = NAN
    together = LinearBaseline().fit(X, y, sample_weight=weight)
    np.testing.assert_allclose(together.coef_, alone.coef_, rtol=1e-8)
    np.testing.assert_allclose(together.predict(X[10:]), alone.predict(X[10:]), rtol=1e-10)


def test_the_longest_windows_are_those_that_two_rows_have_for_each_coefficient():
    series = np.random.default_rng(0).normal(size=100)
    X = np.full((99, 60, 1), NAN)
    for row in range(99):
        known = series[max(0, row - 59) : row + 1]
        X[row, 60 - len(known) :, 0] = known
    model = LinearBaseline().fit(X, series[1:])
    assert model.coef_.shape == (33, 1, 1)  # 99 - 33 + 1 rows have so many
    np.testing.assert_array_equal(model.predict(X), model.predict(X[:, -33:]))


def test_a_longer_window_is_read_from_its_end(panel):
    X, y, _ = panel
    model = LinearBaseline().fit(X[:, 2:], y)
    np.testing.assert_array_equal(model.predict(X), model.predict(X[:, 2:]))


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_units_make_no_difference(unit, panel):
    X, y, _ = panel
    expected = LinearBaseline().fit(X, y).predict(X)
    other = LinearBaseline().fit(X * unit, y * unit)
    np.testing.assert_allclose(other.predict(X * unit), expected * unit, rtol=1e-6)


def test_only_the_ratio_of_weights_counts_and_weight_zero_leaves_out(panel):
    X, y, weight = panel
    weight = np.where(np.arange(80) % 3, weight, 0)
    kept = weight > 0
    expected = LinearBaseline().fit(X[kept], y[kept], sample_weight=weight[kept])
    for scale in (1.0, 1e6):
        model = LinearBaseline().fit(X, y, sample_weight=scale * weight)
        np.testing.assert_allclose(model.predict(X), expected.predict(X), rtol=1e-9)
        np.testing.assert_allclose(model.alphas_, expected.alphas_)
        np.testing.assert_allclose(model.weights_, expected.weights_)


@pytest.mark.parametrize("offset", [1e8, 1e10, 1e12])
def test_far_from_the_origin_no_digit_is_lost_that_the_data_have(offset):
    walk = np.round(np.random.default_rng(0).normal(size=400).cumsum(), 3)
    X, y = sliding_windows(walk, lookback=5)
    expected = LinearBaseline().fit(X, y)
    far = LinearBaseline().fit(X + offset, y + offset)
    np.testing.assert_allclose(far.weights_, expected.weights_, rtol=1e-2)
    predicted = far.predict(X + offset) - offset
    np.testing.assert_allclose(predicted, expected.predict(X), atol=1e-11 * offset + 1e-3)


@pytest.mark.parametrize("height", [1e6, 1e9])
def test_changes_of_a_panel_are_regressed_however_high_its_series_lie(height):
    rng = np.random.default_rng(0)
    parts = []
    for start in rng.uniform(0, height, size=20):
        change = rng.normal(size=40)
        change[1:] += change[:-1]  # a moving average, which the last changes tell
        parts.append(sliding_windows(change.cumsum() + start, lookback=5))
    X, y = map(np.concatenate, zip(*parts, strict=True))
    changes, target = (X[:, :-1] - X[:, -1:])[..., 0], y - X[:, -1, 0]
    expected = LinearRegression().fit(changes, target).predict(changes) - target
    left = LinearBaseline().fit(X, y).predict(X) - y
    assert np.sqrt(np.mean(left**2)) < 1.02 * np.sqrt(np.mean(expected**2))


def test_a_line_is_found_exactly_far_from_the_origin():
    X, y = sliding_windows(np.cumsum(np.random.default_rng(0).normal(size=300)) + 1e5, lookback=5)
    y = 2 * X[:, 1, 0] - X[:, 4, 0] + 7
    np.testing.assert_allclose(LinearBaseline().fit(X, y).predict(X), y, rtol=1e-9)


def test_single_precision_input_loses_nothing_in_between(panel):
    X, y, _ = panel
    double = LinearBaseline().fit(X, y).predict(X)
    single = LinearBaseline().fit(X.astype(np.float32), y).predict(X.astype(np.float32))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, double, rtol=1e-5)


def test_constant_columns_and_targets_do_no_harm(panel):
    X, y, _ = panel
    X, y = X.copy(), y.copy()
    X[:, :, 1] = 1e8 / 3
    y[:, 1] = 0.1
    model = LinearBaseline().fit(X, y)
    np.testing.assert_array_equal(model.coef_[:, 1], 0)
    np.testing.assert_allclose(model.predict(X)[:, 1], 0.1, rtol=1e-12)
    alone = LinearBaseline().fit(X[:, :, :1], y).predict(X[:, :, :1])
    np.testing.assert_allclose(model.predict(X), alone, rtol=1e-6)


@pytest.mark.parametrize("n_rows", [1, 2, 5])
def test_fewer_rows_than_coefficients(n_rows, panel):
    X, y, _ = panel
    model = LinearBaseline().fit(X[:n_rows], y[:n_rows])
    assert model.coef_.shape == (6, 2, 2)
    assert np.isfinite(model.predict(X)).all()
    assert np.abs(model.predict(X[:n_rows]) - y[:n_rows]).max() <= np.ptp(y[:n_rows]) + 1e-9


def test_rows_of_padding_alone_are_predicted_by_the_mean():
    X, y = np.full((4, 3, 1), NAN), np.arange(4.0)
    np.testing.assert_allclose(LinearBaseline().fit(X, y).predict(X), 1.5)


def test_targets_may_have_steps_and_outputs(panel):
    X, y, _ = panel
    cube = np.stack((y, y + 2, y - 1), axis=1)
    model = LinearBaseline().fit(X, cube)
    flat = LinearBaseline().fit(X, cube.reshape(80, 6)).predict(X)
    assert model.predict(X).shape == (80, 3, 2)
    np.testing.assert_array_equal(model.predict(X), flat.reshape(80, 3, 2))
    np.testing.assert_allclose(model.predict(X)[:, 1], model.predict(X)[:, 0] + 2)
    assert model.score(X, cube) > 0.5


def test_with_many_rows_the_penalty_hardly_matters():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(5000, 4, 1))
    y = X[:, :, 0] @ [1, 2, 3, 4] + rng.normal(size=5000)
    expected = LinearRegression().fit(X[:, :, 0], y)
    model = LinearBaseline().fit(X, y)
    np.testing.assert_allclose(model.coef_[:, 0, 0], expected.coef_, atol=1e-3)


def test_the_number_of_threads_makes_no_difference():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3000, 25, 1)).cumsum(axis=1)
    y = X[:, -1, 0] + rng.normal(size=3000)
    predicted = []
    for n_threads in (1, 2):
        with threadpool_limits(n_threads, user_api="blas"):
            predicted.append(LinearBaseline().fit(X, y).predict(X))
    np.testing.assert_array_equal(*predicted)
