"""When two people may vouch for a family that cannot prove herself, and what Dinsos must see of it.

Above a quota it makes a case, never a refusal: she goes home with food, and somebody looks why.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from pos_engine.rules.money import Rupiah

COOL_DOWN_RUPIAH_MAX = Rupiah(100_000)  # in a cool-down, once, at the home shop: no case
QUOTA_SPAN = timedelta(days=30)
FAMILY_QUOTA = 2  # supervised purchases of one family in the span
SHOP_QUOTA = 20
PAIR_QUOTA = 10  # of the same two people, anywhere
SUPERVISION_LIFE = timedelta(minutes=30)  # the second person must come while she waits


class SupervisionState(StrEnum):
    """Where it stands."""

    ASKED = "ASKED"
    CONFIRMED = "CONFIRMED"
    REFUSED = "REFUSED"


class NoOtherWay(StrEnum):
    """Why nothing else works today, as the shop says it."""

    CARD_LOST = "CARD_LOST"
    PIN_FORGOTTEN = "PIN_FORGOTTEN"
    NO_PHONE = "NO_PHONE"
    FACE_NOT_KNOWN = "FACE_NOT_KNOWN"
    COOL_DOWN = "COOL_DOWN"
    OUTAGE = "OUTAGE"
    ILL = "ILL"
    OTHER = "OTHER"


class SupervisionReason(StrEnum):
    """Why two people's word is not taken; the first that holds, in this order."""

    NOT_FOUND = "NOT_FOUND"
    DUPLICATE_DIFFERENT = "DUPLICATE_DIFFERENT"
    STAFF_PIN_WRONG = "STAFF_PIN_WRONG"
    STAFF_PIN_BLOCKED = "STAFF_PIN_BLOCKED"
    OWN_FAMILY = "OWN_FAMILY"
    SECOND_PERSON_NEEDED = "SECOND_PERSON_NEEDED"
    WRONG_STATUS = "WRONG_STATUS"
    EXPIRED = "EXPIRED"


class CaseReason(StrEnum):
    """What Dinsos is asked to look at."""

    FAMILY_QUOTA = "FAMILY_QUOTA"
    SHOP_QUOTA = "SHOP_QUOTA"
    PAIR_QUOTA = "PAIR_QUOTA"
    ABOVE_COOL_DOWN_SUM = "ABOVE_COOL_DOWN_SUM"
    OTHER_SHOP = "OTHER_SHOP"
    NOBODY_COULD_PROVE = "NOBODY_COULD_PROVE"  # the ladder's end: somebody must visit her


@dataclass(frozen=True, slots=True)
class SupervisionRefusal:
    """Why not, and which field of the request it is about."""

    reason: SupervisionReason
    field: str = ""


@dataclass(frozen=True, slots=True)
class Vouching:
    """What is known when the second person vouches. Counts are of the span, without this one."""

    amount: Rupiah
    cool_down: bool
    home_shop: bool
    of_family: int
    of_shop: int
    of_pair: int


def may_confirm(
    state: SupervisionState, *, asked_by: str, officer: str, own_family: bool, late: bool
) -> SupervisionRefusal | None:
    """The first reason against the second person's word; a stranger to her and to the shop."""
    checks = (
        (own_family, SupervisionReason.OWN_FAMILY),
        (asked_by == officer, SupervisionReason.SECOND_PERSON_NEEDED),
        (state is not SupervisionState.ASKED, SupervisionReason.WRONG_STATUS),
        (late, SupervisionReason.EXPIRED),
    )
    return next((SupervisionRefusal(reason) for holds, reason in checks if holds), None)


def case_reasons(facts: Vouching) -> tuple[CaseReason, ...]:
    """What makes this purchase a case; none for the plain one that a cool-down leaves open."""
    above = facts.cool_down and facts.amount > COOL_DOWN_RUPIAH_MAX
    checks = (
        (facts.of_family >= FAMILY_QUOTA, CaseReason.FAMILY_QUOTA),
        (facts.of_shop >= SHOP_QUOTA, CaseReason.SHOP_QUOTA),
        (facts.of_pair >= PAIR_QUOTA, CaseReason.PAIR_QUOTA),
        (above, CaseReason.ABOVE_COOL_DOWN_SUM),
        (not facts.home_shop, CaseReason.OTHER_SHOP),
    )
    return tuple(reason for holds, reason in checks if holds)
