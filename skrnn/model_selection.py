"""Splits of rows by their time labels: all series are cut at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import BaseCrossValidator
from sklearn.utils.validation import _num_samples

from skrnn._validation.parameters import integer_at_least
from skrnn._windows._labels.label_columns import LabelColumns
from skrnn._windows._labels.row_labels import show

__all__ = ["PanelTimeSeriesSplit"]

Rows = NDArray[np.intp]


class PanelTimeSeriesSplit(BaseCrossValidator):
    """Split the rows of many series by time, all series at the same time.

    scikit-learn's :class:`~sklearn.model_selection.TimeSeriesSplit`, counted in time
    labels in place of rows. The parts of a split are neighbouring stretches of time,
    and a row belongs to a part by its label alone: rows may stand in any order, and
    series may start late, end early or have gaps. For one series in order the splits
    are those of `TimeSeriesSplit`.

    Parameters
    ----------
    n_splits : int, default=5
        Number of splits, at least 2.
    test_size : int, default=None
        Time labels in each test part. None: as many as ``n_splits + 1`` equal parts
        allow, ``n_labels // (n_splits + 1)``.
    gap : int, default=0
        Time labels left out between the training part and the test part. For
        targets of several steps choose ``horizon - 1``; see Notes.
    max_train_size : int, default=None
        Most time labels in a training part; the oldest are left out. None: all.

    Raises
    ------
    ValueError
        If a parameter is no integer or too small.

    See Also
    --------
    skrnn.make_supervised : Makes the rows and their targets.
    skrnn.SlidingWindowTransformer : Makes windows that do not cross series or gaps.

    Notes
    -----
    **Labels.** The last level of a MultiIndex is the time, a plain index is the time
    itself, and `groups`, the time label of each row, goes before both. Labels are
    periods, dates or numbers; those of a default RangeIndex are the row numbers. Only
    labels that some row has are counted: a month that is missing in all series is no
    label, one that a single series has is one.

    **Overlapping targets.** Row t of `make_supervised` has the target values of t+1
    to t+horizon. Say the test part begins at s, where the values up to s are known.
    The targets of the rows s-horizon+1 to s-1 go beyond s: they are not yet known at
    s, and the first test rows have to predict the same values. These are horizon - 1
    labels, and ``gap=horizon - 1`` leaves them out. The last target in training
    is then, at the latest, the value of s, the first in the test part that of s+1.
    With horizon 1 there is nothing to leave out. All series must share one grid of
    labels for that: weekly series that are read on different days have several labels
    a week.

    **Windows at a gap.** Without a gap the first test windows reach back into the
    training rows, which are their past. With a gap the test rows do not follow the
    training rows, and no window of `SlidingWindowTransformer` crosses it: those of
    the first ``lookback - 1`` test rows of a series are short.

    With metadata routing, `groups` is requested by default.

    Examples
    --------
    Two stations, the second without its first month:

    >>> import numpy as np
    >>> import pandas as pd
    >>> from skrnn.model_selection import PanelTimeSeriesSplit
    >>> month = pd.period_range("2020-01", "2020-06", freq="M")
    >>> index = pd.MultiIndex.from_product([["Cairns", "Hobart"], month])
    >>> X = pd.DataFrame({"temperature": np.arange(12.0)}, index=index)
    >>> X = X.drop(("Hobart", month[0]))
    >>> for train, test in PanelTimeSeriesSplit(n_splits=2).split(X):
    ...     print(train, test)
    [0 1 6] [2 3 7 8]
    [0 1 2 3 6 7 8] [ 4  5  9 10]

    Arrays have no labels. `groups` tells them:

    >>> time = X.index.get_level_values(-1)
    >>> splits = PanelTimeSeriesSplit(n_splits=2).split(X.to_numpy(), groups=time)
    >>> next(splits)
    (array([0, 1, 6]), array([2, 3, 7, 8]))
    """

    # scikit-learn's way to say that a search hands `groups` on to `split`.
    __metadata_request__split = {"groups": True}

    def __init__(
        self,
        n_splits: int = 5,
        *,
        test_size: int | None = None,
        gap: int = 0,
        max_train_size: int | None = None,
    ) -> None:
        self.n_splits = integer_at_least(2, n_splits=n_splits)
        self.test_size = None if test_size is None else integer_at_least(1, test_size=test_size)
        self.gap = integer_at_least(0, gap=gap)
        self.max_train_size = (
            None if max_train_size is None else integer_at_least(1, max_train_size=max_train_size)
        )

    def split(
        self, X: Any, y: Any = None, groups: ArrayLike | None = None
    ) -> Iterator[tuple[Rows, Rows]]:
        """Return the rows of each split, oldest split first.

        Parameters
        ----------
        X : DataFrame, Series or array-like of shape (n_samples, ...)
            Rows of one or several series, in any order.
        y : None
            Ignored.
        groups : array-like of shape (n_samples,), default=None
            Time label of each row. None: the last level of the index of `X`.

        Returns
        -------
        splits : iterator of (train, test)
            Positions of the training rows and of the test rows, ascending, neither
            of them empty.

        Raises
        ------
        ValueError
            If the rows have no time labels, one of them is missing, or there are too
            few for the splits.
        """
        time, labels = pd.factorize(_time_labels(X, groups), sort=True)
        n_labels = len(labels)
        test_size = self.test_size or max(1, n_labels // (self.n_splits + 1))
        n_needed = self.n_splits * test_size + self.gap + 1
        if n_labels < n_needed:
            found = f", {show(labels[0])} to {show(labels[-1])}" if n_labels else ""
            raise ValueError(
                f"Too few time labels: n_splits={self.n_splits} with test_size={test_size} and "
                f"gap={self.gap} need {n_needed}, but there are {n_labels}{found}. Choose fewer "
                "splits, a smaller test_size or a smaller gap."
            )
        return self._parts(time, n_labels, test_size)

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of splits.

        Parameters
        ----------
        X, y, groups : None
            Ignored.

        Returns
        -------
        n_splits : int
        """
        return self.n_splits

    def _parts(self, time: Rows, n_labels: int, test_size: int) -> Iterator[tuple[Rows, Rows]]:
        """Cut at the numbers of the labels."""
        for start in range(n_labels - self.n_splits * test_size, n_labels, test_size):
            train_stop = start - self.gap
            train_start = max(0, train_stop - (self.max_train_size or train_stop))
            yield (
                np.flatnonzero((time >= train_start) & (time < train_stop)),
                np.flatnonzero((time >= start) & (time < start + test_size)),
            )


