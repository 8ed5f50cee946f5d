"""What of a purchase may still be returned, which lines, and into which tranches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pos_engine.rules.entitlement import Draw, Tranche
from pos_engine.rules.ids import WalletId
from pos_engine.rules.money import Rupiah, line_total
from pos_engine.rules.posting import Return


class VoidReason(StrEnum):
    """Why nothing was returned; the order is the precedence. `ALREADY_VOIDED` is contract v1's."""

    OWNER_PIN_BLOCKED = "OWNER_PIN_BLOCKED"
    OWNER_PIN_WRONG = "OWNER_PIN_WRONG"
    VOID_OF_VOID = "VOID_OF_VOID"
    VOID_NOT_APPROVED = "VOID_NOT_APPROVED"
    VOID_TOO_LATE = "VOID_TOO_LATE"
    VOID_OTHER_PAYER = "VOID_OTHER_PAYER"
    ALREADY_VOIDED = "ALREADY_VOIDED"
    VOID_LINE_UNKNOWN = "VOID_LINE_UNKNOWN"
    VOID_ABOVE_PURCHASE = "VOID_ABOVE_PURCHASE"


class Status(StrEnum):
    """What a purchase has become, told when it is looked at."""

    VOIDED = "VOIDED"
    REVERSED = "REVERSED"


@dataclass(frozen=True, slots=True)
class BoughtLine:
    """A line of an approved purchase, and how much of it is still bought."""

    sku: str | None
    gtin: str | None
    unit: str
    quantity_milli: int
    unit_price: Rupiah
    left_milli: int


@dataclass(frozen=True, slots=True)
class AskedLine:
    """Goods that come back; price and unit are needed only where the name is not clear."""

    sku: str | None
    gtin: str | None
    quantity_milli: int
    unit_price: Rupiah | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class ReturnedLine:
    """So much of the line with this place in the purchase."""

    place: int
    quantity_milli: int
    amount: Rupiah


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known about the purchase that is to be voided."""

    a_purchase: bool
    approved: bool
    of_today: bool
    other_payer: bool
    returned_before: bool
    nothing_left: bool


def may_be_voided(standing: Standing, *, all_of_it: bool) -> VoidReason | None:
    """The first thing in the way. The whole of a purchase cannot be voided a second time."""
    voided = standing.returned_before and (all_of_it or standing.nothing_left)
    in_the_way = {
        VoidReason.VOID_OF_VOID: not standing.a_purchase,
        VoidReason.VOID_NOT_APPROVED: not standing.approved,
        VoidReason.VOID_TOO_LATE: not standing.of_today,
        VoidReason.VOID_OTHER_PAYER: standing.other_payer,
        VoidReason.ALREADY_VOIDED: voided,
    }
    return next((reason for reason, holds in in_the_way.items() if holds), None)


def returned_value(line: BoughtLine, quantity_milli: int) -> Rupiah:
    """What so much less of a line costs less: parts of a line never sum above its total."""
    before = line_total(line.unit_price, line.left_milli)
    return Rupiah(before - line_total(line.unit_price, line.left_milli - quantity_milli))


def whole(bought: Sequence[BoughtLine]) -> tuple[ReturnedLine, ...]:
    """Everything that is still bought."""
    return tuple(
        ReturnedLine(place, line.left_milli, returned_value(line, line.left_milli))
        for place, line in enumerate(bought)
        if line.left_milli
    )


def pick_lines(
    bought: Sequence[BoughtLine], asked: Sequence[AskedLine]
) -> tuple[ReturnedLine, ...] | VoidReason:
    """The lines that are meant; goods of one name at two prices must be told apart by price."""
    left = [line.left_milli for line in bought]
    for want in asked:
        places = [place for place, line in enumerate(bought) if _meant(line, want)]
        prices = {(bought[place].unit, bought[place].unit_price) for place in places}
        if len(prices) != 1 or want.quantity_milli <= 0:
            return VoidReason.VOID_LINE_UNKNOWN
        if want.quantity_milli > sum(left[place] for place in places):
            gone = sum(bought[place].left_milli for place in places) == 0
            return VoidReason.ALREADY_VOIDED if gone else VoidReason.VOID_ABOVE_PURCHASE
        missing = want.quantity_milli
        for place in places:
            taken = min(missing, left[place])
            left[place] -= taken
            missing -= taken
    taken_milli = [line.left_milli - after for line, after in zip(bought, left, strict=True)]
    return tuple(
        ReturnedLine(place, quantity, returned_value(bought[place], quantity))
        for place, quantity in enumerate(taken_milli)
        if quantity
    )


def _meant(line: BoughtLine, want: AskedLine) -> bool:
    return (
        (want.sku is None or want.sku == line.sku)
        and (want.gtin is None or want.gtin == line.gtin)
        and (want.unit_price is None or want.unit_price == line.unit_price)
        and (want.unit is None or want.unit == line.unit)
    )


def back_to_tranches(drawn: Sequence[Draw], amount: int) -> tuple[Return, ...]:
    """Money goes back where it came from, what was drawn last first.

    `drawn` is what is still drawn of the purchase; the caller knows that it is enough.
    """
    missing, returns = amount, []
    for each in reversed(drawn):
        part = min(missing, each.amount)
        if part:
            returns.append(Return(each.wallet_id, each.wallet_id, Rupiah(part)))
            missing -= part
    return tuple(returns)


def carried(
    returns: tuple[Return, ...], tranches: Sequence[Tranche], day: date
) -> tuple[Return, ...]:
    """Money of a tranche that is no longer usable goes to her newest usable one of the programme.

    Where there is none it stays in its own tranche.
    """
    own = {each.wallet_id: each for each in tranches}
    usable = [each for each in tranches if each.usable(day)]
    return tuple(_carried(each, own, usable, day) for each in returns)


def _carried(
    back: Return, own: Mapping[WalletId, Tranche], usable: Sequence[Tranche], day: date
) -> Return:
    tranche = own[back.drawn_from]
    if tranche.usable(day):
        return back
    same = [each for each in usable if each.programme == tranche.programme]
    newest = max(same, key=lambda each: (each.expires_on, each.period), default=tranche)
    return Return(back.drawn_from, newest.wallet_id, back.amount)


def became(amount: int, returned: int, *, by_officers: bool) -> Status | None:
    """VOIDED or REVERSED when nothing of a purchase is left; a part leaves it APPROVED."""
    if returned < amount:
        return None
    return Status.REVERSED if by_officers else Status.VOIDED
