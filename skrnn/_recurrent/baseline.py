"""What a baseline leaves over for a network to learn, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone, is_classifier
from sklearn.utils import get_tags
from sklearn.utils.validation import has_fit_parameter

from skrnn._models.linear_baseline import LinearBaseline
from skrnn._recurrent._training.batches import Rows
from skrnn._validation.finite import all_finite, row_blocks
from skrnn._validation.sequences import Sequences, is_real_step
from skrnn._validation.targets import Targets

Arrays = NDArray[Any]


@dataclass(frozen=True)
class WindowReader:
    """How an estimator wants its windows.

    Parameters
    ----------
    ndim : {2, 3}
        Dimensions of the array that it gets.
    fill_value : ndarray of shape (n_features,) or None
        What fills windows without a real step; None where padding stays NaN.
    """

    ndim: int
    fill_value: Arrays | None

    @classmethod
    def of(cls, estimator: Any, rows: Rows, ndim: int) -> WindowReader:
        """Read the wishes of an estimator from its scikit-learn tags."""
        tags = get_tags(estimator).input_tags
        if ndim == 2 or tags.three_d_array:
            return cls(ndim, None)
        n_real = rows.lengths.sum()
        sums = np.nansum(rows.X, axis=(0, 1), dtype=np.float64)
        return cls(2, None if tags.allow_nan else (sums / n_real).astype(rows.X.dtype))

    def read(self, X: Arrays, lengths: Arrays) -> Arrays:
        """Return windows of shape (N, T, F) in that form."""
        n_timesteps = X.shape[1]
        if self.fill_value is not None and (lengths < n_timesteps).any():
            # As if the sequence had stood still before its first step.
            first = np.minimum(n_timesteps - lengths, n_timesteps - 1)
            step = np.maximum(np.arange(n_timesteps), first[:, np.newaxis])
            X = np.take_along_axis(X, step[:, :, np.newaxis], axis=1)
            X[lengths == 0] = self.fill_value
        return X if self.ndim == 3 else X.reshape(len(X), -1)


@dataclass(frozen=True)
class Remainder:
    """Targets without what a baseline predicts, in units of their size, as are the windows.

    Parameters
    ----------
    baseline : regressor or None, default=None
        Fitted; None leaves everything over.
    reader : WindowReader or None, default=None
        How it wants its windows.
    mean, spread : ndarray of shape (n_features,) or None, default=None
        Of the real steps, by which the network's windows are standardised.
    scale : float, default=1.0
        Root mean square of what the baseline leaves over.
    """

    baseline: Any = None
    reader: WindowReader | None = None
    mean: Arrays | None = None
    spread: Arrays | None = None
    scale: float = 1.0

    def check_still_meant(self, baseline: Any, *, owner: str) -> None:
        """Raise if a network that learned with a baseline is to go on without, or vice versa."""
        if (baseline is None) != (self.baseline is None):
            raise ValueError(
                f"{owner} cannot train on from its present weights: baseline was "
                f"{self.baseline!r} and is {baseline!r} now. Keep it, or call fit with "
                "warm_start=False."
            )

    def of(self, rows: Rows) -> Rows:
        """Return what the network sees of rows, and of their validation rows.

        The windows are standardised, and of the targets it is what the baseline leaves over.
        """
        if self.baseline is None:
            return rows
        X = rows.X - self.mean
        X /= self.spread
        left = None
        if rows.y is not None:
            left = (rows.y - self.predict(rows.X, rows.lengths, rows.y.shape)) / self.scale
            left = left.astype(rows.y.dtype, copy=False)
        validation = None if rows.validation is None else self.of(rows.validation)
        return Rows(X, rows.lengths, left, rows.weight, validation)

    def restore(self, left: Arrays, rows: Rows) -> Arrays:
        """Return the targets that a network's outputs stand for."""
        if self.baseline is None:
            return left
        predicted = self.predict(rows.X, rows.lengths, left.shape)
        return predicted + self.scale * left

    def predict(self, X: Arrays, lengths: Arrays, shape: tuple[int, ...]) -> Arrays:
        """Return the baseline's predictions, in the shape of the network's targets."""
        assert self.reader is not None
        predicted = np.asarray(self.baseline.predict(self.reader.read(X, lengths)))
        if predicted.size != np.prod(shape):
            raise ValueError(
                f"The baseline {self.baseline!r} predicts an array of shape {predicted.shape}, "
                f"where {shape} is needed. With architecture='many-to-many' and a baseline, X must "
                "have the time steps that it had in fit."
            )
        if not all_finite(predicted):
            raise ValueError(
                f"The baseline {self.baseline!r} predicts NaN or infinity, which leaves nothing to "
                "learn from. Scale its input, or choose another one."
            )
        return predicted.reshape(shape)


