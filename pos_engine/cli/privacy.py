"""Commands privacy: what is held of a family, erasure, retention, breaches, refused faces."""

from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from pos_engine.cli.out import WRONG_USE, console, fail, say_json, say_table
from pos_engine.engine import Engine, open_engine
from pos_engine.services import face_reviews, retention
from pos_engine.services.breach import Breach, who_was_exposed, with_till
from pos_engine.services.face_reviews import Decision
from pos_engine.services.install import Refused
from pos_engine.services.privacy_erase import erase, statement
from pos_engine.services.privacy_export import export
from pos_engine.services.sessions import Role
from pos_engine.services.two_officers import DATA_OFFICERS, one_of, pair_of
from pos_engine.store import families
from pos_engine.store.exposure import Wanted

SHOWN_MAX = 20  # families of a breach on the screen; all with --json
NATION = frozenset({Role.ADMIN, Role.KEMENSOS, Role.AUDITOR})
app = typer.Typer(help="Personal data: access, erasure, retention, breaches.", no_args_is_help=True)
Officer = Annotated[str | None, typer.Option(help="Staff id of the officer who does it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
KpmId = Annotated[str, typer.Argument(help="The family.")]


def add_to(group: typer.Typer) -> None:
    """Register the commands."""
    group.add_typer(app, name="privacy")


def _region_of(engine: Engine, kpm_id: str) -> str | None:
    with engine.database.read() as tx:
        found = families.find_family(tx, kpm_id)
    return found.region if found else None


def _name(found: str | Refused) -> str:
    if isinstance(found, Refused):
        fail(f"{found.field}: {found.message}.")
    return found


@app.command("export")
def export_family(
    kpm_id: KpmId,
    to: Annotated[Path, typer.Option(help="The file to write: .html or .json, 0600.")],
    officer: Officer = None,
) -> None:
    """Write all that is held about a family, for herself. It is logged."""
    with closing(open_engine(faces=False)) as engine:
        by = _name(one_of(engine, officer, DATA_OFFICERS, _region_of(engine, kpm_id)))
        rows = export(engine, kpm_id, by, to)
    if isinstance(rows, Refused):
        fail(f"{rows.field}: {rows.message}.")
    console.print(f"{to}: {rows} rows. Give it to her alone, then destroy it.")


@app.command("erase")
def erase_family(
    kpm_id: KpmId,
    reason: Annotated[str, typer.Option(help="Why, in a few words without her name.")],
    officer: Officer = None,
    second: Annotated[str | None, typer.Option(help="Staff id of the officer who agrees.")] = None,
    decree: Annotated[str, typer.Option(help="Number of the decree, if money is due to her.")] = "",
) -> None:
    """Destroy a family's key and wipe who she is; money facts stay without a person."""
    with closing(open_engine(faces=False)) as engine:
        officers = pair_of(engine, officer, second, DATA_OFFICERS, _region_of(engine, kpm_id))
        if isinstance(officers, Refused):
            fail(f"{officers.field}: {officers.message}.")
        done = erase(engine, kpm_id, officers, reason, decree)
    if isinstance(done, Refused):
        fail(f"{done.field}: {done.message}.")
    typer.echo(statement(done))


@app.command("retention")
def sweep(
    *,
    dry_run: Annotated[bool, typer.Option(help="Count only; nothing is deleted.")] = True,
    as_json: AsJson = False,
) -> None:
    """What is kept for how long and why; with --no-dry-run older rows go, as each day."""
    with closing(open_engine(faces=False, several=True)) as engine:
        found = [asdict(each) for each in retention.sweep(engine, dry_run=dry_run)]
    if as_json:
        say_json(found)
        return
    columns = ("kind", "days", "rows", "ground")
    say_table(columns, [[each[name] for name in columns] for each in found])


@app.command("breach")
def breach(
    since: Annotated[str, typer.Option("--from", help="RFC 3339, as 2026-11-21T08:00:00+07:00.")],
    until: Annotated[str, typer.Option("--to", help="Before this moment.")],
    device: Annotated[str | None, typer.Option(help="What passed through this device.")] = None,
    staff: Annotated[str | None, typer.Option(help="What this member of staff saw.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="LOOKED_UP, PURCHASE, FACE, ...")] = None,
    officer: Officer = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Who was exposed, to what; drafts of the notices to her and to the agency (3 x 24 hours)."""
    wanted = Wanted(_moment(since), _moment(until), device, None, staff)
    with closing(open_engine(faces=False, several=True)) as engine:
        by = _name(one_of(engine, officer, NATION))
        found = who_was_exposed(engine, with_till(engine, wanted), kind or [], by)
    if isinstance(found, Refused):
        fail(f"{found.field}: {found.message}.")
    if as_json:
        rows = [
            asdict(each) | {"first": each.first.isoformat(), "last": each.last.isoformat()}
            for each in found.rows
        ]
        say_json(asdict(found) | {"rows": rows})
    else:
        _say(found)


def _say(found: Breach) -> None:
    columns = ("kpm_id", "kind", "times", "first", "last")
    rows = [[getattr(each, name) for name in columns] for each in found.rows[:SHOWN_MAX]]
    say_table(columns, rows, f"{found.families} families, {len(found.rows)} rows")
    typer.echo(f"\n{found.to_family}\n\n{found.to_agency}")


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{text!r} is no moment: 2026-11-21T08:00:00+07:00.", WRONG_USE)
    if found.tzinfo is None:
        fail(f"{text!r} lacks its offset: +07:00.", WRONG_USE)
    return found


@app.command("reviews")
def reviews(
    region: Annotated[str | None, typer.Option(help="Kemendagri code as a prefix.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Refused faces that nobody looked at, with the day by which a person must."""
    with closing(open_engine(faces=False, several=True)) as engine:
        found = face_reviews.waiting(engine, region)
    cells = [
        {
            "attempt_id": each.refused.attempt_id,
            "shop": each.refused.shop_name,
            "region": each.refused.region,
            "reason": each.refused.reason,
            "at": each.refused.at.isoformat(timespec="minutes"),
            "due_at": each.due_at.isoformat(timespec="minutes"),
            "late": each.late,
        }
        for each in found
    ]
    if as_json:
        say_json(cells)
    elif cells:
        say_table(tuple(cells[0]), [list(each.values()) for each in cells])
    else:
        console.print("None waits.")


@app.command("review")
def review(
    attempt_id: Annotated[str, typer.Argument(help="From `ewarong privacy reviews`.")],
    decision: Annotated[Decision, typer.Option(help="What a person found.")],
    officer: Officer = None,
    note: Annotated[str, typer.Option(help="A few words without her name.")] = "",
) -> None:
    """Say what a person found about a refused face; the first word stays."""
    with closing(open_engine(faces=False)) as engine:
        region = face_reviews.region_of(engine, attempt_id)
        by = _name(one_of(engine, officer, frozenset({Role.DINSOS, Role.KEMENSOS}), region))
        refused = face_reviews.review(engine, attempt_id, decision, note, by)
    if refused is not None:
        fail(f"{refused.field}: {refused.message}.")
    console.print(f"{decision.value}.")
