"""Comparison of the labels of X and y, whose rows belong together by their order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .label_columns import LabelColumns, Place
from .row_labels import show
from .runs import find_runs
from .time_step import find_step


def check_target_labels(columns: LabelColumns, X: Any, y: Any, *, in_order: bool = True) -> None:
    """Raise if the labels of `y` show that its rows are not those of `X`.

    Labels of other rows, such as row numbers in `y` beside dates in `X`, show nothing.
    Nor do those of later rows: the time of the target instead of the row's own.

    Parameters
    ----------
    columns : LabelColumns
        Where the names of the series and the time stand in `X`.
    X : array-like of shape (n_samples, ...)
        Rows.
    y : array-like of shape (n_samples, ...) or None
        Targets. Without an index there is nothing to compare.
    in_order : bool, default=True
        Whether each row of an `X` without an index is taken to continue the row before.

    Raises
    ------
    ValueError
        If `y` has the labels of `X` in another order, or names another series for a row;
        if `X` has no index, and that of `y` shows several series, or with `in_order` a
        gap or rows out of order.
    """
    if not isinstance(y, pd.Series | pd.DataFrame):
        return
    if not isinstance(getattr(X, "index", None), pd.Index):
        _check_lost_index(y, in_order=in_order)
    elif len(X) == len(y) and not X.index.equals(y.index):
        conflict = is_reordered(X.index, y.index)
        ids = [place for place in columns.places(X)[0] if not place.is_column]
        if ids and X.index.nlevels == y.index.nlevels:
            conflict = conflict | np.any(
                [_differ(X.index, y.index, place) for place in ids], axis=0
            )
        if conflict.any():
            row = int(conflict.argmax())
            raise ValueError(
                f"The labels of X and y disagree: row {row} is {show(X.index[row])} in X, and "
                f"{show(y.index[row])} in y. Rows of X and y belong together by their order. Bring "
                "y into the order of X, e.g. y.loc[X.index], or pass y.to_numpy() if its rows are "
                "in the right order."
            )


def is_reordered(of_x: pd.Index, of_y: pd.Index) -> NDArray[np.bool_]:
    """Return where labels that both indexes hold stand in another order."""
    codes, _ = pd.factorize(of_x.append(of_y))
    code_x, code_y = np.split(codes, 2)
    differs = code_x != code_y
    if np.array_equal(np.sort(code_x), np.sort(code_y)):
        return differs
    place = np.full(codes.max(initial=0) + 2, -1)
    place[code_x] = np.arange(len(code_x))
    found = place[code_y]
    goes_back = np.diff(found[found >= 0]) < 0
    return differs & bool(of_x.is_unique and goes_back.any())


def _differ(of_x: pd.Index, of_y: pd.Index, place: Place) -> NDArray[np.bool_]:
    pair = (index.get_level_values(place.key).astype(object) for index in (of_x, of_y))
    return np.not_equal(*(np.asarray(labels) for labels in pair))


def _check_lost_index(y: pd.Series | pd.DataFrame, *, in_order: bool) -> None:
    """Raise if the index of `y` shows that rows without an index are not one series in order."""
    labels = LabelColumns().read(y, n_rows=len(y))
    n_series = len(set(labels.series_codes()))
    found = f"{n_series} series" if n_series > 1 else None
    if found is None and in_order:
        try:
            step = find_step(labels)
        except ValueError:
            return  # names of rows, or dates of an unknown frequency: they tell nothing
        runs = find_runs(labels, step)
        if not runs.is_single:
            found = f"a gap before {labels.describe(int(runs.stop[0]))}"
    if found is not None:
        raise ValueError(
            f"X has no index, so that its rows are one series without gaps, but the index of y "
            f"shows {found}. An earlier step has lost the index of X: keep it with "
            'set_output(transform="pandas"). If all rows are one series without gaps, pass '
            "y.to_numpy()."
        )
