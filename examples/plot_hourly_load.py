"""
Hourly load with a calendar
===========================

The electric load of a town, forecast two days ahead. The hours of the week, holidays
and the weather are known in advance. A backtest shows which of them help, and in which
form.
"""

# %%
# The data
# --------
#
# The load is not real. It is made by the function below, since skrnn comes with no
# hourly series. It has what real loads have: another curve of the day on workdays,
# Saturdays and Sundays, holidays like Sundays, heating when it is cold, cooling when it
# is hot, and noise. So the page shows how to work. Its errors are not those of a real
# town.

# sphinx_gallery_thumbnail_number = 2

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.signal import lfilter
from skrub import DatetimeEncoder

from skrnn import (
    BacktestDisplay,
    ForecastDisplay,
    Forecaster,
    PretrainedGRURegressor,
    WindowLinearRegressor,
    WindowNormalizedRegressor,
    skill_table,
)

HOLIDAYS = pd.to_datetime(
    [
        "2024-05-01",
        "2024-05-09",
        "2024-05-20",
        "2024-08-15",
        "2024-11-01",
        "2024-12-25",
        "2024-12-26",
        "2025-01-01",
        "2025-01-06",
    ]
)


def make_load(seed=0):
    """Make the load of a town in MW, the temperature in degrees, and holidays."""
    rng = np.random.default_rng(seed)
    hours = pd.date_range("2024-05-01", "2025-01-06 23:00", freq="h", name="hour")

    def noise(memory, size):
        steps = rng.normal(size=len(hours)) * np.sqrt(1 - memory**2)
        return size * lfilter([1], [1, -memory], steps)

    def peak(center, width):
        distance = (hours.hour - center + 12) % 24 - 12
        return np.exp(-0.5 * (distance / width) ** 2)

    holiday = hours.normalize().isin(HOLIDAYS)
    workday = 260 * peak(8.5, 1.8) + 200 * peak(13, 3) + 260 * peak(18.5, 2)
    sunday = 60 * peak(11, 2.5) + 200 * peak(18.5, 2.2)
    saturday = (workday + sunday) / 2
    is_sunday = holiday | (hours.day_of_week == 6)
    people = np.select([is_sunday, hours.day_of_week == 5], [sunday, saturday], workday)
    season = 10 * np.cos(2 * np.pi * (hours.day_of_year - 20) / 365)
    warmth = 11 - season - 4 * np.cos(2 * np.pi * (hours.hour - 3) / 24)
    warmth = pd.Series(warmth + noise(0.99, 3.5))
    felt = warmth.ewm(halflife=6).mean()
    weather = 14 * (15 - felt).clip(lower=0) + 28 * (felt - 21).clip(lower=0)
    load = 1000 - 220 * peak(3.5, 3) + people + weather + noise(0.9, 25)
    forecast = warmth + noise(0.95, 1.2)
    table = {"load": load, "temperature": forecast, "holiday": holiday.astype(float)}
    return pd.DataFrame(table).set_axis(hours).round(1)


table = make_load()
load = table[["load"]]
print(table.tail(3))

# %%
# ``temperature`` is what the weather service forecast on the day before, not what was
# measured later. The measured one is not known in advance: a backtest with it would be
# too good.
#
# The network alone
# -----------------
#
# :class:`~skrnn.PretrainedGRURegressor` needs no training, and predicts ranges. Its
# windows are the last two days. It forecasts two days from each midnight of three
# weeks, with Christmas in them. It has to beat the value of the same hour last week.

network = PretrainedGRURegressor(season_length=24)


def backtest(regressor, columns=(), calendar=None, coverage=None):
    """Forecast from 21 midnights, with columns of the table known in advance."""
    forecaster = Forecaster(
        regressor,
        horizon=48,
        lookback=48,
        target="load",
        future_features=list(columns),
        calendar=calendar,
    )
    series = table[["load", *columns]]
    return forecaster.backtest(
        series, n_cutoffs=21, stride=24, refit=False, coverage=coverage
    )


def show(frame):
    """Print mean absolute errors in MW, and the skill beside last week's value."""
    skill = skill_table(frame, load, season_length=168).overall["skill_last_season"]
    errors = frame[skill.index].sub(frame["y"], axis=0).abs()
    is_holiday = frame["ds"].dt.normalize().isin(HOLIDAYS)
    printed = pd.DataFrame(
        {
            "holidays": errors[is_holiday].mean(),
            "other days": errors[~is_holiday].mean(),
            "skill": skill,
        }
    )
    print(printed.round(2).sort_values("skill").to_string())


frame = backtest(network).rename(columns={"forecast": "network"})
show(frame)

# %%
# ``refit=False`` fits at the first midnight only. A skill of 0.1 means that the errors
# are 10 % smaller than those of last week's value. Here it is negative: the network is
# worse. Two days tell nothing of the week. On a Friday it does not know that a Saturday
# follows.
#
# A calendar
# ----------
#
# ``calendar`` makes features of the hours, for past and future. It may be a transformer
# of dates, such as skrub's ``DatetimeEncoder`` (``pip install "skrnn[calendar]"``). It
# makes a curve over the hours of the day, and a curve over the days of the week.
#
# The effects of features are linear. So the two curves add up: a Sunday may have
# another level than a workday, but it has the same curve. The function below makes a
# curve of the day for all days, one for Saturdays, and one for Sundays.


