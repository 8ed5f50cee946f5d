"""What came from phones: each text once, and how often a number asked."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema_sms import gateway_call, sms_in


@dataclass(frozen=True, slots=True)
class Came:
    """A text that came: a keyed hash of its number, what was asked, what became of it."""

    message_key: str
    from_hmac: bytes
    kpm_id: str | None
    word: str
    outcome: str
    at: datetime


def add(tx: Tx, came: Came) -> None:
    """Write it; `ConflictError` when it came before."""
    tx.execute(insert(sms_in).values(shard=shard_of(came.message_key), **asdict(came)))


def known(tx: Tx, message_key: str) -> bool:
    """Did this text come before."""
    row = tx.execute(
        select(sms_in.c.outcome).where(
            sms_in.c.shard == shard_of(message_key), sms_in.c.message_key == message_key
        )
    ).one_or_none()
    return row is not None


def count_since(tx: Tx, from_hmac: bytes, since: datetime) -> int:
    """How many texts this number sent since a moment."""
    asked = select(func.count()).where(sms_in.c.from_hmac == from_hmac, sms_in.c.at >= since)
    return int(tx.execute(asked).scalar_one())


def counts_since(tx: Tx, since: datetime) -> list[tuple[str, str, int]]:
    """Words and outcomes since a moment."""
    rows = tx.execute(
        select(sms_in.c.word, sms_in.c.outcome, func.count())
        .where(sms_in.c.at >= since)
        .group_by(sms_in.c.word, sms_in.c.outcome)
        .order_by(sms_in.c.word, sms_in.c.outcome)
    )
    return [(str(row[0]), str(row[1]), int(row[2])) for row in rows]


def used(tx: Tx, signature: str) -> bool:
    """Was a call with this signature answered before."""
    row = tx.execute(
        select(gateway_call.c.at).where(
            gateway_call.c.shard == shard_of(signature), gateway_call.c.signature == signature
        )
    ).one_or_none()
    return row is not None


def use(tx: Tx, signature: str, now: datetime) -> None:
    """Use up the signature of a call."""
    tx.execute(insert(gateway_call).values(shard=shard_of(signature), signature=signature, at=now))


def forget_calls(tx: Tx, before: datetime) -> int:
    """Take away signatures that are outside the window anyway."""
    return tx.execute(delete(gateway_call).where(gateway_call.c.at < before)).rowcount
