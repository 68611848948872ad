"""Regression with a plain recurrent network (Elman network).

Written by `make docstrings` from tools/write_regressors.py: edit that file.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from sklearn.utils._param_validation import StrOptions

from .base import BaseRecurrentRegressor


@dataclass(kw_only=True, eq=False, repr=False)
class RNNRegressor(BaseRecurrentRegressor):
    """Regression with a plain recurrent network (Elman network).

    At each step the new hidden state is a function of the input and the old state [1]_.
    There are no gates. Gradients shrink from step to step, so that inputs of many steps
    ago are hardly learned from. It is the fastest of the three cells to train.

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
    nonlinearity : {"tanh", "relu"}, default="tanh"
        Activation of the recurrent layers.

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
    LSTMRegressor : A network with a cell state and three gates.
    SlidingWindowTransformer : Makes sequences from the rows of a series.
    LossCurveDisplay : Picture of the losses by epoch.

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
        **BaseRecurrentRegressor._parameter_constraints,
        "nonlinearity": [StrOptions({"tanh", "relu"})],
    }

    nonlinearity: str = "tanh"
