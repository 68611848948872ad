"""Checks that an input holds numbers: no masked value, date, text or integer beyond a float."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_array

from .finite import row_blocks


def check_numbers(X: Any, *, name: str, owner: str | None, **options: Any) -> NDArray[Any]:
    """Return an input as an array of floating-point numbers.

    Parameters
    ----------
    X : array-like
        Numbers; not changed.
    name : str
        Name of the argument, for the messages.
    owner : str or None
        Name of the estimator.
    **options : dict
        Passed to :func:`sklearn.utils.check_array`. By default float64 and float32 stay,
        and values need not be finite.

    Raises
    ------
    ValueError
        If a value is masked, a date, a duration, text in a table, or an integer beyond
        float64.
    """
    of_owner = f"{name} of {owner}" if owner else name
    if isinstance(X, np.ma.MaskedArray) and np.ma.count_masked(X):
        raise ValueError(
            f"{of_owner} is a masked array with {np.ma.count_masked(X)} masked value(s), which "
            "would be used like the others. Fill them with X.filled, or leave their rows out."
        )
    if _is_time(getattr(X, "dtype", None)):
        raise ValueError(_not_numbers(of_owner, X.dtype))
    if hasattr(X, "iloc") and hasattr(X, "columns"):
        for column, dtype in X.dtypes.items():
            if _is_time(dtype):
                raise ValueError(_not_numbers(f"Column {column!r} of {of_owner}", dtype))
    options = {"dtype": [np.float64, np.float32], "ensure_all_finite": False} | options
    try:
        return check_array(X, estimator=owner, input_name=name, **options)
    except OverflowError as error:
        raise ValueError(
            f"{of_owner} holds an integer that is too large for float64 ({error}). Scale it."
        ) from error
    except (TypeError, ValueError) as error:
        column = _column_of_text(X)
        if column is None or ("convert" not in str(error) and isinstance(error, ValueError)):
            raise
        kind = ValueError if isinstance(error, ValueError) else TypeError
        raise kind(
            f"Column {column!r} of {of_owner} holds values that are no numbers ({error}). Encode "
            "it, e.g. with sklearn.preprocessing.OneHotEncoder, or leave it out. A column that "
            "names the series is id_col of skrnn's transformers."
        ) from error


def check_range(X: NDArray[Any], dtype: np.dtype[Any], *, name: str, owner: str) -> None:
    """Raise if a finite number is beyond the range of another floating-point type."""
    if X.dtype == dtype:
        return
    largest = np.finfo(dtype).max
    for rows in row_blocks(X):
        beyond = np.argwhere(np.isfinite(X[rows]) & (np.abs(X[rows]) > largest))
        if len(beyond):
            where = (rows.start + int(beyond[0][0]), *map(int, beyond[0][1:]))
            raise ValueError(
                f"{name} of {owner} has the value {X[where]:.4g} in row {where[0]}. It is too "
                f"large for {dtype}, the type of X in fit. Scale it, or pass float64 to fit."
            )


def _is_time(dtype: Any) -> bool:
    """Tell whether a type is that of dates or durations, of NumPy or of pandas."""
    return getattr(dtype, "kind", "") in ("M", "m") or str(dtype).startswith("period[")


def _not_numbers(what: str, dtype: Any) -> str:
    return (
        f"{what} holds dates or durations ({dtype}), not numbers. Leave it out or make numbers of "
        "it, e.g. the month. Dates that label the rows belong into the index, or into the "
        "time_col of skrnn's transformers."
    )


def _column_of_text(X: Any) -> Any:
    """Return the name of the first column of a table that cannot be converted, if there is one."""
    if hasattr(X, "iloc") and hasattr(X, "columns"):
        for position, column in enumerate(X.columns):
            try:
                np.asarray(X.iloc[:, position], dtype=float)
            except (TypeError, ValueError):
                return column
    return None
