"""The map in CONTRIBUTING.md shows each file of the package with the purpose that it states."""

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPT = runpy.run_path(str(ROOT / "tools" / "write_map.py"))
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_map_is_the_one_that_the_command_writes():
    assert SCRIPT["with_map"](PAGE) == PAGE, "run make map"


def test_the_map_names_each_folder_and_each_file_once():
    package = ROOT / "skrnn"
    folders = {path.relative_to(ROOT).parent.as_posix() for path in package.rglob("__init__.py")}
    assert sorted(re.findall(r"^\*\*`(.+)/`\*\*", PAGE, re.M)) == sorted(folders)
    files = [path.name for path in package.rglob("*.py") if path.name != "__init__.py"]
    assert sorted(re.findall(r"^- `(.+\.py)`: \w", PAGE, re.M)) == sorted(files)


def test_a_file_without_a_docstring_is_an_error(tmp_path):
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text('"""A package."""')
    (tmp_path / "package" / "file.py").write_text("x = 1")
    with pytest.raises(ValueError, match=r"file\.py needs a docstring"):
        SCRIPT["write_map"](tmp_path / "package")
