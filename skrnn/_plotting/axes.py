"""What several pictures need: axes, the colour of text, legends, time labels as numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def make_axes(ax: Any, **options: Any) -> Any:
    """Return the axes to draw in: those of the user, or those of a new figure.

    Parameters
    ----------
    ax : matplotlib Axes or None
        Axes of the user.
    **options : dict
        Passed to ``matplotlib.pyplot.subplots``.
    """
    import matplotlib.pyplot as plt

    return plt.subplots(layout="constrained", **options)[1] if ax is None else ax


def text_color(ax: Any) -> Any:
    """Return a colour that is seen on the background of axes, dark or light: that of their text."""
    return ax.xaxis.label.get_color()


def time_positions(labels: pd.Index) -> NDArray[Any]:
    """Return time labels as matplotlib takes them.

    Periods are their first moment, and durations are days. Dates of a time zone keep it.
    """
    if isinstance(labels, pd.PeriodIndex):
        labels = labels.to_timestamp()
    if isinstance(labels, pd.TimedeltaIndex):
        return np.asarray(labels / pd.Timedelta(days=1))
    if isinstance(labels, pd.DatetimeIndex) and labels.tz is not None:
        return np.asarray(labels.as_unit("us").to_pydatetime())
    return labels.to_numpy()


def finish(display: Any, ax: Any, **legend: Any) -> Any:
    """Count along the horizontal axis, add the legend, and return the display with its axes.

    Parameters
    ----------
    display : Display
        It gets the attributes ``ax_`` and ``figure_``.
    ax : matplotlib Axes
        Axes that were drawn in.
    **legend : dict
        Passed to the legend.
    """
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend(**legend)
    display.ax_, display.figure_ = ax, ax.figure
    return display


def show_dates(ax: Any) -> None:
    """Give an axis of dates short labels that do not overlap. Other axes stay."""
    from matplotlib import dates
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = ax.xaxis.get_major_locator()
    if isinstance(locator, AutoDateLocator):
        few = AutoDateLocator(tz=locator.tz, minticks=3, maxticks=6)
        # 33 months are less than 3 years, but more than 5 half years: then label whole years.
        whole = {dates.MONTHLY: 12, dates.HOURLY: 24, dates.MINUTELY: 60, dates.SECONDLY: 60}
        for unit, length in whole.items():
            few.intervald[unit] = [*few.intervald[unit], length]
        ax.xaxis.set(major_locator=few, major_formatter=ConciseDateFormatter(few, tz=locator.tz))
