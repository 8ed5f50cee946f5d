"""What a till tells of families that it could not serve, and of cards in the wrong hands."""

from datetime import datetime, timedelta
from enum import StrEnum

NOTE_AGE_MAX = timedelta(days=31)  # a tablet without signal tells as late as this
NOTE_AHEAD_MAX = timedelta(minutes=10)


class WhyNot(StrEnum):
    """Why a family went home without food: one tap of the cashier."""

    STOCK = "STOCK"
    SIGNAL = "SIGNAL"
    POWER = "POWER"
    FACE = "FACE"
    QUEUE = "QUEUE"


class CardNote(StrEnum):
    """How a card came to the till. Nothing is refused for it."""

    TYPED = "TYPED"  # the number was typed: no reader, no sticker
    HELD_BY_FAMILY = "HELD_BY_FAMILY"
    HELD_BY_OTHER = "HELD_BY_OTHER"  # a stranger keeps the card: a sign to look at


def counted_at(occurred_at: datetime, now: datetime) -> datetime:
    """When it happened, as far as the tablet's clock can be believed; else when it was told."""
    believed = now - NOTE_AGE_MAX <= occurred_at <= now + NOTE_AHEAD_MAX
    return occurred_at if believed else now
