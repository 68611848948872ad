"""Networks in torch: recurrent cells, stacks of recurrent layers, and architectures.

In shapes, N is the number of rows, T of time steps, F of features, H of hidden units and D of
directions (2 if bidirectional, else 1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence


@dataclass(frozen=True)
class Cell:
    """Properties of a recurrent cell.

    Parameters
    ----------
    layer : type
        torch's layer.
    n_gates : int
        Number of gates, whose weights are stacked in each weight matrix.
    forget_gate : int or None
        Position of the forget gate, whose bias starts at one.
    """

    layer: Callable[..., nn.Module]
    n_gates: int
    forget_gate: int | None = None


CELLS = {
    "rnn": Cell(nn.RNN, n_gates=1),  # Elman (1990), doi:10.1207/s15516709cog1402_1
    "gru": Cell(nn.GRU, n_gates=3),  # Cho et al. (2014), arXiv:1406.1078
    # Hochreiter and Schmidhuber (1997), doi:10.1162/neco.1997.9.8.1735; blocks i, f, g, o
    "lstm": Cell(nn.LSTM, n_gates=4, forget_gate=1),
}


class SeededDropout(nn.Module):
    """Dropout whose masks come from its own generator.

    torch's dropout draws from the global generator, which belongs to the user and is
    shared with other threads. These masks are drawn by NumPy, step by step, as the
    compiled backend draws them. Source: Srivastava et al. (2014), JMLR 15.

    Parameters
    ----------
    p : float in [0, 1)
        Share of the values that are set to zero while training.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p
        self.reseed(0)

    def reseed(self, seed: int) -> None:
        """Restart the sequence of masks from a seed."""
        self._seed = seed
        self._rng: np.random.Generator | None = None

    @property
    def rng(self) -> np.random.Generator:
        """Generator of the masks; created when it is used, since that takes time."""
        if self._rng is None:
            self._rng = np.random.default_rng(self._seed)
        return self._rng

    def forward(self, values: Tensor) -> Tensor:
        """In training, set some values to zero and scale up the others."""
        if not self.training or self.p == 0:
            return values
        # In a packed sequence, the rows of one step come before those of the next step.
        # A tensor (N, T, C) is brought into this order.
        steps_first = values.transpose(0, 1) if values.ndim == 3 else values
        kept = torch.from_numpy(self.rng.random(steps_first.shape) >= self.p)
        if values.ndim == 3:
            kept = kept.transpose(0, 1)
        return values * kept.to(values) / (1 - self.p)


class RecurrentStack(nn.Module):
    """Stacked recurrent layers. Each one reads the outputs of the one below.

    Parameters
    ----------
    cell : {"rnn", "gru", "lstm"}
        Kind of cell.
    n_features : int
        F, the size of the input at each step.
    hidden_size : int
        H, the number of units of each layer and direction.
    num_layers : int, default=1
        Number of layers.
    bidirectional : bool, default=False
        Whether each layer reads the sequence from both ends.
    dropout : float, default=0.0
        Dropout between layers.
    nonlinearity : {"tanh", "relu"} or None, default=None
        Activation of the plain cell; None for the gated ones.
    """

    def __init__(
        self,
        cell: str,
        n_features: int,
        hidden_size: int,
        num_layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        nonlinearity: str | None = None,
    ) -> None:
        super().__init__()
        self.cell = cell
        self.hidden_size = hidden_size
        n_directions = 2 if bidirectional else 1
        self.n_outputs = n_directions * hidden_size
        options = {} if nonlinearity is None else {"nonlinearity": nonlinearity}
        # One layer at a time, not by torch's num_layers, for the dropout between them.
        self.layers = nn.ModuleList(
            CELLS[cell].layer(
                n_features if depth == 0 else self.n_outputs,
                hidden_size,
                batch_first=True,
                bidirectional=bidirectional,
                **options,
            )
            for depth in range(num_layers)
        )
        self.dropout = SeededDropout(dropout)

    def forward(
        self, X: Tensor, lengths: Tensor | None = None
    ) -> tuple[Tensor | PackedSequence, Tensor]:
        """Read the sequences.

        Parameters
        ----------
        X : tensor of shape (N, T, F)
            Sequences; shorter ones padded at the end.
        lengths : tensor of shape (N,) or None
            Real steps of each sequence, on the CPU; None if all have T.

        Returns
        -------
        outputs : tensor of shape (N, T, D * H), or PackedSequence where lengths are given
            Hidden states of the last layer at each step.
        summary : tensor of shape (N, D * H)
            Last hidden state of each direction, forward first; zeros, the
            initial state, for a sequence of length 0.
        """
        values: Tensor | PackedSequence = X
        if lengths is not None:
            # In a packed sequence the backward direction starts at the last real step, and
            # padding is not computed.
            filled = lengths.clamp(min=1)
            ordered = bool((filled[1:] <= filled[:-1]).all())
            values = pack_padded_sequence(X, filled, batch_first=True, enforce_sorted=ordered)
        for depth, layer in enumerate(self.layers):
            if depth > 0:
                values = _apply_to_steps(self.dropout, values)
            values, state = layer(values)
        hidden = state[0] if isinstance(state, tuple) else state
        # (D, N, H) -> (N, D * H)
        summary = hidden[0] if len(hidden) == 1 else torch.cat((hidden[0], hidden[1]), dim=1)
        if lengths is not None and not lengths.all():
            summary = summary * (lengths > 0).to(summary)[:, None]
        return values, summary


