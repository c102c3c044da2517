"""The annotated tree of `docs/architecture.md`, made from the modules' own first lines.

Run as a program, it puts the tree of today into the page.
"""

import ast
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "architecture.md"
BEGIN = "<!-- the tree: made by tests/docs/module_tree.py -->\n```text\n"
END = "```\n<!-- end of the tree -->"

LAYERS = (
    *("cli", "cluster", "explorer", "testing", "training", "methods", "models", "data"),
    *("search", "metrics", "store", "core"),
)
"""Packages from the top down; one that is missing here comes last."""
BRIEF = ("wbcray/data/synthetic", "wbcray/data/synthetic/trees")
"""Packages whose modules are named without a line each: how cells are drawn is a world apart."""

WIDTH = 110
COLUMN = 30


def modules() -> dict[str, str]:
    """The first line of the docstring of every module, by path from the repository's root."""
    paths = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "wbcray").rglob("*.py"))
    found = {path: ast.get_docstring(ast.parse((ROOT / path).read_text())) or "" for path in paths}
    return {path: text.partition("\n")[0] for path, text in found.items()}


def make_tree(lines: dict[str, str]) -> str:
    """The tree of these modules as text, packages from the top layer down."""
    packages = [path.removesuffix("/__init__.py") for path in lines if path.endswith("__init__.py")]
    shown: list[str] = []
    for package in sorted(packages, key=_rank):
        depth, name = package.count("/"), package.rpartition("/")[2]
        shown.append(_line(depth, f"{name}/", lines[f"{package}/__init__.py"]))
        inside = [
            path.rpartition("/")[2]
            for path in lines
            if path.rpartition("/")[0] == package and not path.endswith("__init__.py")
        ]
        if package in BRIEF:
            indent = "  " * (depth + 1)
            shown += textwrap.wrap(
                " ".join(inside), WIDTH, initial_indent=indent, subsequent_indent=indent
            )
        else:
            shown += [_line(depth + 1, name, lines[f"{package}/{name}"]) for name in inside]
    return "\n".join(shown) + "\n"


def tree_of_the_page() -> str:
    """The tree that the page shows."""
    return PAGE.read_text().partition(BEGIN)[2].partition(END)[0]


def paths_of(tree: str) -> list[str]:
    """The modules that a tree names, packages as their `__init__.py`."""
    folders: list[str] = []
    found = []
    for line in tree.splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        names = [word for word in line.split() if word.endswith(".py")]
        if line.split()[0].endswith("/"):
            folders[depth:] = [line.split()[0]]
            found.append("".join(folders) + "__init__.py")
        elif "".join(folders[:depth]).removesuffix("/") in BRIEF:
            found += ["".join(folders[:depth]) + name for name in names]
        else:
            found.append("".join(folders[:depth]) + line.split()[0])
    return found


def _rank(package: str) -> tuple[int, str]:
    top = package.split("/")[1] if "/" in package else ""
    place = LAYERS.index(top) if top in LAYERS else len(LAYERS)
    return (place if top else -1, package)


def _line(depth: int, name: str, text: str) -> str:
    start = "  " * depth + name
    return f"{start:<{COLUMN}} {text}".rstrip()


if __name__ == "__main__":
    before, _, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(before + BEGIN + make_tree(modules()) + END + rest.partition(END)[2])
