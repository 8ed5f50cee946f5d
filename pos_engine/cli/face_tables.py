"""The tables of an evaluation: every rate with its interval and its count."""

from collections.abc import Mapping, Sequence
from typing import Any

from pos_engine.cli.out import console, say_table

SUSPECTS_SHOWN = 20  # all are in the JSON file


def say_evaluation(report: Mapping[str, Any]) -> None:
    """Material, suspects, then each result."""
    _say_material(report)
    _say_suspects(report)
    for result in report["results"]:
        what = f"{result['material']}: {result['enrol']} enrolment + {result['probe']} probe"
        _say_curve(result, f"Verification, {what}")
        _say_galleries(result, f"Identification, {what}")
        _say_agreement(result, f"FPIR 1-(1-FMR)^N of one half against the other, {what}")
        _say_groups(result["groups"], f"By group at the threshold in use, {what}")
    _say_groups(
        report.get("synthetic", []), "Synthetic: wear drawn on the probes, as taken enrolled"
    )
    for row in report.get("synthetic", []):
        console.print(f"{row['group']}: {row['pictures']} pictures, refused {row['failures']}")
    console.print(f"Intervals: {report['intervals']}. PAD not certified; no liveness was tested.")


def rate(value: Mapping[str, float]) -> str:
    """1.2 % (0.4 to 3.1 %), 5 of 440."""
    shown = [_percent(value[name]) for name in ("value", "low", "high")]
    return f"{shown[0]} % ({shown[1]} to {shown[2]}), {value['events']} of {value['trials']}"


def _percent(value: float) -> str:
    return f"{100 * value:.3g}" if value >= 1e-6 or value == 0 else f"{100 * value:.1e}"  # noqa: PLR2004


def _say_material(report: Mapping[str, Any]) -> None:
    material = report["material"]
    console.print(
        f"{material['pictures']} pictures of {material['persons']} persons, model "
        f"{report['model_id']}, thresholds {report['thresholds']}, seed {report['seed']}"
    )
    for warning in material["warnings"]:
        console.print(f"Warning: {warning}.")
    console.print(f"Failure to acquire: {rate(material['failure_to_acquire'])}")
    if material["failures"]:
        say_table(("failure to acquire", "pictures"), list(material["failures"].items()))


def _say_suspects(report: Mapping[str, Any]) -> None:
    suspects = report["suspects"]
    console.print(
        f"{len(suspects)} suspect labels (two persons from {report['suspect_from']} on, one person "
        f"below {report['suspect_below']}); figures are given with and without their pictures."
    )
    if suspects:
        rows = [
            (s["kind"], s["person"], s["other_person"], s["row"], s["other"], f"{s['score']:.3f}")
            for s in suspects[:SUSPECTS_SHOWN]
        ]
        say_table(("kind", "person", "other person", "row", "other row", "cosine"), rows)


def _say_curve(result: Mapping[str, Any], title: str) -> None:
    rows = [(f"{row['score']:.3f}", rate(row["fmr"]), rate(row["fnmr"])) for row in result["curve"]]
    say_table(("cosine", "FMR", "FNMR"), rows, title)


def _say_galleries(result: Mapping[str, Any], title: str) -> None:
    rows = [
        (
            gallery["size"], point["point"], f"{point['accept']:.3f}", rate(point["fnir"]),
            point["wrong_person"]["events"], rate(point["fpir"]),
            f"{_percent(point['fpir_estimated'])} %",
        )
        for gallery in result["galleries"]
        for point in gallery["points"]
    ]  # fmt: skip
    columns = ("N", "point", "accept", "FNIR", "wrong", "FPIR", "FPIR in the policy")
    say_table(columns, rows, title)


def _say_agreement(result: Mapping[str, Any], title: str) -> None:
    rows = [
        (
            row["size"], f"{row['fmr']:.0e}", f"{row['accept']:.3f}",
            _estimate(row), rate(row["fpir"]), row["verdict"],
        )
        for row in result["agreement"]
    ]  # fmt: skip
    if rows:
        say_table(("N", "FMR", "accept", "estimated", "counted", "verdict"), rows, title)


def _estimate(row: Mapping[str, Any]) -> str:
    shown = [_percent(row[name]) for name in ("estimated", "estimated_low", "estimated_high")]
    return f"{shown[0]} % ({shown[1]} to {shown[2]})"


def _say_groups(groups: Sequence[Mapping[str, Any]], title: str) -> None:
    rows = [
        (row["group"], row["persons"], *(rate(row[name]) for name in ("fnir", "fpir", "fmr")))
        if "fnir" in row
        else (row["group"], row["persons"], "too few pictures", "", "")
        for row in groups
    ]
    if rows:
        say_table(("group", "persons", "FNIR", "FPIR", "FMR within the group"), rows, title)
