"""Secrets that prove a payer: PIN verifiers, one-time codes, used payer tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from pos_engine.rules.ids import KpmId, PersonId, ShopId, shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema import one_time_code, payer_token_use, pin
from pos_engine.store.set_writes import SetWrite, arrays, insert_rows, inserts

CODES_COUNTED = 2  # after a resend the last two count


@dataclass(frozen=True, slots=True)
class Pin:
    """The verification value of a family's PIN belanja and the tries that are left."""

    verifier: bytes
    tries_left: int


@dataclass(frozen=True, slots=True)
class OneTimeCode:
    """A code sent by SMS: bound to family, shop, purchase and at most an amount."""

    code_id: str
    kpm_id: KpmId
    person_id: PersonId
    shop_id: ShopId
    purchase_id: str
    amount_max: int
    code_hmac: bytes
    tries_left: int
    sent_at: datetime
    expires_at: datetime


CODE_COLUMNS = (
    one_time_code.c.code_id,
    one_time_code.c.kpm_id,
    one_time_code.c.person_id,
    one_time_code.c.shop_id,
    one_time_code.c.purchase_id,
    one_time_code.c.amount_max,
    one_time_code.c.code_hmac,
    one_time_code.c.tries_left,
    one_time_code.c.sent_at,
    one_time_code.c.expires_at,
)
_LOCK_PIN = (
    select(pin.c.verifier, pin.c.tries_left)
    .where(pin.c.shard == bindparam("shard"), pin.c.kpm_id == bindparam("kpm_id"))
    .with_for_update(key_share=True)
)
_SET_PIN_TRIES = (
    update(pin)
    .where(pin.c.shard == bindparam("at_shard"), pin.c.kpm_id == bindparam("at_kpm"))
    .values(tries_left=bindparam("left"))
)
_THE_CODE = (
    one_time_code.c.shard == bindparam("at_shard"),
    one_time_code.c.code_id == bindparam("at_code"),
)
_SET_CODE_TRIES = update(one_time_code).where(*_THE_CODE).values(tries_left=bindparam("left"))
_USED_NAMES = ("at_shard", "at_code", "now")
_USED = arrays(
    one_time_code.c.shard, one_time_code.c.code_id, one_time_code.c.used_at, names=_USED_NAMES
)
_USE_CODE = SetWrite(
    update(one_time_code)
    .where(*_THE_CODE)
    .values(used_at=bindparam("now", type_=one_time_code.c.used_at.type)),
    update(one_time_code)
    .where(one_time_code.c.shard == _USED.c.at_shard, one_time_code.c.code_id == _USED.c.at_code)
    .values(used_at=_USED.c.now),
)
_USE_TOKEN = inserts(payer_token_use)


def set_pin(tx: Tx, kpm_id: str, verifier: bytes, tries_left: int, now: datetime) -> None:
    """Set or replace the PIN of a family; the tries start anew."""
    where = (pin.c.shard == shard_of(kpm_id), pin.c.kpm_id == kpm_id)
    values = {"verifier": verifier, "tries_left": tries_left, "changed_at": now}
    if tx.execute(update(pin).where(*where).values(**values)).rowcount == 0:
        tx.execute(insert(pin).values(shard=shard_of(kpm_id), kpm_id=kpm_id, **values))


def lock_pin(tx: Tx, kpm_id: str) -> Pin | None:
    """The PIN of a family, locked until the transaction ends: tries are counted one by one."""
    row = tx.execute(_LOCK_PIN, {"shard": shard_of(kpm_id), "kpm_id": kpm_id}).one_or_none()
    return Pin(*row) if row else None


def set_pin_tries(tx: Tx, tries: Mapping[KpmId, int]) -> None:
    """Write the counters; the caller holds the locks."""
    rows = [
        {"at_shard": shard_of(kpm_id), "at_kpm": kpm_id, "left": left}
        for kpm_id, left in tries.items()
    ]
    if rows:
        tx.execute(_SET_PIN_TRIES, rows)


def has_pin(tx: Tx, kpm_id: str) -> bool:
    """Has the family a PIN that is not blocked."""
    row = tx.execute(
        select(pin.c.tries_left).where(pin.c.shard == shard_of(kpm_id), pin.c.kpm_id == kpm_id)
    ).one_or_none()
    return row is not None and row.tries_left > 0


