"""An installation loses its triggers and nothing else: what waited for its seal still waits."""

from datetime import UTC, date, datetime

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select, text

from pos_engine.store.database import open_database
from pos_engine.store.schema_audit import audit_head, audit_pending
from tests.store.test_template_log import _empty

AT = datetime(2026, 1, 2, tzinfo=UTC)
RUN = """INSERT INTO disbursement_run (shard, run_id, programme, period, file_sha256,
expected_count, expected_total, expires_on, status, papers, made_by, approved_by, created_at,
approved_at) VALUES (1, :id, 'BPNT', '2026-01', 'x', 1, 1, :day, :status, '{}', 'a', 'b', :at,
:approved)"""
CATALOGUE = """INSERT INTO catalogue (shard, version, files, loaded_at, loaded_by)
VALUES (0, :version, '{}', :at, 'a')"""
EVENT = """INSERT INTO disbursement_event (shard, run_id, number, kind, officer, at)
VALUES (1, 'credited', :number, 'APPROVED', 'b', :at)"""
SEAL = """INSERT INTO audit_seal (shard, n, prev, root, count, day, sealed_at, hash)
VALUES (3, 4, :hash, :hash, 1, :day, :at, :hash)"""


@pytest.fixture
def before(prepared):
    """A database of the schema with triggers, in which something happened."""
    database = open_database(prepared[0])
    config = Config()
    config.set_main_option("script_location", "pos_engine.store:migrations")
    with database._engine.begin() as connection:
        config.attributes["connection"] = connection
        _empty(connection)
        command.upgrade(config, "0007")
        facts = {"day": date(2026, 1, 2), "at": AT}
        connection.execute(text(CATALOGUE), {"version": "v1", "at": AT})
        for name, status, approved in (
            ("staging", "STAGING", None),
            ("credited", "CREDITED", AT),
        ):
            row = facts | {"id": name, "status": status, "approved": approved}
            connection.execute(text(RUN), row)
        for number in (1, 2):
            connection.execute(text(EVENT), {"number": number, "at": AT})
        connection.execute(text(SEAL), facts | {"hash": b"x" * 32})
    yield database
    database.close()


def triggers(tx):
    if tx.dialect.name == "postgresql":
        names = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal UNION ALL SELECT proname "
        names += "FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    else:
        names = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    return list(tx.execute(text(names)).scalars())


def test_triggers_go_and_what_waited_still_waits(before):
    with before.read() as tx:
        assert len(triggers(tx)) >= 7
    before.upgrade()
    with before.begin() as tx:
        assert triggers(tx) == []
        tx.execute(text(CATALOGUE), {"version": "v2", "at": AT})
        waits = tx.execute(select(audit_pending.c.kind, audit_pending.c.subject_id)).all()
        heads = dict(tx.execute(select(audit_head.c.shard, audit_head.c.n)).all())
    assert {tuple(each) for each in waits} == {
        ("CATALOGUE", "v1"),
        ("RUN", "credited"),
        ("RUN_EVENT", "credited:1"),
        ("RUN_EVENT", "credited:2"),
    }
    assert heads == {shard: 4 if shard == 3 else 0 for shard in range(1024)}
