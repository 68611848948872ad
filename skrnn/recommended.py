"""Compositions of skrnn's parts that are recommended."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn.utils import check_random_state

from ._models.blending_regressor import BlendingRegressor
from ._models.seed_ensemble_regressor import SeedEnsembleRegressor
from ._models.window_linear_regressor import WindowLinearRegressor
from ._models.window_normalized_regressor import WindowNormalizedRegressor
from ._models.window_theta import WindowTheta
from ._pretrained.pretrained_gru_regressor import PretrainedGRURegressor
from ._pretrained.windows import LONGEST_SEASON
from ._validation.parameters import integer_at_least
from ._windows.last_steps import LastSteps

__all__ = ["make_blend"]

# Size by which windows are divided: mean absolute changes from step to step and over a season.
_SIZE = "mean_abs_both_changes"

_SHORTEST = 12  # steps that the members read at least


def make_blend(
    season_length: int,
    *,
    target_feature: int | None = None,
    random_state: int | np.random.RandomState | None = None,
    n_jobs: int | None = None,
) -> BlendingRegressor:
    """Return the recommended blend of networks and classical methods.

    Its members are

    - "linear": linear regression on the last season and one step, divided by the size of the
      window (:class:`~skrnn.WindowLinearRegressor`);
    - "pretrained": the pretrained network (:class:`~skrnn.PretrainedGRURegressor`);
    - "theta": the Theta method (:class:`~skrnn.WindowTheta`);
    - "networks": two small networks (:class:`~skrnn.GRURegressor`) on normalised windows of two
      seasons (:class:`~skrnn.WindowNormalizedRegressor`);
    - "adjusted networks": the same without the season of each window, if there is a season.

    Their weights are learned on the newest rows. If all prove equally good there, the
    pretrained network has three times the weight of each other member.

    Parameters
    ----------
    season_length : int
        Number of time steps in a season: 12 for months, 4 for quarters, 7 for days with a
        week, 1 without a season.
    target_feature : int, default=None
        Position of the feature in `X` that `y` continues. None: the only feature or, if `y`
        has several outputs, all features in order.
    random_state : int, RandomState instance or None, default=None
        Seed of the networks. Pass an int for the same result in each call.
    n_jobs : int, default=None
        Number of members that are fitted at the same time, in threads. -1: one for each core.

    Returns
    -------
    blend : BlendingRegressor
        Not fitted.

    Raises
    ------
    ValueError
        If `season_length` is not an integer of at least 1.

    See Also
    --------
    skrnn.BlendingRegressor : Any other blend.

    Notes
    -----
    Windows must have two seasons and at least 12 steps. Longer ones are better: the Theta
    method reads the whole window, the pretrained network its last 84 steps. The members and
    their parameters were chosen by ``benchmarks/panels.py choose`` and
    ``benchmarks/accuracy.py run --inner``.

    The pretrained network knows seasons of up to 24 steps. A longer season is removed from each
    window before, and put back.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import sliding_windows
    >>> from skrnn.datasets import load_airline_passengers
    >>> from skrnn.recommended import make_blend
    >>> passengers = load_airline_passengers()["passengers"]
    >>> X, y = sliding_windows(passengers, lookback=48, horizon=12)
    >>> blend = make_blend(season_length=12, random_state=0).fit(X[:-12], y[:-12])
    >>> error = blend.predict(X[-1:]) / y.to_numpy()[-1:] - 1
    >>> print(f"less than 3 %: {np.abs(error).mean() < 0.03}")
    less than 3 %: True
    """
    season = integer_at_least(1, season_length=season_length)
    seed = check_random_state(random_state).randint(np.iinfo(np.int32).max - 1)
    linear = _normalized(WindowLinearRegressor(), season, target_feature, center=None)
    members = [
        ("linear", _last(season + 1, linear)),
        ("pretrained", make_pretrained(season, target_feature)),
        ("theta", WindowTheta(season, target_feature=target_feature)),
        ("networks", _networks(season, target_feature, seed)),
    ]
    if season > 1:
        adjusted = _networks(season, target_feature, seed + 1, adjust_season=True)
        members.append(("adjusted networks", adjusted))
    prior = [3 if name == "pretrained" else 1 for name, _ in members]
    return BlendingRegressor(members, weights="validated", prior_weights=prior, n_jobs=n_jobs)


def shortest_window(season_length: int) -> int:
    """Return the number of steps of the shortest windows that the members of the blend read."""
    return max(_SHORTEST, 2 * season_length)


def make_pretrained(season_length: int, target_feature: int | None = None) -> Any:
    """Return the pretrained network. A season longer than it knows is removed from the windows."""
    if season_length <= LONGEST_SEASON:
        return PretrainedGRURegressor(season_length, target_feature=target_feature)
    return WindowNormalizedRegressor(
        PretrainedGRURegressor(target_feature=target_feature),
        center=None,
        season_length=season_length,
        adjust_season=True,
        target_feature=target_feature,
    )


def _last(n_steps: int, regressor: Any) -> Any:
    """Return a regressor that reads the last steps of a window, twelve at least."""
    return make_pipeline(LastSteps(max(n_steps, _SHORTEST)), regressor)


def _normalized(
    regressor: Any, season: int, target_feature: int | None, **parameters: Any
) -> WindowNormalizedRegressor:
    return WindowNormalizedRegressor(
        regressor,
        scale=_SIZE,
        season_length=season,
        target_feature=target_feature,
        **parameters,
    )


def _networks(
    season: int, target_feature: int | None, seed: int, *, adjust_season: bool = False
) -> Any:
    """Return small networks on normalised windows of two seasons."""
    from ._recurrent.gru_regressor import GRURegressor  # which imports torch

    network = GRURegressor(32, loss="absolute_error", max_epochs=60, early_stopping=True)
    normalized = _normalized(
        SeedEnsembleRegressor(network, 2, random_state=seed),
        season,
        target_feature,
        center="season_mean",
        adjust_season=adjust_season,
    )
    return _last(2 * season, normalized)
