"""The rates of a run as plain figures: verification, identification, prediction, groups."""

from typing import Any, Final

import numpy as np

from biometrics.labelled import Codes, LabelledTemplates
from biometrics.pairs import compare, only
from biometrics.policy import fpir_estimate
from biometrics.runs import Plan, Run, measure, searches
from biometrics.searches import Searches
from biometrics.statistics import Rate
from biometrics.thresholds import Thresholds

FMR_SHOWN: Final = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
FPIR_NIST: Final = 0.003  # FRTE 1:N states FNIR at this FPIR
SIZES: Final = (100, 1000)
AGREEMENT_FMR: Final = (1e-3, 1e-4, 1e-5)

Facts = dict[str, Any]


def curve(run: Run) -> list[Facts]:
    """FMR and FNMR by score. Pairs share persons, so the true interval of FMR is wider."""
    scores, rows = run.scores, []
    for target in FMR_SHOWN:
        if target * scores.impostors < 1:
            break
        score = scores.score_at(target)
        false, missed = scores.impostors_from(score), int((scores.genuine < score).sum())
        fmr = Rate(false, scores.impostors, scores.impostors // len(run.draws))
        fnmr = Rate(missed, scores.genuine.size, run.sizes[1])
        rows.append({"score": score, "fmr": fmr.to_json(), "fnmr": fnmr.to_json()})
    return rows


def searches_by_size(run: Run, seed: int) -> dict[int, Searches]:
    """Galleries of 100, 1 000, all who can be searched, and all who can be enrolled."""
    enrolled, mated = run.sizes
    wanted = {size for size in (*SIZES, mated) if 0 < size < enrolled}
    found = {size: searches(run, size, seed) for size in sorted(wanted)}
    return found | ({enrolled: searches(run, None, seed)} if enrolled else {})


def galleries(by_size: dict[int, Searches], thresholds: Thresholds) -> list[Facts]:
    """FNIR and FPIR by gallery size."""
    return [
        {"size": size, "points": _points(found, size, thresholds)}
        for size, found in by_size.items()
    ]


def _points(found: Searches, size: int, thresholds: Thresholds) -> list[Facts]:
    """Operating points: in use, no false hit, NIST's; the latter two are read off the searches."""
    margin = thresholds.margin
    accepts = {
        "in use": thresholds.identify_accept,
        f"FPIR {FPIR_NIST}": found.accept_for(FPIR_NIST, margin),
        "no false hit": found.accept_for(0.0, margin),
    }
    return [
        {
            "point": name,
            "accept": round(accept, 4),
            "fnir": found.fnir(accept, margin).to_json(),
            "wrong_person": found.wrong(accept, margin).to_json(),
            "fpir": found.fpir(accept, margin).to_json(),
            "fpir_estimated": fpir_estimate(accept, size, thresholds),
        }
        for name, accept in accepts.items()
    ]


def by_group(data: LabelledTemplates, plan: Plan, run: Run) -> list[Facts]:
    """Probes of one group against everybody; FMR between persons of the group.

    A group may be of persons (women) or of pictures (a mask): pictures of other groups enrol as
    far as a person has them.
    """
    groups = [] if data.group is None else np.unique(data.group).tolist()
    return [{"group": group, **group_rates(data, plan, group, run)} for group in groups]


def group_rates(data: LabelledTemplates, plan: Plan, group: str, run: Run | None = None) -> Facts:
    """Persons, FNIR, FPIR, FMR of one group; `run` spares comparing single pictures again."""
    asking = np.asarray(data.group == group)
    members = np.unique(data.person[asking])
    part = measure(data, plan, single=run.single if run else None, asking=asking)
    if not len(part.draws[0].probes.person) or not part.sizes[0]:
        return {"persons": int(members.size)}
    found = searches(part, None, plan.seed)
    accept, margin = plan.thresholds.identify_accept, plan.thresholds.margin
    return {
        "persons": int(members.size),
        "fnir": found.fnir(accept, margin).to_json(),
        "fpir": found.fpir(accept, margin).to_json(),
        "fmr": _within(part, members, accept).to_json(),
    }


def _within(run: Run, members: Codes, accept: float) -> Rate:
    """FMR at `accept` between persons of a group: those who look alike are the hard strangers."""
    false = trials = 0
    for each in run.draws:
        enrolled, probes = only(each.enrolled, members), only(each.probes, members)
        scores = compare(enrolled, probes)
        false += scores.impostors_from(accept)
        trials += scores.impostors
    return Rate(false, trials, trials // len(run.draws))
