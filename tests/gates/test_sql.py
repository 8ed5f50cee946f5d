"""SQL is Core with bound values; where text is put together, only words of the same file go in."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("pos_engine", "biometrics", "catalog", "warung_client")
RUNS_SQL = {"text", "exec_driver_sql", "execute", "executemany", "sql"}
SPEAK_SQL = ("pos_engine/store/", "pos_engine/lake/")
# Text of SQL that is not written out: by file, each with what goes in. Nothing of a request does.
KNOWN = {
    "pos_engine/store/announce.py": "constants of the file",
    "pos_engine/store/copies.py": "table names of our own schema, quoted by the driver",
    "pos_engine/store/database.py": "pragmas of the file",
    "pos_engine/store/disbursement_chunks.py": "a number of the file",
    "pos_engine/store/disbursement_items.py": "names of our own columns",
    "pos_engine/store/registry_diff.py": "paths of an operator's files, quoted; numbers",
    "pos_engine/store/settlements.py": "a constant of the file",
    "pos_engine/lake": "names of our own datasets and columns; values are bound",
    "pos_engine/store/migrations": "names of the schema; no request ever runs one",
}


def composed(source: str) -> list[int]:
    """Lines where a text of SQL is put together in the call that runs it."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
        if name in RUNS_SQL and _put_together(node.args[0]):
            found.append(node.lineno)
    return found


def _put_together(said: ast.expr) -> bool:
    if isinstance(said, ast.JoinedStr):
        return any(isinstance(each, ast.FormattedValue) for each in said.values)
    if isinstance(said, ast.BinOp):
        return isinstance(said.op, ast.Mod | ast.Add) and any(
            isinstance(each, ast.Constant | ast.JoinedStr | ast.BinOp)
            and not (isinstance(each, ast.Constant) and not isinstance(each.value, str))
            for each in (said.left, said.right)
        )
    called = isinstance(said, ast.Call) and isinstance(said.func, ast.Attribute)
    return called and said.func.attr == "format"


@pytest.mark.parametrize(
    "planted",
    [
        "tx.execute(text(f'SELECT {name}'))",
        "tx.execute(text('SELECT %s' % name))",
        "tx.exec_driver_sql('SELECT ' + name)",
        "connection.execute('SELECT {}'.format(name))",
    ],
)
def test_what_is_put_together_is_seen(planted):
    assert composed(planted)


def test_what_is_bound_is_let_through():
    assert not composed("tx.execute(text('SELECT :name'), {'name': name})")
    assert not composed("tx.execute(select(table).where(table.c.name == name))")


def test_only_known_files_put_sql_together_and_only_two_floors_speak_it():
    found = {}
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            name = file.relative_to(ROOT).as_posix()
            if lines := composed(file.read_text()):
                found[name] = lines
    unknown = {
        name: lines for name, lines in found.items() if not any(name.startswith(k) for k in KNOWN)
    }
    assert unknown == {}
    assert all(name.startswith(SPEAK_SQL) for name in found)