def fit_baseline(
    baseline: Any, rows: Rows, sequences: Sequences, targets: Targets, *, aligned: bool, owner: str
) -> Remainder:
    """Fit a copy of a baseline on the training rows.

    Parameters
    ----------
    baseline : {"linear"}, regressor or None
        Never changed.
    rows : Rows
        What the network will train on.
    sequences, targets : Sequences, Targets
        The form in which the user passed `X` and `y`.
    aligned : bool
        Whether targets have the time steps of the input, and its padding.
    owner : str
        Name of the estimator, for messages.

    Returns
    -------
    Remainder

    Raises
    ------
    ValueError
        If the baseline is a classifier, or its predictions do not fit the targets.
    """
    if baseline is None:
        return Remainder()
    assert rows.y is not None
    fitted = LinearBaseline() if baseline == "linear" else clone(baseline)
    if is_classifier(fitted):
        raise ValueError(f"baseline must be a regressor, but {fitted!r} is a classifier.")
    reader = WindowReader.of(fitted, rows, sequences.ndim)
    X = reader.read(rows.X, rows.lengths)
    counted = _counted_targets(rows, aligned=aligned)
    y = _in_form(_without_padding(rows.y, counted), fitted, targets)
    weighted = rows.weight is not None and has_fit_parameter(fitted, "sample_weight")
    try:
        fitted.fit(X, y, **({"sample_weight": rows.weight} if weighted else {}))
    except Exception as error:
        error.add_note(
            f"{owner} was fitting its baseline {fitted!r} on X of shape {X.shape} and y of shape "
            f"{y.shape}. A regressor for one output needs sklearn.multioutput.MultiOutputRegressor "
            "around it where y has several."
        )
        raise
    left = rows.y - Remainder(fitted, reader).predict(rows.X, rows.lengths, rows.y.shape)
    return Remainder(fitted, reader, *_mean_and_spread(rows), _size(left, rows.y, counted))


def _size(left: Arrays, y: Arrays, counted: Arrays) -> float:
    """Return the root mean square of what is left of targets.

    What rounding leaves of them has no size: then it is that of the targets, and one if
    they have none.
    """
    mean = np.average(y, weights=counted, axis=0)
    of_left, of_y = (
        float(np.sqrt(np.average(np.square(values, dtype=np.float64), weights=counted)))
        for values in (left, y - mean)
    )
    size = of_left if of_left > np.sqrt(np.finfo(y.dtype).eps) * of_y else of_y
    return size or 1.0


def _mean_and_spread(rows: Rows) -> tuple[Arrays, Arrays]:
    """Return mean and standard deviation of each feature, one for a constant, over real steps."""
    X, n_real = rows.X, rows.lengths.sum()
    mean = np.zeros(X.shape[2])
    origin = X[0, -1].astype(np.float64)  # a real step: sums about it stay small
    for block in row_blocks(X):
        mean += np.nansum(X[block] - origin, axis=(0, 1)) / n_real
    mean += origin
    variance = np.zeros(X.shape[2])
    for block in row_blocks(X):
        variance += np.nansum(np.square(X[block] - mean), axis=(0, 1)) / n_real
    spread = np.sqrt(variance)
    spread[spread <= 8 * np.finfo(X.dtype).eps * np.abs(mean)] = 1
    return mean.astype(X.dtype), spread.astype(X.dtype)


def _counted_targets(rows: Rows, *, aligned: bool) -> Arrays:
    """Return how much each target counts: the weight of its row, none where it is padding."""
    y, n_rows = rows.y, len(rows)
    assert y is not None
    weight = np.ones(n_rows) if rows.weight is None else rows.weight
    counted = np.broadcast_to(weight.reshape(n_rows, *[1] * (y.ndim - 1)), y.shape)
    if not aligned:
        return counted
    return np.where(is_real_step(rows.lengths, y.shape[1])[:, :, np.newaxis], counted, 0)


def _without_padding(y: Arrays, counted: Arrays) -> Arrays:
    """Put the mean of the other rows where a target is padding."""
    total = counted.sum(axis=0)
    mean = (y * counted).sum(axis=0) / np.where(total > 0, total, 1)
    return np.where(counted > 0, y, mean).astype(y.dtype, copy=False)


def _in_form(y: Arrays, estimator: Any, targets: Targets) -> Arrays:
    """Return targets as an estimator expects them, which sees time steps or just outputs."""
    if get_tags(estimator).input_tags.three_d_array:
        return y if targets.has_outputs else y[..., 0]
    y = y.reshape(len(y), -1)
    return y[:, 0] if y.shape[1] == 1 else y
