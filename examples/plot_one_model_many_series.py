"""
One model for 44 stations
=========================

One blend forecasts the temperatures of 44 Australian stations, 12 months ahead. Its
small networks learn from all stations together. The Theta method and the pretrained
network forecast each window by itself. The weights are learned on the newest rows.
"""

# %%
# The data
# --------
#
# Monthly means from 2009-01 to 2017-06. Three months are missing at all stations. They
# are filled by interpolation. Stations with longer gaps are left out.

import pandas as pd

from skrnn import (
    NaiveRegressor,
    SeriesImputer,
    SlidingWindowTransformer,
    insert_missing_rows,
    make_supervised,
    newest_windows_weight,
)
from skrnn.datasets import load_australian_temperature
from skrnn.recommended import make_blend

HORIZON = 12

temperature = load_australian_temperature()
temperature = temperature[temperature.index.get_level_values("month") >= "2009-01"]
filled = (
    SeriesImputer()
    .set_output(transform="pandas")
    .fit_transform(insert_missing_rows(temperature))
)
stations = filled["temperature"].unstack("month").dropna().index
panel = filled.loc[stations].sort_index(level=["month", "station"])

# %%
# Rows and windows
# ----------------
#
# Each row is a station and a month. Its window holds the 60 months up to this month,
# its target the 12 months after it. Shorter windows are padded. The last forecast is
# made in 2016-06, so that 2016-07 to 2017-06 is the test part.

windows = SlidingWindowTransformer(60).fit_transform(panel)
_, y = make_supervised(panel, horizon=HORIZON)
windows = windows[panel.index.get_indexer(y.index)]
month = y.index.get_level_values("month")
train, test = month <= "2015-06", month == "2016-06"
print(f"{sum(train)} training rows of {len(stations)} stations, {sum(test)} test rows")

# %%
# The blend
# ---------
#
# It is trained on the newest 60 windows of each station. ``validation_scores_`` are
# root mean squared errors on held-out rows, in degrees.

weight = newest_windows_weight(y[train], 60)
blend = make_blend(season_length=12, random_state=0, n_jobs=2)
blend.fit(windows[train], y[train], sample_weight=weight)
members = pd.DataFrame(
    {"weight": blend.weights_, "held-out error": blend.validation_scores_.values()},
    index=blend.named_estimators_,
)
print(members.round(2).to_string())

# %%
# The test part
# -------------
#
# Mean absolute errors of the twelve months, over all stations.

last_year = NaiveRegressor("seasonal", season_length=12).fit(windows[train], y[train])
forecasts = {"same month last year": last_year.predict(windows[test])}
forecasts |= blend.predict_members(windows[test])
forecasts["blend"] = blend.predict(windows[test])
errors = pd.Series(
    {
        name: abs(y[test] - predicted).to_numpy().mean()
        for name, predicted in forecasts.items()
    },
    name="degrees",
)
print(errors.round(2).to_string())

# %%
# What each member contributes
# ----------------------------
#
# Lines of members are wider the larger their weight.

import matplotlib.pyplot as plt

from skrnn import BlendingDisplay

shown = y.index.get_level_values("station") == "Canberra"
figure, axes = plt.subplots(figsize=(9, 4.2), layout="constrained")
BlendingDisplay.from_estimator(blend, windows[test & shown], y[test & shown], ax=axes)
axes.set_title("Canberra, July 2016 to June 2017", loc="left")
axes.set_xlabel("months ahead")
axes.set_ylabel("temperature (°C)")
axes.spines[["top", "right"]].set_visible(False)
plt.show()
