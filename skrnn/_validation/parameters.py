"""Checks of parameters that several estimators and functions have."""

from __future__ import annotations

from numbers import Integral
from typing import Any

from sklearn.utils import _param_validation


class Interval(_param_validation.Interval):
    """scikit-learn's constraint of a number, which True and False do not satisfy."""

    def is_satisfied_by(self, val: Any) -> bool:
        """Tell whether a value is a number of the interval, and no bool."""
        return not isinstance(val, bool) and bool(super().is_satisfied_by(val))


def integer_at_least(lowest: int, **parameter: Any) -> int:
    """Return a parameter, passed by its name, as an int. Raise if it is not one or too small."""
    ((name, value),) = parameter.items()
    if isinstance(value, bool) or not isinstance(value, Integral) or value < lowest:
        is_long = hasattr(value, "__len__") and not isinstance(value, str)
        found = f"of type {type(value).__name__}" if is_long else repr(value)
        raise ValueError(f"{name} must be an integer of at least {lowest}, but is {found}.")
    return int(value)


def target_features(
    target_feature: int | list[int] | None,
    y_shape: tuple[int, ...],
    n_features: int,
    *,
    owner: str,
) -> list[int]:
    """Return the feature that each output continues.

    Parameters
    ----------
    target_feature : int, list of int or None
        Position of a feature of the window; a list has one for each output, the last axis
        of `y`. None: the only feature or, if `y` has the axes (n_samples, horizon,
        n_outputs), all features in order.
    y_shape : tuple of int
        Shape of the target of a row.
    n_features : int
        Features of the window.
    owner : str
        Name of the estimator, for the messages.

    Returns
    -------
    list of int
        One feature for each output; a single one if `y` has no axis of outputs.

    Raises
    ------
    ValueError
        If a feature does not exist, or the list does not fit the axes of `y`.
    """
    given = target_feature
    if given is None and len(y_shape) < 2 and n_features > 1:
        raise ValueError(
            f"X has {n_features} features, and {owner} must know which of them y continues. Pass "
            "its position as target_feature, e.g. target_feature=0, or a list with one position "
            "for each output of y."
        )
    if given is None:
        given = list(range(n_features)) if len(y_shape) == 2 else 0
    features = given if isinstance(given, list) else [given]
    if not all(
        isinstance(f, Integral) and not isinstance(f, bool) and 0 <= f < n_features
        for f in features
    ):
        raise ValueError(
            "target_feature must be the position of a feature, or a list of positions, from 0 to "
            f"{n_features - 1} for this X, but is {target_feature!r}."
        )
    outputs = (len(features),) if isinstance(given, list) else ()
    steps = y_shape[: max(0, len(y_shape) - len(outputs))]
    if len(steps) > 1 or y_shape != steps + outputs:
        wanted = " or ".join(_show_axes(*steps, *outputs) for steps in ((), ("horizon",)))
        raise ValueError(
            f"{owner} with target_feature={target_feature!r} expects y of shape {wanted}, but "
            f"found shape {_show_axes(*y_shape)}. A list of features gives y an axis of outputs, "
            "one for each feature."
        )
    return [int(f) for f in features]


def _show_axes(*axes: int | str) -> str:
    return f"({', '.join(map(str, ('n_samples', *axes)))})"
