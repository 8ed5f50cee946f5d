"""Commands of the money: disburse and ledger check."""

import getpass
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from pos_engine.cli.out import WRONG_USE, console, errors, fail, say_json
from pos_engine.engine import Engine, open_engine
from pos_engine.rules.period import parse_period
from pos_engine.services import disburse
from pos_engine.services.install import Refused
from pos_engine.services.prove import check_ledger

ledger = typer.Typer(help="The books.", no_args_is_help=True)
VERBS = ("approve", "status")


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("disburse")(disburse_command)
    app.add_typer(ledger, name="ledger")


def disburse_command(  # noqa: PLR0917 - each is an option a person types by name
    target: Annotated[str, typer.Argument(help="FILE.csv, or approve | status.")],
    run: Annotated[str | None, typer.Argument(help="Run id, after approve or status.")] = None,
    programme: Annotated[str, typer.Option(help="Programme.")] = "BPNT",
    period: Annotated[str, typer.Option(help="Months: 2026-10 or 2026-10..2026-12.")] = "",
    expect_count: Annotated[int, typer.Option(help="Rows the decree names.")] = 0,
    expect_total: Annotated[int, typer.Option(help="Rupiah the decree names.")] = 0,
    expires_on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Last usable day; else by the period."),
    ] = None,
    decree: Annotated[str, typer.Option(help="Number of the decree.")] = "",
    sp2d: Annotated[str, typer.Option(help="Number of the SP2D.")] = "",
    budget_year: Annotated[str, typer.Option(help="Budget year.")] = "",
    bank: Annotated[str, typer.Option(help="Bank that pays out.")] = "",
    officer: Annotated[
        str, typer.Option(help="Who does this, default the log-in name: two different people.")
    ] = "",
) -> None:
    """Credit a period from a file (family_id,amount), then approve it as a second person."""
    person = officer or getpass.getuser()
    with closing(open_engine(faces=False)) as engine:
        if target in VERBS:
            _on_run(engine, target, run, person)
            return
        months = parse_period(period)
        if months is None:
            fail("--period must be a month or months: 2026-10 or 2026-10..2026-12.", WRONG_USE)
        order = disburse.Order(
            programme=programme,
            period=period,
            expires_on=expires_on.date() if expires_on else months.usable_until,
            expect_count=expect_count,
            expect_total=expect_total,
            papers={"decree": decree, "sp2d": sp2d, "budget_year": budget_year, "bank": bank},
        )
        _stage(engine, Path(target), order, person)


def _stage(engine: Engine, file: Path, order: disburse.Order, officer: str) -> None:
    try:
        content = file.read_bytes()
    except OSError as error:
        fail(f"{file}: {error.strerror}", WRONG_USE)
    staged = disburse.stage(engine, content, order, officer)
    if isinstance(staged, disburse.FileRefused):
        for each in staged.problems:
            errors.print(each, soft_wrap=True)
        fail("The file was not taken; nothing is credited.")
    console.print(f"run {staged}")
    if disburse.needs_second_person(engine):
        console.print(f"Next, as another person: ewarong disburse approve {staged} --officer NAME")
    else:
        _on_run(engine, "approve", staged, officer)


def _on_run(engine: Engine, verb: str, run_id: str | None, officer: str) -> None:
    if run_id is None:
        fail(f"{verb} needs the run id.", WRONG_USE)
    if verb == "approve":
        done = disburse.approve(engine, run_id, officer)
        if isinstance(done, Refused):
            fail(f"{done.field}: {done.message}")
        console.print(f"Credited {done.fresh} families, {done.total} rupiah in the run.")
        return
    run = disburse.status(engine, run_id)
    if run is None:
        fail(f"run: no run {run_id}")
    console.print(
        f"{run.status}: {run.expected_count} families, {run.expected_total} rupiah, "
        f"{run.programme} {run.period}, made by {run.made_by}, approved by {run.approved_by}."
    )


@ledger.command("check")
def ledger_check(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Prove the books: sums are zero, balances equal postings, nothing is negative."""
    with closing(open_engine(faces=False)) as engine:
        found = check_ledger(engine)
    if as_json:
        say_json(
            {
                "good": found.good,
                "wallets": found.wallets,
                "postings": found.postings,
                "left": found.left,
                "unbalanced": found.unbalanced,
                "differing": found.differing,
                "negative": found.negative,
            }
        )
    else:
        console.print(
            f"{found.wallets} wallets, {found.postings} postings, {found.left} rupiah unspent."
        )
        for name in ("unbalanced", "differing", "negative"):
            for each in getattr(found, name):
                errors.print(f"{name}: {each}")
    if not found.good:
        fail("The books do not add up.")
    if not as_json:
        console.print("The books add up.")
