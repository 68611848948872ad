"""Checks that an input holds numbers: no masked value, date, text or integer beyond a float."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
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
        If a value is masked, a date, a duration, complex, text, or an integer beyond
        float64; if the input is None, or no array can be made of it.
    """
    of_owner = f"{name} of {owner}" if owner else name
    if X is None:
        raise ValueError(f"{of_owner} is None. Pass an array or a table of numbers.")
    if isinstance(X, np.ma.MaskedArray) and np.ma.count_masked(X):
        raise ValueError(
            f"{of_owner} is a masked array with {np.ma.count_masked(X)} masked value(s), which "
            "would be used like the others. Fill them with X.filled, or leave their rows out."
        )
    if is_time(getattr(X, "dtype", None)):
        raise ValueError(_not_numbers(of_owner, X.dtype))
    if getattr(getattr(X, "dtype", None), "kind", "") == "c":
        raise ValueError(
            f"{of_owner} holds complex numbers. Complex data not supported: pass the real and the "
            "imaginary part as two real numbers."
        )
    if hasattr(X, "columns") and hasattr(X, "dtypes"):
        for column, dtype in zip(X.columns, X.dtypes, strict=True):
            if is_time(dtype):
                raise ValueError(_not_numbers(f"Column {column!r} of {of_owner}", dtype))
            if str(dtype).startswith("Sparse"):
                raise TypeError(
                    f"Column {column!r} of {of_owner} is sparse ({dtype}), but dense columns are "
                    f"needed. Pass {name}.sparse.to_dense()."
                )
    options = {"dtype": [np.float64, np.float32], "ensure_all_finite": False} | options
    try:
        return check_array(X, estimator=owner, input_name=name, **options)
    except OverflowError as error:
        raise ValueError(
            f"{of_owner} holds an integer that is too large for float64 ({error}). Scale it."
        ) from error
    except (TypeError, ValueError, RuntimeError) as error:
        if issparse(X) or _converts(X):
            raise
        kind = TypeError if isinstance(error, TypeError) else ValueError
        column = _column_of_text(X)
        if column is not None:
            raise kind(
                f"Column {column!r} of {of_owner} holds values that are no numbers ({error}). "
                "Encode it, e.g. with sklearn.preprocessing.OneHotEncoder, or leave it out. A "
                "column that names the series is id_col of skrnn's transformers."
            ) from error
        found = type(X).__name__
        is_tensor = found in ("Tensor", "Parameter")
        raise kind(
            f"{of_owner}, of type {found}, cannot be read as numbers ({error}). Pass "
            + (f"{name}.detach().cpu().float().numpy()." if is_tensor else "an array of floats.")
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


# Squares of larger numbers are infinite, those of smaller ones are zero.
_LARGEST, _SMALLEST = 1e150, 1e-150


def check_squares(X: NDArray[Any], *, name: str, owner: str) -> None:
    """Raise if the squares of numbers cannot be added up in their floating-point type."""
    largest = 0.0
    for rows in row_blocks(X):
        block = X[rows]
        largest = max(
            largest, float(np.nanmax(block, initial=0)), -float(np.nanmin(block, initial=0))
        )
    if largest > min(_LARGEST, float(np.finfo(X.dtype).max) / 1e3) or 0 < largest < _SMALLEST:
        size = "small" if largest < 1 else "large"
        raise ValueError(
            f"{name} of {owner} is too {size} to compute with: its largest absolute value is "
            f"{largest:.4g}. Scale it."
        )


def is_time(dtype: Any) -> bool:
    """Tell whether a type is that of dates or durations, of NumPy, pandas or polars."""
    is_temporal = getattr(dtype, "is_temporal", bool)()  # of polars
    return is_temporal or getattr(dtype, "kind", "") in ("M", "m") or "period[" in str(dtype)


def _not_numbers(what: str, dtype: Any) -> str:
    return (
        f"{what} holds dates or durations ({dtype}), not numbers. Leave it out or make numbers of "
        "it, e.g. the month. Dates that label the rows belong into the index, or into the "
        "time_col of skrnn's transformers."
    )


def _converts(X: Any) -> bool:
    """Tell whether NumPy can make an array of numbers of an input."""
    try:
        np.asarray(X, dtype=float)
    except (TypeError, ValueError, RuntimeError):
        return False
    return True


def _column_of_text(X: Any) -> Any:
    """Return the name of the first column of a table that cannot be converted, if there is one."""
    if hasattr(X, "iloc") and hasattr(X, "columns"):
        for position, column in enumerate(X.columns):
            try:
                np.asarray(X.iloc[:, position], dtype=float)
            except (TypeError, ValueError):
                return column
    return None
