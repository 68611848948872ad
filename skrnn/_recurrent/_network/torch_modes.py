"""Modes of torch that a user has set for other models, switched off while a network computes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch


@contextmanager
def own_torch_modes(device: str) -> Iterator[None]:
    """Compute without the inference mode, the autocast and the default device of the user.

    Parameters
    ----------
    device : str
        Device on which the network computes.
    """
    kind = torch.device(device).type
    with ExitStack() as modes:
        if torch.is_inference_mode_enabled():
            modes.enter_context(torch.inference_mode(False))
            modes.enter_context(torch.enable_grad())
        if torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind):
            modes.enter_context(torch.autocast(kind, enabled=False))
        if torch.empty(0).device.type != "cpu":  # get_default_device of torch 2.6 sees no context
            modes.enter_context(torch.device("cpu"))
        yield
