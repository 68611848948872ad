"""Imports point only downward, from a later line of LAYERS to an earlier one."""

import ast
from pathlib import Path

import skrnn

PACKAGE = Path(skrnn.__file__).parent

# From the bottom up; within a line no module imports another. What the compiled
# backend consists of has lines of its own, below.
LAYERS = [
    {"_device", "_docstrings", "_losses", "_modules", "_optimizers", "_row_labels", "_threads"},
    {"_sequence_output", "_sequence_regressor", "_validation"},
    {"_batches", "_callbacks", "_initialization", "_memory", "_ridge", "_time_step", "_windows"},
    {"_centering", "_linear_baseline", "_naive", "_time_index", "_training_rows"},
    {"_compiled"},
    {"_backend"},
    {"_baseline", "_net"},
    {"_missing", "_per_series", "_resume", "_sliding_window", "_supervised", "_time_distributed"},
    {"_base", "_per_series_target", "datasets"},
    {"_regression"},
    {"inspection", "model_selection"},
]

COMPILED_LAYERS = [
    {"_flat", "_options"},
    {"_activations", "_arrays", "_cell", "_kernels"},
    {"_direction", "_gru", "_losses", "_lstm", "_rnn", "_updates"},
    {"_stack"},
    {"_network"},
    {"_batch"},
    {"_epoch"},
    {"_engine"},
]


def modules():
    for path in PACKAGE.rglob("*.py"):
        if path != PACKAGE / "__init__.py":
            yield path.relative_to(PACKAGE).parts[0].removesuffix(".py"), path


def imported_modules(path):
    """Names of skrnn's modules that a file imports, at its head or inside a function."""
    yield from relative_imports(path)
    yield from absolute_imports(path)


def relative_imports(path):
    """Names of the modules beside it that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield node.module.split(".")[0] if node.module else "skrnn"


def absolute_imports(path):
    """Names of the modules of skrnn that a file imports by their full name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("skrnn"):
            yield [*node.module.split("."), "skrnn"][1]
        elif isinstance(node, ast.Import):
            yield from ("skrnn" for alias in node.names if alias.name.startswith("skrnn"))


def levels(layers):
    return {name: i for i, layer in enumerate(layers) for name in layer}


def test_every_module_stands_in_one_layer():
    assert {name for name, _ in modules()} == set().union(*LAYERS)
    assert sum(map(len, LAYERS)) == len(set().union(*LAYERS))


def test_imports_point_downward():
    level = levels(LAYERS)
    upward = [
        f"{path.relative_to(PACKAGE)} imports {imported}"
        for name, path in modules()
        if name != "datasets"
        for imported in (absolute_imports if name == "_compiled" else imported_modules)(path)
        if level.get(imported, len(LAYERS)) >= level[name]
    ]
    assert upward == []


def test_imports_within_the_compiled_backend_point_downward():
    level = levels(COMPILED_LAYERS)
    files = {path.stem: path for path in (PACKAGE / "_compiled").glob("*.py")}
    assert set(level) == set(files) - {"__init__"}
    upward = [
        f"{name} imports {imported}"
        for name in level
        for imported in relative_imports(files[name])
        if level[imported] >= level[name]
    ]
    assert upward == []


def test_data_sets_import_nothing_of_skrnn_but_themselves():
    for path in (PACKAGE / "datasets").glob("*.py"):
        assert set(imported_modules(path)) <= {"_loaders"}


def test_files_are_short():
    for _, path in modules():
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path
