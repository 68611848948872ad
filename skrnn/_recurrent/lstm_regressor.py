"""Regression with a long short-term memory network (LSTM).

Written by `make docstrings` from tools/write_regressors.py: edit that file.
"""

from dataclasses import dataclass

from .base import BaseRecurrentRegressor


@dataclass(kw_only=True, eq=False, repr=False)
class LSTMRegressor(BaseRecurrentRegressor):
    """Regression with a long short-term memory network (LSTM).

    An LSTM has a hidden state and a cell state. Its input gate controls what is added to the
    cell state, its forget gate what is kept there, and its output gate how much of the cell
    state enters the hidden state [1]_ [2]_.

    The parameters are sorted by theme: the network (`hidden_size` to `architecture`), the
    loss (`loss` to `huber_delta`), the optimizer (`optimizer` to `max_grad_norm`), the
    training (`batch_size` to `warm_start`), where and how it is computed (`backend` to
    `verbose`).

    Parameters
    ----------
    hidden_size : int, default=32
        Number of units of each recurrent layer and direction.
    num_layers : int, default=1
        Number of recurrent layers. Each one reads the outputs of the one below.
    bidirectional : bool, default=False
        Whether each layer reads the sequence in both directions. The dense layer then has
        twice as many inputs.
    dropout : float in [0, 1), default=0.0
        Share of the values between two recurrent layers that is set to zero in training.
        Without effect for one layer.
    architecture : {"many-to-one", "encoder-decoder", "many-to-many"}, default="many-to-one"
        "many-to-one" has a dense layer on the last hidden state. y has the shape
        (n_samples,) or (n_samples, n_outputs).

        "encoder-decoder" passes the last hidden state to each step of a recurrent decoder
        over the horizon, with a dense layer on each of its hidden states. y has the shape
        (n_samples, horizon) or (n_samples, horizon, n_outputs), or (n_samples,) for one
        step.

        "many-to-many" has a dense layer on the hidden state of each step of X. y has the
        shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_outputs).
    loss : {"squared_error", "absolute_error", "huber", "quantile"}, default="squared_error"
        Loss that training minimises, averaged over rows and outputs.
    quantile : float in (0, 1) or list of float, default=0.5
        Quantile that loss "quantile" predicts. A list, such as ``[0.1, 0.5, 0.9]``, gives
        the network an output for each of its quantiles of each target. The loss is the mean
        over them. 0.5 must be in the list: `predict` returns the median, and
        `predict_quantiles` all of them.
    huber_delta : float, default=1.0
        Absolute error, in units of y, above which loss "huber" is linear. Below, it is
        squared.
    optimizer : {"adam", "adamw", "nadam", "rmsprop", "adagrad", "sgd"} or callable, default="adam"
        Name of an optimizer, a class of `torch.optim`, or a callable such as
        ``functools.partial(torch.optim.SGD, momentum=0.9)``.
    learning_rate : float, default=0.01
        Learning rate of the optimizer.
    weight_decay : float, default=0.0
        Penalty on the size of the weights. Its exact meaning depends on the optimizer. 0 is
        not passed to a function or partial, which may set its own.
    max_grad_norm : float or None, default=None
        Largest norm of the gradient; longer ones are scaled down to it. None for no limit.
    batch_size : int, default=32
        Number of rows in each step of the optimizer.
    max_epochs : int, default=30
        Number of passes over the rows, or the largest number of them with `early_stopping`.
        Few rows, or a series without noise, may need several hundred.
    shuffle : bool, default=True
        Whether each epoch visits the rows in a new random order.
    early_stopping : bool, default=False
        Whether to hold out validation rows, stop when the loss on them no longer improves,
        and restore the weights with the lowest validation loss. The validation rows are the
        last rows of X, so X must be sorted by time. `make_supervised` and `sliding_windows`
        return the rows of several series so. Else pass `X_val` and `y_val` to `fit`.
    validation_fraction : float in (0, 1), default=0.1
        Share of the rows that `early_stopping` holds out.
    n_iter_no_change : int, default=10
        Number of epochs without improvement after which `early_stopping` ends the training.
    tol : float in [0, 1), default=1e-4
        Smallest decrease of the validation loss that counts as an improvement, relative to
        the lowest loss so far.
    warm_start : bool, default=False
        Whether `fit` continues from the present weights, for `max_epochs` more epochs.
    backend : {"auto", "compiled", "torch"}, default="auto"
        Backend of the training. "compiled" runs each epoch in machine code, and raises an
        error where that is not possible, e.g. on a GPU. "auto" chooses "compiled" where it
        is possible and faster, else "torch".
    device : str or torch.device, default="cpu"
        Device on which torch computes, e.g. "cuda".
    callbacks : list of skorch callbacks or None, default=None
        Callbacks for skorch, e.g. learning-rate schedulers. Each fit uses copies of them,
        which are in ``net_.callbacks_``. ``callbacks__<name>__<parameter>`` sets a
        parameter of one.
    random_state : int, RandomState instance or None, default=None
        Seed of the initial weights, the order of rows, and dropout. Pass an int for the
        same result in each fit. None draws a seed from NumPy's global generator.
    verbose : int, default=0
        1 shows a progress bar with the losses, 0 shows nothing.

    Attributes
    ----------
    net_ : skorch.NeuralNet
        The fitted skorch net. ``net_.module_`` is the torch network, ``net_.history`` the
        history of the training.
    loss_curve_ : list of float
        Mean training loss of each epoch.
    validation_loss_curve_ : list of float
        Loss on the validation rows after each epoch. Empty without validation rows.
    best_loss_ : float
        Lowest validation loss of an epoch, or lowest training loss without validation rows.
        With `early_stopping`, the loss of the restored weights.
    best_epoch_ : int
        Number of the epoch of `best_loss_`, from 1. With `early_stopping`, its weights are
        kept. Otherwise those of the last epoch are.
    n_iter_ : int
        Number of epochs.
    n_outputs_ : int
        Number of outputs.
    backend_ : {"compiled", "torch"}
        Backend of the last epoch.
    n_features_in_ : int
        Number of features: of each time step for 3-D input, of columns (time steps) for 2-D
        input.
    feature_names_in_ : ndarray of str
        Names of the columns, if `X` was a DataFrame with string names.

    See Also
    --------
    GRURegressor : A network with one state and two gates.
    RNNRegressor : A network without gates.
    SlidingWindowTransformer : Makes sequences from the rows of a series.
    LossCurveDisplay : Picture of the losses by epoch.

    References
    ----------
    .. [1] Hochreiter, S. and Schmidhuber, J. (1997). Long short-term memory. Neural
       Computation 9(8). :doi:`10.1162/neco.1997.9.8.1735`
    .. [2] Gers, F., Schmidhuber, J. and Cummins, F. (2000). Learning to forget:
       continual prediction with LSTM. Neural Computation 12(10).
       :doi:`10.1162/089976600300015015`

    Examples
    --------
    Forecast a monthly series, with scalers that are fitted on the training months only:

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
