"""Where a shop is paid: one officer names the account, another puts it in force."""

import json
from dataclasses import dataclass

from pos_engine.engine import Engine
from pos_engine.services.install import Refused
from pos_engine.services.officers import OFFICES, not_an_officer
from pos_engine.store import shop_accounts, shops, standing_people
from pos_engine.store.database import Tx
from pos_engine.store.shop_accounts import PROPOSED, AccountRow
from pos_engine.wire.payout_file import is_bank

ACCOUNT_LENGTH_MIN, ACCOUNT_LENGTH_MAX = 5, 34
HOLDER_LENGTH_MAX = 70
MASKED_DIGITS = 4


@dataclass(frozen=True, slots=True, repr=False)
class BankAccount:
    """An account in clear: for the payout file only, never for a log."""

    number: str
    name: str


@dataclass(frozen=True, slots=True)
class ShownAccount:
    """An account as it may be shown: its last digits."""

    shop_id: str
    version: int
    bank: str
    masked: str
    status: str
    made_by: str
    approved_by: str | None


def name_account(
    engine: Engine, shop_id: str, bank: str, account: BankAccount, officer: str
) -> ShownAccount | Refused:
    """Write a new version. On a demo it is in force at once, else after `approve_account`."""
    number = account.number.strip()
    if not (number.isascii() and number.isalnum()):
        return Refused("account", "letters and digits only")
    if not ACCOUNT_LENGTH_MIN <= len(number) <= ACCOUNT_LENGTH_MAX:
        return Refused("account", f"{ACCOUNT_LENGTH_MIN} to {ACCOUNT_LENGTH_MAX} characters")
    name = account.name.strip()
    # a spreadsheet would run a name that starts as a formula does
    if not (1 <= len(name) <= HOLDER_LENGTH_MAX and name.isprintable() and name[0].isalnum()):
        return Refused("name", f"1 to {HOLDER_LENGTH_MAX} printable characters, a letter first")
    if not is_bank(bank):
        return Refused("bank", f"{bank} is neither a BIC nor a clearing code of digits")
    clean = BankAccount(number, name)
    return engine.database.transact(lambda tx: _add(tx, engine, shop_id, bank, clean, officer))


def _add(
    tx: Tx, engine: Engine, shop_id: str, bank: str, account: BankAccount, officer: str
) -> ShownAccount | Refused:
    refused = _not_its_officer(tx, engine, shop_id, officer)
    if refused is not None:
        return refused
    version = shop_accounts.next_version(tx, shop_id)
    text = json.dumps([account.number, account.name])
    sealed = engine.keys.seal_personal(text, _bound_to(shop_id, version))
    demo = engine.is_demo(tx)
    status, by = (shops.ACTIVE, officer) if demo else (PROPOSED, None)
    row = AccountRow(shop_id, version, bank, sealed, status, officer, by)
    shop_accounts.add_account(tx, row, engine.now())
    return _shown(engine, row)


def approve_account(engine: Engine, shop_id: str, officer: str) -> ShownAccount | Refused:
    """Put the newest version in force, as another person than the one who named it."""
    return engine.database.transact(lambda tx: _approve(tx, engine, shop_id, officer))


def _approve(tx: Tx, engine: Engine, shop_id: str, officer: str) -> ShownAccount | Refused:
    row = shop_accounts.newest_account(tx, shop_id, lock=True)
    if row is None:
        return Refused("shop", f"no account is named for {shop_id}")
    if row.status == PROPOSED:
        refused = _not_its_officer(tx, engine, shop_id, officer)
        if refused is not None:
            return refused
        if standing_people.same_person(tx, row.made_by, officer):
            return Refused("officer", "a second person must approve: named and approved by one")
        shop_accounts.approve_account(tx, row, officer, engine.now())
    return show_account(tx, engine, shop_id)


def _not_its_officer(tx: Tx, engine: Engine, shop_id: str, officer: str) -> Refused | None:
    """Whoever says where a shop is paid is an officer of its region, or of the ministry."""
    shop = shops.find_shop(tx, shop_id)
    if shop is None:
        return Refused("shop", f"no shop {shop_id}")
    return not_an_officer(tx, engine, officer, OFFICES, region=shop.region, field="officer")


def find_account(engine: Engine, shop_id: str) -> ShownAccount | Refused:
    """The newest version, masked."""
    with engine.database.read() as tx:
        return show_account(tx, engine, shop_id)


def show_account(tx: Tx, engine: Engine, shop_id: str) -> ShownAccount | Refused:
    """The newest version inside a transaction."""
    row = shop_accounts.newest_account(tx, shop_id)
    if row is None:
        return Refused("shop", f"no account is named for {shop_id}")
    return _shown(engine, row)


def _shown(engine: Engine, row: AccountRow) -> ShownAccount:
    number = open_account(engine, row.shop_id, row.version, row.sealed).number
    masked = "*" * (len(number) - MASKED_DIGITS) + number[-MASKED_DIGITS:]
    return ShownAccount(
        row.shop_id, row.version, row.bank, masked, row.status, row.made_by, row.approved_by
    )


def open_account(engine: Engine, shop_id: str, version: int, sealed: bytes) -> BankAccount:
    """Decrypt a version for the payout file."""
    number, name = json.loads(engine.keys.open_personal(sealed, _bound_to(shop_id, version)))
    return BankAccount(number, name)


def _bound_to(shop_id: str, version: int) -> str:
    return f"shop account {shop_id} {version}"
