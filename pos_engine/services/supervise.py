"""Two people vouch for a family that cannot prove herself: one at the till, one officer.

Each in an own session and with an own PIN. Above a quota it makes a case for DINSOS, and she still
goes home with food. The token buys once, at this till, at most the amount that both have seen.
"""

from dataclasses import dataclass

from pos_engine.engine import Engine
from pos_engine.rules.identity import Method
from pos_engine.rules.ids import KpmId, PersonId, new_uuid7
from pos_engine.rules.supervision import (
    SUPERVISION_LIFE,
    NoOtherWay,
    SupervisionReason,
    SupervisionRefusal,
    SupervisionState,
)
from pos_engine.services.kin import own_family
from pos_engine.services.payer import Place
from pos_engine.services.sessions import LoginRefusal, Session, check_pin_again
from pos_engine.store import attempts, families, supervisions
from pos_engine.store.database import Tx
from pos_engine.store.supervisions import Supervision

FAMILY = "KPM"
ASKED, CONFIRMED, STOPPED = "STEP_UP", "IDENTIFIED", "NOT_IDENTIFIED"  # outcomes of attempts


@dataclass(frozen=True, slots=True, repr=False)
class Claim:
    """Whom two people vouch for: KKS, PHONE, NIK or KPM with its number. It proves nothing."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True, repr=False)
class SupervisionOrder:
    """What the till asks for. `pin` is that of the member of staff who asks."""

    supervision_id: str
    claim: Claim
    amount: int
    no_other_way: NoOtherWay
    pin: str


Answered = Supervision | SupervisionRefusal


def ask_supervision(
    engine: Engine, session: Session, place: Place, order: SupervisionOrder
) -> Answered:
    """The first of two: somebody of the shop. Twice is once; nothing is bought yet."""
    refusal = own_pin(engine, session, order.pin)

    def work(tx: Tx) -> Answered:
        found = _family_of(tx, engine, order.claim)
        if refusal is not None or found is None:
            missing = SupervisionRefusal(SupervisionReason.NOT_FOUND, "claim")
            return _stopped(tx, engine, session, place, found, refusal or missing)
        new = _new(engine, session, place, order, found)
        stored = supervisions.find_supervision(tx, order.supervision_id)
        if stored is not None:
            return _stored(stored, new)
        if own_family(tx, new.kpm_id, session.staff_id):
            own = SupervisionRefusal(SupervisionReason.OWN_FAMILY, "claim")
            return _stopped(tx, engine, session, place, found, own)
        supervisions.add_supervision(tx, new)
        log_attempt(tx, engine, session, place, new.kpm_id, ASKED, None)
        return new

    return engine.database.transact(work)


def own_pin(engine: Engine, session: Session, pin: str) -> SupervisionRefusal | None:
    """Each of the two types the own PIN once more: an open tablet vouches for nobody."""
    refused = check_pin_again(engine, session.staff_id, pin)
    if refused is None:
        return None
    if refused is LoginRefusal.LOCKED:
        return SupervisionRefusal(SupervisionReason.STAFF_PIN_BLOCKED, "pin")
    return SupervisionRefusal(SupervisionReason.STAFF_PIN_WRONG, "pin")


@dataclass(frozen=True, slots=True)
class _Found:
    """The family that is claimed, and its PENGURUS."""

    family: families.Family
    person_id: PersonId


def _family_of(tx: Tx, engine: Engine, claim: Claim) -> _Found | None:
    if claim.kind == FAMILY:
        kpm_id = KpmId(claim.value)
    else:
        lookup = engine.keys.lookup(claim.kind, claim.value)
        known = families.find_credential(tx, claim.kind, lookup)
        kpm_id = known.kpm_id if known else KpmId("")
    family, persons = families.find_family(tx, kpm_id), families.persons_of(tx, kpm_id)
    head = next((each for each in persons if each.role == "PENGURUS"), None)
    return _Found(family, head.person_id) if family and head else None


def _new(
    engine: Engine, session: Session, place: Place, order: SupervisionOrder, found: _Found
) -> Supervision:
    now = engine.now()
    return Supervision(
        supervision_id=order.supervision_id,
        kpm_id=found.family.kpm_id,
        region=found.family.region,
        person_id=found.person_id,
        shop_id=place.shop_id,
        till_id=place.till_id,
        amount=order.amount,
        no_other_way=order.no_other_way.value,
        status=SupervisionState.ASKED,
        asked_by=session.staff_id,
        asked_at=now,
        expires_at=now + SUPERVISION_LIFE,
    )


def _stored(stored: Supervision, new: Supervision) -> Answered:
    mine = (stored.kpm_id, stored.till_id, stored.amount, stored.asked_by)
    if mine == (new.kpm_id, new.till_id, new.amount, new.asked_by):
        return stored
    return SupervisionRefusal(SupervisionReason.DUPLICATE_DIFFERENT, "supervision_id")


def _stopped(
    tx: Tx,
    engine: Engine,
    session: Session,
    place: Place,
    found: _Found | None,
    refusal: SupervisionRefusal,
) -> SupervisionRefusal:
    kpm_id = found.family.kpm_id if found else None
    log_attempt(tx, engine, session, place, kpm_id, STOPPED, refusal.reason)
    return refusal


def log_attempt(
    tx: Tx,
    engine: Engine,
    session: Session,
    place: Place,
    kpm_id: KpmId | None,
    outcome: str,
    reason: SupervisionReason | None,
) -> None:
    """Every attempt is kept beside those of all other ways."""
    now = engine.now()
    attempts.add_attempt(
        tx,
        attempts.Attempt(
            attempt_id=new_uuid7(now),
            shop_id=place.shop_id,
            till_id=place.till_id,
            staff_id=session.staff_id,
            kpm_id=kpm_id,
            method=Method.SUPERVISED.value,
            outcome=outcome,
            reason=reason.value if reason else None,
            at=now,
        ),
    )
