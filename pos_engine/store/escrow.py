"""What the escrow account owes by the postings, what the bank says, and the days that closed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import case, func, insert, literal, select

from pos_engine.rules.bank import ENGINE
from pos_engine.rules.posting import Kind
from pos_engine.store.announce import Kind as Fact
from pos_engine.store.announce import announce
from pos_engine.store.database import Tx
from pos_engine.store.disbursements import (
    CREDITED,
    CUSTODIAN,
    REVERSED,
    UNDONE,
)
from pos_engine.store.schema import disbursement_run, posting
from pos_engine.store.schema_disbursement import disbursement_chunk as chunk
from pos_engine.store.schema_settlement import (
    bank_balance,
    bank_line,
    escrow_day,
    recon_match,
)

SHARD = 0  # a row a day, the same for all
LUMPS = ("wallet", "shop", "clearing", "treasury", "bank", "custody")
RUNS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A day that is closed, with the sums that the next one starts from."""

    day: date
    parts: dict[str, Any]
    closed_by: str
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class RunFlow:
    """What a decree expects, what came back of it, and the papers that name both."""

    run_id: str
    account: str
    papers: dict[str, str]
    expected: int
    returned: int


def sums_between(tx: Tx, since: datetime | None, until: datetime) -> dict[str, int]:
    """What was posted in since <= time < until but by the bank, in lumps and by programme."""
    where = [posting.c.kind != Kind.BANK.value, posting.c.posted_at < until]
    if since is not None:
        where.append(posting.c.posted_at >= since)
    name = _lump()
    rows = tx.execute(select(name, func.sum(posting.c.amount)).where(*where).group_by(name))
    return {row[0]: int(row[1]) for row in rows}


def bank_sums_between(tx: Tx, since: date | None, until: date) -> dict[str, int]:
    """What the bank moved by its own dates, since < date <= until."""
    where = [posting.c.kind == Kind.BANK.value, recon_match.c.value_date <= until]
    if since is not None:
        where.append(recon_match.c.value_date > since)
    same = (posting.c.shard == recon_match.c.shard) & (posting.c.txn_id == recon_match.c.match_id)
    name = _lump()
    rows = tx.execute(
        select(name, func.sum(posting.c.amount))
        .select_from(recon_match.join(posting, same))
        .where(*where)
        .group_by(name)
    )
    return {row[0]: int(row[1]) for row in rows}


def _lump() -> Any:
    whens = [(posting.c.account.like(f"{name}:%"), literal(name)) for name in LUMPS]
    return case(*whens, else_=posting.c.account).label("lump")


def statement_balance(tx: Tx, day: date) -> int | None:
    """The bank's balance at the end of a day: the newest known one and the lines after it."""
    newest = (
        select(bank_balance.c.account, func.max(bank_balance.c.day).label("day"))
        .where(bank_balance.c.day <= day)
        .group_by(bank_balance.c.account)
        .subquery()
    )
    same = (bank_balance.c.account == newest.c.account) & (bank_balance.c.day == newest.c.day)
    rows = tx.execute(
        select(bank_balance.c.account, bank_balance.c.day, bank_balance.c.balance).select_from(
            bank_balance.join(newest, same)
        )
    ).all()
    if not rows:
        return None
    return sum(int(row.balance) + _lines_after(tx, row.account, row.day, day) for row in rows)


def _lines_after(tx: Tx, account: str, known: date, day: date) -> int:
    c = bank_line.c
    query = select(func.coalesce(func.sum(c.amount), 0)).where(
        c.account == account, c.value_date > known, c.value_date <= day
    )
    return int(tx.execute(query).scalar_one())


def balance_days(tx: Tx, day: date) -> list[str]:
    """Accounts whose balance of exactly this day is known."""
    query = select(bank_balance.c.account).where(bank_balance.c.day == day)
    return list(tx.execute(query).scalars())


def closed_days(tx: Tx, days: Iterable[date]) -> set[date]:
    """Which of these are closed."""
    query = select(escrow_day.c.day).where(escrow_day.c.day.in_(list(days)))
    return set(tx.execute(query).scalars())


def newest_closed(tx: Tx, until: date) -> ClosedDay | None:
    """The last closed day that is not after `until`."""
    c = escrow_day.c
    row = tx.execute(
        select(c.day, c.parts, c.closed_by, c.closed_at)
        .where(c.shard == SHARD, c.day <= until)
        .order_by(c.day.desc())
        .limit(1)
    ).one_or_none()
    return ClosedDay(*row) if row else None


def newest_closed_ever(tx: Tx) -> date | None:
    """The last closed day."""
    return tx.execute(select(func.max(escrow_day.c.day))).scalar()


def close_day(tx: Tx, closed: ClosedDay) -> None:
    """Write a closed day; `ConflictError` when it is."""
    values = {name: getattr(closed, name) for name in ClosedDay.__slots__}
    tx.execute(insert(escrow_day).values(shard=SHARD, **values))
    announce(tx, Fact.ESCROW_DAY, [(SHARD, closed.day.isoformat())])


def unmatched_runs(tx: Tx) -> list[RunFlow]:
    """Disbursements whose funding or return to the treasury may still be found at the bank."""
    c = disbursement_run.c
    sums = (
        select(chunk.c.run_id, func.sum(chunk.c.returned).label("returned"))
        .group_by(chunk.c.run_id)
        .subquery()
    )
    rows = tx.execute(
        select(c.run_id, c.programme, c.period, c.papers, c.expected_total, sums.c.returned)
        .select_from(disbursement_run.join(sums, sums.c.run_id == c.run_id))
        .where(c.status.in_((CREDITED, REVERSED, UNDONE)))
        .order_by(c.created_at, c.run_id)
        .limit(RUNS_MAX)
    )
    return [
        RunFlow(row[0], f"programme:{row[1]}:{row[2]}", row[3], int(row[4]), int(row[5]))
        for row in rows
        if row[3].get(CUSTODIAN, ENGINE) == ENGINE  # a bank's own money never comes to us
    ]


def flows_matched(tx: Tx, kind: str) -> set[str]:
    """Runs whose flow of this kind the bank has shown."""
    query = select(recon_match.c.reference).where(recon_match.c.kind == kind)
    return set(tx.execute(query).scalars())


def escrow_accounts(tx: Tx) -> set[str]:
    """The accounts that decrees were staged with."""
    query = select(disbursement_run.c.papers).limit(RUNS_MAX)
    return {str(name) for each in tx.execute(query).scalars() if (name := each.get("escrow"))}
