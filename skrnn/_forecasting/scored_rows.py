"""Rows of a backtest beside naive forecasts, with the units in which errors are compared."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from skrnn._windows._labels.label_columns import LabelColumns
from skrnn._windows._labels.row_labels import show
from skrnn._windows.insert_missing_rows import insert_missing_rows
from skrnn._windows.series_table import read_target

from .series_rows import as_table

# Columns, as utilsforecast names them.
ID, TIME, CUTOFF, TARGET = "unique_id", "ds", "cutoff", "y"
# Column of a backtest with several targets.
TARGET_NAME = "target"
# Columns that are added.
STEP, SCALE, SQUARED_SCALE = "step", "scale", "squared_scale"
BASELINES = ("last_value", "last_season")
LABELS = LabelColumns(ID, TIME)


@dataclass(frozen=True)
class Forecasts:
    """The columns of a backtest that are scored.

    Parameters
    ----------
    models : list of str
        Columns that hold forecasts.
    intervals : list of (str, str)
        The model and the level in percent of each pair of bounds.
    """

    models: list[str]
    intervals: list[tuple[str, str]]


def find_forecasts(frame: Any, models: list[str] | None) -> Forecasts:
    """Return the columns of a backtest that are scored.

    Raises
    ------
    TypeError
        If `frame` is not a DataFrame.
    ValueError
        If a column is missing or holds no numbers, a row stands there twice, or a forecast is
        missing.
    """
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"frame must be a DataFrame, but is a {type(frame).__name__}.")
    found = list(map(str, frame.columns))
    if missing := [name for name in (ID, TIME, TARGET, *(models or ())) if name not in found]:
        raise ValueError(
            f"frame has no column {missing[0]!r}, only {found}. Each row needs the series "
            f"({ID!r}), the time label ({TIME!r}), the value ({TARGET!r}) and a column for each "
            "model."
        )
    levels = [re.fullmatch(r"(.+)-lo-(.+)", name) for name in found]
    pairs = [(match[1], match[2]) for match in levels if match and match[1] in found]
    if models is None:
        no_models = {ID, TIME, CUTOFF, TARGET}
        no_models |= {f"{model}-{side}-{level}" for model, level in pairs for side in ("lo", "hi")}
        models = [name for name in found if name not in no_models]
    intervals = [pair for pair in pairs if pair[0] in models]
    bounds = [f"{model}-{side}-{level}" for model, level in intervals for side in ("lo", "hi")]
    for name in [*models, *bounds]:
        if name not in found or not pd.api.types.is_numeric_dtype(frame[name]):
            raise ValueError(
                f"frame must have a column {name!r} of numbers. Name the columns that hold "
                "forecasts by models, or drop the others."
            )
        is_missing = frame[name].isna() & frame[TARGET].notna()
        if is_missing.any():
            row = int(is_missing.argmax())
            raise ValueError(
                f"{is_missing.sum()} of {len(frame)} rows have no value in {name!r}, such as "
                f"{_show_row(frame, row)}. Drop these rows, so that all models are scored on the "
                "same ones."
            )
    if not models:
        raise ValueError(f"frame has no column with forecasts, only {found}.")
    if not frame[TARGET].notna().any():
        raise ValueError(
            f"None of the {len(frame)} rows of frame can be scored: each needs a known value in "
            f"{TARGET!r}."
        )
    keys = [name for name in (ID, CUTOFF, TIME) if name in found]
    twice = frame.duplicated(keys)
    if twice.any():
        raise ValueError(
            f"{twice.sum()} rows stand in frame twice, such as {_show_row(frame, twice.argmax())}. "
            f"A row is named by {keys}."
        )
    return Forecasts(list(models), intervals)


def rows_of_target(frame: Any, target: Any, models: list[str] | None) -> Any:
    """Return the rows of one target, without its name, of a backtest that has several.

    Raises
    ------
    ValueError
        If several targets are there, and none of them is named.
    """
    if not isinstance(frame, pd.DataFrame) or TARGET_NAME not in {*frame} - {*(models or ())}:
        return frame
    names = list(frame[TARGET_NAME].unique())
    if target is None and len(names) == 1:
        target = names[0]
    if target not in names:
        raise ValueError(
            f"frame has the forecasts of {len(names)} targets, {names}, and target={target!r} is "
            f"none of them. Each is scored by itself: pass target={names[0]!r}, for example."
        )
    return frame[[name == target for name in frame[TARGET_NAME]]].drop(columns=TARGET_NAME)


def with_baselines(
    frame: pd.DataFrame,
    series: Any,
    *,
    season: int,
    columns: LabelColumns,
    target: Any,
    freq: Any,
) -> pd.DataFrame:
    """Return the rows of a backtest with a known value, and naive forecasts for them.

    Parameters
    ----------
    frame : DataFrame
        The backtest.
    series : Series or DataFrame
        The series, up to the last cutoff at least.
    season : int
        Steps in a season.
    columns : LabelColumns
        Where the labels of `series` stand.
    target : column name or None
        Column of `series` that is forecast.
    freq : str, pandas offset, int or None
        Step from one time label to the next.

    Returns
    -------
    rows : DataFrame
        With columns for the number of steps after the cutoff, the last known value, the last
        known value of the same season, and the units of MASE and RMSSE: the mean absolute and
        squared change from season to season up to the cutoff.

    Raises
    ------
    ValueError
        If the labels or values of `frame` are not those of `series`, or no row can be scored.

    Warns
    -----
    UserWarning
        If rows are left out, since their series is too short or constant before the cutoff.
    """
    rows = frame[frame[TARGET].notna()].reset_index(drop=True)
    long, carried = _long(series, columns, target, rows)
    grid = insert_missing_rows(
        _joined(long, rows), id_col=ID, time_col=TIME, freq=carried if freq is None else freq
    )
    places = pd.MultiIndex.from_frame(grid[[ID, TIME]])
    end = places.get_indexer(pd.MultiIndex.from_frame(rows[[ID, TIME]]))
    if CUTOFF in rows:
        start = places.get_indexer(pd.MultiIndex.from_frame(rows[[ID, CUTOFF]]))
    else:
        start = pd.Series(end).groupby(rows[ID]).transform("min").to_numpy() - 1
    code = pd.factorize(grid[ID])[0]
    number = grid.groupby(code).cumcount().to_numpy()
    step = end - start
    is_wrong = (start < 0) | (step < 1) | (code[start] != code[end])
    if is_wrong.any():
        row = int(is_wrong.argmax())
        raise ValueError(
            f"{is_wrong.sum()} of {len(rows)} rows have no known value before them, such as "
            f"{_show_row(rows, row)}. The cutoff must be a label of the series, and earlier than "
            f"{TIME!r}. Pass the values up to the cutoffs as series."
        )
    y = grid[TARGET]
    rows[STEP] = step
    rows["last_value"] = y.groupby(code).ffill().to_numpy()[start]
    first = start - season + 1 + (step - 1) % season
    of_season = y.groupby([code, number % season]).ffill().to_numpy()
    rows["last_season"] = np.where(number[start] >= start - first, of_season[first], np.nan)
    change = (y - y.groupby(code).shift(season)).abs()
    n_changes = change.notna().groupby(code).cumsum()
    for name, size in ((SCALE, change), (SQUARED_SCALE, change**2)):
        rows[name] = (size.fillna(0).groupby(code).cumsum() / n_changes).to_numpy()[start]
    return _comparable(rows, season)


def _long(
    series: Any, columns: LabelColumns, target: Any, rows: pd.DataFrame
) -> tuple[pd.DataFrame, Any]:
    """Return the series as a table with the columns of series, time and value.

    Also returned is the frequency that the dates of one series carry in their index, or None.
    """
    table = as_table(series)
    if not columns.names and {ID, TIME} <= set(table.columns):
        columns = LABELS
        target = TARGET if target is None and TARGET in table else target
    labels = columns.read(table, n_rows=len(table))
    _, values = read_target(table, target, columns)
    ids = rows[ID].unique()
    if labels.series is None and len(ids) > 1:
        raise ValueError(
            f"frame has {len(ids)} series in {ID!r}, such as {show(ids[0])} and {show(ids[1])}, "
            "but series is one without a name. Name the series by id_col or by an index level "
            "before the time."
        )
    names, one = labels.series, pd.Index(ids[:1], tupleize_cols=False)
    long = pd.DataFrame(
        {
            ID: one.repeat(len(table)) if names is None else names.to_flat_index(),
            TIME: labels.time,
            TARGET: np.asarray(values, dtype=float).ravel(),
        }
    )
    known = set(long[ID])
    unknown = [name for name in ids if name not in known]
    if unknown:
        raise ValueError(
            f"{len(unknown)} of {len(ids)} series of frame are not in series, such as "
            f"{show(unknown[0])}; series has {show(long[ID].iloc[0])}, for example. The names in "
            f"{ID!r} must be those of series."
        )
    return long, getattr(labels.time, "freq", None)


def _joined(long: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the series with the values of the backtest behind them."""
    for name in (TIME, CUTOFF):
        if name in rows and _kind(rows[name]) != _kind(long[TIME]):
            raise ValueError(
                f"{name!r} of frame holds {_kind(rows[name])}, but the time labels of series are "
                f"{_kind(long[TIME])}. Bring them to one type, e.g. with to_timestamp()."
            )
    known = long.dropna(subset=TARGET)
    both = rows.drop_duplicates([ID, TIME]).merge(known, on=[ID, TIME], suffixes=("", "_series"))
    differ = ~np.isclose(both[TARGET], both[f"{TARGET}_series"])
    if differ.any():
        row = int(differ.argmax())
        raise ValueError(
            f"{TARGET!r} of frame differs from series in {differ.sum()} of {len(both)} rows: in "
            f"{_show_row(both, row)} it is {both[TARGET][row]:g}, and in series "
            f"{both[f'{TARGET}_series'][row]:g}. Pass the series that was forecast, in the same "
            "unit."
        )
    of_series = pd.MultiIndex.from_frame(long[[ID, TIME]])
    added = rows[~pd.MultiIndex.from_frame(rows[[ID, TIME]]).isin(of_series)]
    added = added.drop_duplicates([ID, TIME])[[ID, TIME, TARGET]]
    return pd.concat([long, added], ignore_index=True) if len(added) else long


