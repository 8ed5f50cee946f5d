"""Take down whom a till could not serve and how cards came; list them as not served."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pos_engine.engine import Engine
from pos_engine.rules.ids import PurchaseId
from pos_engine.rules.turned_away import CardNote, WhyNot, counted_at
from pos_engine.services.payer import Place
from pos_engine.services.sessions import Session
from pos_engine.store import till_notes
from pos_engine.store.database import Tx
from pos_engine.store.till_notes import CardTold, TurnedAway, Where

NOT_SERVED_COLUMNS = ("region", "shop_id", "shop", "kind", "method", "reason", "count")
WIB = ZoneInfo("Asia/Jakarta")


def tell_turned_away(
    engine: Engine, session: Session, place: Place, note_id: str, why: WhyNot, at: datetime
) -> None:
    """A family went home without food. Told twice it is one note."""
    now = engine.now()

    def work(tx: Tx) -> None:
        day = _local_day(tx, engine, session, counted_at(at, now))
        shop, till, staff = place.shop_id, place.till_id, session.staff_id
        new = TurnedAway(note_id, shop, till, staff, why.value, day, at, now)
        till_notes.keep_turned_away(tx, new)

    engine.database.transact(work)


def tell_card_note(
    engine: Engine,
    session: Session,
    place: Place,
    note_id: str,
    kind: CardNote,
    at: datetime,
    purchase_id: PurchaseId | None,
) -> None:
    """How a card came to this till. Told twice it is one note."""
    now = engine.now()

    def work(tx: Tx) -> None:
        day = _local_day(tx, engine, session, counted_at(at, now))
        shop, till, staff = place.shop_id, place.till_id, session.staff_id
        till_notes.keep_card_note(
            tx, CardTold(note_id, shop, till, staff, kind.value, day, purchase_id, now)
        )

    engine.database.transact(work)


def _local_day(tx: Tx, engine: Engine, session: Session, at: datetime) -> date:
    if session.shop is None:
        raise LookupError(session.session_id)  # a till session without its shop: a fault
    return engine.catalogue(tx).zones.local_day(session.shop.region, at)


def not_served_rows(
    tx: Tx, first: date, last: date, region: str | None, shop_id: str | None
) -> Iterator[dict[str, Any]]:
    """What kept families from buying, by shop. Days of proofs that failed are those of WIB."""
    span = (_midnight(first), _midnight(last + timedelta(days=1)))
    found = till_notes.excluded_between(tx, (first, last), span, Where(region, shop_id))
    for each in found:
        yield {
            "region": each.region,
            "shop_id": each.shop_id,
            "shop": each.shop_name,
            "kind": each.kind,
            "method": each.method,
            "reason": each.reason,
            "count": each.count,
        }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), WIB)
