"""Forecasts with dates, from the rows, windows and regressors of the other rooms."""
