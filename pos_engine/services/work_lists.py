"""Reports that are work lists: whom a pendamping should visit, and why."""

from collections.abc import Iterator
from typing import Any

from pos_engine.rules.region_level import length_below
from pos_engine.store.database import Tx
from pos_engine.store.work_lists import (
    Look,
    untouched_counts,
    untouched_tranches,
    waiting_cards,
    waiting_counts,
)

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
NOT_SAID = "ISSUED"  # a card that waits and nobody said why
SOME_LEFT, NO_CARD, NOTHING_TRIED = "SOME_LEFT", "CARD_NOT_WORKING", "NOT_YET_SHOPPED"
REDEEM_STEPS = {
    SOME_LEFT: "Ingatkan sisa saldo dan hari terakhirnya.",
    NO_CARD: "Bantu kartu baru; sementara pakai HP, wajah, atau KTP.",
    NOTHING_TRIED: "Kunjungi: tanyakan jarak, kesehatan, dan cara belanja.",
}


def cards_undistributed(tx: Tx, look: Look) -> Iterator[Row]:
    """Cards that are not in their owner's hand, with the reason and what helps."""
    for row in waiting_cards(tx, look):
        yield {
            "region": row.region,
            "kpm_id": row.kpm_id,
            "name": row.name,
            "card_id": row.card_id,
            "last4": row.last4,
            "state": row.status,
            "reason": row.reason,
            "since": row.since.date().isoformat(),
            "next_step": CARD_STEPS[row.reason],
        }


def not_redeemed(tx: Tx, look: Look) -> Iterator[Row]:
    """Money that ends in these days and is still there, with the likely reason and what helps."""
    for row in untouched_tranches(tx, look):
        reason = _likely(spent=bool(row.spent), card_works=row.card_works)
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


def reasons_of_cards(tx: Tx, look: Look) -> list[Row]:
    """How many cards wait, by place just inside and reason; ISSUED while nobody said why."""
    rows = waiting_counts(tx, look, length_below(look.region))
    return [
        {"region": row.region, "why": row.reason or NOT_SAID, "families": row.families, "left": 0}
        for row in rows
    ]


def reasons_of_money(tx: Tx, look: Look) -> list[Row]:
    """How many tranches wait and with how many rupiah, by place just inside and likely reason."""
    rows = untouched_counts(tx, look, length_below(look.region))
    return [
        {
            "region": row.region,
            "why": _likely(spent=row.some_spent, card_works=row.card_works),
            "families": row.families,
            "left": int(row.left),
        }
        for row in rows
    ]


def _likely(*, spent: bool, card_works: bool) -> str:
    if spent:
        return SOME_LEFT
    return NOTHING_TRIED if card_works else NO_CARD
