"""Commands of enrolments: look at them (deciding needs a log-in), and enrol a face of staff."""

from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from pos_engine.cli import people
from pos_engine.cli.out import WRONG_USE, console, fail, say_json, say_table
from pos_engine.engine import open_engine
from pos_engine.rules.enrolment import Refusal, Status
from pos_engine.services import enrolment_look as look
from pos_engine.services.faces import Unreadable
from pos_engine.services.install import Refused
from pos_engine.services.staff_face import enrol_staff_face
from pos_engine.store.enrolments import ENROLMENTS_LISTED_MAX
from pos_engine.wire.enrolment import REASON_WORDS

enrolment = typer.Typer(help="Faces that were proposed.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
HIDDEN = {"sealed", "content"}


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(enrolment, name="enrolment")
    people.staff.command("enrol-face")(staff_enrol_face)


@enrolment.command("list")
def enrolment_list(
    status: Annotated[Status | None, typer.Option(help="Only those in this state.")] = None,
    region: Annotated[str | None, typer.Option(help="Only of this region: 35.07.")] = None,
    limit: Annotated[
        int, typer.Option(min=1, max=ENROLMENTS_LISTED_MAX, help="How many.")
    ] = ENROLMENTS_LISTED_MAX,
    *,
    as_json: Json = False,
) -> None:
    """List enrolments; an officer decides about them over HTTP, with a log-in."""
    with closing(open_engine(faces=False)) as engine:
        rows = look.listed(engine, region, status, limit)
    if as_json:
        say_json([_printable(asdict(row)) for row in rows])
        return
    say_table(
        ("enrolment", "family", "status", "reason", "quality", "proposed", "in force"),
        [
            (
                row.enrolment_id,
                row.kpm_id,
                row.status.value,
                row.reason,
                row.quality,
                f"{row.proposed_at:%Y-%m-%d %H:%M}",
                f"{row.effective_at:%Y-%m-%d %H:%M}" if row.effective_at else None,
            )
            for row in rows
        ],
    )


@enrolment.command("show")
def enrolment_show(
    enrolment_id: Annotated[str, typer.Argument(help="Enrolment id.")], *, as_json: Json = False
) -> None:
    """Show one enrolment with its look-alikes and who did what, when, from which device."""
    with closing(open_engine(faces=False)) as engine:
        shown = look.show(engine, None, enrolment_id)
    if isinstance(shown, Refusal):
        fail(f"no enrolment {enrolment_id} ({' '.join(REASON_WORDS[shown.reason])})")
    row = _printable(asdict(shown.enrolment))
    if as_json:
        findings = [_printable(asdict(each)) for each in shown.findings]
        events = [_printable(asdict(each)) for each in shown.events]
        say_json(row | {"findings": findings, "events": events})
        return
    say_table(("field", "value"), [(name, value) for name, value in row.items()])
    say_table(
        ("finding", "source", "family", "score", "FPIR estimate", "decision"),
        [
            (each.number, each.source, each.kpm_id, f"{each.score:.2f}",
             f"{each.fpir_estimate:.1e}", each.decision)
            for each in shown.findings
        ],
    )  # fmt: skip
    say_table(
        ("step", "reason", "staff", "role", "device", "at"),
        [
            (each.kind, each.reason, each.staff_id, each.role, each.device_id,
             f"{each.at:%Y-%m-%d %H:%M}")
            for each in shown.events
        ],
    )  # fmt: skip


def staff_enrol_face(
    staff_id: Annotated[str, typer.Argument(help="Staff id.")],
    images: Annotated[list[Path], typer.Argument(help="Pictures: JPEG, PNG or WebP.")],
    kpm: Annotated[str | None, typer.Option(help="Her own family, if she is a KPM too.")] = None,
    person: Annotated[str | None, typer.Option(help="Who she is in that family.")] = None,
) -> None:
    """Enrol a face of staff, so that nobody can enrol it for a family."""
    if (kpm is None) != (person is None):
        fail("--kpm and --person go together", WRONG_USE)
    contents = _read(images)
    with closing(open_engine()) as engine:
        same_as = (kpm, person) if kpm and person else None
        done = enrol_staff_face(engine, staff_id, contents, same_as)
    if isinstance(done, Refused):
        fail(f"{done.field}: {done.message}")
    if isinstance(done, Unreadable):
        fail(f"{done.detail} ({done.hint})")
    console.print(f"staff {done.staff_id}, version {done.version}, quality {done.quality}")


def _read(images: list[Path]) -> list[bytes]:
    contents = []
    for image in images:
        try:
            contents.append(image.read_bytes())
        except OSError as error:
            fail(f"{image}: {error.strerror}", WRONG_USE)
    return contents


def _printable(values: dict[str, Any]) -> dict[str, Any]:
    """For JSON: no sealed bytes, moments as text."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in values.items()
        if name not in HIDDEN
    }
