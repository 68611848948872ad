"""Simulated series, for examples, tests and teaching."""

from __future__ import annotations

from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state

from skrnn._pretrained._prior.prior import SHARES, draw_series


def make_series(
    n_series: int,
    n_timesteps: int,
    *,
    season_length: int = 12,
    random_state: int | np.random.RandomState | None = None,
) -> pd.DataFrame:
    """Simulate series with levels, trends, seasons, cycles and noise of random sizes.

    Most series are drawn from innovations state space models with random parameters [1]_,
    some from Gaussian processes [2]_, smooth paths, cycles and counts.

    Parameters
    ----------
    n_series : int
        Number of series.
    n_timesteps : int
        Length of each series.
    season_length : int, default=12
        Number of time steps in a season; 1 for series without a season.
    random_state : int, RandomState instance or None, default=None
        Seed of the series. Pass an int for the same series in each call.

    Returns
    -------
    DataFrame of shape (n_series * n_timesteps, 1)
        The column ``value`` over a MultiIndex of ``series`` and ``time``, both counted from
        zero.

    See Also
    --------
    skrnn.PretrainedGRURegressor : A network that was trained on such series.

    References
    ----------
    .. [1] Hyndman, R. et al. (2008). Forecasting with exponential smoothing: the state
       space approach. doi:10.1007/978-3-540-71918-2
    .. [2] Ansari, A. F. et al. (2024). Chronos: learning the language of time series.
       arXiv:2403.07815

    Examples
    --------
    >>> from skrnn.datasets import make_series
    >>> frame = make_series(3, 36, season_length=12, random_state=0)
    >>> frame.shape
    (108, 1)
    >>> frame.index.names
    FrozenList(['series', 'time'])
    """
    sizes = {"n_series": n_series, "n_timesteps": n_timesteps, "season_length": season_length}
    for name, value in sizes.items():
        if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
            raise ValueError(f"{name} must be an integer of at least 1, but is {value!r}.")
    rng = np.random.default_rng(check_random_state(random_state).randint(2**31 - 1))
    counts = rng.multinomial(n_series, list(SHARES.values()))
    parts = [
        draw_series(int(count), n_timesteps, season_length, rng, {kind: 1.0})
        for kind, count in zip(SHARES, counts, strict=True)
        if count
    ]
    values = rng.permutation(np.concatenate(parts))
    index = pd.MultiIndex.from_product(
        [range(n_series), range(n_timesteps)], names=["series", "time"]
    )
    return pd.DataFrame({"value": values.ravel()}, index=index)
