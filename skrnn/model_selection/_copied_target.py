"""Features that hold the target of their own row, or a value from after it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._leak_report import Leak
from ._row_times import RowTimes
from ._target_reach import TargetReach

# Rows beyond the last target in which a feature is looked for.
N_LATER = 12
# So many rows, or different values, are not in the same order by chance.
N_ROWS, N_VALUES = 30, 10
# And so many are enough.
N_NEWEST = 5000

Codes = NDArray[np.intp]


def copied_targets(
    features: NDArray[Any], names: list[str], y: NDArray[Any], rows: RowTimes, reach: TargetReach
) -> list[Leak]:
    """Return a leak if features are a copy of the target, in whatever unit.

    The newest values of the longest series are replaced by their ranks. A feature with the ranks
    of a target, or the reverse ones, is a function of it. A target that has the ranks of its own
    past, such as a trend or a season without noise, shows nothing.

    Parameters
    ----------
    features : ndarray of shape (n_samples, n_features)
        The values of each row.
    names : list of str
        Name of each feature.
    y : ndarray of shape (n_samples, ...)
        Targets.
    rows : RowTimes
        The series and the time of each row.
    reach : TargetReach
        How far each target reaches.
    """
    one = rows.one_series()[-N_NEWEST:]
    n_later = min(N_LATER, len(one) // 4)
    n_rows = len(one) - n_later
    targets = y[one].reshape(len(one), -1)
    last = targets[:, int(reach.leads.argmax())]
    columns = [targets[:n_rows, place] for place in np.flatnonzero(reach.leads > 0)]
    columns += [last[lead : lead + n_rows] for lead in range(1, n_later + 1)]
    seen = set()
    for column in columns:
        ranks = _ranks(column)
        n_values = len(np.unique(ranks))
        if (n_values >= N_VALUES or (n_values > 1 and n_rows >= N_ROWS)) and not _recurs(ranks):
            seen |= {ranks.tobytes(), _reversed(ranks).tobytes()}
    ranks_of_features = (_ranks(features[one[:n_rows], place]) for place in range(len(names)))
    copies = [name for name, r in zip(names, ranks_of_features, strict=True) if r.tobytes() in seen]
    if not copies:
        return []
    shown = ", ".join(copies[:5]) + f" and {len(copies) - 5} more" * (len(copies) > 5)
    return [
        Leak(
            "target among the features",
            f"column{'s' * (len(copies) > 1)} {shown} of X",
            "Its values are those of the target of the same row, or of a later one, or a function "
            "of them that rises or falls throughout.",
            rows.show(rows.time[one[:n_rows]]),
            n_rows,
            float("nan"),
            "Leave the column out, or move it to the row in which it is known (shift). "
            "make_supervised makes targets of a series. If the column is known in advance and "
            "determines the target, this is no leak.",
        )
    ]


def _ranks(values: NDArray[Any]) -> Codes:
    """Return the dense rank of each value; NaN is one value."""
    if values.dtype == object:
        values = values.astype(str)
    return np.unique(values, return_inverse=True)[1]


def _reversed(ranks: Codes) -> Codes:
    """Return the ranks of the negative values."""
    return ranks.max() - ranks


def _recurs(ranks: Codes) -> bool:
    """Return whether earlier values have the order of later ones, at some lag."""
    falls = np.sign(np.diff(ranks))
    for lag in range(1, len(ranks) // 2 + 1):
        old, new = falls[:-lag], falls[lag:]
        for sign in (1, -1):
            # The first values alone show most differences.
            if np.array_equal(sign * old[:100], new[:100]):
                old_ranks, new_ranks = _ranks(sign * ranks[:-lag]), _ranks(ranks[lag:])
                if np.array_equal(old_ranks, new_ranks):
                    return True
    return False
