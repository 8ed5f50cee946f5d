"""The command of the ministry's reports."""

import csv
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress

from pos_engine.cli.out import WRONG_USE, console, errors, fail, say_json, say_table
from pos_engine.engine import Engine, open_engine
from pos_engine.lake.folder import LakeError
from pos_engine.lake.watch import told
from pos_engine.services.report import NAMES, Report, Scope, harmless, make_report
from pos_engine.services.report_download import Asked, write_download

LEFT_OUT = {"shop_id", "policy", "price_book", "name"}  # a terminal is narrow; files have them


class Format(StrEnum):
    """How a report is printed."""

    TABLE = "table"
    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    JSON = "json"


BINARY = (Format.XLSX, Format.PARQUET)


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("report")(report)


def report(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(NAMES)}.")],
    first: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First local day.")
    ],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last local day.")],
    region: Annotated[str | None, typer.Option(help="Kemendagri code as a prefix: 35.07.")] = None,
    as_of: Annotated[
        str, typer.Option("--as-of", help="As it was known then: 2026-11-21T17:00:00+07:00.")
    ] = "",
    output: Annotated[
        Format, typer.Option("--format", help="table, csv, xlsx, parquet or json.")
    ] = Format.TABLE,
    out: Annotated[
        Path | None,
        typer.Option(help="Write a file that says its filter, time, rows and SHA-256."),
    ] = None,
) -> None:
    """Print a report over local days, or write it to a file."""
    if name not in NAMES:
        fail(f"There is no report {name}. There are {', '.join(NAMES)}.", WRONG_USE)
    if last < first:
        fail("--to lies before --from.", WRONG_USE)
    if out is not None and output is Format.TABLE:
        fail("--out needs --format csv, xlsx, parquet or json.", WRONG_USE)
    scope = Scope(region=region)
    asked = Asked(name, first.date(), last.date(), scope, _moment(as_of) if as_of else None)
    with closing(open_engine(faces=False)) as engine, _progress():
        try:
            if out is not None or output in BINARY:
                _write(engine, asked, output, out)
                return
            made = make_report(engine, name, asked.first, asked.last, scope, asked.as_of)
        except LakeError as error:
            fail(str(error))
    _print(made, output)
    _say_notes(made, output)


@contextmanager
def _progress() -> Iterator[None]:
    """How far a long question is, for whoever sits before a terminal."""
    if not errors.is_terminal:
        yield
        return
    with Progress(console=errors, transient=True) as progress:
        task = progress.add_task("reading", total=100)
        with told(lambda percent: progress.update(task, completed=percent)):
            yield


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        fail("--as-of is a time with offset: 2026-11-21T17:00:00+07:00.", WRONG_USE)
    if found.tzinfo is None:
        fail("--as-of needs its offset: 2026-11-21T17:00:00+07:00.", WRONG_USE)
    return found


def _write(engine: Engine, asked: Asked, output: Format, out: Path | None) -> None:
    """To a file, or through one to standard output."""
    if out is not None:
        made = write_download(engine, asked, output.value, out)
        errors.print(f"{out}: {made.rows} rows, SHA-256 {made.sha256}", soft_wrap=True)
        return
    if sys.stdout.isatty():
        fail(f"{output.value} is not for a terminal: name a file with --out.", WRONG_USE)
    with tempfile.TemporaryDirectory(prefix="ewarong-report-") as folder:
        path = Path(folder, f"report.{output.value}")
        write_download(engine, asked, output.value, path)
        with path.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)


def _say_notes(made: Report, output: Format) -> None:
    place = console if output is Format.TABLE else errors
    if made.never_settled:
        place.print("No settlement was made yet. The first one: ewarong settle --day DAY")
    if made.as_of is not None:
        place.print(f"As known at {made.as_of.isoformat()}. Changes since: {len(made.changes)}.")
        for each in made.changes:
            place.print(_change(each), soft_wrap=True)


def _change(each: dict[str, Any]) -> str:
    return f"{each['what']} {each['id']} of {each['day']} in {each['regency']}: {each['amount']}"


def _print(made: Report, output: Format) -> None:
    if output is Format.JSON:
        say_json(made.rows)
    elif output is Format.CSV:
        writer = csv.writer(sys.stdout)
        writer.writerow(made.columns)
        writer.writerows(_cells(made))
    else:
        columns = [column for column in made.columns if column not in LEFT_OUT]
        rows = [[row[column] for column in columns] for row in made.rows]
        say_table(columns, rows, f"{made.name} {made.first}..{made.last}")


def _cells(made: Report) -> Iterator[list[object]]:
    return ([harmless(row[column]) for column in made.columns] for row in made.rows)
