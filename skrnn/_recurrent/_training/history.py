"""The history of a training, in which the time of an epoch does not grow with their number."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from skorch.history import History


class Best(NamedTuple):
    """The lowest loss of an epoch, and the number of that epoch, from 1. 0: there is none."""

    loss: float = np.inf
    epoch: int = 0


class EpochHistory(History):
    """skorch's history, with the lowest losses so far.

    skorch copies the list of all epochs for each value that is read. Here one epoch is read
    without the others.

    Attributes
    ----------
    best : dict of str to Best
        Lowest value of each loss, and its epoch.
    weights_of : int
        Number of the epoch after which the network had its present weights.
    """

    def __init__(self) -> None:
        super().__init__()
        self.best: dict[str, Best] = {}
        self.weights_of = 0

    def __getitem__(self, i: Any) -> Any:
        """Return epochs, or values of epochs and batches, as skorch's history does."""
        if isinstance(i, int | slice):
            return list.__getitem__(self, i)
        if isinstance(i, tuple) and isinstance(i[0], int):
            return History([list.__getitem__(self, i[0])])[(0, *i[1:])]
        return super().__getitem__(i)

    def record_loss(self, key: str, loss: float) -> None:
        """Record a loss of the present epoch, and whether it is the lowest so far."""
        best = self.best.get(key, Best())
        self.record(key, loss)
        self.record(f"{key}_best", loss < best.loss)
        self.best[key] = Best(loss, len(self)) if loss < best.loss else best
        self.weights_of = len(self)

    def continue_from(self, earlier: EpochHistory) -> None:
        """Take over the epochs of an earlier training, which nobody changes any more."""
        self.extend(earlier)
        self.best, self.weights_of = dict(earlier.best), earlier.weights_of

    def drop_last(self) -> None:
        """Forget the present epoch, which was interrupted."""
        dropped = self.pop()
        for key in self.best.keys() & dropped.keys():
            losses = (Best(epoch[key], i) for i, epoch in enumerate(self, 1) if key in epoch)
            self.best[key] = min(losses, default=Best())
        self.weights_of = len(self)
