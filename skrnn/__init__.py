"""Recurrent neural networks as ordinary scikit-learn estimators."""

from ._missing import SeriesImputer, insert_missing_rows
from ._naive import NaiveRegressor
from ._per_series import PerSeriesTransformer
from ._per_series_target import PerSeriesTargetRegressor
from ._regression import GRURegressor, LSTMRegressor, RNNRegressor
from ._sliding_window import SlidingWindowTransformer
from ._supervised import make_supervised, sliding_windows
from ._time_distributed import TimeDistributed
from ._windows import pad_sequences

__version__ = "0.1.0.dev0"

__all__ = [
    "GRURegressor",
    "LSTMRegressor",
    "NaiveRegressor",
    "PerSeriesTargetRegressor",
    "PerSeriesTransformer",
    "RNNRegressor",
    "SeriesImputer",
    "SlidingWindowTransformer",
    "TimeDistributed",
    "insert_missing_rows",
    "make_supervised",
    "pad_sequences",
    "sliding_windows",
]
