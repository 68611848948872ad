"""Write the files of the recurrent regressors. Run it by ``make docstrings``.

Each parameter and each attribute is described here once. Types and defaults are the fields of
the base class; a test compares the defaults, and another one the files with this source.
"""

from __future__ import annotations

import inspect
import textwrap
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "skrnn" / "_recurrent"

FILE = '''"""{summary}

Written by `make docstrings` from tools/write_regressors.py: edit that file.
"""

from dataclasses import dataclass
{imports}
from .base import BaseRecurrentRegressor


@dataclass(kw_only=True, eq=False, repr=False)
class {name}(BaseRecurrentRegressor):
    """{docstring}
    """

    _cell = "{cell}"
{own}'''

NONLINEARITY_IMPORTS = """from typing import Any, ClassVar

from sklearn.utils._param_validation import StrOptions
"""

NONLINEARITY_FIELD = """
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseRecurrentRegressor._parameter_constraints,
        "nonlinearity": [StrOptions({"tanh", "relu"})],
    }

    nonlinearity: str = "tanh"
"""


@dataclass(frozen=True)
class Parameter:
    """A parameter of the constructor.

    Parameters
    ----------
    name : str
    default : str
        As in the source.
    values : str
        Type and range in the docstring.
    text : str
        Description in the docstring, with one line for each paragraph.
    """

    name: str
    default: str
    values: str
    text: str


@dataclass(frozen=True)
class Regressor:
    """What one class has for itself.

    Parameters
    ----------
    name, cell : str
        Name of the class and of its cell.
    summary : str
        First paragraphs of the docstring.
    sections : str
        Sections of the docstring after the attributes.
    own : Parameter or None
        A parameter that only this class has.
    """

    name: str
    cell: str
    summary: str
    sections: str
    own: Parameter | None = None


