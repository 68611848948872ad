"""Conformal intervals and sample paths, from scaled errors of earlier forecasts."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray

Arrays = NDArray[Any]

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
    """

    errors: Arrays
    place: NDArray[np.intp]
    sizes: Arrays

    def bounds(self, y: Arrays, levels: list[float]) -> list[tuple[Arrays, Arrays]]:
        """Return the lower and the upper bounds of intervals around forecasts `y`."""
        widths = [self.half_widths(y.shape[1], level) for level in levels]
        return [(y - width, y + width) for width in widths]

    def half_widths(self, n_steps: int, coverage: float) -> Arrays:
        """Return the distances of the bounds from forecasts, of shape (n, n_steps, n_targets).

        Errors of forecasts that start less than h rows apart overlap. So n errors at step h count
        as 1 + (n - 1) / h. Where those of a series are too few, the errors of all series are used.

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
        pooled = _quantile(errors.reshape(-1, *errors.shape[2:]), coverage)
        if not np.isfinite(pooled).all():
            self._raise_too_few(coverage)
        if self.errors.shape[1] == 1:
            return pooled * self.sizes[:, np.newaxis]
        n_errors = np.isfinite(errors).sum(axis=0)
        steps = np.arange(1, n_steps + 1)[:, np.newaxis]
        suffice = 1 + (n_errors - 1) / steps >= errors_needed(coverage)
        own = np.where(suffice, _quantile(errors, coverage), pooled)
        is_known = (self.place >= 0)[:, np.newaxis, np.newaxis]
        return np.where(is_known, own[self.place], pooled) * self.sizes[:, np.newaxis]

    def paths(self, n_steps: int, n_paths: int, rng: RandomState) -> Arrays:
        """Return errors of whole forecasts, drawn at random: (n_paths, n, n_steps, n_targets).

        All series of a path have the error of the same origin, as far as there is one. Each is
        drawn as often as its negative.
        """
        n_origins, n_series = self.errors.shape[:2]
        is_whole: Any = np.isfinite(self.errors[:, :, :n_steps]).all(axis=(2, 3))
        if not is_whole.any():
            self._raise_too_few(_COVERAGE_OF_PATHS)
        n_whole = 1 + (is_whole.sum(axis=0) - 1) / n_steps
        has_own = (self.place >= 0) & (n_whole >= errors_needed(_COVERAGE_OF_PATHS))[self.place]
        draws = np.concatenate(
            [rng.permutation(2 * n_origins) for _ in range(ceil(n_paths / (2 * n_origins)))]
        )[:n_paths]
        found = np.empty((n_paths, len(self.place), n_steps, self.errors.shape[3]))
        for i, series in enumerate(self.place):
            usable = is_whole & (np.arange(n_series) == series) if has_own[i] else is_whole
            others = np.argwhere(usable)
            at_origin = [others[others[:, 0] == origin] for origin in range(n_origins)]
            for path, draw in enumerate(draws):
                choice = at_origin[draw % n_origins]
                choice = choice if len(choice) else others
                origin, of = choice[rng.randint(len(choice))]
                sign = 1 if draw < n_origins else -1
                found[path, i] = sign * self.errors[origin, of, :n_steps] * self.sizes[i]
        return found

    def _raise_too_few(self, coverage: float) -> None:
        n_origins, n_series, horizon = self.errors.shape[:3]
        n_errors = int(np.isfinite(self.errors).sum(axis=(0, 1)).min())
        needed = errors_needed(coverage)
        raise ValueError(
            f"coverage={coverage:g} needs {needed} errors of forecasts at each of the {horizon} "
            f"step(s), but n_calibration={n_origins} gives {n_errors} for {n_series} series. Set "
            f"n_calibration to {max(n_origins + 1, ceil(needed / n_series))} or more."
        )


def errors_needed(coverage: float) -> int:
    """Return the number of errors that an interval of this coverage needs at least."""
    return ceil(coverage / (1 - coverage) - 1e-9)


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
