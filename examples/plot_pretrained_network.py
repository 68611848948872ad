"""
Twenty rows, and no training
============================

No network can be trained on twenty rows. :class:`~skrnn.PretrainedGRURegressor` has
been trained before, on simulated series. It forecasts the passengers of an airline two
years ahead from the sums of twenty quarters, with a range for each quarter.
"""

# %%
# Twenty quarters
# ---------------
#
# The series has 48 quarters. The first twenty are known, and the eight after them are
# forecast.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from skrnn import NaiveRegressor, PretrainedGRURegressor
from skrnn.datasets import load_airline_passengers

months = load_airline_passengers()
quarters = months.groupby(months.index.asfreq("Q").rename("quarter")).sum()
known, future = quarters.iloc[:20], quarters.iloc[20:28]
print(known.tail(4))

# %%
# The forecast
# ------------
#
# The twenty quarters are one window: one row with twenty time steps. ``fit`` trains
# nothing. It learns from the shape of ``y`` that eight steps are wanted, so that any
# eight numbers will do.

window = known.to_numpy().reshape(1, 20)
eight_steps = np.zeros((1, 8))
network = PretrainedGRURegressor(season_length=4).fit(window, eight_steps)
last_year = NaiveRegressor("seasonal", season_length=4).fit(window, eight_steps)
forecasts = pd.DataFrame(
    {
        "passengers": future["passengers"],
        "network": network.predict(window)[0],
        "same quarter of the last year": last_year.predict(window)[0],
    }
)
print(forecasts.round(0))
errors = forecasts.drop(columns="passengers").sub(forecasts["passengers"], axis=0)
print("\nMean absolute error (thousands):")
print(errors.abs().mean().round(0).to_string())

# %%
# The fan
# -------
#
# ``predict_quantiles`` gives the quantiles 0.1 to 0.9. With ten more rows of twenty
# quarters in ``window``, there would be ten more fans.

levels = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
fan = network.predict_quantiles(window, levels)[0]  # (8 quarters, 9 quantiles)
in_range = future["passengers"].between(fan[:, 0], fan[:, 8])
print(f"\n{in_range.sum()} of 8 quarters are in the 80 % range")

# %%
# The picture
# -----------

figure, axis = plt.subplots(figsize=(8, 3.8), layout="constrained")
time = quarters.index.to_timestamp()
axis.plot(time[:20], known["passengers"], color="0.2", label="known")
axis.plot(time[20:28], future["passengers"], color="0.2", linestyle=":", label="later")
for i in range(4):
    label = {0: "80 %, 60 %, 40 % and 20 % ranges"}.get(i)
    axis.fill_between(
        time[20:28],
        fan[:, i],
        fan[:, 8 - i],
        color="C3",
        alpha=0.17,
        linewidth=0,
        label=label,
    )
axis.plot(time[20:28], fan[:, 4], color="C3", label="network")
axis.set_ylabel("passengers a quarter (thousands)")
axis.set_ylim(0)
axis.legend(loc="upper left", frameon=False)
axis.spines[["top", "right"]].set_visible(False)
figure.savefig("pretrained_network.png", dpi=150)
print("\nThe picture is in pretrained_network.png")
plt.show()

# %%
# The network continues the season and the growth. Its error is half that of the last
# year's values. In 1955 the passengers grow faster than before, and the forecasts are
# too low: the third quarter is at the border of the 80 % range.
# :doc:`/guide/pretrained` says what the network has been trained on, and its limits.
