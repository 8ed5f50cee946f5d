"""Commands that measure the face: evaluate and calibrate."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal

import numpy as np
import typer
from rich.status import Status

from biometrics.calibration import Calibration, CalibrationFault, thresholds_from
from biometrics.child import WorkerConfig
from biometrics.det_picture import det_svg
from biometrics.evaluation import evaluate
from biometrics.runs import Plan, calibrate, measure
from biometrics.suspects import find_suspects, rows_out
from biometrics.tail import TailFault
from biometrics.thresholds import DLIB, SFACE, Thresholds
from pos_engine.cli.face_material import FaceMaterial, read_material
from pos_engine.cli.face_tables import say_evaluation
from pos_engine.cli.out import WRONG_USE, console, errors, fail, say_json, say_table
from pos_engine.engine import Settings, real_now

face = typer.Typer(help="Measure and calibrate the face. PAD not certified.", no_args_is_help=True)
ENGINES: Final = {"sface": SFACE, "dlib": DLIB}

Material = Annotated[
    Path,
    typer.Argument(
        metavar="FOLDER|NPZ",
        help="A folder with one folder of pictures a person, or an NPZ file with `embedding` "
        "(n, d), `person` (n) and perhaps `group` (n).",
    ),
]
Enrol = Annotated[int, typer.Option(min=1, max=50, help="Pictures that enrol a person.")]
Probe = Annotated[int, typer.Option(min=1, max=15, help="Other pictures that probe her.")]
Draws = Annotated[int, typer.Option(min=1, max=100, help="Random choices of the pictures.")]
Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same figures.")]
Engine = Annotated[
    Literal["sface", "dlib"], typer.Option(help="Encoder of the pictures or numbers.")
]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(face, name="face")


@face.command("evaluate")
def evaluate_command(
    path: Material,
    out: Annotated[
        Path | None, typer.Option(help="Folder for evaluation.json and det.svg.")
    ] = None,
    enrol: Enrol = 5,
    probe: Probe = 3,
    draws: Draws = 5,
    seed: Seed = 1,
    engine: Engine = "sface",
    *,
    wear: Annotated[
        bool, typer.Option(help="Of a folder: groups with drawn hijab, peci, glasses and mask.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """FMR, FNMR, FNIR, FPIR and failures to acquire, with intervals, with and without suspects."""
    material, thresholds = _material(path, engine, probe if wear else 0)
    plan = Plan(thresholds, enrol, probe, draws, seed)
    with Status("measuring", console=errors) as status:
        report, runs = evaluate(material.data, plan, status.update, material.worn)
    report["source_sha256"] = material.digest
    if not any(result["persons_mated"] for result in report["results"]):
        fail(f"{path}: nobody has two pictures, so nobody can be searched. Add pictures.")
    if out:
        curves = {f"{k} + {m}, {name}": run.scores for (name, k, m), run in runs.items()}
        _write(out / "evaluation.json", json.dumps(report, ensure_ascii=False, indent=1) + "\n")
        _write(out / "det.svg", det_svg(curves))
    if as_json:
        say_json(report)
    else:
        say_evaluation(report)


@face.command("calibrate")
def calibrate_command(
    path: Material,
    out: Annotated[Path, typer.Option(help="The calibration file to write.")],
    population: Annotated[str, typer.Option(help="Who the people are: a short name.")],
    factor: Annotated[
        float,
        typer.Option(min=1, help="How much oftener the people served are taken for each other; 1 "
                     "only if the material is of them."),
    ] = 8.0,
    fmr: Annotated[
        float, typer.Option(min=1e-12, max=1, help="False matches of one comparison in a search.")
    ] = 1e-4,
    *,
    enrol: Enrol = 5,
    probe: Probe = 3,
    draws: Draws = 5,
    seed: Seed = 1,
    engine: Engine = "sface",
    keep_suspects: Annotated[
        bool, typer.Option("--keep-suspects", help="Leave suspect labels in.")
    ] = False,
) -> None:  # fmt: skip
    """Fit the tail of false matches and write the file that the risk policy reads."""
    material, thresholds = _material(path, engine)
    data = material.data
    suspects = [] if keep_suspects else find_suspects(data)
    run = measure(data.without(rows_out(suspects)), Plan(thresholds, enrol, probe, draws, seed))
    try:
        made = calibrate(
            run, model_id=thresholds.model_id, population=population, date=_today().isoformat(),
            population_factor=factor, suspects_left_out=len(suspects), seed=seed,
            source_sha256=material.digest,
        )  # fmt: skip
        chosen = thresholds_from(made, identify_fmr=fmr)
    except (TailFault, CalibrationFault) as fault:
        fail(f"{path}: {fault}")
    _write(out, made.to_json())
    _say_calibration(made, chosen, out)


def _material(path: Path, engine: str, wear_probe: int = 0) -> tuple[FaceMaterial, Thresholds]:
    material = read_material(path, WorkerConfig(engine, Settings().model_dir), wear_probe)
    data = material.data
    errors.print(f"{len(data.vectors)} pictures, {np.unique(data.person).size} persons")
    return material, ENGINES[engine]


def _today() -> date:
    return real_now().date()


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{path}: {error.strerror or error}. Choose a place that can be written.", WRONG_USE)


def _say_calibration(made: Calibration, chosen: Thresholds, out: Path) -> None:
    say_table(("cosine", "FMR"), [(f"{s:.4f}", f"{r:.3g}") for s, r in made.fmr_points])
    console.print(
        f"{out}: {made.persons} persons, {made.impostors} impostor comparisons, genuine "
        f"{made.genuine_mean} +- {made.genuine_std}, tail shape {made.tail.fitted_shape:+.3f}; "
        f"identify from {chosen.identify_accept}, verify from {chosen.verify_accept} "
        f"(factor {made.population_factor:g} included). {made.suspects_left_out} suspects left out."
    )
