"""A series as a table: its rows, its runs, its features and its targets."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ._labels.label_columns import LabelColumns, to_pandas
from ._labels.row_labels import RowLabels
from ._labels.runs import Runs, find_runs
from ._labels.time_step import find_step
from .labelled_rows import check_numbers

Arrays = NDArray[Any]
Target: TypeAlias = str | int | list[Any] | None


def read_series(series: Any, columns: LabelColumns, *, freq: Any) -> tuple[Any, RowLabels, Runs]:
    """Return a series as a DataFrame or 2-D array, its labels and its runs without a gap.

    Parameters
    ----------
    series : DataFrame, Series or array-like of shape (n,) or (n, n_columns)
        One or several series.
    columns : LabelColumns
        Where the names of the series and the time stand.
    freq : str, pandas offset, int or None
        As in `make_supervised`.

    Raises
    ------
    ValueError
        If there are no rows, it is a table of another library than pandas, two columns have
        one name, or the time labels do not say which row continues which.
    """
    if isinstance(series, pd.Series):
        series = series.to_frame("value" if series.name is None else series.name)
    if not isinstance(series, pd.DataFrame) and hasattr(series, "columns"):
        raise ValueError(
            f"series is a {type(series).__name__} of {type(series).__module__.partition('.')[0]}. "
            f"Pass a DataFrame of pandas{to_pandas(series)}."
        )
    if not isinstance(series, pd.DataFrame):
        columns.read_time(series)  # for its errors
        series = check_numbers(series, ensure_2d=False, input_name="series")
        series = series[:, np.newaxis] if series.ndim == 1 else series
    elif not series.columns.is_unique:
        twice = list(series.columns[series.columns.duplicated()])
        raise ValueError(f"Column names must be unique, but {twice} stand(s) there twice.")
    if not len(series):
        raise ValueError("The series is empty: 0 rows.")
    labels = columns.read(series, n_rows=len(series))
    return series, labels, find_runs(labels, find_step(labels, freq=freq))


def read_target(rows: Any, target: Target, columns: LabelColumns) -> tuple[Any, Arrays]:
    """Return the target's column, or list of columns, and its values: 1-D, 2-D for a list."""
    if isinstance(target, pd.Series | pd.DataFrame):
        raise ValueError(
            f"target is the name of a column, or a list of names, but is a {type(target).__name__}"
            " of values. Make it a column of the series."
        )
    if isinstance(target, pd.Index | np.ndarray):
        target = target.tolist()
    if isinstance(target, list) and not target:
        raise ValueError("target is an empty list: name at least one column.")
    if isinstance(target, list) and (twice := [name for name in target if target.count(name) > 1]):
        raise ValueError(f"target names {twice[0]!r} {len(twice)} times. Name each column once.")
    if isinstance(rows, pd.DataFrame):
        features = list(columns.features(rows).columns)
        if not features:
            raise ValueError(
                f"The series has no column to predict: {list(rows.columns)} are labels of the rows."
            )
        name = _target_names(target, features)
        return name, rows[name].to_numpy()
    position = _target_positions(target, rows.shape[1])
    return position, rows[:, position]


def with_labels(y: Arrays, index: pd.Index | None, name: Any, horizon: int) -> Any:
    """Return targets as a Series or DataFrame; without labels, or if 3-D, as they are.

    `name` is the target's column, or a list of columns.
    """
    if index is None or y.ndim == 3:
        return y
    if y.ndim == 1:
        return pd.Series(y, index=index, name=name)
    steps = name if isinstance(name, list) else [f"{name}_t+{h}" for h in range(1, horizon + 1)]
    return pd.DataFrame(y, index=index, columns=steps)


def _target_names(target: Target, features: list[Any]) -> Any:
    """Return the name, or the list of names, of the target of a DataFrame."""
    if target is None and len(features) == 1:
        return features[0]
    if not isinstance(target, list):
        if target is None or isinstance(target, bool) or target not in features:
            several = " Pass a list to predict several." if isinstance(target, tuple) else ""
            raise ValueError(
                f"target must be one of the columns {features}, but is {target!r}.{several}"
            )
    elif missing := [name for name in target if name not in features]:
        raise ValueError(f"target {missing} is not among the columns {features}.")
    return target


def _target_positions(target: Target, n_columns: int) -> Any:
    """Return the position, or the list of positions, of the target of an array."""
    if target is None and n_columns > 1:
        raise ValueError(f"target must name one of the {n_columns} columns, by its position.")
    wanted = 0 if target is None else target
    for position in wanted if isinstance(wanted, list) else [wanted]:
        is_number = isinstance(position, int | np.integer) and not isinstance(position, bool)
        if not is_number or position not in range(n_columns):
            raise ValueError(
                f"target={position!r} is not a column of the array: pass a position from 0 "
                f"to {n_columns - 1}."
            )
    return wanted
