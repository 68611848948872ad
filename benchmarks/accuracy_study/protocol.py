"""The protocol of the accuracy study: what is trained on, what is forecast, how errors count.

- The last fifth of the time steps is the test part. Nothing is fitted, scaled or chosen
  on it.
- Each feature of each series is standardised with its mean and standard deviation in
  the training part.
- A forecast is made from a window of the series, one step ahead and for a whole horizon
  at once. Test targets lie in the test part; their windows may begin before it.
- A panel's windows are pooled, oldest first: one model for all its series.
- MASE (Hyndman and Koehler 2006, doi:10.1016/j.ijforecast.2006.03.001): the mean absolute
  error, over that of the seasonal naive forecast one season ahead in the training part,
  for each series; then the mean over series. RMSE is in standard deviations of the training
  part.
- ``inner``: the same with the training part as if it were everything. Choices are made
  there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .series import Dataset

TEST_SHARE = 0.2


@dataclass(frozen=True)
class Task:
    """Windows and targets of a data set, standardised.

    Parameters
    ----------
    dataset : Dataset
        What it was made from.
    horizon : int
    series : list of ndarray of shape (n_steps, n_features)
        Standardised, training part and test part.
    n_train : int
        Steps of the training part.
    X_train, X_test : ndarray of shape (n_samples, lookback, n_features)
    y_train, y_test : ndarray of shape (n_samples, horizon)
    origin : ndarray of shape (n_test, 2)
        Series, and number of steps known, of each test row.
    unit : ndarray of shape (n_series,)
        Error of the naive forecast in the training part.
    """

    dataset: Dataset
    horizon: int
    series: list[np.ndarray]
    n_train: int
    X_train: np.ndarray
    y_train: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    origin: np.ndarray
    unit: np.ndarray

    @property
    def season(self) -> int:
        return self.dataset.season

    def errors(self, predicted: np.ndarray) -> dict[str, float]:
        """Return MASE and RMSE of predictions for the test rows."""
        error = predicted - self.y_test
        scaled = np.abs(error).mean(axis=1) / self.unit[self.origin[:, 0]]
        return {"MASE": float(scaled.mean()), "RMSE": float(np.sqrt(np.square(error).mean()))}


def make_task(dataset: Dataset, horizon: int, *, inner: bool = False) -> Task:
    """Cut a data set into training and test rows."""
    series = [values.copy() for values in dataset.values]
    if inner:
        n_outer = n_training_steps(len(series[0]))
        series = [values[:n_outer] for values in series]
    n_train = n_training_steps(len(series[0]))
    windows, targets, ends = [], [], []
    unit = np.empty(len(series))
    for number, values in enumerate(series):
        known = values[:n_train]
        spread = known.std(axis=0)
        values -= known.mean(axis=0)
        values /= np.where(spread > 0, spread, 1)
        future = values[:, 0]
        season_ago = future[: n_train - dataset.season]
        unit[number] = np.abs(future[dataset.season : n_train] - season_ago).mean()
        n_rows = len(values) - dataset.lookback - horizon + 1
        view = sliding_window_view(values, dataset.lookback, axis=0)[:n_rows]
        windows.append(view.transpose(0, 2, 1))
        targets.append(sliding_window_view(future[dataset.lookback :], horizon))
        known_steps = dataset.lookback + np.arange(n_rows)
        ends.append(np.stack([np.full(n_rows, number), known_steps], axis=1))
    X, y, origin = map(np.concatenate, (windows, targets, ends))
    oldest_first = np.argsort(origin[:, 1], kind="stable")
    X, y, origin = X[oldest_first], y[oldest_first], origin[oldest_first]
    train = origin[:, 1] + horizon <= n_train
    test = origin[:, 1] >= n_train
    return Task(
        dataset, horizon, series, n_train, X[train], y[train], X[test], y[test], origin[test], unit
    )


def n_training_steps(n_steps: int) -> int:
    """Return how many of the steps of a series are in its training part."""
    return n_steps - int(np.ceil(TEST_SHARE * n_steps))
