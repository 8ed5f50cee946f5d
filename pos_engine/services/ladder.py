"""The fallback ladder of a visit: what was tried here, what she has, and so what comes next."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from pos_engine.engine import Engine
from pos_engine.rules.identity import Method
from pos_engine.rules.ids import KpmId, PersonId, new_uuid7
from pos_engine.rules.ladder import (
    CAMERA,
    Access,
    LadderFacts,
    Outcome,
    Step,
    Tried,
    Way,
    next_step,
    way_of,
    way_open,
)
from pos_engine.rules.reasons import Reason
from pos_engine.rules.supervision import CaseReason
from pos_engine.services.delegates import in_force_of_family
from pos_engine.services.identification import Asked, Identification, Status, refused
from pos_engine.services.payer import CARD, NIK, PHONE
from pos_engine.services.tokens import read_payer_token
from pos_engine.store import (
    aid_cases,
    attempts,
    cards,
    delegations,
    families,
    proofs,
    standing_people,
    templates,
)
from pos_engine.store.attempts import Happened
from pos_engine.store.database import Tx
from pos_engine.wire.ladder import told

VISIT_SPAN = timedelta(minutes=10)
SHOP_SPAN = timedelta(hours=1)
PERSON_SPAN = timedelta(days=1)
ATTEMPTS_READ_MAX = 200  # of one till, the newest; more than any of its limits
SKIPPED, STOPPED = "SKIPPED", "STOPPED"
KINDS = {Way.KKS: CARD, Way.PHONE: PHONE, Way.KTP: NIK}


@dataclass(frozen=True, slots=True)
class LadderAsk:
    """What she says at the till: this way not, that way rather, how she can; and who she is."""

    skip: Way | None = None
    choose: Way | None = None
    access: frozenset[Access] = frozenset()
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Rung:
    """The next step, and the case that it opened."""

    step: Step
    case_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Who:
    """The family that is claimed, and the person of it when one is known."""

    kpm_id: KpmId | None = None
    person_id: PersonId | None = None


def ladder_at(engine: Engine, asked: Asked, ask: LadderAsk) -> Rung:
    """The next way at this till; a skip is kept, and the end of the ladder opens a case."""
    token = read_payer_token(engine.keys, ask.token) if ask.token else None
    mine = token is not None and token.bound_to(asked.place.shop_id, asked.place.till_id)
    who = _Who(token.kpm_id, token.person_id) if token and mine else _Who()
    with engine.database.read() as tx:
        facts = _facts(tx, engine, asked, who)
    if ask.skip is not None and way_open(facts, ask.skip):
        kept = _kept(asked, ask.skip.value, SKIPPED, None, who.kpm_id)
        engine.database.transact(lambda tx: attempts.add_attempt(tx, kept))
        facts = replace(facts, visit=(*facts.visit, Tried(ask.skip, Outcome.SKIPPED)))
    said = {*facts.access, *ask.access}
    step = next_step(replace(facts, access=said, chosen=ask.choose))
    return Rung(step, _case(engine, asked, who) if step.case else None)


def next_after(
    engine: Engine, asked: Asked, answer: Identification, number: str | None
) -> Step | None:
    """What comes after this answer; None when it did not fail. `number` as it was claimed.

    A claim for which there is no factor left (no PIN, no phone) goes on to another way too.
    """
    token = answer.token
    asks = bool(token and token.step_up) or bool(answer.families)
    progress = answer.reason is Reason.STEP_UP_REQUIRED and asks
    if answer.own_family:
        return None
    if answer.status is Status.IDENTIFIED or (answer.status is Status.STEP_UP and progress):
        return None
    way = way_of(answer.method)
    with engine.database.read() as tx:
        who = _Who(token.kpm_id, token.person_id) if token else _claimed(tx, engine, way, number)
        facts = _facts(tx, engine, asked, who)
    if way is not None and answer.reason is Reason.LIMIT_REACHED:
        facts = replace(facts, missing={*facts.missing, way})
    elif way is not None and answer.status is Status.STEP_UP and not asks:
        tried = (*facts.visit, Tried(way, Outcome.FAILED, answer.reason))
        facts = replace(facts, visit=tried, missing={*facts.missing, way})
    step = next_step(facts)
    if step.case:
        _case(engine, asked, who)
    return step


def stopped(
    engine: Engine, asked: Asked, method: Method, number: str | None
) -> Identification | None:
    """The answer when this way is spent here; None lets it be tried. `number` as it was claimed.

    A look before the attempt: calls that one till sends at the same time may pass together. PINs
    and codes have counters of their own, under locks.
    """
    way = way_of(method)
    if way is None:
        return None
    with engine.database.read() as tx:
        who = _claimed(tx, engine, way, number)
        facts = _facts(tx, engine, asked, who, only_this_quote=True)
        if way_open(replace(facts, missing=(), access=()), way):
            return None
        step = next_step(facts)
    kept = _kept(asked, way.value, STOPPED, Reason.LIMIT_REACHED, who.kpm_id)
    engine.database.transact(lambda tx: attempts.add_attempt(tx, kept))
    answer = refused(method, Reason.LIMIT_REACHED)
    return replace(answer, message="Cara ini sudah dicoba beberapa kali.", next_step=told(step))


def _claimed(tx: Tx, engine: Engine, way: Way | None, number: str | None) -> _Who:
    if number is None or way is None or way not in KINDS:
        return _Who()
    lookup = engine.keys.lookup(KINDS[way], number)
    known = families.find_credential(tx, KINDS[way], lookup)
    if known is None and way is Way.KTP:  # a delegate's failures are kept under her first family
        first = next(iter(delegations.living_of_delegate(tx, lookup)), None)
        return _Who(first.kpm_id) if first else _Who()
    return _Who(known.kpm_id, known.person_id) if known else _Who()


def _facts(
    tx: Tx, engine: Engine, asked: Asked, who: _Who, *, only_this_quote: bool = False
) -> LadderFacts:
    """What the rule asks; with `only_this_quote` no other customer's trouble can close a way."""
    now, place = asked.now, asked.place
    happened = attempts.of_till(tx, place.till_id, now - VISIT_SPAN, ATTEMPTS_READ_MAX)
    failures: dict[str, int] = {}
    if who.kpm_id is not None:
        failures = attempts.failures_of_family(tx, who.kpm_id, now - PERSON_SPAN)
    mine = _visit(happened, asked.quote_id, only_this_quote=only_this_quote)
    return LadderFacts(
        visit=tuple(_tried(mine)),
        missing=_missing(tx, engine, who.kpm_id),
        access=_access(tx, who),
        device_failures=sum(each.failed for each in happened),
        shop_failures=attempts.failures_of_shop(tx, place.shop_id, now - SHOP_SPAN),
        person_failures={way: failures[way] for way in Way if way in failures},
    )


