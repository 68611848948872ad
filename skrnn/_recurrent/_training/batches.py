"""Training rows in memory, and the batches that a network takes from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

Arrays = NDArray[Any]


class Rows(Dataset[Any]):
    """Front-padded sequences with targets and weights, as NumPy arrays.

    Parameters
    ----------
    X : ndarray of shape (N, T, F)
        Sequences; may be a read-only or overlapping view. Nothing is copied before
        a batch is asked for.
    lengths : ndarray of shape (N,)
        Real steps of each sequence, at its end.
    y : ndarray of shape (N, ...) or None
        Targets.
    weight : ndarray of shape (N,) or None
        Weights with mean one.
    validation : Rows or None
        The rows that go with these for validation.
    """

    def __init__(
        self,
        X: Arrays,
        lengths: Arrays,
        y: Arrays | None = None,
        weight: Arrays | None = None,
        validation: Rows | None = None,
    ) -> None:
        self.X = X
        self.lengths = lengths
        self.y = y
        self.weight = weight
        self.validation = validation

    def __len__(self) -> int:
        return len(self.X)

    def __getitem__(self, index: Any) -> Rows:
        """Return some of the rows, by slice, mask or positions."""
        return Rows(
            self.X[index],
            self.lengths[index],
            None if self.y is None else self.y[index],
            None if self.weight is None else self.weight[index],
        )

    def usable(self) -> Rows:
        """Return the rows one can learn from: some real step, and a weight above zero.

        The weights that are left are scaled to mean one.
        """
        used = self.lengths > 0
        if self.weight is not None:
            used = used & (self.weight > 0)
        rows = self if used.all() else self[used]
        if rows.weight is not None and len(rows):
            # By the maximum first: the sum of large weights may overflow.
            relative = rows.weight / rows.weight.max()
            rows = Rows(rows.X, rows.lengths, rows.y, relative / relative.mean())
        return rows


@dataclass(frozen=True)
class Inputs:
    """What one batch passes to the network and to the loss beside the target.

    Parameters
    ----------
    X : tensor of shape (N, T, F)
        Sequences, padded at the end.
    lengths : tensor of shape (N,) or None
        Real steps of each sequence, on the CPU; None if all have T.
    weight : tensor of shape (N,) or None
        Weights of the rows.
    n_losses : int
        Over how many losses the mean of the batch goes: skorch asks for it by
        ``len``, to weigh the batches of an epoch.
    """

    X: Tensor
    lengths: Tensor | None
    weight: Tensor | None
    n_losses: int

    def __len__(self) -> int:
        return self.n_losses


class Batches:
    """Batches of rows as tensors; skorch calls this an iterator.

    torch's DataLoader collects a batch row by row in Python, which costs more than
    a small network's whole step.

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
        Whether `y` has the time steps of `X`, and its padding.
    training : bool, default=False
        Whether the rows of a batch may come in any order.
    rng : numpy.random.Generator or None
        Shuffles the rows anew at each pass; None keeps their order.
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
                # As the compiled backend orders them: its dropout is the same then.
                index = index[np.argsort(-self.rows.lengths[index], kind="stable")]
            elif self.rng is None:
                index = slice(start, start + self.batch_size)
            yield self._batch(index)

    def draw_order(self) -> Arrays:
        """Return the order of the rows for one pass, a new one if they are shuffled."""
        n_rows = len(self.rows)
        return np.arange(n_rows) if self.rng is None else self.rng.permutation(n_rows)

    def _batch(self, index: Any) -> tuple[Inputs, Tensor]:
        rows = self.rows
        X, lengths = rows.X[index], None
        # skorch wants a target in each batch; there is none to predict from.
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
        """Lengths of the sequences in each batch, where the rows keep their order."""
        for start in range(0, len(self.rows), self.batch_size):
            yield self.rows.lengths[start : start + self.batch_size]

    def _tensor(self, array: Arrays) -> Tensor:
        # A slice of the user's array may be read-only or overlap itself: a copy is
        # owned by nobody else. Arrays from fancy indexing are new already.
        if array.base is not None or array.dtype != self.dtype:
            array = np.array(array, dtype=self.dtype, order="C")
        tensor = torch.from_numpy(array)
        return tensor if self.device.type == "cpu" else tensor.to(self.device)


def move_padding_to_end(X: Arrays, lengths: Arrays) -> tuple[Arrays, Tensor | None]:
    """Turn front-padded sequences into the end-padded ones that torch packs.

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
        None where all sequences fill X.
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
    """Undo :func:`move_padding_to_end` for what a network has made of the steps.

    Parameters
    ----------
    y : ndarray of shape (N, max(lengths), n_outputs)
        Values at each real step, from the first step on.
    lengths : ndarray of shape (N,)
        Real steps of each row.
    n_timesteps : int
        Time steps of the result.
    fill_value : ndarray of shape (n_outputs,)
        What stands at steps of padding.

    Returns
    -------
    ndarray of shape (N, n_timesteps, n_outputs)
        The values at the end, `fill_value` in front.
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
