"""Commands of the catalogue: show, check, load."""

from contextlib import closing
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from catalog.catalogue import Catalogue
from catalog.load import FILES, CatalogueError, load_folder, load_shipped, shipped_files
from catalog.zones import region_exists, region_path
from pos_engine.cli.out import console, errors, fail, say_json, say_table
from pos_engine.engine import NotReadyError, Settings, open_engine, real_now
from pos_engine.keys import KeyFileError
from pos_engine.services.catalogue import catalogue_in_force, load_catalogue, show, today_at
from pos_engine.store.database import UnavailableError

catalog = typer.Typer(help="Goods, ceilings, bans and policy.", no_args_is_help=True)
Folder = Annotated[Path, typer.Argument(help=f"Folder with {', '.join(FILES)}.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(catalog, name="catalog")


@catalog.command("show")
def catalog_show(
    region: Annotated[str, typer.Option(help="Kemendagri code: 35.07.")],
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Local day; default today there.")
    ] = None,
    policy: Annotated[str | None, typer.Option(help="Policy version.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Ceilings, bans and policy in force there and then, by this installation's catalogue.

    Before an installation exists the shipped catalogue is shown, and said so.
    """
    if not region_exists(region):
        fail(f"region: {region} is no Kemendagri code. Example: 35.07 (Kabupaten Malang).")
    loaded, whose = _in_force()
    chosen = policy or Settings().policy
    if chosen not in loaded.policies:
        fail(f"policy: {chosen} is unknown. There are {', '.join(loaded.policies)}.")
    shown_day: date = day.date() if day else today_at(loaded, region, real_now())
    rows = show(loaded, chosen, region, shown_day)
    if as_json:
        say_json(
            {
                "region": region,
                "day": shown_day.isoformat(),
                "policy": chosen,
                "version": loaded.version,
                "catalogue": whose,
                "goods": [asdict(row) for row in rows],
            }
        )
        return
    title = f"{region_path(region)} | {shown_day} | {chosen} | {loaded.version} ({whose})"
    say_table(
        ("sku", "verdict", "ceiling", "unit", "kind", "action", "scope", "regulation"),
        [
            (r.sku, r.verdict, r.ceiling, r.unit, r.kind, r.action, r.scope, r.regulation)
            for r in rows
        ],
        title,
    )


def _in_force() -> tuple[Catalogue, str]:
    try:
        with closing(open_engine(faces=False, several=True)) as engine:
            return catalogue_in_force(engine), "installed"
    except (KeyFileError, NotReadyError, UnavailableError):
        return load_shipped(), "shipped"


@catalog.command("check")
def catalog_check(folder: Folder) -> None:
    """Check a folder of catalogue files; every problem is named with file and row."""
    try:
        checked = load_folder(folder)
    except CatalogueError as error:
        _say_problems(error)
    console.print(
        f"Good: {len(checked.goods)} goods, {len(checked.price_book.rows)} ceilings, "
        f"version {checked.version}."
    )


@catalog.command("load")
def catalog_load(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder; without one the shipped files.")
    ] = None,
) -> None:
    """Check a catalogue and put it in force; purchases use it from the next one on."""
    files = (
        {name: (folder / name).read_bytes() for name in FILES if (folder / name).exists()}
        if folder
        else shipped_files()
    )
    with closing(open_engine(faces=False, several=True)) as engine:
        try:
            loaded = load_catalogue(engine, files, "cli")
        except CatalogueError as error:
            _say_problems(error)
    state = "is now in force" if loaded.fresh else "was in force already"
    console.print(f"Catalogue {loaded.catalogue.version} {state}.")


def _say_problems(error: CatalogueError) -> None:
    for each in error.problems:
        errors.print(f"{each.file} row {each.row} {each.column}: {each.message}", soft_wrap=True)
    fail(f"{len(error.problems)} problems; nothing was loaded.")
