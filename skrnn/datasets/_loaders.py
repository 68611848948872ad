"""Loaders of the series that come with the package."""

from __future__ import annotations

from importlib import resources

import pandas as pd


def load_airline_passengers() -> pd.DataFrame:
    """Load the monthly totals of international airline passengers, 1949 to 1960.

    ==============  =================================
    Rows            144 months
    Index           monthly periods, 1949-01 to 1960-12
    Columns         ``passengers``, in thousands
    ==============  =================================

    Returns
    -------
    DataFrame of shape (144, 1)
        The column ``passengers`` over a monthly PeriodIndex named ``month``.

    Notes
    -----
    Series G of Box, Jenkins and Reinsel, "Time Series Analysis: Forecasting and
    Control". Facts, freely redistributed since 1976.

    Examples
    --------
    >>> from skrnn.datasets import load_airline_passengers
    >>> load_airline_passengers().head(3)
             passengers
    month
    1949-01       112.0
    1949-02       118.0
    1949-03       132.0
    """
    table = _read("airline_passengers.csv")
    index = pd.PeriodIndex(table["Month"], freq="M", name="month")
    values = table["Passengers"].to_numpy(dtype=float)
    return pd.DataFrame({"passengers": values}, index=index)


def load_australian_temperature() -> pd.DataFrame:
    """Load the monthly mean temperatures of 49 Australian stations, 2007 to 2017.

    ==============  ==================================================
    Rows            4769 station-months, 2007-11 to 2017-06
    Index           ``station`` and ``month`` (a monthly period)
    Columns         ``temperature``, in degrees Celsius
    ==============  ==================================================

    The temperature of a month is the mean over its days of (minimum + maximum) / 2.

    Returns
    -------
    DataFrame of shape (4769, 1)
        The column ``temperature`` over a MultiIndex of station and month, sorted.

    Notes
    -----
    The data are not cleaned. 2011-04, 2012-12 and 2013-02 are missing for every
    station. 45 of the stations start by 2009-01, one in 2009-03, and Katherine, Nhil
    and Uluru in 2013-03; Melbourne lacks 2015-02 to 2016-04. Eleven values
    are means of fewer than 15 days (SalmonGums 2010-06 of four).

    Daily observations: copyright Commonwealth of Australia, Bureau of Meteorology,
    which publishes them under Creative Commons Attribution, as collected in the R
    data set *weatherAUS* (rattle.data 1.0.2, used with permission). The monthly
    means were computed for this package.

    Examples
    --------
    >>> from skrnn.datasets import load_australian_temperature
    >>> load_australian_temperature().loc["Cairns"].head(3)
             temperature
    month
    2008-12       28.544
    2009-01       27.489
    2009-02       27.721
    """
    table = _read("australian_temperature.csv")
    month = pd.PeriodIndex(table["month"], freq="M")
    index = pd.MultiIndex.from_arrays([table["station"], month], names=["station", "month"])
    values = table["temperature"].to_numpy(dtype=float)
    return pd.DataFrame({"temperature": values}, index=index).sort_index()


def _read(name: str) -> pd.DataFrame:
    """Read one of the CSV files beside this module."""
    with resources.files(__package__).joinpath("data", name).open(encoding="utf-8") as file:
        return pd.read_csv(file)
