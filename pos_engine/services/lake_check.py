"""Does the lake say what the ledger says: sums to the rupiah, and files as they were written."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pos_engine.engine import Engine
from pos_engine.lake.folder import sha256_of
from pos_engine.lake.state import LiveFile, State, load_state
from pos_engine.lake.views import Span, opened
from pos_engine.services.lake_write import unread
from pos_engine.store import lake_feed, lake_sums
from pos_engine.store.lake_sums import (
    LEDGER,
    LINES,
    OFFLINE,
    OFFLINE_SALES,
    PURCHASES,
    RETURNS,
    Sums,
)

LIFE = Span(date.min, date.max)


@dataclass(frozen=True, slots=True)
class Difference:
    """A sum that differs, in rupiah: of what, in the lake and in the database."""

    what: str
    lake: int
    ledger: int


@dataclass(slots=True)
class LakeCheck:
    """What a check found; it is good when nothing differs and no file is damaged.

    `behind` facts are not in the lake yet: they are left out of the ledger's sums.
    """

    files: int = 0
    rows: int = 0
    behind: int = 0
    differences: list[Difference] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Nothing differs, no file is damaged."""
        return not (self.differences or self.damaged)


def check_lake(engine: Engine, lake: Path, *, every_byte: bool = False) -> LakeCheck:
    """Compare a lake with the database; every file by its size, or by its hash as well."""
    state = load_state(lake)
    files = list(state.files.values())
    found = LakeCheck(len(files), sum(each.rows for each in files))
    bad = [each for each in files if not _as_written(lake / each.path, each, every_byte=every_byte)]
    found.damaged = sorted(each.path for each in bad)
    if bad:
        return found
    ledger, found.behind = _ledger(engine, state)
    has = _has(lake, state)
    found.differences = [
        Difference(" ".join(what).strip(), has[what], ledger[what])
        for what in sorted(ledger.keys() | has.keys())
        if ledger[what] != has[what]
    ]
    return found


def _as_written(path: Path, each: LiveFile, *, every_byte: bool) -> bool:
    if not path.exists() or path.stat().st_size != each.bytes:
        return False
    return not every_byte or sha256_of(path) == each.sha256


def _ledger(engine: Engine, state: State) -> tuple[Sums, int]:
    """The database's sums without the facts that the lake has not read, and how many those are."""
    sums: Sums = Counter()
    missing = 0
    for number, view in enumerate(engine.each_database()):
        with view.database.read() as tx:
            lake_sums.one_snapshot(tx)
            missed = unread(tx, number, state)
            missing += len(missed) + lake_feed.attempts_waiting(tx)
            sums.update(lake_sums.ledger_sums(tx))
            sums.subtract(lake_sums.sums_of(tx, missed))
    return sums, missing


def _has(lake: Path, state: State) -> Sums:
    sums: Sums = Counter()
    with opened(lake, LIFE, state) as snapshot:
        for what, first, second, amount in snapshot.sql.execute(_SUMS).fetchall():
            sums[what, first, second] += int(amount or 0)
    return sums


_SUMS = f"""
SELECT '{PURCHASES}', CAST(day AS VARCHAR), province, SUM(amount)
FROM purchases WHERE status = 'APPROVED' AND line <= 0 GROUP BY ALL
UNION ALL
SELECT '{LINES}', CAST(day AS VARCHAR), province, SUM(line_total)
FROM purchases WHERE status = 'APPROVED' GROUP BY ALL
UNION ALL
SELECT '{LEDGER}', kind, '', SUM(amount) FROM movements GROUP BY ALL
UNION ALL
SELECT '{LEDGER}', 'PURCHASE', '', -SUM(amount) FROM purchases
WHERE status = 'APPROVED' AND line <= 0
  AND NOT list_contains(string_split(flags, ' '), 'PROGRAMME_LOSS')
UNION ALL
SELECT '{RETURNS}', CAST(day AS VARCHAR), province, SUM(total)
FROM (SELECT DISTINCT return_id, day, province, total FROM returns) each_return GROUP BY ALL
UNION ALL
SELECT '{OFFLINE}', outcome, '', SUM(taken) FROM offline_outcomes GROUP BY ALL
UNION ALL
SELECT '{OFFLINE_SALES}', outcome, '', COUNT(*) FROM offline_outcomes GROUP BY ALL
"""  # noqa: S608 - our own words
