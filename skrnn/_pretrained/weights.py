"""The weights of the pretrained network: read once, at first use."""

from __future__ import annotations

import hashlib
import io
import json
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

_WEIGHTS, _MANIFEST = "weights.npz", "weights.json"


@cache
def load_weights() -> dict[str, NDArray[Any]]:
    """Read the weights that come with the package.

    Returns
    -------
    dict of str to ndarray
        The weights by their names in torch, in double precision.

    Raises
    ------
    RuntimeError
        If the file is missing, or is not the one that the manifest describes.
    """
    content, expected = _read()
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise RuntimeError(
            f"The weights of PretrainedGRURegressor, {_path()}, are damaged: their SHA-256 is "
            f"{found}, not {expected}. Install skrnn again."
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return {name: arrays[name].astype(np.float64) for name in arrays.files}


def _read() -> tuple[bytes, str]:
    """Return the file of weights and the SHA-256 that it must have."""
    folder = resources.files(__package__)
    try:
        manifest = json.loads(folder.joinpath(_MANIFEST).read_text(encoding="utf-8"))
        return folder.joinpath(_WEIGHTS).read_bytes(), manifest["sha256"]
    except (OSError, ValueError, KeyError) as error:
        raise RuntimeError(
            f"The weights of PretrainedGRURegressor, {_path()}, or their description "
            f"{_MANIFEST} beside them, cannot be read: {error}. Install skrnn again."
        ) from error


def _path() -> str:
    return str(resources.files(__package__).joinpath(_WEIGHTS))
