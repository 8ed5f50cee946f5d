"""A bank day as it stands: what is open, who answers for it, and its closing to the rupiah."""

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from pos_engine.engine import Engine
from pos_engine.rules.bank_day import bank_day_of, day_end, is_bank_day
from pos_engine.rules.escrow import Escrow, escrow_of
from pos_engine.rules.reconcile import BankLine, Match, MatchKind
from pos_engine.services.install import Refused
from pos_engine.services.officers import not_an_officer, same_person
from pos_engine.store import escrow
from pos_engine.store import reconciliations as recon
from pos_engine.store.database import Tx
from pos_engine.store.reconciliations import OurItem, SignOff

OPEN_LISTED_MAX = 200
REASON_LENGTH_MIN, REASON_LENGTH_MAX = 5, 200
OURS, THEIRS = "OURS", "BANK"
BY_HAND = "by hand"  # a balance that a person typed instead of a file
SIGNED_OFF_ACCOUNT = "treasury:signed-off"


@dataclass(frozen=True, slots=True)
class DayStatus:
    """A day: matches with the rupiah they moved, open items of both sides, the equation."""

    day: date
    matches: int
    moved: int
    ours_only: list[OurItem]
    bank_only: list[BankLine]
    escrow: Escrow
    balance_known: bool
    closed_by: str | None


def day_status(engine: Engine, day: date) -> DayStatus:
    """What is matched and what is open up to the end of a bank day."""
    with engine.database.read() as tx:
        return _status(tx, engine, day)


def _status(tx: Tx, engine: Engine, day: date) -> DayStatus:
    matches, moved = recon.count_matches(tx, day)
    lines = recon.open_lines(tx, day)
    closed = escrow.newest_closed(tx, day)
    stands = closed if closed and closed.day == day else None
    sums = stands.parts["sums"] if stands else _sums(tx, day)
    unposted = sum(each.amount for each in lines)
    holidays = engine.catalogue(tx).bank_holidays
    known = bool(escrow.balance_days(tx, day)) or not is_bank_day(day, holidays)
    return DayStatus(
        day=day,
        matches=matches,
        moved=moved,
        ours_only=recon.our_open(tx, day),
        bank_only=lines,
        escrow=escrow_of(sums, escrow.statement_balance(tx, day), unposted),
        balance_known=known,
        closed_by=stands.closed_by if stands else None,
    )


def _sums(tx: Tx, day: date) -> dict[str, int]:
    """All that was ever posted until the end of the day, from the last closed day on."""
    base = escrow.newest_closed(tx, day)
    sums: Counter[str] = Counter(base.parts["sums"] if base else {})
    sums.update(escrow.sums_between(tx, day_end(base.day) if base else None, day_end(day)))
    sums.update(escrow.bank_sums_between(tx, base.day if base else None, day))
    return dict(sums)


def put_escrow_balance(
    engine: Engine, account: str, day: date, balance: int, officer: str
) -> Refused | None:
    """Write the balance of a statement that came on paper."""
    if day > bank_day_of(engine.now()):
        return Refused("day", f"{day} lies in the future")
    if balance < 0:
        return Refused("escrow-balance", "an escrow account is never below zero")

    def act(tx: Tx) -> Refused | None:
        refused = not_an_officer(tx, engine, officer)
        if refused is not None:
            return refused
        if escrow.closed_days(tx, [day]):
            return Refused("day", f"{day} is closed")
        recon.put_balance(tx, account, day, balance, f"{BY_HAND}: {officer}"[:64])
        return None

    return engine.database.transact(act)


