"""Interface between the recurrent cells and the compiled layers.

A cell is a type of named tuple, whose fields are its options, and two functions,
one for a step forward in time and one for the gradients of that step. Everything
else (layers, directions, padding, weight gradients) is written once, in terms of
these two.

Shapes: N rows that have this step, H hidden units, G gates, stacked in one axis of
size G * H in the order of torch's weight matrices.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba.extending import overload

from ._options import OPTIONS


def register_cell(
    cell_type: type,
    *,
    forward: Callable[..., None],
    backward: Callable[..., None],
    shares_gradient: bool,
) -> None:
    """Make the steps of a cell known to the compiled layers.

    Parameters
    ----------
    cell_type : type of named tuple
        Type that selects the cell. Its fields are the options of the cell.
    forward : callable
        Step forward, with the parameters of :func:`forward_step`.
    backward : callable
        Gradients of a step, with the parameters of :func:`backward_step`.
    shares_gradient : bool
        Whether W_ih x and W_hh h are only ever added in this cell, so that they have
        the same gradient.
    """

    def is_ours(cell: Any) -> bool:
        return getattr(cell, "instance_class", None) is cell_type

    @overload(forward_step, jit_options=OPTIONS)
    def choose_forward(cell, gates, recurrent, bias, h_before, memory_before, h, memory):
        return forward if is_ours(cell) else None

    @overload(backward_step, jit_options=OPTIONS)
    def choose_backward(
        cell, gates, d_recurrent, h_before, memory_before, h, memory, d_h, d_memory
    ):
        return backward if is_ours(cell) else None

    @overload(has_shared_gradient, jit_options=OPTIONS)
    def choose_shared(cell):
        if not is_ours(cell):
            return None
        return (lambda cell: True) if shares_gradient else (lambda cell: False)


def forward_step(cell, gates, recurrent, bias, h_before, memory_before, h, memory):
    """Compute one time step; only for compiled code.

    Parameters
    ----------
    cell : named tuple
        Selects the implementation; its fields are the cell's options.
    gates : array of shape (N, G * H)
        In: W_ih x. Out: values for the backward step, in general the gates after their
        activation.
    recurrent : array of shape (N, G * H)
        W_hh h of the step before.
    bias : array of shape (2, G * H)
        b_ih and b_hh.
    h_before : array of shape (N, H)
        State of the step before.
    memory_before : array of shape (N, H)
        `memory` of the step before.
    h : array of shape (N, H)
        Out: the state.
    memory : array of shape (N, H)
        Out: a second value of each unit, used at the next step or in the backward step.
        A cell that needs none does not change it.
    """
    raise NotImplementedError


def backward_step(cell, gates, d_recurrent, h_before, memory_before, h, memory, d_h, d_memory):
    """Compute the gradients of one time step; only for compiled code.

    Parameters
    ----------
    cell : named tuple
        As in the forward step, like the arrays that are not described here.
    gates : array of shape (N, G * H)
        In: values of the forward step. Out: gradient by W_ih x.
    d_recurrent : array of shape (N, G * H)
        Out: gradient by W_hh h. If the cell has the same gradient for both, this is the
        array `gates`.
    d_h : array of shape (N, H)
        In: gradient by h. Out: by `h_before`, without the part through W_hh.
    d_memory : array of shape (N, H)
        In: gradient by `memory`, from the step after. Out: by `memory_before`.
    """
    raise NotImplementedError


def has_shared_gradient(cell):
    """Tell whether W_ih x and W_hh h have the same gradient; only for compiled code."""
    raise NotImplementedError
