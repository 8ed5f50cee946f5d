"""Seal what happened: batches of facts into each shard's chain, and each day under one root."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import groupby

from pos_engine.engine import Engine
from pos_engine.rules.audit import (
    ROW_FORMAT,
    Day,
    Seal,
    closable_day,
    receipt_leaf,
    row_leaf,
)
from pos_engine.rules.merkle import NO_HASH, Tree, root_of
from pos_engine.store import audit
from pos_engine.store.announce import Kind
from pos_engine.store.audit_rows import Fact, facts
from pos_engine.store.database import Tx

LEAVES_MAX = 500  # facts under one link
BATCHES_MAX = 64  # links of one round
GONE = "GONE"  # what the leaf of a fact says that vanished before its seal


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one round did. `more` when facts were left for the next."""

    leaves: int
    seals: int
    more: bool


class NotClosed(StrEnum):
    """Why a day is not closed."""

    TOO_EARLY = "TOO_EARLY"
    LATER_CLOSED = "LATER_CLOSED"  # the days are a chain: no day is put in afterwards


def seal_pending(engine: Engine, day: date | None = None) -> Sealed:
    """One bounded round. Sealing twice is once, and any number of sealers may run.

    The links belong to `day`, else to the day that is not closable yet: 00.10 to 00.10 WIB.
    """
    into = day or closable_day(engine.now()) + timedelta(days=1)
    with engine.database.read() as tx:
        shards = audit.shards_waiting(tx, BATCHES_MAX)
    counts = [
        engine.database.transact(partial(_seal, engine=engine, shard=at, into=into))
        for at in shards
    ]
    more = len(shards) == BATCHES_MAX or LEAVES_MAX in counts
    return Sealed(sum(counts), sum(count > 0 for count in counts), more)


def _seal(tx: Tx, engine: Engine, shard: int, into: date) -> int:
    """Append one link with everything that waits, at most LEAVES_MAX; how much waited."""
    audit.lock_shard(tx, shard)
    taken = audit.waiting(tx, shard, LEAVES_MAX)
    leaves: list[audit.Leaf] = []
    for kind, pairs in groupby(taken, lambda pair: pair[0]):
        subjects = [subject for _, subject in pairs]
        done = audit.sealed_already(tx, shard, kind, subjects)
        fresh = [each for each in subjects if each not in done]
        found = facts(tx, shard, kind, fresh, ROW_FORMAT)
        leaves += [leaf_of(kind, name, found.get(name), len(leaves) + at)
                   for at, name in enumerate(fresh)]  # fmt: skip
        audit.stop_waiting(tx, shard, kind, subjects)
    if leaves:
        audit.add_seal(tx, _next_seal(tx, shard, leaves, into, engine.now()), leaves)
    return len(taken)


def leaf_of(
    kind: Kind, subject: str, fact: Fact | None, position: int, row_format: int = ROW_FORMAT
) -> audit.Leaf:
    """The leaf of a fact as it stands now."""
    if fact is None:
        gone = row_leaf(kind.value, [{GONE: subject}], row_format)
        return audit.Leaf(position, kind, subject, row_format, gone)
    row_hash = row_leaf(kind.value, fact.rows, row_format)
    said = receipt_facts(fact.answer, subject) if fact.answer else None
    if said is None:
        return audit.Leaf(position, kind, subject, row_format, row_hash)
    number = fact.rows[0]["number"]
    return audit.Leaf(position, kind, subject, row_format, row_hash, receipt_leaf(said), number)


def receipt_facts(answer: str, purchase_id: str) -> str | None:
    """What the receipt of a stored answer says, as it was signed; None without a receipt."""
    try:
        verify: str = json.loads(answer)["receipt"]["verify"]
        return f"{verify.rpartition('*')[0]}*{purchase_id}"
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # a refusal has none; an answer that somebody spoilt is found by its row


def _next_seal(tx: Tx, shard: int, leaves: list[audit.Leaf], into: date, now: datetime) -> Seal:
    """The link after the newest; never in a day that is closed, whatever a clock says."""
    last, closed = audit.last_seal(tx, shard), audit.last_day(tx)
    days = [into]
    days += [last.seal.day] if last else []
    days += [closed.day.day + timedelta(days=1)] if closed else []
    return Seal(
        shard=shard,
        n=last.seal.n + 1 if last else 1,
        prev=last.hash if last else NO_HASH,
        root=root_of(leaf.entry for leaf in leaves),
        count=len(leaves),
        day=max(days),
        sealed_at=now,
    )


def close_day(engine: Engine, day: date) -> audit.Closed | NotClosed:
    """Seal what is left and sign the root of a day; a closed day is answered as it stands."""
    if day > closable_day(engine.now()):
        return NotClosed.TOO_EARLY
    while seal_pending(engine, day).more:
        pass  # ends: every round takes BATCHES_MAX batches out of what waits
    return engine.database.transact(lambda tx: _close(tx, engine, day))


def close_finished(engine: Engine) -> audit.Closed | NotClosed | None:
    """Close yesterday as soon as it may be closed; None when that is done."""
    day = closable_day(engine.now())
    with engine.database.read() as tx:
        done = audit.closed_on(tx, day) is not None
    return None if done else close_day(engine, day)


def _close(tx: Tx, engine: Engine, day: date) -> audit.Closed | NotClosed:
    audit.lock_days(tx)
    before, stored = audit.last_day(tx, day), audit.closed_on(tx, day)
    if stored is not None:
        return stored if stored.day.day == day else NotClosed.LATER_CLOSED
    after = before.day.day if before else date.min
    parts = parts_of(audit.seals(tx, after, day, after=True))
    made = Day(
        day=day,
        prev=before.day.hash if before else NO_HASH,
        root=root_of(root for root, _ in parts.values()),
        seals=sum(count for _, count in parts.values()),
        closed_at=engine.now(),
    )
    closed = audit.Closed(made, engine.keys.sign(made.text.encode()), engine.keys.key_id)
    audit.add_day(tx, closed, parts)
    return closed


def parts_of(links: Iterable[audit.Stored]) -> dict[int, tuple[bytes, int]]:
    """Each shard's root and number of links, from links in order of their shard."""
    parts = {}
    for shard, own in groupby(links, lambda each: each.seal.shard):
        tree, count = Tree(), 0
        for each in own:
            tree.add(each.seal.leaf)
            count += 1
        parts[shard] = (tree.finish()[0], count)
    return parts
