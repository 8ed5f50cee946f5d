"""The report of families who cannot buy without signal: counts by shop, for the officer."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from pos_engine.store.database import Tx
from pos_engine.store.offline_reach import reach
from pos_engine.store.remote_shops import remote_now

COLUMNS = (
    "region", "shop_id", "shop", "remote", "families", "ready", "face_only", "no_card",
    "no_sticker", "next_step",
)  # fmt: skip
STEP = "Beri kartu, stiker, dan PIN belanja. Dahulukan keluarga yang hanya punya wajah."
NOTHING_TO_DO = "Semua keluarga siap."


def offline_unserved(
    tx: Tx, _first: date, _last: date, region: str | None
) -> Iterator[dict[str, Any]]:
    """As things stand today: without signal two factors are needed, card with sticker and PIN."""
    remote = remote_now(tx)
    for each in reach(tx, region):
        yield {
            "region": each.region,
            "shop_id": each.shop_id,
            "shop": each.shop_name,
            "remote": each.shop_id in remote,
            "families": each.families,
            "ready": each.ready,
            "face_only": each.face_only,
            "no_card": each.no_card,
            "no_sticker": each.no_sticker,
            "next_step": NOTHING_TO_DO if each.ready == each.families else STEP,
        }
