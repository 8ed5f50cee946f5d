"""Reports that are work lists: whom a pendamping should visit, and why."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from pos_engine.store.cards import cards_of, events_of
from pos_engine.store.database import Tx
from pos_engine.store.work_lists import untouched_tranches, waiting_cards

Row = dict[str, Any]
CARDS_COLUMNS = (
    "region", "kpm_id", "name", "card_id", "last4", "state", "reason", "since", "next_step",
)  # fmt: skip
REDEEMED_COLUMNS = (
    "region", "kpm_id", "name", "programme", "period", "credited", "spent", "left",
    "expires_on", "likely_reason", "next_step",
)  # fmt: skip
CARD_STEPS = {
    None: "Serahkan kartu, lalu KPM membuat PIN belanja.",
    "ABLE": "Catat keputusan keluarga, lapor Dinsos.",
    "REFUSED": "Catat keputusan keluarga, lapor Dinsos.",
    "DEAD": "Minta pengurus baru dari keluarga.",
    "MOVED": "Minta alamat baru, impor dengan desa baru.",
    "MINOR": "Minta pengurus dewasa dari keluarga.",
    "NOT_FOUND": "Tanyakan ke RT atau kepala desa.",
    "ILL": "Antar ke rumah, daftarkan wakil.",
    "WRONG_NAME": "Perbaiki nama, minta kartu baru.",
}
SOME_LEFT, NO_CARD, NOTHING_TRIED = "SOME_LEFT", "CARD_NOT_WORKING", "NOT_YET_SHOPPED"
REDEEM_STEPS = {
    SOME_LEFT: "Ingatkan sisa saldo dan hari terakhirnya.",
    NO_CARD: "Bantu kartu baru; sementara pakai HP, wajah, atau KTP.",
    NOTHING_TRIED: "Kunjungi: tanyakan jarak, kesehatan, dan cara belanja.",
}


def cards_undistributed(tx: Tx, _first: date, _last: date, region: str | None) -> Iterator[Row]:
    """Cards that are not in their owner's hand today, with the reason and what helps."""
    for row in waiting_cards(tx, region):
        events = events_of(tx, row.kpm_id, row.card_id)
        since = events[-1][3] if events else row.created_at
        yield {
            "region": row.region,
            "kpm_id": row.kpm_id,
            "name": row.name,
            "card_id": row.card_id,
            "last4": row.last4,
            "state": row.status,
            "reason": row.reason,
            "since": since.date().isoformat(),
            "next_step": CARD_STEPS[row.reason],
        }


def not_redeemed(tx: Tx, first: date, last: date, region: str | None) -> Iterator[Row]:
    """Money that ends in these days and is still there, with the likely reason and what helps."""
    for row in untouched_tranches(tx, first, last, region):
        reason = _likely(tx, row.kpm_id, row.spent)
        yield {
            "region": row.region,
            "kpm_id": row.kpm_id,
            "name": row.name,
            "programme": row.programme,
            "period": row.period,
            "credited": row.credited,
            "spent": row.spent,
            "left": row.left,
            "expires_on": row.expires_on.isoformat(),
            "likely_reason": reason,
            "next_step": REDEEM_STEPS[reason],
        }


def _likely(tx: Tx, kpm_id: str, spent: int) -> str:
    if spent:
        return SOME_LEFT
    cards = cards_of(tx, kpm_id)
    works = any(each.status == "ACTIVE" for each in cards)
    return NOTHING_TRIED if works else NO_CARD
