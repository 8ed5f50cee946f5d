"""What a shop is paid: open windows in, transfers with what they cover out."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pos_engine.rules.ids import ShopId
from pos_engine.rules.money import Rupiah
from pos_engine.rules.posting import Kind, Posting, balanced

MDR_BASIS_POINTS = 0  # nothing is taken from aid on its way to a shop
BASIS_POINTS = 10_000
TRANSFER_RUPIAH_MAX = Rupiah(250_000_000)  # one BI-FAST transfer [unverified]; more is split
PARTS_MAX = 40  # transfers to one shop in one settlement; what is left waits for the next
REFERENCE = re.compile(r"EW[0-9]{6}[0-9A-F]{20}")
MESSAGE = re.compile(r"EWM[0-9]{6}-[0-9]{4}")


class Hold(StrEnum):
    """Why money of a shop stays payable."""

    NEGATIVE_CARRIED = "NEGATIVE_CARRIED"
    SHOP_SUSPENDED = "SHOP_SUSPENDED"
    NO_ACCOUNT = "NO_ACCOUNT"
    BELOW_MINIMUM = "BELOW_MINIMUM"


@dataclass(frozen=True, slots=True)
class OpenWindow:
    """What is left of a window, in rupiah; negative after reversals."""

    day: date
    amount: int


@dataclass(frozen=True, slots=True)
class ShopDue:
    """A shop with everything that is open, oldest first, and how it may be paid."""

    shop_id: ShopId
    windows: Sequence[OpenWindow]
    suspended: bool
    account_version: int | None


@dataclass(frozen=True, slots=True)
class Held:
    """Money that waits, and why."""

    reason: Hold
    amount: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """One payout and the parts of windows that it covers; the items sum to its amount."""

    payout_id: str
    part: int
    amount: Rupiah
    items: tuple[OpenWindow, ...]


def plan(due: ShopDue, day: date, minimum: int) -> tuple[Transfer, ...] | Held | None:
    """The transfers of a shop in the settlement of `day`, or why it waits; None: nothing is open.

    Negative windows are taken off the first transfer. More than one transfer allows is split.
    """
    net = sum(each.amount for each in due.windows)
    if net == 0 and not any(each.amount for each in due.windows):
        return None
    reason = _hold(due, net, minimum)
    return Held(reason, net) if reason else _transfers(due, day, net)


def _hold(due: ShopDue, net: int, minimum: int) -> Hold | None:
    """A shop under suspicion loses its settlement before it loses its sales (design 6a.4)."""
    if net <= 0:
        return Hold.NEGATIVE_CARRIED
    if due.suspended:
        return Hold.SHOP_SUSPENDED
    if due.account_version is None:
        return Hold.NO_ACCOUNT
    return Hold.BELOW_MINIMUM if net < minimum else None


def _transfers(due: ShopDue, day: date, net: int) -> tuple[Transfer, ...]:
    items = [each for each in due.windows if each.amount < 0]
    room = min(net, TRANSFER_RUPIAH_MAX) - sum(each.amount for each in items)
    waiting = [each for each in due.windows if each.amount > 0]
    made: list[Transfer] = []
    while waiting and len(made) < PARTS_MAX:
        taken = min(room, waiting[0].amount)
        items.append(OpenWindow(waiting[0].day, taken))
        room -= taken
        rest = OpenWindow(waiting[0].day, waiting[0].amount - taken)
        waiting = [rest, *waiting[1:]] if rest.amount else waiting[1:]
        if room == 0 or not waiting:
            made.append(_transfer(due.shop_id, day, len(made) + 1, items))
            items, room = [], TRANSFER_RUPIAH_MAX
    return tuple(made)


def _transfer(shop_id: ShopId, day: date, part: int, items: list[OpenWindow]) -> Transfer:
    amount = Rupiah(sum(each.amount for each in items))
    return Transfer(payout_reference(shop_id, day, part), part, amount, tuple(items))


def payout_reference(shop_id: str, day: date, part: int) -> str:
    """The name of a transfer at the bank, 28 characters: the same again for the same transfer."""
    text = f"{shop_id}|{day.isoformat()}|{part}"
    return f"EW{day:%y%m%d}{hashlib.blake2s(text.encode(), digest_size=10).hexdigest().upper()}"


def message_reference(day: date, number: int) -> str:
    """The name of one payout file at the bank."""
    return f"EWM{day:%y%m%d}-{number:04d}"


def payout_postings(shop_id: str, amount: int) -> tuple[Posting, ...]:
    """From what is payable to the shop to what is on its way to its bank."""
    return balanced(
        (
            Posting(f"shop:{shop_id}", Rupiah(-amount), Kind.SETTLEMENT),
            Posting(f"clearing:{shop_id}", Rupiah(amount), Kind.SETTLEMENT),
        )
    )


def bank_postings(escrow: str, moves: Sequence[tuple[str, int]]) -> tuple[Posting, ...]:
    """What left (negative) or entered other accounts when the bank moved money of the escrow.

    The escrow account is ours, so its balance stands in the books with the opposite sign.
    """
    legs = [Posting(account, Rupiah(amount), Kind.BANK) for account, amount in moves]
    total = sum(each.amount for each in legs)
    return balanced((*legs, Posting(f"bank:{escrow}", Rupiah(-total), Kind.BANK)))
