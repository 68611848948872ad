"""Warning if the columns of a table are features, but are read as time steps."""

from __future__ import annotations

import re
import warnings
from typing import Any

from .numbers import is_time


def warn_if_features(X: Any, *, owner: str) -> None:
    """Warn if a table of two dimensions seems to hold rows of a series, not windows.

    2-D input is read as sequences of one feature, with one column for each time step. There
    is a warning if the rows have dates, and the names of the columns differ by more than
    their digits: temperature and pressure, or a_lag1 and b_lag1.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_features)
        Sequences, as the user passed them.
    owner : str
        Name of the estimator that reads them.
    """
    if not hasattr(X, "iloc") or not hasattr(X, "columns"):
        return
    has_dates = is_time(X.index.get_level_values(-1).dtype)
    names = [name for name in X.columns if isinstance(name, str)]
    features = {re.sub(r"\d+", "", name): name for name in reversed(names)}
    if has_dates and len(names) == X.shape[1] and len(features) > 1:
        other, first = list(features.values())[-2:]
        warnings.warn(
            f"{owner} reads each row of X as a sequence of one feature, with one column for each "
            f"of {len(names)} time steps, but the columns have names of several features, such as "
            f"{first!r} and {other!r}. Make windows of the rows before, with "
            "SlidingWindowTransformer (flatten=False). If the columns are time steps, pass "
            "X.to_numpy().",
            UserWarning,
            stacklevel=4,
        )
