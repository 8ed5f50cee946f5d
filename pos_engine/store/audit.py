"""The audit chain in the database: what waits, leaves, links, closed days. Append-only."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, delete, func, insert, select, update

from pos_engine.rules.audit import Day, Seal
from pos_engine.rules.merkle import NO_HASH, Side, Step, climbed
from pos_engine.store.announce import Kind
from pos_engine.store.audit_rows import PAGE_ROWS
from pos_engine.store.database import Tx
from pos_engine.store.schema_audit import (
    audit_day,
    audit_day_shard,
    audit_head,
    audit_leaf,
    audit_pending,
    audit_seal,
)

DAY_SHARD = 0  # one calendar for the nation
MATCHES_MAX = 5  # receipts of one number: its randomness is 32 bits a regency and day
HEADS_MAX = 100  # chains cut short that are listed


@dataclass(frozen=True, slots=True)
class Leaf:
    """One sealed fact. `label` is the number of its receipt."""

    position: int
    kind: Kind
    subject_id: str
    row_format: int
    row_hash: bytes
    receipt: bytes | None = None
    label: str | None = None

    @property
    def entry(self) -> bytes:
        """What stands in the batch's tree: a receipt proves itself through its own half."""
        return climbed(self.receipt, (self.step,)) if self.receipt else self.row_hash

    @property
    def step(self) -> Step:
        """From the receipt's half to the whole entry."""
        return Step(Side.RIGHT, self.row_hash)


@dataclass(frozen=True, slots=True)
class Stored:
    """A link as it stands, with the hash that was written beside it."""

    seal: Seal
    hash: bytes


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed day with its signature."""

    day: Day
    signature: str
    key_id: str


def lock_shard(tx: Tx, shard: int) -> None:
    """Nobody else seals this shard, and no day is closed, until we commit."""
    head = select(audit_head.c.n).where(audit_head.c.shard == shard)
    tx.execute(head.with_for_update()).scalar_one()


def lock_days(tx: Tx) -> None:
    """Nobody seals anything until we commit."""
    heads = select(audit_head.c.n).order_by(audit_head.c.shard)
    tx.execute(heads.with_for_update()).all()


def shards_waiting(tx: Tx, limit: int) -> list[int]:
    """Shards with facts to seal, in any order: none starves behind a busy one."""
    shards = select(audit_pending.c.shard).distinct().subquery()
    return list(tx.execute(select(shards).order_by(func.random()).limit(limit)).scalars())


def waiting(tx: Tx, shard: int, limit: int) -> list[tuple[Kind, str]]:
    """Facts of a shard that have no seal yet."""
    columns = audit_pending.c
    rows = tx.execute(
        select(columns.kind, columns.subject_id)
        .where(columns.shard == shard)
        .order_by(columns.kind, columns.subject_id)
        .limit(limit)
    )
    return [(Kind(kind), subject) for kind, subject in rows]


def sealed_already(tx: Tx, shard: int, kind: Kind, subjects: Sequence[str]) -> set[str]:
    """Which of these have a leaf."""
    columns = audit_leaf.c
    rows = tx.execute(
        select(columns.subject_id).where(
            columns.shard == shard, columns.kind == kind.value, columns.subject_id.in_(subjects)
        )
    )
    return set(rows.scalars())


def stop_waiting(tx: Tx, shard: int, kind: Kind, subjects: Sequence[str]) -> None:
    """These need no seal any more."""
    columns = audit_pending.c
    tx.execute(
        delete(audit_pending).where(
            columns.shard == shard, columns.kind == kind.value, columns.subject_id.in_(subjects)
        )
    )


def add_seal(tx: Tx, seal: Seal, leaves: Sequence[Leaf]) -> None:
    """Append a link with its leaves; `ConflictError` when a rival wrote the same link."""
    tx.execute(insert(audit_seal), asdict(seal) | {"hash": seal.hash})
    place = {"shard": seal.shard, "batch": seal.n}
    tx.execute(insert(audit_leaf), [place | asdict(leaf) for leaf in leaves])
    tx.execute(update(audit_head).where(audit_head.c.shard == seal.shard).values(n=seal.n))


def heads_without_seal(tx: Tx) -> list[tuple[int, int]]:
    """Shards whose newest link, by its number, is not the last that is there."""
    newest = (
        select(func.coalesce(func.max(audit_seal.c.n), 0))
        .where(audit_seal.c.shard == audit_head.c.shard)
        .scalar_subquery()
    )
    query = select(audit_head.c.shard, audit_head.c.n).where(audit_head.c.n != newest)
    rows = tx.execute(query.order_by(audit_head.c.shard).limit(HEADS_MAX))
    return [(shard, n) for shard, n in rows]


def sealed_shards(tx: Tx) -> list[int]:
    """Shards that have a chain."""
    return sorted(tx.execute(select(audit_seal.c.shard).distinct()).scalars())


def last_seal(tx: Tx, shard: int) -> Stored | None:
    """The newest link of a shard."""
    query = _seals().where(audit_seal.c.shard == shard).order_by(audit_seal.c.n.desc()).limit(1)
    row = tx.execute(query).one_or_none()
    return _stored(row) if row else None


def find_seal(tx: Tx, shard: int, n: int) -> Stored | None:
    """One link."""
    row = tx.execute(_seals().where(audit_seal.c.shard == shard, audit_seal.c.n == n)).one_or_none()
    return _stored(row) if row else None


def seals(
    tx: Tx, first: date, last: date, shard: int | None = None, *, after: bool = False
) -> Iterator[Stored]:
    """The links of these days by shard and number, as a stream; `after` leaves out `first`."""
    day = audit_seal.c.day
    query = _seals().where(day > first if after else day >= first, day <= last)
    if shard is not None:
        query = query.where(audit_seal.c.shard == shard)
    query = query.order_by(audit_seal.c.shard, audit_seal.c.n)
    with tx.execute(query.execution_options(yield_per=PAGE_ROWS)) as rows:  # may be left early
        for row in rows:
            yield _stored(row)


def leaves_of(tx: Tx, shard: int, n: int) -> list[Leaf]:
    """The leaves of one link in their order."""
    where = (audit_leaf.c.shard == shard, audit_leaf.c.batch == n)
    rows = tx.execute(_leaves().where(*where).order_by(audit_leaf.c.position))
    return [_leaf(row) for row in rows]


def batches_without_seal(tx: Tx) -> list[tuple[int, int]]:
    """Leaves whose link is gone."""
    columns, other = audit_leaf.c, audit_seal.c
    same = (other.shard == columns.shard) & (other.n == columns.batch)
    rows = tx.execute(
        select(columns.shard, columns.batch)
        .where(~select(other.n).where(same).exists())
        .distinct()
        .limit(MATCHES_MAX)
    )
    return [(shard, batch) for shard, batch in rows]


def places_of_purchase(tx: Tx, shard: int, purchase_id: str) -> list[tuple[int, int, Leaf]]:
    """Where the leaf of a purchase stands: shard, link, leaf."""
    columns = audit_leaf.c
    return _places(
        tx,
        columns.shard == shard,
        columns.kind == Kind.PURCHASE.value,
        columns.subject_id == purchase_id,
    )


def places_of_receipt(tx: Tx, name: str) -> list[tuple[int, int, Leaf]]:
    """Where the leaves of a receipt's number, or of the leaf it carries in hex, stand."""
    if len(name) == len(NO_HASH.hex()):
        return _places(tx, audit_leaf.c.receipt == bytes.fromhex(name))
    return _places(tx, audit_leaf.c.label == name)


