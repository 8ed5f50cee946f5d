"""The command disburse: stage, approve, pause, resume, look, undo, reverse."""

import csv
import getpass
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from pos_engine.cli.disburse_say import Bar, say_meanwhile, say_refusal, say_status
from pos_engine.cli.out import WRONG_USE, console, fail
from pos_engine.engine import Engine, Settings, open_engine
from pos_engine.rules.period import parse_period
from pos_engine.services import disburse
from pos_engine.services.install import Refused

VERBS = ("approve", "resume", "pause", "status", "undo", "reverse")


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("disburse")(disburse_command)


def disburse_command(  # noqa: PLR0917 - each is an option a person types by name
    target: Annotated[str, typer.Argument(help=f"FILE.csv, or {' | '.join(VERBS)}.")],
    run: Annotated[str | None, typer.Argument(help="Run id, after a verb.")] = None,
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
    escrow: Annotated[
        str, typer.Option(help="Account where the money lies; else EWARONG_ESCROW_ACCOUNT.")
    ] = "",
    rejects: Annotated[
        Path | None,
        typer.Option(help="CSV for every problem, or what a reverse could not get back."),
    ] = None,
    officer: Annotated[
        str, typer.Option(help="Who does this, default the log-in name: two different people.")
    ] = "",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Status as JSON.")] = False,
) -> None:
    """Credit a period from a file (family_id,amount), then approve it as a second person.

    A run that was cut off goes on with `resume RUN`. A wrong one is taken back by `undo RUN` before
    anybody has spent of it, later by `reverse RUN`: both by two people.
    """
    person = officer or getpass.getuser()
    with closing(open_engine(faces=False)) as engine:
        if target in VERBS:
            _on_run(engine, target, run, person, rejects, as_json=as_json)
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
            papers=_papers(decree, sp2d, budget_year, bank, escrow),
        )
        _stage(engine, Path(target), order, person, rejects)


def _papers(decree: str, sp2d: str, budget_year: str, bank: str, escrow: str) -> dict[str, str]:
    return {
        "decree": decree,
        "sp2d": sp2d,
        "budget_year": budget_year,
        "bank": bank,
        "escrow": escrow or Settings().escrow_account,
    }


def _stage(
    engine: Engine, file: Path, order: disburse.Order, officer: str, rejects: Path | None
) -> None:
    try:
        known = disburse.run_of_file(engine, file, order)
    except OSError as error:
        fail(f"{file}: {error.strerror}", WRONG_USE)
    if known is not None and known.status not in {"STAGING", "REFUSED"}:
        console.print("This file was staged for this programme and period before. Its run:")
        say_status(engine, known.run_id)
        return
    path = rejects or file.with_suffix(".rejects.csv")
    with Bar("staging", order.expect_count) as bar:
        staged = disburse.stage(engine, file, order, officer, rejects=path, on_rows=bar.add)
    if isinstance(staged, disburse.FileRefused):
        say_refusal(staged)
    console.print(f"run {staged}")
    if disburse.needs_second_person(engine):
        console.print(f"Next, as another person: ewarong disburse approve {staged} --officer NAME")
    else:
        _credit(engine, "approve", staged, officer)


def _on_run(
    engine: Engine,
    verb: str,
    run_id: str | None,
    officer: str,
    report: Path | None,
    *,
    as_json: bool,
) -> None:
    if run_id is None:
        fail(f"{verb} needs the run id.", WRONG_USE)
    if verb == "status":
        say_status(engine, run_id, as_json=as_json)
    elif verb == "pause":
        refused = disburse.pause(engine, run_id, officer)
        if refused is not None:
            fail(f"{refused.field}: {refused.message}")
        console.print(f"Paused. It goes on with: ewarong disburse resume {run_id}")
    elif verb in {"undo", "reverse"}:
        _take_back(engine, verb, run_id, officer, report)
    else:
        _credit(engine, verb, run_id, officer)


def _credit(engine: Engine, verb: str, run_id: str, officer: str) -> None:
    act = disburse.approve if verb == "approve" else disburse.resume
    with Bar("crediting") as bar:
        done = act(engine, run_id, officer, bar.show)
    if isinstance(done, Refused):
        fail(f"{done.field}: {done.message}")
    console.print(f"Credited {done.fresh} families, {done.total} rupiah in the run.")
    if done.skipped:
        console.print(f"{done.skipped} families had this period by another run: left out.")
    seen = disburse.overview(engine, run_id)
    if seen is not None:
        say_meanwhile(seen)
    if done.left:
        console.print(f"{done.left} families left. Next: ewarong disburse resume {run_id}")


def _take_back(
    engine: Engine, verb: str, run_id: str, officer: str, report: Path | None
) -> None:  # fmt: skip
    act = disburse.undo if verb == "undo" else disburse.reverse
    with Bar("returning") as bar:
        done = act(engine, run_id, officer, bar.show)
    if isinstance(done, Refused):
        fail(f"{done.field}: {done.message}")
    if isinstance(done, disburse.Asked):
        console.print("Noted; nothing moved yet. The same by a second person:")
        console.print(f"ewarong disburse {verb} {run_id} --officer NAME", soft_wrap=True)
        return
    console.print(f"{done.status}: {done.returned} rupiah went back to the programme.")
    if done.kept_families:
        path = report or Path(f"{run_id}.kept.csv")
        _write_kept(engine, run_id, path)
        console.print(
            f"{done.kept_families} families had spent or were spending {done.kept} rupiah: "
            f"not recoverable, listed in {path}.",
            soft_wrap=True,
        )


def _write_kept(engine: Engine, run_id: str, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["family_id", "spent", "held"])
        for each in disburse.kept_of(engine, run_id):
            writer.writerow([each.kpm_id, each.spent, each.held])
