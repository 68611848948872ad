"""The public names, their documentation, and the cost of importing them."""

import importlib.util
import inspect
import re
import subprocess
import sys
from importlib import metadata, resources
from pathlib import Path

import pytest
from sklearn.base import BaseEstimator

import skrnn
import skrnn.datasets
import skrnn.inspection
import skrnn.model_selection
import skrnn.recommended
from skrnn import GRURegressor, LSTMRegressor, RNNRegressor

MODULES = [skrnn, skrnn.datasets, skrnn.inspection, skrnn.model_selection, skrnn.recommended]
NAMES = [(module, name) for module in MODULES for name in module.__all__]
PUBLIC = [item for item in (getattr(*name) for name in NAMES) if not inspect.ismodule(item)]
CLASSES = [item for item in PUBLIC if inspect.isclass(item)]


def test_public_names():
    assert skrnn.__all__ == [
        "BacktestDisplay",
        "BlendingDisplay",
        "BlendingRegressor",
        "ForecastDisplay",
        "Forecaster",
        "GRURegressor",
        "LSTMRegressor",
        "LastSteps",
        "LossCurveDisplay",
        "NaiveRegressor",
        "PerSeriesTargetRegressor",
        "PerSeriesTransformer",
        "PretrainedGRURegressor",
        "RNNRegressor",
        "ResidualRegressor",
        "SeedEnsembleRegressor",
        "SeriesImputer",
        "SlidingWindowTransformer",
        "TimeDistributed",
        "WindowLinearRegressor",
        "WindowNormalizedRegressor",
        "WindowTheta",
        "datasets",
        "forecast",
        "insert_missing_rows",
        "inspection",
        "make_supervised",
        "model_selection",
        "newest_windows_weight",
        "pad_sequences",
        "recommended",
        "skill_table",
        "sliding_windows",
    ]
    assert skrnn.datasets.__all__ == [
        "load_airline_passengers",
        "load_australian_temperature",
        "make_series",
    ]
    assert skrnn.inspection.__all__ == ["summary"]
    assert skrnn.model_selection.__all__ == ["LeakReport", "PanelTimeSeriesSplit", "find_leaks"]


def test_nothing_else_is_public():
    assert sorted(dir(skrnn)) == sorted(skrnn.__all__)


def test_star_import_brings_every_public_name():
    code = "from skrnn import *; import skrnn; assert set(skrnn.__all__) <= set(globals())"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", ["SlidingWindowTransformer", "make_supervised", "Forecaster"])
def test_what_needs_no_network_does_not_import_torch(name):
    code = f"import sys; from skrnn import {name}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_version_is_that_of_the_package():
    assert skrnn.__version__ == metadata.version("skrnn")


def test_types_are_announced():
    assert resources.files("skrnn").joinpath("py.typed").is_file()


@pytest.mark.parametrize("item", PUBLIC, ids=lambda item: item.__name__)
def test_docstring_has_its_sections(item):
    documentation = inspect.getdoc(item)
    assert "Examples\n--------" in documentation
    if inspect.signature(item).parameters:
        assert "Parameters\n----------" in documentation
    if not inspect.isclass(item):
        assert "Returns\n-------" in documentation
    elif issubclass(item, BaseEstimator):
        assert "Attributes\n----------" in documentation


@pytest.mark.parametrize("item", PUBLIC, ids=lambda item: item.__name__)
def test_docstring_names_every_parameter_and_its_default(item):
    documentation = inspect.getdoc(item)
    for name, parameter in inspect.signature(item).parameters.items():
        entry = re.search(rf"^(\w+, )*{name}(, \w+)* : ((?:.+\\\n)*.+)$", documentation, re.M)
        assert entry, f"{name} is not documented"
        if parameter.default is not inspect.Parameter.empty:
            default = entry[3].rpartition("default=")[2].strip().strip("\"'")
            assert default, f"{name} has no default in its documentation"
            shown = str(parameter.default)
            assert default == shown or float(default) == float(shown), name


def test_the_files_of_the_regressors_are_those_that_the_command_writes():
    script = Path(__file__).parents[1] / "tools" / "write_regressors.py"
    spec = importlib.util.spec_from_file_location(script.stem, script)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look there
    try:
        spec.loader.exec_module(module)
        files = module.write_files()
    finally:
        del sys.modules[spec.name]
    assert len(files) == 3
    for path, source in files.items():
        assert path.read_text(encoding="utf-8") == source, f"{path.name}: run make docstrings"


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_public_methods_are_documented(cls):
    for name, method in inspect.getmembers(cls, inspect.isfunction):
        if not name.startswith("_"):
            assert inspect.getdoc(method), f"{cls.__name__}.{name}"


@pytest.mark.parametrize("cls", [RNNRegressor, GRURegressor, LSTMRegressor])
def test_documented_attributes_are_those_of_a_fit(cls, windows):
    model = cls(2, max_epochs=1, random_state=0).fit(*windows)
    section = inspect.getdoc(cls).split("Attributes\n----------\n")[1].split("\n\n")[0]
    documented = set(re.findall(r"^(\w+_) :", section, re.M))
    fitted = {name for name in vars(model) if name.endswith("_") and not name.startswith("_")}
    assert fitted == documented - {"feature_names_in_"}


def test_import_neither_plots_nor_needs_matplotlib():
    code = "import sys, skrnn; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
