"""
Is my network better than last year's value?
============================================

Ask this before you tune anything. A forecast that costs nothing, "the same as last
month" or "the same as a year ago", is one more model: give it the network's place in
the pipeline, cross-validate both on the same rows, and divide. Here for the two series
that come with skrnn, one month ahead.
"""

# %%
# The models
# ----------
#
# :class:`~skrnn.NaiveRegressor` reads its forecast off the window. The harmonic one
# draws a smooth curve through all months of the window. A plain network wants its
# window and its target scaled; one with a ``baseline`` does that by itself. It starts
# from the baseline's forecast and learns what that leaves over.

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
    SeriesImputer,
    SlidingWindowTransformer,
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


last_year = NaiveRegressor("seasonal", season_length=12)
harmonic = NaiveRegressor("harmonic", season_length=12)
models = {
    "same as last month": on_windows(NaiveRegressor("last")),
    "same month last year": on_windows(last_year),
    "harmonics of the window": on_windows(harmonic),
    "GRU": scaled(GRURegressor(random_state=0)),
    "GRU on last year": on_windows(GRURegressor(baseline=last_year, random_state=0)),
    "GRU on harmonics": on_windows(GRURegressor(baseline=harmonic, random_state=0)),
    "GRU on a line": on_windows(GRURegressor(baseline="linear", random_state=0)),
}

# %%
# The comparison
# --------------
#
# Four stretches of time, the models fitted on all that lies before each. The first
# windows of a stretch reach back into the training part, so every row is scored for
# every model. Errors are divided by those of last year's value on the same stretch:
# below one, the network was worth its while.


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
# The airline passengers grow from year to year: last year's value is too low, and so is
# what a network remembers. A baseline moves with them.

X, y = make_supervised(load_airline_passengers())
errors = compare(X, y, TimeSeriesSplit(4, test_size=24))
passengers = show("Airline passengers (thousands)", errors)

# %%
# Monthly temperatures of 44 Australian stations do not grow, but they are noisy, and so
# is a single year: the harmonics of two years are better. The rows are sorted by month,
# since a network with a baseline holds the last ones out to see when to stop. The split
# cuts all stations at the same month.

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
# Dots are the four stretches, bars their means. On its own the network is a little
# better than last year's value, and not on every stretch. On a line it is the best of
# all for the passengers. For the temperatures the harmonics, which cost nothing, are as
# good as any network, and what the other networks learn takes away from their baseline:
# 25 months of the past say little more than their seasonal mean. Make this table for
# your own series before you tune the network, and once more after it.
