"""Import the bank's statement and match it with payouts, funding and returns."""

import hashlib
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from pos_engine.engine import Engine
from pos_engine.rules.bank_day import bank_day_of
from pos_engine.rules.reconcile import (
    Flow,
    Match,
    MatchKind,
    match_flows,
    match_payouts,
    match_returns,
)
from pos_engine.rules.settlement import REFERENCE
from pos_engine.services.disburse_chunks import OnProgress, Progress, give_way, nobody_looks
from pos_engine.services.install import Refused
from pos_engine.services.officers import not_an_officer
from pos_engine.store import escrow
from pos_engine.store import reconciliations as recon
from pos_engine.store.database import Tx
from pos_engine.wire.bank_statement import Statement, StatementLine, StatementProblem, read_csv

LINES_AT_ONCE = {"sqlite": 2_000, "postgresql": 10_000}
MATCHES_AT_ONCE = {"sqlite": 500, "postgresql": 2_000}
LINE_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class StatementRefused:
    """Why a file was not taken; nothing of it was written."""

    problems: list[StatementProblem]


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file brought. `fresh` lines are new, the others stood in an earlier statement."""

    statement_id: str
    lines: int
    fresh: int
    matched: dict[str, int] = field(default_factory=dict)


def import_statement(
    engine: Engine,
    content: bytes,
    officer: str,
    *,
    escrow_account: str = "",
    on_progress: OnProgress = nobody_looks,
) -> Imported | StatementRefused | Refused:
    """Take a statement (CSV or camt.053) and match what is open. The same file twice is once."""
    statement_id = hashlib.sha256(content).hexdigest()
    with engine.database.read() as tx:
        refused = not_an_officer(tx, engine, officer)
        known = recon.statement_known(tx, statement_id)
    if refused is not None:
        return refused
    if known:
        return Imported(statement_id, 0, 0, match_open(engine, on_progress))
    found = _parse(engine, content)
    lines = [(line_id(each), each) for each in found.lines]
    if not found.problems:
        with engine.database.read() as tx:
            _check(tx, engine, found, lines, escrow_account)
    if found.problems:
        return StatementRefused(found.problems)
    fresh = _write(engine, statement_id, found, lines, officer)
    return Imported(statement_id, len(lines), fresh, match_open(engine, on_progress))


def line_id(line: StatementLine) -> str:
    """The bank's own name of a line makes ours: the same line in two files is one."""
    text = f"{line.account}\x1f{line.entry}"
    return hashlib.blake2s(text.encode(), digest_size=LINE_ID_BYTES).hexdigest()


def _parse(engine: Engine, content: bytes) -> Statement:
    today = bank_day_of(engine.now())
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return read_csv(content, today)
    from pos_engine.wire.camt053 import read_camt  # noqa: PLC0415 - half a second to load

    return read_camt(content, today)


def _check(
    tx: Tx,
    engine: Engine,
    found: Statement,
    lines: Sequence[tuple[str, StatementLine]],
    escrow_account: str,
) -> None:
    """What only the books know: our accounts, closed days, what the bank said before."""
    ours = escrow.escrow_accounts(tx) | ({escrow_account} - {""})
    closed = escrow.closed_days(tx, {each.value_date for _name, each in lines})
    known = recon.known_lines(tx, [name for name, _each in lines])
    demo = engine.is_demo(tx)
    for name, each in lines:
        if each.account not in ours and not demo:
            found.wrong(each.number, "account", f"{each.account} is no escrow account of ours")
        before = known.get(name)
        now = (each.value_date, each.reference, each.amount)
        if before is not None and before != now:
            message = f"{each.entry} was {before[2]} of {before[0]} in an earlier statement"
            found.wrong(each.number, "entry", message)
        if before is None and each.value_date in closed:
            found.wrong(each.number, "value_date", f"{each.value_date} is closed")


def _write(
    engine: Engine,
    statement_id: str,
    found: Statement,
    lines: Sequence[tuple[str, StatementLine]],
    officer: str,
) -> int:
    """Lines in short transactions, then the statement: cut off, the same file goes on."""
    size, fresh = LINES_AT_ONCE[engine.database.dialect], 0
    for first in range(0, len(lines), size):
        began = time.monotonic()
        batch = lines[first : first + size]
        fresh += engine.database.transact(lambda tx, b=batch: _add(tx, statement_id, b))  # type: ignore[misc]
        give_way(engine, time.monotonic() - began)
    engine.database.transact(lambda tx: _end(tx, engine, statement_id, found, officer))
    return fresh


def _add(tx: Tx, statement_id: str, batch: Sequence[tuple[str, StatementLine]]) -> int:
    known = recon.known_lines(tx, [name for name, _each in batch])
    new = [(name, each) for name, each in batch if name not in known]
    recon.add_lines(tx, statement_id, new)
    return len(new)


def _end(tx: Tx, engine: Engine, statement_id: str, found: Statement, officer: str) -> None:
    if recon.statement_known(tx, statement_id):
        return
    for (account, day), balance in found.balances.items():
        recon.put_balance(tx, account, day, balance, statement_id)
    recon.add_statement(
        tx, statement_id, found.format, len(found.lines), officer, engine.now()
    )  # fmt: skip


def match_open(engine: Engine, on_progress: OnProgress = nobody_looks) -> dict[str, int]:
    """Match whatever is open on both sides; how many matches of each kind were made."""
    made: Counter[str] = Counter()
    for find in (_payouts, _returns, _flows):
        with engine.database.read() as tx:
            matches = find(tx)
        size = MATCHES_AT_ONCE[engine.database.dialect]
        for first in range(0, len(matches), size):
            began = time.monotonic()
            batch = matches[first : first + size]
            engine.database.transact(lambda tx, b=batch: recon.add_matches(tx, b, engine.now()))  # type: ignore[misc]
            on_progress(Progress(first + len(batch), len(matches)))
            give_way(engine, time.monotonic() - began)
        made.update(each.kind.value for each in matches)
    return dict(made)


def _payouts(tx: Tx) -> list[Match]:
    return match_payouts(recon.open_lines(tx), recon.sent_payouts(tx))


def _returns(tx: Tx) -> list[Match]:
    incoming = [each for each in recon.open_lines(tx) if each.amount > 0]
    names = {name for each in incoming for name in REFERENCE.findall(each.reference)}
    return match_returns(incoming, recon.paid_payouts(tx, names))


def _flows(tx: Tx) -> list[Match]:
    funded = escrow.flows_matched(tx, MatchKind.FUNDING.value)
    given_back = escrow.flows_matched(tx, MatchKind.TREASURY.value)
    flows = []
    for run in escrow.unmatched_runs(tx):
        names = (run.run_id, run.papers.get("sp2d", ""))
        if run.run_id not in funded:
            flows.append(Flow(run.run_id, run.account, names, run.expected))
        if run.returned and run.run_id not in given_back:
            flows.append(Flow(run.run_id, run.account, names, -run.returned))
    return match_flows(recon.open_lines(tx), flows)
