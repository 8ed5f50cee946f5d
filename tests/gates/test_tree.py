"""What holds for every file of the tree: names, first lines, lengths, and no trace of a machine."""

import ast
import os
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("pos_engine", "warung_client", "biometrics", "catalog")
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50
# A migration is one list of tables, written once and never edited: its length is its content.
LISTS = ("pos_engine/store/migrations/versions/*.py",)
EMPTY_NAMES = {"utils", "util", "common", "helpers", "base", "core", "manager", "misc"}
# Put together from parts, or this file would be the first to be found.
HOMES = [f"/{name}/" for name in ("work", "root", "home", "Users")]
HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("crates", "io"),
        ("proxy", "golang", "org"),
    )
]


def modules() -> list[str]:
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    return sorted(file.relative_to(ROOT).as_posix() for file in files)


def committed() -> list[Path]:
    """Every file that is not ignored: .gitignore read with its plain name patterns only."""
    ignored = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split()]
    ignored.append(".git")

    def kept(names: list[str]) -> list[str]:
        return [name for name in names if not any(fnmatch(name, each) for each in ignored)]

    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = kept(folders)
        if "CACHEDIR.TAG" in files:  # a tool's cache, whatever its name
            folders.clear()
            continue
        found += [Path(folder, name) for name in kept(files)]
    return sorted(found)


def too_long(source: str) -> list[str]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, functions)]
    return [
        f"{node.name}: {lines} lines"
        for node in found
        if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]


def test_the_four_packages_are_looked_at():
    assert {path.split("/")[0] for path in modules()} == set(PACKAGES)
    names = {file.name for file in committed()}
    assert {"pyproject.toml", "Makefile", "goods.csv", "till.js", "test_tree.py"} <= names
    assert not any(".venv" in file.parts for file in committed())


@pytest.mark.parametrize("path", modules())
def test_a_module_says_what_it_is_in_name_and_first_line(path):
    assert not EMPTY_NAMES & {*Path(path).with_suffix("").parts}
    docstring = ast.get_docstring(ast.parse((ROOT / path).read_text()), clean=False)
    assert docstring
    assert docstring.split("\n")[0].strip()


@pytest.mark.parametrize("path", modules())
def test_a_module_and_its_functions_fit_a_reader(path):
    source = (ROOT / path).read_text()
    assert len(source.splitlines()) <= FILE_LINES_MAX
    if not any(fnmatch(path, each) for each in LISTS):
        assert too_long(source) == []


def test_the_length_of_a_function_is_really_measured():
    body = "    pass\n" * FUNCTION_LINES_MAX
    assert too_long(f"async def long():\n{body}") == ["long: 51 lines"]
    assert too_long(f"def short():\n{body}".removesuffix("    pass\n")) == []


@pytest.mark.parametrize("trace", [*HOMES, *HOSTS])
def test_no_file_knows_a_machine_or_a_package_host(trace):
    found = [
        file.relative_to(ROOT).as_posix()
        for file in committed()
        if trace.encode() in file.read_bytes()
    ]
    assert found == []
