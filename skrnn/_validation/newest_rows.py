"""Warning if the last rows, which some estimators hold out, are not the newest."""

from __future__ import annotations

import warnings
from typing import Any


def warn_if_last_rows_are_older(estimator: Any, y: Any, *, validated: bool) -> None:
    """Warn if the labels of `y` show that an estimator would hold out other rows than the newest.

    Dates and periods are read as time, or else the last level of a MultiIndex if no other level
    holds numbers. Labels of any other kind tell nothing.

    Parameters
    ----------
    estimator : estimator
        It or an estimator in its parameters has `_holds_out_last_rows`.
    y : array-like of shape (n_samples, ...)
        Targets as the user passed them.
    validated : bool
        Whether there are validation rows, which `early_stopping` then uses.
    """
    owners = [
        type(part).__name__
        for part in (estimator, *estimator.get_params().values())
        if getattr(part, "_holds_out_last_rows", False)
        and not (validated and hasattr(part, "early_stopping"))
    ]
    time = _time_level(getattr(y, "index", None)) if owners else None
    if time is None or time.is_monotonic_increasing:
        return
    first = next(row for row in range(1, len(time)) if not time[row] >= time[row - 1])
    warnings.warn(
        f"{owners[0]} holds out the last rows, but they are not the newest: by the index of y, row "
        f"{first} ({time[first]}) is older than row {first - 1} ({time[first - 1]}), and the last "
        f"row is of {time[-1]}, where the newest is of {time.max()}. Sort the rows of X and y by "
        "time, as make_supervised and sliding_windows return them.",
        UserWarning,
        stacklevel=4,
    )


def _time_level(index: Any) -> Any:
    """Return the level of a pandas index that holds the time; None if it is not clear."""
    if not hasattr(index, "get_level_values"):
        return None
    levels = [index.get_level_values(i) for i in range(index.nlevels)]
    kinds = ["M" if str(v.dtype).startswith("period") else v.dtype.kind for v in levels]
    dates, numbers = ([i for i, kind in enumerate(kinds) if kind in of] for of in ("mM", "iuf"))
    if dates:
        return levels[dates[0]] if len(dates) == 1 else None
    return levels[-1] if len(levels) > 1 and numbers == [len(levels) - 1] else None
