"""The command reconcile: the bank's statement against the books, day by day."""

import getpass
from contextlib import closing
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from pos_engine.cli.disburse_say import Bar
from pos_engine.cli.out import WRONG_USE, console, errors, fail, say_json
from pos_engine.engine import Engine, Settings, open_engine
from pos_engine.services import reconcile as matching
from pos_engine.services import reconcile_day as days
from pos_engine.services.install import Refused

VERBS = ("sign-off", "status", "close", "balance")
PROBLEMS_SHOWN_MAX = 20


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("reconcile")(reconcile)


def reconcile(
    target: Annotated[str, typer.Argument(help=f"BANK_FILE (CSV, camt.053), or {VERBS}.")],
    item: Annotated[str | None, typer.Argument(help="Item id, after sign-off.")] = None,
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The bank's day (WIB).")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why an item is open, for sign-off.")] = "",
    by: Annotated[
        str, typer.Option(help="Staff id of the officer (KEMENSOS); a demo takes any name.")
    ] = "",
    escrow_balance: Annotated[
        int | None, typer.Option(help="Balance on paper at the end of --day, for balance.")
    ] = None,
    *,
    approve: Annotated[
        bool, typer.Option("--approve", help="Agree to what another person signed off.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Import a statement and match it; sign open items off, look at a day, close it.

    CSV columns: value_date, account, entry (the bank's own name of the line), reference, amount
    (negative: paid out), currency, and if the bank gives it balance (after the line).
    """
    person = by or getpass.getuser()
    with closing(open_engine(faces=False)) as engine:
        if target == "sign-off":
            _sign_off(engine, item, person, reason, approve=approve, as_json=as_json)
        elif target in VERBS:
            _on_day(engine, target, day, person, escrow_balance, as_json=as_json)
        else:
            _import(engine, Path(target), person, as_json=as_json)


def _import(engine: Engine, file: Path, person: str, *, as_json: bool) -> None:
    try:
        content = file.read_bytes()
    except OSError as error:
        fail(f"{file}: {error.strerror}", WRONG_USE)
    with Bar("matching") as bar:
        done = matching.import_statement(
            engine, content, person,
            escrow_account=Settings().escrow_account, on_progress=bar.show,
        )  # fmt: skip
    if isinstance(done, matching.StatementRefused):
        _say_problems(done)
    if isinstance(done, Refused):
        fail(f"{done.field}: {done.message}")
    if as_json:
        say_json(asdict(done))
        return
    console.print(f"statement {done.statement_id}", soft_wrap=True)
    console.print(f"{done.lines} lines, {done.fresh} of them new.")
    for kind, count in sorted(done.matched.items()):
        console.print(f"matched {kind}: {count}")
    console.print("Next: ewarong reconcile status --day DAY")


def _say_problems(refused: matching.StatementRefused) -> NoReturn:
    for each in refused.problems[:PROBLEMS_SHOWN_MAX]:
        errors.print(str(each), soft_wrap=True)
    fail(f"{len(refused.problems)} problems; nothing of the file was taken.")


def _sign_off(
    engine: Engine, item: str | None, person: str, reason: str, *, approve: bool, as_json: bool
) -> None:
    if item is None:
        fail("sign-off needs the item id; `reconcile status` lists them.", WRONG_USE)
    done = days.sign_off(engine, item, person, reason=reason, approve=approve)
    if isinstance(done, Refused):
        fail(f"{done.field}: {done.message}")
    if as_json:
        say_json(asdict(done))
    elif done.approved_by is None:
        console.print("Noted; the item is still open. The same by a second person:")
        console.print(f"ewarong reconcile sign-off {item} --approve --by STAFF_ID", soft_wrap=True)
    else:
        console.print(f"Signed off by {done.asked_by} and {done.approved_by}: {done.reason}")


def _on_day(
    engine: Engine,
    verb: str,
    day: datetime | None,
    person: str,
    balance: int | None,
    *,
    as_json: bool,
) -> None:
    if day is None:
        fail(f"{verb} needs --day.", WRONG_USE)
    if verb == "balance":
        _balance(engine, day.date(), balance, person)
        return
    if verb == "status":
        _say(days.day_status(engine, day.date()), as_json=as_json)
        return
    done = days.close_day(engine, day.date(), person)
    if isinstance(done, Refused):
        _say(days.day_status(engine, day.date()), as_json=as_json)
        fail(f"Not closed: {done.message}. Sales go on.")
    _say(done, as_json=as_json)


def _balance(engine: Engine, day: date, balance: int | None, person: str) -> None:
    account = Settings().escrow_account or "DEMO-ESCROW"
    if balance is None:
        fail("balance needs --escrow-balance.", WRONG_USE)
    refused = days.put_escrow_balance(engine, account, day, balance, person)
    if refused is not None:
        fail(f"{refused.field}: {refused.message}")
    console.print(f"{account} held {balance} rupiah at the end of {day}.")


def _say(status: days.DayStatus, *, as_json: bool) -> None:
    if as_json:
        say_json(_as_json(status))
        return
    state = f"closed by {status.closed_by}" if status.closed_by else "open"
    console.print(f"{status.day} {state}: {status.matches} matches, {status.moved} rupiah moved.")
    for line in status.bank_only[: days.OPEN_LISTED_MAX]:
        console.print(
            f"bank only {line.line_id} {line.value_date} {line.amount} {line.reference}",
            soft_wrap=True, markup=False,
        )  # fmt: skip
    for each in status.ours_only[: days.OPEN_LISTED_MAX]:
        console.print(
            f"ours only {each.payout_id} to be paid on {each.pays_on} {each.amount} shop "
            f"{each.shop_id}",
            soft_wrap=True,
        )
    found = status.escrow
    console.print(
        f"owed {found.owed} = wallets {found.wallets} + payable {found.payable} + on its way "
        f"{found.in_flight} + due to the treasury {found.due_to_treasury}",
        soft_wrap=True,
    )
    if found.statement is None:
        console.print("escrow statement: not known")
    else:
        console.print(
            f"escrow statement {found.statement}: difference {found.difference} (credited and not "
            f"funded {found.unfunded}, open lines {found.unposted}, other accounts {found.other}, "
            f"unexplained {found.unexplained})",
            soft_wrap=True,
        )


def _as_json(status: days.DayStatus) -> dict[str, object]:
    found = status.escrow
    return {
        "day": status.day.isoformat(),
        "closed_by": status.closed_by,
        "matches": status.matches,
        "moved": status.moved,
        "bank_only": [
            asdict(each) | {"value_date": each.value_date.isoformat()} for each in status.bank_only
        ],
        "ours_only": [
            asdict(each) | {"day": each.day.isoformat(), "pays_on": each.pays_on.isoformat()}
            for each in status.ours_only
        ],
        "escrow": asdict(found)
        | {
            "owed": found.owed,
            "difference": found.difference,
            "unexplained": found.unexplained,
            "holds": found.holds,
        },
        "why_open": "" if status.closed_by else days.why_open(status),
    }