def _visit(
    happened: Iterable[Happened], quote_id: str | None, *, only_this_quote: bool
) -> list[Happened]:
    """The attempts of this visit, oldest first: back to the last success or another's basket."""
    found: list[Happened] = []
    for each in happened:
        if each.outcome == Status.IDENTIFIED.value or each.quote_id not in (None, quote_id):
            break
        if not only_this_quote or (quote_id is not None and each.quote_id == quote_id):
            found.append(each)
    return found[::-1]


def _tried(visit: Iterable[Happened]) -> Iterable[Tried]:
    for each in visit:
        way = Way(each.method) if each.method in Way.__members__ else None
        if way is not None and each.outcome == SKIPPED:
            yield Tried(way, Outcome.SKIPPED)
        elif way is not None and each.failed:
            yield Tried(way, Outcome.FAILED, Reason.__members__.get(each.reason or ""))


def _missing(tx: Tx, engine: Engine, kpm_id: KpmId | None) -> set[Way]:
    """Ways that cannot work: faces are off here, or this family has no such thing."""
    missing = set(CAMERA) if engine.faces is None else set()
    if kpm_id is None:
        return missing
    works = any(each.status == families.ACTIVE for each in cards.cards_of(tx, kpm_id))
    found = delegations.living_of_family(tx, kpm_id)
    has = {
        Way.KKS: works and proofs.has_pin(tx, kpm_id),
        Way.PHONE: bool(families.phones_of(tx, kpm_id)),
        Way.DELEGATE: bool(in_force_of_family(tx, engine, kpm_id, found)),
    }
    faces = CAMERA if not templates.in_force(tx, kpm_id) else frozenset()
    return missing | {way for way, there in has.items() if not there} | faces


def _access(tx: Tx, who: _Who) -> set[Access]:
    """What this person told; of a family alone what its PENGURUS told."""
    person_id = who.person_id
    if person_id is None and who.kpm_id is not None:
        persons = families.persons_of(tx, who.kpm_id)
        person_id = next((each.person_id for each in persons if each.role == "PENGURUS"), None)
    return set(map(Access, standing_people.access_of(tx, person_id))) if person_id else set()


def _case(engine: Engine, asked: Asked, who: _Who) -> str:
    """Somebody must visit her; asked again in the same visit it is the same case."""
    hour = f"{asked.now:%Y%m%d%H}"
    case_id = asked.quote_id or f"visit:{asked.place.till_id[:43]}:{hour}"
    case = aid_cases.AidCase(
        case_id=case_id,
        status=aid_cases.OPEN,
        reasons=CaseReason.NOBODY_COULD_PROVE.value,
        region=asked.shop.region,
        shop_id=asked.place.shop_id,
        till_id=asked.place.till_id,
        opened_at=asked.now,
        kpm_id=who.kpm_id,
    )

    def work(tx: Tx) -> None:
        if aid_cases.find_case(tx, case_id) is None:
            aid_cases.add_case(tx, case)

    engine.database.transact(work)
    return case_id


def _kept(
    asked: Asked, method: str, outcome: str, reason: Reason | None, kpm_id: KpmId | None
) -> attempts.Attempt:
    return attempts.Attempt(
        attempt_id=new_uuid7(asked.now),
        shop_id=asked.place.shop_id,
        till_id=asked.place.till_id,
        staff_id=asked.session.staff_id,
        kpm_id=kpm_id,
        method=method,
        outcome=outcome,
        reason=reason.value if reason else None,
        at=asked.now,
        quote_id=asked.quote_id,
    )
