"""The bank's lines in the database, what matched them, and who answered for the rest."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from pos_engine.rules.ids import shard_of
from pos_engine.rules.reconcile import BankLine, Match, MatchKind, Sent
from pos_engine.rules.settlement import bank_postings
from pos_engine.store import ledger
from pos_engine.store.announce import Kind as Fact
from pos_engine.store.announce import announce
from pos_engine.store.database import ConflictError, Tx
from pos_engine.store.keyed import keyed, rows_by
from pos_engine.store.payouts import PAID, RETURNED, SENT
from pos_engine.store.schema_settlement import (
    bank_balance,
    bank_line,
    bank_statement,
    payout,
    payout_item,
    recon_match,
    recon_sign_off,
    settlement_run,
)
from pos_engine.store.schema_settlement import settlement_window as window
from pos_engine.store.set_writes import insert_rows, inserts
from pos_engine.wire.bank_statement import StatementLine

OPEN, MATCHED, SIGNED_OFF = "OPEN", "MATCHED", "SIGNED_OFF"
NAMES_AT_ONCE = 500
KEYS_AT_ONCE = 5_000
_LINES, _MATCHES = inserts(bank_line, "match_id"), inserts(recon_match)
_LINE_COLUMNS = tuple(getattr(bank_line.c, name) for name in BankLine.__slots__)
_SENT_COLUMNS = tuple(getattr(payout.c, name) for name in Sent.__slots__)
_KNOWN = keyed(
    2,
    lambda keys: select(
        bank_line.c.line_id, bank_line.c.value_date, bank_line.c.reference, bank_line.c.amount
    ).select_from(
        keys.join(
            bank_line,
            (bank_line.c.shard == keys.c.shard) & (bank_line.c.line_id == keys.c.first),
        )
    ),
)
_TAKE_LINE = (
    update(bank_line)
    .where(
        bank_line.c.shard == bindparam("at_shard"),
        bank_line.c.line_id == bindparam("at_line"),
        bank_line.c.status == OPEN,
    )
    .values(status=bindparam("becomes"), match_id=bindparam("by_match"))
)
_TAKE_PAYOUT = (
    update(payout)
    .where(
        payout.c.shard == bindparam("at_shard"),
        payout.c.payout_id == bindparam("at_payout"),
        payout.c.status == bindparam("was"),
    )
    .values(status=bindparam("becomes"))
)


@dataclass(frozen=True, slots=True)
class OurItem:
    """A payout that the bank has not confirmed by the day it was to be paid."""

    payout_id: str
    shop_id: str
    day: date
    pays_on: date
    amount: int


@dataclass(frozen=True, slots=True)
class SignOff:
    """Who answers for an item that only one side has."""

    item_id: str
    side: str
    amount: int
    reason: str
    asked_by: str
    approved_by: str | None


def statement_known(tx: Tx, statement_id: str) -> bool:
    """Was this very file imported to its end."""
    c = bank_statement.c
    query = select(c.lines).where(
        c.shard == shard_of(statement_id), c.statement_id == statement_id
    )  # fmt: skip
    return tx.execute(query).one_or_none() is not None


def add_statement(
    tx: Tx, statement_id: str, form: str, lines: int, officer: str, now: datetime
) -> None:
    """Say that a file is imported; its lines stand there already."""
    row = {"statement_id": statement_id, "format": form, "lines": lines}
    who = {"imported_by": officer, "imported_at": now}
    tx.execute(insert(bank_statement).values(shard=shard_of(statement_id), **row, **who))


def known_lines(tx: Tx, line_ids: Sequence[str]) -> dict[str, tuple[date, str, int]]:
    """Date, reference and amount of lines that were imported before."""
    found: dict[str, tuple[date, str, int]] = {}
    for first in range(0, len(line_ids), KEYS_AT_ONCE):
        keys = [(shard_of(each), each) for each in line_ids[first : first + KEYS_AT_ONCE]]
        for row in rows_by(tx, _KNOWN, keys):
            found[row.line_id] = (row.value_date, row.reference, int(row.amount))
    return found


def add_lines(tx: Tx, statement_id: str, lines: Sequence[tuple[str, StatementLine]]) -> None:
    """Write new lines."""
    insert_rows(
        tx,
        _LINES,
        [
            {"shard": shard_of(line_id), "line_id": line_id, "statement_id": statement_id,
             "number": each.number, "account": each.account, "entry": each.entry,
             "value_date": each.value_date, "reference": each.reference,
             "amount": each.amount, "status": OPEN}
            for line_id, each in lines
        ],
    )  # fmt: skip


def put_balance(tx: Tx, account: str, day: date, balance: int, statement_id: str) -> None:
    """The account's balance at the end of a day; a later statement of the same day knows more."""
    c = bank_balance.c
    where = (c.shard == shard_of(account), c.account == account, c.day == day)
    values = {"balance": balance, "statement_id": statement_id}
    if tx.execute(update(bank_balance).where(*where).values(**values)).rowcount == 0:
        key = {"shard": shard_of(account), "account": account, "day": day}
        tx.execute(insert(bank_balance).values(**key, **values))


