"""Record of what each step of a fitted model gets and returns when the model predicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sklearn.base import BaseEstimator

# The methods of a step that a prediction may call.
METHODS = ("transform", "predict_proba", "predict", "inverse_transform")


@dataclass(frozen=True)
class Call:
    """A call of a step: its name, its estimator, its method, input and output."""

    name: str
    estimator: Any
    method: Callable[[Any], Any]
    rows: Any
    output: Any


Calls = dict[tuple[str, str], Call]


class RecordedSteps:
    """The steps of a fitted model, whose calls are recorded.

    A step is an estimator that has a name among the parameters, in a pipeline, in a
    meta-estimator or in both. The methods of the fitted ones are replaced by ones that remember,
    so the model must be one's own.

    Parameters
    ----------
    model : estimator
        Fitted.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        self.method = prediction_method(model)
        self._calls: Calls = {}
        names = {"", *model.get_params()}
        for name, estimator in nested_estimators(model):
            for method in METHODS:
                if name in names and hasattr(estimator, method):
                    self._replace(name, estimator, method)

    def run(self, X: Any) -> Calls:
        """Return the calls of all steps in a prediction, each with as many rows as `X`."""
        self._calls = {}
        getattr(self.model, self.method)(X)
        calls, self._calls = self._calls, {}
        return {key: call for key, call in calls.items() if _n_rows(call.rows) == len(X)}

    def _replace(self, name: str, estimator: Any, method: str) -> None:
        """Replace a method of an estimator by one that records its call."""
        original = getattr(estimator, method)

        def recording(X: Any, *args: Any, **kwargs: Any) -> Any:
            output = original(X, *args, **kwargs)
            if _n_rows(output) == _n_rows(X) and not args and not kwargs:
                self._calls[name, method] = Call(name, estimator, original, X, output)
            return output

        vars(estimator)[method] = recording


def prediction_method(model: Any) -> str:
    """Return the name of the method by which a model predicts."""
    names = ("predict_proba", "predict", "transform")
    return next((name for name in names if hasattr(model, name)), "predict")


def nested_estimators(
    thing: Any, name: str = "", seen: set[int] | None = None
) -> Iterator[tuple[str, Any]]:
    """Yield the name and the estimator of all steps in a fitted estimator, itself first.

    Names are those of nested parameters, such as ``regressor__minmaxscaler``; the estimator
    itself has none.
    """
    seen = set() if seen is None else seen
    if isinstance(thing, BaseEstimator) and id(thing) not in seen:
        seen.add(id(thing))
        yield name, thing
        # Dictionaries first: they have names for what lists may hold without.
        parts = sorted(vars(thing).items(), key=lambda item: not isinstance(item[1], dict))
        for attribute, value in parts:
            is_box = isinstance(value, dict | list)
            inner = name if is_box else _join(name, attribute.rstrip("_"))
            yield from nested_estimators(value, inner, seen)
    elif isinstance(thing, dict):
        for key, value in thing.items():
            yield from nested_estimators(value, _join(name, str(key)), seen)
    elif isinstance(thing, list | tuple):
        for place, value in enumerate(thing):
            if isinstance(value, tuple) and len(value) > 1 and isinstance(value[0], str):
                yield from nested_estimators(value[1], _join(name, value[0]), seen)
            else:
                yield from nested_estimators(value, _join(name, str(place)), seen)


def _join(name: str, part: str) -> str:
    """Return the name of a part of a named estimator."""
    return f"{name}__{part}" if name else part


def _n_rows(values: Any) -> int:
    """Return the number of rows, -1 of what has no rows."""
    shape = getattr(values, "shape", None)
    if shape:
        return int(shape[0])
    return len(values) if isinstance(values, list) else -1
