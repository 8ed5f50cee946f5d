"""A purchase as it is asked and as it is answered, and what makes two requests the same."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import msgspec

from catalog.catalogue import Catalogue
from pos_engine.engine import Engine
from pos_engine.rules.basket import Line, Market
from pos_engine.rules.ids import KpmId, PurchaseId, ShopId, TillId
from pos_engine.services.payer import PayerProof, Place
from pos_engine.services.sessions import Session

CLOCK_SKEW_MAX = timedelta(hours=24)
CLOCK_DRIFT_FLAGGED = timedelta(minutes=10)
PURCHASE_APPROVED = "PURCHASE_APPROVED"


@dataclass(frozen=True, slots=True)
class PurchaseRequest:
    """A purchase as asked at a till. Money in rupiah, quantities in thousandths."""

    purchase_id: PurchaseId
    shop_id: ShopId
    till_id: TillId
    staff_id: str
    occurred_at: datetime
    proof: PayerProof
    lines: tuple[Line, ...]
    session: Session | None = None  # of a till: it must still live when this is decided
    # of a basket that was held: what was lawful on that day when it was shown is paid by its rules
    shown_at: datetime | None = None

    # families of whoever held a basket: she may not sell it to them; a session knows its own
    kin: frozenset[KpmId] = frozenset()

    def by_own_family(self, kpm_id: KpmId | None) -> bool:
        """Does whoever serves belong to the family that pays, as far as we know."""
        return kpm_id in (self.session.own_families if self.session else self.kin)

    @property
    def place(self) -> Place:
        """Where it is asked."""
        return Place(self.shop_id, self.till_id)


@dataclass(frozen=True, slots=True)
class Answer:
    """The stored answer as JSON text, fresh or repeated."""

    body: str


class NotDecided(StrEnum):
    """Why there is no answer under this id; nothing was written now."""

    DUPLICATE_DIFFERENT = "DUPLICATE_DIFFERENT"  # the id stands for another purchase
    CLOCK_SKEW = "CLOCK_SKEW"  # the till's clock is more than a day off
    PENDING = "PENDING"  # a bank is being asked: ask again for the answer
    NO_SESSION = "NO_SESSION"  # logged out or revoked since the session was read


Outcome = Answer | NotDecided


def clock_skewed(request: PurchaseRequest, now: datetime) -> bool:
    """Is the till's clock too far off to decide anything."""
    return abs(now - request.occurred_at) > CLOCK_SKEW_MAX


def market_at(engine: Engine, catalogue: Catalogue, region: str, now: datetime) -> Market:
    """The rules in force at a shop at a moment: its own local day decides price and policy."""
    return engine.market(catalogue, region, catalogue.zones.local_day(region, now))


def content_hash(request: PurchaseRequest, kpm_id: KpmId | None) -> bytes:
    """What makes two requests the same: till, time, lines and family; never PIN, code or token."""
    lines = [
        [line.sku, line.gtin, line.quantity_milli, line.unit_price, line.unit]
        for line in request.lines
    ]
    return content_of(request.till_id, request.occurred_at, lines, kpm_id)


def content_of(
    till_id: str, occurred_at: datetime, lines: list[list[str | int | None]], kpm_id: str | None
) -> bytes:
    """The same of its parts; a line is code, barcode, quantity, price and unit."""
    content = [till_id, occurred_at.astimezone(UTC).isoformat(), lines, kpm_id]
    text = msgspec.json.encode(content)
    if not text.isascii() or b"\x7f" in text:  # claims were always hashed with these escaped
        text = json.dumps(content, separators=(",", ":")).encode()
    return hashlib.sha256(text).digest()
