"""A series as a table: its rows, its runs, its features and its targets."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils import check_array

from ._labels.label_columns import LabelColumns
from ._labels.runs import Runs, find_runs
from ._labels.time_step import find_step

Arrays = NDArray[Any]
Target: TypeAlias = str | int | list[Any] | None


def read_series(series: Any, columns: LabelColumns, *, freq: Any) -> tuple[Any, Runs]:
    """Return a series as a DataFrame or 2-D array, and its runs of rows without a gap.

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
        If there are no rows, two columns have one name, or the time labels do not say
        which row continues which.
    """
    if isinstance(series, pd.Series):
        series = series.to_frame("value" if series.name is None else series.name)
    if not isinstance(series, pd.DataFrame):
        series = check_array(
            series,
            dtype=[np.float64, np.float32],
            ensure_2d=False,
            ensure_all_finite="allow-nan",
            input_name="series",
        )
        if series.ndim == 1:
            series = series[:, np.newaxis]
    if not len(series):
        raise ValueError("The series is empty: 0 rows.")
    if isinstance(series, pd.DataFrame) and not series.columns.is_unique:
        twice = list(series.columns[series.columns.duplicated()])
        raise ValueError(f"Column names must be unique, but {twice} stand(s) there twice.")
    labels = columns.read(series, n_rows=len(series))
    return series, find_runs(labels, find_step(labels, freq=freq))


def feature_values(rows: Any, columns: LabelColumns) -> Arrays:
    """Return the features as an array; the columns of series and time are none."""
    return check_array(
        columns.features(rows),
        dtype=[np.float64, np.float32],
        ensure_all_finite="allow-nan",
        input_name="series",
    )


def target_values(rows: Any, target: Target, columns: LabelColumns) -> Arrays:
    """Return the target column(s): 1-D for one, 2-D for a list."""
    if isinstance(target, list) and not target:
        raise ValueError("target is an empty list: name at least one column.")
    if not isinstance(rows, pd.DataFrame):
        return rows[:, _target_position(target, rows.shape[1])]
    if not isinstance(target, list):
        return rows[target_name(rows, target, columns)].to_numpy()
    features = _feature_names(rows, columns)
    missing = [name for name in target if name not in features]
    if missing:
        raise ValueError(f"target {missing} is not among the columns {features}.")
    return rows[target].to_numpy()


def target_name(rows: pd.DataFrame, target: Target, columns: LabelColumns) -> Any:
    """Return the name of the column of a single target."""
    features = _feature_names(rows, columns)
    if target is None and len(features) == 1:
        return features[0]
    if target is None or (not isinstance(target, list) and target not in features):
        raise ValueError(f"target must be one of the columns {features}, but is {target!r}.")
    return target


def _feature_names(rows: pd.DataFrame, columns: LabelColumns) -> list[Any]:
    """Return the columns that may be features and targets."""
    return list(rows.columns.drop(columns.columns(rows)))


def _target_position(target: Target, n_columns: int) -> Any:
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
