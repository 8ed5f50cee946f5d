"""The list `left-out-families`: who could not buy or never came, for officers who visit."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from pos_engine.rules.exclusion import DAYS_TO_SUCCEED
from pos_engine.store import left_out as facts
from pos_engine.store.database import Tx
from pos_engine.store.work_lists import WIB, Look

Row = dict[str, Any]
COLUMNS = (
    "region", "kpm_id", "name", "kind", "since", "tries", "method", "reason", "left", "next_step",
)  # fmt: skip
FAILED, NEVER = "FAILED", "NEVER_TRIED"
STEPS = {
    "KKS": "Cek kartu dan PIN belanja; sementara pakai HP, wajah, atau KTP.",
    "FACE": "Daftarkan wajah lagi di tempat terang; sementara pakai kartu atau HP.",
    "PHONE": "Perbarui nomor HP; sementara pakai kartu, wajah, atau KTP.",
    "QR": "Bantu buka halaman KPM; sementara pakai kartu atau wajah.",
    "KTP": "Cek NIK di data keluarga; sementara pakai kartu atau HP.",
    "DELEGATE": "Cek surat kuasa wakil, perpanjang bila habis.",
}
VISIT = "Kunjungi: tanyakan jarak, kesehatan, dan cara belanja."


def left_out_families(tx: Tx, look: Look, days: int = DAYS_TO_SUCCEED) -> Iterator[Row]:
    """Failures and credits of these days that are `days` old and were followed by no purchase."""
    until = min(look.until, look.now - timedelta(days=days))
    if until <= look.since:
        return
    asked = facts.Asked(look.since, until, look.now.astimezone(WIB).date(), look.region)
    for region, kpm_id, name, tries, since, method, reason, left in facts.failed_and_not_served(
        tx, asked
    ):
        yield {
            "region": region,
            "kpm_id": kpm_id,
            "name": name,
            "kind": FAILED,
            "since": since.astimezone(WIB).date().isoformat(),
            "tries": tries,
            "method": method,
            "reason": reason or "",
            "left": left,
            "next_step": STEPS.get(method, VISIT),
        }
    for region, kpm_id, name, since, left in facts.never_tried(tx, asked):
        yield {
            "region": region,
            "kpm_id": kpm_id,
            "name": name,
            "kind": NEVER,
            "since": since.astimezone(WIB).date().isoformat(),
            "tries": 0,
            "method": "",
            "reason": "",
            "left": left,
            "next_step": VISIT,
        }
