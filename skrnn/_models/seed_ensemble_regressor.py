"""Copies of a regressor that differ in their random numbers, and their mean or median."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, StrOptions

from skrnn._validation.parameters import Interval

from .inner_regressor import parameters_of, predict_inner
from .meta_regressor import FitInput
from .quantile_meta_regressor import Predict, QuantileMetaRegressor

Arrays = NDArray[Any]

# Functions of predictions (n_estimators, N, K) to (N, K), or with an axis of quantiles before N.
_AGGREGATIONS: dict[str, Callable[[Arrays], Arrays]] = {
    "mean": lambda predicted: np.mean(predicted, axis=0),
    "median": lambda predicted: np.median(predicted, axis=0),
}


def with_seeds(estimator: Any, random_state: np.random.RandomState) -> Any:
    """Return a clone in which every parameter `random_state`, at any depth, is a new seed."""
    names = sorted(
        name
        for name in parameters_of(estimator)
        if name == "random_state" or name.endswith("__random_state")
    )
    seeds = {name: random_state.randint(np.iinfo(np.int32).max) for name in names}
    copy = clone(estimator)
    return copy.set_params(**seeds) if seeds else copy


class SeedEnsembleRegressor(QuantileMetaRegressor):
    """Fit copies of a regressor that differ in their random numbers, and combine them.

    Networks with other initial weights make other errors. Their mean has a lower error than
    most of them, and depends less on chance.

    Parameters
    ----------
    estimator : regressor
        Regressor that is copied, such as :class:`GRURegressor`, or a pipeline or meta-estimator
        with one inside. With the tag `three_d_array` it gets 3-D windows, else one column for
        each step and feature.
    n_estimators : int, default=5
        Number of copies.
    aggregation : {"mean", "median"}, default="mean"
        How the predictions of the copies are combined: by their mean, or by their median for
        each number that is predicted. The median does not change if a single copy fails badly.
    random_state : int, RandomState instance or None, default=None
        Seeds of the copies are drawn from it. They replace every parameter `random_state` of
        the estimator and of the estimators inside it. Pass an int for the same result in each
        call of :meth:`fit`.
    n_jobs : int, default=None
        Number of copies that are fitted at the same time, in threads. -1: one for each core.
        None: 1, or what :func:`joblib.parallel_config` says. The result is the same.

    Attributes
    ----------
    estimators_ : list of regressor
        The fitted copies.
    n_features_in_ : int
        Number of features: of a time step for 3-D input, of columns (time steps)
        for 2-D input.

    See Also
    --------
    BlendingRegressor : Combines different regressors.

    Notes
    -----
    The copies of an estimator without a parameter `random_state` are equal.

    `predict_quantiles` combines the quantiles of the copies, each probability for itself.

    With the compiled backend of the networks, threads compute at the same time. Each copy uses
    one thread of BLAS.

    References
    ----------
    Lakshminarayanan, B., Pritzel, A. and Blundell, C. (2017). Simple and scalable predictive
    uncertainty estimation using deep ensembles. NeurIPS 30. :arxiv:`1612.01474`. There the
    copies differ in the same way, and predict distributions. Mean of quantiles: Ratcliff, R.
    (1979). Group reaction time distributions and an analysis of distribution statistics.
    Psychological Bulletin 86. :doi:`10.1037/0033-2909.86.3.446`.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import GRURegressor, SeedEnsembleRegressor, sliding_windows
    >>> X, y = sliding_windows(np.sin(np.arange(100) / 5), lookback=4)
    >>> network = GRURegressor(8, max_epochs=20)
    >>> model = SeedEnsembleRegressor(network, n_estimators=3, random_state=0).fit(X, y)
    >>> of_copies = [copy.predict(X) for copy in model.estimators_]
    >>> bool(np.allclose(model.predict(X), np.mean(of_copies, axis=0)))
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "estimator": [HasMethods("fit")],
        "n_estimators": [Interval(Integral, 1, None, closed="left")],
        "aggregation": [StrOptions(set(_AGGREGATIONS))],
        "random_state": ["random_state"],
        "n_jobs": [None, Integral],
    }

    def __init__(
        self,
        estimator: Any,
        n_estimators: int = 5,
        *,
        aggregation: str = "mean",
        random_state: int | np.random.RandomState | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.aggregation = aggregation
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _inner_estimators(self) -> dict[str, Any]:
        return {"estimator": self.estimator}

    def _fit_rows(self, fit_input: FitInput) -> None:
        random_state = check_random_state(self.random_state)
        copies = [
            ("estimator", with_seeds(self.estimator, random_state))
            for _ in range(self.n_estimators)
        ]
        self.estimators_ = fit_input.fit_all(copies, self.n_jobs)
        self._aggregate = self.aggregation
        self._n_outputs = fit_input.rows.y.shape[1]

    def _predict_rows(
        self, X: Arrays, lengths: NDArray[np.intp], predict: Predict = predict_inner
    ) -> Arrays:
        predicted = [predict(copy, X, lengths, self._n_outputs) for copy in self.estimators_]
        return _AGGREGATIONS[self._aggregate](np.stack(predicted))
