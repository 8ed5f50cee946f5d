"""Stickers of cards: a keyed hash of what each says; the directory finds the card by it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from pos_engine.rules.ids import KpmId, shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema import credential
from pos_engine.store.schema_allowances import card_secret


@dataclass(frozen=True, slots=True)
class CardSecret:
    """A card's sticker as it is kept."""

    card_token: str
    card_id: str
    kpm_id: KpmId
    lookup_hmac: bytes
    made_by: str
    made_at: datetime


def end_secret(tx: Tx, kind: str, kpm_id: KpmId, card_id: str, now: datetime) -> None:
    """The sticker of this card, if there is one, works no more. The card is locked."""
    c = card_secret.c
    mine = (c.shard == shard_of(kpm_id)) & (c.card_id == card_id) & c.ended_at.is_(None)
    lookup = tx.execute(select(c.lookup_hmac).where(mine)).scalar_one_or_none()
    if lookup is None:
        return
    tx.execute(update(card_secret).where(mine).values(ended_at=now))
    tx.execute(
        delete(credential).where(credential.c.kind == kind, credential.c.lookup_hmac == lookup)
    )


def add_secret(tx: Tx, new: CardSecret) -> None:
    """Write a sticker; the one before has ended."""
    values = {name: getattr(new, name) for name in new.__slots__}
    tx.execute(insert(card_secret).values(shard=shard_of(new.kpm_id), ended_at=None, **values))
