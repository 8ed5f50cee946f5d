"""An installation of before gets its templates into the log, in the order they were made."""

from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select, text

from pos_engine.store.database import open_database
from pos_engine.store.schema import template, template_head, template_log

ROWS = """INSERT INTO template (shard, template_id, kpm_id, person_id, model_id, version, sealed,
quality, created_at, revoked_at) VALUES (1, :id, 'K', 'P', 'm', 1, :sealed, 80, :at, :gone)"""


@pytest.fixture
def before(prepared):
    """An empty database of the schema before the log."""
    url, _ = prepared
    database = open_database(url)
    config = Config()
    config.set_main_option("script_location", "pos_engine.store:migrations")
    with database._engine.begin() as connection:
        config.attributes["connection"] = connection
        _empty(connection)
        command.upgrade(config, "0002")
    yield database
    database.close()


def _empty(connection):
    if connection.dialect.name == "postgresql":
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
        return
    names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
    for name in names.scalars().all():
        connection.execute(text(f'DROP TABLE "{name}"'))


def test_templates_of_before_are_in_force_after(before):
    days = {"b": 2, "a": 1, "gone": 3}
    with before.begin() as tx:
        for name, day in days.items():
            at = datetime(2026, 1, day, tzinfo=UTC)
            row = {"id": name, "sealed": b"x", "at": at, "gone": at if name == "gone" else None}
            tx.execute(text(ROWS), row)
    before.upgrade()
    with before.read() as tx:
        numbers = dict(tx.execute(select(template.c.template_id, template.c.number)).all())
        log = tx.execute(select(template_log.c.number, template_log.c.template_id)).all()
        assert numbers == {"a": 1, "b": 2, "gone": None}
        assert [tuple(row) for row in log] == [(1, "a"), (2, "b")]
        assert tx.execute(select(template_head.c.number)).scalar_one() == 2
        assert set(tx.execute(select(template.c.source)).scalars()) == {"ENROLMENT"}
