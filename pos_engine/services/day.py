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
from pos_engine.store import purchases, reversals, shops


def today(engine: Engine, shop: shops.Shop) -> tuple[date, list[purchases.DayEntry]]:
    """The shop's local day and what happened in it so far, in the shop's own time."""
    with engine.database.read() as tx:
        zones = engine.catalogue(tx).zones
        day = zones.local_day(shop.region, engine.now())
        entries = purchases.day_list(tx, shop.shop_id, day)
        back: defaultdict[str, list[reversals.Reversal]] = defaultdict(list)
        for each in reversals.reversals_of_day(tx, shop.shop_id, day):
            back[each.reverses_id].append(each)
    return day, [_with_returns(entry, back[entry.purchase_id]) for entry in entries]


def _with_returns(entry: purchases.DayEntry, back: list[reversals.Reversal]) -> purchases.DayEntry:
    if not back:
        return entry
    status = reversals.status_after(entry.amount, back) or entry.status
    return replace(entry, status=status, returned=reversals.returned(back))


def stored_answer(engine: Engine, shop_id: str, purchase_id: str) -> str | None:
    """The answer that was given; None when the id is unknown or belongs to another shop.

    Byte for byte, unless something was returned: then with what the purchase has become.
    """
    with engine.database.read() as tx:
        claim = purchases.find_claim(tx, purchase_id)
        if claim is None or claim.shop_id != shop_id:
            return None
        answer = json.loads(claim.answer)
        if answer.get("purchase_id") != purchase_id:
            return None  # the id of a void or of a hold
        back = reversals.reversals_of(tx, claim.home_shard, purchase_id)
    if not back:
        return claim.answer
    return msgspec.json.encode(answer | _became(answer, back)).decode()


def _became(answer: dict[str, Any], back: list[reversals.Reversal]) -> dict[str, Any]:
    return {
        "status": reversals.status_after(answer["amount"], back) or answer["status"],
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
