"""The wrapped key of each family, and what is sealed with it or still with the installation's."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    func,
    select,
    text,
    update,
)

from pos_engine.keyring.families import MARK, FamilyKey
from pos_engine.rules.ids import shard_of
from pos_engine.store.columns import Instant
from pos_engine.store.database import Tx
from pos_engine.store.keyed import keyed, rows_by
from pos_engine.store.schema import person, phone
from pos_engine.store.schema_complaint_desk import complaint_photo
from pos_engine.store.schema_privacy import family_key
from pos_engine.store.schema_registry import registry_witness
from pos_engine.store.schema_sms import complaint

_ADD = text(
    "INSERT INTO family_key (shard, kpm_id, kek_id, wrapped, made_at) "
    "VALUES (:shard, :kpm_id, :kek_id, :wrapped, :made_at) ON CONFLICT DO NOTHING"
).bindparams(bindparam("made_at", type_=Instant))


def _wanted(wanted: FromClause) -> Select[tuple[object, ...]]:
    mine = and_(family_key.c.shard == wanted.c.shard, family_key.c.kpm_id == wanted.c.first)
    columns = (family_key.c.kpm_id, family_key.c.kek_id, family_key.c.wrapped)
    return select(*columns).join_from(wanted, family_key, mine)


_KEYS = keyed(2, _wanted)


def keys_of(tx: Tx, kpm_ids: Collection[str]) -> dict[str, FamilyKey]:
    """The keys of these families; none for one that has none yet."""
    rows = rows_by(tx, _KEYS, [(shard_of(each), each) for each in kpm_ids])
    return {row.kpm_id: FamilyKey(row.kek_id, row.wrapped) for row in rows}


def add_keys(tx: Tx, new: dict[str, FamilyKey], now: datetime) -> None:
    """Write keys of families that have none; one that a rival wrote first stays."""
    rows = [
        {
            "shard": shard_of(kpm_id),
            "kpm_id": kpm_id,
            "kek_id": key.kek_id,
            "wrapped": key.wrapped,
            "made_at": now,
        }
        for kpm_id, key in new.items()
    ]
    if rows:
        tx.execute(_ADD, rows)


def destroy(tx: Tx, kpm_id: str, kek_id: str, now: datetime) -> None:
    """The key goes; its row stays, so that none is made for this family again."""
    add_keys(tx, {kpm_id: FamilyKey(kek_id, None)}, now)
    tx.execute(
        update(family_key)
        .where(family_key.c.shard == shard_of(kpm_id), family_key.c.kpm_id == kpm_id)
        .values(wrapped=None, destroyed_at=now)
    )


@dataclass(frozen=True, slots=True)
class Under:
    """How many families' keys a key wraps, and the oldest of them."""

    kek_id: str
    families: int
    oldest: datetime


def under(tx: Tx) -> list[Under]:
    """What is wrapped by which key."""
    c = family_key.c
    rows = tx.execute(
        select(c.kek_id, func.count(), func.min(c.made_at))
        .where(c.wrapped.is_not(None))
        .group_by(c.kek_id)
        .order_by(c.kek_id)
    )
    return [Under(*row) for row in rows]


def shards_not_under(tx: Tx, kek_id: str) -> list[int]:
    """Where keys lie that another key wraps."""
    c = family_key.c
    where = (c.kek_id != kek_id) & c.wrapped.is_not(None)
    return list(tx.execute(select(c.shard).where(where).distinct()).scalars())


def not_under(tx: Tx, shard: int, kek_id: str, limit: int) -> dict[str, FamilyKey]:
    """Keys of a shard that another key wraps; nobody else changes them until we commit."""
    c = family_key.c
    query = (
        select(c.kpm_id, c.kek_id, c.wrapped)
        .where(c.shard == shard, c.kek_id != kek_id, c.wrapped.is_not(None))
        .order_by(c.kpm_id)
        .limit(limit)
        .with_for_update(key_share=True)
    )
    return {row.kpm_id: FamilyKey(row.kek_id, row.wrapped) for row in tx.execute(query)}


def rewrap(tx: Tx, shard: int, changed: dict[str, FamilyKey]) -> None:
    """The same keys under another."""
    c = family_key.c
    query = (
        update(family_key)
        .where(c.shard == shard, c.kpm_id == bindparam("whose"), c.wrapped.is_not(None))
        .values(kek_id=bindparam("by"), wrapped=bindparam("sealed"))
    )
    rows = [
        {"whose": kpm_id, "by": key.kek_id, "sealed": key.wrapped}
        for kpm_id, key in changed.items()
    ]
    if rows:
        tx.execute(query, rows)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is sealed: a column, the row's key, what it is bound to."""

    name: str
    table: Any
    key: str
    column: str
    prefix: str = ""
    suffix: str = ""

    def bound_to(self, row_id: str) -> str:
        """What the sealed bytes of a row are bound to."""
        return f"{self.prefix}{row_id}{self.suffix}"


# All that a family's key seals; a new place is one line more.
PLACES = (
    Place("phone numbers", phone, "phone_id", "sealed"),
    Place("NIK", person, "person_id", "nik_sealed"),
    Place("witnesses", registry_witness, "person_id", "witnesses"),
    Place("complaints' words", complaint, "complaint_id", "note_sealed"),
    Place("photos", complaint_photo, "complaint_id", "sealed", "complaint ", " photo"),
)


@dataclass(frozen=True, slots=True)
class SealedRow:
    """One sealed value, whose it is, and which row it lies in."""

    row_id: str
    kpm_id: str
    sealed: bytes


def _rows(place: Place, where: ColumnElement[bool]) -> Select[tuple[Any, ...]]:
    c = place.table.c
    columns = (c[place.key].label("row_id"), c[place.column].label("sealed"))
    if "kpm_id" in c:
        return select(c.kpm_id, *columns).where(where)
    at_home = (complaint.c.shard == c.shard) & (complaint.c.complaint_id == c.complaint_id)
    return (
        select(complaint.c.kpm_id, *columns).join_from(place.table, complaint, at_home).where(where)
    )


def _old(place: Place) -> ColumnElement[bool]:
    sealed = place.table.c[place.column]
    return and_(func.length(sealed) > 0, func.substr(sealed, 1, len(MARK)) != MARK)


def of_before(tx: Tx, place: Place, shard: int, limit: int) -> Sequence[SealedRow]:
    """Values of a shard that the installation's own key sealed."""
    c = place.table.c
    query = _rows(place, (c.shard == shard) & _old(place)).order_by(c[place.key]).limit(limit)
    return [SealedRow(row.row_id, row.kpm_id, row.sealed) for row in tx.execute(query)]


def count_of_before(tx: Tx, place: Place) -> dict[int, int]:
    """How many there are, by shard."""
    c = place.table.c
    query = select(c.shard, func.count()).where(_old(place)).group_by(c.shard)
    return {row[0]: row[1] for row in tx.execute(query)}


def reseal(tx: Tx, place: Place, shard: int, row: SealedRow, sealed: bytes) -> bool:
    """Exchange what stands there, if it still does."""
    c = place.table.c
    mine = (c.shard == shard) & (c[place.key] == row.row_id) & (c[place.column] == row.sealed)
    done = tx.execute(update(place.table).where(mine).values({place.column: sealed}))
    return bool(done.rowcount == 1)
