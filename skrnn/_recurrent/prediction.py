"""Predictions of the recurrent regressors: of targets, or of several quantiles of each."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.metaestimators import available_if

from skrnn._recurrent._network.device import memory_errors
from skrnn._recurrent._network.torch_modes import own_torch_modes
from skrnn._recurrent._training.net import RecurrentNet
from skrnn._validation.numbers import check_range
from skrnn._validation.quantiles import (
    check_fitted_quantiles,
    check_probabilities,
    interpolate_quantiles,
)
from skrnn._validation.rows import Rows
from skrnn._validation.sequences import Sequences, check_fitted_input

Arrays = NDArray[Any]


def quantiles_to_learn(loss: str, quantile: Any) -> Arrays | None:
    """Return the quantiles of a network with an output for each of them, None for any other."""
    has_several = loss == "quantile" and not isinstance(quantile, Real)
    return check_fitted_quantiles(quantile) if has_several else None


def _has_quantiles(estimator: Any) -> bool:
    """Tell whether predict_quantiles is available; raise an error that says why not."""
    if hasattr(estimator, "net_"):
        available = estimator._quantiles is not None
    else:
        available = estimator.loss == "quantile" and not isinstance(estimator.quantile, Real)
    if not available:
        raise AttributeError(
            "predict_quantiles needs a network with several quantiles. Set loss='quantile' and a "
            "list, such as quantile=[0.1, 0.5, 0.9], before fit. Now loss is "
            f"{estimator.loss!r} and quantile is {estimator.quantile!r}."
        )
    return True


class PredictionMixin:
    """Predictions in the shape of the targets.

    A network with several quantiles has an output for each quantile of each target, those of a
    target side by side.
    """

    net_: RecurrentNet
    _y_ndim: int
    _quantiles: Arrays | None  # in ascending order

    def predict(self, X: ArrayLike) -> Arrays:
        """Predict the targets of sequences.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps, n_features) or \
                (n_samples, n_timesteps)
            Sequences. In 3-D input the number of time steps may differ from that in
            :meth:`fit`. A row of padding alone is predicted from the initial state.

        Returns
        -------
        y : ndarray of shape (n_samples,), (n_samples, n_outputs) or with time steps
            Predictions, in the shape that `y` had in :meth:`fit`. They are float32 if
            `X` is, else float64. "many-to-many" predicts as many steps as `X` has;
            steps of padding are predicted from the initial state. With a list of
            quantiles, the median.
        """
        sequences = check_fitted_input(self, X)
        median = 0 if self._quantiles is None else np.searchsorted(self._quantiles, 0.5)
        return self._predict(sequences)[..., median]

    @available_if(_has_quantiles)
    def predict_quantiles(self, X: ArrayLike, quantiles: Sequence[float] | None = None) -> Arrays:
        """Predict quantiles of the targets of sequences.

        Only available with ``loss="quantile"`` and a list as `quantile`. Where the outputs of
        the network are not in the order of their quantiles, they are sorted [1]_. The quantiles
        between are interpolated.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps, n_features) or \
                (n_samples, n_timesteps)
            Sequences.
        quantiles : sequence of float, default=None
            Probabilities, from the lowest to the highest one of the list `quantile`. None: all
            of this list, in ascending order.

        Returns
        -------
        y : ndarray
            Predictions, in the shape of those of :meth:`predict`, with the quantiles as one
            more axis at the end.

        Raises
        ------
        ValueError
            If a quantile is below the lowest or above the highest one of the list `quantile`.

        References
        ----------
        .. [1] Chernozhukov, V., Fernández-Val, I. and Galichon, A. (2010). Quantile and
           probability curves without crossing. :doi:`10.3982/ECTA7880`
        """
        sequences = check_fitted_input(self, X)
        fitted: Any = self._quantiles
        wanted = fitted if quantiles is None else check_probabilities(quantiles, fitted)
        y = interpolate_quantiles(self._predict(sequences), fitted, wanted)
        return y.astype(sequences.values.dtype, copy=False)

    def _predict(self, sequences: Sequences) -> Arrays:
        """Return predictions in the shape of y, with the sorted quantiles as one more axis."""
        check_range(sequences.values, self.net_.dtype, name="X", owner=type(self).__name__)
        modes = own_torch_modes(self.net_.device)
        with modes, memory_errors(f"{type(self).__name__}.predict"):
            y: Arrays = self.net_.predict(Rows(sequences.values, sequences.lengths))
        y = y.astype(sequences.values.dtype, copy=False)
        # The last axes of the targets, which y did not have, are of length 1.
        if self._quantiles is None:
            return y.reshape(*y.shape[: self._y_ndim], 1)
        n_quantiles = len(self._quantiles)
        targets = y.reshape(*y.shape[:-1], -1, n_quantiles).shape[: self._y_ndim]
        return np.sort(y.reshape(*targets, n_quantiles), axis=-1)