def add_code(tx: Tx, code: OneTimeCode) -> None:
    """Write a code that is about to be sent."""
    tx.execute(
        insert(one_time_code).values(
            shard=shard_of(code.kpm_id),
            code_id=code.code_id,
            kpm_id=code.kpm_id,
            person_id=code.person_id,
            shop_id=code.shop_id,
            purchase_id=code.purchase_id,
            amount_max=code.amount_max,
            code_hmac=code.code_hmac,
            tries_left=code.tries_left,
            sent_at=code.sent_at,
            expires_at=code.expires_at,
        )
    )


def lock_codes(tx: Tx, kpm_id: str, shop_id: str, purchase_id: str) -> list[OneTimeCode]:
    """The codes that still count for a purchase, newest first, locked."""
    columns = one_time_code.c
    rows = tx.execute(
        select(*CODE_COLUMNS)
        .where(
            columns.shard == shard_of(kpm_id),
            columns.kpm_id == kpm_id,
            columns.purchase_id == purchase_id,
            columns.shop_id == shop_id,
            columns.used_at.is_(None),
        )
        .order_by(columns.sent_at.desc(), columns.code_id.desc())
        .limit(CODES_COUNTED)
        .with_for_update(key_share=True)
    )
    return [OneTimeCode(**row) for row in rows.mappings()]


def count_codes_since(tx: Tx, kpm_id: str, since: datetime) -> int:
    """How many codes were sent to a family since a moment: the resend limit."""
    rows = tx.execute(
        select(one_time_code.c.code_id).where(
            one_time_code.c.shard == shard_of(kpm_id),
            one_time_code.c.kpm_id == kpm_id,
            one_time_code.c.sent_at >= since,
        )
    )
    return len(rows.all())


def set_code_tries(tx: Tx, tries: Mapping[tuple[KpmId, str], int]) -> None:
    """Write the counters, by family and code; the caller holds the locks."""
    rows = [
        {"at_shard": shard_of(kpm_id), "at_code": code_id, "left": left}
        for (kpm_id, code_id), left in tries.items()
    ]
    if rows:
        tx.execute(_SET_CODE_TRIES, rows)


def use_code(tx: Tx, kpm_id: str, code_id: str, now: datetime) -> None:
    """A code works once."""
    use_codes(tx, [(kpm_id, code_id)], now)


def use_codes(tx: Tx, used: Sequence[tuple[str, str]], now: datetime) -> None:
    """Codes of families that bought something."""
    rows = [
        {"at_shard": shard_of(kpm_id), "at_code": code_id, "now": now} for kpm_id, code_id in used
    ]
    _USE_CODE.run(tx, rows)


def token_used(tx: Tx, kpm_id: str, token_id: str) -> bool:
    """Has an approved purchase consumed this payer token."""
    row = tx.execute(
        select(payer_token_use.c.token_id).where(
            payer_token_use.c.shard == shard_of(kpm_id), payer_token_use.c.token_id == token_id
        )
    ).one_or_none()
    return row is not None


@dataclass(frozen=True, slots=True)
class TokenUse:
    """A payer token and the approved purchase that consumed it."""

    kpm_id: KpmId
    token_id: str
    purchase_id: str


def use_tokens(tx: Tx, used: Sequence[TokenUse], now: datetime) -> None:
    """Consume payer tokens; `ConflictError` when a rival purchase was first."""
    rows = [
        {
            "shard": shard_of(each.kpm_id),
            "token_id": each.token_id,
            "purchase_id": each.purchase_id,
            "used_at": now,
        }
        for each in used
    ]
    insert_rows(tx, _USE_TOKEN, rows)


def free_token(tx: Tx, kpm_id: str, token_id: str, purchase_id: str) -> None:
    """A purchase that came to nothing gives its payer token back."""
    tx.execute(
        delete(payer_token_use).where(
            payer_token_use.c.shard == shard_of(kpm_id),
            payer_token_use.c.token_id == token_id,
            payer_token_use.c.purchase_id == purchase_id,
        )
    )
