"""How good is the face in use, in ISO/IEC 19795-1 words, with and without suspect labels."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from biometrics.agreement import agreement
from biometrics.labelled import LabelledTemplates
from biometrics.rates import by_group, curve, galleries, group_rates, searches_by_size
from biometrics.runs import Plan, Run, compare_single, measure
from biometrics.statistics import Rate
from biometrics.suspects import Suspect, find_suspects, rows_out

Tick = Callable[[str], None]
Runs = dict[tuple[str, int, int], Run]
Worn = Mapping[str, LabelledTemplates]


def evaluate(
    data: LabelledTemplates,
    plan: Plan,
    tick: Tick = lambda _: None,
    worn: Worn | None = None,
) -> tuple[dict[str, Any], Runs]:
    """The report, ready for JSON, and the runs by (material, k, m), for a picture.

    The same data, plan and seed give the same figures. `tick` hears what is being done. `worn` are
    further groups by name, each a material of its own in which the rows of that group probe.
    """
    tick("suspect labels")
    suspects = find_suspects(data, plan.cross_from, plan.same_below)
    materials = {"all": data}
    if suspects:
        materials["without suspects"] = data.without(rows_out(suspects))
    runs: Runs = {}
    results = []
    for name, material in materials.items():
        single = compare_single(material)
        for enrol, probe in dict.fromkeys(((1, 1), (plan.enrol, plan.probe))):
            tick(f"{name}: {enrol} + {probe} pictures")
            each = replace(plan, enrol=enrol, probe=probe)
            run = runs[name, enrol, probe] = measure(material, each, single=single)
            results.append({"material": name, **_result(material, run, each)})
    report = _report(data, plan, suspects, results)
    if worn:
        tick("drawn wear")
        report["synthetic"] = [
            {
                "group": group,
                "pictures": int(np.count_nonzero(material.group == group)),
                "failures": dict(material.failures),
                **group_rates(material, plan, group),
            }
            for group, material in worn.items()
        ]
    return report, runs


def _report(
    data: LabelledTemplates, plan: Plan, suspects: list[Suspect], results: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "model_id": plan.thresholds.model_id,
        "thresholds": plan.thresholds.version,
        "margin": plan.thresholds.margin,
        "seed": plan.seed,
        "draws": plan.draws,
        "intervals": "Clopper-Pearson, 95 %, over persons; rule of three when nothing was seen",
        "agreement": "fitted on one half of the persons, with a bootstrap over persons; counted on "
        "the other half",
        "suspect_from": plan.cross_from,
        "suspect_below": plan.same_below,
        "material": _material(data),
        "suspects": [asdict(suspect) for suspect in suspects],
        "results": results,
    }


def _material(data: LabelledTemplates) -> dict[str, Any]:
    failed = sum(data.failures.values())
    return {
        "pictures": len(data.vectors),
        "persons": int(np.unique(data.person).size),
        "failure_to_acquire": Rate(failed, len(data.vectors), len(data.vectors)).to_json(),
        "failures": dict(data.failures),
        "groups": [] if data.group is None else np.unique(data.group).tolist(),
        "warnings": list(data.warnings),
    }


def _result(data: LabelledTemplates, run: Run, plan: Plan) -> dict[str, Any]:
    enrolled, mated = run.sizes
    genuine = run.scores.genuine
    by_size = searches_by_size(run, plan.seed)
    return {
        "enrol": run.enrol,
        "probe": run.probe,
        "persons_enrolled": enrolled,
        "persons_mated": mated,
        "failed_to_enrol": run.draws[0].failed_to_enrol,
        "genuine_mean": float(genuine.mean()) if genuine.size else None,
        "genuine_std": float(genuine.std()) if genuine.size else None,
        "curve": curve(run),
        "galleries": galleries(by_size, plan.thresholds),
        "agreement": agreement(data, plan),
        "groups": by_group(data, plan, run),
    }
