"""Static features: numbers that belong to a series, not to a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrnn._validation.numbers import check_numbers
from skrnn._windows._labels.label_columns import LabelColumns
from skrnn._windows._labels.row_labels import show

Arrays = NDArray[Any]


def static_rows(static: Any, names: pd.Index | None, columns: LabelColumns) -> Arrays:
    """Return the static features of series, of shape (n_series, n_features).

    Parameters
    ----------
    static : DataFrame or None
        A row for each series, whose name is in the index, or in the columns of `id_col`. Index
        levels with the names of those of the series may have any order.
    names : pandas.Index or None
        Names of the series; None if the series has none.
    columns : LabelColumns
        Where the names of the series stand.

    Raises
    ------
    ValueError
        If a series has no row or several, or a value is missing.
    """
    if static is None:
        return np.empty((1 if names is None else len(names), 0))
    if not isinstance(static, pd.DataFrame):
        raise ValueError(
            "static_features must be a DataFrame with a row for each series, but is a "
            f"{type(static).__name__}."
        )
    if names is None:
        raise ValueError(
            "static_features needs series with names, but this series has none: its features would "
            "be the same in all rows. Leave static_features out, or name the series by id_col or "
            "by an index level before the time."
        )
    id_columns = [name for name in columns.columns(static) if name != columns.time_col]
    if id_columns:
        static = static.set_index(id_columns)
    if static.index.nlevels != names.nlevels:
        raise ValueError(
            f"static_features names series by {static.index.nlevels} level(s), and the series are "
            f"named by {names.nlevels}, such as {show(names[0])}. Put the same levels in its index."
        )
    levels = list(names.names)
    if len(set(levels)) == len(levels) > 1 and set(levels) == set(static.index.names):
        static = static.reorder_levels(levels)
    if static.index.has_duplicates:
        twice = static.index[static.index.duplicated()][0]
        raise ValueError(f"static_features has several rows for series {show(twice)}. Keep one.")
    place = static.index.get_indexer(names)
    if (place < 0).any():
        missing = names[place < 0]
        raise ValueError(
            f"static_features has no row for {len(missing)} of {len(names)} series, such as "
            f"{show(missing[0])}. Its index holds names such as {show(static.index[0])}."
        )
    values = check_numbers(static, name="static_features", owner=None).astype(float)[place]
    if not np.isfinite(values).all():
        row, column = np.argwhere(~np.isfinite(values))[0]
        raise ValueError(
            f"static_features is missing (NaN) or infinite in column {static.columns[column]!r} "
            f"for series {show(names[row])}. Fill it."
        )
    return values
