"""Weights and the state of the optimizer in contiguous arrays, with torch's tensors as views."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

# The moments that an optimizer keeps of each weight, under torch's names.
MOMENTS: dict[type[torch.optim.Optimizer], tuple[str, ...]] = {
    torch.optim.Adam: ("exp_avg", "exp_avg_sq"),
    torch.optim.AdamW: ("exp_avg", "exp_avg_sq"),
    torch.optim.NAdam: ("exp_avg", "exp_avg_sq"),
    torch.optim.RMSprop: ("square_avg",),
    torch.optim.Adagrad: ("sum",),
    torch.optim.SGD: (),
}


def flat_weights(module: nn.Module) -> NDArray[Any]:
    """Return a copy of a network's weights in one array, in the order of its parameters."""
    return torch.cat([p.detach().reshape(-1) for p in module.parameters()]).numpy()


class FlatMemory:
    """Arrays of weights and optimizer state that a compiled epoch changes.

    Parameters
    ----------
    module : torch.nn.Module
        On the CPU, with weights of one type.
    optimizer : torch.optim.Optimizer
        One of :data:`MOMENTS`, over all weights in one group.

    Attributes
    ----------
    weights : ndarray of shape (n_weights,)
    moments : ndarray of shape (n_moments, n_weights)
    gradient : ndarray of shape (n_weights,)
        Gradient of the last batch.
    """

    def __init__(self, module: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        self._parameters = list(module.parameters())
        self._optimizer = optimizer
        self._names = MOMENTS[type(optimizer)]
        sizes = [p.numel() for p in self._parameters]
        self._offsets = np.cumsum([0, *sizes]).tolist()
        dtype = self._parameters[0].dtype
        self._weights = torch.empty(self._offsets[-1], dtype=dtype)
        self._moments = torch.zeros((len(self._names), self._offsets[-1]), dtype=dtype)
        self._rows = list(zip(self._names, self._moments, strict=True))
        self.weights: NDArray[Any] = self._weights.numpy()
        self.moments: NDArray[Any] = self._moments.numpy()
        self.gradient: NDArray[Any] = np.zeros_like(self.weights)
        # Gradients are not torch's now.
        for p in self._parameters:
            p.grad = None
        # A schedule replaces the method, and expects that it is called before the schedule's own.
        # Without gradients this step changes nothing.
        if "step" in vars(optimizer):
            optimizer.step()

    def bind(self) -> None:
        """Make the tensors views of these arrays, where they are not yet, with their values."""
        for p, offset in zip(self._parameters, self._offsets, strict=False):
            offset_in_bytes = offset * p.element_size()
            if p.data_ptr() != self._weights.data_ptr() + offset_in_bytes:
                p.data = _moved(p.detach(), self._weights, offset)
            state = self._state(p)
            for name, row in self._rows:
                if state[name].data_ptr() != row.data_ptr() + offset_in_bytes:
                    state[name] = _moved(state[name], row, offset)

    def release(self) -> None:
        """Give the tensors memory of their own: a pickle of a view would hold the whole array."""
        for p in self._parameters:
            p.data = p.detach().clone()
            state = self._optimizer.state.get(p, {})
            for name in self._names:
                if name in state:
                    state[name] = state[name].clone()

    def belongs_to(self, optimizer: torch.optim.Optimizer) -> bool:
        """Tell whether this is the memory of an optimizer."""
        return self._optimizer is optimizer

    @property
    def n_steps(self) -> int:
        """Steps that the optimizer has taken."""
        return int(self._scalar("step", 0.0))

    @property
    def mu_product(self) -> float:
        """NAdam's product of momenta."""
        return self._scalar("mu_product", 1.0)

    def set_scalars(self, n_steps: int, mu_product: float) -> None:
        """Store the number of steps and the product of momenta in the optimizer's state."""
        for p in self._parameters:
            state = self._optimizer.state.get(p, {})
            for name, value in (("step", n_steps), ("mu_product", mu_product)):
                if name in state:
                    state[name].fill_(value)

    def _scalar(self, name: str, default: float) -> float:
        state = self._optimizer.state.get(self._parameters[0], {})
        return float(state[name]) if name in state else default

    def _state(self, p: nn.Parameter) -> dict[str, Any]:
        """Return the optimizer's state of a weight. If there is none, create it as torch does."""
        state: dict[str, Any] = self._optimizer.state[p]
        if self._names and not state:
            state["step"] = torch.tensor(0.0)
            if isinstance(self._optimizer, torch.optim.NAdam):
                state["mu_product"] = torch.tensor(1.0)
            for name in self._names:
                state[name] = torch.zeros_like(p)
        return state


def _moved(tensor: Tensor, flat: Tensor, offset: int) -> Tensor:
    """Copy a tensor to a place in a flat one, and return the view of that place."""
    view = flat[offset : offset + tensor.numel()].view_as(tensor)
    view.copy_(tensor)
    return view
