from . import datasets, inspection, model_selection, recommended
from ._forecasting.forecast import forecast
from ._forecasting.forecaster import Forecaster
from ._forecasting.skill_table import skill_table
from ._models.blending_regressor import BlendingRegressor
from ._models.naive_regressor import NaiveRegressor
from ._models.residual_regressor import ResidualRegressor
from ._models.seed_ensemble_regressor import SeedEnsembleRegressor
from ._models.window_linear_regressor import WindowLinearRegressor
from ._models.window_normalized_regressor import WindowNormalizedRegressor
from ._models.window_theta import WindowTheta
from ._plotting.backtest_display import BacktestDisplay
from ._plotting.blending_display import BlendingDisplay
from ._plotting.forecast_display import ForecastDisplay
from ._plotting.loss_curve_display import LossCurveDisplay
from ._pretrained.pretrained_gru_regressor import PretrainedGRURegressor
from ._recurrent.gru_regressor import GRURegressor
from ._recurrent.lstm_regressor import LSTMRegressor
from ._recurrent.rnn_regressor import RNNRegressor
from ._windows.insert_missing_rows import insert_missing_rows
from ._windows.last_steps import LastSteps
from ._windows.make_supervised import make_supervised
from ._windows.newest_windows_weight import newest_windows_weight
from ._windows.pad_sequences import pad_sequences
from ._windows.per_series_target_regressor import PerSeriesTargetRegressor
from ._windows.per_series_transformer import PerSeriesTransformer
from ._windows.series_imputer import SeriesImputer
from ._windows.sliding_window_transformer import SlidingWindowTransformer
from ._windows.sliding_windows import sliding_windows
from ._windows.time_distributed import TimeDistributed

__version__: str

__all__ = [
    "BacktestDisplay",
    "BlendingDisplay",
    "BlendingRegressor",
    "ForecastDisplay",
    "Forecaster",
    "GRURegressor",
    "LSTMRegressor",
    "LastSteps",
    "LossCurveDisplay",
    "NaiveRegressor",
    "PerSeriesTargetRegressor",
    "PerSeriesTransformer",
    "PretrainedGRURegressor",
    "RNNRegressor",
    "ResidualRegressor",
    "SeedEnsembleRegressor",
    "SeriesImputer",
    "SlidingWindowTransformer",
    "TimeDistributed",
    "WindowLinearRegressor",
    "WindowNormalizedRegressor",
    "WindowTheta",
    "datasets",
    "forecast",
    "insert_missing_rows",
    "inspection",
    "make_supervised",
    "model_selection",
    "newest_windows_weight",
    "pad_sequences",
    "recommended",
    "skill_table",
    "sliding_windows",
]
