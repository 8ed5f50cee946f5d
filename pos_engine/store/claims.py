"""Claims that are committed before their debit: the id is taken, its answer comes from home."""

from collections.abc import Sequence

from msgspec.structs import asdict
from sqlalchemy import bindparam, tuple_, update

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.driver import Later
from pos_engine.store.purchases import CLAIMS, Claim, claim_of
from pos_engine.store.schema import purchase_claim
from pos_engine.store.set_writes import SetWrite, arrays, insert_rows, inserts

OPEN_CLAIMS_MAX = 500  # that are read at once
BEFORE_ALL = (-1, "")
Place = tuple[int, str]  # claim_shard and purchase_id

_columns = purchase_claim.c
_NAMES = ("at_shard", "at_id", "told")
_TOLD = arrays(_columns.claim_shard, _columns.purchase_id, _columns.answer, names=_NAMES)
_ADD = inserts(purchase_claim)
_FINISH = SetWrite(
    update(purchase_claim)
    .where(
        _columns.claim_shard == bindparam("at_shard"),
        _columns.purchase_id == bindparam("at_id"),
        _columns.answer.is_(None),
    )
    .values(answer=bindparam("told")),
    update(purchase_claim)
    .where(
        _columns.claim_shard == _TOLD.c.at_shard,
        _columns.purchase_id == _TOLD.c.at_id,
        _columns.answer.is_(None),
    )
    .values(answer=_TOLD.c.told),
)


def place_of(claim: Claim) -> Place:
    """Where a claim stands, in the order of the keys."""
    return shard_of(claim.purchase_id), claim.purchase_id


def add_open(tx: Tx, claims: Sequence[Claim]) -> None:
    """Take these ids, unanswered; `ConflictError` when a rival took one first."""
    rows = [
        {"claim_shard": shard_of(each.purchase_id)} | asdict(each) | {"answer": None}
        for each in sorted(claims, key=place_of)
    ]
    insert_rows(tx, _ADD, rows)


def finish(tx: Tx, claims: Sequence[Claim]) -> Later[int]:
    """Put the answers into claims that wait for them; how many did. Again changes nothing."""
    rows = [
        {"at_shard": shard_of(each.purchase_id), "at_id": each.purchase_id, "told": each.answer}
        for each in sorted(claims, key=place_of)
    ]
    return _FINISH.run(tx, rows)


def open_claims(tx: Tx, after: Place) -> list[Claim]:
    """Claims without an answer, in the order of their keys, at most OPEN_CLAIMS_MAX."""
    rows = tx.execute(
        CLAIMS.where(
            _columns.answer.is_(None),
            tuple_(_columns.claim_shard, _columns.purchase_id) > tuple_(*after),
        )
        .order_by(_columns.claim_shard, _columns.purchase_id)
        .limit(OPEN_CLAIMS_MAX)
    )
    return [claim_of(row) for row in rows]
