"""The command that decides a past month again: as it was, or under another rule."""

import csv
import os
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from catalog.load import FILES
from catalog.price_book import Action
from catalog.problems import CatalogueError
from pos_engine.cli.out import WRONG_USE, console, errors, fail, say_json, say_table
from pos_engine.engine import Engine, Settings, open_engine
from pos_engine.services.replay import Found, Period, by_regency, replay
from pos_engine.services.replay_rule import Rule, month_of
from pos_engine.services.report_words import harmless

DIFFERENCES_SHOWN_MAX = 100  # on the screen; the CSV has them all
PROCESSES_MAX = 64
COLUMNS = ("purchase_id", "day", "region", "parts")


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("replay")(replay_command)


def replay_command(
    *,
    period: Annotated[str, typer.Option(help="A month: 2026-11.")] = "",
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="First local day, without --period."),
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last local day.")
    ] = None,
    region: Annotated[str, typer.Option(help="Kemendagri code as a prefix: 35.07.")] = "",
    policy: Annotated[str, typer.Option(help="Another policy than the one of the day.")] = "",
    ceiling_mode: Annotated[
        str, typer.Option(help="CAP or FLAG in place of DECLINE for prices above a ceiling.")
    ] = "",
    ceilings: Annotated[
        Path | None, typer.Option(help="Folder with other catalogue files, say ceilings.csv.")
    ] = None,
    processes: Annotated[
        int, typer.Option(min=1, max=PROCESSES_MAX, help="Processes; default one a core.")
    ] = os.cpu_count() or 1,
    out: Annotated[Path | None, typer.Option("--csv", help="Write the rows to this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Decide past purchases again from stored facts: 0 differing bytes, or each altered row named.

    With --policy, --ceiling-mode or --ceilings: who would gain and who would lose, by regency.
    """
    asked = _period(period, first, last, region)
    rule = _rule(policy, ceiling_mode, ceilings)
    started = time.monotonic()
    with closing(open_engine(faces=False, several=True)) as engine:
        try:
            found = _run(engine, asked, rule, processes)
        except CatalogueError as error:
            fail(f"The rule's files do not fit: {error.problems[0]}")
    took_s = time.monotonic() - started
    if rule.other:
        _say_effects(found, out, as_json=as_json)
        return
    _say_differences(found, took_s, out, as_json=as_json)
    if found.differences:
        fail(f"{len(found.differences)} of {found.purchases} purchases come out otherwise.")


def _period(month: str, first: datetime | None, last: datetime | None, region: str) -> Period:
    if month:
        days = month_of(month)
        if days is None or first or last:
            fail("--period is a month, 2026-11, and stands without --from and --to.", WRONG_USE)
        return Period(*days, region)
    if first is None or last is None or last < first:
        fail("Say --period 2026-11, or --from and --to with --to not before --from.", WRONG_USE)
    return Period(first.date(), last.date(), region)


def _rule(policy: str, mode: str, folder: Path | None) -> Rule:
    if mode and mode not in (Action.CAP.value, Action.FLAG.value):
        fail("--ceiling-mode is CAP or FLAG.", WRONG_USE)
    files: dict[str, bytes] = {}
    if folder is not None:
        files = {n: (folder / n).read_bytes() for n in FILES if (folder / n).is_file()}
        if not files:
            fail(f"{folder} holds none of {', '.join(FILES)}.", WRONG_USE)
    return Rule(policy or None, Action(mode) if mode else None, files)


def _run(engine: Engine, asked: Period, rule: Rule, processes: int) -> Found:
    if rule.policy:
        with engine.database.read() as tx:
            known = engine.catalogue(tx).policies
        if rule.policy not in known:
            fail(f"policy: {rule.policy} is unknown. There are {', '.join(known)}.", WRONG_USE)
    found = Found()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=errors) as progress:
        task = progress.add_task("deciding again", total=None)
        for done, shards, part in replay(engine, asked, rule, processes, Settings()):
            found.add(part)
            words = f"deciding again: {found.purchases} purchases"
            progress.update(task, completed=done, total=shards, description=words)
    return found


def _say_differences(found: Found, took_s: float, out: Path | None, *, as_json: bool) -> None:
    rows: list[dict[str, Any]] = [
        {"purchase_id": e.purchase_id, "day": e.day.isoformat(), "region": e.region,
         "parts": " ".join(e.parts)}
        for e in sorted(found.differences, key=lambda each: (each.day, each.purchase_id))
    ]  # fmt: skip
    _write(out, COLUMNS, rows)
    if as_json:
        say_json(
            {
                "purchases": found.purchases,
                "lines_alone": found.lines_alone,
                "differing": len(rows),
                "rows": rows,
            }
        )
        return
    rate = found.purchases / took_s if took_s else 0.0
    console.print(
        f"{found.purchases} purchases decided again in {took_s:.1f} s ({rate:.0f}/s): "
        f"{len(rows)} differ. Of {found.lines_alone} the lines alone: a bank, a hold or a tablet "
        "without signal decided on their money.",
        soft_wrap=True,
    )
    if rows:
        shown = rows[:DIFFERENCES_SHOWN_MAX]
        say_table(COLUMNS, [[row[name] for name in COLUMNS] for row in shown])


def _say_effects(found: Found, out: Path | None, *, as_json: bool) -> None:
    rows = by_regency(found)
    columns = tuple(rows[0])
    _write(out, columns, rows)
    if as_json:
        say_json({"purchases": found.purchases, "regencies": rows[:-1], "total": rows[-1]})
        return
    total = rows[-1]
    console.print(
        f"{total['purchases']} purchases: {total['gained']} refused ones would be paid, "
        f"{total['lost']} paid ones refused. {total['families_fed']} families would have eaten "
        "who bought nothing within two days.",
        soft_wrap=True,
    )
    say_table(columns, [[row[name] for name in columns] for row in rows])


def _write(out: Path | None, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    if out is None:
        return
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([harmless(row[name]) for name in columns] for row in rows)
    errors.print(f"{out}: {len(rows)} rows", soft_wrap=True)
