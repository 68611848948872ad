"""
Australian temperatures: 18 months ahead, for 44 stations at once
=================================================================

A popular tutorial forecasts the monthly temperatures of Australian weather stations
with a bidirectional GRU. It reads 18 months and forecasts the next 18, with one network
for all stations. This page repeats it and compares it with simple forecasts. Each
station's monthly means are better than the network. Then the same network corrects a
better baseline, as far as held-out rows show that the correction helps.
"""

# %%
# The data
# --------
#
# Monthly means from 2009-01 to 2017-06. Three months are missing at all stations. They
# are filled by interpolation. Stations with longer gaps are left out. The rows are
# sorted by month, so that the last rows are the newest.

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.preprocessing import MinMaxScaler

from skrnn import (
    GRURegressor,
    NaiveRegressor,
    ResidualRegressor,
    SeriesImputer,
    SlidingWindowTransformer,
    insert_missing_rows,
    make_supervised,
)
from skrnn.datasets import load_australian_temperature

HORIZON = 18
SEEDS = range(3)
SHOWN = ["Cairns", "Canberra", "Darwin", "GoldCoast", "MountGinini"]

temperature = load_australian_temperature()
temperature = temperature[temperature.index.get_level_values("month") >= "2009-01"]
filled = (
    SeriesImputer()
    .set_output(transform="pandas")
    .fit_transform(insert_missing_rows(temperature))
)
table = filled["temperature"].unstack("month").dropna()  # stations below one another
panel = filled.loc[table.index].sort_index(level=["month", "station"])
print(f"{len(table)} stations, {table.columns[0]} to {table.columns[-1]}")

# %%
# The tutorial's protocol
# -----------------------
#
# Each row of the panel is a station and a month. Its window ends with this month, and
# its target is the 18 months after it. No window crosses from one station to the next.
# Rows whose window and target lie within the first 60 months are for training. Rows
# whose window and target lie within the last 42 months are for the test. The scaler is
# fitted to the training months.

month = panel.index.get_level_values("month")
scaler = MinMaxScaler().set_output(transform="pandas").fit(panel[month <= "2013-12"])
scaled = scaler.transform(panel).astype(np.float32)

_, future = make_supervised(scaled, horizon=HORIZON)  # rows whose future is known
known = panel.index.get_indexer(future.index)
y = future.to_numpy()
windows = {n: SlidingWindowTransformer(n).fit_transform(scaled) for n in (18, 84)}
X, X_long = (windows[n][known] for n in (18, 84))

month = future.index.get_level_values("month")
train = (month >= "2010-06") & (month <= "2012-06")
test = month >= "2015-06"
print(f"{sum(train)} training rows, {sum(test)} test rows, X {X.shape}, y {y.shape}")


def degrees(values):
    """Return scaled values in degrees Celsius."""
    return scaler.inverse_transform(values.reshape(-1, 1)).reshape(values.shape)


def errors(predicted, rows):
    """Mean absolute and mean squared error of some rows, in degrees."""
    error = degrees(predicted) - degrees(y[rows])
    return np.abs(error).mean(), np.square(error).mean()


# %%
# The tutorial's network
# ----------------------
#
# A bidirectional GRU of 32 units reads the window. A second one, the decoder, gets its
# last hidden state at each step of the horizon, and a dense layer predicts each month.
# Learning rate and epochs are chosen on training months: fitted within the first 42
# months, evaluated on the 18 months after them. The learning rate decreases along half
# a cosine: with a constant one the error changes much from epoch to epoch. The weight
# decay was chosen on training months, too.

import torch
from skorch.callbacks import LRScheduler


def tutorial_network(learning_rate, max_epochs, seed):
    """Return the tutorial's encoder-decoder."""
    schedule = LRScheduler(torch.optim.lr_scheduler.CosineAnnealingLR, T_max=max_epochs)
    return GRURegressor(
        32,
        bidirectional=True,
        architecture="encoder-decoder",
        optimizer="adamw",
        learning_rate=learning_rate,
        weight_decay=0.1,
        max_epochs=max_epochs,
        callbacks=[schedule],
        random_state=seed,
    )


early = (month >= "2010-06") & (month <= "2010-12")  # targets up to 2012-06
late = month == "2012-06"  # targets from 2012-07 to 2013-12


def validation_error(learning_rate, max_epochs):
    """Mean absolute error on the last 18 training months, the median of the seeds."""
    found = []
    for seed in SEEDS:
        model = tutorial_network(learning_rate, max_epochs, seed)
        model.fit(X[early], y[early])
        found.append(errors(model.predict(X[late]), late)[0])
    return np.median(found)


candidates = product([3e-3, 1e-2, 2e-2], [50, 100])
validation = pd.Series({each: validation_error(*each) for each in candidates})
print("MAE on the last 18 training months, by learning rate and epochs")
print(validation.unstack().round(3).to_string())

# %%
# The chosen network is fitted to all training rows with three seeds:

from skrnn.inspection import summary

chosen = validation.idxmin()
networks = [tutorial_network(*chosen, seed).fit(X[train], y[train]) for seed in SEEDS]
layers = summary(networks[0])
print(layers[["kind", "output", "parameters"]].to_string())
print(f"{layers['parameters'].sum()} parameters")

# %%
# Simple forecasts
# ----------------
#
# The same month of last year; each station's mean of the same month over the training
# months; and ridge regression on the 18 months of the window.

last_year = NaiveRegressor("seasonal", season_length=12).fit(X[train], y[train])
ridge = Ridge().fit(X[train, :, 0], y[train])

