"""Forecasts of an origin: by regressors of windows, and by statsforecast."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import skrnn
from skrnn import SlidingWindowTransformer, make_supervised, newest_windows_weight

from .panels import Origin

LOOKBACK = 144
NEWEST = 60  # windows of each series to train on


def windows_forecast(
    regressor: Any, origin: Origin, *, lookback: int = LOOKBACK, newest: int = NEWEST
) -> np.ndarray:
    """Fit one regressor of windows to all series, and forecast each from its end."""
    frame = origin.frame()
    windows = SlidingWindowTransformer(lookback).fit_transform(frame.to_frame())
    _, y = make_supervised(frame, horizon=origin.horizon)
    place = pd.Series(np.arange(len(frame)), index=frame.index)
    weight = newest_windows_weight(y, newest)
    used = weight > 0
    regressor.fit(windows[place[y.index]][used], y[used])
    ends = place.groupby(level="series", sort=False).last()
    return regressor.predict(windows[ends])


def covered(origin: Origin) -> float:
    """Return the share of the future within the pretrained network's own 80 % range."""
    regressor = skrnn.PretrainedGRURegressor(origin.season_length)
    windows = skrnn.pad_sequences(origin.pasts, max_length=LOOKBACK)
    y = np.zeros(origin.futures.shape)  # fit reads only its shape
    lower, upper = np.moveaxis(
        regressor.fit(windows, y).predict_quantiles(windows, [0.1, 0.9]), -1, 0
    )
    return float(((lower <= origin.futures) & (origin.futures <= upper)).mean())


def make_regressor(expression: str, season_length: int) -> Any:
    """Return the regressor that an expression of skrnn's names and ``season`` describes."""
    import sklearn.linear_model
    from sklearn.pipeline import make_pipeline

    from skrnn.recommended import make_blend

    names = {name: getattr(skrnn, name) for name in skrnn.__all__}
    names |= {"make_pipeline": make_pipeline, "make_blend": make_blend}
    return eval(expression, vars(sklearn.linear_model) | names, {"season": season_length})


def statsforecast(name: str, origin: Origin) -> np.ndarray:
    """Fit a model of statsforecast to each series, with its defaults."""
    from statsforecast import models

    season = origin.season_length
    forecasts = []
    for past in origin.pasts:
        # One of them that cannot be fitted is replaced, as statsforecast's fallback_model does.
        try:
            model = getattr(models, name)(season_length=season)
            forecast = model.forecast(y=past, h=origin.horizon)["mean"]
        except Exception:
            fallback = models.SeasonalNaive(season_length=min(season, len(past)))
            forecast = fallback.forecast(y=past, h=origin.horizon)["mean"]
        forecasts.append(forecast)
    return np.array(forecasts)
