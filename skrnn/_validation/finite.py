"""Checks for NaN and infinity, in blocks of rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_BLOCK_VALUES = 1 << 20


def check_finite(array: NDArray[Any], *, name: str, owner: str) -> None:
    """Raise if an array holds NaN or infinity. The message says where the first one is."""
    if all_finite(array):
        return
    bad = np.argwhere(~np.isfinite(array))[0]
    raise ValueError(non_finite_message(array, tuple(bad), name=name, owner=owner))


def all_finite(array: NDArray[Any]) -> bool:
    """Tell whether no value is NaN or infinite. No mask is made if the sum is finite."""
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(np.sum(array)):
            return True
    return all(bool(np.isfinite(array[rows]).all()) for rows in row_blocks(array))


def row_blocks(array: NDArray[Any]) -> list[slice]:
    """Return slices of rows that hold about a million values each."""
    values_per_row = max(1, int(np.prod(array.shape[1:])))
    step = max(1, _BLOCK_VALUES // values_per_row)
    return [slice(start, start + step) for start in range(0, len(array), step)]


def non_finite_message(
    array: NDArray[Any], where: tuple[int, ...], *, name: str, owner: str
) -> str:
    value = array[where]
    axes = {
        1: ("row",),
        2: ("row", "column"),
        3: ("row", "step", "feature"),
    }[array.ndim]
    place = ", ".join(f"{axis} {int(i)}" for axis, i in zip(axes, where, strict=True))
    if not np.isnan(value):
        return (
            f"Input {name} of {owner} contains infinity or a value too large for "
            f"{array.dtype}: {value} at {place}. Remove or clip it."
        )
    message = f"Input {name} of {owner} contains NaN at {place}."
    if not name.startswith("X"):
        return f"{message} Leave out the rows whose target is missing, or fill it."
    if array.ndim == 3:
        return (
            f"{message} NaN is padding only in front of a window, in whole time steps. Fill "
            "missing values before windowing, e.g. with sklearn.impute.SimpleImputer or "
            "pandas' interpolate."
        )
    return (
        f"{message} Fill missing values, e.g. with sklearn.impute.SimpleImputer; shorter "
        "sequences are padded with NaN in front in 3-D input, see skrnn.pad_sequences."
    )
