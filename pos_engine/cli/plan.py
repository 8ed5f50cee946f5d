"""The commands plan: when which region is released, and how long the queues get."""

from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from pos_engine.cli.out import WRONG_USE, console, fail, say_json, say_table
from pos_engine.engine import Engine, open_engine
from pos_engine.rules.release_plan import (
    QUEUE_MAX,
    SECONDS_PER_FAMILY,
    Outcome,
    Terms,
    wait_minutes,
)
from pos_engine.services.install import Refused
from pos_engine.services.release_plan import (
    CALENDAR_COLUMNS,
    QUEUE_COLUMNS,
    Asked,
    Release,
    as_csv,
    calendar_rows,
    capacity_seen,
    make_release,
    queue_rows,
)

app = typer.Typer(help="Plan before money moves.", no_args_is_help=True)
MEASURED = "measured"
DAYS_SHOWN_MAX = 40


@app.callback()
def _group() -> None:
    """Plan before money moves."""


def add_to(group: typer.Typer) -> None:
    """Register the commands."""
    group.add_typer(app, name="plan")


@app.command("release")
def release(
    capacity: Annotated[
        str, typer.Option(help="Purchases a second that the engine was measured at, or `measured`.")
    ],
    *,
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")],
    region: Annotated[str | None, typer.Option(help="Of this region alone.")] = None,
    level: Annotated[
        Literal["regency", "district", "village"], typer.Option(help="What is released as one.")
    ] = "district",
    days: Annotated[int, typer.Option(help="Within so many days.")] = 31,
    queue: Annotated[int, typer.Option(help="Families that may wait before a shop.")] = QUEUE_MAX,
    seconds: Annotated[
        int, typer.Option(help="Seconds that a shop takes for a family.")
    ] = SECONDS_PER_FAMILY,
    opens: Annotated[int, typer.Option(help="Local hour at which shops open.")] = 8,
    closes: Annotated[int, typer.Option(help="Local hour at which shops close.")] = 16,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", help="Write the calendar to this file.")
    ] = None,
    queues_file: Annotated[
        Path | None, typer.Option("--queues", help="Write each shop's queue to this file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """A staggered calendar by region code, beside everybody on one day. It pays nobody."""
    with closing(open_engine(faces=False, several=True)) as engine:
        terms = Terms(
            _capacity(engine, capacity), opens, closes, seconds, queue_max=queue, days_max=days
        )
        made = make_release(engine, Asked(first.date(), terms, region, level))
    if isinstance(made, Refused):
        fail(f"{made.field}: {made.message}", WRONG_USE)
    if csv_file is not None:
        _write(csv_file, "".join(as_csv(CALENDAR_COLUMNS, calendar_rows(made))))
    if queues_file is not None:
        _write(queues_file, "".join(as_csv(QUEUE_COLUMNS, queue_rows(made))))
    if as_json:
        say_json(_json(made))
    else:
        _say(made)


def _capacity(engine: Engine, text: str) -> float:
    if text != MEASURED:
        try:
            return float(text)
        except ValueError:
            fail("capacity: a number of purchases a second, or `measured`", WRONG_USE)
    seen = capacity_seen(engine)
    if not seen:
        fail("Nothing was measured in the last 30 days: name a figure with --capacity.")
    return seen


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")


def _json(made: Release) -> dict[str, object]:
    return {
        "capacity": made.asked.terms.capacity,
        "families": made.families,
        "calendar": list(calendar_rows(made)),
        "planned": _figures(made, made.planned),
        "one_day": _figures(made, made.one_day),
    }


def _figures(made: Release, found: Outcome) -> dict[str, object]:
    longest = found.longest(found.worst_shop)
    return {
        "peak_per_s": round(found.peak, 2),
        "longest_queue": round(longest),
        "longest_wait_minutes": wait_minutes(longest, made.asked.terms),
        "worst_shop": found.worst_shop,
    }


def _say(made: Release) -> None:
    by_day: dict[int, list[int]] = {}
    for each in made.placed:
        by_day.setdefault(each.day, []).append(each.families)
    rows = [(_day(made.day(day)), len(each), sum(each)) for day, each in sorted(by_day.items())]
    say_table(("day", "regions", "families"), rows[:DAYS_SHOWN_MAX], "calendar")
    plans = {"planned": made.planned, "all on one day": made.one_day}
    columns = ("", "peak purchases/s", "longest queue", "wait, minutes", "shop")
    say_table(columns, [(name, *_figures(made, each).values()) for name, each in plans.items()])
    tight = sum(each.tight for each in made.placed)
    if tight:
        console.print(f"{tight} regions had no day with room for their shops: try a lower --level.")


def _day(day: date) -> str:
    return day.isoformat()
