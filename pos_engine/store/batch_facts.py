"""What a batch of purchases must know, each kind of row in one statement.

Every function asks and returns where the answer will be: statements of one trip are sent together.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable

from sqlalchemy import FromClause, LargeBinary, Select, and_, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from pos_engine.rules.entitlement import Tranche
from pos_engine.rules.ids import KpmId, shard_of
from pos_engine.store import families, ledger, proofs, purchases, shops
from pos_engine.store.database import Tx
from pos_engine.store.driver import Later, array_text
from pos_engine.store.keyed import Key, ask_rows, keyed, once
from pos_engine.store.schema import (
    card,
    credential,
    family,
    one_time_code,
    payer_token_use,
    pin,
    purchase_claim,
    shop,
    wallet,
)


def _wallets(wanted: FromClause) -> Select[tuple[object, ...]]:
    mine = and_(wallet.c.shard == wanted.c.shard, wallet.c.kpm_id == wanted.c.first)
    return (
        select(wallet.c.kpm_id, *ledger.TRANCHE_COLUMNS)
        .join_from(wanted, wallet, mine)
        .order_by(wallet.c.shard, wallet.c.wallet_id)  # locked in this order: no deadlock
        .with_for_update(key_share=True, of=wallet)
    )


def _pins(wanted: FromClause) -> Select[tuple[object, ...]]:
    mine = and_(pin.c.shard == wanted.c.shard, pin.c.kpm_id == wanted.c.first)
    return (
        select(pin.c.kpm_id, pin.c.verifier, pin.c.tries_left)
        .join_from(wanted, pin, mine)
        .order_by(pin.c.shard, pin.c.kpm_id)
        .with_for_update(key_share=True, of=pin)
    )


def _codes(wanted: FromClause) -> Select[tuple[object, ...]]:
    columns = one_time_code.c
    mine = and_(
        columns.shard == wanted.c.shard,
        columns.kpm_id == wanted.c.first,
        columns.purchase_id == wanted.c.second,
    )
    return (
        select(*proofs.CODE_COLUMNS)
        .join_from(wanted, one_time_code, mine)
        .where(columns.used_at.is_(None))
        .order_by(columns.shard, columns.kpm_id, columns.sent_at.desc(), columns.code_id.desc())
        .with_for_update(key_share=True, of=one_time_code)
    )


def _claims(wanted: FromClause) -> Select[tuple[object, ...]]:
    columns = purchase_claim.c
    mine = and_(columns.claim_shard == wanted.c.shard, columns.purchase_id == wanted.c.first)
    return select(*purchases.CLAIM_COLUMNS).join_from(wanted, purchase_claim, mine)


def _shops(wanted: FromClause) -> Select[tuple[object, ...]]:
    mine = and_(shop.c.shard == wanted.c.shard, shop.c.shop_id == wanted.c.first)
    return select(*shops.SHOP_COLUMNS).join_from(wanted, shop, mine)


def _families(wanted: FromClause) -> Select[tuple[object, ...]]:
    mine = and_(family.c.shard == wanted.c.shard, family.c.kpm_id == wanted.c.first)
    return select(family.c.kpm_id, family.c.status).join_from(wanted, family, mine)


def _cards(wanted: FromClause) -> Select[tuple[object, ...]]:
    mine = and_(card.c.shard == wanted.c.shard, card.c.card_id == wanted.c.first)
    return select(card.c.card_id, card.c.status).join_from(wanted, card, mine)


def _used(wanted: FromClause) -> Select[tuple[object, ...]]:
    columns = payer_token_use.c
    mine = and_(columns.shard == wanted.c.shard, columns.token_id == wanted.c.first)
    return select(columns.token_id).join_from(wanted, payer_token_use, mine)


_WALLETS, _PINS, _CODES = keyed(2, _wallets), keyed(2, _pins), keyed(3, _codes)
_CLAIMS, _SHOPS, _FAMILIES = keyed(2, _claims), keyed(2, _shops), keyed(2, _families)
_CARDS, _USED = keyed(2, _cards), keyed(2, _used)
_OF_KIND = select(
    credential.c.lookup_hmac, credential.c.kpm_id, credential.c.person_id, credential.c.reference
).where(credential.c.kind == bindparam("kind"))
_CREDENTIALS = _OF_KIND.where(credential.c.lookup_hmac.in_(bindparam("lookups", expanding=True)))
_CREDENTIALS_BY_ARRAY = once(
    _OF_KIND.where(credential.c.lookup_hmac == any_(bindparam("lookups", type_=ARRAY(LargeBinary))))
)


def credentials(
    tx: Tx, kind: str, lookups: Collection[bytes]
) -> Later[dict[bytes, families.Known]]:
    """Whose numbers of one kind these are."""
    if not lookups:
        return dict
    if tx.dialect.name == "sqlite":  # its JSON carries no bytes
        found = tx.execute(_CREDENTIALS, {"kind": kind, "lookups": list(lookups)}).all()
        return lambda: {row[0]: families.Known(*row[1:]) for row in found}
    asked = {"kind": kind, "lookups": array_text(list(lookups))}
    rows = _CREDENTIALS_BY_ARRAY.ask(tx, asked)
    return lambda: {row[0]: families.Known(*row[1:]) for row in rows()}


def lock_tranches(tx: Tx, kpm_ids: Collection[KpmId]) -> Later[dict[KpmId, tuple[Tranche, ...]]]:
    """The tranches of these families in key order; nobody else spends them until we commit."""
    rows = ask_rows(tx, _WALLETS, _own(kpm_ids))

    def by_family() -> dict[KpmId, tuple[Tranche, ...]]:
        found: defaultdict[KpmId, list[Tranche]] = defaultdict(list)
        for row in rows():
            found[row.kpm_id].append(ledger.tranche_of(row))
        return {kpm_id: tuple(tranches) for kpm_id, tranches in found.items()}

    return by_family


def claims(tx: Tx, purchase_ids: Collection[str]) -> Later[dict[str, purchases.Claim]]:
    """What these ids were answered."""
    rows = ask_rows(tx, _CLAIMS, _own(purchase_ids))
    return lambda: {row.purchase_id: purchases.claim_of(row) for row in rows()}


def shops_of(tx: Tx, shop_ids: Collection[str]) -> Later[dict[str, shops.Shop]]:
    """These shops."""
    rows = ask_rows(tx, _SHOPS, _own(shop_ids))
    return lambda: {row.shop_id: shops.Shop(*row) for row in rows()}


def family_states(tx: Tx, kpm_ids: Collection[KpmId]) -> Later[dict[KpmId, str]]:
    """ACTIVE or SUSPENDED; a family that is not there is left out."""
    rows = ask_rows(tx, _FAMILIES, _own(kpm_ids))
    return lambda: {row.kpm_id: row.status for row in rows()}


def card_states(tx: Tx, cards: Collection[tuple[KpmId, str]]) -> Later[dict[str, str]]:
    """ACTIVE, BLOCKED, LOST or EXPIRED, by card id."""
    keys = {(shard_of(kpm_id), card_id) for kpm_id, card_id in cards}
    rows = ask_rows(tx, _CARDS, keys)
    return lambda: {row.card_id: row.status for row in rows()}


def lock_pins(tx: Tx, kpm_ids: Collection[KpmId]) -> Later[dict[KpmId, proofs.Pin]]:
    """The PINs of these families, locked: tries are counted one by one."""
    rows = ask_rows(tx, _PINS, _own(kpm_ids))
    return lambda: {row.kpm_id: proofs.Pin(row.verifier, row.tries_left) for row in rows()}


def lock_codes(tx: Tx, wanted: Iterable[tuple[KpmId, str]]) -> Later[list[proofs.OneTimeCode]]:
    """The unused codes of these families and purchases, the newest of each first, locked."""
    keys: set[Key] = {(shard_of(kpm_id), kpm_id, purchase) for kpm_id, purchase in wanted}
    rows = ask_rows(tx, _CODES, keys)
    return lambda: [proofs.OneTimeCode(*row) for row in rows()]


def used_tokens(tx: Tx, tokens: Iterable[tuple[KpmId, str]]) -> Later[set[str]]:
    """Which of these payer tokens bought something already."""
    keys: set[Key] = {(shard_of(kpm_id), token_id) for kpm_id, token_id in tokens}
    rows = ask_rows(tx, _USED, keys)
    return lambda: {row.token_id for row in rows()}


def _own(names: Collection[str]) -> set[Key]:
    """Rows whose shard follows from their own name."""
    return {(shard_of(name), name) for name in names}
