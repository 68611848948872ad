"""Compiled training and prediction of a network, as the skorch net uses them."""

from __future__ import annotations

import time
from ctypes import c_double
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from skrnn._recurrent._network.losses import WeightedLoss, of_outputs
from skrnn._recurrent._network.modules import (
    EncoderDecoder,
    ManyToMany,
    ManyToOne,
    Network,
    RecurrentStack,
    stacks_of,
)

from .flat import FlatMemory, flat_weights
from .library import Job, Loss, StackSizes, Update, describe_array, describe_generator, run

Arrays = NDArray[Any]

# In the order of the kernels' enumerations.
CELLS = ("rnn tanh", "rnn relu", "gru", "lstm")
ARCHITECTURES = (ManyToOne, EncoderDecoder, ManyToMany)
LOSSES = ("squared_error", "absolute_error", "huber", "quantile")
UPDATES = ("adam", "adamw", "nadam", "rmsprop", "adagrad", "sgd")

# Python can be interrupted between two calls only, so no call should take much longer.
_SECONDS_PER_CALL = 0.2


class Engine:
    """Compiled training and prediction of one network.

    Parameters
    ----------
    module : torch.nn.Module
        A network of :mod:`skrnn._recurrent._network.modules`, on the CPU.
    """

    def __init__(self, module: Network) -> None:
        self._module = module
        self._memory: FlatMemory | None = None
        self._rows: tuple[Arrays | None, ...] = ()  # those that the job was described for
        self._job = Job()  # of an epoch
        self._kept: list[Any] = []  # the memory that it reads
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
            self._rows = ()
        memory = self._memory
        memory.bind()
        rows = (X, lengths, y, sample_weight)
        if len(self._rows) < 4 or any(a is not b for a, b in zip(rows, self._rows, strict=True)):
            self._job, self._kept = _describe_training(self._module, memory, *rows)
            self._rows = rows
        job = self._job
        job.batch_size = batch_size
        job.loss = _describe_loss(criterion, job.n_outputs)
        job.update = _describe_update(optimizer, max_grad_norm)
        _describe_dropout(job, self._module)
        job.step, job.product = memory.n_steps, memory.mu_product
        order = np.ascontiguousarray(order, np.int64)
        n_batches = -(-len(order) // batch_size)
        losses, sizes = np.empty(n_batches), np.empty(n_batches, np.int64)
        first = 0
        while first < n_batches:
            last = min(first + self._n_at_once, n_batches)
            part = order[first * batch_size : last * batch_size]
            job.order, job.n_order = part.ctypes.data, len(part)
            job.losses, job.sizes = losses[first:].ctypes.data, sizes[first:].ctypes.data
            begun = time.perf_counter()
            try:
                run(job)
            finally:
                # Ctrl-C may come right after the call, which counts its steps in the job.
                memory.set_scalars(job.step, job.product)
            seconds = time.perf_counter() - begun
            self._n_at_once = max(1, int((last - first) * min(8.0, _SECONDS_PER_CALL / seconds)))
            first = last
        return losses, sizes

    def predict(self, X: Arrays, lengths: Arrays, *, batch_size: int) -> Arrays:
        """Return the outputs of sequences, (n_samples, n_outputs) or with a time axis.

        Steps of padding show the outputs of the initial state.
        """
        weights, order = flat_weights(self._module), np.arange(len(X))
        job, kept = _describe_job(self._module, weights, X, lengths)
        job.order, job.n_order, job.batch_size = order.ctypes.data, len(order), batch_size
        n_steps = 1 if job.architecture == 0 else job.horizon or X.shape[1]
        out = np.empty((len(X), n_steps, job.n_outputs), weights.dtype)
        job.predicted, _ = describe_array(out, weights.dtype)
        run(job)
        del kept  # the memory that the job read
        return out[:, 0] if job.architecture == 0 else out

    def release(self) -> None:
        """Give torch's tensors memory of their own."""
        if self._memory is not None:
            self._memory.release()
            self._memory, self._rows, self._kept = None, (), []


def _describe_job(
    module: Network, weights: Arrays, X: Arrays, lengths: Arrays
) -> tuple[Job, list[Any]]:
    """Return a job over the rows of X with a network, and the memory that it reads."""
    encoder, *decoder = stacks_of(module)
    layer: Any = encoder.layers[0]
    cell = f"rnn {layer.nonlinearity}" if encoder.cell == "rnn" else encoder.cell
    described, X = describe_array(X, weights.dtype)
    lengths = np.ascontiguousarray(lengths, np.int64)
    job = Job(
        cell=CELLS.index(cell),
        is_double=weights.dtype == np.float64,
        architecture=ARCHITECTURES.index(type(module)),
        encoder=_describe_stack(encoder),
        decoder=_describe_stack(decoder[0]) if decoder else StackSizes(),
        horizon=getattr(module, "horizon", 0),
        n_outputs=module.head.out_features,
        X=described,
        lengths=lengths.ctypes.data,
        weights=weights.ctypes.data,
        n_weights=len(weights),
    )
    return job, [weights, X, lengths]


def _describe_training(
    module: Network,
    memory: FlatMemory,
    X: Arrays,
    lengths: Arrays,
    y: Arrays,
    sample_weight: Arrays | None,
) -> tuple[Job, list[Any]]:
    """Return a job that trains on some rows, and the memory that it reads."""
    job, kept = _describe_job(module, memory.weights, X, lengths)
    job.y, y = describe_array(y if y.ndim == 3 else y[:, np.newaxis], memory.weights.dtype)
    if sample_weight is not None:
        sample_weight = np.ascontiguousarray(sample_weight, memory.weights.dtype)
        job.row_weights = sample_weight.ctypes.data
    job.gradient, job.moments = memory.gradient.ctypes.data, memory.moments.ctypes.data
    job.n_moments = len(memory.moments)
    return job, [*kept, y, sample_weight]


def _describe_dropout(job: Job, module: Network) -> None:
    """Describe the dropout, which callbacks may change and which draws anew in each epoch."""
    for stack, sizes, random in zip(
        stacks_of(module), (job.encoder, job.decoder), ("random", "decoder_random"), strict=False
    ):
        sizes.dropout = stack.dropout.p
        setattr(job, random, describe_generator(stack.dropout.rng if stack.dropout.p else None))


def _describe_stack(stack: RecurrentStack) -> StackSizes:
    layer: Any = stack.layers[0]
    return StackSizes(
        n_layers=len(stack.layers),
        n_directions=2 if layer.bidirectional else 1,
        n_inputs=layer.input_size,
        n_units=layer.hidden_size,
        dropout=stack.dropout.p,
    )


def _describe_loss(criterion: WeightedLoss, n_outputs: int) -> Loss:
    options = of_outputs(next(iter(criterion.options.values()), 0.0), n_outputs)
    return Loss(LOSSES.index(criterion.name), (c_double * n_outputs)(*options))


def _describe_update(optimizer: torch.optim.Optimizer, max_grad_norm: float | None) -> Update:
    options = optimizer.param_groups[0]
    beta1, beta2 = options.get("betas", (0.0, options.get("alpha", 0.0)))
    return Update(
        name=UPDATES.index(type(optimizer).__name__.lower()),
        lr=float(options["lr"]),
        weight_decay=float(options["weight_decay"]),
        eps=float(options.get("eps", 0.0)),
        beta1=float(beta1),
        beta2=float(beta2),
        decay=float(options.get("momentum_decay", options.get("lr_decay", 0.0))),
        max_norm=np.inf if max_grad_norm is None else float(max_grad_norm),
    )
