"""Envelopes for people: what came, what became of it, what waits for whom."""

from dataclasses import dataclass

from pos_engine.engine import Engine
from pos_engine.store import envelopes, offline_reviews
from pos_engine.store.envelopes import Kept


@dataclass(frozen=True, slots=True)
class Listed:
    """One envelope; no family in it."""

    kept: Kept
    disputed: bool

    @property
    def amount(self) -> int:
        """What it claims, in rupiah."""
        return self.kept.amount

    @property
    def row(self) -> dict[str, object]:
        """As it is shown."""
        kept = self.kept
        return {
            "envelope_id": kept.envelope_id,
            "device_id": kept.device_id,
            "seq": kept.seq,
            "purchase_id": kept.purchase_id,
            "amount": kept.amount,
            "outcome": "DISPUTED" if self.disputed else kept.outcome,
            "reason": kept.reason,
            "held_for": kept.held_for,
            "flags": " ".join(kept.flags),
            "source": kept.source,
            "received_at": kept.received_at.isoformat(timespec="seconds"),
            "sold_at": kept.sold_at.isoformat(timespec="seconds") if kept.sold_at else None,
        }


def list_envelopes(
    engine: Engine, device_id: str | None, outcome: str | None, *, waiting: bool
) -> list[Listed]:
    """The newest first, a bounded number."""
    with engine.database.read() as tx:
        found = envelopes.listed(tx, device_id, outcome, unsettled=waiting)
        disputed = offline_reviews.open_disputes(tx, [each.envelope_id for each in found])
    return [Listed(each, each.envelope_id in disputed) for each in found]
