"""Inspection of fitted estimators."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, NamedTuple

import pandas as pd
import torch
from torch import nn

__all__ = ["summary"]

Shape = tuple[int, ...]


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
            "network. Call fit first. For a pipeline, pass its last step, pipeline[-1]."
        )
    # A copy on the CPU, so that the estimator's own network does not change.
    module = copy.deepcopy(net.module_).to("cpu").eval()
    # Axes of rows and time steps are those that differ between two runs.
    sizes = [(2, 3), (5, 7)]
    n_features = net.get_params_for("module")["n_features"]
    small, large = (_trace(module, *size, n_features) for size in sizes)
    table = {}
    for name, (kind, inputs, outputs, n_parameters) in small.items():
        _, larger_inputs, larger_outputs, _ = large[name]
        shown = [
            _show_shape(pair, sizes)
            for pair in ((inputs, larger_inputs), (outputs, larger_outputs))
        ]
        table[name] = (kind, *shown, n_parameters)
    columns = ["kind", "input", "output", "parameters"]
    return pd.DataFrame.from_dict(table, orient="index", columns=columns)


class _Layer(NamedTuple):
    """A layer, with the shapes in one run."""

    kind: str
    inputs: Shape
    outputs: Shape
    n_parameters: int


def _trace(
    module: nn.Module, n_samples: int, n_timesteps: int, n_features: int
) -> dict[str, _Layer]:
    """Run a network on zeros, and return its layers that have weights, in order."""
    layers: dict[str, _Layer] = {}

    def recorder(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def record(layer: nn.Module, inputs: Any, outputs: Any) -> None:
            # A recurrent layer returns the states of all steps, and the last one.
            steps = outputs[0] if isinstance(outputs, tuple) else outputs
            kind = "bidirectional " * getattr(layer, "bidirectional", False) + type(layer).__name__
            n_parameters = sum(weight.numel() for weight in layer.parameters())
            layers[name] = _Layer(kind, inputs[0].shape, steps.shape, n_parameters)

        return record

    hooks = [
        layer.register_forward_hook(recorder(name))
        for name, layer in module.named_modules()
        if next(layer.parameters(recurse=False), None) is not None
    ]
    weight = next(module.parameters())
    with torch.no_grad():
        module(torch.zeros(n_samples, n_timesteps, n_features, dtype=weight.dtype))
    for hook in hooks:
        hook.remove()
    return layers


def _show_shape(shapes: tuple[Shape, Shape], sizes: list[tuple[int, int]]) -> str:
    """Return a shape as text, with names for the axes that differ between two runs."""
    words = dict(zip(zip(*sizes, strict=True), ("n_samples", "n_timesteps"), strict=True))
    axes = [words.get(lengths, str(lengths[0])) for lengths in zip(*shapes, strict=True)]
    return f"({', '.join(axes)})"
