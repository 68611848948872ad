"""The models of the study: functions of a task and a seed that return its test forecasts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .protocol import Task

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


def line(task: Task, seed: int) -> np.ndarray:
    """Return the forecast of what baseline="linear" fits, without a network."""
    from skrnn._models.linear_baseline import LinearBaseline

    fitted = LinearBaseline().fit(task.X_train, task.y_train)
    return fitted.predict(task.X_test).reshape(task.y_test.shape)


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


def gru(**parameters: Any) -> Model:
    """Return skrnn's GRU with some parameters, all others by default."""

    def forecast(task: Task, seed: int) -> np.ndarray:
        from skrnn import GRURegressor

        model = GRURegressor(**parameters, random_state=seed)
        X, y = (a.astype(np.float32) for a in (task.X_train, task.y_train))
        model.fit(X, y)
        return model.predict(task.X_test.astype(np.float32))

    return forecast
