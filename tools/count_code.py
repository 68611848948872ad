"""Print the lines of code of each file of a folder, without docstrings, comments and blank lines.

Run it with ``python tools/count_code.py skrnn``.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from pathlib import Path

# Tokens that make no line a line of code.
NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def count_code(source: str) -> int:
    """Return the number of lines of code in a source."""
    documentation: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node) is not None:
            text = node.body[0]
            documentation.update(range(text.lineno, text.end_lineno + 1))
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in NO_CODE:
            code.update(range(token.start[0], token.end[0] + 1))
    return len(code - documentation)


if __name__ == "__main__":
    counts = {
        path: count_code(path.read_text(encoding="utf-8"))
        for path in sorted(Path(sys.argv[1]).rglob("*.py"))
    }
    for path, count in counts.items():
        print(f"{count:6} {path}")
    print(f"{sum(counts.values()):6} in all")
