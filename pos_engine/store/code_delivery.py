"""The life of one-time codes after their texts were delivered."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import FromClause, Select, and_, bindparam, select, update

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.keyed import keyed, rows_by
from pos_engine.store.schema import one_time_code
from pos_engine.store.set_writes import SetWrite, arrays

_NAMES = ("at_shard", "at_code", "ends")
_ROWS = arrays(
    one_time_code.c.shard, one_time_code.c.code_id, one_time_code.c.expires_at, names=_NAMES
)
_SET_END = SetWrite(
    update(one_time_code)
    .where(
        one_time_code.c.shard == bindparam("at_shard"),
        one_time_code.c.code_id == bindparam("at_code"),
    )
    .values(expires_at=bindparam("ends", type_=one_time_code.c.expires_at.type)),
    update(one_time_code)
    .where(one_time_code.c.shard == _ROWS.c.at_shard, one_time_code.c.code_id == _ROWS.c.at_code)
    .values(expires_at=_ROWS.c.ends),
)


def _unused(wanted: FromClause) -> Select[tuple[object, ...]]:
    columns = one_time_code.c
    mine = and_(columns.shard == wanted.c.shard, columns.code_id == wanted.c.first)
    return (
        select(columns.kpm_id, columns.code_id, columns.sent_at)
        .join_from(wanted, one_time_code, mine)
        .where(columns.used_at.is_(None))
        .order_by(columns.shard, columns.code_id)
    )


_UNUSED = keyed(2, _unused)


def sent_at(tx: Tx, codes: Collection[tuple[str, str]]) -> list[tuple[str, str, datetime]]:
    """(family, code, when it was sent) of codes that bought nothing yet."""
    keys = [(shard_of(kpm_id), code_id) for kpm_id, code_id in codes]
    return [(row.kpm_id, row.code_id, row.sent_at) for row in rows_by(tx, _UNUSED, keys)]


def set_ends(tx: Tx, ends: Sequence[tuple[str, str, datetime]]) -> None:
    """The last moments of codes (family, code, moment)."""
    rows = [
        {"at_shard": shard_of(kpm_id), "at_code": code_id, "ends": moment}
        for kpm_id, code_id, moment in ends
    ]
    _SET_END.run(tx, rows)
