"""What the estimators' docstrings and signatures have in common."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

PARAMETERS = """hidden_size : int, default=32
        Units of each recurrent layer and direction.
    num_layers : int, default=1
        Recurrent layers on top of one another.
    bidirectional : bool, default=False
        Whether each layer reads the sequence from both ends. The summary of a
        sequence is then twice as wide.
    dropout : float in [0, 1), default=0.0
        Share of the values passed from one recurrent layer to the next that is
        dropped while training. Has no effect with one layer.
    architecture : {"many-to-one", "encoder-decoder", "many-to-many"}, default="many-to-one"
        "many-to-one" puts a dense layer on the last hidden state; y is (n_samples,) or
        (n_samples, n_outputs). "encoder-decoder" repeats that state as the input of a
        recurrent decoder over the horizon, with a dense layer at each of its steps; y
        is (n_samples, horizon) or (n_samples, horizon, n_outputs). "many-to-many" puts
        a dense layer on the hidden state of each step of X; y is (n_samples,
        n_timesteps) or (n_samples, n_timesteps, n_outputs).
    loss : {"squared_error", "absolute_error", "huber", "quantile"}, default="squared_error"
        What training minimises, averaged over rows and outputs.
    quantile : float in (0, 1), default=0.5
        Level of the "quantile" loss.
    huber_delta : float, default=1.0
        Error, in units of y, at which the "huber" loss turns from squared to linear.
    optimizer : {"adam", "adamw", "nadam", "rmsprop", "adagrad", "sgd"} or callable, default="adam"
        An optimizer by name, a class from `torch.optim`, or a callable such as
        ``functools.partial(torch.optim.SGD, momentum=0.9)``.
    learning_rate : float, default=0.01
        Step size of the optimizer.
    weight_decay : float, default=0.0
        Penalty on the size of the weights, as the optimizer understands it.
    max_grad_norm : float, default=None
        Longer gradients are scaled down to this norm. None leaves them alone.
    batch_size : int, default=32
        Rows in each step of the optimizer.
    max_epochs : int, default=100
        Passes over the training rows.
    shuffle : bool, default=True
        Whether each epoch visits the rows in a new order.
    early_stopping : bool, default=False
        Whether to hold out the last rows, stop when the loss on them no longer
        improves, and return to the weights that were best there. The rows held out are
        the last ones as they come, the chronological tail of a series, never random
        ones. Of several series below one another the last would be held out: pass
        `X_val` and `y_val` there.
    validation_fraction : float in (0, 1), default=0.1
        Share of the rows to hold out for `early_stopping`.
    n_iter_no_change : int, default=10
        Epochs without improvement after which `early_stopping` ends the training.
    tol : float, default=1e-4
        Smallest improvement that counts, relative to the best loss so far.
    warm_start : bool, default=False
        Whether `fit` goes on from the present weights, for `max_epochs` more.
    backend : {"auto", "compiled", "torch"}, default="auto"
        What runs the training. "compiled" runs each epoch in one call of machine code
        and is an error where that is impossible, e.g. on a GPU; "auto" takes it where
        it is possible and faster, else "torch".
    device : str or torch.device, default="cpu"
        Where torch computes, e.g. "cuda".
    callbacks : list of skorch callbacks, default=None
        Passed on to skorch, e.g. learning-rate schedulers. Each fit works on copies,
        which are in ``net_.callbacks_``.
    random_state : int, RandomState instance or None, default=None
        Decides initial weights, order of rows, and dropout. Pass an int for the
        same result each time. None draws a seed from NumPy's global generator, as
        everywhere in scikit-learn.
    verbose : int, default=0
        1 shows a progress bar with the loss, and says when something is compiled."""

ATTRIBUTES = """net_ : skorch.NeuralNet
        The fitted skorch net; ``net_.module_`` is the torch network and
        ``net_.history`` the training history.
    loss_curve_ : list of float
        Mean training loss of each epoch.
    validation_loss_curve_ : list of float
        Loss on the validation rows after each epoch; empty without such rows.
    best_loss_ : float
        Lowest loss of an epoch: on the validation rows if there are any, else in
        training. With `early_stopping` that of the weights restored.
    n_iter_ : int
        Number of epochs trained.
    n_outputs_ : int
        Number of outputs.
    backend_ : {"compiled", "torch"}
        What ran the last epoch.
    n_features_in_ : int
        Number of features: of a time step for 3-D input, of columns (time steps)
        for 2-D input.
    feature_names_in_ : ndarray of str
        Names of the columns of 2-D input, if it was a DataFrame with names."""


def fill_docstring(cls: type) -> type:
    """Put the shared parameters and attributes into a class's docstring."""
    if cls.__doc__ is not None:  # python -OO has none
        shared = {"parameters": PARAMETERS, "attributes": ATTRIBUTES}
        cls.__doc__ = cls.__doc__.format(**shared)
    return cls


def extended_signature(function: Callable[..., Any], **defaults: Any) -> inspect.Signature:
    """Return the signature of a function with more keyword-only parameters at its end."""
    signature = inspect.signature(function)
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default)
        for name, default in defaults.items()
    ]
    return signature.replace(parameters=[*signature.parameters.values(), *added])
