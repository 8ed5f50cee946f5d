"""Families, their persons, and the directory from a keyed hash of a number to the family."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, insert, select, update

from pos_engine.rules.ids import KpmId, PersonId, ShopId, shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema import card, credential, family, person, phone

ACTIVE = "ACTIVE"


@dataclass(frozen=True, slots=True)
class Family:
    """A KPM. `region` is her village."""

    kpm_id: KpmId
    region: str
    home_shop_id: ShopId
    status: str


@dataclass(frozen=True, slots=True)
class Person:
    """A member of a family: PENGURUS, ANGGOTA or WAKIL."""

    person_id: PersonId
    kpm_id: KpmId
    name: str
    birth_date: date | None
    sex: str | None
    role: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the directory says of a number: whose it is, and the card or phone behind it."""

    kpm_id: KpmId
    person_id: PersonId
    reference: str


@dataclass(frozen=True, slots=True)
class Card:
    """Our own card of a family."""

    card_id: str
    kpm_id: KpmId
    person_id: PersonId
    last4: str
    status: str


# Built once: these are read for every purchase.
_FAMILY = select(family.c.kpm_id, family.c.region, family.c.home_shop_id, family.c.status).where(
    family.c.shard == bindparam("shard"), family.c.kpm_id == bindparam("kpm_id")
)
_CREDENTIAL = select(credential.c.kpm_id, credential.c.person_id, credential.c.reference).where(
    credential.c.kind == bindparam("kind"), credential.c.lookup_hmac == bindparam("lookup_hmac")
)
_CARD_STATUS = select(card.c.status).where(
    card.c.shard == bindparam("shard"), card.c.card_id == bindparam("card_id")
)


def add_family(tx: Tx, new: Family, now: datetime) -> None:
    """Write a new family; `ConflictError` when the id is taken."""
    tx.execute(
        insert(family).values(
            shard=shard_of(new.kpm_id),
            kpm_id=new.kpm_id,
            region=new.region,
            home_shop_id=new.home_shop_id,
            status=new.status,
            created_at=now,
        )
    )


def find_family(tx: Tx, kpm_id: str) -> Family | None:
    """One family by id."""
    row = tx.execute(_FAMILY, {"shard": shard_of(kpm_id), "kpm_id": kpm_id}).one_or_none()
    return Family(*row) if row else None


def set_family_status(tx: Tx, kpm_id: str, status: str) -> None:
    """ACTIVE or SUSPENDED."""
    tx.execute(
        update(family)
        .where(family.c.shard == shard_of(kpm_id), family.c.kpm_id == kpm_id)
        .values(status=status)
    )


def add_person(tx: Tx, new: Person, now: datetime) -> None:
    """Write a new person of a family (same shard as the family)."""
    tx.execute(
        insert(person).values(
            shard=shard_of(new.kpm_id),
            person_id=new.person_id,
            kpm_id=new.kpm_id,
            name=new.name,
            birth_date=new.birth_date,
            sex=new.sex,
            role=new.role,
            created_at=now,
        )
    )


def persons_of(tx: Tx, kpm_id: str) -> list[Person]:
    """The family's persons, the oldest row first."""
    rows = tx.execute(
        select(
            person.c.person_id,
            person.c.kpm_id,
            person.c.name,
            person.c.birth_date,
            person.c.sex,
            person.c.role,
        )
        .where(person.c.shard == shard_of(kpm_id), person.c.kpm_id == kpm_id)
        .order_by(person.c.created_at, person.c.person_id)
    )
    return [Person(*row) for row in rows]


def add_credential(tx: Tx, kind: str, lookup_hmac: bytes, known: Known, now: datetime) -> None:
    """Enter a number's keyed hash; `ConflictError` when the nation already knows the number."""
    tx.execute(
        insert(credential).values(
            kind=kind,
            lookup_hmac=lookup_hmac,
            shard=shard_of(known.kpm_id),
            kpm_id=known.kpm_id,
            person_id=known.person_id,
            reference=known.reference,
            created_at=now,
        )
    )


def find_credential(tx: Tx, kind: str, lookup_hmac: bytes) -> Known | None:
    """Whose number this is."""
    row = tx.execute(_CREDENTIAL, {"kind": kind, "lookup_hmac": lookup_hmac}).one_or_none()
    return Known(*row) if row else None


def add_card(tx: Tx, new: Card, now: datetime) -> None:
    """Write a new card of a family."""
    tx.execute(
        insert(card).values(
            shard=shard_of(new.kpm_id),
            card_id=new.card_id,
            kpm_id=new.kpm_id,
            person_id=new.person_id,
            last4=new.last4,
            status=new.status,
            created_at=now,
        )
    )


def card_status(tx: Tx, kpm_id: str, card_id: str) -> str | None:
    """ACTIVE, BLOCKED, LOST or EXPIRED; None when there is no such card."""
    key = {"shard": shard_of(kpm_id), "card_id": card_id}
    return tx.execute(_CARD_STATUS, key).scalar_one_or_none()


def set_card_status(tx: Tx, kpm_id: str, card_id: str, status: str) -> None:
    """Stop or reopen one card; the family's other ways are untouched."""
    tx.execute(
        update(card)
        .where(card.c.shard == shard_of(kpm_id), card.c.card_id == card_id)
        .values(status=status)
    )


def add_phone(
    tx: Tx, phone_id: str, known: Known, sealed: bytes, now: datetime, status: str = ACTIVE
) -> None:
    """Write a phone of a family; the number itself is sealed."""
    tx.execute(
        insert(phone).values(
            shard=shard_of(known.kpm_id),
            phone_id=phone_id,
            kpm_id=known.kpm_id,
            person_id=known.person_id,
            sealed=sealed,
            status=status,
            created_at=now,
        )
    )


def phones_of(tx: Tx, kpm_id: str) -> list[tuple[str, PersonId, bytes]]:
    """The family's working phones: id, whose, sealed number."""
    rows = tx.execute(
        select(phone.c.phone_id, phone.c.person_id, phone.c.sealed)
        .where(
            phone.c.shard == shard_of(kpm_id), phone.c.kpm_id == kpm_id, phone.c.status == ACTIVE
        )
        .order_by(phone.c.created_at, phone.c.phone_id)
    )
    return [(row.phone_id, PersonId(row.person_id), row.sealed) for row in rows]
