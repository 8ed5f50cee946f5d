"""Search pictures in the galleries by hand: candidates for an operator, never a debit."""

from dataclasses import dataclass

from biometrics.gallery import Scope
from biometrics.policy import fpir_estimate
from pos_engine.engine import Engine
from pos_engine.services.faces import FACES_OFF, Unreadable, one_template

CANDIDATES_MAX = 5


@dataclass(frozen=True, slots=True)
class Hit:
    """One candidate of a search."""

    kpm_id: str
    person_id: str
    score: float
    scope: str
    size: int
    fpir_estimate: float


def search_images(engine: Engine, images: list[bytes], scope: Scope) -> list[Hit] | Unreadable:
    """Candidates of one scope (the nation for the whole installation), best first."""
    probe = one_template(engine, images)
    if isinstance(probe, Unreadable) or engine.matcher is None:
        return probe if isinstance(probe, Unreadable) else FACES_OFF
    found = engine.matcher.search(probe, scope, CANDIDATES_MAX)
    return [
        Hit(
            kpm_id=each.family_id,
            person_id=each.person_id,
            score=round(each.score, 4),
            scope=scope.kind,
            size=found.templates,
            fpir_estimate=fpir_estimate(each.score, found.templates, engine.thresholds),
        )
        for each in found.candidates
    ]
