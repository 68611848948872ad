"""Inspection of fitted estimators."""

from __future__ import annotations

import copy
from typing import Any

import pandas as pd
import torch
from torch import nn

__all__ = ["summary"]

Shape = tuple[int, ...]

# Rows and time steps of two runs. The axes that differ between the runs are these two.
SIZES = [(2, 3), (5, 7)]


def summary(estimator: Any) -> pd.DataFrame:
    """Return the layers of a fitted network, with shapes and numbers of parameters.

    Parameters
    ----------
    estimator : RNNRegressor, GRURegressor or LSTMRegressor
        Fitted. For a pipeline, pass its last step.

    Returns
    -------
    DataFrame of shape (n_layers, 4)
        One row for each layer, in the order of computation. The columns are ``kind``,
        ``input`` and ``output`` (shapes) and ``parameters`` (their number). The index
        holds the names of the layers in ``estimator.net_.module_``.

    Raises
    ------
    TypeError
        If `estimator` has no network, or is not fitted.

    Notes
    -----
    Each recurrent layer of torch has two bias vectors, one for the input and one for
    the hidden state. In Keras a GRU has two, but an LSTM and a simple RNN have one, and
    so fewer parameters.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import GRURegressor
    >>> from skrnn.inspection import summary
    >>> X, y = np.zeros((9, 12, 1)), np.zeros((9, 6))
    >>> model = GRURegressor(4, architecture="encoder-decoder", max_epochs=1).fit(X, y)
    >>> summary(model)[["output", "parameters"]]
                                            output  parameters
    encoder.layers.0  (n_samples, n_timesteps, 4)          84
    decoder.layers.0            (n_samples, 6, 4)         120
    head                        (n_samples, 6, 1)           5
    >>> int(summary(model)["parameters"].sum())
    209
    """
    net = getattr(estimator, "net_", None)
    if net is None:
        raise TypeError(
            f"summary needs a fitted recurrent estimator, but {type(estimator).__name__} has no "
            "network. Call fit first. Of a pipeline, pass its last step, pipeline[-1]; of a "
            "meta-estimator or search, the network inside, e.g. regressor_ or best_estimator_."
        )
    # A copy on the CPU, so that the estimator's own network does not change.
    module = copy.deepcopy(net.module_).to("cpu").eval()
    n_features = net.get_params_for("module")["n_features"]
    shapes: dict[nn.Module, list[Shape]] = {}

    def record(layer: nn.Module, inputs: Any, outputs: Any) -> None:
        # A recurrent layer returns the states of all steps, and the last one.
        steps = outputs[0] if isinstance(outputs, tuple) else outputs
        shapes.setdefault(layer, []).extend([inputs[0].shape, steps.shape])

    for layer in module.modules():
        if next(layer.parameters(recurse=False), None) is not None:
            layer.register_forward_hook(record)
    dtype = next(module.parameters()).dtype
    with torch.no_grad():
        for n_samples, n_timesteps in SIZES:
            module(torch.zeros(n_samples, n_timesteps, n_features, dtype=dtype))
    names = {layer: name for name, layer in module.named_modules()}
    table = {
        names[layer]: (
            "bidirectional " * getattr(layer, "bidirectional", False) + type(layer).__name__,
            _show_shape(inputs, larger_inputs),
            _show_shape(outputs, larger_outputs),
            sum(weight.numel() for weight in layer.parameters()),
        )
        for layer, (inputs, outputs, larger_inputs, larger_outputs) in shapes.items()
    }
    columns = ["kind", "input", "output", "parameters"]
    return pd.DataFrame.from_dict(table, orient="index", columns=columns)


def _show_shape(shape: Shape, larger: Shape) -> str:
    """Return a shape as text, with names for the axes that differ between the two runs."""
    words = dict(zip(zip(*SIZES, strict=True), ("n_samples", "n_timesteps"), strict=True))
    axes = [words.get(lengths, str(lengths[0])) for lengths in zip(shape, larger, strict=True)]
    return f"({', '.join(axes)})"
