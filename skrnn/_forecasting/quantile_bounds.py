"""Bounds of intervals that are quantiles which the regressor itself predicts."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from .forecast_model import Data, ForecastModel

Arrays = NDArray[Any]


def quantile_bounds(
    model: ForecastModel, data: Data, ahead: Arrays, levels: list[float]
) -> list[tuple[Arrays, Arrays]]:
    """Return the lower and the upper bounds of each interval: (n_series, n_steps, n_targets).

    Parameters
    ----------
    model : ForecastModel
    data : Data
        The forecasts start from its last rows.
    ahead : ndarray of shape (n_series, n_steps, n_known)
        Known features of the steps that are forecast.
    levels : list of float
        Shares of the values that the intervals should hold.

    Raises
    ------
    ValueError
        If there are more steps than the horizon has, or the regressor has no such quantiles.
    """
    if ahead.shape[1] > model.models.horizon:
        raise ValueError(
            f"steps={ahead.shape[1]} is beyond horizon={model.models.horizon}, up to which the "
            "regressor predicts quantiles. Intervals of more steps need a longer horizon."
        )
    probabilities = [round((1 + sign * level) / 2, 12) for level in levels for sign in (-1, 1)]
    try:
        quantiles = model.quantiles(data, data.rows.last, ahead, probabilities)
    except ValueError as error:
        raise ValueError(
            f"The regressor predicts no quantiles for coverage={max(levels):g}: {error} Choose a "
            "lower coverage, or set n_calibration, so that intervals are learned from errors."
        ) from error
    return [(quantiles[..., i], quantiles[..., i + 1]) for i in range(0, len(probabilities), 2)]
