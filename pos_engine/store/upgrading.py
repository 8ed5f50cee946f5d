"""The schema is changed beside a living engine: short locks, one statement's limit, all or nothing.

A statement that waits for a table keeps everybody behind it waiting too. So it waits for a short
while, gives up, lets them pass and tries again; old code works on the old schema meanwhile, and on
the new one after it, because migrations only add (tests/gates/test_migrations.py).
"""

import random
import time

import structlog
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

LOCK_WAIT_MS = 2_000
STATEMENT_MS_MAX = 600_000  # an index over a year's purchases; more is planned by hand
TRIES_MAX = 10
PAUSE_S = 1.0
HEAD = "head"
LOCK_NOT_AVAILABLE = "55P03"
# PostgreSQL takes a value of SET from no parameter; both are numbers of this file
_LIMITS = (
    f"SET LOCAL lock_timeout = {LOCK_WAIT_MS}",
    f"SET LOCAL statement_timeout = {STATEMENT_MS_MAX}",
)
log = structlog.get_logger()


def upgrade(engine: Engine) -> bool:
    """Bring the schema to the newest version; False when a table stayed locked.

    The migrations travel inside the package.
    """
    for attempt in range(1, TRIES_MAX + 1):
        try:
            with engine.begin() as connection:
                _limit(connection)
                _run(connection)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
            log.warning("schema.table_in_use", attempt=attempt)
        else:
            return True
        time.sleep(random.uniform(PAUSE_S / 2, PAUSE_S))  # noqa: S311 - jitter
    return False


def _limit(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        for each in _LIMITS:
            connection.exec_driver_sql(each)


def _run(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", "pos_engine.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
