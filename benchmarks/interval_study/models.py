"""Models that forecast a panel from a cutoff, with intervals."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from skrnn import (
    Forecaster,
    GRURegressor,
    PretrainedGRURegressor,
    WindowLinearRegressor,
    WindowNormalizedRegressor,
)

from .panels import HORIZON, SEASON, without_gaps

N_CALIBRATION = 20
LEVELS = (80, 95)

Model = Callable[[pd.Series, pd.Period], pd.DataFrame]


def backtest(
    regressor: object,
    lookback: int,
    n_calibration: int = N_CALIBRATION,
    levels: tuple[int, ...] = LEVELS,
) -> Model:
    """Return a function that forecasts a panel from a cutoff by a Forecaster.

    Intervals are conformal or, if `n_calibration` is 0, quantiles of the regressor.
    """
    forecaster = Forecaster(
        regressor, horizon=HORIZON, lookback=lookback, n_calibration=n_calibration
    )
    coverage = [level / 100 for level in levels]
    return lambda panel, cutoff: forecaster.backtest(panel, cutoffs=[cutoff], coverage=coverage)


def auto_ets(panel: pd.Series, cutoff: pd.Period) -> pd.DataFrame:
    """Return the forecasts of AutoETS of statsforecast."""
    from statsforecast import StatsForecast
    from statsforecast.models import AutoETS

    long = _known(panel, cutoff)
    models = [AutoETS(season_length=SEASON, alias="forecast")]
    ahead = StatsForecast(models, freq=1).forecast(df=long, h=HORIZON, level=list(LEVELS))
    return _with_values(ahead, panel, cutoff)


def n_hits(panel: pd.Series, cutoff: pd.Period) -> pd.DataFrame:
    """Return the forecasts of one N-HiTS for all series, with intervals of neuralforecast.

    The network has the default sizes, reads 36 months of each series in units of their median and
    interquartile range, and is trained for 500 steps of 256 windows, twice: for the errors, and for
    the forecasts. Series too short for the errors are left out.
    """
    from neuralforecast import NeuralForecast
    from neuralforecast.models import NHITS
    from neuralforecast.utils import PredictionIntervals

    network = NHITS(
        h=HORIZON,
        input_size=36,
        start_padding_enabled=True,
        scaler_type="robust",
        max_steps=500,
        windows_batch_size=256,
        alias="forecast",
        accelerator="cpu",
        enable_progress_bar=False,
        logger=False,
        enable_checkpointing=False,
    )
    forecaster = NeuralForecast([network], freq=1)
    intervals = PredictionIntervals(n_windows=N_CALIBRATION)
    long = _known(panel, cutoff)
    n_rows = long.groupby("unique_id")["y"].transform("size")
    forecaster.fit(long[n_rows >= HORIZON + N_CALIBRATION], prediction_intervals=intervals)
    return _with_values(forecaster.predict(level=list(LEVELS)), panel, cutoff)


def _known(panel: pd.Series, cutoff: pd.Period) -> pd.DataFrame:
    """Return series without gaps up to a cutoff, in the form of the peers: months are integers."""
    filled = without_gaps(panel)
    long = filled.loc[:cutoff].stack().dropna().rename("y").reset_index()
    has_last = panel.xs(cutoff, level="ds").dropna().index
    long = long[long["unique_id"].isin(has_last)].sort_values(["unique_id", "ds"])
    return long.assign(ds=long["ds"].dt.year * 12 + long["ds"].dt.month)


def _with_values(ahead: pd.DataFrame, panel: pd.Series, cutoff: pd.Period) -> pd.DataFrame:
    """Return the forecasts of a peer beside what happened."""
    months = pd.PeriodIndex.from_fields(
        year=(ahead["ds"] - 1) // 12, month=(ahead["ds"] - 1) % 12 + 1, freq="M"
    )
    frame = ahead.assign(ds=months).merge(panel.dropna().reset_index(), on=["unique_id", "ds"])
    return frame.assign(cutoff=cutoff)


# One network with an output for each quantile, trained on all series.
QUANTILES = [0.025, 0.1, 0.5, 0.9, 0.975]
QUANTILE_NETWORK = WindowNormalizedRegressor(
    GRURegressor(32, loss="quantile", quantile=QUANTILES, max_epochs=20, random_state=0),
    scale="std",
)

PEERS = ["AutoETS", "NHITS"]

MODELS: dict[str, Model] = {
    "pretrained": backtest(PretrainedGRURegressor(SEASON), 84),
    "quantiles": backtest(PretrainedGRURegressor(SEASON), 84, n_calibration=0, levels=(80,)),
    "linear": backtest(WindowNormalizedRegressor(WindowLinearRegressor()), 36),
    "network": backtest(QUANTILE_NETWORK, 36, n_calibration=0),
    "AutoETS": auto_ets,
    "NHITS": n_hits,
}
