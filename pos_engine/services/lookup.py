"""Search pictures in the galleries by hand: candidates for an operator, never a debit."""

from dataclasses import dataclass

from biometrics.gallery import Scope
from biometrics.policy import fpir_estimate
from pos_engine.engine import Engine
from pos_engine.services.faces import Unreadable, one_template, open_gallery
from pos_engine.store import templates

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


def search_images(
    engine: Engine, images: list[bytes], shop_id: str | None
) -> list[Hit] | Unreadable:
    """Candidates of one shop, or of the whole installation, best first."""
    probe = one_template(engine, images)
    if isinstance(probe, Unreadable):
        return probe
    scope = Scope("SHOP", shop_id) if shop_id else Scope("ALL", "all")
    with engine.database.read() as tx:
        rows = templates.gallery(tx, probe.model_id, shop_id=shop_id)
    gallery = open_gallery(engine.keys, rows, probe.model_id, scope)
    size = gallery.size_templates(scope)
    return [
        Hit(
            kpm_id=each.family_id,
            person_id=each.person_id,
            score=round(each.score, 4),
            scope=scope.kind,
            size=size,
            fpir_estimate=fpir_estimate(each.score, size, engine.thresholds),
        )
        for each in gallery.search(probe, scope, CANDIDATES_MAX)
    ]
