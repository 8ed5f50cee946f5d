"""Money that one device may take without asking: how much, until when, and what is left of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from pos_engine.rules.bank import ENGINE
from pos_engine.rules.entitlement import Draw, Tranche, draw, spendable
from pos_engine.rules.ids import WalletId
from pos_engine.rules.money import Rupiah

ALLOWANCE_DEFAULT = Rupiah(100_000)  # what is put aside when nobody names a sum
ALLOWANCE_MAX = Rupiah(200_000)  # of one family
DEVICE_ALLOWANCES_MAX = Rupiah(10_000_000)  # what one stolen tablet can cost at most
ALLOWANCE_LIFE = timedelta(days=7)
REMOTE_LIFE = timedelta(days=31)
ALLOWANCE_GRACE = timedelta(days=7)  # for envelopes that are still on their way
SALES_MAX = 20  # on one allowance
OFFLINE = "OFFLINE"  # the purpose of its hold


class AllowanceState(StrEnum):
    """LIVE, until exactly one of the others happens."""

    LIVE = "LIVE"
    SPENT = "SPENT"  # nothing is left of it
    CLOSED = "CLOSED"  # its device gave it back after its sales had come in
    RECALLED = "RECALLED"  # the family took it back, anywhere, at once
    ENDED = "ENDED"  # its time and the grace are over


class NoAllowance(StrEnum):
    """Why nothing was put aside."""

    AT_BANK = "AT_BANK"  # a bank keeps her money, and knows of no reserve
    NO_MONEY = "NO_MONEY"
    DEVICE_FULL = "DEVICE_FULL"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. `amount` None is the default; `remote_home` is her own remote shop.

    `on_device` is what this device holds of all families, in rupiah.
    """

    amount: int | None
    remote_home: bool
    on_device: int


@dataclass(frozen=True, slots=True)
class Reserve:
    """Money to put aside and the tranches it is taken from, the oldest first.

    `last_day` is the last usable day of what ends last: no allowance outlives its money.
    """

    amount: Rupiah
    draws: tuple[Draw, ...]
    last_day: date


def reserve_of(
    asked: Asked, tranches: tuple[Tranche, ...], day: date, free_programmes: Collection[str]
) -> Reserve | NoAllowance:
    """How much of her money this device may hold.

    Only food money whose books we keep: neither a bank's nor that of `free_programmes`, which may
    buy anything. A remote shop may hold all that its own family has, and has no sum of its own.
    """
    food = tuple(each for each in tranches if each.programme not in free_programmes)
    own = tuple(each for each in food if each.custodian == ENGINE)
    free = spendable(own, day)
    if not free:
        return NoAllowance.AT_BANK if spendable(food, day) else NoAllowance.NO_MONEY
    limits = [asked.amount or ALLOWANCE_DEFAULT, free]
    if not asked.remote_home:
        limits += [ALLOWANCE_MAX, max(DEVICE_ALLOWANCES_MAX - asked.on_device, 0)]
    amount = Rupiah(min(limits))
    if amount <= 0:
        return NoAllowance.DEVICE_FULL
    draws = draw(own, amount, day)
    ends = {each.wallet_id: each.expires_on for each in own}
    return Reserve(amount, draws, max(ends[each.wallet_id] for each in draws))


def sold_until(issued_at: datetime, money_ends: datetime, *, remote: bool) -> datetime:
    """Until when an allowance of a shop may be sold on; `money_ends` when its last day is over."""
    return min(issued_at + (REMOTE_LIFE if remote else ALLOWANCE_LIFE), money_ends)


def release_at(not_after: datetime) -> datetime:
    """When what is left goes back by itself."""
    return not_after + ALLOWANCE_GRACE


def without_reserve(
    tranches: tuple[Tranche, ...], draws: Sequence[Draw], kept: Sequence[Draw] = ()
) -> tuple[Tranche, ...]:
    """The tranches as the device sees them that holds these draws: that money is free for it.

    `kept` is what stays held of it.
    """
    change = {each.wallet_id: -each.amount for each in draws}
    for each in kept:
        change[each.wallet_id] += each.amount
    return tuple(
        replace(each, held=Rupiah(each.held + change[each.wallet_id]))
        if each.wallet_id in change
        else each
        for each in tranches
    )


def left_after_sale(
    draws: Sequence[Draw], paid: Sequence[Draw], free: Mapping[WalletId, int]
) -> tuple[Draw, ...]:
    """What an allowance still holds after a sale at its own device that drew it first.

    `draws` is what it held, `paid` what the sale took of the tranches, `free` what each of them had
    besides the allowance. Together it holds as much less as was paid, and no tranche is asked for
    more than is left in it. What is given up is what ends last: the rest of it stays usable.
    """
    taken = {each.wallet_id: each.amount for each in paid}
    kept = {
        each.wallet_id: min(each.amount, each.amount + free[each.wallet_id] - taken[each.wallet_id])
        if each.wallet_id in taken
        else each.amount
        for each in draws
    }
    target = max(sum(each.amount for each in draws) - sum(taken.values()), 0)
    surplus = sum(kept.values()) - target
    for each in reversed(draws):
        given = min(surplus, kept[each.wallet_id])
        kept[each.wallet_id] -= given
        surplus -= given
    return tuple(
        Draw(each.wallet_id, Rupiah(kept[each.wallet_id])) for each in draws if kept[each.wallet_id]
    )


def left_after_draw(draws: Sequence[Draw], taken: Sequence[Draw]) -> tuple[Draw, ...]:
    """What an allowance still holds after an envelope took these parts of it."""
    gone = {each.wallet_id: each.amount for each in taken}
    return tuple(
        Draw(each.wallet_id, Rupiah(left))
        for each in draws
        if (left := each.amount - gone.get(each.wallet_id, 0)) > 0
    )