def _places(tx: Tx, *where: Any) -> list[tuple[int, int, Leaf]]:
    query = _leaves().add_columns(audit_leaf.c.shard, audit_leaf.c.batch).where(*where)
    return [(row.shard, row.batch, _leaf(row)) for row in tx.execute(query.limit(MATCHES_MAX))]


def last_day(tx: Tx, before: date = date.max) -> Closed | None:
    """The newest closed day, or the newest before one."""
    columns = audit_day.c
    row = tx.execute(
        select(audit_day).where(columns.day < before).order_by(columns.day.desc()).limit(1)
    ).one_or_none()
    return _closed(row) if row else None


def closed_on(tx: Tx, day: date) -> Closed | None:
    """The closed day that holds what was sealed on `day`: the first that is not earlier."""
    columns = audit_day.c
    row = tx.execute(
        select(audit_day).where(columns.day >= day).order_by(columns.day).limit(1)
    ).one_or_none()
    return _closed(row) if row else None


def has_root(tx: Tx, root: bytes) -> bool:
    """Did any day close with this root."""
    return tx.execute(select(audit_day.c.day).where(audit_day.c.root == root)).first() is not None


def days(tx: Tx, first: date, last: date) -> list[Closed]:
    """The closed days of a range: one row a day."""
    columns = audit_day.c
    rows = tx.execute(select(audit_day).where(columns.day.between(first, last)).order_by("day"))
    return [_closed(row) for row in rows]


def add_day(tx: Tx, closed: Closed, parts: dict[int, tuple[bytes, int]]) -> None:
    """Append a closed day, and each shard's part of it: root and number of links."""
    extra = {"shard": DAY_SHARD, "signature": closed.signature, "key_id": closed.key_id}
    tx.execute(insert(audit_day), asdict(closed.day) | extra)
    rows = [
        {"shard": shard, "day": closed.day.day, "root": root, "seals": count}
        for shard, (root, count) in parts.items()
    ]
    if rows:
        tx.execute(insert(audit_day_shard), rows)


def parts_of_day(tx: Tx, day: date) -> dict[int, tuple[bytes, int]]:
    """Each shard's part of a closed day, by shard."""
    columns = audit_day_shard.c
    rows = tx.execute(
        select(columns.shard, columns.root, columns.seals)
        .where(columns.day == day)
        .order_by(columns.shard)
    )
    return {shard: (root, count) for shard, root, count in rows}


def _seals() -> Select[Any]:
    columns = audit_seal.c
    return select(
        columns.shard,
        columns.n,
        columns.prev,
        columns.root,
        columns.count,
        columns.day,
        columns.sealed_at,
        columns.hash,
    )


def _stored(row: Row[Any]) -> Stored:
    values = tuple(row)
    return Stored(Seal(*values[:-1]), values[-1])


def _leaves() -> Select[Any]:
    columns = audit_leaf.c
    return select(
        columns.position,
        columns.kind,
        columns.subject_id,
        columns.row_format,
        columns.row_hash,
        columns.receipt,
        columns.label,
    )


def _leaf(row: Row[Any]) -> Leaf:
    return Leaf(
        position=row.position,
        kind=Kind(row.kind),
        subject_id=row.subject_id,
        row_format=row.row_format,
        row_hash=row.row_hash,
        receipt=row.receipt,
        label=row.label,
    )


def _closed(row: Row[Any]) -> Closed:
    day = Day(row.day, row.prev, row.root, row.seals, row.closed_at)
    return Closed(day, row.signature, row.key_id)
