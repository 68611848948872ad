"""The compiled libraries: which one fits the processor, and how it is called."""

from __future__ import annotations

import ctypes
import os
from ctypes import CDLL, POINTER, Structure, byref, c_double, c_int64, c_void_p
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .build import INSTRUCTIONS, library_path, source_hash

# Environment variable that names the set of instructions to use.
VARIABLE = "SKRNN_ISA"


def _fields(ctype: Any, *names: str) -> list[tuple[str, Any]]:
    return [(name, ctype) for name in names]


class StackSizes(Structure):
    """Sizes of a recurrent stack; `n_inputs` is not read for a decoder."""

    _fields_ = [
        *_fields(c_int64, "n_layers", "n_directions", "n_inputs", "n_units"),
        ("dropout", c_double),
    ]


class Array(Structure):
    """An array of shape (n_samples, n_steps, n_columns), with strides in numbers."""

    _fields_ = [
        ("data", c_void_p),
        *_fields(c_int64, "n_steps", "n_columns"),
        ("strides", c_int64 * 3),
    ]


class Loss(Structure):
    """A loss: its position in :data:`~.engine.LOSSES`, and its parameter for each output."""

    _fields_ = [("name", c_int64), ("parameters", POINTER(c_double))]


class Update(Structure):
    """An optimizer: its position in :data:`~.engine.UPDATES`, and its options, named as in torch.

    The norm of the gradient is at most `max_norm`. `decay` is NAdam's ``momentum_decay`` and
    Adagrad's ``lr_decay``; `beta2` is RMSprop's ``alpha``.
    """

    _fields_ = [
        ("name", c_int64),
        *_fields(c_double, "lr", "weight_decay", "eps", "beta1", "beta2", "decay", "max_norm"),
    ]


class Random(Structure):
    """A generator of NumPy: its function for a number in [0, 1), and its state."""

    _fields_ = _fields(c_void_p, "next", "state")


class Job(Structure):
    """What a call works on; ``kernel.cpp`` describes the fields."""

    _fields_ = [
        *_fields(c_int64, "cell", "is_double", "architecture"),
        *_fields(StackSizes, "encoder", "decoder"),
        *_fields(c_int64, "horizon", "n_outputs"),
        *_fields(Array, "X", "y"),
        *_fields(c_void_p, "lengths", "row_weights", "order"),
        *_fields(c_int64, "n_order", "batch_size"),
        ("predicted", Array),
        *_fields(c_void_p, "weights", "gradient", "moments"),
        *_fields(c_int64, "n_weights", "n_moments"),
        ("loss", Loss),
        ("update", Update),
        ("step", c_int64),
        ("product", c_double),
        *_fields(Random, "random", "decoder_random"),
        *_fields(c_void_p, "losses", "sizes"),
    ]


def describe_array(array: NDArray[Any], dtype: np.dtype[Any]) -> tuple[Array, NDArray[Any]]:
    """Return how the kernels see an array of three axes, and the memory that they read.

    The memory is that of `array` if it has the type.
    """
    array = np.require(array, dtype, "A")
    if any(stride % dtype.itemsize for stride in array.strides):
        array = np.ascontiguousarray(array)
    strides = (stride // dtype.itemsize for stride in array.strides)
    return Array(array.ctypes.data, *array.shape[1:], (c_int64 * 3)(*strides)), array


def describe_generator(rng: np.random.Generator | None) -> Random:
    """Return how the kernels draw from a generator."""
    if rng is None:
        return Random()
    interface = rng.bit_generator.ctypes
    return Random(ctypes.cast(interface.next_double, c_void_p), interface.state_address)


def run(job: Job) -> None:
    """Take one step of the optimizer for each batch of a job, or predict each batch.

    Raises
    ------
    MemoryError
        If there is no memory for a batch.
    """
    # Vectors of 64 bytes hold 16 numbers, of which 8 units would fill a half.
    is_narrow = not job.is_double and job.encoder.n_units <= 8
    names = _usable_instructions()
    name = "avx2" if is_narrow and names[-1] == "avx512" else names[-1]
    if _load(name).skrnn_run(byref(job)):
        raise MemoryError(
            f"There is no memory for a batch of {min(job.batch_size, job.n_order)} rows. Use a "
            "smaller batch_size or shorter windows."
        )


@lru_cache(maxsize=1)
def why_unavailable() -> str | None:
    """Return why the compiled libraries cannot be used here, or None if they can."""
    try:
        for name in _usable_instructions():
            _load(name)
    except OSError as error:
        return str(error)
    return None


def instructions() -> str:
    """Return the set of instructions that is used, except for networks of few units."""
    return _usable_instructions()[-1]


@lru_cache(maxsize=1)
def _usable_instructions() -> list[str]:
    """Return the names that this processor can run, slowest first; only the forced one if any."""
    names = list(INSTRUCTIONS)[: 1 + _load("baseline").skrnn_best_instructions()]
    forced = os.environ.get(VARIABLE)
    if forced is None:
        return names
    if forced not in names:
        raise OSError(
            f"the environment variable {VARIABLE} is {forced!r}, and this processor can run "
            f"{', '.join(names)}"
        )
    return [forced]


@lru_cache
def _load(name: str) -> CDLL:
    path = library_path(name)
    if not path.exists():
        raise OSError(
            f"skrnn was installed without its compiled library {path.name}, since no C++ compiler "
            "was found; with one, pip install --force-reinstall skrnn builds it"
        )
    library = CDLL(str(path))
    library.skrnn_run.argtypes = [POINTER(Job)]
    library.skrnn_run.restype = c_int64
    library.skrnn_source_hash.restype = ctypes.c_char_p
    if library.skrnn_source_hash().decode() != source_hash():
        raise OSError(f"{path.name} was built from other sources; build it with pip install -e .")
    if library.skrnn_job_size() != ctypes.sizeof(Job):
        raise OSError(f"{path.name} and library.py describe a job differently")
    return library
