"""Imports point only downward, from a later line of LAYERS to an earlier one."""

import ast
from pathlib import Path

import skrnn

PACKAGE = Path(skrnn.__file__).parent

# From the bottom up; within a line no module imports another.
LAYERS = [
    {"_device", "_docstrings", "_losses", "_modules", "_optimizers", "_row_labels", "_scores"},
    {"_sequence_output", "_validation"},
    {"_batches", "_callbacks", "_initialization", "_memory", "_time_step", "_windows"},
    {"_linear_baseline", "_naive", "_time_index", "_training_rows"},
    {"_baseline", "_net"},
    {"_missing", "_per_series", "_resume", "_sliding_window", "_supervised", "_time_distributed"},
    {"_base", "_per_series_target", "datasets"},
    {"_regression"},
    {"model_selection"},
]


def modules():
    for path in PACKAGE.rglob("*.py"):
        if path != PACKAGE / "__init__.py":
            yield path.relative_to(PACKAGE).parts[0].removesuffix(".py"), path


def imported_modules(path):
    """Names of skrnn's modules that a file imports, at its head or inside a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield node.module.split(".")[0] if node.module else "skrnn"
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("skrnn"):
            yield [*node.module.split("."), "skrnn"][1]
        elif isinstance(node, ast.Import):
            yield from ("skrnn" for alias in node.names if alias.name.startswith("skrnn"))


def test_every_module_stands_in_one_layer():
    assert {name for name, _ in modules()} == set().union(*LAYERS)
    assert sum(map(len, LAYERS)) == len(set().union(*LAYERS))


def test_imports_point_downward():
    level = {name: i for i, layer in enumerate(LAYERS) for name in layer}
    upward = [
        f"{path.relative_to(PACKAGE)} imports {imported}"
        for name, path in modules()
        if name != "datasets"
        for imported in imported_modules(path)
        if level.get(imported, len(LAYERS)) >= level[name]
    ]
    assert upward == []


def test_data_sets_import_nothing_of_skrnn_but_themselves():
    for path in (PACKAGE / "datasets").glob("*.py"):
        assert set(imported_modules(path)) <= {"_loaders"}


def test_files_are_short():
    for _, path in modules():
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path
