"""Whether torch can compute where the user wants it to."""

from __future__ import annotations

import torch


def check_device(device: str) -> None:
    """Raise ValueError unless torch can put a tensor on the device."""
    try:
        torch.empty(1, device=device).item()
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        n_gpus = torch.cuda.device_count()
        reason = str(error).splitlines()[0].partition(". ")[0].rstrip(".")
        raise ValueError(
            f"device={device!r} cannot be used here: {reason}. torch sees {n_gpus} CUDA GPU(s). "
            f"Pass 'cpu'{', or cuda:0' if n_gpus else ''}."
        ) from error
