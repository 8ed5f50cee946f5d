"""Purchases that wait for their seal, by how their id ends: the newest receipts are among them."""

from sqlalchemy import select

from pos_engine.store.announce import Kind
from pos_engine.store.database import Tx
from pos_engine.store.schema_audit import audit_pending

WAITING_NAMED_MAX = 5  # eight random hexadecimal digits: more than one is a rarity


def ids_waiting(tx: Tx, ending: str) -> list[str]:
    """The ids of purchases made since the last seals whose id ends so (hexadecimal digits)."""
    query = (
        select(audit_pending.c.subject_id)
        .where(
            audit_pending.c.kind == Kind.PURCHASE.value,
            audit_pending.c.subject_id.endswith(ending, autoescape=True),
        )
        .limit(WAITING_NAMED_MAX)
    )
    return list(tx.execute(query).scalars())
