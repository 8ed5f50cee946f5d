"""The command of the ministry's reports."""

import csv
import sys
from contextlib import closing
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from pos_engine.cli.out import WRONG_USE, console, errors, fail, say_json, say_table
from pos_engine.engine import open_engine
from pos_engine.services.report import NAMES, Report, Scope, harmless, make_report

LEFT_OUT = {"shop_id", "policy", "price_book", "name"}  # a terminal is narrow; files have them


class Format(StrEnum):
    """How a report is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


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
    output: Annotated[Format, typer.Option("--format", help="table, csv or json.")] = Format.TABLE,
) -> None:
    """Print a report over local days."""
    if name not in NAMES:
        fail(f"There is no report {name}. There are {', '.join(NAMES)}.", WRONG_USE)
    if last < first:
        fail("--to lies before --from.", WRONG_USE)
    with closing(open_engine(faces=False)) as engine:
        made = make_report(engine, name, first.date(), last.date(), Scope(region=region))
    _print(made, output)
    if made.never_settled:
        place = console if output is Format.TABLE else errors
        place.print("No settlement was made yet. The first one: ewarong settle --day DAY")


def _print(made: Report, output: Format) -> None:
    if output is Format.JSON:
        say_json(made.rows)
    elif output is Format.CSV:
        writer = csv.writer(sys.stdout)
        writer.writerow(made.columns)
        writer.writerows([harmless(row[column]) for column in made.columns] for row in made.rows)
    else:
        columns = [column for column in made.columns if column not in LEFT_OUT]
        rows = [[row[column] for column in columns] for row in made.rows]
        say_table(columns, rows, f"{made.name} {made.first}..{made.last}")
