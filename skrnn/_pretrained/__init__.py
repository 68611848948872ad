"""A network trained on simulated series, which forecasts without training on the data."""