training = scaled["temperature"][
    scaled.index.get_level_values("month") <= "2013-12"
].unstack()
climate = training.T.groupby(training.columns.month).mean().T  # 12 columns
station = future.index.get_level_values("station")
ahead = month.month.to_numpy()[:, np.newaxis] + np.arange(HORIZON)  # January is 0
monthly_means = np.take_along_axis(climate.loc[station].to_numpy(), ahead % 12, axis=1)

networks.sort(key=lambda model: errors(model.predict(X[test]), test))
forecasts = {
    "last year": last_year.predict(X[test]),
    "monthly means": monthly_means[test],
    "ridge": ridge.predict(X[test, :, 0]),
    "tutorial": networks[len(SEEDS) // 2].predict(X[test]),  # the median seed
}


def show_errors():
    """Print the errors of all forecasts on the test rows."""
    rows = {name: errors(predicted, test) for name, predicted in forecasts.items()}
    print("The last 42 months, 18 months ahead, in degrees and squared degrees")
    print(pd.DataFrame(rows, index=["MAE", "MSE"]).T.round(3).to_string())


show_errors()
print("Seeds:", *(f"{errors(m.predict(X[test]), test)[0]:.3f}" for m in networks))

# %%
# The network is about as good as ridge regression. The monthly means are better than
# both. A window of 18 months shows little of a station's climate. And there are only
# five years to learn from, with weather that is similar at all stations.
#
# The network on the residuals of a baseline
# ------------------------------------------
#
# Two things change. The window contains all months so far; shorter windows are padded.
# And a baseline makes the forecast, which the network corrects. The baseline reads the
# window, too: the means of the same month, or a smooth curve through them ("harmonic"),
# are the station's own climate as known at the time of the forecast. Baselines are
# compared on the last 18 training months:

baselines = {
    strategy: NaiveRegressor(strategy, season_length=12).fit(X_long[early], y[early])
    for strategy in ["seasonal", "mean", "harmonic"]
}
validation = pd.Series(
    {
        strategy: errors(model.predict(X_long[late]), late)[0]
        for strategy, model in baselines.items()
    }
)
chosen = validation.idxmin()
print("MAE on the last 18 training months, by baseline")
print(validation.round(3).to_string())

# %%
# :class:`~skrnn.ResidualRegressor` fits the network to the residuals of the best
# baseline. On the newest fifth of the rows it learns the shrinkage of the correction,
# a factor from 0 to 1.

network = GRURegressor(
    32,
    bidirectional=True,
    architecture="encoder-decoder",
    early_stopping=True,
    random_state=0,
)
model = ResidualRegressor(network, NaiveRegressor(chosen, season_length=12))
model.fit(X_long[train], y[train])
print(f"Shrinkage of the correction: {model.shrinkage_:.2f}")
corrected = f"{chosen} + network"
forecasts[corrected] = model.predict(X_long[test])
show_errors()

# %%
# The shrinkage is 0, so the forecast is that of the baseline. The newest fifth are five
# months, each with a target of 18 months. These targets overlap: they are hardly more
# than one horizon, too short to show that a correction helps. Longer series, or a
# shorter horizon, are needed for that.
#
# The errors by step of the horizon, and by station:

absolute = {
    name: np.abs(degrees(predicted) - degrees(y[test]))
    for name, predicted in forecasts.items()
}
by_step = pd.DataFrame({name: error.mean(axis=0) for name, error in absolute.items()})
by_step.index = pd.RangeIndex(1, HORIZON + 1, name="step")
print("MAE by months ahead")
print(by_step.round(2).to_string())

by_row = {name: error.mean(axis=1) for name, error in absolute.items()}
by_station = pd.DataFrame(by_row, index=station[test]).groupby("station").mean()
print("MAE by station")
print(by_station.round(2).to_string())

# %%
# The picture
# -----------
#
# The last forecast of the test part, for the five stations that the tutorial shows. The
# tutorial's network reads the shaded 18 months, the other model the whole history.

import matplotlib.pyplot as plt

months = table.columns
origin, target = months[months == "2015-12"][0], months[months > "2015-12"]
newest = month[test] == origin
styles = {
    "tutorial": ("C0", "tutorial's network"),
    corrected: ("C3", f"{chosen} baseline, shrinkage {model.shrinkage_:g}"),
}
figure, axes = plt.subplots(
    len(SHOWN), figsize=(9, 9), sharex=True, layout="constrained"
)
for name, axis in zip(SHOWN, axes, strict=True):
    row = np.flatnonzero(newest & (station[test] == name))[0]
    shade = (origin - HORIZON + 1).to_timestamp(), origin.to_timestamp()
    axis.axvspan(*shade, color="0.94", zorder=0)
    real = table.loc[name]
    axis.plot(months.to_timestamp(), real, color="0.7", label="history")
    axis.plot(target.to_timestamp(), real[target], color="0.1", label="observed")
    for label, (color, text) in styles.items():
        predicted = degrees(forecasts[label][row])
        axis.plot(target.to_timestamp(), predicted, "--", color=color, label=text)
    axis.set_title(name, loc="left", fontsize="medium")
    axis.set_ylabel("°C")
    axis.spines[["top", "right"]].set_visible(False)
    axis.margins(x=0.01)
figure.align_ylabels()
handles, labels = axes[0].get_legend_handles_labels()
figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
picture = Path("australian_temperature.png")  # in the folder where the script started
figure.savefig(picture, dpi=150)
print(f"The picture is in {picture}")

# %%
# The forecast
# ------------
#
# The 18 months after the end of the data. The windows of the newest rows end with
# 2017-06.

newest = panel.index.get_level_values("month") == months[-1]
forecast = pd.DataFrame(
    degrees(model.predict(windows[84][newest])),
    index=table.index,
    columns=pd.period_range(months[-1] + 1, periods=HORIZON, freq="M"),
)
print(forecast.loc[SHOWN].T.to_string(float_format="{:.1f}".format))
plt.show()
