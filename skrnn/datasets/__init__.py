"""Real series that come with the package, and simulated ones."""

from ._loaders import load_airline_passengers, load_australian_temperature
from ._make_series import make_series

__all__ = ["load_airline_passengers", "load_australian_temperature", "make_series"]
