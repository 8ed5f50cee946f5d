"""What is known of people besides proofs: access classes, staff by NIK, witnesses of a PIN."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import exists, insert, or_, select, update

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema import credential, person, staff
from pos_engine.store.schema_enrolment import staff_template
from pos_engine.store.schema_people import access_class, pin_witness, staff_nik
from pos_engine.store.schema_qris import shop_application

NIK = "NIK"
OWNER = "PEMILIK"
REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True)
class AccessClass:
    """The classes of one person as she told them."""

    person_id: str
    kpm_id: str
    classes: str
    set_by: str
    set_at: datetime


def set_access(tx: Tx, new: AccessClass) -> None:
    """Write or replace what a person told."""
    columns = access_class.c
    values = asdict(new)
    where = (columns.shard == shard_of(new.person_id), columns.person_id == new.person_id)
    if tx.execute(update(access_class).where(*where).values(**values)).rowcount == 0:
        tx.execute(insert(access_class).values(shard=shard_of(new.person_id), **values))


def access_of(tx: Tx, person_id: str) -> list[str]:
    """The classes of a person."""
    columns = access_class.c
    found = tx.execute(
        select(columns.classes).where(
            columns.shard == shard_of(person_id), columns.person_id == person_id
        )
    ).scalar_one_or_none()
    return found.split() if found else []


def set_staff_nik(tx: Tx, staff_id: str, nik_hmac: bytes, now: datetime) -> None:
    """Write or replace the keyed hash of a staff member's NIK."""
    where = (staff_nik.c.shard == shard_of(staff_id), staff_nik.c.staff_id == staff_id)
    values = {"nik_hmac": nik_hmac, "set_at": now}
    if tx.execute(update(staff_nik).where(*where).values(**values)).rowcount == 0:
        tx.execute(insert(staff_nik).values(shard=shard_of(staff_id), staff_id=staff_id, **values))


def is_staff(tx: Tx, nik_hmac: bytes, person_id: str | None) -> bool:
    """Does this NIK or this registered person belong to staff, or to the owner of a shop."""
    asked = (
        exists().where(staff_nik.c.nik_hmac == nik_hmac),
        exists().where(
            shop_application.c.owner_hmac == nik_hmac, shop_application.c.status != REJECTED
        ),
        exists().where(staff_template.c.person_id == (person_id or "")),
    )
    return bool(tx.execute(select(or_(*asked))).scalar_one())


def staff_of_family(
    tx: Tx, staff_ids: Collection[str], kpm_id: str, person_ids: Collection[str]
) -> bool:
    """Does one of these members of staff belong to the family: by NIK, face or shop papers."""
    mine = staff_template.c
    by_face = exists().where(
        mine.shard.in_(_shards(staff_ids)),
        mine.staff_id.in_(staff_ids),
        mine.person_id.in_(person_ids),
    )
    if tx.execute(select(by_face)).scalar_one():
        return True
    numbers = _niks_of(tx, staff_ids)
    found = select(credential.c.kpm_id).where(
        credential.c.kind == NIK, credential.c.lookup_hmac.in_(numbers)
    )
    return bool(numbers) and kpm_id in set(tx.execute(found).scalars())


def families_of_staff(tx: Tx, staff_id: str) -> set[str]:
    """The families that a member of staff belongs to: by NIK, face or shop papers."""
    mine = staff_template.c
    faces = select(mine.person_id).where(
        mine.shard == shard_of(staff_id), mine.staff_id == staff_id, mine.person_id.is_not(None)
    )
    persons = [str(each) for each in tx.execute(faces).scalars()]
    by_face = select(person.c.kpm_id).where(
        person.c.shard.in_(_shards(persons)), person.c.person_id.in_(persons)
    )
    numbers = _niks_of(tx, [staff_id])
    by_number = select(credential.c.kpm_id).where(
        credential.c.kind == NIK, credential.c.lookup_hmac.in_(numbers)
    )
    found = set(tx.execute(by_face).scalars()) if persons else set()
    return found | (set(tx.execute(by_number).scalars()) if numbers else set())


def same_person(tx: Tx, one: str, other: str) -> bool:
    """Are two members of staff one person: the same NIK, or the same log-in."""
    mine = select(staff_nik.c.nik_hmac).where(
        staff_nik.c.shard.in_(_shards((one, other))), staff_nik.c.staff_id.in_((one, other))
    )
    found = list(tx.execute(mine).scalars())
    return one == other or len(found) != len(set(found))


def _niks_of(tx: Tx, staff_ids: Collection[str]) -> list[bytes]:
    """Keyed hashes of the NIKs of staff; of an owner also what the shop's papers say."""
    own = select(staff_nik.c.nik_hmac).where(
        staff_nik.c.shard.in_(_shards(staff_ids)), staff_nik.c.staff_id.in_(staff_ids)
    )
    shops = select(staff.c.shop_id).where(
        staff.c.shard.in_(_shards(staff_ids)),
        staff.c.staff_id.in_(staff_ids),
        staff.c.role == OWNER,
    )
    shop_ids = [each for each in tx.execute(shops).scalars() if each]
    papers = select(shop_application.c.owner_hmac).where(
        shop_application.c.shard.in_(_shards(shop_ids)), shop_application.c.shop_id.in_(shop_ids)
    )
    return [*tx.execute(own).scalars(), *tx.execute(papers).scalars()]


def _shards(names: Collection[str]) -> set[int]:
    return {shard_of(each) for each in names}


@dataclass(frozen=True, slots=True)
class PinWitness:
    """Two officers who saw the KPM; used once."""

    witness_id: str
    kpm_id: str
    first_by: str
    second_by: str | None
    asked_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


_WITNESS = [pin_witness.c[name] for name in PinWitness.__slots__]


def add_witness(tx: Tx, new: PinWitness) -> None:
    """The first officer saw her; `ConflictError` when the id is taken."""
    tx.execute(insert(pin_witness).values(shard=shard_of(new.witness_id), **asdict(new)))


def find_witness(tx: Tx, witness_id: str, *, lock: bool = False) -> PinWitness | None:
    """By id; `lock` holds it until the transaction ends."""
    columns = pin_witness.c
    query = select(*_WITNESS).where(
        columns.shard == shard_of(witness_id), columns.witness_id == witness_id
    )
    row = tx.execute(query.with_for_update() if lock else query).one_or_none()
    return PinWitness(*row) if row else None


def change_witness(tx: Tx, witness_id: str, **facts: object) -> None:
    """The second officer saw her too, or the PIN was made."""
    columns = pin_witness.c
    tx.execute(
        update(pin_witness)
        .where(columns.shard == shard_of(witness_id), columns.witness_id == witness_id)
        .values(**facts)
    )
