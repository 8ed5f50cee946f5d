"""Migrations only add: old code runs on the new schema, and no table is locked for long.

The past is named with its reason; a new migration that drops, renames or tightens does not pass.
"""

import ast
from pathlib import Path

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import OperationalError

from pos_engine.store import upgrading
from pos_engine.store.database import open_database
from pos_engine.store.schema import metadata

VERSIONS = Path(upgrading.__file__).parent / "migrations" / "versions"
TAKES_AWAY = {
    "drop_table", "drop_column", "drop_index", "drop_constraint", "rename_table",
    "alter_column", "create_check_constraint", "create_unique_constraint", "create_foreign_key",
}  # fmt: skip
SQL_TAKES_AWAY = ("DROP ", "ALTER ", "RENAME ", "TRUNCATE ", "DELETE ", "LOCK ")
# What was done before there was anybody to upgrade, or takes nothing away from old code.
PAST = {
    "v0007_disbursement_chunks": {"drop_table"},  # before the first installation
    "v0011_no_triggers": {"DROP ", "DELETE "},  # what triggers did is done by the writers
    "v0014_claims_before_debits": {"alter_column"},  # looser: may be empty
    "v0018_people_who_help": {"alter_column"},  # longer
}


def taken_away(source: str) -> set[str]:
    """What `upgrade` and its helpers do that old code could miss."""
    found = set()
    for part in ast.parse(source).body:
        if isinstance(part, ast.FunctionDef) and part.name == "downgrade":
            continue
        for node in ast.walk(part):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                name = node.func.attr
                if name in TAKES_AWAY:
                    found.add(name)
                if name == "add_column" and _must_be_filled(node):
                    found.add("add_column that must be filled")
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {each for each in SQL_TAKES_AWAY if node.value.startswith(each)}
    return found


def _must_be_filled(call: ast.Call) -> bool:
    """A column of an old table that old code does not know and that may not be empty."""
    for column in call.args:
        if not isinstance(column, ast.Call):
            continue
        said = {each.arg: each.value for each in column.keywords}
        nullable = said.get("nullable")
        if isinstance(nullable, ast.Constant) and nullable.value is True:
            return False
        return "server_default" not in said
    return False


def versions():
    return sorted(VERSIONS.glob("v*.py"))


@pytest.mark.parametrize("file", versions(), ids=lambda file: file.stem)
def test_a_migration_takes_nothing_away(file):
    assert taken_away(file.read_text()) == PAST.get(file.stem, set())


@pytest.mark.parametrize(
    "planted",
    [
        'op.drop_table("family")',
        'op.rename_table("family", "household")',
        'op.execute("ALTER TABLE family DROP COLUMN name")',
        'op.add_column("family", sa.Column("x", sa.Text(), nullable=False))',
        'op.add_column("family", sa.Column("x", sa.Text()))',
        'batch.alter_column("name", nullable=False)',
        'batch.create_check_constraint("x", "name <> \'\'")',
    ],
)
def test_what_takes_away_is_seen(planted):
    assert taken_away(f"def upgrade():\n    {planted}\n")
    assert not taken_away(f"def downgrade():\n    {planted}\n")


def test_what_only_adds_is_let_through():
    added = [
        'op.add_column("family", sa.Column("x", sa.Text(), nullable=True))',
        'op.add_column("family", sa.Column("x", sa.Integer(), nullable=False, server_default="0"))',
        'op.create_table("new", sa.Column("x", sa.Text(), nullable=False))',
        'op.create_index("new_x", "new", ["x"])',
    ]
    assert not taken_away("def upgrade():\n    " + "\n    ".join(added) + "\n")


# ---- the schema that old code sees


LAST_OF_BEFORE = "0026"  # the newest migration of the release before this one


def shape(url):
    """Table -> column -> may it be left out by who does not know it."""
    database = open_database(url)
    try:
        seen = inspect(database._engine)
        return {
            table: {
                each["name"]: (
                    str(each["type"]),
                    each["nullable"],
                    bool(each["nullable"] or each["default"]),
                )
                for each in seen.get_columns(table)
            }
            for table in seen.get_table_names()
        }
    finally:
        database.close()


def test_the_release_before_runs_on_the_schema_of_today(tmp_path, monkeypatch):
    """Every table and column it writes is there, as loose as it was; what is new may stay empty."""
    before, today = (f"sqlite:///{tmp_path / name}.db" for name in ("before", "today"))
    for url, revision in ((before, LAST_OF_BEFORE), (today, "head")):
        database = open_database(url)
        monkeypatch.setattr(upgrading, "HEAD", revision)
        database.upgrade()
        database.close()
    old, new = shape(before), shape(today)
    assert len(old) > 50
    for table, columns in old.items():
        for name, (kind, nullable, _) in columns.items():
            assert name in new[table], f"{table}.{name} is gone"
            assert new[table][name][0] == kind, f"{table}.{name} is of another type"
            assert new[table][name][1] or not nullable, f"{table}.{name} may not be empty any more"
        for name in new[table].keys() - columns.keys():
            assert new[table][name][2], f"{table}.{name} must be filled, old code does not"
    assert set(new) - {"alembic_version"} == set(metadata.tables)


# ---- locks


class LockedConnection:
    """A database where somebody keeps a table, for so many tries."""

    def __init__(self, tries):
        self.left = tries

    def begin(self):
        self.left -= 1
        if self.left < 0:
            return _Nothing()

        class LockedHereError(Exception):
            sqlstate = upgrading.LOCK_NOT_AVAILABLE

        raise OperationalError("ALTER TABLE", {}, LockedHereError())


class _Nothing:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


@pytest.mark.parametrize(("tries", "good"), [(0, True), (3, True), (upgrading.TRIES_MAX, False)])
def test_a_table_in_use_is_tried_again_and_not_for_ever(monkeypatch, tries, good):
    done = []
    monkeypatch.setattr(upgrading.time, "sleep", lambda _: None)
    monkeypatch.setattr(upgrading, "_limit", lambda _: None)
    monkeypatch.setattr(upgrading, "_run", done.append)
    assert upgrading.upgrade(LockedConnection(tries)) is good
    assert len(done) == good
