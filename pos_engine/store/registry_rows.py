"""Families and persons of an import: read by sets, written by sets."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import FromClause, Select, and_, bindparam, case, delete, func, select, update

from pos_engine.rules.ids import KpmId, shard_of
from pos_engine.rules.look_alikes import Someone
from pos_engine.store.batch_facts import credentials
from pos_engine.store.copy_rows import copy_rows
from pos_engine.store.database import Tx
from pos_engine.store.keyed import keyed, rows_by
from pos_engine.store.schema import credential, family, person, phone, shop, wallet
from pos_engine.store.schema_registry import registry_consent, registry_run, registry_witness
from pos_engine.store.set_writes import insert_rows, inserts

LOOKED_UP_AT_ONCE = 5_000
HEADS_OF_A_VILLAGE_MAX = 20_000
MEMBER_COLUMNS = (
    "person_id", "kpm_id", "name", "birth_date", "sex", "role", "nik_status", "nik_sealed",
)  # fmt: skip


class KnownFamily(NamedTuple):
    """A family as the database has it."""

    kpm_id: str
    region: str
    home_shop_id: str
    status: str
    programme: str | None
    created_at: datetime


@dataclass(slots=True)
class Member:
    """A person of a family, as it stands or as it will stand."""

    person_id: str
    kpm_id: str
    name: str
    birth_date: date | None
    sex: str | None
    role: str
    nik_status: str | None
    nik_sealed: bytes | None
    fresh: bool = False
    changed: bool = False


class NewNumber(NamedTuple):
    """A number for the directory."""

    kind: str
    lookup_hmac: bytes
    kpm_id: str
    person_id: str
    reference: str


class NewPhone(NamedTuple):
    """A phone of a family; `usable_from` when it replaces another."""

    phone_id: str
    kpm_id: str
    person_id: str
    sealed: bytes
    status: str
    usable_from: datetime | None


def _families(wanted: FromClause) -> Select[tuple[object, ...]]:
    mine = and_(family.c.shard == wanted.c.shard, family.c.kpm_id == wanted.c.first)
    columns = [family.c[name] for name in KnownFamily._fields]
    return select(*columns).join_from(wanted, family, mine)


def _members(wanted: FromClause) -> Select[tuple[object, ...]]:
    mine = and_(person.c.shard == wanted.c.shard, person.c.kpm_id == wanted.c.first)
    columns = [person.c[name] for name in MEMBER_COLUMNS]
    return select(*columns).join_from(wanted, person, mine)


def _paid(wanted: FromClause) -> Select[tuple[object, ...]]:
    mine = and_(wallet.c.shard == wanted.c.shard, wallet.c.kpm_id == wanted.c.first)
    return select(wallet.c.kpm_id).join_from(wanted, wallet, mine).distinct()


def _phones(wanted: FromClause) -> Select[tuple[object, ...]]:
    mine = and_(phone.c.shard == wanted.c.shard, phone.c.kpm_id == wanted.c.first)
    return select(phone.c.kpm_id, phone.c.phone_id, phone.c.status).join_from(wanted, phone, mine)


_FAMILIES, _MEMBERS, _PAID = keyed(2, _families), keyed(2, _members), keyed(2, _paid)
_PHONES = keyed(2, _phones)
_ADD_WITNESSES = inserts(registry_witness)
_ADD_CONSENTS = inserts(registry_consent)
_CHANGE_PERSON = (
    update(person)
    .where(person.c.shard == bindparam("at_shard"), person.c.person_id == bindparam("at_person"))
    .values({
        name: bindparam(f"new_{name}")
        for name in ("name", "birth_date", "sex", "role", "nik_status", "nik_sealed")
    })
)  # fmt: skip
_CHANGE_FAMILY = (
    update(family)
    .where(family.c.shard == bindparam("at_shard"), family.c.kpm_id == bindparam("at_kpm"))
    .values({name: bindparam(f"new_{name}") for name in ("region", "home_shop_id", "programme")})
)  # fmt: skip


_FORGET_CONSENT = delete(registry_consent).where(
    registry_consent.c.shard == bindparam("a"), registry_consent.c.person_id == bindparam("b")
)


def _keys(kpm_ids: Collection[str]) -> list[tuple[int, str]]:
    return sorted((shard_of(each), each) for each in kpm_ids)


def families_of(tx: Tx, kpm_ids: Collection[str]) -> dict[str, KnownFamily]:
    """Those of these families that are registered."""
    return {row.kpm_id: KnownFamily(*row) for row in rows_by(tx, _FAMILIES, _keys(kpm_ids))}


def members_of(tx: Tx, kpm_ids: Collection[str]) -> dict[str, list[Member]]:
    """The persons of these families."""
    found: defaultdict[str, list[Member]] = defaultdict(list)
    for row in rows_by(tx, _MEMBERS, _keys(kpm_ids)):
        found[row.kpm_id].append(Member(*row))
    return found


def paid_families(tx: Tx, kpm_ids: Collection[str]) -> set[str]:
    """Those of these families that were ever credited: their credit is not held by a rival."""
    return {row.kpm_id for row in rows_by(tx, _PAID, _keys(kpm_ids))}


def phones_of_families(tx: Tx, kpm_ids: Collection[str]) -> dict[str, list[tuple[str, str]]]:
    """Phones of these families: id and status."""
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows_by(tx, _PHONES, _keys(kpm_ids)):
        found[row.kpm_id].append((row.phone_id, row.status))
    return found


def numbers_of(tx: Tx, kind: str, lookups: Sequence[bytes]) -> dict[bytes, tuple[str, str]]:
    """Whose numbers of one kind these are: family and person."""
    found: dict[bytes, tuple[str, str]] = {}
    for start in range(0, len(lookups), LOOKED_UP_AT_ONCE):
        part = lookups[start : start + LOOKED_UP_AT_ONCE]
        known = credentials(tx, kind, part)()
        found |= {each: (who.kpm_id, who.person_id) for each, who in known.items()}
    return found


def shop_ids(tx: Tx) -> set[str]:
    """Every shop: a hundred thousand short names."""
    return set(tx.execute(select(shop.c.shop_id)).scalars())


def add_families(
    tx: Tx, families: Iterable[KnownFamily], run_id: str, numbers: dict[str, int]
) -> None:
    """New families, in key order; `numbers` are the rows by which they came."""
    rows = sorted((shard_of(each.kpm_id), *each, run_id, numbers[each.kpm_id]) for each in families)
    columns = ("shard", *KnownFamily._fields, "registry_run", "registry_row")
    copy_rows(tx, family, columns, rows)


def add_members(tx: Tx, members: Iterable[Member], now: datetime) -> None:
    """New persons, in key order."""
    rows = [
        (
            shard_of(each.kpm_id), each.person_id, each.kpm_id, each.name, each.birth_date,
            each.sex, each.role, each.nik_status, each.nik_sealed, now,
        )
        for each in members
    ]  # fmt: skip
    rows.sort(key=_first_two)
    copy_rows(tx, person, ("shard", *MEMBER_COLUMNS, "created_at"), rows)


_first_two = itemgetter(0, 1)


def change_members(tx: Tx, members: Iterable[Member]) -> None:
    """Persons as they stand now."""
    rows = [
        {
            "at_shard": shard_of(each.kpm_id),
            "at_person": each.person_id,
            "new_name": each.name,
            "new_birth_date": each.birth_date,
            "new_sex": each.sex,
            "new_role": each.role,
            "new_nik_status": each.nik_status,
            "new_nik_sealed": each.nik_sealed,
        }
        for each in members
    ]
    if rows:
        tx.execute(_CHANGE_PERSON, rows)


def change_families(tx: Tx, families: Iterable[KnownFamily]) -> None:
    """Village, home shop and programme of families."""
    rows = [
        {
            "at_shard": shard_of(each.kpm_id),
            "at_kpm": each.kpm_id,
            "new_region": each.region,
            "new_home_shop_id": each.home_shop_id,
            "new_programme": each.programme,
        }
        for each in families
    ]
    if rows:
        tx.execute(_CHANGE_FAMILY, rows)


def add_numbers(tx: Tx, numbers: Iterable[NewNumber], now: datetime) -> None:
    """Numbers for the directory, in key order; `ConflictError` when one is taken."""
    rows = [(*each, shard_of(each.kpm_id), now) for each in sorted(numbers, key=_first_two)]
    copy_rows(tx, credential, (*NewNumber._fields, "shard", "created_at"), rows)


def add_phones(tx: Tx, phones: Iterable[NewPhone], now: datetime) -> None:
    """New phones."""
    rows = [(*each, shard_of(each.kpm_id), now) for each in phones]
    copy_rows(tx, phone, (*NewPhone._fields, "shard", "created_at"), rows)


def add_witnesses(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """Letters of persons without a NIK, with who stands by them."""
    insert_rows(tx, _ADD_WITNESSES, rows)


def set_consents(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """What persons agree to now; the newest word counts."""
    if rows:
        tx.execute(_FORGET_CONSENT, [{"a": row["shard"], "b": row["person_id"]} for row in rows])
        insert_rows(tx, _ADD_CONSENTS, rows)


def people_of(tx: Tx, region: str, run_id: str, limit: int) -> list[Someone]:
    """The persons of a village, families in the order in which they came.

    Fresh is who came by this import or after it began.
    """
    begun = select(registry_run.c.created_at).where(
        registry_run.c.shard == shard_of(run_id), registry_run.c.run_id == run_id
    )
    own = func.coalesce(family.c.registry_run, "") == run_id
    since = begun.scalar_subquery()
    rows = tx.execute(
        select(
            person.c.kpm_id, person.c.person_id, person.c.name, person.c.birth_date,
            person.c.sex, person.c.role,
            case((own, family.c.registry_row), else_=0),
            own | (person.c.created_at > since),
        )
        .join_from(
            family,
            person,
            and_(person.c.shard == family.c.shard, person.c.kpm_id == family.c.kpm_id),
        )
        .where(family.c.region == region)
        .order_by(family.c.created_at, func.coalesce(family.c.registry_row, 0), family.c.kpm_id)
        .limit(limit)
    )  # fmt: skip
    return [Someone(*row) for row in rows]


class Head(NamedTuple):
    """The PENGURUS of a family and the family's status."""

    kpm_id: KpmId
    name: str
    status: str


def heads_of(tx: Tx, region: str) -> list[Head]:
    """The heads of a village's families, at most HEADS_OF_A_VILLAGE_MAX."""
    rows = tx.execute(
        select(person.c.kpm_id, person.c.name, family.c.status)
        .join_from(
            family,
            person,
            and_(person.c.shard == family.c.shard, person.c.kpm_id == family.c.kpm_id),
        )
        .where(family.c.region == region, person.c.role == "PENGURUS")
        .order_by(person.c.kpm_id)
        .limit(HEADS_OF_A_VILLAGE_MAX)
    )
    return [Head(*row) for row in rows]
