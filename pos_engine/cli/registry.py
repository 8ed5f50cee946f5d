"""Commands of the registry: import, diff, holds, suspensions."""

import getpass
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from pos_engine.cli.disburse_say import Bar
from pos_engine.cli.out import WRONG_USE, console, errors, fail, say_json, say_table
from pos_engine.engine import open_engine
from pos_engine.rules.suspension import SuspensionReason
from pos_engine.services.disburse_chunks import Progress
from pos_engine.services.install import Refused
from pos_engine.services.registry_correction import write_corrections
from pos_engine.services.registry_diff import Refusal, Targets, diff
from pos_engine.services.registry_file import Unreadable
from pos_engine.services.registry_holds import Asked, list_holds, release, send_back
from pos_engine.services.registry_import import Imported, import_registry
from pos_engine.services.suspend import object_to, restore, suspend

registry = typer.Typer(help="Families and persons.", no_args_is_help=True)
Officer = Annotated[
    str, typer.Option(help="Who does this, default the log-in name: two different people.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(registry, name="registry")


@registry.command("import")
def registry_import(
    file: Annotated[Path, typer.Argument(help="CSV of persons, one a row, with a header.")],
    corrections: Annotated[
        Path | None, typer.Option(help="CSV for every row with a finding.")
    ] = None,
    officer: Officer = "",
    *,
    as_json: Json = False,
) -> None:
    """Import families and persons; rows that wait are listed in a file to correct and import again.

    Cut off, it goes on when it is said again. The same file twice changes nothing.
    """
    target = corrections or file.with_suffix(".corrections.csv")
    with closing(open_engine(faces=False)) as engine:
        try:
            with Bar("importing (bytes)") as bar:
                done = import_registry(
                    engine,
                    file,
                    officer or getpass.getuser(),
                    lambda at, size: bar.show(Progress(at, size)),
                )
            if isinstance(done, Unreadable):
                _refuse(file, done)
            written = write_corrections(engine, file, target) if done.counts else 0
        except OSError as error:
            fail(f"{file}: {error.strerror}", WRONG_USE)
    if isinstance(written, Unreadable):
        _refuse(file, written)
    _say(done, target if written else None, as_json=as_json)


def _refuse(file: Path, why: Unreadable) -> NoReturn:
    place = f", row {why.row}" if why.row else ""
    errors.print(f"{file.name}{place}: {why.code}: {why.message}", soft_wrap=True)
    fail("The file was not taken; nothing is written. Correct it and import it again.")


def _say(done: Imported, corrections: Path | None, *, as_json: bool) -> None:
    run = done.run
    if as_json:
        say_json(
            {
                "run_id": run.run_id,
                "file_sha256": run.file_sha256,
                "again": done.again,
                "accepted": run.accepted,
                "corrected": run.corrected,
                "held": run.held,
                "unchanged": run.unchanged,
                "findings": [
                    {"disposition": disposition, "code": code, "rows": count}
                    for (disposition, code), count in done.counts.items()
                ],
                "columns_not_used": list(done.not_used),
                "corrections": str(corrections) if corrections else None,
            }
        )
        return
    if done.again:
        console.print("This file was imported before; nothing has changed. It was then:")
    console.print(
        f"accepted {run.accepted}, corrected {run.corrected}, held {run.held}, "
        f"unchanged {run.unchanged} rows.",
        soft_wrap=True,
    )
    if done.counts:
        rows = [(*what, count) for what, count in done.counts.items()]
        say_table(("disposition", "code", "rows"), rows)
    if done.not_used:
        console.print(f"Columns not used: {', '.join(done.not_used)}", soft_wrap=True)
    if corrections is not None:
        console.print(f"Each row with its reason: {corrections}", soft_wrap=True)


@registry.command("diff")
def registry_diff(
    a: Annotated[Path, typer.Argument(help="The one list, CSV.")],
    b: Annotated[Path, typer.Argument(help="The other list, CSV.")],
    html: Annotated[Path | None, typer.Option(help="One page to print.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Every difference as CSV.")] = None,
    json: Annotated[Path | None, typer.Option(help="Every difference as JSON.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--as-json", help="Print the sums as JSON.")] = False,
) -> None:
    """Compare two lists: only in A, only in B, changed, with reason, date and decree, per village.

    Writes diff.html unless a file is named. Persons meet by NIK, else by family and name.
    """
    wanted = Targets(html or (None if csv or json else Path("diff.html")), csv, json)
    try:
        done = diff(a, b, wanted)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}", WRONG_USE)
    if isinstance(done, Refusal):
        _refuse(done.file, done.why)
    if as_json:
        say_json(asdict(done))
        return
    console.print(
        f"A {done.rows_a} rows, B {done.rows_b} rows: only in A {done.only_a}, "
        f"only in B {done.only_b}, changed {done.changed}.",
        soft_wrap=True,
    )
    for path in (wanted.html, wanted.csv, wanted.json):
        if path is not None:
            console.print(str(path), soft_wrap=True)


@registry.command("holds")
def registry_holds(*, as_json: Json = False) -> None:
    """List families whose next credit waits because somebody may be registered twice."""
    with closing(open_engine(faces=False)) as engine:
        rows = list_holds(engine)
    listed = [
        {
            "family_id": each.kpm_id,
            "code": each.code,
            "other_family": each.other_kpm_id,
            "since": each.held_at.isoformat(timespec="seconds"),
            "asked_by": each.asked_by,
            "asked_for": each.asked_for,
        }
        for each in rows
    ]
    if as_json:
        say_json(listed)
    else:
        columns = ("family_id", "code", "other_family", "since", "asked_by", "asked_for")
        say_table(columns, [[row[name] for name in columns] for row in listed])


@registry.command("release")
def registry_release(
    kpm_id: Annotated[str, typer.Argument(help="Family id.")], officer: Officer = ""
) -> None:
    """Let a held credit go: two officers say that the family is no double."""
    with closing(open_engine(faces=False)) as engine:
        done = release(engine, kpm_id, officer or getpass.getuser())
    say_two(
        done,
        f"ewarong registry release {kpm_id}",
        "The family may be credited again: what waited is hers.",
    )


@registry.command("return")
def registry_return(
    kpm_id: Annotated[str, typer.Argument(help="Family id.")], officer: Officer = ""
) -> None:
    """Send a held credit back to its programme: two officers say that the family is a double."""
    with closing(open_engine(faces=False)) as engine:
        done = send_back(engine, kpm_id, officer or getpass.getuser())
    say_two(done, f"ewarong registry return {kpm_id}", "What waited is with its programme again.")


def say_two(done: Asked | Refused | None, command: str, message: str) -> None:
    """What came of a step that two people take."""
    if isinstance(done, Refused):
        fail(f"{done.field}: {done.message}")
    if isinstance(done, Asked):
        console.print("Noted; nothing has changed yet. The same by a second person:")
        console.print(f"{command} --officer NAME", soft_wrap=True)
    else:
        console.print(message)


@registry.command("suspend")
def registry_suspend(
    kpm_id: Annotated[str, typer.Argument(help="Family id.")],
    reason: Annotated[SuspensionReason, typer.Option(help="Why; she is told in plain words.")],
    office: Annotated[str, typer.Option(help="Who decides, as she is told: Dinsos Kab. Malang.")],
    decree: Annotated[str, typer.Option(help="Number of the decree.")] = "",
    officer: Officer = "",
) -> None:
    """Suspend a family by two officers who say the same; its money stays."""
    with closing(open_engine(faces=False)) as engine:
        done = suspend(engine, kpm_id, reason, office, officer or getpass.getuser(), decree)
    again = f"ewarong registry suspend {kpm_id} --reason {reason.value} --office '{office}'"
    say_two(done, again, "Suspended. She reads who and why at the till.")


@registry.command("restore")
def registry_restore(
    kpm_id: Annotated[str, typer.Argument(help="Family id.")], officer: Officer = ""
) -> None:
    """End a suspension by two officers."""
    with closing(open_engine(faces=False)) as engine:
        done = restore(engine, kpm_id, officer or getpass.getuser())
    say_two(done, f"ewarong registry restore {kpm_id}", "The family buys again.")


@registry.command("object")
def registry_object(
    kpm_id: Annotated[str, typer.Argument(help="Family id.")],
    words: Annotated[str, typer.Argument(help="What the family says, in her words.")],
) -> None:
    """Keep a family's objection to her suspension; an officer answers within 3 days."""
    with closing(open_engine(faces=False)) as engine:
        refused = object_to(engine, kpm_id, words)
    if refused is not None:
        fail(f"{refused.field}: {refused.message}")
    console.print("The objection is kept.")
