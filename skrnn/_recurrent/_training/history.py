"""The history of a training, in which the time of an epoch does not grow with their number."""

from __future__ import annotations

from typing import Any

import numpy as np
from skorch.history import History


class EpochHistory(History):
    """skorch's history, with the lowest losses so far.

    skorch copies the list of all epochs for each value that is read. Here one epoch is read
    without the others.

    Attributes
    ----------
    lowest : dict of str to float
        Lowest value of each loss.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lowest: dict[str, float] = {}

    def __getitem__(self, i: Any) -> Any:
        """Return epochs, or values of epochs and batches, as skorch's history does."""
        if isinstance(i, int | slice):
            return list.__getitem__(self, i)
        if isinstance(i, tuple) and isinstance(i[0], int):
            return History([list.__getitem__(self, i[0])])[(0, *i[1:])]
        return super().__getitem__(i)

    def record_loss(self, key: str, loss: float) -> None:
        """Record a loss of the present epoch, and whether it is the lowest so far."""
        lowest = self.lowest.get(key, np.inf)
        self.record(key, loss)
        self.record(f"{key}_best", loss < lowest)
        self.lowest[key] = min(loss, lowest)

    def continue_from(self, earlier: EpochHistory) -> None:
        """Take over the epochs of an earlier training, which nobody changes any more."""
        self.extend(earlier)
        self.lowest = dict(earlier.lowest)

    def drop_last(self) -> None:
        """Forget the present epoch, which was interrupted."""
        dropped = self.pop()
        for key in self.lowest.keys() & dropped.keys():
            losses = (epoch[key] for epoch in self if key in epoch)
            self.lowest[key] = min(losses, default=np.inf)