PARAMETERS = [
    Parameter(
        "hidden_size",
        "32",
        "int",
        "Number of units of each recurrent layer and direction.",
    ),
    Parameter(
        "num_layers",
        "1",
        "int",
        "Number of recurrent layers. Each one reads the outputs of the one below.",
    ),
    Parameter(
        "bidirectional",
        "False",
        "bool",
        "Whether each layer reads the sequence in both directions. The dense layer then has twice "
        "as many inputs.",
    ),
    Parameter(
        "dropout",
        "0.0",
        "float in [0, 1)",
        "Share of the values between two recurrent layers that is set to zero in training. "
        "Without effect for one layer.",
    ),
    Parameter(
        "architecture",
        '"many-to-one"',
        '{"many-to-one", "encoder-decoder", "many-to-many"}',
        '"many-to-one" has a dense layer on the last hidden state. y has the shape (n_samples,) '
        "or (n_samples, n_outputs).\n"
        '"encoder-decoder" passes the last hidden state to each step of a recurrent decoder over '
        "the horizon, with a dense layer on each of its hidden states. y has the shape "
        "(n_samples, horizon) or (n_samples, horizon, n_outputs), or (n_samples,) for one step.\n"
        '"many-to-many" has a dense layer on the hidden state of each step of X. y has the shape '
        "(n_samples, n_timesteps) or (n_samples, n_timesteps, n_outputs).",
    ),
    Parameter(
        "loss",
        '"squared_error"',
        '{"squared_error", "absolute_error", "huber", "quantile"}',
        "Loss that training minimises, averaged over rows and outputs.",
    ),
    Parameter(
        "quantile",
        "0.5",
        "float in (0, 1) or list of float",
        'Quantile that loss "quantile" predicts. A list, such as ``[0.1, 0.5, 0.9]``, gives the '
        "network an output for each of its quantiles of each target. The loss is the mean over "
        "them. 0.5 must be in the list: `predict` returns the median, and `predict_quantiles` all "
        "of them.",
    ),
    Parameter(
        "huber_delta",
        "1.0",
        "float",
        'Absolute error, in units of y, above which loss "huber" is linear. Below, it is squared.',
    ),
    Parameter(
        "optimizer",
        '"adam"',
        '{"adam", "adamw", "nadam", "rmsprop", "adagrad", "sgd"} or callable',
        "Name of an optimizer, a class of `torch.optim`, or a callable such as "
        "``functools.partial(torch.optim.SGD, momentum=0.9)``.",
    ),
    Parameter("learning_rate", "0.01", "float", "Learning rate of the optimizer."),
    Parameter(
        "weight_decay",
        "0.0",
        "float",
        "Penalty on the size of the weights. Its exact meaning depends on the optimizer. 0 is "
        "not passed to a function or partial, which may set its own.",
    ),
    Parameter(
        "max_grad_norm",
        "None",
        "float or None",
        "Largest norm of the gradient; longer ones are scaled down to it. None for no limit.",
    ),
    Parameter("batch_size", "32", "int", "Number of rows in each step of the optimizer."),
    Parameter(
        "max_epochs",
        "30",
        "int",
        "Number of passes over the rows, or the largest number of them with `early_stopping`. Few "
        "rows, or a series without noise, may need several hundred.",
    ),
    Parameter(
        "shuffle",
        "True",
        "bool",
        "Whether each epoch visits the rows in a new random order.",
    ),
    Parameter(
        "early_stopping",
        "False",
        "bool",
        "Whether to hold out validation rows, stop when the loss on them no longer improves, and "
        "restore the weights with the lowest validation loss. The validation rows are the last "
        "rows of X, so X must be sorted by time. `make_supervised` and `sliding_windows` return "
        "the rows of several series so. Else pass `X_val` and `y_val` to `fit`.",
    ),
    Parameter(
        "validation_fraction",
        "0.1",
        "float in (0, 1)",
        "Share of the rows that `early_stopping` holds out.",
    ),
    Parameter(
        "n_iter_no_change",
        "10",
        "int",
        "Number of epochs without improvement after which `early_stopping` ends the training.",
    ),
    Parameter(
        "tol",
        "1e-4",
        "float in [0, 1)",
        "Smallest decrease of the validation loss that counts as an improvement, relative to the "
        "lowest loss so far.",
    ),
    Parameter(
        "warm_start",
        "False",
        "bool",
        "Whether `fit` continues from the present weights, for `max_epochs` more epochs.",
    ),
    Parameter(
        "backend",
        '"auto"',
        '{"auto", "compiled", "torch"}',
        'Backend of the training. "compiled" runs each epoch in machine code, and raises an error '
        'where that is not possible, e.g. on a GPU. "auto" chooses "compiled" where it is possible '
        'and faster, else "torch".',
    ),
    Parameter(
        "device",
        '"cpu"',
        "str or torch.device",
        'Device on which torch computes, e.g. "cuda".',
    ),
    Parameter(
        "callbacks",
        "None",
        "list of skorch callbacks or None",
        "Callbacks for skorch, e.g. learning-rate schedulers. Each fit uses copies of them, which "
        "are in ``net_.callbacks_``. ``callbacks__<name>__<parameter>`` sets a parameter of one.",
    ),
    Parameter(
        "random_state",
        "None",
        "int, RandomState instance or None",
        "Seed of the initial weights, the order of rows, and dropout. Pass an int for the same "
        "result in each fit. None draws a seed from NumPy's global generator.",
    ),
    Parameter("verbose", "0", "int", "1 shows a progress bar with the losses, 0 shows nothing."),
]

# The parameters by theme, in their order. Each theme: its first parameter.
THEMES = {
    "the network": "hidden_size",
    "the loss": "loss",
    "the optimizer": "optimizer",
    "the training": "batch_size",
    "where and how it is computed": "backend",
}

NONLINEARITY = Parameter(
    "nonlinearity",
    '"tanh"',
    '{"tanh", "relu"}',
    "Activation of the recurrent layers.",
)

ATTRIBUTES = [
    (
        "net_ : skorch.NeuralNet",
        "The fitted skorch net. ``net_.module_`` is the torch network, ``net_.history`` the "
        "history of the training.",
    ),
    ("loss_curve_ : list of float", "Mean training loss of each epoch."),
    (
        "validation_loss_curve_ : list of float",
        "Loss on the validation rows after each epoch. Empty without validation rows.",
    ),
    (
        "best_loss_ : float",
        "Lowest validation loss of an epoch, or lowest training loss without validation rows. "
        "With `early_stopping`, the loss of the restored weights.",
    ),
    (
        "best_epoch_ : int",
        "Number of the epoch of `best_loss_`, from 1. With `early_stopping`, its weights are kept. "
        "Otherwise those of the last epoch are.",
    ),
    ("n_iter_ : int", "Number of epochs."),
    ("n_outputs_ : int", "Number of outputs."),
    ('backend_ : {"compiled", "torch"}', "Backend of the last epoch."),
    (
        "n_features_in_ : int",
        "Number of features: of each time step for 3-D input, of columns (time steps) for 2-D "
        "input.",
    ),
    (
        "feature_names_in_ : ndarray of str",
        "Names of the columns, if `X` was a DataFrame with string names.",
    ),
]

