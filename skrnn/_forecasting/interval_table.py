"""Tables of forecasts, with the bounds of intervals or with sample paths."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from skrnn._validation.parameters import integer_at_least
from skrnn._windows._labels.row_labels import RowLabels

from .calibration import Calibration, errors_of
from .conformal import SeriesErrors
from .forecast_model import Data, ForecastModel
from .quantile_bounds import quantile_bounds
from .series_rows import SeriesRows
from .table_form import TableForm

Arrays = NDArray[Any]
PATH = "path"


def with_intervals(
    y: Arrays,
    targets: list[Any],
    coverage: Any,
    calibration: Calibration | None,
    kept: SeriesRows,
    model: ForecastModel,
    data: Data,
    ahead: Arrays,
) -> tuple[Arrays, list[Any]]:
    """Return forecasts with the bounds of intervals, and the names of the columns.

    The bounds are conformal or, without a calibration, quantiles that the regressor predicts.

    Parameters
    ----------
    y : ndarray of shape (n_series, n_steps, n_targets)
    targets : list
    coverage : float or list of float
    calibration : Calibration or None
    kept : SeriesRows
        The last rows of fit.
    model : ForecastModel
    data : Data
        The forecasts start from its last rows.
    ahead : ndarray of shape (n_series, n_steps, n_known)
        Known features of the steps that are forecast.

    Returns
    -------
    values : ndarray of shape (n_series, n_steps, n_columns)
    names : list
    """
    levels = check_coverage(coverage)
    if calibration is None and model.has_quantiles:
        bounds = quantile_bounds(model, data, ahead, levels)
    else:
        bounds = errors_of(calibration, data.rows, kept, y.shape[1]).bounds(y, levels)
    columns, names = [], []
    for i, target in enumerate(targets):
        columns.append(y[:, :, i])
        names.append(target)
        for level, (low, high) in zip(levels, bounds, strict=True):
            columns += [low[:, :, i], high[:, :, i]]
            names += bound_names(target, level)
    return np.stack(columns, axis=2).astype(y.dtype), names


def path_table(
    form: TableForm,
    labels: RowLabels,
    y: Arrays,
    targets: list[Any],
    errors: SeriesErrors,
    paths: Any,
    random_state: Any,
    coverage: Any,
) -> pd.DataFrame:
    """Return sample paths as a table with a column for their number.

    `y` are the forecasts, of shape (n_series, n_steps, n_targets), and `labels` those of its
    series and steps. `coverage` must be None.
    """
    if coverage is not None:
        raise ValueError(
            f"coverage={coverage!r} and paths={paths!r} are two kinds of results: pass one of them."
        )
    n_paths = integer_at_least(1, paths=paths)
    errors_of_paths = errors.paths(y.shape[1], n_paths, check_random_state(random_state))
    drawn = (y + errors_of_paths).astype(y.dtype)
    repeated = labels.take(np.tile(np.arange(labels.n_rows), n_paths))
    numbers = np.repeat(np.arange(n_paths), labels.n_rows).astype(drawn.dtype)
    values = np.column_stack((numbers, drawn.reshape(repeated.n_rows, -1)))
    return form.table(repeated, values, [PATH, *targets]).astype({PATH: int})


def check_coverage(coverage: Any) -> list[float]:
    """Return the coverages of intervals that a user wants.

    Raises
    ------
    ValueError
        If one is not between 0 and 1, or stands there twice.
    """
    given = [coverage] if np.ndim(coverage) == 0 else list(coverage)
    for value in given:
        is_number = isinstance(value, Real) and not isinstance(value, bool | np.bool_)
        if not is_number or not 0 < value < 1:
            raise ValueError(
                "coverage must be between 0 and 1, without these, such as 0.8 for intervals that "
                f"hold 80 % of the values, or a list of such numbers, but is {coverage!r}."
            )
    if not given or len(set(given)) < len(given):
        raise ValueError(f"coverage must be a list of different numbers, but is {coverage!r}.")
    return [float(value) for value in given]


def bound_names(name: Any, coverage: float) -> list[str]:
    """Return the names of the columns with the lower and the upper bound."""
    return [f"{name}-{side}-{100 * coverage:g}" for side in ("lo", "hi")]
