"""Is a receipt's QR code ours and unaltered, and what became of the purchase since."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import msgspec

from catalog.zones import region_name
from pos_engine.engine import Engine
from pos_engine.rules.receipt_qr import ReceiptQr, read_receipt_qr
from pos_engine.services.day import stored_answer
from pos_engine.services.device_signature import Algorithm, PublicKey, signed_by
from pos_engine.store import audit, devices, envelopes, purchases, shops
from pos_engine.store.receipt_names import ids_waiting
from pos_engine.wire.envelope import MOMENT_MS_MAX, QR_PREFIX, Body, Envelope, from_receipt

CONTENT_LETTERS = 16  # of the goods' hash, as in a code of the engine
LATEST_MS = MOMENT_MS_MAX - 86_400_000  # a tablet's clock may say anything; calendars end
RECORDED = "RECORDED"  # signed by a tablet, and not yet here


class Match(StrEnum):
    """What a check says."""

    MATCH = "MATCH"
    NO_MATCH = "NO_MATCH"  # altered, or never ours
    NO_RECEIPT = "NO_RECEIPT"  # the text is no code of a receipt at all


@dataclass(frozen=True, slots=True)
class Said:
    """What a good code says, and what its purchase has become. `at` is the shop's wall clock."""

    number: str
    amount: int
    at: datetime
    zone: str
    content: str
    shop_name: str
    place: str
    status: str
    returned: int


@dataclass(frozen=True, slots=True)
class CheckedReceipt:
    """The verdict; the rest only when it matches."""

    match: Match
    said: Said | None = None


def check_receipt(engine: Engine, text: str) -> CheckedReceipt:
    """Compare a code with our signature, or a tablet's, and our books. Names no family."""
    if text.strip().startswith(QR_PREFIX):
        return _of_tablet(engine, text.strip())
    qr = read_receipt_qr(text)
    if qr is None:
        return CheckedReceipt(Match.NO_RECEIPT)
    signed = (
        purchase_id
        for purchase_id in _candidates(engine, qr)
        if engine.keys.signature_ok(f"{qr.plain}*{purchase_id}".encode(), qr.signature)
    )
    purchase_id = next(signed, None)
    if purchase_id is None:
        return CheckedReceipt(Match.NO_MATCH)
    return _found(engine, qr, purchase_id)


def _candidates(engine: Engine, qr: ReceiptQr) -> list[str]:
    """Purchases of this number: sealed ones by their label, fresh ones by how their id ends."""
    ids: list[str] = []
    for view in engine.each_database():
        with view.database.read() as tx:
            ids += [leaf.subject_id for _, _, leaf in audit.places_of_receipt(tx, qr.number)]
            ids += ids_waiting(tx, qr.id_ending)
    return ids


def _found(engine: Engine, qr: ReceiptQr, purchase_id: str) -> CheckedReceipt:
    shop_id = _shop_of(engine, purchase_id)
    stored = stored_answer(engine, shop_id, purchase_id)
    if stored is None:
        raise LookupError(purchase_id)  # signed by us and not in our books: a fault
    answer = json.loads(stored)
    shop, zone, _ = _place(engine, shop_id, engine.now())
    return CheckedReceipt(
        Match.MATCH,
        Said(
            number=qr.number,
            amount=qr.amount,
            at=qr.at,
            zone=zone,
            content=qr.content,
            shop_name=shop.name,
            place=region_name(shop.region[:5]),
            status=answer["status"],
            returned=int(answer.get("returned", 0)),
        ),
    )


def _shop_of(engine: Engine, purchase_id: str) -> str:
    """The claim's shop; the claim lives where its id points."""
    for view in engine.each_database():
        with view.database.read() as tx:
            claim = purchases.find_claim(tx, purchase_id)
        if claim is not None:
            return str(claim.shop_id)
    raise LookupError(purchase_id)


def _of_tablet(engine: Engine, text: str) -> CheckedReceipt:
    """A sale without signal: its receipt is the envelope itself, signed by the tablet."""
    read = from_receipt(text)
    if not isinstance(read, Envelope):
        return CheckedReceipt(Match.NO_RECEIPT)
    body = read.body
    with engine.database.read() as tx:
        key = devices.find_key(tx, body.device)
        kept = envelopes.find(tx, read.envelope_id)
    if key is None:
        return CheckedReceipt(Match.NO_MATCH)
    public = PublicKey(Algorithm(key.algorithm), key.public_key)
    if not signed_by(public, read.signed, read.signature):
        return CheckedReceipt(Match.NO_MATCH)
    shop, zone, at = _place(engine, key.shop_id, _sold_at(body))
    return CheckedReceipt(
        Match.MATCH,
        Said(
            number=str(body.seq),
            amount=body.total,
            at=at.replace(tzinfo=None, second=0, microsecond=0),
            zone=zone,
            content=hashlib.sha256(msgspec.json.encode(body.lines)).hexdigest()[:CONTENT_LETTERS],
            shop_name=shop.name,
            place=region_name(shop.region[:5]),
            status=RECORDED if kept is None else kept.outcome,
            returned=0,
        ),
    )


def _sold_at(body: Body) -> datetime:
    """When the tablet says it was: from the engine's last word, else by its own clock."""
    at_ms = body.wall_ms if body.mono_ms is None else body.anchor_ms + body.mono_ms
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=min(at_ms, LATEST_MS))


def _place(engine: Engine, shop_id: str, at: datetime) -> tuple[shops.Shop, str, datetime]:
    """The shop, the name of its time zone, and a moment by its clock."""
    with engine.database.read() as tx:
        shop = shops.find_shop(tx, shop_id)
        zones = engine.catalogue(tx).zones
    if shop is None:
        raise LookupError(shop_id)
    return (
        shop,
        zones.time_zone_name(shop.region),
        at.astimezone(zones.time_zone_of(shop.region)),
    )
