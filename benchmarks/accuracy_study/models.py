"""The models of the study: functions of a task and a seed that return its test forecasts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .protocol import Task

# Time steps of the windows of models that need no training, and of the blend.
LONG_LOOKBACK = 96

Model = Callable[[Task, int], np.ndarray]


def naive(strategy: str) -> Model:
    """Return skrnn's naive forecast."""

    def forecast(task: Task, seed: int) -> np.ndarray:
        from skrnn import NaiveRegressor

        model = NaiveRegressor(strategy, task.season)
        return model.fit(task.X_train[..., :1], task.y_train).predict(task.X_test[..., :1])

    return forecast


def ridge(task: Task, seed: int) -> np.ndarray:
    """Fit ridge regression to lags, the penalty of each step by generalised cross-validation."""
    from sklearn.linear_model import RidgeCV

    model = RidgeCV(np.logspace(-4, 4, 41), alpha_per_target=True)
    return flat(task, model)


def boosting(task: Task, seed: int) -> np.ndarray:
    """Fit gradient-boosted trees to lags, an ensemble for each step ahead."""
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.multioutput import MultiOutputRegressor

    return flat(task, MultiOutputRegressor(HistGradientBoostingRegressor(random_state=seed)))


def flat(task: Task, model: Any) -> np.ndarray:
    """Fit and forecast with a regressor that takes 2-D input."""
    X_train, X_test = (X.reshape(len(X), -1) for X in (task.X_train, task.X_test))
    return model.fit(X_train, task.y_train).predict(X_test).reshape(task.y_test.shape)


def exponential_smoothing(task: Task, seed: int) -> np.ndarray:
    """Forecast with statsforecast's AutoETS: chosen on the training part, then run on."""
    from statsforecast.models import AutoETS

    predicted = np.empty_like(task.y_test)
    for number, values in enumerate(task.series):
        target = np.ascontiguousarray(values[:, 0])
        model = AutoETS(season_length=task.season).fit(target[: task.n_train])
        for row in np.flatnonzero(task.origin[:, 0] == number):
            known = target[: task.origin[row, 1]]
            predicted[row] = model.forward(y=known, h=task.horizon)["mean"]
    return predicted


def tutorial(task: Task, seed: int) -> np.ndarray:
    """Train a network as tutorials do: an LSTM of 50 units, values between 0 and 1.

    Adam with Keras' rate of 0.001, batches of 32, 100 epochs.
    """
    from skrnn import LSTMRegressor

    known = [values[: task.n_train] for values in task.series]
    low = np.min([values.min(axis=0) for values in known], axis=0)
    size = np.max([values.max(axis=0) for values in known], axis=0) - low
    size[size == 0] = 1
    model = LSTMRegressor(50, learning_rate=1e-3, max_epochs=100, random_state=seed)
    model.fit((task.X_train - low) / size, (task.y_train - low[0]) / size[0])
    predicted = model.predict((task.X_test - low) / size)
    return predicted.reshape(task.y_test.shape) * size[0] + low[0]


def skrnn_model(expression: str) -> Model:
    """Return an estimator of windows by the expression that makes it, of skrnn's public names.

    Networks compute in single precision. Each `random_state` is the seed.
    """

    def forecast(task: Task, seed: int) -> np.ndarray:
        model = make_estimator(expression)
        seeds = [name for name in model.get_params() if name.endswith("random_state")]
        model.set_params(**dict.fromkeys(seeds, seed))
        dtype = np.float32 if seeds else np.float64
        X, y, X_test = (a.astype(dtype) for a in (task.X_train, task.y_train, task.X_test))
        return model.fit(X, y).predict(X_test)

    return forecast


def long_windows_model(expression: str) -> Model:
    """Return the same, for windows of up to 96 steps with NaN in front of the first step.

    The rows are those of the other models. `season` stands for the season length. Windows are in
    single precision.
    """

    def forecast(task: Task, seed: int) -> np.ndarray:
        from skrnn import pad_sequences

        shortest = task.X_train.shape[1]
        last = task.n_train - task.horizon
        rows = [(e, s) for e in range(shortest, last + 1) for s in range(len(task.series))]
        X, X_test = (
            pad_sequences(
                [task.series[s][:e] for e, s in ends], max_length=LONG_LOOKBACK, dtype=np.float32
            )
            for ends in (rows, task.origin[:, ::-1])
        )
        model = make_estimator(expression, season=task.season, seed=seed)
        return model.fit(X, task.y_train.astype(np.float32)).predict(X_test)

    return forecast


def make_estimator(expression: str, **names: Any) -> Any:
    """Return the estimator that an expression of skrnn's public names, and others, makes."""
    import skrnn
    from skrnn.recommended import make_blend

    public = {name: getattr(skrnn, name) for name in skrnn.__all__}
    return eval(expression, public | {"make_blend": make_blend} | names)