def _time_labels(X: Any, groups: ArrayLike | None) -> pd.Index:
    """Return the time label of every row: none is missing, and they have an order."""
    n_rows = _num_samples(X)
    if groups is None:
        time = LabelColumns().read(X, n_rows=n_rows).time
        if time is None:
            raise ValueError(
                f"The rows have no time labels: X is a {type(X).__name__} without an index. Pass "
                "the time label of each row as groups=, to split or to the fit of a search, or a "
                "DataFrame with the time in its index. For one series in order there is "
                "sklearn.model_selection.TimeSeriesSplit."
            )
    else:
        if np.ndim(groups) != 1:
            raise ValueError(
                "groups must be 1-D, the time label of each row, but is a "
                f"{type(groups).__name__} of {np.ndim(groups)} dimensions. Pass the labels "
                "themselves; the series need no name here."
            )
        # pandas infers less from its own objects than from arrays, and old versions warn.
        is_object = pd.api.types.is_object_dtype(getattr(groups, "dtype", None))
        time = pd.Index(np.asarray(groups) if is_object else groups)
    if time.dtype == object and not isinstance(time, pd.MultiIndex):
        time = time.infer_objects()
    is_number = pd.api.types.is_integer_dtype(time.dtype) or pd.api.types.is_float_dtype(time.dtype)
    if not is_number and not isinstance(
        time, pd.PeriodIndex | pd.DatetimeIndex | pd.TimedeltaIndex
    ):
        origin = "the index of X (its last level)" if groups is None else "groups"
        raise ValueError(
            f"Time labels must be periods, dates or numbers, but {origin} is of type "
            f"{time.dtype}. Convert it (pandas.to_datetime, pandas.PeriodIndex), or pass the time "
            "label of each row as groups=."
        )
    if len(time) != n_rows:
        raise ValueError(
            f"groups must hold one time label for each row, but has {len(time)} for {n_rows} rows."
        )
    if time.hasnans:
        raise ValueError(
            f"The time label of row {int(time.isna().argmax())} is missing (NaT or NaN). Give "
            "every row a label, or leave it out."
        )
    return time