class ManyToOne(nn.Module):
    """A dense layer on the last hidden state: one vector of outputs for each sequence.

    Parameters
    ----------
    target_shape : tuple of int
        Shape of the target of one sequence, (n_outputs,).
    **stack
        Parameters of :class:`RecurrentStack`.
    """

    def __init__(self, target_shape: tuple[int], **stack) -> None:  # type: ignore[no-untyped-def]
        super().__init__()
        self.encoder = RecurrentStack(**stack)
        self.head = nn.Linear(self.encoder.n_outputs, target_shape[0])

    def forward(self, X: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return outputs of shape (N, n_outputs) for sequences of shape (N, T, F)."""
        _, summary = self.encoder(X, lengths)
        return self.head(summary)


class EncoderDecoder(nn.Module):
    """A recurrent decoder over the horizon, which reads the encoder's summary at each step.

    In Keras this is `RepeatVector`, a recurrent layer and `TimeDistributed(Dense)`. After
    Cho et al. (2014), arXiv:1406.1078, whose decoder also reads its own output.

    Parameters
    ----------
    target_shape : tuple of int
        Shape of the target of one sequence, (horizon, n_outputs).
    n_features : int
        F, the size of the input at each step.
    **stack
        Further parameters of :class:`RecurrentStack`, for encoder and decoder.
    """

    def __init__(  # type: ignore[no-untyped-def]
        self, target_shape: tuple[int, int], n_features: int, **stack
    ) -> None:
        super().__init__()
        self.horizon, n_outputs = target_shape
        self.encoder = RecurrentStack(n_features=n_features, **stack)
        self.decoder = RecurrentStack(n_features=self.encoder.n_outputs, **stack)
        self.head = nn.Linear(self.decoder.n_outputs, n_outputs)

    def forward(self, X: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return outputs of shape (N, horizon, n_outputs) for sequences (N, T, F)."""
        _, summary = self.encoder(X, lengths)
        outputs, _ = self.decoder(summary[:, None].expand(-1, self.horizon, -1).contiguous())
        return self.head(outputs)


class ManyToMany(nn.Module):
    """A dense layer on the hidden state of each step of the input.

    Parameters
    ----------
    target_shape : tuple
        Shape of the target of one sequence, (None, n_outputs). None stands for the
        number of steps of the input.
    **stack
        Parameters of :class:`RecurrentStack`.
    """

    def __init__(self, target_shape: tuple[None, int], **stack) -> None:  # type: ignore[no-untyped-def]
        super().__init__()
        self.encoder = RecurrentStack(**stack)
        self.head = nn.Linear(self.encoder.n_outputs, target_shape[1])

    def forward(self, X: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return outputs of shape (N, T, n_outputs) for sequences of shape (N, T, F)."""
        outputs, _ = self.encoder(X, lengths)
        outputs = _apply_to_steps(self.head, outputs)
        if isinstance(outputs, PackedSequence):
            outputs, _ = pad_packed_sequence(outputs, batch_first=True, total_length=X.shape[1])
        return outputs


Network = ManyToOne | EncoderDecoder | ManyToMany


@dataclass(frozen=True)
class Architecture:
    """A network, and the axes of its target.

    Parameters
    ----------
    module : type
        Class of the network.
    steps : {None, "horizon", "input"}
        Time steps of the target: none, those of the horizon, or those of the input.
    """

    module: type[Network]
    steps: str | None


ARCHITECTURES = {
    "many-to-one": Architecture(ManyToOne, steps=None),
    "encoder-decoder": Architecture(EncoderDecoder, steps="horizon"),
    "many-to-many": Architecture(ManyToMany, steps="input"),
}


def _apply_to_steps(
    function: nn.Module, values: Tensor | PackedSequence
) -> Tensor | PackedSequence:
    """Apply a function of single steps to a tensor or to a packed sequence."""
    if isinstance(values, PackedSequence):
        return values._replace(data=function(values.data))
    return function(values)


def stacks_of(network: Network) -> list[RecurrentStack]:
    """Return the encoder and, where there is one, the decoder of a network."""
    if isinstance(network, EncoderDecoder):
        return [network.encoder, network.decoder]
    return [network.encoder]
