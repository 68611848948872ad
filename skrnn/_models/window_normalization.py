"""Windows and targets in a normal form: logarithm, season, level, size, and the way back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skrnn._validation.finite import row_blocks
from skrnn._validation.rows import Rows

from .seasonal_indices import indices_of_seasonal, is_seasonal
from .window_measures import level_of, size_of

Arrays = NDArray[Any]

# Smallest size that is divided by, as a share of the geometric mean of the sizes in fit.
_FLOOR = 0.05

# Largest normalised prediction of a logarithm, as a multiple of the largest target in fit.
_LARGEST = 2.0

# Rounding errors, in units of the last digit, of windows whose steps are all the same.
_ROUNDING = 8


@dataclass(frozen=True, eq=False)
class NormalizedWindows:
    """Normalised windows, and what brings their targets into the same form.

    Parameters
    ----------
    windows : ndarray of shape (n, T, F)
        Windows without season and level, and, when they are scaled, divided by their size.
    size : ndarray of shape (n, F)
        Size of each window and feature.
    offset, factor : ndarray of shape (n, K)
        A target minus the offset, divided by factor and size, is in the form of the window.
    """

    windows: Arrays
    size: Arrays
    offset: Arrays
    factor: Arrays


@dataclass(frozen=True, eq=False)
class WindowNormalization:
    """How windows and targets are normalised, and what was learned in fit.

    Parameters
    ----------
    center, scale : str or None
        Level and size.
    season_length : int
        Number of time steps in a season.
    log : bool
        Whether logarithms are taken of the features that the outputs continue.
    adjust_season : bool or "auto"
        Whether these features are adjusted for their season; "auto": where it is significant.
    of_outputs : ndarray of shape (K,)
        The feature that each output continues.
    ahead : ndarray of shape (K,)
        Number of steps from the first one after the window to each output.
    smallest : ndarray of shape (F,)
        Smallest value of each feature in fit.
    static : ndarray of shape (F,)
        Which features are left as they are: those that no output continues, and that are the
        same in all steps of each training window. Without their level nothing would be left.
        Learned.
    floor : ndarray of shape (F,)
        Smallest size that is divided by. Learned.
    limit : ndarray of shape (K,)
        Largest absolute value of a normalised prediction of a logarithm. Learned.
    """

    center: str | None
    scale: str | None
    season_length: int
    log: bool
    adjust_season: bool | str
    of_outputs: NDArray[np.intp]
    ahead: NDArray[np.intp]
    smallest: Arrays
    static: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(1, dtype=bool))
    floor: Arrays = field(default_factory=lambda: np.ones(1))
    limit: Arrays = field(default_factory=lambda: np.full(1, np.inf))

    def fit(self, rows: Rows) -> tuple[WindowNormalization, Rows]:
        """Learn floor and limit from training rows. Return the result, and the rows normalised."""
        static = find_static(rows.X)
        static[self.features] = False
        learned = replace(self, static=static)
        centred = learned._centre(rows.X)
        floor = self.floor if self.scale is None else find_floor(centred.size, rows.weight)
        learned = replace(learned, floor=np.broadcast_to(floor, self.smallest.shape).copy())
        normalized = learned._normalize(rows, learned._divide(centred))
        return replace(learned, limit=_LARGEST * np.abs(normalized.y).max(axis=0)), normalized

    def normalize(self, rows: Rows) -> Rows:
        """Return rows normalised by the levels and sizes of their windows."""
        return self._normalize(rows, self.normalize_windows(rows.X))

    def normalize_windows(self, X: Arrays) -> NormalizedWindows:
        """Return normalised windows of shape (n, T, F). Each has a real step."""
        return self._divide(self._centre(X))

    def restore(self, predicted: Arrays, normalized: NormalizedWindows) -> Arrays:
        """Return normalised predictions (n, K) or (Q, n, K) in the units of the targets."""
        scale = normalized.factor * normalized.size[:, self.of_outputs]
        if not self.log:
            return predicted * scale + normalized.offset
        numbers = np.finfo(normalized.windows.dtype)
        bounded = np.clip(predicted, -self.limit, self.limit)
        logarithm = bounded * scale + normalized.offset
        return np.exp(np.clip(logarithm, np.log(numbers.tiny), np.log(numbers.max) - 1e-3))

    def _normalize(self, rows: Rows, normalized: NormalizedWindows) -> Rows:
        y = rows.y
        if self.log:  # validation targets may be below zero
            y = np.log(np.where(y > 0, y, self.smallest[self.of_outputs]), dtype=float)
        scale = normalized.factor * normalized.size[:, self.of_outputs]
        y = ((y - normalized.offset) / scale).astype(rows.y.dtype, copy=False)
        return replace(rows, X=normalized.windows, y=y)

    def _divide(self, centred: NormalizedWindows) -> NormalizedWindows:
        """Divide centred windows by their sizes, in place."""
        size = np.maximum(centred.size, self.floor)
        windows = centred.windows
        windows /= size[:, np.newaxis]
        return replace(centred, windows=windows, size=size)

    def _centre(self, X: Arrays) -> NormalizedWindows:
        windows = np.empty(X.shape, dtype=X.dtype)
        parts = []
        for block in row_blocks(X):
            values = self._logarithms(X[block]) if self.log else X[block]
            steps, factor, shift = self._without_season(values)
            level = np.where(self.static, 0, level_of(self.center, steps, self.season_length))
            windows[block] = steps - level[:, np.newaxis]
            size = size_of(self.scale, steps, self.season_length)
            if self.scale is not None:
                magnitude = size_of("mean_abs", values, 1) + self.log
                is_rounding = size <= _ROUNDING * np.finfo(X.dtype).eps * magnitude
                size = np.where(is_rounding | self.static, 0, size)  # then divided by the floor
            parts.append((size, shift + factor * level[:, self.of_outputs], factor))
        return NormalizedWindows(windows, *map(np.concatenate, zip(*parts, strict=True)))

    @property
    def features(self) -> NDArray[np.intp]:
        """Positions of the features that the outputs continue."""
        return np.unique(self.of_outputs)

    def _logarithms(self, X: Arrays) -> Arrays:
        """Take logarithms of the features that the outputs continue.

        A value that is not positive is first replaced by the smallest positive one of its window,
        or by the smallest value in fit if the window has none.
        """
        steps = X.astype(float)
        values = steps[:, :, self.features]
        lowest = np.where(values > 0, values, np.inf).min(axis=1, keepdims=True)
        lowest = np.where(np.isinf(lowest), self.smallest[self.features], lowest)
        steps[:, :, self.features] = np.log(np.maximum(values, lowest))
        return steps

    def _without_season(self, steps: Arrays) -> tuple[Arrays, Arrays, Arrays]:
        """Return adjusted windows, and the factor and summand (n, K) of the season of outputs."""
        n_rows, n_timesteps, _ = steps.shape
        shape, season_length = (n_rows, len(self.of_outputs)), self.season_length
        if not self.adjust_season or season_length == 1 or n_timesteps < 2 * season_length:
            return steps, np.ones(shape), np.zeros(shape)
        steps = steps.astype(float)
        values = steps[:, :, self.features]
        flat = values.swapaxes(1, 2).reshape(-1, n_timesteps)
        real = ~np.isnan(flat)
        flat = np.where(real, flat, 0)
        if self.adjust_season == "auto":
            seasonal = is_seasonal(flat, real, season_length)
        else:
            seasonal = real.sum(axis=1) >= 2 * season_length
        found = indices_of_seasonal(flat, real, season_length, seasonal, additive=self.log)
        factor, shift = (part.reshape(n_rows, -1, season_length).swapaxes(1, 2) for part in found)
        phase = np.arange(-n_timesteps, 0) % season_length
        steps[:, :, self.features] = (values - shift[:, phase]) / factor[:, phase]
        of_outputs = np.searchsorted(self.features, self.of_outputs)
        phase = self.ahead % season_length
        return steps, factor[:, phase, of_outputs], shift[:, phase, of_outputs]


def find_static(X: Arrays) -> NDArray[np.bool_]:
    """Return which features are the same in all real steps of each window, of shape (F,)."""
    static = np.ones(X.shape[2], dtype=bool)
    for block in row_blocks(X):
        static &= ((X[block] == X[block, -1:]) | np.isnan(X[block])).all(axis=(0, 1))
    return static


def find_floor(sizes: Arrays, weight: Arrays | None) -> Arrays:
    """Return the smallest size of each feature that is divided by, of shape (F,).

    Parameters
    ----------
    sizes : ndarray of shape (n, F)
        Sizes of the training windows.
    weight : ndarray of shape (n,) or None
        Sample weights.
    """
    weight = np.ones(len(sizes)) if weight is None else weight
    floor = np.ones(sizes.shape[1])
    for feature, size in enumerate(sizes.T):
        varies = size > 0
        if varies.any():
            floor[feature] = _FLOOR * np.exp(
                np.average(np.log(size[varies]), weights=weight[varies])
            )
    return floor
