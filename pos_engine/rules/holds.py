"""A hold: money put aside for one purchase to come, and its one way out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pos_engine.rules.entitlement import Draw
from pos_engine.rules.money import Rupiah

HOLD_LIFE_MAX = timedelta(days=45)  # far beyond an offline allowance, so that none stays for ever


class HoldState(StrEnum):
    """HELD, until exactly one of the others happens."""

    HELD = "HELD"
    CAPTURED = "CAPTURED"
    RELEASED = "RELEASED"
    TIMED_OUT = "TIMED_OUT"


class HoldRefusal(StrEnum):
    """Why a hold was not made or not resolved that way. For programs: the flow words it."""

    AMOUNT_INVALID = "AMOUNT_INVALID"  # not above zero
    EXPIRY_INVALID = "EXPIRY_INVALID"  # in the past, or later than HOLD_LIFE_MAX
    DUPLICATE_DIFFERENT = "DUPLICATE_DIFFERENT"  # the id stands for something else
    HOLD_UNKNOWN = "HOLD_UNKNOWN"
    HOLD_ABOVE = "HOLD_ABOVE"  # a capture above what is held
    HOLD_CAPTURED = "HOLD_CAPTURED"
    HOLD_RELEASED = "HOLD_RELEASED"
    HOLD_TIMED_OUT = "HOLD_TIMED_OUT"  # a late capture too, whether or not the sweep came by


RESOLVED = {
    HoldState.CAPTURED: HoldRefusal.HOLD_CAPTURED,
    HoldState.RELEASED: HoldRefusal.HOLD_RELEASED,
    HoldState.TIMED_OUT: HoldRefusal.HOLD_TIMED_OUT,
}


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold as it stands. `purchase_id` is the movement that its capture posted."""

    hold_id: str
    kpm_id: str
    shop_id: str
    purpose: str
    amount: Rupiah
    state: HoldState
    captured: Rupiah
    purchase_id: str | None
    made_at: datetime
    expires_at: datetime
    resolved_at: datetime | None

    def late(self, now: datetime) -> bool:
        """Is its time over."""
        return now >= self.expires_at


def may_be_held(amount: int, now: datetime, expires_at: datetime) -> HoldRefusal | None:
    """Is this an amount and an end that a hold may have."""
    if amount <= 0:
        return HoldRefusal.AMOUNT_INVALID
    if not now < expires_at <= now + HOLD_LIFE_MAX:
        return HoldRefusal.EXPIRY_INVALID
    return None


def may_be_captured(held: Hold, amount: int, now: datetime) -> HoldRefusal | None:
    """May `amount` of this hold be captured now; the rest of it is released by the same act."""
    if held.state is not HoldState.HELD:
        return RESOLVED[held.state]
    if held.late(now):
        return HoldRefusal.HOLD_TIMED_OUT
    if amount <= 0:
        return HoldRefusal.AMOUNT_INVALID
    return HoldRefusal.HOLD_ABOVE if amount > held.amount else None


def captured_draws(draws: tuple[Draw, ...], amount: int) -> tuple[Draw, ...]:
    """What a capture takes, in the order in which the money was drawn."""
    missing, taken = amount, []
    for each in draws:
        part = min(missing, each.amount)
        if part:
            taken.append(Draw(each.wallet_id, Rupiah(part)))
            missing -= part
    return tuple(taken)
