"""Conformal intervals and sample paths, from scaled errors of earlier forecasts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray

from .error_levels import comparable_errors, independent

Arrays = NDArray[Any]

# A series takes its own errors alone where this number of them lies outside of the interval.
_ERRORS_OUTSIDE = 5
# Paths take the errors of their own series where these suffice for an interval of this coverage.
_COVERAGE_OF_PATHS = 0.8


@dataclass(frozen=True, eq=False)
class SeriesErrors:
    """Errors of earlier forecasts, in units of sizes, for series that are forecast now.

    Parameters
    ----------
    errors : ndarray of shape (n_origins, n_fitted, horizon, n_targets)
        NaN where there was no forecast or no value.
    place : ndarray of shape (n_series,)
        Number of each series among those of `errors`; -1 for others.
    sizes : ndarray of shape (n_series, n_targets)
        Sizes of the series.
    stride : int, default=1
        Number of rows from one origin to the next.
    """

    errors: Arrays
    place: NDArray[np.intp]
    sizes: Arrays
    stride: int = 1

    def bounds(self, y: Arrays, levels: list[float]) -> list[tuple[Arrays, Arrays]]:
        """Return the lower and the upper bounds of intervals around forecasts `y`.

        An interval holds those of lower levels, also where a series has enough errors for these
        only.
        """
        order = np.argsort(levels)
        found = np.array([self.half_widths(y.shape[1], levels[i]) for i in order])
        widths = np.maximum.accumulate(found)[np.argsort(order)]
        return [(y - width, y + width) for width in widths]

    def half_widths(self, n_steps: int, coverage: float) -> Arrays:
        """Return the distances of the bounds from forecasts, of shape (n, n_steps, n_targets).

        They are the quantile of the errors of a series, if it has enough, else that of all series
        in units of their levels, times its level. Series without errors get that of all series.

        Parameters
        ----------
        n_steps : int
        coverage : float

        Raises
        ------
        ValueError
            If there are too few errors for the coverage.
        """
        errors = np.abs(self.errors[:, :, :n_steps])
        of_all = _pooled_quantile(errors, coverage)
        if not np.isfinite(of_all).all():
            self._raise_too_few(coverage)
        comparable, levels = self._comparable
        in_levels = _pooled_quantile(np.abs(comparable[:, :, :n_steps]), coverage)
        n_errors = np.isfinite(errors).sum(axis=0)
        overlap = np.arange(1, n_steps + 1)[:, np.newaxis] / self.stride
        n_outside = independent(n_errors, overlap) * (1 - coverage)
        found = np.where(
            n_outside >= _ERRORS_OUTSIDE - 1e-9,
            _quantile(errors, coverage),
            in_levels * levels[:, np.newaxis],
        )[self.place]
        has_errors = self._has_errors[:, np.newaxis, np.newaxis]
        return np.where(has_errors, found, of_all) * self.sizes[:, np.newaxis]

    def paths(self, n_steps: int, n_paths: int, rng: RandomState) -> Arrays:
        """Return errors of whole forecasts, drawn at random: (n_paths, n, n_steps, n_targets).

        All series of a path have the error of the same origin, as far as there is one. Each is
        drawn as often as its negative. It is an error of the series itself where these suffice,
        else one of any series in units of its level, times the level of the series.
        """
        n_origins = len(self.errors)
        is_whole: Any = np.isfinite(self.errors[:, :, :n_steps]).all(axis=(2, 3))
        if not is_whole.any():
            self._raise_too_few(_COVERAGE_OF_PATHS)
        comparable, levels = self._comparable
        n_whole = independent(is_whole.sum(axis=0), n_steps / self.stride)
        has_errors = self._has_errors
        has_own = has_errors & (n_whole >= errors_needed(_COVERAGE_OF_PATHS))[self.place]
        draws = np.concatenate(
            [rng.permutation(2 * n_origins) for _ in range(ceil(n_paths / (2 * n_origins)))]
        )[:n_paths]
        found = np.empty((n_paths, len(self.place), n_steps, self.errors.shape[3]))
        of_all = _by_origin(is_whole)
        for i, series in enumerate(self.place):
            (others, at_origin), errors, level = of_all, self.errors, 1.0
            if has_own[i]:
                others, at_origin = _by_origin(is_whole[:, [series]], series)
            elif has_errors[i]:
                errors, level = comparable, levels[series]
            for path, draw in enumerate(draws):
                choice = at_origin[draw % n_origins]
                choice = choice if len(choice) else others
                origin, of = choice[rng.randint(len(choice))]
                sign = 1 if draw < n_origins else -1
                found[path, i] = sign * errors[origin, of, :n_steps] * level * self.sizes[i]
        return found

    @cached_property
    def _comparable(self) -> tuple[Arrays, Arrays]:
        """Errors in units of the levels of their series, and the levels."""
        return comparable_errors(self.errors, self.stride)

    @property
    def _has_errors(self) -> NDArray[np.bool_]:
        has_errors: Any = np.isfinite(self.errors).any(axis=(0, 2, 3))
        return (self.place >= 0) & has_errors[self.place]

    def _raise_too_few(self, coverage: float) -> None:
        n_origins, n_series, horizon = self.errors.shape[:3]
        n_errors = int(np.isfinite(self.errors).sum(axis=(0, 1)).min())
        needed = errors_needed(coverage)
        hint = " Errors of a series that had not changed before do not count."
        raise ValueError(
            f"coverage={coverage:g} needs {needed} errors of forecasts at each of the {horizon} "
            f"step(s), but n_calibration={n_origins} gives {n_errors} for {n_series} series. Set "
            f"n_calibration to {max(n_origins + 1, ceil(needed / n_series))} or more."
            f"{hint if n_errors < n_origins else ''}"
        )


def _by_origin(is_whole: NDArray[np.bool_], first: int = 0) -> tuple[Arrays, list[Arrays]]:
    """Return origin and series of each whole error, also for each origin by itself.

    `is_whole` has the shape (n_origins, n_series), and `first` is the number of its first series.
    """
    places = np.argwhere(is_whole) + np.array([0, first])
    return places, np.split(places, np.cumsum(is_whole.sum(axis=1))[:-1])


def errors_needed(coverage: float) -> int:
    """Return the number of errors that an interval of this coverage needs at least."""
    return ceil(coverage / (1 - coverage) - 1e-9)


def _pooled_quantile(errors: Arrays, coverage: float) -> Arrays:
    """Return the quantile over the first two axes: origins and series."""
    return _quantile(errors.reshape(-1, *errors.shape[2:]), coverage)


def _quantile(errors: Arrays, coverage: float) -> Arrays:
    """Return the quantile along the first axis, with the correction for finite samples.

    Of n errors it is that of rank ceil((n + 1) * coverage), infinite if there are too few.
    """
    n_errors = np.isfinite(errors).sum(axis=0)
    rank = np.ceil((n_errors + 1) * coverage - 1e-9).astype(int)
    in_order = np.sort(errors, axis=0)  # NaN last
    at = np.minimum(rank, len(errors))[np.newaxis] - 1
    found = np.take_along_axis(in_order, np.maximum(at, 0), axis=0)[0]
    return np.where(rank <= n_errors, found, np.inf)
