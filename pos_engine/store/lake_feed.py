"""What the event lake is to read next: sealed facts by their links, others while they wait.

The audit chain is an outbox that forgets nothing: a fact is announced in its own transaction and
gets a link, in order and without holes, whoever commits late. What waits for its seal is read as
well, so that the lake is seconds behind. Attempts are not sealed: they are rows of the outbox.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import FromClause, Select, and_, bindparam, delete, func, select

from pos_engine.store.announce import Kind
from pos_engine.store.database import Tx
from pos_engine.store.keyed import keyed, rows_by
from pos_engine.store.outbox import LAKE
from pos_engine.store.schema import identity_attempt, outbox
from pos_engine.store.schema_audit import audit_head, audit_leaf, audit_pending, audit_seal

KINDS = (Kind.PURCHASE, Kind.REVERSAL, Kind.MOVEMENT, Kind.ENVELOPE_END)
WAITING_READ_MAX = 300_000  # facts without seal that are looked at; more wait for their link
_NAMES = tuple(kind.value for kind in KINDS)


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """A fact by its name in the chain."""

    shard: int
    kind: str
    subject_id: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a shard's chain: a place to go on from."""

    shard: int
    n: int
    hash: bytes


def heads(tx: Tx) -> dict[int, Link]:
    """The newest link of each shard that has one."""
    newest = and_(audit_seal.c.shard == audit_head.c.shard, audit_seal.c.n == audit_head.c.n)
    columns = (audit_seal.c.shard, audit_seal.c.n, audit_seal.c.hash)
    found = [
        Link(*row) for row in tx.execute(select(*columns).join_from(audit_head, audit_seal, newest))
    ]
    return {each.shard: each for each in found}


def links_after(tx: Tx, shard: int, n: int, limit: int) -> list[Link]:
    """The links after one, the oldest first."""
    columns = audit_seal.c
    rows = tx.execute(
        select(columns.n, columns.hash)
        .where(columns.shard == shard, columns.n > n)
        .order_by(columns.n)
        .limit(limit)
    )
    return [Link(shard, *row) for row in rows]


def link_hash(tx: Tx, shard: int, n: int) -> bytes | None:
    """The hash of one link; None when the chain does not have it."""
    columns = audit_seal.c
    found = select(columns.hash).where(columns.shard == shard, columns.n == n)
    return tx.execute(found).scalar_one_or_none()


def leaves_between(
    tx: Tx, shard: int, after: int, last: int, kinds: Sequence[str] = _NAMES
) -> list[Fact]:
    """The facts of these kinds under the links after..last; all kinds of the lake unless told."""
    columns = audit_leaf.c
    rows = tx.execute(
        select(columns.shard, columns.kind, columns.subject_id)
        .where(columns.shard == shard, columns.batch > after, columns.batch <= last)
        .where(columns.kind.in_(kinds))
        .order_by(columns.batch, columns.position)
    )
    return [Fact(*row) for row in rows]


def waiting(tx: Tx) -> list[Fact]:
    """Facts without a seal, at most WAITING_READ_MAX."""
    columns = audit_pending.c
    rows = tx.execute(
        select(columns.shard, columns.kind, columns.subject_id)
        .where(columns.kind.in_(_NAMES))
        .limit(WAITING_READ_MAX)
    )
    return [Fact(*row) for row in rows]


def _leaves(wanted: FromClause) -> Select[tuple[object, ...]]:
    columns = audit_leaf.c
    mine = and_(
        columns.shard == wanted.c.shard,
        columns.kind == wanted.c.first,
        columns.subject_id == wanted.c.second,
    )
    found = (columns.shard, columns.kind, columns.subject_id)
    return select(*found).join_from(wanted, audit_leaf, mine)


_LEAVES = keyed(3, _leaves)


def sealed(tx: Tx, facts: Collection[Fact]) -> set[Fact]:
    """Which of these have a link by now."""
    keys = [(each.shard, each.kind, each.subject_id) for each in facts]
    return {Fact(*row) for row in rows_by(tx, _LEAVES, keys)}


@dataclass(frozen=True, slots=True)
class AttemptEvent:
    """An attempt that is not in the lake yet; its row in the outbox goes when it is."""

    shard: int
    event_id: str


def attempt_events(tx: Tx, limit: int) -> list[AttemptEvent]:
    """Attempts that wait, taken by state: a late commit is never skipped."""
    columns = outbox.c
    rows = tx.execute(
        select(columns.shard, columns.event_id).where(columns.state == LAKE).limit(limit)
    )
    return [AttemptEvent(*row) for row in rows]


_FORGET = delete(outbox).where(
    outbox.c.shard == bindparam("at_shard"),
    outbox.c.event_id == bindparam("at_event"),
    outbox.c.state == LAKE,
)


def forget_events(tx: Tx, events: Sequence[AttemptEvent]) -> None:
    """These are in the lake; again is harmless."""
    rows = [{"at_shard": each.shard, "at_event": each.event_id} for each in events]
    if rows:
        tx.execute(_FORGET, rows)


def attempts_before(tx: Tx, shards: range, limit: int | None = None) -> list[tuple[int, str]]:
    """Attempts of these shards that never were in the outbox: those from before the lake."""
    columns = identity_attempt.c
    waits = and_(
        outbox.c.shard == columns.shard,
        outbox.c.event_id == columns.attempt_id,
        outbox.c.state == LAKE,
    )
    rows = tx.execute(
        select(columns.shard, columns.attempt_id)
        .where(columns.shard >= shards.start, columns.shard < shards.stop)
        .where(~select(outbox.c.shard).where(waits).exists())
        .order_by(columns.shard, columns.attempt_id)
        .limit(limit)
    )
    return [(row.shard, row.attempt_id) for row in rows]


def attempts_waiting(tx: Tx) -> int:
    """How many attempts are not in the lake."""
    query = select(func.count()).select_from(outbox).where(outbox.c.state == LAKE)
    return int(tx.execute(query).scalar_one())