def open_lines(tx: Tx, until: date | None = None) -> list[BankLine]:
    """Lines that nothing matches yet, up to a value date."""
    query = select(*_LINE_COLUMNS).where(bank_line.c.status == OPEN)
    if until is not None:
        query = query.where(bank_line.c.value_date <= until)
    query = query.order_by(bank_line.c.value_date, bank_line.c.line_id)
    return [BankLine(*row) for row in tx.execute(query)]


def sent_payouts(tx: Tx) -> list[Sent]:
    """Payouts that the bank has not confirmed."""
    query = select(*_SENT_COLUMNS).where(payout.c.status == SENT).order_by(payout.c.payout_id)
    return [Sent(*row) for row in tx.execute(query)]


def paid_payouts(tx: Tx, names: Collection[str]) -> dict[str, Sent]:
    """Those of these names that the bank has paid."""
    ids = sorted(names)
    found: dict[str, Sent] = {}
    for first in range(0, len(ids), NAMES_AT_ONCE):
        query = select(*_SENT_COLUMNS).where(
            payout.c.payout_id.in_(ids[first : first + NAMES_AT_ONCE]), payout.c.status == PAID
        )
        found |= {row.payout_id: Sent(*row) for row in tx.execute(query)}
    return found


def add_matches(tx: Tx, matches: Sequence[Match], now: datetime) -> None:
    """Close lines and items, and post what the bank moved; `ConflictError` if one was taken."""
    named = [(each.lines[0].line_id, each) for each in matches]
    insert_rows(tx, _MATCHES, [_match_row(name, each, now) for name, each in named])
    _take_lines(tx, named)
    _take_payouts(tx, named)
    ledger.post(
        tx,
        [
            ledger.Movement(
                shard_of(name), name, bank_postings(each.lines[0].account, each.moves), now
            )
            for name, each in named
        ],
    )


def _match_row(name: str, each: Match, now: datetime) -> dict[str, Any]:
    return {
        "shard": shard_of(name),
        "match_id": name,
        "kind": each.kind.value,
        "reference": each.reference[:140],
        "ours": len(each.payouts) or (1 if each.flow else 0),
        "theirs": len(each.lines),
        "amount": sum(line.amount for line in each.lines),
        "value_date": max(line.value_date for line in each.lines),
        "at": now,
    }


def _take_lines(tx: Tx, named: Sequence[tuple[str, Match]]) -> None:
    rows = [
        {
            "at_shard": shard_of(line.line_id),
            "at_line": line.line_id,
            "becomes": SIGNED_OFF if each.kind is MatchKind.SIGNED_OFF else MATCHED,
            "by_match": name,
        }
        for name, each in named
        for line in each.lines
    ]
    if rows and tx.execute(_TAKE_LINE, rows).rowcount != len(rows):
        raise ConflictError


