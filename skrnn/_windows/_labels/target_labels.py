"""Comparison of the labels of X and y, whose rows belong together by their order."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .label_columns import LabelColumns, Place
from .misread_labels import is_time
from .row_labels import show
from .runs import find_runs
from .time_step import find_step


def check_target_labels(columns: LabelColumns, X: Any, y: Any, *, in_order: bool = True) -> None:
    """Raise if the labels of `y` show that its rows are not those of `X`.

    Labels of other rows, such as row numbers in `y` beside dates in `X`, show nothing.
    Nor do those of later rows: the time of the target instead of the row's own. Those of
    earlier rows do.

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
        if `X` has no index, or only row numbers, and that of `y` shows several series, or
        with `in_order` a gap or rows out of order.

    Warns
    -----
    UserWarning
        If `y` has dates, and all are earlier than those of `X`.
    """
    if not isinstance(y, pd.Series | pd.DataFrame):
        return
    if not isinstance(getattr(X, "index", None), pd.Index):
        _check_lost_index(y, "no index", in_order=in_order)
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
        if not columns.names and is_row_numbers(X.index):
            _check_lost_index(y, "row numbers as its index", in_order=in_order)
        _warn_if_earlier(X.index, y.index)


def is_row_numbers(index: pd.Index) -> bool:
    """Return whether an index is the one that pandas makes where none is given."""
    is_range = isinstance(index, pd.RangeIndex) and index.name is None
    return is_range and index.start == 0 and index.step == 1


def _warn_if_earlier(of_x: pd.Index, of_y: pd.Index) -> None:
    """Warn if the dates of y are earlier than those of X: targets that are known already."""
    time_x, time_y = (index.get_level_values(-1) for index in (of_x, of_y))
    is_same = of_x.nlevels == of_y.nlevels and time_x.dtype == time_y.dtype and len(of_x) > 0
    if is_same and is_time(time_x) and (time_y < time_x).all():
        warnings.warn(
            f"The labels of y are earlier than those of X: row 0 is {show(of_x[0])} in X, and "
            f"{show(of_y[0])} in y, which is known by then. y holds what is to be predicted from "
            "each row of X: make both with make_supervised, or pass y.to_numpy() if this is meant.",
            UserWarning,
            stacklevel=5,
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


def _check_lost_index(y: pd.Series | pd.DataFrame, found_x: str, *, in_order: bool) -> None:
    """Raise if the index of `y` shows that rows without labels are not one series in order."""
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
            f"X has {found_x}, so that its rows are one series without gaps, but the index of y "
            f"shows {found}. An earlier step has lost the index of X: keep it with "
            'set_output(transform="pandas"). If all rows are one series without gaps, pass '
            "y.to_numpy()."
        )
