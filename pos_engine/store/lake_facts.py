"""The rows of facts that go into the lake, read in sets by their names."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import FromClause, Select, Text, and_, cast, func, select

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.keyed import keyed, rows_by
from pos_engine.store.purchase_news import claims_by
from pos_engine.store.schema import (
    family,
    identity_attempt,
    person,
    posting,
    purchase,
    shop,
    wallet,
)
from pos_engine.store.schema_allowances import allowance, device_key
from pos_engine.store.schema_envelopes import envelope
from pos_engine.store.schema_reversals import reversal

Key = tuple[int, str]
WALLET = "wallet:"
_HEAD = "PENGURUS"


def _purchases(wanted: FromClause) -> Select[tuple[object, ...]]:
    c = purchase.c
    mine = and_(c.shard == wanted.c.shard, c.purchase_id == wanted.c.first)
    home = and_(family.c.shard == c.shard, family.c.kpm_id == c.kpm_id)
    plain = [each for each in c if each.name not in ("shard", "lines", "flags")]
    return (
        select(
            *plain,
            cast(c.lines, Text).label("lines"),
            cast(c.flags, Text).label("flags"),
            family.c.region.label("family_region"),
        )
        .join_from(wanted, purchase, mine)
        .join(family, home, isouter=True)
    )


def _returns(wanted: FromClause) -> Select[tuple[object, ...]]:
    c = reversal.c
    mine = and_(c.shard == wanted.c.shard, c.reversal_id == wanted.c.first)
    bought = and_(purchase.c.shard == c.shard, purchase.c.purchase_id == c.reverses_id)
    names = ("reversal_id", "reverses_id", "kind", "kpm_id", "shop_id", "made_by", "approved_by",
             "amount", "unusable", "purchase_day", "made_at")  # fmt: skip
    return (
        select(*(c[name] for name in names), cast(c.lines, Text).label("lines"), purchase.c.region)
        .join_from(wanted, reversal, mine)
        .join(purchase, bought)
    )


def _movements(wanted: FromClause) -> Select[tuple[object, ...]]:
    """Legs on tranches; those of purchases of goods are left out."""
    c = posting.c
    mine = and_(c.shard == wanted.c.shard, c.txn_id == wanted.c.first)
    own = and_(wallet.c.shard == c.shard, wallet.c.wallet_id == func.substr(c.account, 8))
    home = and_(family.c.shard == wallet.c.shard, family.c.kpm_id == wallet.c.kpm_id)
    bought = and_(purchase.c.shard == c.shard, purchase.c.purchase_id == c.txn_id)
    return (
        select(
            c.shard,
            c.txn_id,
            c.leg,
            c.kind,
            c.amount,
            c.posted_at,
            wallet.c.kpm_id,
            wallet.c.programme,
            wallet.c.period,
            wallet.c.run_id,
            wallet.c.custodian,
            wallet.c.expires_on,
            family.c.region,
        )
        .join_from(wanted, posting, mine)
        .join(wallet, own)
        .join(family, home)
        .join(purchase, bought, isouter=True)
        .where(c.account.startswith(WALLET), purchase.c.purchase_id.is_(None))
    )


def _attempts(wanted: FromClause) -> Select[tuple[object, ...]]:
    c = identity_attempt.c
    mine = and_(c.shard == wanted.c.shard, c.attempt_id == wanted.c.first)
    columns = [each for each in c if each.name != "shard"]
    return select(*columns).join_from(wanted, identity_attempt, mine)


def _outcomes(wanted: FromClause) -> Select[tuple[object, ...]]:
    """Settled envelopes with their tablet's till, and the family when the allowance is known."""
    c = envelope.c
    mine = and_(c.shard == wanted.c.shard, c.envelope_id == wanted.c.first)
    tablet = and_(device_key.c.shard == c.shard, device_key.c.device_id == c.device_id)
    own = and_(allowance.c.device_id == c.device_id, allowance.c.allowance_id == c.allowance_id)
    names = ("envelope_id", "device_id", "seq", "purchase_id", "outcome", "reason", "amount",
             "taken", "source", "number", "sold_at", "received_at", "settled_at")  # fmt: skip
    return (
        select(
            *(c[name] for name in names),
            cast(c.flags, Text).label("flags"),
            device_key.c.shop_id,
            device_key.c.till_id,
            allowance.c.kpm_id,
        )
        .join_from(wanted, envelope, mine)
        .join(device_key, tablet)
        .join(allowance, own, isouter=True)
        .where(c.settled_at.is_not(None))
    )


def _persons(wanted: FromClause) -> Select[tuple[object, ...]]:
    c = person.c
    mine = and_(c.shard == wanted.c.shard, c.kpm_id == wanted.c.first)
    return (
        select(c.kpm_id, c.birth_date, (c.role == _HEAD).label("head"))
        .join_from(wanted, person, mine)
        .where(c.birth_date.is_not(None))
        .order_by(c.shard, c.kpm_id, c.birth_date)
    )


def _places(wanted: FromClause) -> Select[tuple[object, ...]]:
    mine = and_(shop.c.shard == wanted.c.shard, shop.c.shop_id == wanted.c.first)
    return select(shop.c.shop_id, shop.c.name, shop.c.region).join_from(wanted, shop, mine)


_PURCHASES, _RETURNS = keyed(2, _purchases), keyed(2, _returns)
_MOVEMENTS, _ATTEMPTS = keyed(2, _movements), keyed(2, _attempts)
_OUTCOMES = keyed(2, _outcomes)
_PERSONS, _PLACES = keyed(2, _persons), keyed(2, _places)


def purchases(tx: Tx, keys: Collection[Key]) -> Sequence[Any]:
    """Purchases and refusals, with the region of the family."""
    return rows_by(tx, _PURCHASES, keys)


def answers(tx: Tx, purchase_ids: Collection[str]) -> dict[str, str]:
    """The stored answer of each purchase that has one."""
    return {name: claim.answer for name, claim in claims_by(tx, purchase_ids).items()}


def returns(tx: Tx, keys: Collection[Key]) -> Sequence[Any]:
    """Voids and reversals, with the region of the purchase."""
    return rows_by(tx, _RETURNS, keys)


def movements(tx: Tx, keys: Collection[Key]) -> Sequence[Any]:
    """Legs on tranches that are not of purchases of goods."""
    return rows_by(tx, _MOVEMENTS, keys)


def attempts(tx: Tx, keys: Collection[Key]) -> Sequence[Any]:
    """Attempts to prove who somebody is."""
    return rows_by(tx, _ATTEMPTS, keys)


def offline_outcomes(tx: Tx, keys: Collection[Key]) -> Sequence[Any]:
    """Sales without signal that have their last outcome."""
    return rows_by(tx, _OUTCOMES, keys)


def birth_dates(tx: Tx, kpm_ids: Collection[str]) -> dict[str, Any]:
    """The birth date of each family's head, else of its eldest."""
    rows = rows_by(tx, _PERSONS, [(shard_of(each), each) for each in kpm_ids])
    eldest = {row.kpm_id: row.birth_date for row in reversed(rows)}
    return eldest | {row.kpm_id: row.birth_date for row in rows if row.head}


def places(tx: Tx, shop_ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """Name and region of each shop."""
    rows = rows_by(tx, _PLACES, [(shard_of(each), each) for each in shop_ids])
    return {row.shop_id: (row.name, row.region) for row in rows}
