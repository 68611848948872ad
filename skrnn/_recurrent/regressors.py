"""The recurrent regressors: one class for each cell."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils._param_validation import StrOptions

from skrnn._recurrent.base import BaseRecurrentEstimator
from skrnn._recurrent.docstrings import extended_signature, fill_docstring
from skrnn._validation.sequence_regressor import SequenceRegressorMixin
from skrnn._validation.sequences import check_sequences


class _RecurrentRegressor(SequenceRegressorMixin, BaseRecurrentEstimator):
    """What makes the recurrent estimators regressors."""

    def _scored_steps(self, X: ArrayLike) -> NDArray[np.intp] | None:
        if not self.net_.aligned:
            return None
        return check_sequences(X, owner=type(self).__name__).lengths


@fill_docstring
class GRURegressor(_RecurrentRegressor):
    """Regression with gated recurrent units.

    A GRU carries one state from step to step. Its reset gate decides how much of
    the past enters the new candidate state, its update gate how much of the old
    state is kept [1]_. It remembers longer than a plain recurrent layer and has
    three quarters of an LSTM's weights.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    LSTMRegressor : With a cell state and three gates.
    RNNRegressor : Without gates.
    SlidingWindowTransformer : Makes the sequences from the rows of a series.

    Notes
    -----
    Gates and candidate are those of torch and Keras (``reset_after=True``): the reset
    gate acts on the product of state and recurrent weights.

    References
    ----------
    .. [1] Cho, K. et al. (2014). Learning phrase representations using RNN
       encoder-decoder for statistical machine translation. :arxiv:`1406.1078`

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import GRURegressor, sliding_windows
    >>> wave = np.sin(np.arange(200) / 5)
    >>> X, y = sliding_windows(wave, lookback=10)
    >>> model = GRURegressor(hidden_size=8, max_epochs=50, random_state=0).fit(X, y)
    >>> model.predict(X[:3]).shape
    (3,)
    >>> model.score(X, y) > 0.99
    True
    """

    _cell = "gru"


@fill_docstring
class LSTMRegressor(_RecurrentRegressor):
    """Regression with long short-term memory.

    An LSTM carries a hidden state and a cell state. Its input, forget and output
    gates decide what is written to the cell, what is kept there, and what is shown
    of it [1]_ [2]_.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    GRURegressor : With one state and two gates.
    RNNRegressor : Without gates.
    SlidingWindowTransformer : Makes the sequences from the rows of a series.

    References
    ----------
    .. [1] Hochreiter, S. and Schmidhuber, J. (1997). Long short-term memory. Neural
       Computation 9(8). :doi:`10.1162/neco.1997.9.8.1735`
    .. [2] Gers, F., Schmidhuber, J. and Cummins, F. (2000). Learning to forget:
       continual prediction with LSTM. Neural Computation 12(10).
       :doi:`10.1162/089976600300015015`

    Examples
    --------
    A leak-free, tunable forecast of a monthly series:

    >>> from sklearn.compose import TransformedTargetRegressor
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import MinMaxScaler
    >>> from skrnn import LSTMRegressor, SlidingWindowTransformer, make_supervised
    >>> from skrnn.datasets import load_airline_passengers
    >>> X, y = make_supervised(load_airline_passengers())
    >>> pipe = make_pipeline(
    ...     MinMaxScaler(),
    ...     SlidingWindowTransformer(lookback=12),
    ...     LSTMRegressor(hidden_size=5, max_epochs=20, random_state=0),
    ... ).set_output(transform="pandas")
    >>> model = TransformedTargetRegressor(pipe, transformer=MinMaxScaler())
    >>> model.fit(X[:107], y[:107]).predict(X[107:]).shape
    (36,)
    """

    _cell = "lstm"


@fill_docstring
class RNNRegressor(_RecurrentRegressor):
    """Regression with a plain (Elman) recurrent network.

    The hidden state is overwritten at every step by a function of the input and
    the old state [1]_. Gradients shrink from step to step, so that inputs far back
    are soon forgotten; it is the cheapest cell to train.

    Parameters
    ----------
    {parameters}
    nonlinearity : {{"tanh", "relu"}}, default="tanh"
        Activation of the recurrent layer.

    Attributes
    ----------
    {attributes}

    See Also
    --------
    GRURegressor : With one state and two gates.
    LSTMRegressor : With a cell state and three gates.
    SlidingWindowTransformer : Makes the sequences from the rows of a series.

    References
    ----------
    .. [1] Elman, J. (1990). Finding structure in time. Cognitive Science 14(2).
       :doi:`10.1207/s15516709cog1402_1`

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import RNNRegressor, sliding_windows
    >>> X, y = sliding_windows(np.sin(np.arange(200) / 5), lookback=10)
    >>> model = RNNRegressor(hidden_size=8, max_epochs=50, random_state=0).fit(X, y)
    >>> model.score(X, y) > 0.99
    True
    """

    _cell = "rnn"

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseRecurrentEstimator._parameter_constraints,
        "nonlinearity": [StrOptions({"tanh", "relu"})],
    }

    def __init__(
        self, hidden_size: int = 32, *, nonlinearity: str = "tanh", **parameters: Any
    ) -> None:
        super().__init__(hidden_size, **parameters)
        self.nonlinearity = nonlinearity

    # scikit-learn, help() and editors read the parameters from here.
    __init__.__signature__ = extended_signature(  # type: ignore[attr-defined]
        BaseRecurrentEstimator.__init__, nonlinearity="tanh"
    )
