"""Time of a backtest of a GRU that is fitted anew at each cutoff, beside darts and skforecast.

The airline passengers, 36 cutoffs, horizon 12, windows of 24 months, a GRU of 32 units and the same
number of epochs, batch size, optimizer and learning rate in each library; one thread.

    pip install darts pytorch-lightning skforecast keras
    python benchmarks/backtest.py                # a library that is not installed is left out
    python benchmarks/backtest.py skrnn darts --n-cutoffs 4
"""

from __future__ import annotations

import argparse
import logging
import os
import time
import warnings

import numpy as np
import pandas as pd
import torch

from skrnn.datasets import load_airline_passengers

HORIZON, LOOKBACK, UNITS, EPOCHS, BATCH, RATE = 12, 24, 32, 50, 32, 1e-3


def with_skrnn(series: pd.Series, n_cutoffs: int) -> np.ndarray:
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from skrnn import Forecaster, GRURegressor, TimeDistributed

    network = GRURegressor(
        UNITS, max_epochs=EPOCHS, batch_size=BATCH, learning_rate=RATE, random_state=0
    )
    scaler = TimeDistributed(StandardScaler())
    regressor = TransformedTargetRegressor(make_pipeline(scaler, network), transformer=scaler)
    forecaster = Forecaster(regressor, horizon=HORIZON, lookback=LOOKBACK)
    frame = forecaster.backtest(series.astype(np.float32), n_cutoffs=n_cutoffs)  # as the others
    return frame["forecast"].to_numpy().reshape(-1, HORIZON)


def with_darts(series: pd.Series, n_cutoffs: int) -> np.ndarray:
    from darts import TimeSeries
    from darts.models import BlockRNNModel

    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    known = series[: len(series) - HORIZON - n_cutoffs + 1]
    mean, deviation = known.mean(), known.std()
    dated = ((series - mean) / deviation).astype("float32")
    dated.index = dated.index.to_timestamp()
    model = BlockRNNModel(
        LOOKBACK,
        HORIZON,
        model="GRU",
        hidden_dim=UNITS,
        n_epochs=EPOCHS,
        batch_size=BATCH,
        optimizer_kwargs={"lr": RATE},
        random_state=0,
        pl_trainer_kwargs={
            "accelerator": "cpu",
            "enable_progress_bar": False,
            "enable_model_summary": False,
            "logger": False,
            "enable_checkpointing": False,
        },
    )
    found = model.historical_forecasts(
        TimeSeries.from_series(dated),
        forecast_horizon=HORIZON,
        start=-(n_cutoffs + HORIZON - 1),
        start_format="position",
        retrain=True,
        last_points_only=False,
        show_warnings=False,
    )
    return np.array([part.values().ravel() for part in found]) * deviation + mean


def with_skforecast(series: pd.Series, n_cutoffs: int) -> np.ndarray:
    os.environ.setdefault("KERAS_BACKEND", "torch")
    from keras.losses import MeanSquaredError
    from keras.optimizers import Adam
    from skforecast.deep_learning import ForecasterRnn, create_and_compile_model
    from skforecast.model_selection import TimeSeriesFold, backtesting_forecaster_multiseries
    from sklearn.preprocessing import StandardScaler

    dated = series.to_frame()
    dated.index = dated.index.to_timestamp()
    network = create_and_compile_model(
        dated,
        lags=LOOKBACK,
        steps=HORIZON,
        levels=[series.name],
        recurrent_layer="GRU",
        recurrent_units=UNITS,
        dense_units=None,
        compile_kwargs={"optimizer": Adam(RATE), "loss": MeanSquaredError()},
    )
    forecaster = ForecasterRnn(
        network,
        levels=[series.name],
        lags=LOOKBACK,
        transformer_series=StandardScaler(),
        fit_kwargs={"epochs": EPOCHS, "batch_size": BATCH, "verbose": 0},
    )
    folds = TimeSeriesFold(
        steps=HORIZON,
        initial_train_size=len(series) - HORIZON - n_cutoffs + 1,
        fold_stride=1,
        refit=True,
        fixed_train_size=False,
        allow_incomplete_fold=False,
        verbose=False,
    )
    _, found = backtesting_forecaster_multiseries(
        forecaster,
        dated,
        folds,
        metric="mean_absolute_error",
        levels=[series.name],
        n_jobs=1,
        show_progress=False,
        suppress_warnings=True,
    )
    return found["pred"].to_numpy().reshape(-1, HORIZON)


LIBRARIES = {"skrnn": with_skrnn, "darts": with_darts, "skforecast": with_skforecast}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("libraries", nargs="*", default=list(LIBRARIES))
    parser.add_argument("--n-cutoffs", type=int, default=36)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    series = load_airline_passengers()["passengers"].astype(float)
    n = args.n_cutoffs
    first = len(series) - HORIZON - n + 1
    y = np.array([series[row : row + HORIZON] for row in range(first, first + n)])
    for name in args.libraries:
        try:
            LIBRARIES[name](series, 1)  # what is loaded and compiled at first use
        except ImportError as error:
            print(f"{name:12} {error}")
            continue
        start = time.perf_counter(), time.process_time()
        forecasts = LIBRARIES[name](series, n)
        seconds, of_cpu = time.perf_counter() - start[0], time.process_time() - start[1]
        error = np.abs(forecasts - y).mean()
        times = f"{seconds:7.2f} s, {of_cpu:7.2f} s of the processor"
        print(f"{name:12} {times}, {n} cutoffs, MAE {error:.1f}", flush=True)


if __name__ == "__main__":
    main()
