"""Commands of faces: enrol and identify."""

from contextlib import closing
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from biometrics.gallery import Scope
from biometrics.scopes import NATION, ScopeKind
from pos_engine.cli.out import WRONG_USE, console, fail, say_json, say_table
from pos_engine.engine import open_engine
from pos_engine.services.enrol import enrol
from pos_engine.services.faces import Unreadable
from pos_engine.services.install import Refused
from pos_engine.services.lookup import search_images

Images = Annotated[list[Path], typer.Argument(help="Pictures: JPEG, PNG or WebP.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("enrol")(enrol_command)
    app.command("identify")(identify_command)


def enrol_command(
    kpm_id: Annotated[str, typer.Argument(help="Family id.")],
    images: Images,
    person: Annotated[str | None, typer.Option(help="Person id; default the head.")] = None,
) -> None:
    """Enrol a face from 1 to 10 pictures (alone only on demo data)."""
    with closing(open_engine()) as engine:
        done = enrol(engine, kpm_id, _read(images), person)
    if isinstance(done, Refused):
        fail(f"{done.field}: {done.message}")
    if isinstance(done, Unreadable):
        fail(f"{done.detail} ({done.hint})")
    console.print(f"template {done.template_id}, version {done.version}, quality {done.quality}")


def identify_command(
    images: Images,
    shop: Annotated[str | None, typer.Option(help="Search one shop's families.")] = None,
    birth_date: Annotated[
        str | None, typer.Option(help="Search everybody born that day, YYYY-MM-DD.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Candidates for a face with score, scope and estimated FPIR. PAD not certified."""
    scope = _scope(shop, birth_date)
    with closing(open_engine()) as engine:
        hits = search_images(engine, _read(images), scope)
    if isinstance(hits, Unreadable):
        fail(f"{hits.detail} ({hits.hint})")
    if as_json:
        say_json([asdict(hit) for hit in hits])
        return
    say_table(
        ("family", "score", "scope", "size", "FPIR estimate"),
        [
            (hit.kpm_id, f"{hit.score:.4f}", hit.scope, hit.size, f"{hit.fpir_estimate:.1e}")
            for hit in hits
        ],
    )


def _scope(shop: str | None, birth_date: str | None) -> Scope:
    """Everybody unless a shop or a birth date is named."""
    if shop and birth_date:
        fail("Name a shop or a birth date, not both.", WRONG_USE)
    if shop:
        return Scope(ScopeKind.SHOP, shop)
    if birth_date is None:
        return NATION
    try:
        return Scope(ScopeKind.BIRTH_DATE, date.fromisoformat(birth_date).isoformat())
    except ValueError:
        fail(f"--birth-date: {birth_date} is no date; write it as 1980-08-15.", WRONG_USE)


def _read(images: list[Path]) -> list[bytes]:
    contents = []
    for image in images:
        try:
            contents.append(image.read_bytes())
        except OSError as error:
            fail(f"{image}: {error.strerror}", WRONG_USE)
    return contents
