"""Challenges of a face capture: issued by the server, answered once, for a short time."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema import challenge


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a person in front of one till's camera is asked to do."""

    challenge_id: str
    shop_id: str
    till_id: str
    action: str
    expires_at: datetime


def add_challenge(tx: Tx, new: Challenge) -> None:
    """Write a challenge that is about to be shown."""
    tx.execute(
        insert(challenge).values(
            shard=shard_of(new.challenge_id),
            challenge_id=new.challenge_id,
            shop_id=new.shop_id,
            till_id=new.till_id,
            action=new.action,
            expires_at=new.expires_at,
        )
    )


def use_challenge(tx: Tx, challenge_id: str, now: datetime) -> Challenge | None:
    """Take a challenge for its one answer; None when it is unknown or was answered before."""
    columns = challenge.c
    where = (columns.shard == shard_of(challenge_id), columns.challenge_id == challenge_id)
    taken = tx.execute(
        update(challenge).where(*where, columns.used_at.is_(None)).values(used_at=now)
    )
    if taken.rowcount != 1:
        return None
    row = tx.execute(
        select(
            columns.challenge_id,
            columns.shop_id,
            columns.till_id,
            columns.action,
            columns.expires_at,
        ).where(*where)
    ).one()
    return Challenge(*row)
