import contextlib
import doctest
import inspect
import io
import re
from pathlib import Path

import pytest

from skrnn import GRURegressor

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [DOCS / "index.rst", *sorted((DOCS / "guide").glob("*.rst"))]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_code_samples_print_what_the_page_says(page):
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    failures, _ = doctest.testfile(str(page), module_relative=False, optionflags=options)
    assert failures == 0


def test_the_guide_lists_the_parameters_of_a_network_in_their_order():
    page = (DOCS / "guide" / "estimators.rst").read_text(encoding="utf-8")
    table = page.split("Theme         Parameters")[1].split("Most models")[0]
    assert re.findall(r"``(\w+)``", table) == list(inspect.signature(GRURegressor).parameters)


def test_the_examples_of_the_readme_print_what_they_say(tmp_path, monkeypatch):
    pytest.importorskip("matplotlib").use("agg")
    monkeypatch.chdir(tmp_path)
    examples = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", README, re.DOTALL)
    assert len(examples) == README.count("```python") == 2
    names: dict[str, object] = {}
    for code, expected in examples:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, "README.md", "exec"), names)
        lines = [line.rstrip() for line in printed.getvalue().splitlines()]
        assert lines == expected.splitlines()
    assert (tmp_path / "forecast.png").exists()


def test_the_readme_is_short_and_its_links_lead_to_files():
    assert len(README.splitlines()) <= 120
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).is_file()] == []