def sign_off(
    engine: Engine, item_id: str, officer: str, *, reason: str = "", approve: bool = False
) -> SignOff | Refused:
    """Answer for an item that only one side has: one person says why, another one agrees.

    A signed line of the bank is posted against the treasury, for whose account the escrow is kept.
    A payout that was answered for stays on its way; it no longer keeps its day open.
    """
    with engine.database.read() as tx:
        refused = not_an_officer(tx, engine, officer)
    if refused is not None:
        return refused
    if approve:
        return engine.database.transact(lambda tx: _agree(tx, engine, item_id, officer))
    if not REASON_LENGTH_MIN <= len(reason.strip()) <= REASON_LENGTH_MAX:
        return Refused("reason", f"{REASON_LENGTH_MIN} to {REASON_LENGTH_MAX} characters")
    return engine.database.transact(lambda tx: _ask(tx, engine, item_id, officer, reason.strip()))


def _ask(
    tx: Tx, engine: Engine, item_id: str, officer: str, reason: str
) -> SignOff | Refused:  # fmt: skip
    known = recon.find_sign_off(tx, item_id)
    if known is not None:
        same = (known.asked_by, known.reason) == (officer, reason)
        return known if same else Refused("item", f"{known.asked_by} answered for it already")
    line, sent = recon.find_line(tx, item_id), recon.find_sent(tx, item_id)
    if line is None and sent is None:
        return Refused("item", f"{item_id} is no open item")
    side, amount = (THEIRS, line.amount) if line else (OURS, sent.amount if sent else 0)
    new = SignOff(item_id, side, amount, reason, officer, None)
    recon.ask_sign_off(tx, new, engine.now())
    return new


def _agree(tx: Tx, engine: Engine, item_id: str, officer: str) -> SignOff | Refused:
    known = recon.find_sign_off(tx, item_id)
    if known is None:
        return Refused("item", f"nobody has said why {item_id} is open: --reason comes first")
    if known.approved_by is not None:
        return known
    if same_person(tx, engine, known.asked_by, officer):
        return Refused("by", "a second person must approve: asked and approved by one")
    line = recon.find_line(tx, item_id)
    if known.side == THEIRS:
        if line is None:
            return Refused("item", f"{item_id} is matched by now")
        moves = ((SIGNED_OFF_ACCOUNT, line.amount),)
        match = Match(MatchKind.SIGNED_OFF, line.reference, (line,), (), None, moves)
        recon.add_matches(tx, [match], engine.now())
    recon.approve_sign_off(tx, item_id, officer, engine.now())
    return SignOff(item_id, known.side, known.amount, known.reason, known.asked_by, officer)


def close_day(engine: Engine, day: date, officer: str) -> DayStatus | Refused:
    """Close a bank day: nothing open, and owed equals the bank's balance to the rupiah.

    Refused, it stays open; nothing else waits for it, food least of all.
    """
    if engine.now() < day_end(day):
        return Refused("day", f"{day} is not over")
    return engine.database.transact(lambda tx: _close(tx, engine, day, officer))


def _close(tx: Tx, engine: Engine, day: date, officer: str) -> DayStatus | Refused:
    refused, status = not_an_officer(tx, engine, officer), _status(tx, engine, day)
    if refused is not None or status.closed_by is not None:
        return refused or status
    newest = escrow.newest_closed_ever(tx)
    if newest is not None and newest > day:
        return Refused("day", f"{newest} is closed already: days are closed in order")
    why = why_open(status)
    if why:
        return Refused("day", why)
    parts: dict[str, Any] = {"sums": _sums(tx, day), "escrow": asdict(status.escrow)}
    escrow.close_day(tx, escrow.ClosedDay(day, parts, officer, engine.now()))
    return _status(tx, engine, day)


def why_open(status: DayStatus) -> str:
    """What keeps a day open, in a sentence; empty when it may be closed."""
    if status.bank_only or status.ours_only:
        return (
            f"{status.day} has {len(status.bank_only)} lines only the bank has and "
            f"{len(status.ours_only)} payouts it has not confirmed: match or sign them off"
        )
    if status.escrow.statement is None or not status.balance_known:
        return f"the bank's balance of {status.day} is not known: import it or --escrow-balance"
    if not status.escrow.holds:
        return (
            f"the escrow account holds {status.escrow.statement} rupiah, {status.escrow.owed} are "
            f"owed: {status.escrow.difference} too much or too little"
        )
    return ""
