import doctest
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
PAGES = [DOCS / "index.rst", *sorted((DOCS / "guide").glob("*.rst"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_code_samples_print_what_the_page_says(page):
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    failures, _ = doctest.testfile(str(page), module_relative=False, optionflags=options)
    assert failures == 0


def test_the_five_lines_of_the_readme_run():
    text = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    namespace = {}
    fast = code.replace("hidden_size=5", "hidden_size=5, max_epochs=2")
    exec(compile(fast, "README.md", "exec"), namespace)
    assert namespace["search"].predict(namespace["X"]).shape == (143,)
