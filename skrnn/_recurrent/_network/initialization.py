"""Initial weights of recurrent networks."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from skrnn._recurrent._network.modules import CELLS, Cell, Network, RecurrentStack
from skrnn._validation.threads import one_blas_thread

# Factors of the weights that read X, by cell, and of those that make the outputs. For cells with
# gates 0.03 to 0.1 and 3 to 10 are about as good in `benchmarks/accuracy.py`. A plain layer of
# tanh is an odd function near zero: with 0.2 or less it does not learn even functions like |x|.
INPUT_FACTORS = {"rnn": 0.5, "gru": 0.05, "lstm": 0.05}
OUTPUT_FACTOR = 5.0


class LeavesWeightsEmpty(TorchFunctionMode):
    """A context in which torch does not fill new layers, for which it has the global generator."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call a function of torch, but for those that fill tensors with random numbers."""
        kwargs = kwargs or {}
        if getattr(func, "__module__", "") == nn.init.__name__ or func is torch.Tensor.uniform_:
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)


@torch.no_grad()
def initialize_weights(module: Network, generator: torch.Generator) -> None:
    """Fill a network with initial weights, in place.

    Input and dense weights are Glorot-uniform. Recurrent weights are orthogonal, for all
    gates in one matrix. Biases are zero, except for the bias of the forget gate, which is
    one. So far this is as in Keras. Then the weights that read X are multiplied by
    `INPUT_FACTORS`, and those that make the outputs by `OUTPUT_FACTOR`.

    The hidden states then start small, where the activations are nearly linear, and the
    outputs need only small changes of them. So the network starts as a nearly linear
    function of X, and is one beyond the range of the training rows, too.

    Parameters
    ----------
    module : Network
        On the CPU.
    generator : torch.Generator
        Source of the random numbers, in place of the global generator.

    References
    ----------
    Glorot and Bengio (2010), AISTATS. Saxe, McClelland and Ganguli (2014),
    arXiv:1312.6120. Jozefowicz, Zaremba and Sutskever (2015), ICML, for the bias of
    the forget gate.
    """
    for part in module.modules():
        if isinstance(part, RecurrentStack):
            for layer in part.layers:
                _initialize_recurrent(layer, CELLS[part.cell], generator)
        elif isinstance(part, nn.Linear):
            nn.init.xavier_uniform_(part.weight, generator=generator)
            nn.init.zeros_(part.bias)
    for name, parameter in module.encoder.layers[0].named_parameters():
        if name.startswith("weight_ih"):
            parameter.mul_(INPUT_FACTORS[module.encoder.cell])
    module.head.weight.mul_(OUTPUT_FACTOR)


def _initialize_recurrent(layer: nn.Module, cell: Cell, generator: torch.Generator) -> None:
    for name, parameter in layer.named_parameters():
        if name.startswith("weight_ih"):
            nn.init.xavier_uniform_(parameter, generator=generator)
        elif name.startswith("weight_hh"):
            _fill_orthogonal(parameter, generator)
        else:
            nn.init.zeros_(parameter)
            if name.startswith("bias_ih") and cell.forget_gate is not None:
                parameter.chunk(cell.n_gates)[cell.forget_gate].fill_(1.0)


def _fill_orthogonal(weight: torch.Tensor, generator: torch.Generator) -> None:
    """Fill a matrix, with at least as many rows as columns, with orthonormal columns.

    As ``torch.nn.init.orthogonal_``, but factorised on one thread: the last digit depends
    on the number of threads.
    """
    normal = torch.empty(weight.shape, dtype=weight.dtype).normal_(generator=generator)
    with one_blas_thread():
        q, r = np.linalg.qr(normal.double().numpy())
    weight.copy_(torch.from_numpy(q * np.sign(np.diag(r))))
