"""Enrol the face of a member of staff, so that nobody can enrol it for a KPM."""

from dataclasses import dataclass, replace

from pos_engine.engine import Engine
from pos_engine.rules.enrolment import PICTURES_MAX
from pos_engine.services.faces import Unreadable, one_template
from pos_engine.services.install import Refused
from pos_engine.store import families, shops, staff_faces


@dataclass(frozen=True, slots=True)
class StaffEnrolled:
    """The face that was written."""

    staff_id: str
    version: int
    quality: int
    person_id: str | None


def enrol_staff_face(
    engine: Engine, staff_id: str, images: list[bytes], same_as: tuple[str, str] | None = None
) -> StaffEnrolled | Refused | Unreadable:
    """Write a member of staff's face; `same_as` (family, person) says that she is that KPM too."""
    refused = _refused(engine, staff_id, len(images), same_as)
    matcher = engine.matcher
    if refused is not None or matcher is None:
        return refused or Refused("faces", "face matching is switched off (EWARONG_FACE_ENGINE)")
    face = one_template(engine, images)
    if isinstance(face, Unreadable):
        return face
    now, person_id = engine.now(), same_as[1] if same_as else None
    with engine.database.begin() as tx:
        version = staff_faces.next_version(tx, staff_id, face.model_id)
        new = staff_faces.StaffFace(staff_id, face.model_id, version, b"", face.quality, person_id)
        sealed = matcher.seal(face, new.bound_to)
        staff_faces.add_staff_face(tx, replace(new, sealed=sealed), now)
    return StaffEnrolled(staff_id, version, face.quality, person_id)


def _refused(
    engine: Engine, staff_id: str, pictures: int, same_as: tuple[str, str] | None
) -> Refused | None:
    if not 1 <= pictures <= PICTURES_MAX:
        return Refused("images", f"1 to {PICTURES_MAX} pictures")
    with engine.database.read() as tx:
        if shops.find_staff(tx, staff_id) is None:
            return Refused("staff", f"no staff {staff_id}")
        if same_as is None:
            return None
        persons = families.persons_of(tx, same_as[0])
    known = same_as[1] in {each.person_id for each in persons}
    return None if known else Refused("person", "no such person in this family")
