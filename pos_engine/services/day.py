"""What a shop sees of its own day: the list, a stored answer, a receipt's code."""

import io
import json
from datetime import date

import qrcode
from qrcode.image.svg import SvgPathImage

from pos_engine.engine import Engine
from pos_engine.services.answers import APPROVED
from pos_engine.store import purchases, shops


def today(engine: Engine, shop: shops.Shop) -> tuple[date, list[purchases.DayEntry]]:
    """The shop's local day and what happened in it so far, in the shop's own time."""
    with engine.database.read() as tx:
        zones = engine.catalogue(tx).zones
        day = zones.local_day(shop.region, engine.now())
        return day, purchases.day_list(tx, shop.shop_id, day)


def stored_answer(engine: Engine, shop_id: str, purchase_id: str) -> str | None:
    """The answer that was given; None when the id is unknown or belongs to another shop."""
    with engine.database.read() as tx:
        claim = purchases.find_claim(tx, purchase_id)
    return claim.answer if claim is not None and claim.shop_id == shop_id else None


def receipt_code(engine: Engine, shop_id: str, purchase_id: str) -> bytes | None:
    """The signed receipt text as a QR code (SVG); None without an approved purchase."""
    stored = stored_answer(engine, shop_id, purchase_id)
    answer = json.loads(stored) if stored else {}
    if answer.get("status") != APPROVED:
        return None
    code = qrcode.QRCode(border=2, image_factory=SvgPathImage)
    code.add_data(answer["receipt"]["verify"])
    buffer = io.BytesIO()
    code.make_image().save(buffer)
    return buffer.getvalue()
