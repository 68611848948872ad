"""Real series that come with the package."""

from ._loaders import load_airline_passengers, load_australian_temperature

__all__ = ["load_airline_passengers", "load_australian_temperature"]
