"""Families' accounts at banks: entered from a bank's list, and asked for their balance."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pos_engine.engine import Engine
from pos_engine.rules.bank import ENGINE
from pos_engine.rules.identity import bank_card_ok
from pos_engine.rules.ids import KpmId, new_uuid7
from pos_engine.services.bank_question import (
    merchant_of,
    place_of,
    reference_of,
    sealed_for,
    terminal_of,
    trace_of,
)
from pos_engine.services.bank_way import listening
from pos_engine.services.install import Refused
from pos_engine.services.payer import CARD
from pos_engine.store import bank_accounts, families
from pos_engine.store.bank_accounts import BankAccount
from pos_engine.store.database import ConflictError, Tx
from pos_engine.switch.config import ANSWER_S_MAX, BANK
from pos_engine.wire.bank_answers import APPROVED
from pos_engine.wire.iso_fields import IsoError
from pos_engine.wire.iso_messages import AVAILABLE, Asking, Key, balance_message, balances
from pos_engine.wire.iso_messages import transmission as de7

ACCOUNT = re.compile(r"[\x21-\x7e]{1,28}")
ACCOUNT_ROWS_MAX = 30_000_000
COLUMNS = ("family_id", "bank", "account", "card")
REFUSALS_MAX = 20


@dataclass(frozen=True, slots=True, repr=False)
class NewAccount:
    """One row of a bank's list. `account` is the bank's token for it, `card` its card's number."""

    kpm_id: KpmId
    bank: str
    account: str
    card: str | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """How many rows are entered, and what is wrong with others, by row (at most REFUSALS_MAX)."""

    rows: int
    refused: int
    problems: tuple[str, ...]


def add_account(engine: Engine, new: NewAccount) -> Refused | None:
    """Enter an account, or change what is known of it; the same row again changes nothing."""
    wrong = _wrong(new)
    if wrong is not None:
        return wrong
    try:
        return engine.database.transact(lambda tx: _add(tx, engine, new))
    except ConflictError:
        return Refused("card", "is registered for another family")


def _wrong(new: NewAccount) -> Refused | None:
    if BANK.fullmatch(new.bank) is None or new.bank == ENGINE:
        return Refused("bank", "is no code of a bank (write BRI)")
    if ACCOUNT.fullmatch(new.account) is None:
        return Refused("account", "1 to 28 printable signs without blanks")
    if new.card is None:
        return None
    if not bank_card_ok(new.card):
        return Refused("card", "16 to 19 digits of a bank's card, with the right check digit")
    return None


def _add(tx: Tx, engine: Engine, new: NewAccount) -> Refused | None:
    if families.find_family(tx, new.kpm_id) is None:
        return Refused("family_id", "no such family")
    before = bank_accounts.account_of(tx, new.kpm_id, new.bank)
    card_id = before.card_id if before is not None else None
    if new.card is not None:
        known = families.find_credential(tx, CARD, engine.keys.lookup(CARD, new.card))
        if known is not None and known.kpm_id != new.kpm_id:
            return Refused("card", "is registered for another family")
        card_id = known.reference if known is not None else _add_card(tx, engine, new)
    account = BankAccount(new.kpm_id, new.bank, b"", card_id)
    sealed = engine.keys.seal_personal(new.account, sealed_for(account))
    account = BankAccount(new.kpm_id, new.bank, sealed, card_id)
    bank_accounts.set_account(tx, account, engine.now())
    return None


def _add_card(tx: Tx, engine: Engine, new: NewAccount) -> str:
    """The bank's card: found by its keyed hash; four digits are all that is kept of the number."""
    if new.card is None:
        raise LookupError(new.kpm_id)  # the caller looked
    now = engine.now()
    card_id, owner = new_uuid7(now), families.persons_of(tx, new.kpm_id)[0].person_id
    card = families.Card(card_id, new.kpm_id, owner, new.card[-4:], families.ACTIVE)
    families.add_card(tx, card, now)
    known = families.Known(new.kpm_id, owner, card_id)
    families.add_credential(tx, CARD, engine.keys.lookup(CARD, new.card), known, now)
    return card_id


def add_accounts(engine: Engine, file: Path) -> Entered | Refused:
    """Enter a bank's list (CSV: family_id, bank, account, card); bad rows are named and skipped."""
    rows = refused = 0
    problems: list[str] = []
    with file.open(encoding="utf-8-sig", newline="") as opened:
        reader = csv.DictReader(opened)
        if not {"family_id", "bank", "account"} <= set(reader.fieldnames or ()):
            return Refused("header", f"columns are {', '.join(COLUMNS)}; card may be left out")
        for number, new in _rows(reader):
            wrong = add_account(engine, new)
            rows += wrong is None
            if wrong is not None:
                refused += 1
                problems += [f"row {number}, {wrong.field}: {wrong.message}"]
                del problems[REFUSALS_MAX:]
    return Entered(rows, refused, tuple(problems))


def _rows(reader: "csv.DictReader[str]") -> Iterator[tuple[int, NewAccount]]:
    for number, row in enumerate(reader, start=2):
        if number > ACCOUNT_ROWS_MAX:
            return
        card = (row.get("card") or "").strip()
        yield (
            number,
            NewAccount(
                KpmId((row["family_id"] or "").strip()),
                (row["bank"] or "").strip(),
                (row["account"] or "").strip(),
                card or None,
            ),
        )


def ask_balance(engine: Engine, kpm_id: str, bank: str) -> int | Refused:
    """Rupiah that the bank says she can spend (0200 with processing code 31, DE54)."""
    with engine.database.read() as tx:
        account = bank_accounts.account_of(tx, kpm_id, bank)
    banks = listening(engine)
    if account is None or bank not in banks.codes:
        return Refused("bank", f"no account of this family at {bank}, or no link to it")
    now, name = engine.now(), new_uuid7(engine.now())
    trace, dialect = trace_of(name), banks.dialect(bank)
    asking = Asking(
        key=Key(de7(now), trace, banks.acquirer(bank).zfill(11), terminal_of("office")),
        at=now,
        amount=0,
        entry="010",
        merchant=merchant_of("office"),
        place=place_of("E-WARONG", "PUSAT"),
        reference=reference_of(trace, now),
        account=engine.keys.open_personal(account.sealed, sealed_for(account)),
    )
    reply = banks.ask(bank, balance_message(dialect, asking)).result(ANSWER_S_MAX * 2)
    if reply.message is None:
        return Refused("bank", "does not answer")
    code = dialect.code(reply.message.get(39))
    if code != APPROVED:
        return Refused("bank", f"refuses with code {code}")
    try:
        return balances(dialect, reply.message)[AVAILABLE]
    except (IsoError, KeyError):
        return Refused("bank", "says no available balance (DE54)")
