"""Commands of the event lake: write, compact, check, show, and its views for other tools."""

from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from pos_engine.cli.out import WRONG_USE, console, errors, fail, say_json, say_table
from pos_engine.engine import Engine, open_engine
from pos_engine.lake.compact import compact_days, count_days, forget_counts, merge_small
from pos_engine.lake.dictionary import dictionary_page
from pos_engine.lake.folder import LakeError
from pos_engine.lake.postgresql import views_sql
from pos_engine.lake.state import load_state
from pos_engine.lake.writer import Writer
from pos_engine.services.lake_check import LakeCheck, check_lake
from pos_engine.services.lake_rows import PURPOSE
from pos_engine.services.lake_write import catch_up

app = typer.Typer(help="The event lake: Parquet files for reports.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(group: typer.Typer) -> None:
    """Register the commands."""
    group.add_typer(app, name="lake")


def _opened() -> Engine:
    return open_engine(faces=False, several=True)


def _folder(engine: Engine) -> Path:
    if engine.lake is None:
        fail("This engine has no lake.")
    return engine.lake


@app.command("write")
def write(*, as_json: AsJson = False) -> None:
    """Write everything that is not in the lake yet, as the worker does all the time."""
    facts = rows = 0
    with closing(_opened()) as engine, Progress(console=errors) as progress:
        task = progress.add_task("writing", total=None)
        try:
            for wrote in catch_up(engine):
                facts, rows = facts + wrote.facts, rows + wrote.rows
                progress.update(task, description=f"writing: {rows} rows")
        except LakeError as error:
            fail(str(error))
    if as_json:
        say_json({"facts": facts, "rows": rows})
    else:
        console.print(f"Wrote {rows} rows of {facts} facts.")


@app.command("compact")
def compact(
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Days before this one; default today (UTC)."),
    ] = None,
    *,
    recount: Annotated[
        bool, typer.Option("--recount", help="Take every count away and make all from the lines.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """One file for each day and province, then the counts of the days and months that changed."""
    merged = counted = 0
    with closing(_opened()) as engine, Progress(console=errors) as progress:
        task = progress.add_task("compacting", total=None)
        before = (until or engine.now()).date().isoformat()
        try:
            with closing(Writer(_folder(engine), engine.now)) as writer:
                merged += merge_small(writer)
                for each in compact_days(writer, before):
                    merged += 1
                    progress.update(task, description=f"compacting: {each.day} {each.province}")
                if recount:
                    forget_counts(writer)
                for each in count_days(writer, before, running=True):
                    counted += 1
                    progress.update(task, description=f"counting: {each.dataset} {each.day}")
        except LakeError as error:
            fail(str(error))
    if as_json:
        say_json({"merged": merged, "counted": counted})
    else:
        console.print(f"Merged {merged} times, counted {counted} days.")


@app.command("check")
def check(
    *,
    every_byte: Annotated[
        bool, typer.Option("--every-byte", help="Hash every file, not its size alone.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Hold the lake against the ledger to the rupiah, and its files against their manifests."""
    with closing(_opened()) as engine:
        try:
            found = check_lake(engine, _folder(engine), every_byte=every_byte)
        except LakeError as error:
            fail(str(error))
    if as_json:
        say_json(_check_json(found))
    else:
        console.print(f"{found.files} files, {found.rows} rows, {found.behind} facts not written.")
        for each in found.differences:
            errors.print(f"{each.what}: lake {each.lake}, ledger {each.ledger}", soft_wrap=True)
    if found.damaged:
        fail(
            f"Damaged: {', '.join(found.damaged[:5])}. Move the lake's folder away and run "
            "`ewarong lake write`: everything is written again from the database."
        )
    if found.differences:
        fail("The lake does not say what the ledger says.")
    if not as_json:
        console.print("The lake says what the ledger says.")


def _check_json(found: LakeCheck) -> dict[str, object]:
    return {
        "good": found.good,
        "files": found.files,
        "rows": found.rows,
        "behind": found.behind,
        "damaged": found.damaged,
        "differences": [
            {"what": each.what, "lake": each.lake, "ledger": each.ledger}
            for each in found.differences
        ],
    }


@app.command("show")
def show(
    *,
    files: Annotated[
        bool, typer.Option("--files", help="The files that count, one a line: for other readers.")
    ] = False,
    dictionary: Annotated[
        bool, typer.Option("--dictionary", help="Print the data dictionary (Markdown).")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """What the lake holds: rows, files and days of each dataset."""
    if dictionary:
        typer.echo(dictionary_page(), nl=False)
        return
    with closing(_opened()) as engine:
        lake = _folder(engine)
        try:
            state = load_state(lake)
        except LakeError as error:
            fail(str(error))
    if files:
        for path in sorted(state.files):
            typer.echo(str(lake / path))
        return
    names = sorted({each.dataset for each in state.files.values()})
    rows = []
    for name in names:
        own = state.of(name)
        days = [each.day for each in own]
        size = sum(each.bytes for each in own)
        rows.append((name, sum(each.rows for each in own), len(own), size, min(days), max(days)))
    columns = ("dataset", "rows", "files", "bytes", "first_day", "last_day")
    written = state.written_at.isoformat() if state.written_at else None
    if as_json:
        listed = [dict(zip(columns, row, strict=True)) for row in rows]
        say_json({"written_at": written, "manifest": state.number, "datasets": listed})
    else:
        say_table(columns, rows, f"lake, manifest {state.number}, written {written}")


@app.command("views")
def views(
    *,
    postgresql: Annotated[
        bool, typer.Option("--postgresql", help="For PostgreSQL, over the engine's own tables.")
    ] = False,
) -> None:
    """Print SQL that makes the lake's views elsewhere. It holds the key of the pseudonyms."""
    if not postgresql:
        fail("Say for which database: --postgresql.", WRONG_USE)
    with closing(open_engine(faces=False)) as engine:
        typer.echo(views_sql(engine.keys.pseudonyms(PURPOSE).key), nl=False)
