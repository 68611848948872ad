"""Cross-validation splits by time labels, at the same time for all series."""

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
from skrnn._windows._labels.target_labels import is_row_numbers
from skrnn._windows._labels.time_step import check_complete, has_order

__all__ = ["PanelTimeSeriesSplit"]

Rows = NDArray[np.intp]


class PanelTimeSeriesSplit(BaseCrossValidator):
    """Split the rows of many series by time labels, at the same time for all series.

    It is :class:`sklearn.model_selection.TimeSeriesSplit`, but counts time labels, not
    rows. The time label of a row alone decides to which part of a split it belongs. Rows
    may have any order, and series may start late, end early or have gaps. For one series
    in order the splits are those of `TimeSeriesSplit`.

    Parameters
    ----------
    n_splits : int, default=5
        Number of splits, at least 2.
    test_size : int, default=None
        Number of time labels in each test part. None: ``n_labels // (n_splits + 1)``.
    gap : int, default=0
        Number of time labels that are left out between the training part and the test
        part. For targets of several steps choose ``horizon - 1``; see Notes. A row is
        left out, too, if ``gap + 1`` steps after its label are later than the first test label.
    max_train_size : int, default=None
        Largest number of time labels in a training part; the oldest ones are left out.
        None: no limit.
    id_col, time_col : str or list of str, default=None
        Columns or index levels of X that name the series and hold the time of each row, as
        in :class:`~skrnn.SlidingWindowTransformer`.

    Raises
    ------
    ValueError
        If a number is not an integer or too small, or `id_col` or `time_col` is not a name.

    See Also
    --------
    skrnn.make_supervised : Pairs rows with their targets.
    skrnn.SlidingWindowTransformer : Makes the windows of rows.

    Notes
    -----
    **Labels.** Labels are periods, dates or numbers. They are read from `time_col` or
    from the index, or passed as `groups`, which then goes first. If `X` is an array, the
    index of `y` is read, as of the targets of :func:`~skrnn.sliding_windows`. Row numbers,
    the default index of a DataFrame, are no time labels. Only labels of rows are counted: a
    month that is missing in all series does not count, and a month of a single series does.

    **Overlapping targets.** Row t of `make_supervised` has the target values of t+1 to
    t+horizon. Let the first label of the test part be s. The values up to s are known
    then. The targets of the rows s-horizon+1 to s-1 contain later values, which are not
    known at s, and which the first test rows have to predict. These are horizon - 1
    labels, and ``gap=horizon - 1`` leaves them out. The newest value in the training
    targets is then that of s, and the oldest value in the test targets that of s+1. With
    horizon 1 nothing has to be left out.

    **Series on different grids.** If one series is read at full hours and another one half
    an hour later, there are two labels in an hour, but a step is an hour. A row is left out
    if ``gap + 1`` steps after its label are later than the first label of the test part. The
    step is the smallest difference of labels within a series, in business days if no label
    is on a weekend. The series must be known for this, by a MultiIndex or by `id_col`.

    **Windows at a gap.** Without a gap, the first test windows also hold training rows,
    which are older. With a gap, the test rows do not continue the training rows, and a
    window of `SlidingWindowTransformer` holds no rows from before it: the windows of the
    first ``lookback - 1`` test rows of a series are shorter. Windows that
    :func:`~skrnn.sliding_windows` makes before the split are complete.

    If metadata routing is enabled, `groups` is requested by default.

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

    Arrays have no labels. Pass them as `groups`:

    >>> time = X.index.get_level_values(-1)
    >>> splits = PanelTimeSeriesSplit(n_splits=2).split(X.to_numpy(), groups=time)
    >>> next(splits)
    (array([0, 1, 6]), array([2, 3, 7, 8]))
    """

    # Tells scikit-learn that a search passes `groups` to `split`.
    __metadata_request__split = {"groups": True}

    def __init__(
        self,
        n_splits: int = 5,
        *,
        test_size: int | None = None,
        gap: int = 0,
        max_train_size: int | None = None,
        id_col: str | list[str] | None = None,
        time_col: str | list[str] | None = None,
    ) -> None:
        self.n_splits = integer_at_least(2, n_splits=n_splits)
        self.test_size = None if test_size is None else integer_at_least(1, test_size=test_size)
        self.gap = integer_at_least(0, gap=gap)
        self.max_train_size = (
            None if max_train_size is None else integer_at_least(1, max_train_size=max_train_size)
        )
        LabelColumns(id_col, time_col)  # for its errors
        self.id_col = id_col
        self.time_col = time_col

    def split(
        self, X: Any, y: Any = None, groups: ArrayLike | None = None
    ) -> Iterator[tuple[Rows, Rows]]:
        """Return the rows of each split, oldest split first.

        Parameters
        ----------
        X : DataFrame, Series or array-like of shape (n_samples, ...)
            Rows of one or several series, in any order.
        y : array-like of shape (n_samples, ...), default=None
            Targets. If `X` has no index, the labels are read from that of `y`.
        groups : array-like of shape (n_samples,), default=None
            Time label of each row. None: read from `X` or `y`.

        Returns
        -------
        splits : iterator of (train, test)
            Positions of the training rows and of the test rows, ascending, neither
            of them empty.

        Raises
        ------
        ValueError
            If the rows have no time labels or only row numbers, one of them is missing, or
            there are too few for the splits; if `groups` has one value within each series,
            which names the series, or row numbers where rows of `X` have the same time.
        """
        columns = LabelColumns(self.id_col, self.time_col)
        is_array = not isinstance(getattr(X, "index", None), pd.Index)
        rows = y if is_array and _has_time(y) else X
        time, labels = pd.factorize(_time_labels(rows, groups, columns), sort=True)
        if groups is not None:
            _check_groups(time, labels, rows, columns)
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
        position = _as_numbers(labels)
        step = 0 if groups is not None else _smallest_step(position[time], rows, columns)
        return self._parts(time, position, step, test_size)

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

    def _parts(
        self, time: Rows, position: NDArray[Any], step: float, test_size: int
    ) -> Iterator[tuple[Rows, Rows]]:
        """Yield the rows of each split, from the number of each row's label and its position."""
        n_labels = len(position)
        for start in range(n_labels - self.n_splits * test_size, n_labels, test_size):
            train_stop = start - self.gap
            train_start = max(0, train_stop - (self.max_train_size or train_stop))
            is_known = position + (self.gap + 1) * step <= position[start] + 1e-6 * step
            train_stop = min(train_stop, int(is_known.sum()))
            train = np.flatnonzero((time >= train_start) & (time < train_stop))
            if not len(train):
                raise ValueError(
                    f"No training row is left before the test part of label number {start}: with "
                    f"gap={self.gap}, all are less than {self.gap + 1} steps before it. Choose "
                    "fewer splits, a smaller test_size or a smaller gap."
                )
            yield train, np.flatnonzero((time >= start) & (time < start + test_size))


