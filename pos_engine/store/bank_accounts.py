"""Which bank keeps a family's money: the sealed token of her account, and the bank's card."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import FromClause, Select, and_, insert, select, update

from pos_engine.rules.ids import KpmId, shard_of
from pos_engine.store.database import Tx
from pos_engine.store.driver import Later
from pos_engine.store.keyed import ask_rows, keyed
from pos_engine.store.schema_bank import bank_account

_c = bank_account.c


@dataclass(frozen=True, slots=True, repr=False)
class BankAccount:
    """A family's account at a bank; `card_id` is the bank's card for it, when she has one."""

    kpm_id: KpmId
    bank: str
    sealed: bytes
    card_id: str | None


_COLUMNS = (_c.kpm_id, _c.bank, _c.sealed, _c.card_id)


def _by_family(wanted: FromClause) -> Select[tuple[object, ...]]:
    mine = and_(_c.shard == wanted.c.shard, _c.kpm_id == wanted.c.first)
    return select(*_COLUMNS).join_from(wanted, bank_account, mine)


_BY_FAMILY = keyed(2, _by_family)


def accounts_of(tx: Tx, kpm_ids: Collection[KpmId]) -> Later[dict[tuple[KpmId, str], BankAccount]]:
    """The accounts of these families, by family and bank."""
    rows = ask_rows(tx, _BY_FAMILY, {(shard_of(kpm_id), kpm_id) for kpm_id in kpm_ids})
    return lambda: {
        (each.kpm_id, each.bank): each for each in (BankAccount(*row) for row in rows())
    }


def set_account(tx: Tx, account: BankAccount, now: datetime) -> None:
    """Write an account, or replace what was known of it."""
    where = (
        _c.shard == shard_of(account.kpm_id),
        _c.kpm_id == account.kpm_id,
        _c.bank == account.bank,
    )
    values = {"sealed": account.sealed, "card_id": account.card_id, "changed_at": now}
    if tx.execute(update(bank_account).where(*where).values(**values)).rowcount == 0:
        tx.execute(
            insert(bank_account).values(
                shard=shard_of(account.kpm_id), kpm_id=account.kpm_id, bank=account.bank, **values
            )
        )


def account_of(tx: Tx, kpm_id: str, bank: str) -> BankAccount | None:
    """One account."""
    row = tx.execute(
        select(*_COLUMNS).where(_c.shard == shard_of(kpm_id), _c.kpm_id == kpm_id, _c.bank == bank)
    ).one_or_none()
    return BankAccount(*row) if row else None
