"""Check the audit chain: read everything again and name the first thing that is not as sealed."""

from bisect import bisect_left
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby

from pos_engine.engine import Engine
from pos_engine.rules.audit import ROW_FORMAT, local_day
from pos_engine.rules.merkle import NO_HASH, root_of
from pos_engine.services.audit import leaf_of, parts_of
from pos_engine.store import audit, installation
from pos_engine.store.announce import Kind
from pos_engine.store.audit_rows import Fact, facts, orphans, waiting_facts
from pos_engine.store.audit_sources import SEALED_LATER, SEALED_SINCE, SOURCES
from pos_engine.store.database import Tx
from pos_engine.store.disbursements import STATUSES as RUN_STATUSES

PROBLEMS_MAX = 100  # a check stops when it has found so many


class Fault(StrEnum):
    """What is wrong."""

    ALTERED = "ALTERED"
    MISSING = "MISSING"
    EXTRA = "EXTRA"  # a row that came when its day was closed already
    UNSEALED = "UNSEALED"  # a row that has no leaf and waits for none: put in, or not announced
    LEAVES_ALTERED = "LEAVES_ALTERED"  # removed, added, or in another order
    SEAL_ALTERED = "SEAL_ALTERED"
    SEAL_MISSING = "SEAL_MISSING"
    DAY_ALTERED = "DAY_ALTERED"
    DAY_SIGNATURE = "DAY_SIGNATURE"
    ROOT_DIFFERS = "ROOT_DIFFERS"  # the chain says another root than was published
    ROOT_SIGNATURE = "ROOT_SIGNATURE"  # the published file is not under its own signature


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it was sealed: which row, and under which link it was."""

    fault: Fault
    table: str
    subject_id: str
    shard: int | None = None
    batch: int | None = None


@dataclass(slots=True)
class Verified:
    """What was read, and what is wrong with it."""

    leaves: int = 0
    seals: int = 0
    days: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Nothing was altered, removed or put in."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class _Calendar:
    """When each closed day was closed: a row dated before that and sealed after it is a fraud."""

    days: list[date]
    closed_at: list[datetime]
    since: datetime | None = None  # when the kinds came that are sealed since a later version

    def shut(self, kind: Kind, moment: datetime | None, sealed_at: datetime | None) -> bool:
        """Was the day of `moment` closed before this was sealed (None: not yet sealed)."""
        if moment is None:  # a row without a time; a run of format 1 that nobody approved yet
            return False
        if self.since is not None and kind in SEALED_LATER:
            moment = max(moment, self.since)
        at = bisect_left(self.days, local_day(moment))
        if at == len(self.days):
            return False
        return sealed_at is None or sealed_at > self.closed_at[at]


def verify(
    engine: Engine,
    first: date = date.min,
    last: date = date.max,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Verified:
    """Check every leaf, link and day of a range, then every row that has no leaf."""
    with engine.database.read() as tx:
        closed, shards = audit.days(tx, date.min, date.max), audit.sealed_shards(tx)
        upgraded = installation.fact(tx, SEALED_SINCE)
    calendar = _Calendar(
        [c.day.day for c in closed],
        [c.day.closed_at for c in closed],
        datetime.fromisoformat(upgraded) if upgraded else None,
    )
    result = Verified()
    for done, shard in enumerate(shards, 1):
        with engine.database.read() as tx:
            _take(result, _of_shard(tx, shard, first, last, calendar, result))
        progress(done, len(shards))
    with engine.database.read() as tx:
        _take(result, _of_days(tx, engine, first, last, result))
        _take(result, _without_leaf(tx, calendar))
    return result


def _take(result: Verified, problems: Generator[Problem]) -> None:
    """Read on while there is room: a destroyed database is not listed row by row."""
    with closing(problems):
        while len(result.problems) < PROBLEMS_MAX and (found := next(problems, None)):
            result.problems.append(found)


def _of_shard(
    tx: Tx, shard: int, first: date, last: date, calendar: _Calendar, result: Verified
) -> Generator[Problem]:
    before: audit.Stored | None = None
    for stored in audit.seals(tx, first, last, shard):
        seal = stored.seal
        if before is None and seal.n > 1:
            before = audit.find_seal(tx, shard, seal.n - 1)
        n_before, hash_before = (before.seal.n, before.hash) if before else (0, NO_HASH)
        for n in range(n_before + 1, seal.n):
            yield Problem(Fault.SEAL_MISSING, "audit_seal", f"{shard}/{n}", shard, n)
        yield from _of_batch(tx, stored, calendar, result)
        linked = seal.prev == hash_before or seal.n != n_before + 1
        if not linked or stored.hash != seal.hash:
            yield Problem(Fault.SEAL_ALTERED, "audit_seal", f"{shard}/{seal.n}", shard, seal.n)
        result.seals += 1
        before = stored


def _of_batch(
    tx: Tx, stored: audit.Stored, calendar: _Calendar, result: Verified
) -> Generator[Problem]:
    """Each fact against its leaf, then the leaves against their root."""
    seal = stored.seal
    leaves = audit.leaves_of(tx, seal.shard, seal.n)
    for (kind, row_format), own in groupby(leaves, lambda leaf: (leaf.kind, leaf.row_format)):
        group = list(own)
        found = facts(tx, seal.shard, kind, [leaf.subject_id for leaf in group], row_format)
        for leaf in group:
            fault = _fault(leaf, found.get(leaf.subject_id), seal.sealed_at, calendar)
            if fault is not None:
                yield Problem(fault, SOURCES[kind].table.name, leaf.subject_id, seal.shard, seal.n)
    result.leaves += len(leaves)
    if len(leaves) != seal.count or root_of(leaf.entry for leaf in leaves) != seal.root:
        name = f"{seal.shard}/{seal.n}"
        yield Problem(Fault.LEAVES_ALTERED, "audit_leaf", name, seal.shard, seal.n)


def _fault(
    leaf: audit.Leaf, fact: Fact | None, sealed_at: datetime, calendar: _Calendar
) -> Fault | None:
    if fact is None:
        return Fault.MISSING
    if leaf not in (_made(leaf, each) for each in _as_sealed(leaf, fact)):
        return Fault.ALTERED
    return Fault.EXTRA if calendar.shut(leaf.kind, fact.moment, sealed_at) else None


def _made(leaf: audit.Leaf, fact: Fact) -> audit.Leaf:
    return leaf_of(leaf.kind, leaf.subject_id, fact, leaf.position, leaf.row_format)


def _as_sealed(leaf: audit.Leaf, fact: Fact) -> Iterator[Fact]:
    """The fact as it may have been when it was sealed: as now; a run of format 1 in any status."""
    yield fact
    if leaf.kind is not Kind.RUN or leaf.row_format != 1:
        return
    row = fact.rows[0]
    for changed in ({}, {"approved_by": None, "approved_at": None}):
        for status in RUN_STATUSES:
            yield replace(fact, rows=[{**row, **changed, "status": status}])


def _of_days(
    tx: Tx, engine: Engine, first: date, last: date, result: Verified
) -> Generator[Problem]:
    before = audit.last_day(tx, first)
    for closed in audit.days(tx, first, last):
        day, name = closed.day, str(closed.day.day)
        parts = parts_of(
            audit.seals(tx, before.day.day if before else date.min, day.day, after=True)
        )
        stored = audit.parts_of_day(tx, day.day)
        for shard in sorted(shard for shard, _ in parts.items() ^ stored.items()):
            yield Problem(Fault.DAY_ALTERED, "audit_day_shard", f"{shard}/{name}", shard)
        root, seals = root_of(part for part, _ in parts.values()), sum(n for _, n in parts.values())
        prev = before.day.hash if before else NO_HASH
        if (day.prev, day.root, day.seals) != (prev, root, seals):
            yield Problem(Fault.DAY_ALTERED, "audit_day", name)
        if not engine.keys.signature_ok(day.text.encode(), closed.signature):
            yield Problem(Fault.DAY_SIGNATURE, "audit_day", name)
        result.days += 1
        before = closed


def _without_leaf(tx: Tx, calendar: _Calendar) -> Generator[Problem]:
    """Leaves without link, facts without leaf, and facts that came when their day was closed."""
    for shard, n in audit.batches_without_seal(tx):
        yield Problem(Fault.SEAL_MISSING, "audit_seal", f"{shard}/{n}", shard, n)
    for shard, n in audit.heads_without_seal(tx):
        yield Problem(Fault.SEAL_MISSING, "audit_seal", f"{shard}/{n}", shard, n)
    for kind in Kind:
        for shard, subject in orphans(tx, kind):
            yield Problem(Fault.UNSEALED, SOURCES[kind].table.name, subject, shard)
    for shard, kind, names in waiting_facts(tx):
        for name, fact in facts(tx, shard, kind, names, ROW_FORMAT).items():
            if calendar.shut(kind, fact.moment, None):
                yield Problem(Fault.EXTRA, SOURCES[kind].table.name, name, shard)
