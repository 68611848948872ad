"""Compilation of the kernels to one library for each set of instructions.

``pip install`` runs this through ``hatch_build.py``, before skrnn's dependencies are there, so it
needs Python's standard library only. By hand: ``python -m skrnn._recurrent._compiled.build``.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

_HERE = Path(__file__).parent
SOURCES = _HERE / "kernel"
LIBRARIES = _HERE / "libraries"


class Instructions(NamedTuple):
    """A set of instructions.

    Parameters
    ----------
    vector_bytes : int
        Length of its vectors.
    flags : tuple of str
        How GCC and clang are told.
    zig : str
        How zig is told; empty for its default.
    """

    vector_bytes: int
    flags: tuple[str, ...] = ()
    zig: str = ""


_AVX2 = ("-mavx2", "-mfma")
_AVX512 = (*_AVX2, *(f"-mavx512{part}" for part in ("f", "dq", "bw", "vl")))

# From the one that every processor has to the fastest, as `skrnn_best_instructions` counts.
INSTRUCTIONS = {"baseline": Instructions(16)}
if platform.machine().lower() in {"x86_64", "amd64"}:
    INSTRUCTIONS = {
        "baseline": Instructions(16, (), "-mcpu=x86_64"),
        "avx2": Instructions(32, _AVX2, "-mcpu=x86_64+avx2+fma"),
        "avx512": Instructions(
            64,
            (*_AVX512, "-mprefer-vector-width=512"),
            "-mcpu=x86_64+avx2+fma+avx512f+avx512dq+avx512bw+avx512vl",
        ),
    }

# A product and a sum may be fused. Nothing may be reordered: (1 - a) * x would become x - a * x,
# which is less exact, and NaN if x overflows.
_FLAGS = (
    "-std=c++17",
    "-O3",
    "-ffp-contract=fast",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-fno-exceptions",
    "-fno-rtti",
    "-fvisibility=hidden",
    "-shared",
    "-w",
)
_SUFFIXES = {"darwin": ".dylib", "win32": ".dll"}
_SECONDS = 1200  # the longest time that one compiler may take


class BuildError(RuntimeError):
    """No compiler could build the libraries; the message says what each one answered."""


def source_hash() -> str:
    """Return a digest of the sources and of the way they are compiled."""
    files = [Path(__file__), *sorted(SOURCES.iterdir())]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def library_path(instructions: str) -> Path:
    """Return where the library for a set of instructions lies."""
    return LIBRARIES / f"skrnn_{instructions}{_SUFFIXES.get(sys.platform, '.so')}"


def is_up_to_date() -> bool:
    """Tell whether all libraries are there and were built from these sources."""
    digest = source_hash().encode()
    paths = [library_path(name) for name in INSTRUCTIONS]
    return all(path.exists() and digest in path.read_bytes() for path in paths)


def build() -> list[Path]:
    """Build the libraries, unless they are up to date, and return their paths.

    Raises
    ------
    BuildError
        If no compiler could build them. Older libraries are gone then.
    """
    if not is_up_to_date():
        shutil.rmtree(LIBRARIES, ignore_errors=True)
        answers = []
        with tempfile.TemporaryDirectory() as folder:
            for compiler in _compilers(Path(folder)):
                try:
                    _build_with(compiler)
                except (OSError, subprocess.SubprocessError) as error:
                    answers.append(f"{' '.join(compiler)}: {getattr(error, 'stderr', '') or error}")
                    shutil.rmtree(LIBRARIES, ignore_errors=True)
                else:
                    break
            else:
                raise BuildError("\n".join(["No C++ compiler built the library.", *answers]))
    return [library_path(name) for name in INSTRUCTIONS]


def _compilers(folder: Path) -> Iterator[Sequence[str]]:
    """Yield the commands of C++ compilers; the last one, zig, is installed to a folder."""
    named = os.environ.get("CXX")
    if named:
        yield named.split()
    for name in ("c++", "g++", "clang++"):
        if shutil.which(name):
            yield [name]
    # Without -I, pip's isolated environment of a build hides pip.
    pip = [sys.executable, "-I", "-m", "pip", "install", "--quiet", "--target", str(folder)]
    subprocess.run([*pip, "ziglang"], capture_output=True, text=True, check=False, timeout=_SECONDS)
    zig = folder / "ziglang" / ("zig.exe" if sys.platform == "win32" else "zig")
    if zig.exists():
        yield [str(zig), "c++"]


def _build_with(compiler: Sequence[str]) -> None:
    LIBRARIES.mkdir(exist_ok=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda name: _compile(compiler, name), INSTRUCTIONS))


def _compile(compiler: Sequence[str], instructions: str) -> None:
    chosen, path = INSTRUCTIONS[instructions], library_path(instructions)
    is_zig = compiler[-1] == "c++" and Path(compiler[0]).stem == "zig"
    flags = [chosen.zig, "-fno-sanitize=all", "-s"] if is_zig else [*chosen.flags]
    defined = {
        "SKRNN_VECTOR_BYTES": chosen.vector_bytes,
        "SKRNN_SOURCE_HASH": f'"{source_hash()}"',
    }
    subprocess.run(
        [
            *compiler,
            *_FLAGS,
            *([] if sys.platform == "win32" else ["-fPIC"]),
            *filter(None, flags),
            *(f"-D{name}={value}" for name, value in defined.items()),
            str(SOURCES / "kernel.cpp"),
            "-o",
            str(path),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=_SECONDS,
    )


if __name__ == "__main__":
    for built in build():
        print(built)  # noqa: T201
