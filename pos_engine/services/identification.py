"""What an identification is: its values, how each answer is made, and its row in the log."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from pos_engine.engine import Engine
from pos_engine.rules.identity import TRIES_MAX, Method, masked_name
from pos_engine.rules.ids import KpmId, PersonId, new_uuid7
from pos_engine.rules.reasons import Reason
from pos_engine.services.faces import Unreadable
from pos_engine.services.payer import Place
from pos_engine.services.sessions import Session
from pos_engine.services.tokens import PayerToken, new_payer_token, open_quote, sign_payer_token
from pos_engine.store import attempts, families, proofs, shops
from pos_engine.store.database import Tx
from pos_engine.wire.people import OWN_FAMILY
from pos_engine.wire.response import WORDINGS

PIN_FACTOR, CODE_FACTOR, DATE_FACTOR = "PIN", "CODE", "BIRTH_DATE"
WRONG_DATES_COUNTED = timedelta(days=1)
# (month, day) that clerks write when nobody knows the day: so many share them, they prove nothing
DEFAULT_DAYS = {(1, 1), (7, 1), (12, 31)}


class Status(StrEnum):
    """How far the identification is."""

    IDENTIFIED = "IDENTIFIED"
    STEP_UP = "STEP_UP"
    NOT_IDENTIFIED = "NOT_IDENTIFIED"
    RETAKE = "RETAKE"


@dataclass(frozen=True, slots=True)
class Searched:
    """Where a face was searched and how sure the search can be."""

    kind: str
    size: int
    score: float | None
    margin: float | None
    fpir_estimate: float
    model_id: str


@dataclass(frozen=True, slots=True)
class Identification:
    """The answer to the till. The name is masked and given only when IDENTIFIED."""

    status: Status
    method: Method
    token: PayerToken | None = None
    reason: Reason | None = None
    message: str = ""
    next_step: str = ""
    scope: Searched | None = None
    name: str | None = None
    families: tuple[tuple[KpmId, str], ...] = ()  # of a delegate who must say for whom she buys
    own_family: bool = False  # of who serves: a colleague helps, no other way of proving does


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, where, and under which open quote."""

    session: Session
    shop: shops.Shop
    place: Place
    quote_id: str | None = None
    now: datetime = field(kw_only=True)


def signed_token(engine: Engine, identification: Identification) -> str | None:
    """The payer token as text."""
    token = identification.token
    return sign_payer_token(engine.keys, token) if token else None


def asked_at(engine: Engine, session: Session, place: Place, quote_id: str | None) -> Asked:
    """The circumstances of an identification at a till."""
    if session.shop is None:
        raise LookupError(session.session_id)
    now = engine.now()
    opened = open_quote(engine.keys, quote_id, place.shop_id, now)
    return Asked(session, session.shop, place, opened, now=now)


def proven(
    tx: Tx,
    asked: Asked,
    kpm_id: KpmId,
    person_id: PersonId,
    method: Method,
    bounds: tuple[str, int] | None = None,
    evidence: dict[str, Any] | None = None,
) -> Identification:
    """The payer is proven: a token that buys, and the masked name (a delegate's: the family's)."""
    if kpm_id in asked.session.own_families:
        return refused_own(method)
    where = (asked.place.shop_id, asked.place.till_id)
    token = new_payer_token(kpm_id, person_id, where, method, asked.now, proven=True, bounds=bounds)
    token = replace(token, evidence=evidence or {})
    if method is Method.DELEGATE:
        name = head_name(tx, kpm_id)
    else:
        persons = families.persons_of(tx, kpm_id)
        name = next((each.name for each in persons if each.person_id == person_id), "")
    return Identification(Status.IDENTIFIED, method, token, name=masked_name(name))


def head_name(tx: Tx, kpm_id: KpmId) -> str:
    """The name of the family's PENGURUS; empty when there is none."""
    persons = families.persons_of(tx, kpm_id)
    return next((each.name for each in persons if each.role == "PENGURUS"), "")


def with_evidence(answer: Identification, evidence: dict[str, Any]) -> Identification:
    """The same answer whose token carries more to the step-up."""
    if answer.token is None or not evidence:
        return answer
    return replace(answer, token=replace(answer.token, evidence=evidence))


