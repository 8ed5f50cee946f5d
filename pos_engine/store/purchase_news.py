"""What a batch of notices about purchases needs: answers, and the first phone of each family."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import FromClause, Select, and_, select

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.families import ACTIVE
from pos_engine.store.keyed import keyed, rows_by
from pos_engine.store.purchases import CLAIM_COLUMNS, Claim, claim_of
from pos_engine.store.schema import phone, purchase_claim
from pos_engine.store.schema_sms import phone_sign


@dataclass(frozen=True, slots=True)
class FirstPhone:
    """The phone that is told of purchases; `stopped_at`: she asked for no news."""

    phone_id: str
    sealed: bytes
    stopped_at: datetime | None


def _claims(wanted: FromClause) -> Select[tuple[object, ...]]:
    columns = purchase_claim.c
    mine = and_(columns.claim_shard == wanted.c.shard, columns.purchase_id == wanted.c.first)
    return select(*CLAIM_COLUMNS).join_from(wanted, purchase_claim, mine)


def _phones(wanted: FromClause) -> Select[tuple[object, ...]]:
    mine = and_(phone.c.shard == wanted.c.shard, phone.c.kpm_id == wanted.c.first)
    same = and_(phone.c.shard == phone_sign.c.shard, phone.c.phone_id == phone_sign.c.phone_id)
    return (
        select(phone.c.kpm_id, phone.c.phone_id, phone.c.sealed, phone_sign.c.stopped_at)
        .join_from(wanted, phone, mine)
        .join(phone_sign, same, isouter=True)
        .where(phone.c.status == ACTIVE)
        .order_by(phone.c.created_at.desc(), phone.c.phone_id.desc())
    )


_CLAIMS, _PHONES = keyed(2, _claims), keyed(2, _phones)


def claims_by(tx: Tx, purchase_ids: Collection[str]) -> dict[str, Claim]:
    """Claims that are answered, by purchase."""
    keys = [(shard_of(each), each) for each in purchase_ids]
    claims = (claim_of(row) for row in rows_by(tx, _CLAIMS, keys))
    return {each.purchase_id: each for each in claims if each.answer}


def first_phones(tx: Tx, kpm_ids: Collection[str]) -> dict[str, FirstPhone]:
    """The first working phone of each family."""
    rows = rows_by(tx, _PHONES, [(shard_of(each), each) for each in kpm_ids])
    return {row.kpm_id: FirstPhone(row.phone_id, row.sealed, row.stopped_at) for row in rows}
