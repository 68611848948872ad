"""Steps of a fitted model that look at later rows or later time steps, or change in predict."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._changed_rows import EXTREMES, Floats, Mask, mixed, movement, with_extremes
from ._leak_report import Leak
from ._recorded_steps import Call, Calls, RecordedSteps
from ._row_times import RowTimes


def leaks_in_prediction(
    model: Any, X: Any, rows: RowTimes, cuts: list[int], labels: list[Any]
) -> list[Leak]:
    """Return the leaks of a fitted model that show when it predicts.

    The rows of `X` that are later than a time are changed, and each step gets these rows
    beside the earlier ones as they were. What it returns for the earlier ones must not move.

    Parameters
    ----------
    model : estimator
        Fitted. Its methods are replaced.
    X : DataFrame or ndarray of shape (n_samples, ...)
        Rows.
    rows : RowTimes
        The series and the time of each row.
    cuts : list of int
        The times after which rows are changed, one after the other.
    labels : list
        Columns of `X` that are labels.
    """
    steps = RecordedSteps(model)
    before = steps.run(X)
    moved: dict[str, Leak] = {}
    for cut in cuts:
        later = rows.time > cut
        changed = [steps.run(with_extremes(X, later, extreme, labels)) for extreme in EXTREMES]
        distances = {
            key: _distance(call, [other.get(key) for other in changed], later)
            for key, call in before.items()
        }
        for name, (call, far) in _deepest(before, distances).items():
            moved.setdefault(name, _looks_ahead(_title(name, call), far, rows, cut))
    after = steps.run(X)
    distances = {
        key: movement(call.output, after[key].output)
        for key, call in before.items()
        if key in after and not movement(call.rows, after[key].rows).any()
    }
    unstable = {
        name: _unstable(_title(name, call), far, rows)
        for name, (call, far) in _deepest(before, distances).items()
    }
    found = list((moved | unstable).values())
    for call in {id(call.estimator): call for call in before.values()}.values():
        found += _later_steps(_title(call.name, call), call, rows)
    return found


def _deepest(
    calls: Calls, distances: dict[tuple[str, str], Floats]
) -> dict[str, tuple[Call, Floats]]:
    """Return the calls that move, by their names, without those of which a part moves."""
    moved = {key[0]: (calls[key], far) for key, far in distances.items() if far.any()}
    return {
        name: found
        for name, found in moved.items()
        if not any(other != name and _is_within(other, name) for other in moved)
    }


def _is_within(name: str, outer: str) -> bool:
    """Return whether a step is a part of another one, by their names."""
    return not outer or name.startswith(f"{outer}__")


def _distance(call: Call, changed: list[Call | None], later: Mask) -> Floats:
    """Return how far the outputs of the rows that are not later move; 0 for the others."""
    far = np.zeros(len(later))
    for other in changed:
        if other is not None:
            output = call.method(mixed(call.rows, other.rows, later))
            far = np.maximum(far, movement(call.output, output))
    far[later] = 0.0
    return far


def _later_steps(title: str, call: Call, rows: RowTimes) -> list[Leak]:
    """Return a leak if a network that predicts at each step of its input reads later steps."""
    parameters = call.estimator.get_params(deep=False)
    windows = np.asarray(call.rows)
    is_aligned = parameters.get("architecture") == "many-to-many" and windows.ndim > 1
    if not is_aligned or windows.shape[1] < 2:
        return []
    n_kept = windows.shape[1] // 2
    is_later = np.zeros(windows.shape, dtype=bool)
    is_later[:, n_kept:] = True
    outputs = call.method(with_extremes(windows, is_later, "highest", []))
    far = movement(np.asarray(call.output)[:, :n_kept], np.asarray(outputs)[:, :n_kept])
    if not far.any():
        return []
    return [
        Leak(
            "later time steps",
            title,
            f"The predictions at the first {n_kept} of {windows.shape[1]} time steps move when "
            "later steps of the window change.",
            rows.show(rows.time[far > 0]),
            int((far > 0).sum()),
            float(far.max()),
            "Set bidirectional=False: with one prediction for each step, the backward layer "
            "reads the steps after it, which contain its target.",
        )
    ]


def _looks_ahead(title: str, far: Floats, rows: RowTimes, cut: int) -> Leak:
    """Return the leak of a step that looks at later rows."""
    times = rows.time[far > 0]
    n_earlier = int((rows.time <= cut).sum())
    if len(times) > n_earlier / 2:
        what = "Most of these rows move: the step computes something from all rows passed to it."
        cure = (
            "Compute it in fit from the training rows, keep it, and use it in transform or "
            "predict, as StandardScaler does."
        )
    else:
        reach = cut + 1 - int(times.min())
        what = (
            "Only the last row before the change moves."
            if reach == 1
            else f"Only rows of the last {reach} times before the change move."
        )
        cure = (
            "Use earlier rows only: a window that ends with its row (rolling without "
            "center=True), a shift forward, a causal method of filling gaps (SeriesImputer with "
            'method="previous" or "seasonal").'
        )
    last = rows.show(np.array([cut]))
    return Leak(
        "later rows",
        title,
        f"The output for rows up to {last} moves when later rows change. {what}",
        rows.show(times),
        int((far > 0).sum()),
        float(far.max()),
        cure,
    )


def _unstable(title: str, far: Floats, rows: RowTimes) -> Leak:
    """Return the leak of a step that gives another output for the same rows."""
    return Leak(
        "changes while predicting",
        title,
        "Two calls with the same rows gave other outputs. Rows that were passed in between have "
        "changed the step, or it draws random numbers.",
        rows.show(rows.time[far > 0]),
        int((far > 0).sum()),
        float(far.max()),
        "Change attributes in fit only, not in transform or predict; draw no random numbers there.",
    )


def _title(name: str, call: Call) -> str:
    """Return the name of a step, as text."""
    kind = type(call.estimator).__name__
    return f"{name} ({kind})" if name else f"the model ({kind})"
