"""What happened before holds, lists and settlements had seals of their own waits for them now."""

from datetime import UTC, date, datetime

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select, text

from pos_engine.store import installation
from pos_engine.store.audit_sources import SEALED_SINCE
from pos_engine.store.database import open_database
from pos_engine.store.schema_audit import audit_pending
from tests.store.test_template_log import _empty

FACTS = {"at": datetime(2026, 1, 2, tzinfo=UTC), "day": date(2026, 1, 2), "hash": b"x" * 32}
ROWS = (
    """INSERT INTO hold VALUES (1, 'held', 'K', 'S', 'BANK', 5, 'HELD', 0, NULL, :hash, :at, :at,
    NULL)""",
    """INSERT INTO hold VALUES (1, 'gone', 'K', 'S', 'BANK', 5, 'RELEASED', 0, NULL, :hash, :at,
    :at, :at)""",
    "INSERT INTO hold_draw VALUES (1, 'held', 0, 'W', 3)",
    "INSERT INTO hold_draw VALUES (1, 'held', 1, 'V', 2)",
    "INSERT INTO idle_list VALUES (0, 'made', 'MADE', 1, 5, 'x', 'a', NULL, :at, NULL)",
    "INSERT INTO idle_list VALUES (0, 'done', 'DONE', 1, 5, 'x', 'a', 'b', :at, :at)",
    "INSERT INTO idle_item VALUES (1, 'done', 'W', 'K', 'BPNT', '2026-01', 5, 'RETURNED')",
    "INSERT INTO idle_item VALUES (1, 'made', 'W', 'K', 'BPNT', '2026-01', 5, 'WAITING')",
    "INSERT INTO shop_account VALUES (2, 'S', 1, 'B', :hash, 'ACTIVE', 'a', 'b', :at, :at)",
    "INSERT INTO shop_account VALUES (2, 'S', 2, 'B', :hash, 'PROPOSED', 'a', NULL, :at, NULL)",
    "INSERT INTO settlement_window VALUES (2, 'S', :day, 1, 5, 0, 5, 0)",
    "INSERT INTO escrow_day VALUES (0, :day, '{}', 'a', :at)",
    "INSERT INTO audit_day VALUES (0, :day, :hash, :hash, 1, :at, 's', 'k')",
)


@pytest.fixture
def before(prepared):
    """A database of the schema before this version, in which something happened."""
    database = open_database(prepared[0])
    config = Config()
    config.set_main_option("script_location", "pos_engine.store:migrations")
    with database._engine.begin() as connection:
        config.attributes["connection"] = connection
        _empty(connection)
        command.upgrade(config, "0018")
        for row in ROWS:
            used = {name: value for name, value in FACTS.items() if f":{name}" in row}
            connection.execute(text(row), used)
    yield database
    database.close()


def test_everything_that_is_done_waits_for_its_seal(before):
    before.upgrade()
    with before.read() as tx:
        waits = tx.execute(select(audit_pending.c.kind, audit_pending.c.subject_id)).all()
        since = datetime.fromisoformat(installation.fact(tx, SEALED_SINCE))
    assert {tuple(each) for each in waits} == {
        ("HOLD", "held"),
        ("HOLD", "gone"),
        ("HOLD_DRAW", "held"),
        ("HOLD_END", "gone"),
        ("IDLE_LIST", "made"),
        ("IDLE_LIST", "done"),
        ("IDLE_APPROVAL", "done"),
        ("IDLE_ITEM", "done"),
        ("SHOP_ACCOUNT", "S:1"),
        ("WINDOW", "S:2026-01-02"),
        ("ESCROW_DAY", "2026-01-02"),
    }
    assert since > FACTS["at"]
