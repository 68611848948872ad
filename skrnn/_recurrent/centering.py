"""What is subtracted from each window and its target, and put back on the prediction."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skrnn._recurrent._training.batches import Rows
from skrnn._validation.sequences import Sequences
from skrnn._validation.targets import Targets

Arrays = NDArray[Any]


@dataclass(frozen=True)
class Centering:
    """The level of a window, and of which features the targets have theirs.

    Parameters
    ----------
    center : {"last", "mean"} or None
        The level: the last step, the mean of the real steps, or none.
    features : tuple of int
        The feature that each output continues; a single one for all outputs.
    """

    center: str | None
    features: tuple[int, ...]

    @classmethod
    def of(
        cls, center: str | None, target: Any, sequences: Sequences, targets: Targets, *, owner: str
    ) -> Centering:
        """Check that the targets' features are known.

        Raises
        ------
        ValueError
            If they are not, or `target` names none of `X`.
        """
        if center is None:
            return cls(None, ())
        n_features = sequences.values.shape[2]
        *steps, n_outputs = targets.values.shape[1:]
        if target is None and n_features == 1:
            target = 0
        elif target is None and steps and n_outputs == n_features:
            target = list(range(n_features))
        features = tuple(target) if isinstance(target, list) else (target,)
        if not all(isinstance(f, Integral) and 0 <= int(f) < n_features for f in features):
            raise ValueError(
                f"{owner} with center={center!r} puts the level of a feature back on the "
                f"predictions, and X has {n_features} features: target must be the position of the "
                f"one that y continues, from 0 to {n_features - 1}, or a list with one for each "
                f"output, but is {target!r}."
            )
        if len(features) not in (1, n_outputs):
            raise ValueError(
                f"target must name one feature, or one for each of the {n_outputs} outputs of y, "
                f"but names {len(features)}: {target!r}."
            )
        return cls(center, features)

    def check_same_as(self, earlier: Centering, *, owner: str) -> None:
        """Raise if a network that learned with another centering is to go on with this one."""
        if self != earlier:
            raise ValueError(
                f"{owner} cannot train on from its present weights: center and target were "
                f"{earlier.center!r} and {earlier.features}, and are {self.center!r} and "
                f"{self.features} now. Keep them, or call fit with warm_start=False."
            )

    def apply(self, rows: Rows) -> Rows:
        """Return rows, and their validation rows, whose windows and targets have level zero."""
        if self.center is None:
            return rows
        level = self._levels(rows)
        y = None if rows.y is None else rows.y - self._of_targets(level, rows.y)
        validation = None if rows.validation is None else self.apply(rows.validation)
        return Rows(rows.X - level[:, np.newaxis], rows.lengths, y, rows.weight, validation)

    def undo(self, y: Arrays, rows: Rows) -> Arrays:
        """Put the levels of rows, as they were, back on their predictions."""
        if self.center is None:
            return y
        return y + self._of_targets(self._levels(rows), y)

    def _levels(self, rows: Rows) -> Arrays:
        """Return the level of each row and feature; zero where there is no real step."""
        X, lengths = rows.X, rows.lengths
        if self.center == "last":
            level = X[:, -1]
        else:
            level = np.nansum(X, axis=1) / np.maximum(lengths, 1)[:, np.newaxis]
        return np.where((lengths > 0)[:, np.newaxis], level, 0).astype(X.dtype, copy=False)

    def _of_targets(self, level: Arrays, y: Arrays) -> Arrays:
        """Return the levels of the outputs, in a shape that broadcasts to that of `y`."""
        chosen = level[:, self.features]
        return chosen[:, np.newaxis] if y.ndim == 3 else chosen
