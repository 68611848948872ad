"""Batches of rows as tensors, and the place of their padding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from skrnn._validation.rows import Rows

Arrays = NDArray[Any]


@dataclass(frozen=True)
class Inputs:
    """What a batch holds beside its targets.

    Parameters
    ----------
    X : tensor of shape (N, T, F)
        Sequences, padded at the end.
    lengths : tensor of shape (N,) or None
        Real steps of each sequence, on the CPU; None if all have T.
    weight : tensor of shape (N,) or None
        Weights of the rows.
    n_losses : int
        Number of losses in the mean of the batch. skorch asks for it by ``len``, and
        weights the batches of an epoch with it.
    """

    X: Tensor
    lengths: Tensor | None
    weight: Tensor | None
    n_losses: int

    def __len__(self) -> int:
        return self.n_losses


class Batches:
    """Iterator over batches of rows, in place of torch's DataLoader.

    The DataLoader collects a batch row by row in Python, which takes longer than a
    training step of a small network.

    Parameters
    ----------
    rows : Rows
        The data.
    batch_size : int
        Rows in a batch; the last one may be smaller.
    dtype : numpy dtype
        Floating-point type of the tensors.
    device : str
        Where the tensors go.
    aligned : bool, default=False
        Whether `y` has the time steps of `X` and their padding.
    training : bool, default=False
        Whether the rows within a batch may be reordered.
    rng : numpy.random.Generator or None
        Shuffles the rows before each pass. None keeps their order.
    """

    def __init__(
        self,
        rows: Rows,
        batch_size: int,
        *,
        dtype: np.dtype[Any],
        device: str = "cpu",
        aligned: bool = False,
        training: bool = False,
        rng: np.random.Generator | None = None,
    ) -> None:
        self.rows = rows
        self.batch_size = batch_size
        self.dtype = np.dtype(dtype)
        self.device = torch.device(device)
        self.aligned = aligned
        self.training = training
        self.rng = rng
        self._padded = bool((rows.lengths < rows.X.shape[1]).any())

    def __len__(self) -> int:
        return -(-len(self.rows) // self.batch_size)

    def __iter__(self) -> Iterator[tuple[Inputs, Tensor]]:
        n_rows = len(self.rows)
        order = self.draw_order()
        for start in range(0, n_rows, self.batch_size):
            index: Any = order[start : start + self.batch_size]
            if self._padded and self.training:
                # The order of the compiled backend, for the same dropout masks.
                index = index[np.argsort(-self.rows.lengths[index], kind="stable")]
            elif self.rng is None:
                index = slice(start, start + self.batch_size)
            yield self._batch(index)

    def draw_order(self) -> Arrays:
        """Return the order of the rows for one pass, a new one each time if they are shuffled."""
        n_rows = len(self.rows)
        return np.arange(n_rows) if self.rng is None else self.rng.permutation(n_rows)

    def _batch(self, index: Any) -> tuple[Inputs, Tensor]:
        rows = self.rows
        X, lengths = rows.X[index], None
        # skorch expects a target in each batch. In a prediction there is none.
        y = np.empty(0) if rows.y is None else rows.y[index]
        if self._padded:
            X, lengths = move_padding_to_end(X, rows.lengths[index])
            if self.aligned and rows.y is not None:
                y, _ = move_padding_to_end(y, rows.lengths[index])
        weight = None if rows.weight is None else self._tensor(rows.weight[index])
        n_losses = len(X)
        if self.aligned:
            n_losses = len(X) * X.shape[1] if lengths is None else int(lengths.sum())
        return Inputs(self._tensor(X), lengths, weight, n_losses), self._tensor(y)

    def lengths(self) -> Iterator[Arrays]:
        """Yield the lengths of the sequences in each batch, for rows in their order."""
        for start in range(0, len(self.rows), self.batch_size):
            yield self.rows.lengths[start : start + self.batch_size]

    def _tensor(self, array: Arrays) -> Tensor:
        # A slice of the user's array may be read-only or overlap itself, so it is copied.
        # Arrays from fancy indexing are copies already.
        if array.base is not None or array.dtype != self.dtype:
            array = np.array(array, dtype=self.dtype, order="C")
        tensor = torch.from_numpy(array)
        return tensor if self.device.type == "cpu" else tensor.to(self.device)


def move_padding_to_end(X: Arrays, lengths: Arrays) -> tuple[Arrays, Tensor | None]:
    """Return sequences with the padding at the end, where torch expects it.

    Parameters
    ----------
    X : ndarray of shape (N, T, F)
        Sequences with NaN in front.
    lengths : ndarray of shape (N,)
        Real steps of each.

    Returns
    -------
    X : ndarray of shape (N, max(lengths), F)
        Sequences with zeros at the end.
    lengths : tensor of shape (N,) or None
        None if no sequence of X has padding.
    """
    n_timesteps = X.shape[1]
    longest = max(1, int(lengths.max()))
    if lengths.min() == longest:
        return X[:, n_timesteps - longest :], None
    step = np.arange(longest)
    source = np.minimum(n_timesteps - lengths[:, np.newaxis] + step, n_timesteps - 1)
    moved = np.take_along_axis(X, source[:, :, np.newaxis], axis=1)
    moved[step >= lengths[:, np.newaxis]] = 0
    return moved, torch.from_numpy(lengths.astype(np.int64))


def move_padding_to_front(
    y: Arrays, lengths: Arrays, n_timesteps: int, fill_value: Arrays
) -> Arrays:
    """Return the outputs of time steps with the padding in front again.

    Parameters
    ----------
    y : ndarray of shape (N, max(lengths), n_outputs)
        Outputs, padded at the end.
    lengths : ndarray of shape (N,)
        Real steps of each row.
    n_timesteps : int
        Time steps of the result.
    fill_value : ndarray of shape (n_outputs,)
        Value at the steps of padding.

    Returns
    -------
    ndarray of shape (N, n_timesteps, n_outputs)
        The outputs at the last steps, `fill_value` at the first ones.
    """
    moved = np.empty((len(y), n_timesteps, y.shape[2]), dtype=y.dtype)
    moved[:] = fill_value
    moved[np.arange(n_timesteps) >= n_timesteps - lengths[:, np.newaxis]] = y[
        np.arange(y.shape[1]) < lengths[:, np.newaxis]
    ]
    return moved


def real_steps(lengths: Tensor, n_timesteps: int) -> Tensor:
    """Return the mask of shape (N, n_timesteps) of the steps before the padding."""
    return torch.arange(n_timesteps) < lengths[:, None]