def _has_time(table: Any) -> bool:
    """Return whether a table has an index that is more than its row numbers."""
    index = getattr(table, "index", None)
    return isinstance(index, pd.Index) and not is_row_numbers(index)


def _check_groups(time: Rows, labels: pd.Index, rows: Any, columns: LabelColumns) -> None:
    """Raise if `groups` holds names of series or row numbers, where it has to be the time."""
    if not isinstance(getattr(rows, "index", None), pd.Index):
        return
    try:
        own = columns.read(rows, n_rows=len(rows))
        series = own.series_codes()
    except ValueError:
        return  # labels of X that cannot be read do not matter: groups goes first
    times: Any = own.time
    if not has_order(times):
        return
    both = pd.DataFrame({"groups": time, "time": pd.factorize(times)[0]}).groupby(series)
    n_values = both.nunique()
    is_series = len(labels) > 1 and (n_values["groups"] == 1).all()
    if is_series and (n_values["time"] > 1).any():
        raise ValueError(
            f"groups has one value within each of the {len(n_values)} series of X, such as "
            f"{show(labels[time[0]])} in the series of row 0: it names the series, but must hold "
            "the time label of each row. Leave it out to read the time from the labels of X."
        )
    if times.has_duplicates and np.array_equal(labels[time], np.arange(len(time))):
        raise ValueError(
            f"groups holds row numbers, 0 to {len(time) - 1}, but rows of X have the same time, "
            f"such as {show(times[times.duplicated().argmax()])}. Leave it out to read the "
            "time from the labels of X."
        )


