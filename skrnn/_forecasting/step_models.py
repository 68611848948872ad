"""Any regressor as a model of several steps ahead: fitted to windows, or to lags for each step.

A regressor of windows, with the tag `three_d_array`, is fitted once, and predicts all steps. Any
other regressor is fitted once for each step and target, to the lags of the window, the known
features of that step and the static features.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils.parallel import Parallel, delayed

from skrnn._models.inner_regressor import (
    check_inner_regressor,
    fit_inner,
    inner_windows,
    parameters_of,
    predict_inner,
    takes_windows,
)
from skrnn._validation.sequences import is_real_step
from skrnn._windows.sliding_window_transformer import SlidingWindowTransformer

Arrays = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Windows:
    """What is known at the origins of forecasts.

    Parameters
    ----------
    X : ndarray of shape (n, lookback, n_columns)
        Windows, the targets first. Steps before the first row are NaN.
    lengths : ndarray of shape (n,)
        Number of real steps.
    known : ndarray of shape (n, horizon, n_known)
        Known features of the steps ahead, for regressors of lags.
    static : ndarray of shape (n, n_static)
        Features of the series.
    """

    X: Arrays
    lengths: NDArray[np.intp]
    known: Arrays
    static: Arrays

    def with_static(self) -> Arrays:
        """Return the windows with the static features as columns of every real step."""
        real = is_real_step(self.lengths, self.X.shape[1])[:, :, np.newaxis]
        static = np.where(real, self.static[:, np.newaxis], np.nan)
        return np.concatenate((self.X, static), axis=2)

    def lags(self, regressor: Any, step: int) -> Arrays:
        """Return the columns for a regressor of lags that forecasts one of the steps, from 0."""
        lags = inner_windows(regressor, self.X, self.lengths)
        return np.hstack((lags, self.known[:, step], self.static))


@dataclass(frozen=True, eq=False)
class StepModels:
    """Fitted regressors.

    Parameters
    ----------
    regressors : list of list of regressor
        A row for each step, or a single one of regressors of windows. A row has a regressor for
        each target, or a single one of windows that predicts all of them.
    horizon, n_targets : int
    """

    regressors: list[list[Any]]
    horizon: int
    n_targets: int

    @property
    def regressor(self) -> Any:
        """The regressors without lists of length one; those of lags are always a list of steps."""
        rows = [row if len(row) > 1 else row[0] for row in self.regressors]
        return rows[0] if takes_windows(self.regressors[0][0]) else rows

    def predict(self, windows: Windows, n_steps: int) -> Arrays:
        """Return forecasts of the first `n_steps` steps, of shape (n, n_steps, n_targets)."""
        first = self.regressors[0][0]
        if takes_windows(first):
            X, lengths, each = windows.with_static(), windows.lengths, self.regressors[0]
            n_outputs = self.horizon * self.n_targets // len(each)
            found = [predict_inner(part, X, lengths, n_outputs) for part in each]
            parts = [y.reshape(len(X), self.horizon, -1)[:, :n_steps] for y in found]
            return np.concatenate(parts, axis=2)
        y = np.empty((len(windows.X), n_steps, self.n_targets))
        whole = np.full(len(y), 1)
        for step in range(n_steps):
            lags = windows.lags(first, step)
            for target, regressor in enumerate(self.regressors[step]):
                y[:, step, target] = predict_inner(regressor, lags[:, np.newaxis], whole, 1)[:, 0]
        return y


def check_regressor(regressor: Any) -> None:
    """Raise if forecasts cannot be made with a regressor.

    Raises
    ------
    ValueError
        If it is a classifier, predicts inside the window, or makes windows itself.
    """
    check_inner_regressor(regressor, owner="Forecaster")
    parts = parameters_of(regressor).values()
    if any(isinstance(part, SlidingWindowTransformer) for part in parts):
        raise ValueError(
            "Forecaster makes the windows, but its regressor has a SlidingWindowTransformer "
            "inside. Leave it out. Or fit the pipeline yourself, and forecast with "
            "skrnn.forecast(pipeline, series)."
        )


def fit_models(
    regressor: Any, windows: Windows, y: Arrays, *, together: bool, n_jobs: int | None
) -> StepModels:
    """Fit clones of a regressor.

    Parameters
    ----------
    regressor : regressor
    windows : Windows
        Oldest first.
    y : ndarray of shape (n, horizon, n_targets)
        The targets of the steps that follow.
    together : bool
        Whether a regressor of windows predicts all targets, with an axis for them in y. Else a
        clone is fitted for each target.
    n_jobs : int or None
        Number of regressors of lags that are fitted at the same time.
    """
    horizon, n_targets = y.shape[1:]
    if takes_windows(regressor):
        X, steps = windows.with_static(), () if horizon == 1 else (horizon,)
        if together:
            fitted = _with_targets(regressor, list(range(n_targets)), X)
            outputs = y.reshape(len(y), -1)
            fit_inner(fitted, X, windows.lengths, outputs, (*steps, n_targets), {})
            return StepModels([[fitted]], horizon, n_targets)
        each = [_with_targets(regressor, target, X) for target in range(n_targets)]
        for target, fitted in enumerate(each):
            fit_inner(fitted, X, windows.lengths, y[:, :, target], steps, {})
        return StepModels([each], horizon, n_targets)
    jobs = (
        delayed(_fit_lags)(regressor, windows.lags(regressor, step), y[:, step, target])
        for step in range(horizon)
        for target in range(n_targets)
    )
    models = list(Parallel(n_jobs=n_jobs)(jobs))
    rows = [models[i : i + n_targets] for i in range(0, len(models), n_targets)]
    return StepModels(rows, horizon, n_targets)


def _fit_lags(regressor: Any, lags: Arrays, y: Arrays) -> Any:
    whole = np.full(len(y), 1)
    return fit_inner(clone(regressor), lags[:, np.newaxis], whole, y[:, np.newaxis], (), {})


def _with_targets(regressor: Any, targets: int | list[int], X: Arrays) -> Any:
    """Return a clone that knows which columns of its windows are the targets.

    Its parameters named `target_feature` are set where they are None.
    """
    regressor = clone(regressor)
    unset = {
        name: targets
        for name, value in parameters_of(regressor).items()
        if name.rpartition("__")[2] == "target_feature" and value is None
    }
    return regressor.set_params(**unset) if X.shape[2] > 1 else regressor
