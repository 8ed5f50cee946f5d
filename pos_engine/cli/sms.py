"""The commands sms and complaint: texts on their way, and what families say is wrong."""

from contextlib import closing
from datetime import timedelta
from typing import Annotated, Literal

import typer

from pos_engine.cli.out import console, fail, say_json, say_table
from pos_engine.engine import open_engine
from pos_engine.services.complaints import close_complaint, list_complaints
from pos_engine.services.sms_figures import figures
from pos_engine.wire.sms_words import read

sms = typer.Typer(help="Texts to and from phones.", no_args_is_help=True)
complaint = typer.Typer(help="What families say is wrong.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(sms, name="sms")
    app.add_typer(complaint, name="complaint")


@sms.command("status")
def sms_status(*, as_json: Json = False) -> None:
    """Texts by urgency and state, and what phones asked in the last day."""
    with closing(open_engine(faces=False)) as engine:
        found = figures(engine, timedelta(days=1))
    if as_json:
        say_json({"out": found.out, "in": found.came})
        return
    say_table(("urgency", "state", "texts"), [list(each.values()) for each in found.out], "out")
    say_table(("word", "outcome", "texts"), [list(each.values()) for each in found.came], "in")


@sms.command("read")
def sms_read(
    text: Annotated[str, typer.Argument(help="What a person texted, in quotes.")],
    *,
    as_json: Json = False,
) -> None:
    """Which word a text is taken for: SALDO, KODE, HARGA, LAPOR, STOP, MULAI or BANTUAN."""
    asked = read(text)
    if as_json:
        say_json({"word": asked.word.value, "rest": asked.rest, "understood": asked.understood})
        return
    console.print(f"{asked.word.value} {asked.rest}".strip())


@complaint.command("list")
def complaint_list(
    status: Annotated[Literal["OPEN", "CLOSED"], typer.Option(help="Which ones.")] = "OPEN",
    *,
    as_json: Json = False,
) -> None:
    """Complaints, the oldest first; OPEN is all that is not closed, late is past its date."""
    with closing(open_engine(faces=False)) as engine:
        found = list_complaints(engine, status)
    rows = [
        {
            "reference": each.complaint.reference,
            "kpm_id": each.complaint.kpm_id,
            "channel": each.complaint.channel,
            "purchase_id": each.complaint.purchase_id,
            "kind": each.case.kind.value if each.case else None,
            "status": each.complaint.status,
            "due_at": each.case.due_at.isoformat(timespec="seconds") if each.case else None,
            "opened_at": each.complaint.opened_at.isoformat(timespec="seconds"),
            "late": each.late,
            "note": each.note,
            "outcome": each.complaint.outcome,
        }
        for each in found
    ]
    if as_json:
        say_json(rows)
        return
    if rows:
        say_table(tuple(rows[0]), [list(row.values()) for row in rows])
    console.print(f"{len(rows)} complaints (the first 500 at most).")


@complaint.command("close")
def complaint_close(
    reference: Annotated[str, typer.Argument(help="The number that she was told.")],
    by: Annotated[str, typer.Option("--by", help="Staff id of the officer who answers.")],
    outcome: Annotated[str, typer.Option(help="What was found and done; no names.")],
) -> None:
    """Answer a complaint; its days no longer keep her idle money young."""
    with closing(open_engine(faces=False)) as engine:
        refused = close_complaint(engine, reference, by, outcome)
    if refused is not None:
        fail(f"{refused.field}: {refused.message}")
    console.print("The complaint is closed.")
