"""Forecasts from earlier rows, each by a clone that was fitted to what was known there."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils.parallel import Parallel, delayed
from tqdm.auto import tqdm

from skrnn._recurrent._training.interrupts import notice_ctrl_c
from skrnn._windows._labels.row_labels import show

from .series_rows import SeriesRows
from .table_form import TableForm
from .table_reader import TableReader

Arrays = NDArray[Any]


@dataclass(frozen=True, eq=False)
class History:
    """The rows of series, and the table that has them all.

    Parameters
    ----------
    reader : TableReader
    rows : SeriesRows
        As the reader returns them.
    form : TableForm
        Form of the user's table.
    """

    reader: TableReader
    rows: SeriesRows
    form: TableForm

    @cached_property
    def table(self) -> pd.DataFrame:
        """The rows as a table of the user's form. Missing targets are NaN."""
        values, n_targets = self.rows.values.copy(), len(self.reader.targets)
        values[:, :n_targets][~self.rows.is_known] = np.nan
        return self.form.table(self.rows.labels, values, self.reader.names)


@dataclass(frozen=True, eq=False)
class Origin:
    """A point of time from which series are forecast.

    Parameters
    ----------
    name : Any
        What messages call it.
    known : ndarray of bool of shape (n_rows,)
        The rows that are known.
    last : ndarray of shape (n_series,)
        The rows from which to forecast, the last known ones of their series.
    """

    name: Any
    known: NDArray[np.bool_]
    last: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class _Job:
    """What is known at an origin.

    `fitted_to` is None for a forecaster that is fitted already, and `asked` for all series of fit.
    """

    name: Any
    fitted_to: pd.DataFrame | None
    asked: pd.DataFrame | None
    future: pd.DataFrame | None


def forecasts_from(
    forecaster: Any,
    history: History,
    origins: list[Origin],
    *,
    refit: bool = True,
    n_jobs: int | None,
    verbose: bool = False,
    stacklevel: int,
    **parameters: Any,
) -> list[Any]:
    """Forecast from several origins, and know nothing after each of them.

    Parameters
    ----------
    forecaster : Forecaster
        Not changed.
    history : History
    origins : list of Origin
        Oldest first.
    refit : bool
        Whether a clone is fitted for each origin, or one for the first.
    n_jobs : int or None
        Number of origins at the same time.
    verbose : bool
        Whether a progress bar is shown.
    stacklevel : int
        Of the caller of this function, as in ``warnings.warn``.
    **parameters
        More arguments of ``Forecaster.forecast``.

    Returns
    -------
    list of DataFrame
        The forecasts from each origin, with the series in the order of `last`. After Ctrl-C there
        are fewer of them.
    """
    results: list[pd.DataFrame] = []
    caught: list[tuple[Any, Any]] = []
    interrupts: list[bool] = []
    forecaster, horizon = clone(forecaster), int(forecaster.horizon)
    forecaster.set_params(freq=history.reader.step)
    if n_jobs is not None:
        forecaster.set_params(n_jobs=None)
    try:
        with (
            notice_ctrl_c(lambda: interrupts.append(True)),
            tqdm(total=len(origins), unit="cutoff", disable=not verbose) as bar,
        ):
            if not refit:
                forecaster.fit(history.table[origins[0].known])
            jobs = (
                delayed(_run)(forecaster, _job(history, origin, refit, horizon), parameters)
                for origin in origins
            )
            for origin, (result, messages) in zip(
                origins, Parallel(n_jobs=n_jobs, return_as="generator")(jobs), strict=True
            ):
                if interrupts:  # a network ends its training at Ctrl-C, and raises nothing
                    break
                results.append(result)
                caught.extend((origin.name, message) for message in messages)
                bar.update()
    except KeyboardInterrupt:
        pass
    except Exception:
        if not interrupts:  # else a warning of the interrupted training, where these are errors
            raise
    _warn_once(caught, stacklevel + 2)
    return results


def _job(history: History, origin: Origin, refit: bool, horizon: int) -> _Job:
    """Return the tables of an origin."""
    series = history.rows.series
    is_asked = np.isin(series[origin.known], series[origin.last])
    known = history.table[origin.known]
    ahead = (origin.last[:, np.newaxis] + np.arange(1, horizon + 1)).ravel()
    return _Job(
        origin.name,
        known if refit else None,
        None if refit and is_asked.all() else known[is_asked],
        history.table.iloc[ahead] if history.reader.future else None,
    )


def _run(forecaster: Any, job: _Job, parameters: dict[str, Any]) -> tuple[pd.DataFrame, list[Any]]:
    """Return the forecasts from an origin, and the warnings on the way."""
    with warnings.catch_warnings(record=True) as caught:
        try:
            if job.fitted_to is not None:
                forecaster = clone(forecaster).fit(job.fitted_to)
            result = forecaster.forecast(series=job.asked, future=job.future, **parameters)
        except Exception as error:
            error.add_note(f"This happened at the cutoff {show(job.name)}.")
            raise
    return result, [_plain(message) for message in caught]


def _plain(message: warnings.WarningMessage) -> Any:
    """Return the class, text and place of a warning."""
    return message.category, str(message.message), (message.filename, message.lineno)


def _warn_once(caught: Iterable[Any], stacklevel: int) -> None:
    """Repeat the warnings that were caught: one for each place in the code."""
    places: dict[Any, list[Any]] = {}
    for name, (category, message, place) in caught:
        places.setdefault((category, place), []).append((name, message))
    for (category, _), found in places.items():
        name, message = found[0]
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        warnings.warn(f"At the cutoff {show(name)}{more}: {message}", category, stacklevel)
