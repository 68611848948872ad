"""Recurrent networks of other libraries, each in an environment of its own.

Both are set up like skrnn's: windows of the same length, 32 units, batches of 32, Adam,
at their own learning rate of 0.001; darts trains for 100 epochs, which are its default,
and neuralforecast for 1000 steps, which are its own. So is everything else.
"""

from __future__ import annotations

import logging
import warnings

import numpy as np

from .protocol import Task

UNITS, RATE, BATCH, EPOCHS, STEPS = 32, 1e-3, 32, 100, 1000


def darts_gru(task: Task, seed: int) -> np.ndarray:
    """Train darts' BlockRNNModel with GRU cells, past covariates where there are features."""
    from darts import TimeSeries
    from darts.models import BlockRNNModel

    _be_quiet()
    model = BlockRNNModel(
        input_chunk_length=task.dataset.lookback,
        output_chunk_length=task.horizon,
        model="GRU",
        hidden_dim=UNITS,
        batch_size=BATCH,
        n_epochs=EPOCHS,
        optimizer_kwargs={"lr": RATE},
        random_state=seed,
        pl_trainer_kwargs=_TRAINER,
    )
    target = [TimeSeries.from_values(values[:, :1].astype(np.float32)) for values in task.series]
    more = [TimeSeries.from_values(values[:, 1:].astype(np.float32)) for values in task.series]
    covariates = more if task.series[0].shape[1] > 1 else None
    known = None if covariates is None else [series[: task.n_train] for series in covariates]
    model.fit([series[: task.n_train] for series in target], past_covariates=known)
    pasts = [target[number][:end] for number, end in task.origin]
    if covariates is not None:
        covariates = [more[number][:end] for number, end in task.origin]
    forecasts = model.predict(task.horizon, series=pasts, past_covariates=covariates, verbose=False)
    return np.stack([forecast.values()[:, 0] for forecast in forecasts])


def neuralforecast_gru(task: Task, seed: int) -> np.ndarray:
    """Train neuralforecast's GRU."""
    import pandas as pd
    from neuralforecast import NeuralForecast
    from neuralforecast.models import GRU

    _be_quiet()
    n_features = task.series[0].shape[1]
    names = [f"x{k}" for k in range(1, n_features)]

    def frame(series: list[tuple[int, np.ndarray]]) -> pd.DataFrame:
        parts = [
            pd.DataFrame(values, columns=["y", *names]).assign(
                unique_id=number, ds=np.arange(len(values))
            )
            for number, values in series
        ]
        return pd.concat(parts, ignore_index=True)

    model = GRU(
        h=task.horizon,
        input_size=task.dataset.lookback,
        encoder_hidden_size=UNITS,
        max_steps=STEPS,
        learning_rate=RATE,
        windows_batch_size=BATCH,
        hist_exog_list=names or None,
        random_seed=seed,
        **_TRAINER,
    )
    forecaster = NeuralForecast([model], freq=1)
    known = [(number, values[: task.n_train]) for number, values in enumerate(task.series)]
    forecaster.fit(frame(known))
    pasts = [
        (row, task.series[number][max(0, end - 2 * task.dataset.lookback) : end])
        for row, (number, end) in enumerate(task.origin)
    ]
    forecast = forecaster.predict(frame(pasts)).sort_values(["unique_id", "ds"])
    return forecast["GRU"].to_numpy().reshape(task.y_test.shape)


_TRAINER = {
    "accelerator": "cpu",
    "enable_progress_bar": False,
    "enable_model_summary": False,
    "logger": False,
    "enable_checkpointing": False,
}


def _be_quiet() -> None:
    warnings.simplefilter("ignore")
    for name in ("pytorch_lightning", "lightning", "lightning.pytorch", "darts"):
        logging.getLogger(name).setLevel(logging.ERROR)