def _as_numbers(labels: pd.Index) -> NDArray[Any]:
    """Return time labels as numbers whose differences are those of the labels.

    Days without a weekend among them are counted as business days: a Monday follows a Friday.
    """
    if isinstance(labels, pd.DatetimeIndex):
        days = labels.tz_localize(None)
        if (days == days.normalize()).all() and (days.day_of_week < 5).all():
            return np.busday_count(np.datetime64("1970-01-01"), days.to_numpy("datetime64[D]"))
    is_date = isinstance(labels, pd.PeriodIndex | pd.DatetimeIndex | pd.TimedeltaIndex)
    return labels.asi8 if is_date else labels.to_numpy()


def _smallest_step(position: NDArray[Any], rows: Any, columns: LabelColumns) -> Any:
    """Return the smallest difference between the times of two rows of a series, 0 if unknown."""
    ids, time = columns.places(rows)
    if not ids or (columns.id_col is None and time.is_column):  # levels that may name no series
        return 0
    series = columns.read(rows, n_rows=len(rows)).series_codes()
    order = np.lexsort((position, series))
    step = np.diff(position[order])[np.diff(series[order]) == 0]
    return step[step > 0].min() if (step > 0).any() else 0


def _time_labels(X: Any, groups: ArrayLike | None, columns: LabelColumns) -> pd.Index:
    """Return the time label of each row; raise if one is missing or they have no order."""
    time_col = columns.time_col
    origin = "the index of X (its last level)" if time_col is None else f"{time_col=}"
    if groups is None:
        time = columns.read_time(X)
        if time_col is None and time is not None and not _has_time(X):
            raise ValueError(
                f"The index of X holds row numbers, 0 to {len(X) - 1}, which are no time. Pass a "
                "DataFrame with the time in its index, or name the column that holds it by "
                "time_col. For one series in order use sklearn.model_selection.TimeSeriesSplit."
            )
        if time is None:
            raise ValueError(
                f"The rows have no time labels: X is a {type(X).__name__} without an index. Pass "
                "the time label of each row as groups=, to split or to the fit of a search, or a "
                "DataFrame with the time in its index or in time_col. For one series in order "
                "use sklearn.model_selection.TimeSeriesSplit."
            )
    else:
        if np.ndim(groups) != 1:
            raise ValueError(
                "groups must be 1-D, the time label of each row, but is a "
                f"{type(groups).__name__} of {np.ndim(groups)} dimensions. Pass an array of "
                "labels; to name a column, use time_col."
            )
        origin = "groups"
        # pandas infers no dtype from its own objects, and old versions warn about it.
        is_object = pd.api.types.is_object_dtype(getattr(groups, "dtype", None))
        time = pd.Index(np.asarray(groups) if is_object else groups)
    if time.dtype == object and not isinstance(time, pd.MultiIndex):
        time = time.infer_objects()
    if not has_order(time):
        raise ValueError(
            f"Time labels must be periods, dates or numbers, but {origin} is of type "
            f"{time.dtype}. Convert it (pandas.to_datetime, pandas.PeriodIndex), name the column "
            "or level that holds the time by time_col, or pass the time label of each row as "
            "groups=."
        )
    if len(time) != _num_samples(X):
        raise ValueError(
            f"groups must hold one time label for each row, but has {len(time)} for "
            f"{_num_samples(X)} rows. Pass the labels of the same rows as X."
        )
    check_complete(time)
    return time
