"""The weighted mean of several regressors of windows."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import Bunch
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import _BaseComposition

from skrnn._validation.numbers import check_numbers
from skrnn._validation.parameters import Interval
from skrnn._validation.rows import Rows

from .blend_weights import learn_weights, weights_by_size
from .held_out_rows import HeldOut, hold_out_newest
from .inner_regressor import predict_inner
from .meta_regressor import FitInput, WindowMetaRegressor

Arrays = NDArray[Any]


class BlendingRegressor(WindowMetaRegressor, _BaseComposition):
    """Predict the weighted mean of the predictions of several regressors.

    Parameters
    ----------
    estimators : list of (str, regressor) tuples
        Names and regressors, the members. They are cloned. A member with the tag
        `three_d_array` gets 3-D windows, any other one column for each step and feature.
        ``set_params(name="drop")`` leaves a member out.
    weights : {"validated"}, array-like of shape (n_estimators,) or None, default=None
        Weights of the members. None: all have the same. An array has a number for each of
        `estimators`, none of them negative. They are divided by their sum. "validated": learned
        on the newest rows, see Notes.
    prior_weights : array-like of shape (n_estimators,) or None, default=None
        With ``weights="validated"``, weights that are right if all members prove equally good on
        the held-out rows, and if no row can be held out. None: all the same.
    validation_fraction : float in (0, 1), default=0.2
        With ``weights="validated"``, share of the rows, the last ones, on which the weights are
        learned.
    n_jobs : int, default=None
        Number of members that are fitted at the same time, in threads. -1: one for each core.
        None: 1, or what :func:`joblib.parallel_config` says. The result is the same.

    Attributes
    ----------
    estimators_ : list of regressor
        The fitted members that are not dropped.
    named_estimators_ : :class:`~sklearn.utils.Bunch`
        The fitted members by name, and "drop" for those left out.
    weights_ : ndarray of shape (n_members,)
        Weight of each of `estimators_`. Their sum is 1.
    validation_scores_ : dict of str to float or None
        Root mean squared error of each member on the held-out rows, by name. Lower is better.
        None if no row was held out.
    n_features_in_ : int
        Number of features: of a time step for 3-D input, of columns (time steps)
        for 2-D input.

    See Also
    --------
    SeedEnsembleRegressor : The mean of copies of one regressor.
    BlendingDisplay : Picture of the predictions of the members.
    sklearn.ensemble.VotingRegressor : The same for 1-D targets, with weights that are given.

    Notes
    -----
    Equal weights are hard to beat if no member is much worse than the others, and on short
    series. With ``weights="validated"`` one member may be bad: the weights follow the evidence.

    - All members are fitted to the older rows, and predict the held-out ones. Rows with targets
      in the held-out part are not in this first training. Then all members are fitted to all
      rows.
    - Without more evidence, the weights are the prior weights divided by the squares of the
      members' mean squared errors on the held-out rows.
    - With more evidence, they are closer to those non-negative weights with sum 1 that minimise
      the squared error of the blend on the held-out rows. A penalty on the squared distance from
      the first weights says how close. It is chosen by cross-validation on up to 8 blocks of
      neighbouring rows: the largest penalty whose loss is at most one standard error above the
      lowest loss. A block is at least as long as the targets. With fewer than two blocks, the
      weights are those of the first rule.
    - The errors of each row are divided by its size, so that series of all sizes count alike. The
      squared size is the sum of two numbers, each divided by its geometric mean over rows: the
      squared mean absolute change of the window, and the mean squared error of the median
      member.

    The held-out rows are the last ones of `X`, so the rows of a panel must be sorted by time.
    :func:`make_supervised` and :func:`sliding_windows` return them so. A warning says if the
    index of `y` shows another order.

    References
    ----------
    Convex weights: Breiman, L. (1996). Stacked regressions. Machine Learning 24.
    :doi:`10.1007/BF00117832`. Weights by the mean squared errors: Bates, J. M. and Granger,
    C. W. J. (1969). The combination of forecasts. Operational Research Quarterly 20.
    :doi:`10.1057/jors.1969.103`. Shrinkage: Diebold, F. X. and Pauly, P. (1990).
    The use of prior information in forecast combination. International Journal of Forecasting 6.
    :doi:`10.1016/0169-2070(90)90028-A`. One standard error: Breiman, L., Friedman, J., Olshen,
    R. and Stone, C. (1984). Classification and regression trees. Wadsworth.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import BlendingRegressor, NaiveRegressor, WindowLinearRegressor
    >>> from skrnn import sliding_windows
    >>> X, y = sliding_windows(np.sin(np.arange(100) / 5), lookback=4, horizon=2)
    >>> members = [("naive", NaiveRegressor()), ("linear", WindowLinearRegressor())]
    >>> BlendingRegressor(members).fit(X, y).weights_
    array([0.5, 0.5])
    >>> blend = BlendingRegressor(members, weights="validated").fit(X, y)
    >>> bool(blend.weights_[1] > 0.9)
    True
    >>> blend.predict_members(X[:1])["naive"].round(3)
    array([[0.565, 0.565]])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "estimators": [list],
        "weights": [None, StrOptions({"validated"}), "array-like"],
        "prior_weights": [None, "array-like"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "n_jobs": [None, Integral],
    }

    def __init__(
        self,
        estimators: list[tuple[str, Any]],
        *,
        weights: str | ArrayLike | None = None,
        prior_weights: ArrayLike | None = None,
        validation_fraction: float = 0.2,
        n_jobs: int | None = None,
    ) -> None:
        self.estimators = estimators
        self.weights = weights
        self.prior_weights = prior_weights
        self.validation_fraction = validation_fraction
        self.n_jobs = n_jobs

    @property
    def _holds_out_last_rows(self) -> bool:
        return isinstance(self.weights, str)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters, and with `deep` the members and their parameters.

        Parameters
        ----------
        deep : bool, default=True
            Whether to return the members by their names, and their parameters.

        Returns
        -------
        params : dict
        """
        params: dict[str, Any] = self._get_params("estimators", deep=deep)
        return params

    def set_params(self, **params: Any) -> Self:
        """Set parameters, members and their parameters.

        Parameters
        ----------
        **params : dict
            Parameters by name. The name of a member replaces it, ``"drop"`` leaves it out, and
            ``name__parameter`` sets a parameter of it.

        Returns
        -------
        self : object
        """
        self._set_params("estimators", **params)
        return self

    def predict_members(self, X: ArrayLike) -> dict[str, Arrays]:
        """Return the predictions of each member.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps, n_features) or \
                (n_samples, n_timesteps)
            Windows.

        Returns
        -------
        predictions : dict of str to ndarray
            By name, each in the shape that `y` had in :meth:`fit`.
        """
        predicted = self._predict_blocks(X, self._predict_each)
        by_member = predicted.reshape(len(predicted), -1, *self._y_shape)
        return {name: by_member[:, number] for number, name in enumerate(self._names)}

    def _members(self) -> list[tuple[str, Any]]:
        """Return the names and members that are not dropped."""
        for number, item in enumerate(self.estimators):
            if not (isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str)):
                raise ValueError(
                    "estimators must be a list of (name, regressor) tuples, but item "
                    f"{number} is {item!r}. Write e.g. ('linear', WindowLinearRegressor())."
                )
        self._validate_names([name for name, _ in self.estimators])
        members = [(name, member) for name, member in self.estimators if not _is_dropped(member)]
        if not members:
            raise ValueError(
                f"BlendingRegressor needs a member, but none of the {len(self.estimators)} "
                "estimators is left: the list is empty, or all are 'drop'. Pass at least one "
                "(name, regressor) tuple."
            )
        return members

    def _inner_estimators(self) -> dict[str, Any]:
        return dict(self._members())

    def _fit_rows(self, fit_input: FitInput) -> None:
        members, scores = self._members(), None
        if isinstance(self.weights, str):
            held_out = hold_out_newest(
                fit_input.rows,
                fit_input.horizon,
                self.validation_fraction,
                owner="BlendingRegressor",
                without="cannot learn its weights, and takes the prior weights",
            )
            weights, scores = self._validate(fit_input, held_out, members)
        else:
            weights = self._given_weights("weights")
        self.estimators_ = fit_input.fit_all(members, self.n_jobs)
        self._names = [name for name, _ in members]
        fitted = dict(zip(self._names, self.estimators_, strict=True))
        self.named_estimators_ = Bunch(
            **{name: fitted.get(name, "drop") for name, _ in self.estimators}
        )
        self.weights_ = weights
        self.validation_scores_ = scores
        self._n_outputs = fit_input.rows.y.shape[1]

    def _given_weights(self, name: str) -> Arrays:
        """Return weights of the user, or equal ones, of the members that are left, with sum 1."""
        given = getattr(self, name)
        kept = np.array([not _is_dropped(member) for _, member in self.estimators])
        if given is None:
            return np.full(kept.sum(), 1 / kept.sum())
        weights = check_numbers(given, name=name, owner="BlendingRegressor", ensure_2d=False)
        rule = f"{name} must have a finite number of at least 0 for each of the estimators"
        if weights.shape != kept.shape:
            raise ValueError(
                f"{rule}, dropped ones included: shape {kept.shape}, but they have shape "
                f"{weights.shape}."
            )
        bad = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))
        if len(bad):
            member = self.estimators[bad[0]][0]
            raise ValueError(f"{rule}, but that of {member!r} is {weights[bad[0]]}.")
        weights = weights[kept] / (weights.max() or 1)  # whose sum does not overflow
        if weights.sum() == 0:
            raise ValueError(f"{rule}, and one above 0 for a member that is not dropped.")
        return np.asarray(weights / weights.sum())

    def _validate(
        self, fit_input: FitInput, held_out: HeldOut, members: list[tuple[str, Any]]
    ) -> tuple[Arrays, dict[str, float] | None]:
        """Return weights that are learned on the newest rows, and the error of each member."""
        prior = self._given_weights("prior_weights")
        if not len(held_out.older):
            return prior, None
        newest, block_length = held_out.newest, held_out.block_length
        fitted = fit_input.with_rows(held_out.older).fit_all(members, self.n_jobs)
        errors = np.stack([_errors(member, newest) for member in fitted])
        weights = learn_weights(errors, weights_by_size(errors, newest), block_length, prior)
        squares = np.average(np.square(errors).mean(axis=2), axis=1, weights=newest.weight)
        names = [name for name, _ in members]
        return weights, dict(zip(names, np.sqrt(squares).tolist(), strict=True))

    def _predict_rows(self, X: Arrays, lengths: NDArray[np.intp]) -> Arrays:
        y = np.zeros((len(X), self._n_outputs))
        for member, weight in zip(self.estimators_, self.weights_, strict=True):
            if weight > 0:
                y += weight * predict_inner(member, X, lengths, self._n_outputs)
        return y

    def _predict_each(self, X: Arrays, lengths: NDArray[np.intp]) -> Arrays:
        """Return the predictions of the members, of shape (N, n_members, K)."""
        predicted = [
            predict_inner(member, X, lengths, self._n_outputs) for member in self.estimators_
        ]
        return np.stack(predicted, axis=1)


def _is_dropped(member: Any) -> bool:
    return isinstance(member, str) and member == "drop"


def _errors(member: Any, rows: Rows) -> Arrays:
    """Return the errors of a member on rows, of shape (N, K)."""
    predicted = predict_inner(member, rows.X, rows.lengths, rows.y.shape[1])
    return np.asarray(rows.y - predicted, dtype=float)
