"""The fallback ladder: what went wrong so far in, the next way of proving who pays out.

One visit is a row of events at one till. Each failure spends one of a way's few tries, each skip
one of its few skips, so that a visit ends after `STEPS_MAX` events at the latest. The two last
rungs are people: two of them vouch for her (SUPERVISED), and where they cannot, the pendamping
visits her and Dinsos has a case (VISIT). So there is always a next step, and none repeats for ever.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pos_engine.rules.identity import TRIES_MAX, Method
from pos_engine.rules.reasons import Reason

SKIPS_MAX = 2  # of one way in one visit: she may take it up again once
DEVICE_FAILURES_MAX = 60  # of one till in ten minutes
SHOP_FAILURES_MAX = 200  # of one shop in an hour
PERSON_FAILURES_MAX = 6  # of one family by one way in a day: somebody is trying numbers of hers


class Way(StrEnum):
    """A rung: how somebody proves who pays, and at the end who helps her."""

    KKS = "KKS"
    PHONE = "PHONE"
    FACE = "FACE"
    KTP = "KTP"
    DELEGATE = "DELEGATE"
    SUPERVISED = "SUPERVISED"
    VISIT = "VISIT"


class Access(StrEnum):
    """What a person told at enrolment or says now: it opens the right way first."""

    NO_FACE = "NO_FACE"  # also who wants no camera: it costs nothing to say so
    NO_PHONE = "NO_PHONE"
    BLIND = "BLIND"
    DEAF = "DEAF"
    BEDRIDDEN = "BEDRIDDEN"


class Why(StrEnum):
    """Why this is the next way."""

    FIRST = "FIRST"
    AGAIN = "AGAIN"  # the same way once more: there are tries left
    CHOSEN = "CHOSEN"
    SKIPPED = "SKIPPED"
    TRIES_SPENT = "TRIES_SPENT"
    WAY_CLOSED = "WAY_CLOSED"  # the way before cannot work today
    DEVICE_LIMIT = "DEVICE_LIMIT"
    SHOP_LIMIT = "SHOP_LIMIT"
    NOBODY_LEFT = "NOBODY_LEFT"  # nothing but a visit


class Outcome(StrEnum):
    """What became of a way that was tried."""

    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


PROVING = (Way.KKS, Way.PHONE, Way.FACE, Way.KTP, Way.DELEGATE)
CAMERA = frozenset({Way.FACE, Way.KTP})
PEOPLE = (Way.SUPERVISED, Way.VISIT)
STEPS_MAX = (len(PROVING) + 1) * (TRIES_MAX + SKIPS_MAX)
# Reasons that no further try of the same way can change today.
CLOSES = frozenset(
    {
        Reason.PIN_BLOCKED,
        Reason.CARD_BLOCKED,
        Reason.CARD_LOST,
        Reason.CARD_EXPIRED,
        Reason.FACE_AMBIGUOUS,
        Reason.DELEGATE_NOT_ALLOWED,
        Reason.BANK_UNREACHABLE,
    }
)
# Reasons that speak of the proof. Of all others (price, balance, suspension) no other way helps.
OF_THE_PROOF = CLOSES | {
    Reason.PAYER_UNKNOWN,
    Reason.PAYER_TOKEN_EXPIRED,
    Reason.PAYER_TOKEN_USED,
    Reason.FACE_NOT_DETECTED,
    Reason.FACE_QUALITY,
    Reason.FACE_NOT_LIVE,
    Reason.FACE_NO_MATCH,
    Reason.STEP_UP_REQUIRED,
    Reason.PIN_WRONG,
    Reason.CODE_WRONG,
    Reason.CODE_EXPIRED,
    Reason.BIRTH_DATE_WRONG,
    Reason.CARD_UNKNOWN,
}
_BLIND = (Way.FACE, Way.KKS, Way.KTP, Way.PHONE, Way.DELEGATE)
_BEDRIDDEN = (Way.DELEGATE, Way.PHONE, Way.KKS, Way.FACE, Way.KTP)


@dataclass(frozen=True, slots=True)
class Tried:
    """One event of a visit."""

    way: Way
    outcome: Outcome
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class LadderFacts:
    """What is known. `visit` is oldest first; `missing` are ways that this family does not have.

    `accepted` are the ways that the bank of her money takes, None when nobody said (our own wallets
    take all). `person_failures` are those of a day by way, when the family is known.
    """

    visit: Sequence[Tried] = ()
    missing: Collection[Way] = ()
    access: Collection[Access] = ()
    accepted: Collection[Way] | None = None
    device_failures: int = 0
    shop_failures: int = 0
    person_failures: Mapping[Way, int] = field(default_factory=dict)
    chosen: Way | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """The next way with what else she may choose, best first; `tries_left` of the next way.

    `case` says that Dinsos must hear of it: nobody could prove who she is today.
    """

    way: Way
    why: Why
    tries_left: int
    choices: tuple[Way, ...]
    case: bool = False


def next_step(facts: LadderFacts) -> Step:
    """The next rung; there is always one."""
    ways = [way for way in _order(facts.access) if way_open(facts, way)]
    helping = [Way.SUPERVISED] if way_open(facts, Way.SUPERVISED) else []
    if not ways and not helping:
        return Step(Way.VISIT, Why.NOBODY_LEFT, 0, (), case=True)
    choices = (*ways, *helping)
    way = _next(facts, choices)
    return Step(way, _why(facts, way), tries_left(facts, way), choices)


def _next(facts: LadderFacts, choices: Sequence[Way]) -> Way:
    """What she chose; else the way under way; else the first that she did not skip."""
    if facts.chosen is not None and facts.chosen in choices:
        return facts.chosen
    last = facts.visit[-1] if facts.visit else None
    if last is not None and last.outcome is Outcome.FAILED and last.way in choices:
        return last.way
    skipped = {each.way for each in facts.visit if each.outcome is Outcome.SKIPPED}
    return next((way for way in choices if way not in skipped), choices[-1])


def _why(facts: LadderFacts, way: Way) -> Why:
    last = facts.visit[-1] if facts.visit else None
    checks = (
        (facts.chosen == way, Why.CHOSEN),
        (facts.device_failures >= DEVICE_FAILURES_MAX, Why.DEVICE_LIMIT),
        (facts.shop_failures >= SHOP_FAILURES_MAX, Why.SHOP_LIMIT),
        (last is None, Why.FIRST),
        (last is not None and last.outcome is Outcome.SKIPPED, Why.SKIPPED),
        (last is not None and last.way is way, Why.AGAIN),
        (last is not None and tries_left(facts, last.way) == 0, Why.TRIES_SPENT),
    )
    return next((why for holds, why in checks if holds), Why.WAY_CLOSED)


def way_open(facts: LadderFacts, way: Way) -> bool:
    """May this way be tried now. Of the people at the end only their own tries count."""
    spent = tries_left(facts, way) == 0 or _skips(facts, way) >= SKIPS_MAX
    if way in PEOPLE:
        return not spent
    over = (
        facts.device_failures >= DEVICE_FAILURES_MAX
        or facts.shop_failures >= SHOP_FAILURES_MAX
        or facts.person_failures.get(way, 0) >= PERSON_FAILURES_MAX
    )
    refused = facts.accepted is not None and way not in facts.accepted
    closed = any(each.way is way and each.reason in CLOSES for each in facts.visit)
    return not (spent or over or refused or closed or way in _without(facts))


def tries_left(facts: LadderFacts, way: Way) -> int:
    """How often this way may still fail in this visit."""
    failed = [e for e in facts.visit if e.way is way and e.outcome is Outcome.FAILED]
    return max(0, TRIES_MAX - len(failed))


def _skips(facts: LadderFacts, way: Way) -> int:
    return sum(each.way is way and each.outcome is Outcome.SKIPPED for each in facts.visit)


def _without(facts: LadderFacts) -> set[Way]:
    """Ways that she does not have or does not want."""
    camera = CAMERA if Access.NO_FACE in facts.access else frozenset()
    phone = {Way.PHONE} if Access.NO_PHONE in facts.access else set()
    return {*facts.missing, *camera, *phone}


def _order(access: Collection[Access]) -> tuple[Way, ...]:
    """A deaf person reads the code and the screen: the plain order serves her."""
    if Access.BEDRIDDEN in access:
        return _BEDRIDDEN
    return _BLIND if Access.BLIND in access else PROVING


def after_refusal(method: Method, reason: Reason) -> Way | None:
    """The next way after a refused proof of which nothing else is known.

    None when the refusal is not about the proof: no other way helps, and its words say what does.
    """
    if reason not in OF_THE_PROOF:
        return None
    way = way_of(method)
    if way is None:
        return next_step(LadderFacts()).way
    return next_step(LadderFacts(visit=(Tried(way, Outcome.FAILED, reason),))).way


def way_of(method: Method) -> Way | None:
    """The rung that a proof's method stands on; a code shown on a phone stands on none."""
    return Way(method.value) if method.value in Way.__members__ else None
