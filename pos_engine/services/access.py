"""What a person told at enrolment: which way is opened first for her at any till."""

from collections.abc import Collection

from pos_engine.engine import Engine
from pos_engine.rules.enrolment import in_scope
from pos_engine.rules.ladder import Access
from pos_engine.services.sessions import Session
from pos_engine.store import families, standing_people


def set_access(
    engine: Engine, session: Session, kpm_id: str, person_id: str, classes: Collection[Access]
) -> tuple[Access, ...] | None:
    """Keep the classes of a person, none of them takes a way from her; None when not found."""
    kept = tuple(each for each in Access if each in classes)
    with engine.database.begin() as tx:
        family = families.find_family(tx, kpm_id)
        persons = {each.person_id for each in families.persons_of(tx, kpm_id)}
        if family is None or person_id not in persons:
            return None
        if not in_scope(session.region, family.region):
            return None
        told = standing_people.AccessClass(
            person_id, kpm_id, " ".join(kept), session.staff_id, engine.now()
        )
        standing_people.set_access(tx, told)
    return kept
