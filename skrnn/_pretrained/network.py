"""The pretrained network in NumPy: two recurrent layers, and a dense network that reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .windows import CONTEXT, HORIZON, centre_and_size, constant_inputs, inputs, past_seasons

Arrays = NDArray[Any]
Weights = Mapping[str, Arrays]

QUANTILES = np.arange(1, 10) / 10  # that the network forecasts
MEDIAN = 4  # position of the median among them

# The distances of the quantiles from the median are multiplied by it. Real series change more
# abruptly than simulated ones: chosen with benchmarks/pretraining.py.
SPREAD = 1.1

_N_ROWS = 128  # windows that are forecast at once, so that their states stay in the cache


def forecast(weights: Weights, windows: Arrays, season: int) -> Arrays:
    """Forecast the steps that follow windows.

    Parameters
    ----------
    weights : mapping of str to ndarray
        Weights of the network, with the names of torch.
    windows : ndarray of shape (N, T)
        Windows, with NaN in front. The last step is real. The last `CONTEXT` steps are used.
    season : int
        Season length of all windows.

    Returns
    -------
    ndarray of shape (N, HORIZON, 9)
        The quantiles 0.1 to 0.9, in increasing order.
    """
    layers = [_Layer(weights, 0), _Layer(weights, 1)]
    quantiles = np.empty((len(windows), HORIZON, len(QUANTILES)))
    for start in range(0, len(windows), _N_ROWS):
        rows = slice(start, start + _N_ROWS)
        quantiles[rows] = _forecast_block(weights, layers, windows[rows, -CONTEXT:], season)
    return quantiles


def _forecast_block(weights: Weights, layers: list[_Layer], windows: Arrays, season: int) -> Arrays:
    n_rows, n_timesteps = windows.shape
    # A power of two: nothing is rounded, and no number overflows.
    largest = np.nanmax(np.abs(windows), axis=1, keepdims=True)
    unit = np.exp2(np.floor(np.log2(np.where(largest > 0, largest, 1))))
    missing = np.full((n_rows, CONTEXT - n_timesteps), np.nan)
    X = np.hstack((missing, windows / unit))
    seasons = np.full(n_rows, season)
    centre, size = centre_and_size(X, seasons)
    divisor = np.where(size > 0, size, 1)  # a constant window is forecast to be constant
    Z = (X - centre) / divisor
    base, earlier = past_seasons(Z, seasons, np.full((n_rows, 1), CONTEXT - 1))
    n_padded = int(np.isnan(Z).all(axis=0).sum())
    state = _last_state(layers, inputs(Z, seasons, centre / divisor), n_padded)
    level = constant_inputs(seasons, centre / divisor)
    seen = np.hstack((state, np.clip(base[:, 0], -15, 15) / 4, earlier[:, 0], level))
    hidden = seen @ weights["hidden.weight"].T + weights["hidden.bias"]
    hidden *= 0.5 + 0.5 * np.tanh(0.5 * hidden)  # the sigmoid linear unit
    correction = hidden @ weights["out.weight"].T + weights["out.bias"]
    forecasts = base[:, 0, :, np.newaxis] + 2 * correction.reshape(n_rows, HORIZON, -1)
    forecasts.sort(axis=2)
    median = forecasts[:, :, MEDIAN : MEDIAN + 1]
    forecasts = median + SPREAD * (forecasts - median)
    return (forecasts * size[:, :, np.newaxis] + centre[:, :, np.newaxis]) * unit[:, :, np.newaxis]


def _last_state(layers: list[_Layer], features: Arrays, n_padded: int) -> Arrays:
    """Return the state of the last layer after the last step: (N, hidden size).

    The first `n_padded` steps are padding in all rows. Their features are zero, so one row
    stands for all.
    """
    states = [np.zeros((1, layer.size)) for layer in layers]
    padding = np.zeros((1, features.shape[2]))
    for t in range(features.shape[1]):
        step = padding if t < n_padded else features[:, t]
        for i, layer in enumerate(layers):
            states[i] = step = layer.step(step, states[i])
    return states[-1]


class _Layer:
    """A layer of gated recurrent units, as torch defines them.

    The logistic function is computed as 0.5 + 0.5 tanh(x / 2). The halves of x are taken once,
    in the weights of the two gates.
    """

    def __init__(self, weights: Weights, number: int) -> None:
        self.size = weights[f"gru.weight_hh_l{number}"].shape[1]
        half = np.repeat([0.5, 0.5, 1.0], self.size)
        self.input, self.recurrent = (
            np.ascontiguousarray(weights[f"gru.weight_{kind}_l{number}"].T * half)
            for kind in ("ih", "hh")
        )
        self.input_bias, self.recurrent_bias = (
            weights[f"gru.bias_{kind}_l{number}"] * half for kind in ("ih", "hh")
        )

    def step(self, x: Arrays, state: Arrays) -> Arrays:
        """Return the next state (N, size) from the input (N, F) and the state (N or 1, size)."""
        n_gates = 2 * self.size
        from_input = x @ self.input
        from_input += self.input_bias
        from_state = state @ self.recurrent
        from_state += self.recurrent_bias
        gates = from_input[:, :n_gates]
        gates += from_state[:, :n_gates]
        np.tanh(gates, out=gates)
        gates *= 0.5
        gates += 0.5
        reset, update = gates[:, : self.size], gates[:, self.size :]
        new = reset * from_state[:, n_gates:]
        new += from_input[:, n_gates:]
        np.tanh(new, out=new)
        change = state - new
        change *= update
        change += new
        return change
