"""The commands offline import, show and review: sales that were made without signal."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from pos_engine.cli.out import console, fail, say_json, say_table
from pos_engine.engine import open_engine
from pos_engine.services.install import Refused
from pos_engine.services.sync_dispute import dispute
from pos_engine.services.sync_list import Listed, list_envelopes
from pos_engine.services.sync_paper import IMPORT_LINES_MAX, import_lines
from pos_engine.services.sync_review import OF_WAITING, Decision, ReviewOrder, review
from pos_engine.wire.envelope import ENVELOPE_BYTES_MAX

offline = typer.Typer(help="Sales that were made without signal.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(offline, name="offline")


@offline.callback()
def _group() -> None:
    """Sales that were made without signal."""


@offline.command("import")
def offline_import(
    file: Annotated[Path, typer.Argument(help="The file that the tablet wrote.")],
    *,
    by: Annotated[str, typer.Option("--by", help="Who brings it: a staff id.")] = "cli",
    as_json: Json = False,
) -> None:
    """Take in a tablet's own file: one envelope a line; again changes nothing."""
    try:
        with file.open("rb") as opened:
            lines = [line for _, line in zip(range(IMPORT_LINES_MAX), opened, strict=False)]
    except OSError as error:
        fail(f"{file} cannot be read ({error.strerror}).")
    lines = [line[: ENVELOPE_BYTES_MAX + 2] for line in lines]
    with closing(open_engine(faces=False)) as engine:
        found = import_lines(engine, lines, by)
    rows = [
        {"device_id": device_id, "seq": told.seq, "outcome": told.outcome, "reason": told.reason}
        for device_id, synced in found.devices.items()
        for told in synced.outcomes
    ]
    if as_json:
        say_json({"envelopes": rows, "strange_lines": found.strange})
    else:
        if rows:
            say_table(tuple(rows[0]), [list(row.values()) for row in rows])
        console.print(f"{len(rows)} envelopes, {len(found.strange)} lines that are none of ours.")
    if found.strange:
        raise typer.Exit(1)


@offline.command("show")
def offline_show(
    *,
    device: Annotated[str | None, typer.Option(help="Only of this device.")] = None,
    outcome: Annotated[str | None, typer.Option(help="Only with this outcome.")] = None,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only what waits.")] = False,
    as_json: Json = False,
) -> None:
    """Envelopes and what became of them, the newest first, at most 500."""
    with closing(open_engine(faces=False)) as engine:
        found: list[Listed] = list_envelopes(engine, device, outcome, waiting=waiting)
    rows = [each.row for each in found]
    if as_json:
        say_json(rows)
        return
    if rows:
        say_table(tuple(rows[0]), [list(row.values()) for row in rows])
    total = sum(each.amount for each in found)
    console.print(f"{len(rows)} envelopes, {total} rupiah.")


@offline.command("review")
def offline_review(
    subject: Annotated[
        str, typer.Argument(help="An envelope, a device (all of it that waits), or a purchase.")
    ],
    decision: Annotated[
        Decision,
        typer.Option(
            help="CLEAR, REFUSE or SKIP_GAP of what waits; DISPUTE, then SHOP_PAYS, LOSS or HERS."
        ),
    ],
    note: Annotated[str, typer.Option(help="Why, in one sentence; no names.")],
    by: Annotated[str, typer.Option("--by", help="Staff id of the officer who asks for it.")],
    approve: Annotated[
        str | None, typer.Option("--approve", help="Staff id of the second officer.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Decide what waits, or a family's dispute, by two officers."""
    order = ReviewOrder(subject, decision, note, by, approve)
    with closing(open_engine(faces=False)) as engine:
        done = review(engine, order) if decision in OF_WAITING else dispute(engine, order)
    if isinstance(done, Refused):
        fail(f"{done.field}: {done.message}")
    if isinstance(done, list):
        rows = [{"envelope_id": e.envelope_id, "seq": e.seq, "outcome": e.outcome} for e in done]
    else:
        rows = [{"purchase_id": done.purchase_id, "amount": done.amount, "state": done.state}]
    if as_json:
        say_json(rows)
        return
    for row in rows:
        console.print("  ".join(f"{name} {value}" for name, value in row.items()), soft_wrap=True)
    console.print(f"{len(rows)} decided.")
