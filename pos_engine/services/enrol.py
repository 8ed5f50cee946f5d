"""Enrol a face: one to ten pictures of one person become one sealed template."""

from dataclasses import dataclass

from pos_engine.engine import Engine
from pos_engine.rules.ids import KpmId, PersonId, new_uuid7
from pos_engine.services.faces import Unreadable, one_template
from pos_engine.services.install import Refused
from pos_engine.store import families, template_log, templates

IMAGES_MAX = 10


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The template that was written."""

    template_id: str
    person_id: PersonId
    model_id: str
    version: int
    quality: int


def enrol(
    engine: Engine, kpm_id: str, images: list[bytes], person_id: str | None = None
) -> Enrolled | Refused | Unreadable:
    """Enrol a person of a family (the head unless named). Alone only on demo data."""
    if not 1 <= len(images) <= IMAGES_MAX:
        return Refused("images", f"1 to {IMAGES_MAX} pictures")
    if engine.matcher is None:
        return Refused("faces", "face matching is switched off (EWARONG_FACE_ENGINE)")
    with engine.database.read() as tx:
        if not engine.is_demo(tx):
            return Refused("kpm_id", "outside a demo an enrolment needs two people")
        persons = families.persons_of(tx, kpm_id)
    person = next((each for each in persons if person_id in (None, each.person_id)), None)
    if person is None:
        return Refused("kpm_id", f"no such person in family {kpm_id}")
    model_id = engine.thresholds.model_id
    template = one_template(engine, images)
    if isinstance(template, Unreadable):
        return template
    now = engine.now()
    with engine.database.begin() as tx:
        version = templates.next_version(tx, kpm_id, person.person_id)
        bound = templates.binding(person.person_id, model_id, version)
        row = templates.SealedTemplate(
            template_id=new_uuid7(now),
            kpm_id=KpmId(kpm_id),
            person_id=person.person_id,
            model_id=model_id,
            version=version,
            sealed=engine.matcher.seal(template, bound),
            quality=template.quality,
        )
        templates.add_template(tx, row, now)
        template_log.enlist(tx, kpm_id, row.template_id, now)
    return Enrolled(row.template_id, person.person_id, model_id, version, template.quality)
