"""Compiled training and prediction of a network, as the skorch net uses them."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import starmap
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from skrnn._recurrent._network.losses import WeightedLoss
from skrnn._recurrent._network.modules import EncoderDecoder, ManyToMany, ManyToOne, RecurrentStack
from skrnn._validation.threads import one_blas_thread

from ._epoch import build_entry
from ._flat import FlatMemory, flat_weights
from ._gru import GRU
from ._kernels import kernel
from ._losses import LOSS_CODES, Loss
from ._lstm import LSTM
from ._network import ENCODER_DECODER, MANY_TO_MANY, MANY_TO_ONE, Network
from ._rnn import RNN
from ._stack import Stack
from ._updates import UPDATE_CODES, Update

Arrays = NDArray[Any]

# Name of a cell -> its named tuple, from the layers of torch that hold the weights.
COMPILED_CELLS: dict[str, Callable[[RecurrentStack], Any]] = {
    "rnn": lambda stack: RNN(relu=stack.layers[0].nonlinearity == "relu"),
    "gru": lambda stack: GRU(),
    "lstm": lambda stack: LSTM(),
}

_ARCHITECTURES = {
    ManyToOne: MANY_TO_ONE,
    EncoderDecoder: ENCODER_DECODER,
    ManyToMany: MANY_TO_MANY,
}

# In place of a random generator if no random numbers are drawn.
_UNUSED = np.random.default_rng(0)
_NO_LOSS = Loss(0, 0.0)
_NO_UPDATE = Update(0, *[0.0] * (len(Update._fields) - 1))

# Python can be interrupted between two calls only, so no call should take much longer.
_SECONDS_PER_CALL = 0.2


class Engine:
    """Compiled training and prediction of one network.

    Parameters
    ----------
    module : torch.nn.Module
        A network of :mod:`skrnn._recurrent._network.modules`, on the CPU.
    """

    def __init__(self, module: nn.Module) -> None:
        self._module = module
        self._cell, self._network = describe_network(module)
        self._memory: FlatMemory | None = None
        self._n_at_once = 16  # batches in the first call

    def train_epoch(
        self,
        X: Arrays,
        lengths: Arrays,
        y: Arrays,
        sample_weight: Arrays | None,
        order: Arrays,
        *,
        optimizer: torch.optim.Optimizer,
        criterion: WeightedLoss,
        batch_size: int,
        max_grad_norm: float | None,
    ) -> tuple[Arrays, Arrays]:
        """Train for one epoch.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_timesteps, n_features)
            Sequences, padded in front.
        lengths : ndarray of shape (n_samples,)
            Real steps of each.
        y : ndarray of shape (n_samples, n_outputs) or (n_samples, n_steps, n_outputs)
            Targets.
        sample_weight : ndarray of shape (n_samples,) or None
            Weights with mean one.
        order : ndarray of shape (n_samples,)
            The order in which to go through the rows.
        optimizer : torch.optim.Optimizer
        criterion : WeightedLoss
        batch_size : int
        max_grad_norm : float or None

        Returns
        -------
        losses : ndarray of shape (n_batches,)
            Mean loss of each batch.
        sizes : ndarray of shape (n_batches,)
            Number of rows, or of real steps if y has the steps of X, in each mean.
        """
        if self._memory is None or not self._memory.belongs_to(optimizer):
            self._memory = FlatMemory(self._module, optimizer)
        memory = self._memory
        memory.bind()
        self._see_dropout()
        dtype = memory.weights.dtype
        if sample_weight is None:
            sample_weight = np.empty(0, dtype)
        rows = (
            _read_only(X.astype(dtype, copy=False)),
            _read_only(lengths.astype(np.int64, copy=False)),
            _read_only((y if y.ndim == 3 else y[:, np.newaxis]).astype(dtype, copy=False)),
            _read_only(sample_weight.astype(dtype, copy=False)),
        )
        settings = (
            self._cell,
            self._network,
            _describe_loss(criterion),
            _describe_update(optimizer, max_grad_norm),
            memory.weights,
            memory.gradient,
            memory.moments,
            int(batch_size),
        )
        rngs = self._dropout_generators()
        step, product = memory.n_steps, memory.mu_product
        n_batches = -(-len(order) // batch_size)
        losses, sizes = np.empty(n_batches), np.empty(n_batches, np.int64)
        first = 0
        while first < n_batches:
            last = min(first + self._n_at_once, n_batches)
            arguments = (
                *rows,
                _read_only(order[first * batch_size : last * batch_size]),
                *settings,
                step,
                product,
                *rngs,
                losses[first:last],
                sizes[first:last],
                np.empty((0, 0, 0), dtype),
            )
            train = kernel(build_entry, self._cell, arguments)
            done: list[float] = []
            begun = time.perf_counter()
            try:
                # Python looks for Ctrl-C between two instructions of its own. Here that is
                # before the call, or after it when the list has what it returned.
                with one_blas_thread():
                    done.extend(starmap(train, [arguments]))
            finally:
                if done:
                    step, product = step + last - first, done[0]
                    memory.set_scalars(step, product)
            seconds = time.perf_counter() - begun
            self._n_at_once = max(1, int((last - first) * min(8.0, _SECONDS_PER_CALL / seconds)))
            first = last
        return losses, sizes

    def predict(self, X: Arrays, lengths: Arrays, *, batch_size: int) -> Arrays:
        """Return the outputs of sequences, (n_samples, n_outputs) or with a time axis.

        Steps of padding show the outputs of the initial state.
        """
        weights = flat_weights(self._module)
        dtype = weights.dtype
        network = without_dropout(self._network)
        steps = {MANY_TO_ONE: 1, ENCODER_DECODER: network.horizon, MANY_TO_MANY: X.shape[1]}
        shape = len(X), steps[network.architecture], network.n_outputs
        out = np.empty(shape, dtype)
        arguments = (
            _read_only(X.astype(dtype, copy=False)),
            _read_only(lengths.astype(np.int64, copy=False)),
            _read_only(np.empty((0, 0, 0), dtype)),
            _read_only(np.empty(0, dtype)),
            _read_only(np.arange(len(X))),
            self._cell,
            network,
            _NO_LOSS,
            _NO_UPDATE,
            weights,
            np.empty(0, dtype),
            np.empty((0, 0), dtype),
            batch_size,
            0,
            1.0,
            _UNUSED,
            _UNUSED,
            np.empty(0),
            np.empty(0, np.int64),
            out,
        )
        predict = kernel(build_entry, self._cell, arguments)
        with one_blas_thread():
            predict(*arguments)
        return out[:, 0] if network.architecture == MANY_TO_ONE else out

    def release(self) -> None:
        """Give torch's tensors memory of their own."""
        if self._memory is not None:
            self._memory.release()
            self._memory = None

    def _see_dropout(self) -> None:
        """Read the dropout again, because callbacks may change it between epochs."""
        described = self._network.encoder, self._network.decoder
        if any(
            s.dropout.p != d.dropout for s, d in zip(_stacks(self._module), described, strict=True)
        ):
            self._cell, self._network = describe_network(self._module)

    def _dropout_generators(self) -> tuple[np.random.Generator, np.random.Generator]:
        encoder, decoder = _stacks(self._module)
        if encoder.dropout.p == 0:
            return _UNUSED, _UNUSED
        return encoder.dropout.rng, decoder.dropout.rng