def day_curve(hours):
    """Return a constant, and sines and cosines of the hour of the day."""
    angle = 2 * np.pi * np.asarray(hours.hour)[:, None] * np.arange(1, 5) / 24
    return np.hstack((np.ones((len(hours), 1)), np.sin(angle), np.cos(angle)))


def calendar(hours):
    """Return curves of the day for all days, for Saturdays and for Sundays."""
    curve, day = day_curve(hours), np.asarray(hours.day_of_week)[:, None]
    return np.hstack((curve[:, 1:], curve * (day == 5), curve * (day == 6)))


encoder = DatetimeEncoder(
    resolution="hour", add_weekday=True, periodic_encoding="circular"
)
frame["skrub's calendar"] = backtest(network, calendar=encoder)["forecast"]
frame["calendar"] = backtest(network, calendar=calendar)["forecast"]
show(frame)

# %%
# On most days the errors are a third smaller with the curves. Hour and weekday that add
# up help little: the curve that all days share is in the window already.
#
# On holidays the calendar makes the errors larger, since it expects a workday.
#
# Holidays and weather
# --------------------
#
# Two columns say what the calendar does not know. First as they are:

columns = ["holiday", "temperature"]
frame["two columns"] = backtest(network, columns, calendar)["forecast"]
show(frame)

# %%
# They help next to nothing, although the load was made of them. Again the reason is
# that effects are linear:
#
# - On a holiday the load is lower in the morning and at noon, and the same at night.
#   One number cannot say this. It needs a curve of the day, as the Sunday does.
# - A degree more means less heating in winter, and more cooling in summer. The degrees
#   below 15 and the degrees above 21 are two features.

curve = day_curve(table.index) * table[["holiday"]].to_numpy()
curves = [f"holiday_{i}" for i in range(curve.shape[1])]
table[curves] = curve
table["cold"] = (15 - table["temperature"]).clip(lower=0)
table["hot"] = (table["temperature"] - 21).clip(lower=0)
columns = [*curves, "cold", "hot"]

frame["curve of holidays"] = backtest(network, curves, calendar)["forecast"]
with_ranges = backtest(network, columns, calendar, coverage=0.8)
for name in with_ranges.filter(like="forecast"):
    frame[name.replace("forecast", "all")] = with_ranges[name]

# %%
# Linear regression on windows of two days gets the same features:

linear = WindowNormalizedRegressor(WindowLinearRegressor())
frame["all, linear"] = backtest(linear, columns, calendar)["forecast"]
show(frame)

# %%
# Now holidays are forecast much better. The weather adds little: how much is heated
# these days can be seen in the window, and only a change of the weather is news.
#
# Linear regression is better than the network, because it learns from eight months of
# this load, and the network from nothing but its window. The forecast below is made by
# the network all the same, because it predicts ranges. How many values are inside its
# 80 % ranges in the backtest?

inside = frame["y"].between(frame["all-lo-80"], frame["all-hi-80"]).mean()
print(f"{inside:.0%} of the values")

# %%
# Linear regression has no ranges of its own. With ``n_calibration=20`` and
# ``calibration_stride=24`` they are learned from the forecasts of 20 earlier midnights,
# which takes 20 more fits.
#
# The errors by step ahead
# ------------------------
#
# All forecasts start at midnight: step 9 is the morning of the first day, and step 33
# that of the second. Last season's value is last week's. A point is hollow where 21
# forecasts are not enough to say that the model is better.

models = ["network", "calendar", "all"]
errors = BacktestDisplay.from_predictions(frame, load, season_length=168, models=models)
plt.show()

# %%
# The next two days
# -----------------
#
# The last two days of the table are a Sunday, and a Monday that is a holiday. Take them
# as the days to come. ``make_future`` returns the table to fill, with one row for each
# hour:

forecaster = Forecaster(
    network,
    horizon=48,
    lookback=48,
    target="load",
    future_features=columns,
    calendar=calendar,
)
forecaster.fit(table[["load", *columns]][:-48])
future = forecaster.make_future()
future[columns] = table.loc[future.index, columns]
forecast = forecaster.forecast(future=future, coverage=0.8)
print(forecast.iloc[[0, 8, 24, 32]].round())

# %%
# The black line goes on with what happened. The dashed one is the forecast for a Monday
# that is no holiday: zeros in the columns of the holiday.

workday = forecaster.forecast(future=future.assign(**dict.fromkeys(curves, 0.0)))
figure, axes = plt.subplots(figsize=(9, 4.2), layout="constrained")
ForecastDisplay.from_predictions(load, forecast, n_history=120, ax=axes)
axes.plot(workday[24:], "--", color="C1", label="if it were no holiday")
axes.set(ylabel="load (MW)", ylim=(800, 1650))
axes.legend(loc="upper center", ncols=4)
picture = "hourly_load.png"  # in the folder where the script was started
figure.savefig(picture, dpi=150)
plt.show()
