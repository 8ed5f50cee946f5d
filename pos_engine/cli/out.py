"""How commands print: tables for people, JSON for programs, refusals on standard error."""

import json
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

console = Console()
PIPED_COLUMNS = 200  # a file or a pager has room that a terminal may not have
errors = Console(stderr=True, highlight=False)
REFUSED = 1
WRONG_USE = 2


def fail(message: str, code: int = REFUSED) -> NoReturn:
    """Say what happened and end the command."""
    errors.print(f"[bold red]![/] {message}", soft_wrap=True)
    sys.exit(code)


def say_json(value: Any) -> None:
    """One JSON value on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))


def say_table(columns: Sequence[str], rows: Sequence[Sequence[object]], title: str = "") -> None:
    """A table; a narrow terminal folds cells rather than dropping them."""
    table = Table(*columns, title=title or None, header_style="bold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    wide = console if console.is_terminal else Console(width=PIPED_COLUMNS)
    wide.print(table)
