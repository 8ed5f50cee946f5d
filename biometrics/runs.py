"""One protocol (k enrolment pictures, m probe frames) carried out: draws and all comparisons."""

from dataclasses import dataclass
from functools import reduce

import numpy as np

from biometrics.calibration import Calibration
from biometrics.draws import Draw, draw
from biometrics.labelled import LabelledTemplates, Mask
from biometrics.pairs import Faces, Scores, compare
from biometrics.searches import Searches, open_set
from biometrics.suspects import CROSS_FROM, SAME_BELOW
from biometrics.thresholds import Thresholds


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured: k `enrol` and m `probe` pictures, `draws` random choices of them.

    `thresholds` are those in use; pairs of two persons from `cross_from` on and of one person
    under `same_below` (cosines of single pictures) are suspect labels.
    """

    thresholds: Thresholds
    enrol: int = 5
    probe: int = 3
    draws: int = 5
    seed: int = 1
    cross_from: float = CROSS_FROM
    same_below: float = SAME_BELOW


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """`scores` of mean templates over all draws; `single` of all pictures one by one."""

    enrol: int
    probe: int
    draws: list[Draw]
    scores: Scores
    single: Scores

    @property
    def sizes(self) -> tuple[int, int]:
        """Persons who can be enrolled, and those of them with other pictures left to probe."""
        return len(self.draws[0].enrolled.person), len(self.draws[0].mated)

    @property
    def persons(self) -> int:
        """Persons who were compared at all: few have the pictures that k and m ask for."""
        first = self.draws[0]
        return np.union1d(first.enrolled.person, first.probes.person).size


def measure(
    data: LabelledTemplates, plan: Plan, *, single: Scores | None = None, asking: Mask | None = None
) -> Run:
    """Draw pictures and compare everybody with everybody. `single`: see `compare_single`."""
    rng = np.random.default_rng(plan.seed)
    drawn = [draw(data, plan.enrol, plan.probe, rng, asking) for _ in range(plan.draws)]
    scores = reduce(Scores.plus, (compare(d.enrolled, d.probes, d.mated) for d in drawn))
    return Run(plan.enrol, plan.probe, drawn, scores, single or compare_single(data))


def compare_single(data: LabelledTemplates) -> Scores:
    """All pairs of pictures."""
    return compare(Faces(data.vectors, data.person))


def searches(run: Run, size: int | None, seed: int) -> Searches:
    """One random gallery of `size` persons a draw; `None`: everybody who can be enrolled."""
    rng = np.random.default_rng(seed)
    return reduce(Searches.plus, (open_set(each, size, rng) for each in run.draws))


def calibrate(
    run: Run,
    *,
    model_id: str,
    population: str,
    date: str,
    population_factor: float,
    suspects_left_out: int,
    seed: int,
    source_sha256: str,
) -> Calibration:
    """The calibration of a run. Raises `TailFault` when there are too few comparisons."""
    return Calibration.of_scores(
        run.scores,
        run.single,
        len(run.draws),
        persons=run.persons,
        enrol=run.enrol,
        probe=run.probe,
        model_id=model_id,
        population=population,
        date=date,
        population_factor=population_factor,
        suspects_left_out=suspects_left_out,
        seed=seed,
        source_sha256=source_sha256,
    )
