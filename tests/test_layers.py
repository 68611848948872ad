"""Imports point only downward: from a room to those below it, and within it to files above.

A room is a folder of the package. ROOMS lists them from the bottom up; a file may import from
its own room and from the rooms before it. Within a room there is no circle.
"""

import ast
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import skrnn

PACKAGE = Path(skrnn.__file__).parent

# From the bottom up. A room within a room stands below it.
ROOMS = [
    "_pretrained/_prior",
    "datasets",
    "_validation",
    "_windows/_labels",
    "_windows",
    "model_selection",
    "_models",
    "_pretrained",
    "_recurrent/_network",
    "_recurrent/_compiled",
    "_recurrent/_training",
    "_recurrent",
    ".",
    "_forecasting",
    "_plotting",
]

# What a room may import beside NumPy, scikit-learn and the standard library.
LIBRARIES = {
    "_pretrained/_prior": set(),
    "datasets": {"pandas"},
    "_validation": {"scipy", "threadpoolctl"},
    "_windows/_labels": {"pandas"},
    "_windows": {"pandas"},
    "model_selection": {"joblib", "pandas"},
    "_models": {"scipy"},
    "_pretrained": set(),
    "_recurrent/_network": {"torch"},
    "_recurrent/_compiled": {"torch"},
    "_recurrent/_training": {"skorch", "torch", "tqdm"},
    "_recurrent": {"torch"},
    ".": {"lazy_loader", "pandas", "torch"},
    "_forecasting": {"pandas", "tqdm"},
    "_plotting": {"matplotlib", "pandas"},
}

FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")


def room_of(path):
    return path.parent.relative_to(PACKAGE).as_posix()


def imported_modules(path):
    """Full names of the modules that a file imports, at its head or inside a function."""
    package = ("skrnn", *path.parent.relative_to(PACKAGE).parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *(node.module or "").split("."))).strip(".")
            yield module
            # "from package import module" names a file, too.
            yield from (f"{module}.{alias.name}" for alias in node.names if is_file(module, alias))


def is_file(module, alias):
    return (PACKAGE.parent / module.replace(".", "/") / f"{alias.name}.py").is_file()


def imported_files(path):
    """Files of skrnn that a file imports."""
    for module in imported_modules(path):
        file = (PACKAGE.parent / module.replace(".", "/")).with_suffix(".py")
        if file.is_file():
            yield file


def test_every_folder_is_a_room():
    assert {room_of(path) for path in FILES} == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_imports_point_downward(room):
    upward = [
        f"{path.relative_to(PACKAGE)} imports {imported.relative_to(PACKAGE)}"
        for path in FILES
        if room_of(path) == room
        for imported in imported_files(path)
        if ROOMS.index(room_of(imported)) > ROOMS.index(room)
    ]
    assert upward == []


def test_no_imports_in_a_circle():
    graph = {path: set(imported_files(path)) for path in FILES}
    TopologicalSorter(graph).prepare()  # raises CycleError


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_knows_no_libraries_of_another(room):
    allowed = (
        {"__future__", "numpy", "sklearn", "skrnn"} | LIBRARIES[room] | sys.stdlib_module_names
    )
    foreign = [
        f"{path.relative_to(PACKAGE)} imports {module}"
        for path in [*FILES, PACKAGE / room / "__init__.py"]
        if room_of(path) == room
        for module in imported_modules(path)
        if module.partition(".")[0] not in allowed
    ]
    assert foreign == []


# Files of rooms that may use torch and do not need it.
TORCH_FREE = ["_recurrent/_training/split.py", "_recurrent/_training/interrupts.py"]


@pytest.mark.parametrize("file", TORCH_FREE)
def test_rows_know_no_torch(file):
    modules = {module.partition(".")[0] for module in imported_modules(PACKAGE / file)}
    assert modules.isdisjoint({"skorch", "torch"})


def test_files_are_short():
    for path in FILES:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path
