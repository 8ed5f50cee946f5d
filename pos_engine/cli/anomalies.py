"""Commands of what looks wrong: run the rules over a month, list the cases."""

from contextlib import closing
from dataclasses import asdict
from typing import Annotated

import typer
from rich.progress import Progress

from pos_engine.cli.out import WRONG_USE, console, errors, fail, say_json, say_table
from pos_engine.engine import open_engine
from pos_engine.lake.anomalies import month_of
from pos_engine.lake.folder import LakeError
from pos_engine.services.anomalies import run_month
from pos_engine.services.anomaly_cases import overview
from pos_engine.store.anomalies import Wanted

app = typer.Typer(help="What looks wrong: rules over the event lake.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Period = Annotated[str, typer.Option(help="The month: 2026-11.")]
SHOWN = ("period", "rule", "subject_id", "region", "status", "score", "sentence")


def add_to(group: typer.Typer) -> None:
    """Register the commands."""
    group.add_typer(app, name="anomalies")


def _checked(period: str) -> str:
    try:
        month_of(period)
    except ValueError:
        fail("--period is a month: 2026-11.", WRONG_USE)
    return period


@app.command("run")
def run(period: Period, *, as_json: AsJson = False) -> None:
    """Run every rule over a month; twice is once. The worker does it each night."""
    month = _checked(period)
    with closing(open_engine(faces=False, several=True)) as engine, Progress(console=errors) as bar:
        task = bar.add_task("rules", total=None)
        try:
            ran = run_month(engine, month, lambda text: bar.update(task, description=text))
        except LakeError as error:
            fail(str(error))
    if as_json:
        say_json(asdict(ran))
        return
    console.print(
        f"{ran.shops} shops, {ran.months} months together: {ran.found} found, {ran.opened} new "
        f"cases, {ran.stopped} faces and officers stopped."
    )
    if ran.left_out:
        console.print(f"{ran.left_out} more of rules with too many cases are not kept.")


@app.command("list")
def list_cases(
    period: Period,
    *,
    region: Annotated[str, typer.Option(help="Kemendagri code as a prefix: 35.07.")] = "",
    as_json: AsJson = False,
) -> None:
    """The cases of a month, the strangest first."""
    month = _checked(period)
    with closing(open_engine(faces=False, several=True)) as engine:
        found = overview(engine, Wanted(region or None, month, month))
    rows = [asdict(each) for each in found.cases]
    if as_json:
        say_json([{name: each[name] for name in ("case_id", *SHOWN)} for each in rows])
    else:
        say_table(SHOWN, [[each[name] for name in SHOWN] for each in rows], f"cases of {month}")
