"""Commands keys status and keys rotate."""

from contextlib import closing
from dataclasses import asdict
from typing import Annotated

import typer
from rich.progress import Progress

from pos_engine.cli.out import console, errors, fail, say_json, say_table
from pos_engine.cli.serve import keys
from pos_engine.engine import open_engine
from pos_engine.services.install import Refused
from pos_engine.services.key_rotation import What, rotate
from pos_engine.services.key_status import status
from pos_engine.services.two_officers import KEY_HOLDERS, pair_of

COLUMNS = ("what", "key", "state", "since", "rows", "note")


@keys.command("status")
def keys_status(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Which keys there are, how old, how many rows lie under each, what is overdue."""
    with closing(open_engine(faces=False, several=True)) as engine:
        found = [asdict(each) for each in status(engine)]
    if as_json:
        say_json(found)
    else:
        say_table(COLUMNS, [[each[name] for name in COLUMNS] for each in found])


@keys.command("rotate")
def keys_rotate(
    what: Annotated[What, typer.Option(help="Which key.")] = What.KEK,
    officer: Annotated[str | None, typer.Option(help="Staff id of the ADMIN who does it.")] = None,
    second: Annotated[str | None, typer.Option(help="Staff id of the ADMIN who agrees.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Exchange a key while the tills sell. Killed in the middle, the same command goes on.

    What was signed or sealed before stays valid and readable: keep the key file's new backup.
    """
    with closing(open_engine(faces=False, several=True)) as engine, Progress(console=errors) as bar:
        officers = pair_of(engine, officer, second, KEY_HOLDERS)
        if isinstance(officers, Refused):
            fail(f"{officers.field}: {officers.message}.")
        task = bar.add_task(what.value, total=None)
        done = rotate(engine, what, officers, lambda n, of: bar.update(task, completed=n, total=of))
    if isinstance(done, Refused):
        fail(f"{done.field}: {done.message}.")
    if as_json:
        say_json(asdict(done))
        return
    console.print(f"{done.what.value}: {done.key} is in use; {done.rows} rows went over to it.")
    if what is not What.PERSONAL:
        console.print("Back up the key file now: a copy of before lacks the new key.")


def add_to(_app: typer.Typer) -> None:
    """The commands stand in the group `keys` already."""
