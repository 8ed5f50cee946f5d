"""An EDC terminal as a till: the same sessions, the same `authorize`, its own names for things.

A terminal names a purchase by DE7, DE11, DE32 and DE41 together: its UUIDv7 is made of these, so
that a message that is said again, and the reversal that names it in DE90, mean the same purchase.
"""

import hashlib
import json
from datetime import date, datetime, timedelta

import structlog

from pos_engine.engine import Engine
from pos_engine.rules.entitlement import spendable, thawed
from pos_engine.rules.ids import KpmId, PurchaseId, new_uuid7, parse_uuid7
from pos_engine.rules.reasons import Reason
from pos_engine.rules.voids import back_to_tranches
from pos_engine.services.answers import APPROVED
from pos_engine.services.identification import asked_at
from pos_engine.services.identify import identify_card
from pos_engine.services.payer import CardProof, Place
from pos_engine.services.returning import Act, still_drawn, write_return
from pos_engine.services.sessions import Session
from pos_engine.store import ledger, purchases, reversals, shops
from pos_engine.store.database import Tx
from pos_engine.wire.iso_messages import Key, moment_of

TERMINAL_REVERSAL_AGE_MAX = timedelta(hours=24)
REASON = "EDC: the answer did not reach the terminal"
REVERSED, NOTHING_TO_DO, UNKNOWN, IN_PROGRESS, TOO_LATE = "00", "21", "25", "09", "57"
_VERSION, _VARIANT = 7, 0b10

log = structlog.get_logger()


def purchase_id_of(key: Key, place: Place, now: datetime) -> PurchaseId:
    """The UUIDv7 of a terminal's message: its own moment, then a hash of key and till."""
    at = moment_of(key.transmitted, now)
    name = f"{key.transmitted}|{key.trace}|{key.acquirer}|{key.terminal}|{place.till_id}"
    noise = int.from_bytes(hashlib.sha256(name.encode()).digest()[:10]) & ((1 << 74) - 1)
    bits = (int(at.timestamp() * 1000) & ((1 << 48) - 1)) << 80
    bits |= _VERSION << 76 | noise >> 62 << 64 | _VARIANT << 62 | noise & ((1 << 62) - 1)
    text = f"{bits:032x}"
    parsed = parse_uuid7(f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}")
    if parsed is None:
        raise LookupError(key.trace)  # made of the right parts: a fault
    return PurchaseId(parsed)


def reverse_at_terminal(
    engine: Engine, session: Session, place: Place, purchase_id: PurchaseId
) -> str:
    """Take back a purchase whose answer a terminal did not hear; DE39 of our answer. Once.

    Nothing was handed over then: the family's money returns whole.
    """
    code = engine.database.transact(lambda tx: _reverse(tx, engine, session, place, purchase_id))
    log.info("edc.reversal", terminal=place.till_id, purchase=purchase_id, code=code)
    return code


def _reverse(
    tx: Tx, engine: Engine, session: Session, place: Place, purchase_id: PurchaseId
) -> str:
    claim = purchases.find_claim(tx, purchase_id)
    if claim is None or claim.shop_id != place.shop_id:
        return UNKNOWN
    if not claim.answer:
        return IN_PROGRESS
    answer = json.loads(claim.answer)
    if answer.get("status") != APPROVED or claim.kpm_id is None:
        return NOTHING_TO_DO
    tranches = ledger.tranches_of(tx, claim.kpm_id, lock=True)
    bought = reversals.find_bought(tx, claim.home_shard, purchase_id)
    back = reversals.reversals_of(tx, claim.home_shard, purchase_id)
    if bought is None or not tranches:
        raise LookupError(purchase_id)  # approved without its rows: a fault
    drawn = still_drawn(tx, claim.home_shard, purchase_id, back)
    if not drawn:
        return REVERSED
    now = engine.now()
    if now - datetime.fromisoformat(answer["decided_at"]) > TERMINAL_REVERSAL_AGE_MAX:
        return TOO_LATE
    write_return(
        tx,
        Act(
            reversal_id=new_uuid7(now),
            kind=reversals.VOID,
            bought=bought,
            kpm_id=KpmId(claim.kpm_id),
            made_by=session.staff_id,
            approved_by=None,
            reason=REASON,
            lines=(),
            returns=back_to_tranches(drawn, sum(each.amount for each in drawn)),
            day=_today(tx, engine, place),
            now=now,
        ),
    )
    return REVERSED


def _today(tx: Tx, engine: Engine, place: Place) -> date:
    shop = shops.find_shop(tx, place.shop_id)
    if shop is None:
        raise LookupError(place.shop_id)  # a session without its shop: a fault
    return engine.catalogue(tx).zones.local_day(shop.region, engine.now())


def approval_of(purchase_id: str) -> str:
    """DE38: six signs of the purchase's own number, as they end the receipt's."""
    return purchase_id.replace("-", "")[-6:].upper()


def balance_at_terminal(
    engine: Engine, session: Session, place: Place, proof: CardProof
) -> int | Reason:
    """Rupiah that the family behind our own card may spend now, or why it is not told."""
    asked = asked_at(engine, session, place, None)
    found = identify_card(engine, asked, proof)
    if found.token is None or not found.token.proven:
        return found.reason or Reason.PAYER_UNKNOWN
    with engine.database.read() as tx:
        tranches = thawed(ledger.tranches_of(tx, found.token.kpm_id, lock=False))
        return int(spendable(tranches, _today(tx, engine, place)))