def describe_network(module: Any) -> tuple[Any, Network]:
    """Return the cell and the sizes of a network as the kernels take them."""
    encoder, decoder = _stacks(module)
    first = _n_weights(encoder)
    described = _describe_stack(encoder, 0)
    network = Network(
        architecture=_ARCHITECTURES[type(module)],
        encoder=described,
        decoder=described if decoder is encoder else _describe_stack(decoder, first),
        head=first if decoder is encoder else first + _n_weights(decoder),
        horizon=getattr(module, "horizon", 0),
        n_outputs=module.head.out_features,
    )
    return COMPILED_CELLS[encoder.cell](encoder), network


def without_dropout(network: Network) -> Network:
    """Return a network as it predicts."""
    return network._replace(
        encoder=network.encoder._replace(dropout=0.0), decoder=network.decoder._replace(dropout=0.0)
    )


def _stacks(module: Any) -> tuple[RecurrentStack, RecurrentStack]:
    """Return encoder and decoder; without a decoder, the encoder twice."""
    return module.encoder, getattr(module, "decoder", module.encoder)


def _describe_stack(stack: RecurrentStack, offset: int) -> Stack:
    layer: Any = stack.layers[0]
    return Stack(
        n_layers=len(stack.layers),
        n_directions=2 if layer.bidirectional else 1,
        n_inputs=layer.input_size,
        n_units=layer.hidden_size,
        n_gates=layer.weight_hh_l0.shape[0],
        offset=offset,
        dropout=float(stack.dropout.p),
    )


def _n_weights(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def _describe_loss(criterion: WeightedLoss) -> Loss:
    parameter = next(iter(criterion.options.values()), 0.0)
    return Loss(LOSS_CODES[criterion.name], float(parameter))


def _describe_update(optimizer: torch.optim.Optimizer, max_grad_norm: float | None) -> Update:
    options = optimizer.param_groups[0]
    beta1, beta2 = options.get("betas", (0.0, options.get("alpha", 0.0)))
    return Update(
        code=UPDATE_CODES[type(optimizer).__name__.lower()],
        lr=float(options["lr"]),
        weight_decay=float(options["weight_decay"]),
        eps=float(options.get("eps", 0.0)),
        beta1=float(beta1),
        beta2=float(beta2),
        decay=float(options.get("momentum_decay", options.get("lr_decay", 0.0))),
        max_norm=np.inf if max_grad_norm is None else float(max_grad_norm),
    )


def _read_only(array: Arrays) -> Arrays:
    view = array.view()
    view.flags.writeable = False
    return view
