"""Enter a family with its persons, card, phone and PIN."""

import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from catalog.zones import region_exists
from pos_engine.engine import Engine
from pos_engine.rules.identity import (
    CARD_DIGITS,
    CARD_PREFIX,
    PIN_DIGITS,
    TRIES_MAX,
    is_digits,
    luhn_digit,
    nik_ok,
    phone_number,
)
from pos_engine.rules.ids import KpmId, PersonId, ShopId, new_uuid7, shard_of
from pos_engine.rules.pin import guessable
from pos_engine.services import family_keys
from pos_engine.services.card_pin import activate_handed_over
from pos_engine.services.install import Refused
from pos_engine.services.payer import CARD, NIK, PHONE
from pos_engine.store import families, proofs, shops
from pos_engine.store.database import ConflictError, Tx


@dataclass(frozen=True, slots=True, repr=False)
class NewFamily:
    """A family to enter. Without NIK is a valid state; numbers are kept hashed or sealed only."""

    kpm_id: KpmId
    region: str
    home_shop: ShopId
    name: str
    birth_date: date | None = None
    sex: str | None = None
    nik: str | None = None
    msisdn: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Registered:
    """The head of the family and the number of the card that was issued."""

    kpm_id: KpmId
    person_id: PersonId
    card: str


def register_family(engine: Engine, new: NewFamily) -> Registered | Refused:
    """Enter a family with its PENGURUS and issue a card."""
    if not region_exists(new.region):
        return Refused("region", f"{new.region} is no Kemendagri code")
    if new.nik is not None and not (is_digits(new.nik, CARD_DIGITS) and nik_ok(new.nik)):
        return Refused("nik", "place, date or serial does not fit a NIK")
    msisdn = phone_number(new.msisdn) if new.msisdn else None
    if new.msisdn and msisdn is None:
        return Refused("msisdn", "not an Indonesian mobile number")
    try:
        with _both(engine, new.kpm_id) as (directory, tx):
            if shops.find_shop(directory, new.home_shop) is None:
                return Refused("home_shop", f"no shop {new.home_shop}")
            return _write(directory, tx, engine, new, msisdn)
    except ConflictError:
        return Refused("family_id", "the family, NIK or phone is registered already")


@contextmanager
def _both(engine: Engine, kpm_id: KpmId) -> Iterator[tuple[Tx, Tx]]:
    """The first database and the family's own; one transaction where they are the same.

    The family's commits first: no number ever means a family that is not there.
    """
    home = engine.database_of(shard_of(kpm_id))
    with engine.database.begin() as directory:
        if home is engine.database:
            yield directory, directory
        else:
            with home.begin() as tx:
                yield directory, tx


def _write(directory: Tx, tx: Tx, engine: Engine, new: NewFamily, msisdn: str | None) -> Registered:
    now = engine.now()
    person_id = PersonId(new_uuid7(now))
    family = families.Family(new.kpm_id, new.region, new.home_shop, families.ACTIVE)
    families.add_family(tx, family, now)
    person = families.Person(
        person_id, new.kpm_id, new.name, new.birth_date, new.sex, role="PENGURUS"
    )
    families.add_person(tx, person, now)
    card_id, card = new_uuid7(now), card_number()
    known = families.Known(new.kpm_id, person_id, card_id)
    families.add_card(
        tx, families.Card(card_id, new.kpm_id, person_id, card[-4:], families.ACTIVE), now
    )
    families.add_credential(directory, CARD, engine.keys.lookup(CARD, card), known, now)
    if msisdn is not None:
        phone_id = new_uuid7(now)
        owner = families.Known(new.kpm_id, person_id, phone_id)
        sealed = family_keys.seal(tx, engine, new.kpm_id, msisdn, phone_id)
        families.add_phone(tx, phone_id, owner, sealed, now)
        families.add_credential(directory, PHONE, engine.keys.lookup(PHONE, msisdn), owner, now)
    if new.nik is not None:
        families.add_credential(directory, NIK, engine.keys.lookup(NIK, new.nik), known, now)
    return Registered(new.kpm_id, person_id, card)


def card_number() -> str:
    """A fresh number of our own series."""
    payload_digits = CARD_DIGITS - len(CARD_PREFIX) - 1
    payload = CARD_PREFIX + f"{secrets.randbelow(10**payload_digits):0{payload_digits}d}"
    return payload + luhn_digit(payload)


def set_pin(engine: Engine, kpm_id: str, pin: str) -> Refused | None:
    """Set the PIN belanja of a family. Guessable ones are refused."""
    refused = pin_refused(pin)
    if refused is not None:
        return refused
    with engine.database_of(shard_of(kpm_id)).begin() as tx:
        if families.find_family(tx, kpm_id) is None:
            return Refused("kpm_id", f"no family {kpm_id}")
        refused = pin_refused(pin, births_of(tx, kpm_id))
        if refused is None:
            write_pin(tx, engine, kpm_id, pin)
    return refused


def pin_refused(pin: str, births: Collection[date] = ()) -> Refused | None:
    """Why a PIN is not taken. `births` are the dates that a neighbour would try."""
    if not is_digits(pin, PIN_DIGITS):
        return Refused("pin", f"exactly {PIN_DIGITS} digits")
    if guessable(pin):
        return Refused("pin", "too easy to guess: repeated or running digits")
    if guessable(pin, births):
        return Refused("pin", "too easy to guess: a birth date of the family")
    return None


def births_of(tx: Tx, kpm_id: str) -> list[date]:
    """The known birth dates of a family."""
    return [each.birth_date for each in families.persons_of(tx, kpm_id) if each.birth_date]


def write_pin(tx: Tx, engine: Engine, kpm_id: str, pin: str) -> None:
    """Keep a PIN that was not refused; cards that waited for one work from now on."""
    verifier = engine.keys.pin_verifier(kpm_id, pin)
    proofs.set_pin(tx, kpm_id, verifier, TRIES_MAX, engine.now())
    activate_handed_over(tx, engine.now(), kpm_id)