REGRESSORS = [
    Regressor(
        "GRURegressor",
        "gru",
        """
        Regression with a network of gated recurrent units (GRU).

        A GRU has one hidden state. Its reset gate controls how much of the old state enters
        the candidate for the new state. Its update gate controls how much of the old state is
        kept [1]_. A GRU remembers longer than a plain recurrent layer and has three quarters of
        the weights of an LSTM.
        """,
        """
        See Also
        --------
        LSTMRegressor : A network with a cell state and three gates.
        RNNRegressor : A network without gates.
        SlidingWindowTransformer : Makes sequences from the rows of a series.
        LossCurveDisplay : Picture of the losses by epoch.

        Notes
        -----
        The equations are those of torch and of Keras with ``reset_after=True``: the reset gate
        multiplies the product of hidden state and recurrent weights.

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
        """,
    ),
    Regressor(
        "LSTMRegressor",
        "lstm",
        """
        Regression with a long short-term memory network (LSTM).

        An LSTM has a hidden state and a cell state. Its input gate controls what is added to the
        cell state, its forget gate what is kept there, and its output gate how much of the cell
        state enters the hidden state [1]_ [2]_.
        """,
        """
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
        """,
    ),
    Regressor(
        "RNNRegressor",
        "rnn",
        """
        Regression with a plain recurrent network (Elman network).

        At each step the new hidden state is a function of the input and the old state [1]_.
        There are no gates. Gradients shrink from step to step, so that inputs of many steps
        ago are hardly learned from. It is the fastest of the three cells to train.
        """,
        """
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
        """,
        own=NONLINEARITY,
    ),
]


def write_file(regressor: Regressor) -> str:
    """Return the source of the file of a regressor."""
    parameters = PARAMETERS if regressor.own is None else [*PARAMETERS, regressor.own]
    return FILE.format(
        summary=inspect.cleandoc(regressor.summary).splitlines()[0],
        imports="" if regressor.own is None else NONLINEARITY_IMPORTS,
        name=regressor.name,
        docstring=textwrap.indent(_docstring(regressor, parameters), "    ").lstrip(),
        cell=regressor.cell,
        own="" if regressor.own is None else NONLINEARITY_FIELD,
    )


def _docstring(regressor: Regressor, parameters: list[Parameter]) -> str:
    described = [(f"{p.name} : {p.values}, default={p.default}", p.text) for p in parameters]
    sections = [
        inspect.cleandoc(regressor.summary),
        textwrap.fill(_themes(), width=88, break_on_hyphens=False),
        _section("Parameters", described),
        _section("Attributes", ATTRIBUTES),
        inspect.cleandoc(regressor.sections),
    ]
    return "\n\n".join(sections)


def _themes() -> str:
    """Return the sentence that tells the order of the parameters."""
    names = [parameter.name for parameter in PARAMETERS]
    first = [names.index(name) for name in THEMES.values()]
    ends = [*first[1:], len(names)]
    parts = [
        f"{theme} (`{names[start]}` to `{names[end - 1]}`)"
        for theme, start, end in zip(THEMES, first, ends, strict=True)
    ]
    return f"The parameters are sorted by theme: {', '.join(parts)}."


def _section(title: str, entries: list[tuple[str, str]]) -> str:
    """Return a section of a docstring: each entry has a head and paragraphs."""
    lines = [title, "-" * len(title)]
    for head, text in entries:
        lines.append(head)
        paragraphs = (
            textwrap.fill(
                paragraph,
                width=88,
                initial_indent="    ",
                subsequent_indent="    ",
                break_on_hyphens=False,
                break_long_words=False,
            )
            for paragraph in text.split("\n")
        )
        lines.append("\n\n".join(paragraphs))
    return "\n".join(lines)


def write_files() -> dict[Path, str]:
    """Return the files of the regressors and their sources."""
    return {
        FOLDER / f"{regressor.cell}_regressor.py": write_file(regressor) for regressor in REGRESSORS
    }


if __name__ == "__main__":
    for path, source in write_files().items():
        path.write_text(source, encoding="utf-8")
        print(path)
