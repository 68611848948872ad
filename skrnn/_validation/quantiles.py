"""Quantiles that a regressor predicts: checks of their probabilities, and those between."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = NDArray[Any]

# Two probabilities are the same if these digits after the point are: 1 - 0.9 is 0.1.
_DIGITS = 12


def check_fitted_quantiles(quantile: Any) -> Arrays:
    """Return the quantiles that a network is asked to learn, in ascending order.

    Raises
    ------
    ValueError
        If they are not different numbers above 0 and below 1, with 0.5 among them.
    """
    given = list(quantile) if np.ndim(quantile) == 1 else [quantile]
    numbers = [float(q) for q in given if isinstance(q, Real)]
    found = np.unique(np.round(numbers, _DIGITS))
    if len(found) < len(given) or 0.5 not in found or not 0 < found[0] <= found[-1] < 1:
        raise ValueError(
            "quantile must be a number above 0 and below 1, or a list of different such numbers "
            "with 0.5 among them, since predict returns the median, for example "
            f"quantile=[0.1, 0.5, 0.9]. But it is {quantile!r}."
        )
    return found


def check_probabilities(quantiles: Sequence[float], fitted: Arrays) -> Arrays:
    """Return the probabilities of quantiles that a user wants, in the order given.

    Parameters
    ----------
    quantiles : sequence of float
    fitted : ndarray of shape (n_fitted,)
        The quantiles that were learned, in ascending order.

    Raises
    ------
    ValueError
        If one is not between the lowest and the highest one that was learned.
    """
    wanted = np.round(np.asarray(quantiles, dtype=float), _DIGITS)
    lowest, highest = fitted[0], fitted[-1]
    if wanted.ndim != 1 or not ((wanted >= lowest) & (wanted <= highest)).all():
        coverage = max(0.0, 2 * min(0.5 - lowest, highest - 0.5))
        raise ValueError(
            f"quantiles must be a list of probabilities from {lowest:g} to {highest:g}, for which "
            f"the network was trained, but is {quantiles!r}. Intervals can have a coverage of up "
            f"to {coverage:g}."
        )
    return wanted


def interpolate_quantiles(values: Arrays, fitted: Arrays, wanted: Arrays) -> Arrays:
    """Interpolate along the last axis, from the quantiles that were learned to others."""
    place = np.interp(wanted, fitted, np.arange(len(fitted)))
    lower, upper = np.floor(place).astype(int), np.ceil(place).astype(int)
    share = place - lower
    return (1 - share) * values[..., lower] + share * values[..., upper]