def step_up_needed(
    asked: Asked, kpm_id: KpmId, person_id: PersonId, method: Method, factors: tuple[str, ...]
) -> Identification:
    """Somebody is claimed: a token that buys nothing until a second factor is shown."""
    if kpm_id in asked.session.own_families:
        return refused_own(method)
    where = (asked.place.shop_id, asked.place.till_id)
    token = new_payer_token(
        kpm_id, person_id, where, method, asked.now, proven=False, step_up=factors
    )
    wording = WORDINGS[Reason.STEP_UP_REQUIRED]
    return Identification(
        Status.STEP_UP,
        method,
        token,
        Reason.STEP_UP_REQUIRED,
        wording.sentence,
        wording.next_step,
    )


def refused(method: Method, reason: Reason) -> Identification:
    """Nobody was identified, for a reason."""
    wording = WORDINGS[reason]
    return Identification(
        Status.NOT_IDENTIFIED,
        method,
        reason=reason,
        message=wording.sentence,
        next_step=wording.next_step,
    )


def refused_own(method: Method) -> Identification:
    """Whoever serves does not serve her own family."""
    sentence, next_step = OWN_FAMILY
    answer = refused(method, Reason.DELEGATE_NOT_ALLOWED)
    return replace(answer, message=sentence, next_step=next_step, own_family=True)


def retake(method: Method, unreadable: Unreadable) -> Identification:
    """No template came out of the pictures: how to take them again."""
    wording = WORDINGS[unreadable.reason]
    return Identification(
        Status.RETAKE,
        method,
        reason=unreadable.reason,
        message=f"{wording.sentence} {unreadable.hint}",
        next_step=wording.next_step,
    )


def factors_of(tx: Tx, kpm_id: KpmId) -> tuple[str, ...]:
    """The second factors this family has today."""
    pin = (PIN_FACTOR,) if proofs.has_pin(tx, kpm_id) else ()
    return (*pin, CODE_FACTOR) if families.phones_of(tx, kpm_id) else pin


def date_to_ask(tx: Tx, asked: Asked, kpm_id: KpmId, person_id: PersonId) -> date | None:
    """The birth date that this person may be asked for: known, telling, and with tries left."""
    persons = families.persons_of(tx, kpm_id)
    born = next((each.birth_date for each in persons if each.person_id == person_id), None)
    if born is None or (born.month, born.day) in DEFAULT_DAYS:
        return None
    since = asked.now - WRONG_DATES_COUNTED
    wrong = attempts.count_reason_since(tx, kpm_id, Reason.BIRTH_DATE_WRONG.value, since)
    return born if wrong < TRIES_MAX else None


def factors_of_live(tx: Tx, asked: Asked, kpm_id: KpmId, person_id: PersonId) -> tuple[str, ...]:
    """The second factors after a face that moved as asked, found without her birth date."""
    known = date_to_ask(tx, asked, kpm_id, person_id) is not None
    return (*factors_of(tx, kpm_id), *((DATE_FACTOR,) if known else ()))


def logged(
    tx: Tx, asked: Asked, answer: Identification, kpm_id: KpmId | None = None
) -> Identification:
    """Every attempt is kept, with the risk of a face search, for the family and the auditor."""
    scope = answer.scope
    attempts.add_attempt(
        tx,
        attempts.Attempt(
            attempt_id=new_uuid7(asked.now),
            shop_id=asked.place.shop_id,
            till_id=asked.place.till_id,
            staff_id=asked.session.staff_id,
            kpm_id=answer.token.kpm_id if answer.token else kpm_id,
            method=answer.method.value,
            outcome=answer.status.value,
            reason=answer.reason.value if answer.reason else None,
            at=asked.now,
            scope=scope.kind if scope else None,
            gallery_size=scope.size if scope else None,
            score=scope.score if scope else None,
            margin=scope.margin if scope else None,
            fpir_estimate=scope.fpir_estimate if scope else None,
            model_id=scope.model_id if scope else None,
            quote_id=asked.quote_id,
        ),
    )
    return answer
