"""What the command disburse prints: a bar with rate and time left, refusals, a run's status."""

from math import isinf
from typing import NoReturn, Self

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from pos_engine.cli.out import console, errors, fail, say_json
from pos_engine.engine import Engine
from pos_engine.rules.latency import Spread
from pos_engine.services import disburse
from pos_engine.services.disburse_chunks import Progress as Done


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        """Rows a second."""
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


class Bar:
    """A progress bar on a terminal; nothing in a pipe."""

    def __init__(self, what: str, rows: int = 0) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._bar = Progress(
            *columns, _Rate(), TimeRemainingColumn(), console=console, transient=True
        )
        self._bar.disable = not console.is_terminal
        self._task = self._bar.add_task(what, total=rows or None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._bar.stop()

    def add(self, rows: int) -> None:
        """So many rows more."""
        self._bar.advance(self._task, rows)

    def show(self, done: Done) -> None:
        """So many rows of so many."""
        self._bar.update(self._task, completed=done.rows_done, total=done.rows)


def say_refusal(refused: disburse.FileRefused) -> NoReturn:
    """The first problems, how many of each kind, where all of them are, what to do."""
    for each in refused.problems:
        errors.print(each, soft_wrap=True)
    kinds = ", ".join(f"{count} {code}" for code, count in sorted(refused.counts.items()))
    if kinds:
        errors.print(f"In all: {kinds}.", soft_wrap=True)
    if refused.rejects is not None:
        errors.print(f"Every problem with its row: {refused.rejects}", soft_wrap=True)
    fail("The file was not taken; nothing is credited. Correct it and send it again.")


def say_status(engine: Engine, run_id: str, *, as_json: bool = False) -> None:
    """A run's facts, how far it is, who did what, and the command that comes next."""
    found = disburse.overview(engine, run_id)
    if found is None:
        fail(f"run: no run {run_id}")
    if as_json:
        say_json(_as_json(found))
        return
    run, at = found.run, found.tally
    console.print(
        f"{run.status}: {run.expected_count} families, {run.expected_total} rupiah, "
        f"{run.programme} {run.period}, made by {run.made_by}, approved by {run.approved_by}.",
        soft_wrap=True,
    )
    papers = ", ".join(f"{name} {value}" for name, value in run.papers.items() if value)
    console.print(f"run {run.run_id}, file sha256 {run.file_sha256}", soft_wrap=True)
    console.print(f"usable until {run.expires_on}; {papers or 'no papers'}", soft_wrap=True)
    console.print(
        f"chunks {at.chunks - at.chunks_left} of {at.chunks}, families {at.rows - at.rows_left} "
        f"of {at.rows}; credited {at.credited} to {at.credited_rows}, returned {at.returned}, "
        f"kept {found.kept} by {found.kept_families}.",
        soft_wrap=True,
    )
    say_meanwhile(found)
    for each in found.events:
        console.print(f"  {each.at:%Y-%m-%d %H:%M:%S}Z {each.kind} {each.officer}")
    step = NEXT.get(run.status)
    if step:
        console.print(f"Next: ewarong disburse {step} {run.run_id} --officer NAME", soft_wrap=True)


def say_meanwhile(found: disburse.Overview) -> None:
    """How purchases fared from the approval on, as the engine's processes measured it."""
    spread = found.meanwhile
    if spread is not None and spread.answers + spread.turned_away:
        console.print(
            f"purchases meanwhile: {spread.answers} answered, half of them within "
            f"{spread.percentile_ms(0.5):.0f} ms, 99 % within {spread.percentile_ms(0.99):.0f} ms; "
            f"{spread.turned_away} told to ask again.",
            soft_wrap=True,
        )


def _meanwhile_json(spread: Spread | None) -> dict[str, object] | None:
    if spread is None:
        return None
    times = {f"p{share}_ms": spread.percentile_ms(share / 100) for share in (50, 99)}
    plain = {name: None if isinf(each) else round(each, 1) for name, each in times.items()}
    return {"answers": spread.answers, "turned_away": spread.turned_away, **plain}


NEXT = {
    "STAGED": "approve",
    "CREDITING": "resume",
    "PAUSED": "resume",
    "UNDOING": "undo",
    "REVERSING": "reverse",
}


def _as_json(found: disburse.Overview) -> dict[str, object]:
    run, at = found.run, found.tally
    return {
        "run_id": run.run_id,
        "status": run.status,
        "programme": run.programme,
        "period": run.period,
        "expires_on": run.expires_on.isoformat(),
        "file_sha256": run.file_sha256,
        "expected_count": run.expected_count,
        "expected_total": run.expected_total,
        "papers": run.papers,
        "made_by": run.made_by,
        "approved_by": run.approved_by,
        "chunks": at.chunks,
        "chunks_left": at.chunks_left,
        "families": at.rows,
        "families_left": at.rows_left,
        "credited_families": at.credited_rows,
        "credited": at.credited,
        "returned": at.returned,
        "kept_families": found.kept_families,
        "kept": found.kept,
        "meanwhile": _meanwhile_json(found.meanwhile),
        "events": [
            {"kind": each.kind, "officer": each.officer, "at": each.at.isoformat()}
            for each in found.events
        ],
    }
