"""A report as a file: streamed from the lake when it answers, else from the database's rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from pos_engine.engine import Engine
from pos_engine.lake.folder import LakeError
from pos_engine.services.lake_reports import LOOKS_MAX, UNREADABLE, Question, answer
from pos_engine.services.report import (
    COMPLETED,
    LAKE_REPORTS,
    REPORTS,
    WORK_LISTS,
    Row,
    Scope,
    make_report,
)
from pos_engine.services.report_files import Counted, Facts, write_file
from pos_engine.store.database import Tx
from pos_engine.store.work_lists import FILE_ROWS_MAX, Look


@dataclass(frozen=True, slots=True)
class Asked:
    """A report to be: its name, local days, rows, and the moment whose knowledge counts."""

    name: str
    first: date
    last: date
    scope: Scope
    as_of: datetime | None = None

    def facts(self, engine: Engine, columns: tuple[str, ...], known: datetime | None) -> Facts:
        """What the file says of itself."""
        given = {"region": self.scope.region, "shop_id": self.scope.shop_id}
        asked = {"from": self.first.isoformat(), "to": self.last.isoformat()}
        asked |= {name: value for name, value in given.items() if value}
        made_at = None if self.as_of else engine.now()
        return Facts(self.name, columns, asked, made_at, self.as_of, known)


def write_download(engine: Engine, asked: Asked, output: str, path: Path) -> Counted:
    """Write a report as csv, xlsx, parquet or json; its rows and their hash."""
    for look in range(LOOKS_MAX):
        try:
            with _rows(engine, asked) as (columns, rows, known):
                return write_file(path, output, asked.facts(engine, columns, known), rows)
        except UNREADABLE as error:
            if look == LOOKS_MAX - 1:
                raise LakeError(f"The lake cannot be read: {error}") from None
    raise AssertionError  # pragma: no cover - the loop returns or raises


@contextmanager
def _rows(
    engine: Engine, asked: Asked
) -> Iterator[tuple[tuple[str, ...], Iterator[Row], datetime | None]]:
    if asked.name in LAKE_REPORTS and asked.name not in COMPLETED:
        scope = asked.scope
        question = Question(
            asked.name, asked.first, asked.last, scope.region, scope.shop_id, asked.as_of
        )
        with answer(engine, question) as found:
            if found is not None:
                yield REPORTS[asked.name].columns, found.rows, found.known_until
                return
    if asked.name in WORK_LISTS and (asked.as_of is None or WORK_LISTS[asked.name].as_of):
        with engine.database.read() as tx:
            yield WORK_LISTS[asked.name].columns, _listed(engine, tx, asked), None
            return
    made = make_report(engine, asked.name, asked.first, asked.last, asked.scope, asked.as_of)
    yield made.columns, iter(made.rows), made.known_until


def _listed(engine: Engine, tx: Tx, asked: Asked) -> Iterator[Row]:
    """The rows of a list one by one, however many they are; none of a shop."""
    if asked.scope.shop_id:
        return iter(())
    look = Look(asked.first, asked.last, asked.scope.region, engine.now(), asked.as_of)
    return WORK_LISTS[asked.name].make(tx, replace(look, limit=FILE_ROWS_MAX))