def _take_payouts(tx: Tx, named: Sequence[tuple[str, Match]]) -> None:
    rows = []
    for _name, each in named:
        back = each.kind is MatchKind.RETURN
        for item in each.payouts:
            rows.append(
                {
                    "at_shard": shard_of(item.shop_id),
                    "at_payout": item.payout_id,
                    "was": PAID if back else SENT,
                    "becomes": RETURNED if back else PAID,
                }
            )
            if back:
                _open_again(tx, item)
    if rows and tx.execute(_TAKE_PAYOUT, rows).rowcount != len(rows):
        raise ConflictError


def _open_again(tx: Tx, item: Sent) -> None:
    """What a returned payout covered is owed again."""
    shard = shard_of(item.shop_id)
    rows = tx.execute(
        select(payout_item.c.day, payout_item.c.amount).where(
            payout_item.c.shard == shard, payout_item.c.payout_id == item.payout_id
        )
    ).all()
    for row in rows:
        tx.execute(
            update(window)
            .where(
                window.c.shard == shard,
                window.c.shop_id == item.shop_id,
                window.c.day == row.day,
            )
            .values(left_open=window.c.left_open + row.amount)
        )


def our_open(tx: Tx, until: date) -> list[OurItem]:
    """Payouts that were to be paid by a day and that nobody has answered for."""
    run = settlement_run
    signed = select(recon_sign_off.c.item_id).where(recon_sign_off.c.approved_by.is_not(None))
    query = (
        select(payout.c.payout_id, payout.c.shop_id, payout.c.day, run.c.pays_on, payout.c.amount)
        .select_from(payout.join(run, run.c.day == payout.c.day))
        .where(payout.c.status == SENT, run.c.pays_on <= until)
        .where(payout.c.payout_id.not_in(signed))
        .order_by(payout.c.day, payout.c.payout_id)
    )
    return [OurItem(*row) for row in tx.execute(query)]


def count_matches(tx: Tx, day: date) -> tuple[int, int]:
    """How many matches a day's lines gave, and the rupiah they moved."""
    query = select(func.count(), func.coalesce(func.sum(func.abs(recon_match.c.amount)), 0))
    row = tx.execute(query.where(recon_match.c.value_date == day)).one()
    return int(row[0]), int(row[1])


def find_line(tx: Tx, line_id: str) -> BankLine | None:
    """An open line."""
    query = select(*_LINE_COLUMNS).where(
        bank_line.c.shard == shard_of(line_id),
        bank_line.c.line_id == line_id,
        bank_line.c.status == OPEN,
    )
    row = tx.execute(query).one_or_none()
    return BankLine(*row) if row else None


def find_sent(tx: Tx, payout_id: str) -> Sent | None:
    """A payout that the bank has not confirmed."""
    query = select(*_SENT_COLUMNS).where(payout.c.payout_id == payout_id, payout.c.status == SENT)
    row = tx.execute(query).one_or_none()
    return Sent(*row) if row else None


def find_sign_off(tx: Tx, item_id: str) -> SignOff | None:
    """What was said about an item."""
    columns = [getattr(recon_sign_off.c, name) for name in SignOff.__slots__]
    row = tx.execute(
        select(*columns)
        .where(recon_sign_off.c.shard == shard_of(item_id), recon_sign_off.c.item_id == item_id)
        .with_for_update()
    ).one_or_none()
    return SignOff(*row) if row else None


def ask_sign_off(tx: Tx, new: SignOff, now: datetime) -> None:
    """One person says why; `ConflictError` when somebody did."""
    values = {name: getattr(new, name) for name in SignOff.__slots__}
    shard = shard_of(new.item_id)
    tx.execute(insert(recon_sign_off).values(shard=shard, asked_at=now, **values))
    announce(tx, Fact.SIGN_OFF, [(shard, new.item_id)])


def approve_sign_off(tx: Tx, item_id: str, officer: str, now: datetime) -> None:
    """The second person agrees."""
    tx.execute(
        update(recon_sign_off)
        .where(recon_sign_off.c.shard == shard_of(item_id), recon_sign_off.c.item_id == item_id)
        .values(approved_by=officer, approved_at=now)
    )
    announce(tx, Fact.SIGN_OFF_OK, [(shard_of(item_id), item_id)])
