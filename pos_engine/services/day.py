"""What a shop sees of its own day: the list, a stored answer, a receipt's code."""

import io
import json
from collections import defaultdict
from dataclasses import replace
from datetime import date
from typing import Any

import msgspec
import qrcode
from qrcode.image.svg import SvgPathImage

from pos_engine.engine import Engine
from pos_engine.rules.ids import shard_of
from pos_engine.rules.void_slip import marked_copy
from pos_engine.store import purchases, reversals, shops


def today(engine: Engine, shop: shops.Shop) -> tuple[date, list[purchases.DayEntry]]:
    """The shop's local day and what happened in it so far, in the shop's own time."""
    with engine.database.read() as tx:
        zones = engine.catalogue(tx).zones
    day = zones.local_day(shop.region, engine.now())
    entries: list[purchases.DayEntry] = []
    back: defaultdict[str, list[reversals.Reversal]] = defaultdict(list)
    for view in engine.each_database():
        with view.database.read() as tx:
            entries += purchases.day_list(tx, shop.shop_id, day)
            for each in reversals.reversals_of_day(tx, shop.shop_id, day):
                back[each.reverses_id].append(each)
    entries.sort(key=lambda entry: (entry.decided_at, entry.purchase_id), reverse=True)
    listed = entries[: purchases.LISTED_MAX]
    return day, [_with_returns(entry, back[entry.purchase_id]) for entry in listed]


def _with_returns(entry: purchases.DayEntry, back: list[reversals.Reversal]) -> purchases.DayEntry:
    if not back:
        return entry
    status = reversals.status_after(entry.amount, back) or entry.status
    return replace(entry, status=status, returned=reversals.returned(back))


def stored_answer(engine: Engine, shop_id: str, purchase_id: str) -> str | None:
    """The answer that was given; None when the id is unknown or belongs to another shop.

    Byte for byte, unless something was returned: then with what the purchase has become.
    """
    claim = _claim(engine, purchase_id)
    if claim is None or claim.shop_id != shop_id or not claim.answer:
        return None
    answer = json.loads(claim.answer)
    if answer.get("purchase_id") != purchase_id:
        return None  # the id of a void or of a hold
    with engine.database_of(claim.home_shard).read() as tx:
        back = reversals.reversals_of(tx, claim.home_shard, purchase_id)
    if not back:
        return claim.answer
    return msgspec.json.encode(answer | _became(answer, back)).decode()


def is_pending(engine: Engine, shop_id: str, purchase_id: str) -> bool:
    """Is a purchase of this shop claimed and waiting for a bank's word."""
    claim = _claim(engine, purchase_id)
    if claim is None or claim.shop_id != shop_id:
        return False
    return not claim.answer and engine.homes is None


def _claim(engine: Engine, purchase_id: str) -> purchases.Claim | None:
    """The claim with its answer, from home when it did not reach the claim yet."""
    claims_here = engine.database_of(shard_of(purchase_id))
    with claims_here.read() as tx:
        claim = purchases.find_claim(tx, purchase_id)
    if claim is None or claim.answer:
        return claim
    home = engine.database_of(claim.home_shard)
    if home is claims_here:
        return claim
    with home.read() as tx:
        return purchases.find_claim(tx, purchase_id)


def _became(answer: dict[str, Any], back: list[reversals.Reversal]) -> dict[str, Any]:
    status, receipt = reversals.status_after(answer["amount"], back), answer["receipt"]
    return {
        "status": status or answer["status"],
        "receipt": {**receipt, "text": marked_copy(receipt["text"], status)},
        "returned": reversals.returned(back),
        "returns": [
            {
                "id": each.reversal_id,
                "kind": each.kind,
                "amount": each.amount,
                "reason": each.reason,
                "at": each.made_at.isoformat(timespec="seconds"),
            }
            for each in back
        ],
    }


def receipt_code(engine: Engine, shop_id: str, purchase_id: str) -> bytes | None:
    """The signed receipt text as a QR code (SVG); None without an approved purchase."""
    stored = stored_answer(engine, shop_id, purchase_id)
    answer = json.loads(stored) if stored else {}
    if "receipt" not in answer:
        return None
    code = qrcode.QRCode(border=2, image_factory=SvgPathImage)
    code.add_data(answer["receipt"]["verify"])
    buffer = io.BytesIO()
    code.make_image().save(buffer)
    return buffer.getvalue()
