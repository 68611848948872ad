"""
Is my network better than last year's value?
============================================

Compare a network with simple forecasts before you tune it. "The same as last month" and
"the same month last year" are models, too: put one in the network's place in the
pipeline, cross-validate both on the same rows, and divide the errors. This page does so
for the two series that come with skrnn, one month ahead.
"""

# %%
# The models
# ----------
#
# :class:`~skrnn.NaiveRegressor` forecasts from the window alone. Its strategy
# "harmonic" fits a smooth seasonal curve to the window. A network alone needs a scaler
# for the window and for the target. :class:`~skrnn.ResidualRegressor` scales by
# itself: it fits a baseline, and the network to the residuals. The networks stop early,
# which keeps the run short.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skrnn import (
    GRURegressor,
    NaiveRegressor,
    ResidualRegressor,
    SeriesImputer,
    SlidingWindowTransformer,
    WindowLinearRegressor,
    insert_missing_rows,
    make_supervised,
)
from skrnn.datasets import load_airline_passengers, load_australian_temperature
from skrnn.model_selection import PanelTimeSeriesSplit

LOOKBACK = 25  # two years and a month


def on_windows(regressor):
    """Put windows in front of a regressor."""
    return make_pipeline(SlidingWindowTransformer(LOOKBACK), regressor)


def scaled(regressor):
    """Put windows in front of a regressor, and scale them and its target."""
    windows = SlidingWindowTransformer(LOOKBACK)
    pipeline = make_pipeline(StandardScaler(), windows, regressor)
    return TransformedTargetRegressor(
        pipeline.set_output(transform="pandas"), transformer=StandardScaler()
    )


network = GRURegressor(early_stopping=True, random_state=0)
last_year = NaiveRegressor("seasonal", season_length=12)
harmonic = NaiveRegressor("harmonic", season_length=12)
models = {
    "same as last month": on_windows(NaiveRegressor("last")),
    "same month last year": on_windows(last_year),
    "harmonics of the window": on_windows(harmonic),
    "linear regression": on_windows(WindowLinearRegressor()),
    "GRU": scaled(network),
    "GRU on last year": on_windows(ResidualRegressor(network, last_year)),
    "GRU on harmonics": on_windows(ResidualRegressor(network, harmonic)),
    "GRU on linear regression": on_windows(ResidualRegressor(network)),
}

# %%
# The comparison
# --------------
#
# The models predict four parts of the series. They are fitted to all rows before each
# part. The first windows of a part contain training rows, so all models are scored on
# all rows of the part. Errors are divided by those of the same month last year. Below
# one, the model is better.


def compare(X, y, cv):
    """Mean absolute errors, a row for each split and a column for each model."""
    return pd.DataFrame(
        {
            name: -cross_val_score(
                model, X, y, cv=cv, scoring="neg_mean_absolute_error"
            )
            for name, model in models.items()
        }
    )


def show(title, errors):
    """Print the mean errors, and return them by split as multiples of last year's."""
    relative = errors.div(errors["same month last year"], axis=0)
    table = pd.DataFrame(
        {
            "mean absolute error": errors.mean(),
            "multiple of last year's": relative.mean(),
        }
    )
    print(f"\n{title}\n{table.round(2).to_string()}")
    return relative


# %%
# The airline passengers grow from year to year, so that last year's value is too low. A
# network alone does not extrapolate this growth.

X, y = make_supervised(load_airline_passengers())
errors = compare(X, y, TimeSeriesSplit(4, test_size=24))
passengers = show("Airline passengers (thousands)", errors)

# %%
# Monthly temperatures of 44 Australian stations do not grow. But a single year is
# noisy, and the harmonics of two years are better. The rows are sorted by month,
# because ``ResidualRegressor`` holds out the last rows and they have to be the newest.
# All stations are split at the same month.

temperature = insert_missing_rows(load_australian_temperature())
filled = SeriesImputer().set_output(transform="pandas").fit_transform(temperature)
stations = filled["temperature"].unstack("month").loc[:, "2009-01":].dropna()
panel = stations.T.stack().rename("temperature").to_frame().swaplevel()
X, y = make_supervised(panel)
errors = compare(X, y, PanelTimeSeriesSplit(4, test_size=12))
temperatures = show(f"Temperatures of {len(stations)} stations (°C)", errors)

# %%
# The picture
# -----------

results = {"Airline passengers": passengers, "Australian temperatures": temperatures}
figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True, layout="constrained")
for (title, relative), axis in zip(results.items(), axes, strict=True):
    position = np.arange(len(models))[::-1]
    colors = ["C3" if "GRU" in name else "0.45" for name in models]
    axis.axvline(1, color="0.3", linewidth=1)
    for split in relative.to_numpy():
        axis.scatter(split, position, s=14, color=colors, alpha=0.45, linewidth=0)
    axis.scatter(
        relative.mean(), position, s=70, color=colors, marker="|", linewidth=2.5
    )
    axis.set_title(title, loc="left", fontsize="medium")
    axis.set_xlabel("error, as a multiple of last year's value")
    axis.set_xlim(0, 2.05)
    axis.set_xticks([0, 0.5, 1, 1.5, 2])
    axis.set_yticks(position, list(models))
    axis.tick_params(axis="y", length=0)
    axis.grid(axis="x", color="0.92")
    axis.set_axisbelow(True)
    axis.spines[["top", "right", "left"]].set_visible(False)
figure.savefig("better_than_last_year.png", dpi=150)
print("\nThe picture is in better_than_last_year.png")
plt.show()

# %%
# Dots are the four parts, bars their means. The GRU alone is a little better than last
# year's value on average, but not on each part. Linear regression is the best or nearly
# the best forecast of both series. For the passengers the network improves two
# baselines, and adds next to nothing to linear regression. For the temperatures it adds
# nothing: the shrinkage of its correction is 0, and each forecast is that of the
# baseline. Make this table for your own series before you tune a network, and again
# afterwards.
