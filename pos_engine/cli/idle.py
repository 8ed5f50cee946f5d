"""The commands idle: who has money that waits, freeze it, return it by two people."""

from contextlib import closing
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from pos_engine.cli.out import console, fail, say_json, say_table
from pos_engine.engine import open_engine
from pos_engine.rules.idle import ANNOUNCED_DAYS, Pause
from pos_engine.services import idle as service
from pos_engine.services.idle_return import approve_list, list_csv, make_list
from pos_engine.services.install import Refused

IDLE_LISTED_MAX = 1_000
app = typer.Typer(help="Money that waits to be spent.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
By = Annotated[str, typer.Option("--by", help="Staff id of the officer who does it.")]
Kind = Annotated[str, typer.Argument(help="OUTAGE of a region, or COMPLAINT of a family.")]
Subject = Annotated[str, typer.Argument(help="Region code, or family id.")]


def add_to(group: typer.Typer) -> None:
    """Register the commands."""
    group.add_typer(app, name="idle")


@app.command("list")
def list_idle(
    days: Annotated[int, typer.Option(min=0, help="Idle so many counted days.")] = 60,
    region: Annotated[str | None, typer.Option(help="Only here: 35.07.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Tranches that nobody has spent of; outages, complaints and missing cards do not count."""
    with closing(open_engine(faces=False)) as engine:
        found = list(islice(service.idle_tranches(engine, days, region), IDLE_LISTED_MAX))
    rows = [
        {
            "family_id": each.tranche.kpm_id,
            "region": each.filled.region,
            "programme": each.tranche.programme,
            "period": each.tranche.period,
            "left": each.tranche.left,
            "status": each.tranche.status.value,
            "since": each.tranche.since.isoformat(),
            "days": each.tranche.days,
            "announced": " ".join(str(day) for day in ANNOUNCED_DAYS if day in each.told),
        }
        for each in found
    ]
    if as_json:
        say_json(rows)
        return
    if rows:
        say_table(tuple(rows[0]), [list(row.values()) for row in rows])
    console.print(f"{len(rows)} tranches (the first {IDLE_LISTED_MAX} at most).")


@app.command("freeze")
def freeze(by: By) -> None:
    """Put announced idle money aside; her next proven purchase opens it again. Off by default."""
    with closing(open_engine(faces=False)) as engine:
        done = service.freeze_idle(engine, by)
    if isinstance(done, Refused):
        fail(f"{done.field}: {done.message}")
    console.print(f"{done.tranches} tranches with {done.total} rupiah are put aside.")


@app.command("return")
def give_back(
    by: By,
    out: Annotated[Path | None, typer.Option(help="CSV file of the list to sign.")] = None,
) -> None:
    """List what is frozen for the treasury; nothing moves before a second person approves."""
    with closing(open_engine(faces=False)) as engine:
        made = make_list(engine, by)
        if isinstance(made, Refused):
            fail(f"{made.field}: {made.message}")
        path = out or Path(f"{made.list_id}.csv")
        path.write_bytes(list_csv(engine, made.list_id))
    console.print(
        f"{made.count} tranches, {made.total} rupiah: {path}, sha256 {made.sha256}", soft_wrap=True
    )
    console.print(f"Next: ewarong idle approve {made.list_id} --by STAFF_ID", soft_wrap=True)


@app.command("approve")
def approve(list_id: Annotated[str, typer.Argument(help="List id.")], by: By) -> None:
    """Return a list to the treasury as a second person; whoever bought meanwhile is left out."""
    with closing(open_engine(faces=False)) as engine:
        done = approve_list(engine, list_id, by)
    if isinstance(done, Refused):
        fail(f"{done.field}: {done.message}")
    console.print(
        f"{done.total} rupiah of {done.returned} tranches went to the treasury; "
        f"{done.kept} were left with their families.",
        soft_wrap=True,
    )


@app.command("pause")
def pause(
    kind: Kind,
    subject: Subject,
    by: By,
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")],
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day; open without.")
    ] = None,
) -> None:
    """Note days that do not count: an outage of a region, an open complaint of a family."""
    span = Pause(first.date(), last.date() if last else None)
    with closing(open_engine(faces=False)) as engine:
        done = service.pause(engine, kind, subject, span, by)
    if isinstance(done, Refused):
        fail(f"{done.field}: {done.message}")
    console.print(f"Noted: {done}")


@app.command("resume")
def resume(
    kind: Kind,
    subject: Subject,
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day of it.")],
) -> None:
    """End the open pauses of a region or a family: the outage is over, the complaint answered."""
    with closing(open_engine(faces=False)) as engine:
        count = service.end_pause(engine, kind, subject, last.date())
    if not count:
        fail(f"subject: no open {kind} of {subject}")
    console.print(f"{count} ended.")
