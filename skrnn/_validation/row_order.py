"""Comparison of the labels of tables whose rows belong together by their order."""

from __future__ import annotations

from typing import Any

import numpy as np


def check_row_order(index: Any, other: Any, *, name: str) -> None:
    """Raise if a table or series has the labels of X in another order.

    Other labels than those of X, such as row numbers beside dates, show nothing. Nor do labels
    that are not unique.

    Parameters
    ----------
    index : pandas.Index or None
        Labels of the rows of X. None: X has no labels.
    other : array-like
        Targets or weights of the rows, as the user passed them.
    name : str
        Name of that argument, for the message.
    """
    of_other = getattr(other, "index", None) if hasattr(other, "iloc") else None
    if index is None or of_other is None or len(index) != len(of_other) or index.equals(of_other):
        return
    place = index.get_indexer(of_other) if index.is_unique else np.array([-1])
    if np.array_equal(np.sort(place), np.arange(len(index))) and (place[1:] < place[:-1]).any():
        row = int(np.argmax(place != np.arange(len(place))))
        raise ValueError(
            f"The labels of X and {name} disagree: row {row} is {index[row]} in X, and "
            f"{of_other[row]} in {name}. Rows belong together by their order. Bring {name} into "
            f"the order of X, e.g. {name}.loc[X.index], or pass {name}.to_numpy() if its rows are "
            "in the right order."
        )
