"""Sample weights that keep the newest windows of each series."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils.validation import _num_samples

from skrnn._validation.parameters import integer_at_least

from ._labels.label_columns import LabelColumns
from ._labels.time_step import check_complete, has_order

Arrays = NDArray[Any]


def newest_windows_weight(
    X: Any,
    n_windows: int,
    *,
    id_col: str | list[str] | None = None,
    time_col: str | list[str] | None = None,
) -> Arrays:
    """Return sample weights that are 1 for the newest windows of each series, else 0.

    The oldest windows of a long series may be unlike those that are predicted. With these
    weights as `sample_weight`, a model learns from the newest ones.

    Parameters
    ----------
    X : DataFrame, Series or array-like of shape (n_samples, ...)
        Rows, or targets `y`, whose labels name the series and the time of each row: what
        :func:`make_supervised` returns, or the `y` of :func:`sliding_windows`. They may have
        any order. The rows of an array are one series, oldest first; of several series, pass
        rows with labels.
    n_windows : int
        Number of windows of each series that get the weight 1. Series with fewer windows get
        it for all.
    id_col, time_col : str or list of str, default=None
        Columns or index levels that name the series and hold the time of each row, as
        in :class:`SlidingWindowTransformer`.

    Returns
    -------
    sample_weight : ndarray of shape (n_samples,)
        1.0 or 0.0 for each row.

    Raises
    ------
    ValueError
        If `n_windows` is not an integer of at least 1, if a label is missing or the time labels
        have no order, or if rows of one series have the same time.

    Notes
    -----
    The networks, :class:`WindowLinearRegressor` and the meta-estimators leave out rows of weight
    zero before they train. Such rows cost no time, and do not count for
    `validation_fraction`. The meta-estimators do so before they pass rows to the regressor
    inside, so that it need not take weights. For any other regressor its own documentation says
    what a weight of zero means.

    The weights do not remove rows. A window of :class:`SlidingWindowTransformer` still holds
    the rows before its own.

    Examples
    --------
    >>> from skrnn import GRURegressor, newest_windows_weight, sliding_windows
    >>> from skrnn.datasets import load_australian_temperature
    >>> X, y = sliding_windows(load_australian_temperature(), lookback=24)
    >>> weight = newest_windows_weight(y, 5)
    >>> print(f"{weight.sum():.0f} of {len(weight)} windows")
    245 of 1556 windows
    >>> network = GRURegressor(8, max_epochs=2, random_state=0)
    >>> network = network.fit(X, y, sample_weight=weight)
    """
    n_windows = integer_at_least(1, n_windows=n_windows)
    n_rows = _num_samples(X)
    labels = LabelColumns(id_col, time_col).read(X, n_rows=n_rows)
    age = np.arange(n_rows)
    if labels.time is not None:
        check_complete(labels.time)
        if not has_order(labels.time):
            raise ValueError(
                "The newest windows are found by time labels, which must be periods, dates or "
                f"numbers, but are of type {labels.time.dtype}. Convert them "
                "(pandas.to_datetime, pandas.PeriodIndex), or name the column or level that holds "
                "the time by time_col."
            )
        age = pd.factorize(labels.time, sort=True)[0]
    series = labels.series_codes()
    twice = pd.DataFrame({"series": series, "age": age}).duplicated()
    if twice.any():
        row = int(twice.argmax())
        raise ValueError(
            f"A series has one row for each time, but {int(twice.sum())} of {n_rows} rows have the "
            f"labels of an earlier row, such as {labels.describe(row)} in row {row}. If they "
            "belong to several series, name these by id_col or by an index level before the time; "
            "else leave them out."
        )
    newest_first = np.lexsort((-age, series))
    place = pd.Series(series[newest_first]).groupby(series[newest_first]).cumcount().to_numpy()
    weight = np.zeros(n_rows)
    weight[newest_first[place < n_windows]] = 1
    return weight
