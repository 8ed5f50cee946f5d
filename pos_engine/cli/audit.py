"""Commands of the audit chain: seal, close a day, verify, prove."""

from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from pos_engine.cli.out import WRONG_USE, console, errors, fail, say_json
from pos_engine.engine import open_engine
from pos_engine.rules.ids import parse_uuid7
from pos_engine.services import audit as chain
from pos_engine.services.audit_prove import State, day_json, found_json, prove_purchase
from pos_engine.services.audit_published import (
    ROOT_HEX,
    Published,
    hold_against,
    read_published,
)
from pos_engine.services.audit_verify import Verified
from pos_engine.services.audit_verify import verify as check_chain
from pos_engine.web.audit import proof_page

app = typer.Typer(help="The chain that shows any altered row.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ADay = Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="Day in WIB.")]
FirstDay = Annotated[
    datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day, default all.")
]
LastDay = Annotated[
    datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, default all.")
]
ARoot = Annotated[
    str, typer.Option(metavar="FILE|HEX", help="A published root that the chain must still say.")
]
SAYS = {
    State.RECORDED: "recorded and proven",
    State.OPEN: "its day is not closed yet",
    State.MISSING: "not in the record of its day as it stands",
}


def add_to(group: typer.Typer) -> None:
    """Register the commands."""
    group.add_typer(app, name="audit")


@app.command("seal")
def seal(*, as_json: AsJson = False) -> None:
    """Seal everything that waits, as the worker does every minute."""
    leaves = seals = 0
    with closing(open_engine(faces=False)) as engine, Progress(console=errors) as progress:
        task = progress.add_task("sealing", total=None)
        more = True
        while more:
            done = chain.seal_pending(engine)
            leaves, seals, more = leaves + done.leaves, seals + done.seals, done.more
            progress.update(task, description=f"sealing: {leaves} facts")
    if as_json:
        say_json({"leaves": leaves, "seals": seals})
    else:
        console.print(f"Sealed {leaves} facts in {seals} batches.")


@app.command("day")
def day(day: ADay) -> None:
    """Close a finished day, and print its signed root as JSON: publish it."""
    with closing(open_engine(faces=False)) as engine:
        closed = chain.close_day(engine, day.date())
        if closed is chain.NotClosed.TOO_EARLY:
            fail(f"{day:%Y-%m-%d} is not over: a day is closed ten minutes after midnight WIB.")
        if isinstance(closed, chain.NotClosed):
            fail(f"A later day is closed: {day:%Y-%m-%d} is part of that day's root.")
        say_json(day_json(engine, closed))


@app.command("verify")
def verify(
    *, first: FirstDay = None, last: LastDay = None, root: ARoot = "", as_json: AsJson = False
) -> None:
    """Read every sealed row again and name the first that was altered, removed or put in."""
    if first and last and last < first:
        fail("--to lies before --from.", WRONG_USE)
    published = _published(root) if root else None
    days = (first.date() if first else date.min, last.date() if last else date.max)
    with closing(open_engine(faces=False)) as engine, Progress(console=errors) as progress:
        task = progress.add_task("shards")
        found = check_chain(
            engine, *days, lambda done, of: progress.update(task, completed=done, total=of)
        )
        if published is not None:
            found.problems[:0] = hold_against(engine, published)
    if as_json:
        say_json(_verified_json(found))
    else:
        console.print(f"{found.leaves} facts, {found.seals} batches, {found.days} days.")
        for each in found.problems:
            place = f"shard {each.shard}, batch {each.batch}" if each.batch else ""
            errors.print(f"{each.fault} {each.table} {each.subject_id} {place}", soft_wrap=True)
    if not found.good:
        first_one = found.problems[0]
        fail(f"First: {first_one.fault} {first_one.table} {first_one.subject_id}.")
    if not as_json:
        console.print("The record is as it was sealed.")


@app.command("prove")
def prove(
    purchase_id: Annotated[str, typer.Argument(help="Id of a purchase or refusal.")],
    html: Annotated[
        Path | None, typer.Option(help="Write a page that checks itself offline.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Prove that a purchase stands in the signed record of its day."""
    parsed = parse_uuid7(purchase_id)
    if parsed is None:
        fail("PURCHASE_ID is a UUIDv7.", WRONG_USE)
    with closing(open_engine(faces=False)) as engine:
        found = prove_purchase(engine, parsed)
    if found is None:
        fail(f"There is no purchase {parsed}.")
    if html is not None:
        html.write_text(proof_page(found))
    if as_json:
        say_json(found_json(found))
    else:
        console.print(f"{parsed}: {SAYS[found.state]}{f', {found.day}' if found.day else ''}.")
    if found.state is not State.RECORDED:
        fail("There is no proof (yet).")


def _published(root: str) -> Published:
    try:
        text = root if ROOT_HEX.match(root.lower()) else Path(root).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        fail(f"--root {root}: {error}", WRONG_USE)
    found = read_published(text)
    if found is None:
        fail(f"--root {root}: neither a root in hex nor what `audit day` prints.", WRONG_USE)
    return found


def _verified_json(found: Verified) -> dict[str, object]:
    return {
        "good": found.good,
        "leaves": found.leaves,
        "seals": found.seals,
        "days": found.days,
        "problems": [
            {
                "fault": each.fault.value,
                "table": each.table,
                "id": each.subject_id,
                "shard": each.shard,
                "batch": each.batch,
            }
            for each in found.problems
        ],
    }
