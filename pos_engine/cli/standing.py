"""Commands of people who stand in for others: NIK check, delegates, cases of DINSOS."""

import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated

import typer

from pos_engine.cli import people
from pos_engine.cli.out import REFUSED, console, fail, say_json, say_table
from pos_engine.engine import open_engine
from pos_engine.rules.nik import nik_report
from pos_engine.services import cases, delegates
from pos_engine.services.kin import set_staff_nik
from pos_engine.store.aid_cases import OPEN

nik = typer.Typer(help="Numbers of a KTP.", no_args_is_help=True)
delegate = typer.Typer(help="Who buys for a family that cannot come.", no_args_is_help=True)
case = typer.Typer(help="What DINSOS is to look at.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Region = Annotated[str | None, typer.Option(help="Kemendagri code as a prefix: 35.07.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    for name, part in (("nik", nik), ("delegate", delegate), ("case", case)):
        app.add_typer(part, name=name)
    people.staff.command("nik")(staff_nik)


@nik.callback()
def _nik() -> None:
    """Numbers of a KTP."""


@nik.command("check")
def nik_check(
    number: Annotated[str, typer.Argument(help="16 digits; `-` reads them from standard input.")],
) -> None:
    """Say by structure what a NIK holds: place, birth date, sex. No register is asked."""
    text = sys.stdin.readline().strip() if number == "-" else number
    said = nik_report(text, datetime.now(UTC).date())
    say_json(
        {
            "valid": said.valid,
            "faults": list(said.faults),
            "warnings": list(said.warnings),
            "birth_date": said.birth_date.isoformat() if said.birth_date else None,
            "sex": said.sex,
            "province": said.province,
            "regency": said.regency,
            "district": said.district,
        }
    )
    if not said.valid:
        sys.exit(REFUSED)


def staff_nik(staff_id: Annotated[str, typer.Argument(help="Staff id.")]) -> None:
    """Keep a staff member's NIK as a keyed hash: she vouches not for her own family."""
    number = typer.prompt("NIK", hide_input=True)
    with closing(open_engine(faces=False)) as engine:
        refused = set_staff_nik(engine, staff_id, number)
    if refused is not None:
        fail(f"{refused.field}: {refused.message}")
    console.print("Kept as a keyed hash.")


@delegate.callback()
def _delegate() -> None:
    """Who buys for a family that cannot come."""


@delegate.command("list")
def delegate_list(
    region: Region = None,
    kpm_id: Annotated[str | None, typer.Option("--kpm", help="Of one family.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """List delegates, the newest first; officers propose and approve over HTTP, logged in."""
    with closing(open_engine(faces=False)) as engine:
        rows = delegates.list_delegates(engine, region, kpm_id)
    columns = ("delegation_id", "family_id", "region", "status", "last_day", "proposed_by")
    cells = [
        (e.delegation_id, e.kpm_id, e.region, e.status.value, f"{e.expires_on}", e.proposed_by)
        for e in rows
    ]
    _say(columns, cells, as_json=as_json)


@case.callback()
def _case() -> None:
    """What DINSOS is to look at."""


@case.command("list")
def case_list(
    region: Region = None,
    status: Annotated[str, typer.Option(help="OPEN or CLOSED.")] = OPEN,
    *,
    as_json: Json = False,
) -> None:
    """List cases: supervised purchases above a quota, families whom nobody could prove."""
    with closing(open_engine(faces=False)) as engine:
        rows = cases.list_cases(engine, region, status, "")
    columns = ("case_id", "reasons", "region", "shop_id", "family_id", "opened_at")
    cells = [
        (e.case_id, e.reasons, e.region, e.shop_id, e.kpm_id, f"{e.opened_at:%Y-%m-%d %H.%M}")
        for e in rows
    ]
    _say(columns, cells, as_json=as_json)


def _say(
    columns: tuple[str, ...], cells: Sequence[tuple[str | None, ...]], *, as_json: bool
) -> None:
    if as_json:
        say_json([dict(zip(columns, row, strict=True)) for row in cells])
    else:
        say_table(columns, cells)
