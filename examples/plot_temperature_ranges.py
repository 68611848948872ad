"""
Temperatures with ranges, and do they hold?
===========================================

The monthly temperature at four Australian stations, forecast 12 months ahead, with
ranges that should hold half of the values, and 80 % of them. A backtest of three years
then counts how many they hold, and compares the forecasts with last year's values.
"""

# %%
# Forecast
# --------
#
# The index names the station and the month of each row. Three missing months, the last
# one in 2013, are filled by interpolation. The last twelve months are held back, to
# compare the forecasts with what happened.
#
# :class:`~skrnn.PretrainedGRURegressor` needs no training, and predicts quantiles. So
# its ranges need no forecasts from earlier months.

import matplotlib.pyplot as plt

from skrnn import (
    BacktestDisplay,
    ForecastDisplay,
    Forecaster,
    PretrainedGRURegressor,
    SeriesImputer,
    insert_missing_rows,
    skill_table,
)
from skrnn.datasets import load_australian_temperature

temperature = load_australian_temperature()
temperature = temperature.loc[["AliceSprings", "Cairns", "Hobart", "Perth"]]
imputer = SeriesImputer().set_output(transform="pandas")
temperature = imputer.fit_transform(insert_missing_rows(temperature))
known = temperature[temperature.index.get_level_values("month") <= "2016-06"]

network = PretrainedGRURegressor(season_length=12)
forecaster = Forecaster(network, horizon=12, lookback=60).fit(known)
forecast = forecaster.forecast(coverage=[0.5, 0.8])
columns = ["temperature", "temperature-lo-80", "temperature-hi-80"]
print(forecast.loc[["Hobart"], columns].round(1))

# %%
# The fans
# --------
#
# The black line goes on with what happened.

fans = ForecastDisplay.from_predictions(temperature, forecast, n_history=36)
picture = "temperature_ranges.png"  # in the folder where the script was started
fans.figure_.savefig(picture, dpi=150)

# %%
# Do the ranges hold?
# -------------------
#
# One year at four stations is little. ``backtest`` makes forecasts from each month of
# three years, which know nothing later.

backtest = forecaster.backtest(temperature, n_cutoffs=36, coverage=[0.5, 0.8])
skill = skill_table(backtest, temperature, season_length=12)
for sentence in skill.sentences:
    print(sentence)
inside = backtest["y"].between(backtest["forecast-lo-80"], backtest["forecast-hi-80"])
by_year = inside.groupby(backtest["cutoff"].dt.year).mean()
print("\nShare of the values in the 80 % range, by the year of the cutoff")
print(by_year.round(2).to_string())

# %%
# Over all cutoffs the coverage is close to 80 %. From year to year it differs.
#
# The forecasts are better than last year's values, but not by much, and at some steps
# the difference may be chance. The weather months ahead cannot be known. A forecast can
# only be better by using the average of several years.
#
# The errors by step ahead
# ------------------------
#
# A point is hollow where the forecast is not clearly better than both simple forecasts.

errors = BacktestDisplay.from_predictions(backtest, temperature, season_length=12)
plt.show()
