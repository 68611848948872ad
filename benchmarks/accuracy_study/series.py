"""The series of the accuracy study: real, of different nature, all inside packages of PyPI.

Besides skrnn this needs statsmodels, pmdarima, vega_datasets and bokeh_sampledata.
"""

from __future__ import annotations

from importlib.resources import files
from typing import NamedTuple

import numpy as np
import pandas as pd

# Long series count from here on, counted from their end.
LONGEST = 3000


class Dataset(NamedTuple):
    """One series, or a panel of series that one model forecasts.

    Parameters
    ----------
    name, nature : str
    values : list of ndarray of shape (n_steps, n_features)
        The series; what is forecast is the first feature.
    season : int
        Time steps in a season; 1 if there is none, or one too long to wait for.
    horizon : int
        Steps ahead of the multi-step forecast.
    """

    name: str
    nature: str
    values: list[np.ndarray]
    season: int
    horizon: int

    @property
    def lookback(self) -> int:
        """Time steps of a window: a season and one more, but a dozen at least."""
        return max(self.season + 1, 12)


def load_all() -> list[Dataset]:
    """Return all data sets."""
    from pmdarima import datasets as pm
    from statsmodels import datasets as sm
    from vega_datasets import local_data as vega

    from skrnn import SeriesImputer, insert_missing_rows
    from skrnn.datasets import load_airline_passengers, load_australian_temperature

    def one(name: str, nature: str, values: object, season: int, horizon: int) -> Dataset:
        frame = np.asarray(values, dtype=float)[-LONGEST:]
        return Dataset(name, nature, [frame.reshape(len(frame), -1)], season, horizon)

    def bokeh(name: str) -> np.ndarray:
        with (files("bokeh_sampledata") / f"_data/{name}.csv.gz").open("rb") as file:
            return pd.read_csv(file, compression="gzip").iloc[:, -1].dropna().to_numpy()

    temperature = insert_missing_rows(load_australian_temperature())
    filled = SeriesImputer().set_output(transform="pandas").fit_transform(temperature)
    stations = filled["temperature"].unstack("month").loc[:, "2009-01":].dropna()
    temperatures = list(stations.to_numpy()[:, :, np.newaxis])
    co2 = sm.co2.load_pandas().data["co2"].resample("MS").mean().interpolate()
    elnino = sm.elnino.load_pandas().data.drop(columns="YEAR").to_numpy().ravel()
    macro = sm.macrodata.load_pandas().data
    growth = 100 * np.log(macro["realgdp"]).diff()
    macro = macro[["unemp", "infl", "tbilrate"]].assign(growth=growth).iloc[1:]
    weather = vega.seattle_weather()[["temp_max", "temp_min", "precipitation", "wind"]]
    jobs = vega.us_employment().drop(columns=["month", "nonfarm_change"])
    return [
        one("airline passengers", "monthly, trend, season", load_airline_passengers(), 12, 12),
        Dataset("Australian temperatures", "panel, monthly, season", temperatures, 12, 18),
        one("wine sales", "monthly, season", pm.load_wineind(), 12, 12),
        one("carbon dioxide", "monthly, trend, season", co2, 12, 12),
        one("El Niño", "monthly, season, irregular", elnino, 12, 12),
        one("sunspots", "monthly, irregular cycle", pm.load_sunspots(), 1, 12),
        one("US employment", "panel, monthly, trend", jobs, 1, 12)._replace(
            values=[jobs[[name]].to_numpy(float) for name in jobs]
        ),
        one("beer", "quarterly, trend, season", pm.load_ausbeer()[:-1], 4, 8),
        one("residents", "quarterly, trend", pm.load_austres(), 4, 8),
        one("wool", "quarterly, season", pm.load_woolyrnq(), 4, 8),
        one("US unemployment", "quarterly, multivariate", macro, 1, 4),
        one("lynx", "yearly, irregular cycle", pm.load_lynx(), 1, 6),
        one("Nile", "yearly, irregular", sm.nile.load_pandas().data["volume"], 1, 6),
        one("Microsoft", "daily, random walk", np.log(pm.load_msft()["Close"]), 1, 5),
        one("Seattle weather", "daily, multivariate", weather, 1, 7),
        one("sea surface", "hourly, season", bokeh("sea_surface_temperature")[::2], 24, 24),
        one("glucose", "five-minute, irregular", bokeh("CGM"), 1, 12),
        one("heart rate", "half-seconds, irregular", pm.load_heartrate(), 1, 12),
    ]


def save(datasets: list[Dataset], path: str) -> None:
    """Write data sets to a file, for environments that lack the packages."""
    pd.to_pickle([d._asdict() for d in datasets], path)


def load(path: str) -> list[Dataset]:
    """Read what :func:`save` has written."""
    return [Dataset(**fields) for fields in pd.read_pickle(path)]
