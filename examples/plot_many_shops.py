"""
Many shops from one table
=========================

One long table has the daily sales of nine shops, and one model forecasts them all, two
weeks ahead, with the promotions that are planned. Then a week passes, a new shop gets
its forecast, and the sum over all shops gets a range.
"""

# %%
# The table
# ---------
#
# The sales are not real. They are made by this function: each shop has its size, its
# week and its trend. A promotion sells 40 % more. Good and bad days come to all shops
# together, and to each shop alone.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from skrnn import (
    ForecastDisplay,
    Forecaster,
    WindowLinearRegressor,
    WindowNormalizedRegressor,
    insert_missing_rows,
    skill_table,
)

AREA = {"Airport": 90, "Bridge": 240, "Castle": 150, "Dock": 420, "East": 200}
AREA |= {"Fair": 310, "Garden": 120, "Harbour": 260, "Inn": 180, "Juniper": 220}


def make_sales(seed=0):
    """Make the sales of ten shops: a row for each shop and day."""
    rng = np.random.default_rng(seed)
    days = pd.date_range("2023-10-01", "2024-11-24", name="date")
    n_days, all_shops = len(days), 0.04 * rng.normal(size=len(days))
    tables = []
    for shop, area in AREA.items():
        promotion = np.zeros(n_days)
        for first in rng.choice(n_days, 18, replace=False):
            promotion[first : first + rng.integers(2, 5)] = 1
        week = [0.85, 0.85, 0.9, 1, 1.2, 1.45, 0.75]  # Monday to Sunday
        if area < 200:  # among offices
            week = [1.1, 1.1, 1.1, 1.1, 1.15, 0.8, 0.65]
        trend = np.exp(0.006 * rng.normal(size=n_days).cumsum())
        noise = np.exp(all_shops + 0.08 * rng.normal(size=n_days))
        sold = 0.9 * area * trend * np.array(week)[days.day_of_week] * noise
        sold = (sold * (1 + 0.4 * promotion)).round()
        columns = {"shop": shop, "date": days, "sold": sold, "promotion": promotion}
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables, ignore_index=True)


everything = make_sales()
shop, date = everything["shop"], everything["date"]
opened = shop.map({"Harbour": "2024-07-01", "Juniper": "2024-10-01"}).fillna(
    "2023-10-01"
)
is_closed = (shop == "Castle") & date.between("2024-05-06", "2024-06-16")
everything = everything[(date >= pd.to_datetime(opened)) & ~is_closed]

plan = everything[["shop", "date", "promotion"]]  # is known for the time to come, too
sales = everything[everything["date"] <= "2024-10-27"]
sales = sales[sales["shop"] != "Juniper"]
print(sales.head(3))
print(sales.groupby("shop")["date"].agg(["min", "max", "count"]))

# %%
# Harbour opened late. Castle was closed for six weeks, and has no rows for them. Zeros
# would be wrong, since people wanted to buy. :func:`~skrnn.insert_missing_rows` adds
# the rows, with NaN. The model does not learn from such a day. Only the promotion must
# be complete.

names = {"id_col": "shop", "time_col": "date"}
sales = insert_missing_rows(sales, **names)
sales["promotion"] = sales["promotion"].fillna(0)

# %%
# One model
# ---------
#
# The model is linear regression on the last four weeks. Each window is taken in units
# of its own mean, so that large and small shops share the model. ``future_features``
# names what is known in advance. ``static_features`` is a table with numbers of each
# shop.

area = pd.DataFrame({"area": AREA})
model = WindowNormalizedRegressor(
    WindowLinearRegressor(), center="mean", scale="mean_abs"
)


def make_forecaster(**options):
    """Return a forecaster of two weeks, from windows of four weeks."""
    return Forecaster(model, horizon=14, lookback=28, target="sold", **names, **options)


# %%
# What helps? A backtest of ten cutoffs, one a week, shows it. A ``skill_last_season``
# of 0.1 means that the errors are 10 % smaller than those of last week's value:

