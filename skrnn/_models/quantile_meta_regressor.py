"""Base of the meta-estimators that change the quantiles of the regressor inside back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.metaestimators import available_if

from .inner_regressor import predict_inner
from .meta_regressor import WindowMetaRegressor

Arrays = NDArray[Any]

# A function of a fitted regressor, windows, their lengths and K. It returns predictions (N, K) or,
# for quantiles, (Q, N, K).
Predict = Callable[[Any, Arrays, NDArray[np.intp], int], Arrays]


def _inside_has_quantiles(estimator: Any) -> bool:
    """Tell whether predict_quantiles is available; raise an error that says why not."""
    for inner in estimator._inner_estimators().values():
        inner.predict_quantiles  # noqa: B018  raises AttributeError
    return True


class QuantileMetaRegressor(WindowMetaRegressor):
    """Base of the meta-estimators whose quantiles follow from those of the regressor inside.

    A subclass predicts in `_predict_rows` by the function that it is passed. What it does with
    predictions (N, K) it does with quantiles (Q, N, K) as well, and it keeps their order.
    """

    @available_if(_inside_has_quantiles)
    def predict_quantiles(self, X: ArrayLike, quantiles: Sequence[float] | None = None) -> Arrays:
        """Predict quantiles of the targets of windows.

        Only available if the regressor inside has this method.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps, n_features) or \
                (n_samples, n_timesteps)
            Windows.
        quantiles : sequence of float, default=None
            Probabilities. None: those that the regressor inside predicts without this argument.

        Returns
        -------
        y : ndarray
            Predictions, in the shape that `y` had in :meth:`fit`, with the quantiles as one more
            axis at the end.

        Raises
        ------
        ValueError
            If the regressor inside does not predict one of the quantiles.
        """
        arguments: Any = {} if quantiles is None else {"quantiles": quantiles}
        predict = partial(predict_inner, method="predict_quantiles", **arguments)

        def predict_rows(X: Arrays, lengths: NDArray[np.intp]) -> Arrays:
            return np.moveaxis(self._predict_rows(X, lengths, predict), 0, -1)

        y = self._predict_blocks(X, predict_rows)
        return y.reshape(len(y), *self._y_shape, y.shape[-1])

    def _predict_rows(
        self, X: Arrays, lengths: NDArray[np.intp], predict: Predict = predict_inner
    ) -> Arrays:
        """Return predictions of shape (N, K), or quantiles (Q, N, K), for windows (N, T, F)."""
        raise NotImplementedError
