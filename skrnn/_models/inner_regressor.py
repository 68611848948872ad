"""Windows and targets in the form that the regressor inside a meta-estimator takes.

A regressor whose tag `three_d_array` is True, or a pipeline whose first step has it, gets 3-D
windows, and targets in the shape of y. Any other regressor gets one column for each step and
feature, and one for each output.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier, is_regressor
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection._search import BaseSearchCV
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

from skrnn._validation.finite import all_finite
from skrnn._validation.numbers import check_numbers

Arrays = NDArray[Any]


def check_inner_regressor(regressor: Any, *, owner: str) -> None:
    """Raise if a meta-estimator cannot use a regressor.

    Raises
    ------
    ValueError
        If it is a classifier, has no `predict`, or predicts one value at each step of the window.
    """
    if is_classifier(regressor):
        raise ValueError(f"{owner} needs a regressor, but {regressor!r} is a classifier.")
    # Some have predict only after fit, such as a StackingRegressor.
    if not (hasattr(regressor, "predict") or is_regressor(regressor)):
        raise ValueError(f"{owner} needs a regressor, but {regressor!r} has no method predict.")
    if any(
        name.endswith("architecture") and value == "many-to-many"
        for name, value in parameters_of(regressor).items()
    ):
        raise ValueError(
            f"{owner} predicts the values that follow a window, but "
            "architecture='many-to-many' predicts one value at each step inside the window. Use "
            "'many-to-one' or 'encoder-decoder'."
        )


def parameters_of(regressor: Any) -> dict[str, Any]:
    """Return the parameters of a regressor and of all estimators inside."""
    return regressor.get_params() if hasattr(regressor, "get_params") else {}


def takes_windows(regressor: Any) -> bool:
    """Tell whether a regressor, or the first step of a pipeline, has the tag `three_d_array`.

    Pipelines, searches and `TransformedTargetRegressor` do not take it over from what is inside.
    """
    if isinstance(regressor, Pipeline):
        steps = (step for _, step in regressor.steps if step not in (None, "passthrough"))
        return takes_windows(next(steps, None))
    if isinstance(regressor, TransformedTargetRegressor):
        return takes_windows(regressor.regressor)
    if isinstance(regressor, BaseSearchCV):
        return takes_windows(regressor.estimator)
    return regressor is not None and bool(get_tags(regressor).input_tags.three_d_array)


def inner_windows(regressor: Any, X: Arrays, lengths: NDArray[np.intp]) -> Arrays:
    """Return windows of shape (N, T, F) in the form that a regressor takes.

    Flat windows are padded with their first real step, or zeros if there is none, unless
    the regressor allows NaN.
    """
    if takes_windows(regressor):
        return X
    n_timesteps = X.shape[1]
    if not get_tags(regressor).input_tags.allow_nan and (lengths < n_timesteps).any():
        first = np.minimum(n_timesteps - lengths, n_timesteps - 1)
        step = np.maximum(np.arange(n_timesteps), first[:, np.newaxis])
        X = np.take_along_axis(X, step[:, :, np.newaxis], axis=1)
        X[lengths == 0] = 0
    return X.reshape(len(X), -1)


def inner_targets(regressor: Any, y: Arrays, y_shape: tuple[int, ...]) -> Arrays:
    """Return targets of shape (N, K) in the form that a regressor takes."""
    if takes_windows(regressor):
        return y.reshape(len(y), *y_shape)
    return y[:, 0] if y.shape[1] == 1 else y


def fit_inner(
    regressor: Any,
    X: Arrays,
    lengths: NDArray[np.intp],
    y: Arrays,
    y_shape: tuple[int, ...],
    metadata: dict[str, Any],
) -> Any:
    """Fit a regressor in place and return it. Errors get a note with the shapes of X and y."""
    windows = inner_windows(regressor, X, lengths)
    targets = inner_targets(regressor, y, y_shape)
    try:
        regressor.fit(windows, targets, **metadata)
    except Exception as error:
        error.add_note(
            f"The regressor {regressor!r} was fitted to X of shape {windows.shape} and y of shape "
            f"{targets.shape}. If y has several columns, a regressor for one output needs "
            "sklearn.multioutput.MultiOutputRegressor around it."
        )
        raise
    return regressor


def predict_inner(
    regressor: Any,
    X: Arrays,
    lengths: NDArray[np.intp],
    n_outputs: int,
    method: str = "predict",
    **arguments: Any,
) -> Arrays:
    """Return the predictions of a regressor, of shape (N, K).

    The method "predict_quantiles" with its arguments gives quantiles, of shape (Q, N, K).

    Raises
    ------
    ValueError
        If they have another size, or are no finite numbers.
    """
    windows = inner_windows(regressor, X, lengths)
    try:
        given = getattr(regressor, method)(windows, **arguments)
    except Exception as error:
        if windows.ndim == 2:
            error.add_note(
                f"The regressor {regressor!r} gets one column for each step and feature: "
                f"{windows.shape[1]} for the windows of {X.shape[1]} steps that were passed to "
                "predict. It needs windows of as many steps as in fit."
            )
        raise
    predicted = check_numbers(
        given,
        name="The prediction",
        owner=f"the regressor {type(regressor).__name__}",  # its repr would take milliseconds
        ensure_2d=False,
        allow_nd=True,
        ensure_min_samples=0,
    )
    quantiles = () if method == "predict" else predicted.shape[-1:]
    if predicted.size != np.prod((len(X), n_outputs, *quantiles)):
        raise ValueError(
            f"The regressor {regressor!r} predicts an array of shape {predicted.shape} for "
            f"{len(X)} windows, but y has {n_outputs} number(s) for each."
        )
    if not all_finite(predicted):
        raise ValueError(
            f"The regressor {regressor!r} predicts NaN or infinity. Choose another one, or scale "
            "its input."
        )
    predicted = predicted.reshape(len(X), n_outputs, *quantiles)
    return np.moveaxis(predicted, 2, 0) if quantiles else predicted