variants = {
    "sales alone": {},
    "and promotions": {"future_features": "promotion"},
    "and areas": {"future_features": "promotion", "static_features": area},
}
truth = sales.rename(columns={"shop": "unique_id", "date": "ds", "sold": "y"})
skill = {}
for name, options in variants.items():
    columns = ["shop", "date", "sold", *(["promotion"] if options else [])]
    frame = make_forecaster(**options).backtest(sales[columns], n_cutoffs=10, stride=7)
    skill[name] = skill_table(frame, truth, season_length=7)
measures = ["mase", "skill_last_season"]
table = {name: part.overall.loc["forecast", measures] for name, part in skill.items()}
print(pd.DataFrame(table).T.round(2).to_string())

# %%
# The promotions more than double the skill. The areas add nothing, since four weeks of
# sales show how large a shop is, and what its week is like. So they are left out below.
# At each shop the model is better than last week's value, at Harbour and Castle, too:

by_shop = skill["and promotions"].by_series.loc["forecast", measures]
print(by_shop.round(2).to_string())

# %%
# Forecast
# --------
#
# For ranges ``n_calibration`` fits the model at 20 earlier days, too, and keeps its
# errors. ``make_future`` returns the table to fill: a row for each shop and each of the
# next 14 days. The plan of the promotions is merged into it.


def with_plan(future):
    """Fill the promotions of a table of shops and days."""
    return future.drop(columns="promotion").merge(plan, how="left")


forecaster = make_forecaster(
    future_features="promotion", n_calibration=20, random_state=0
)
forecaster.fit(sales)
future = with_plan(forecaster.make_future())
forecast = forecaster.forecast(future=future, coverage=0.8)
print(forecast.head(3).to_string(float_format="%.0f"))

# %%
# Nine panels. The black line goes on with what was sold:

shown = everything[everything["date"] <= "2024-11-10"]
panels = ForecastDisplay.from_predictions(shown, forecast, n_history=42, **names)
picture = "many_shops.png"  # in the folder where the script was started
panels.figure_.savefig(picture, dpi=150)
plt.show()

# %%
# A week later
# ------------
#
# ``update`` takes the new rows of all shops, or of some. Nothing is fitted. The next
# forecast starts from the new rows.

is_new = everything["date"].between("2024-10-28", "2024-11-03")
forecaster.update(everything[is_new & (everything["shop"] != "Juniper")])
future = with_plan(forecaster.make_future())
print(forecaster.forecast(future=future).groupby("shop")["date"].agg(["min", "max"]))

# %%
# A shop that is new
# ------------------
#
# Juniper opened in October. ``fit`` did not see it. Its sales so far are passed as
# ``series``. They need not fill a window.

juniper = everything[everything["shop"] == "Juniper"]
juniper = juniper[juniper["date"] <= "2024-11-03"]
future_of_juniper = with_plan(forecaster.make_future(series=juniper))
of_juniper = forecaster.forecast(series=juniper, future=future_of_juniper, coverage=0.8)
print(of_juniper.head(3).to_string(float_format="%.0f"))

# %%
# The sum over all shops
# ----------------------
#
# What will the nine shops sell together? The sum of the forecasts is the forecast of
# the sum. But the sum of the upper bounds is too high: not all shops have a good day at
# once. Sample paths can be summed, since paths with the same number come from the same
# days of the past, in all shops.

paths = forecaster.forecast(future=future, paths=200)
of_day = paths.groupby(["path", "date"])["sold"].sum()
low, high = of_day.groupby("path").sum().quantile([0.1, 0.9])
bounds = forecaster.forecast(future=future, coverage=0.8).filter(like="sold-").sum()
old_shops = everything[everything["shop"] != "Juniper"]
happened = old_shops.groupby("date")[["sold"]].sum()[:"2024-11-17"]
print("Two weeks of nine shops")
print(f"80 % of the paths: {low:.0f} to {high:.0f}")
print(f"Sums of the bounds: {bounds.iloc[0]:.0f} to {bounds.iloc[1]:.0f}")
print(f"Sold in the end: {happened['sold'][-14:].sum():.0f}")

# %%
# The sums of each day, with their paths. The thick line is the median.

of_day = of_day.reset_index("path")
ForecastDisplay.from_predictions(happened, of_day, n_history=42)
plt.show()
