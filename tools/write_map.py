"""Write the map of the files into CONTRIBUTING.md. Run it by ``make map``.

The map has the first line of each file's docstring. A test compares it with the files.
"""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "CONTRIBUTING.md"
START, END = "<!-- Written by `make map` -->\n", "<!-- End of the map -->\n"


def first_line(path: Path) -> str:
    """Return the first line of the docstring of a file, without full stop."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    if not docstring:
        raise ValueError(f"{path} needs a docstring: its first line says what the file holds.")
    return docstring.splitlines()[0].removesuffix(".")


def write_map(package: Path = ROOT / "skrnn") -> str:
    """Return the map: a list of the files of each folder, the folders in order of their names."""
    lines = []
    for init in sorted(package.rglob("__init__.py")):
        folder = init.parent
        lines += [f"**`{folder.relative_to(package.parent).as_posix()}/`** {first_line(init)}.", ""]
        files = sorted(path for path in folder.glob("*.py") if path != init)
        lines += [f"- `{path.name}`: {first_line(path)}" for path in files]
        lines += [""] * bool(files)
    return "\n".join(lines)


def with_map(page: str) -> str:
    """Return the page with the present map in place of the one that it has."""
    before, _, rest = page.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n{write_map()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_map(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(PAGE)
