"""What a probe asks of one database: can it be written, which schema, what time is it there."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import func, select, update
from sqlalchemy.sql.expression import column, table

from pos_engine.store import audit
from pos_engine.store.database import Database

# Alembic's own table: one row, which nobody else locks while the engine runs.
_VERSION = table("alembic_version", column("version_num"))


@dataclass(frozen=True, slots=True)
class State:
    """What was found."""

    revision: str
    at: datetime | None  # by the database's clock; SQLite has none of its own
    last_closed_day: datetime | None  # the newest day that the record says is over


def look(database: Database) -> State:
    """Write nothing, but by a statement that writes: `UnavailableError` when that fails."""
    with database.begin() as tx:
        tx.execute(update(_VERSION).values(version_num=_VERSION.c.version_num))
        revision = str(tx.execute(select(_VERSION.c.version_num)).scalar_one())
        at = None
        if database.dialect == "postgresql":
            at = tx.execute(select(func.clock_timestamp())).scalar_one()
        closed = audit.last_day(tx)
        day = datetime.combine(closed.day.day, datetime.min.time()) if closed else None
        tx.rollback()
    return State(revision, at, day)


@lru_cache(1)
def known_revisions() -> tuple[str, ...]:
    """The migrations that this program carries, the newest first."""
    from alembic.config import Config  # noqa: PLC0415 - half a second that only a probe needs
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "pos_engine.store:migrations")
    return tuple(each.revision for each in ScriptDirectory.from_config(config).walk_revisions())
