"""Command `pad-report`: recorded challenges, sorted by truth, through the rules of liveness."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from biometrics.challenge import FRAMES_MIN, Action
from biometrics.child import WorkerConfig
from biometrics.liveness import NOT_CERTIFIED, check_challenge, usable_frames
from biometrics.pad_report import Kind, PadReport, Row, SpeciesRates, pad_report
from biometrics.pool import IMAGES_MAX, FacePool
from biometrics.quality import Pose
from biometrics.refusal import FaceReason, FaceRefusal
from biometrics.statistics import Rate
from pos_engine.cli.out import WRONG_USE, console, fail, say_json, say_table
from pos_engine.settings import Settings

ACTION_FILE = "action.txt"
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
OUR_FAULT = {FaceReason.BUSY, FaceReason.WORKER_FAILED}

Folder = Annotated[
    Path, typer.Argument(help="bonafide/ and one folder a species, each with sequence folders.")
]


def add_to(group: typer.Typer) -> None:
    """Register the command."""
    group.command("pad-report")(pad_report_command)


def pad_report_command(
    folder: Folder,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """APCER of each species and BPCER over recorded challenges. PAD not certified.

    A sequence is a folder of frames in the order of their names; its action stands in action.txt
    or at the end of the folder's name, as in 003-TURN_LEFT.
    """
    sequences = list(_sequences(folder))
    if not sequences:
        fail(f"{folder}: no sequence folders in bonafide/ or in a species' folder", WRONG_USE)
    with _open_pool() as pool:
        report = pad_report(_present(pool, *sequence) for sequence in sequences)
    if as_json:
        say_json(report.to_json())
        return
    _print(report)


def _open_pool() -> FacePool:
    settings = Settings()
    if settings.face_engine == "off":
        fail("face matching is switched off; set EWARONG_FACE_ENGINE to sface or dlib", WRONG_USE)
    return FacePool(WorkerConfig(settings.face_engine, settings.model_dir))


def _sequences(folder: Path) -> Iterator[tuple[str, Action, list[Path]]]:
    """Species, action and frames of every sequence; everything is checked before work begins."""
    if not folder.is_dir():
        fail(f"{folder}: not a folder", WRONG_USE)
    for sequence in sorted(folder.glob("*/*/")):
        frames = [file for file in sorted(sequence.iterdir()) if file.suffix.lower() in SUFFIXES]
        if len(frames) > IMAGES_MAX:
            fail(f"{sequence}: {len(frames)} frames, at most {IMAGES_MAX}", WRONG_USE)
        yield sequence.parent.name, _action(sequence), frames


def _action(sequence: Path) -> Action:
    file = sequence / ACTION_FILE
    word = file.read_text(encoding="utf-8") if file.is_file() else sequence.name.split("-")[-1]
    try:
        return Action(word.strip())
    except ValueError:
        fail(f"{sequence}: no {ACTION_FILE}, nor an action at the end of the name", WRONG_USE)


def _present(pool: FacePool, species: str, action: Action, files: list[Path]) -> Row:
    """One presentation; too few usable frames is a non-response, as at the till."""
    kind = Kind.BONAFIDE if species == Kind.BONAFIDE else Kind.ATTACK
    frames = usable_frames(pool.embed_many([file.read_bytes() for file in files], Pose.FREE))
    if isinstance(frames, FaceRefusal) and frames.reason in OUR_FAULT:
        fail(f"{files[0].parent}: {frames.reason}: {frames.detail}")  # a figure of a broken run
    if isinstance(frames, FaceRefusal) or len(frames) < FRAMES_MIN:
        return species, kind, None
    return species, kind, check_challenge(frames, action).passed


def _print(report: PadReport) -> None:
    rows = [row for each in report.attacks for row in _rows(each, "APCER", "APNRR")]
    if report.bonafide:
        rows += _rows(report.bonafide, "BPCER", "BPNRR")
    say_table(("species", "rate", "value", "95 % interval", "events", "of"), rows)
    if report.worst:
        console.print(f"worst species: {report.worst.species}, APCER {_value(report.worst.error)}")
    console.print(NOT_CERTIFIED)


def _rows(rates: SpeciesRates, error: str, silent: str) -> list[tuple[object, ...]]:
    named = ((error, rates.error), (silent, rates.no_response))
    return [
        (rates.species, name, _value(rate), _interval(rate), rate.events, rate.trials)
        for name, rate in named
    ]


def _value(rate: Rate) -> str:
    return f"{rate.value:.1%}" if rate.trials else "-"


def _interval(rate: Rate) -> str:
    low, high = rate.interval
    return f"{low:.1%} - {high:.1%}"