def _comparable(rows: pd.DataFrame, season: int) -> pd.DataFrame:
    """Return the rows with naive forecasts and a unit, and warn if there are others."""
    is_left_out = rows[[*BASELINES, SCALE]].isna().any(axis=1) | (rows[SCALE] <= 0)
    if not is_left_out.any():
        return rows
    reason = (
        f"since their series has no value more than season_length={season} steps before the "
        "cutoff, or does not change from season to season until then"
    )
    example = _show_row(rows, int(is_left_out.argmax()))
    if is_left_out.all():
        raise ValueError(
            f"None of {len(rows)} rows can be scored, such as {example}, {reason}. Pass earlier "
            "values, or a shorter season_length."
        )
    warnings.warn(
        f"{is_left_out.sum()} of {len(rows)} rows are left out, such as {example}, {reason}.",
        UserWarning,
        stacklevel=4,
    )
    return rows[~is_left_out].reset_index(drop=True)


def _kind(labels: pd.Series) -> str:
    """Return the kind of time labels, as text for a message."""
    names = {"M": "dates", "m": "durations", "i": "integers", "u": "integers"}
    zone = getattr(labels.dtype, "tz", None)
    return (
        str(labels.dtype) if zone is not None else names.get(labels.dtype.kind, str(labels.dtype))
    )


def _show_row(rows: pd.DataFrame, row: Any) -> str:
    """Return the labels of a row as text."""
    found = rows.iloc[int(row)]
    cutoff = f" with the cutoff {show(found[CUTOFF])}" if CUTOFF in rows else ""
    return f"{show(found[TIME])} of series {show(found[ID])}{cutoff}"
