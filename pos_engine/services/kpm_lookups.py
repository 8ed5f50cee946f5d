"""She sees who looked for her: every attempt of the last months that led to her family."""

from dataclasses import dataclass
from datetime import timedelta

from pos_engine.engine import Engine
from pos_engine.store.kpm_lookups import lookups_of

LOOKUPS_SHOWN = timedelta(days=90)
WAYS = {"KKS": "kartu", "PHONE": "HP", "QR": "QR di HP", "KTP": "KTP", "FACE": "wajah"}
CAME = {"IDENTIFIED": "dikenali", "STEP_UP": "diminta bukti lagi", "RETAKE": "foto diulang"}
NOT_FOUND = "tidak berhasil"


@dataclass(frozen=True, slots=True)
class Seen:
    """One look-up in her words; the moment is the shop's wall clock."""

    at: str
    shop_name: str
    way: str
    came: str


def seen_lookups(engine: Engine, kpm_id: str) -> list[Seen]:
    """Look-ups of ninety days, the newest first, at most fifty."""
    with engine.database.read() as tx:
        zones = engine.catalogue(tx).zones
        rows = lookups_of(tx, kpm_id, engine.now() - LOOKUPS_SHOWN)
    return [
        Seen(
            f"{row.at.astimezone(zones.time_zone_of(row.region)):%d-%m-%Y %H.%M}",
            row.shop_name,
            WAYS.get(row.method, row.method.lower()),
            CAME.get(row.outcome, NOT_FOUND),
        )
        for row in rows
    ]
