"""Suspend and restore a family: two officers, a reason, and her objection beside it."""

from catalog.zones import UnknownRegionError, Zones
from pos_engine.engine import Engine
from pos_engine.rules.ids import new_uuid7
from pos_engine.rules.suspension import SuspensionReason, next_step
from pos_engine.services.install import Refused
from pos_engine.services.registry_holds import Asked
from pos_engine.store import families, standing_people, suspensions
from pos_engine.store.database import Tx
from pos_engine.store.suspensions import ASKED, IN_FORCE, RESTORED, Suspension

SUSPENDED = "SUSPENDED"
OFFICE_LENGTH_MAX = 80
OBJECTION_LENGTH_MAX = 300


def suspend(
    engine: Engine,
    kpm_id: str,
    reason: SuspensionReason,
    office: str,
    officer: str,
    decree: str = "",
) -> Asked | Refused | None:
    """Ask for a suspension, or agree to one as the second officer. None: it is in force."""
    if not (office.strip() and office.isprintable() and len(office) <= OFFICE_LENGTH_MAX):
        return Refused("office", f"1 to {OFFICE_LENGTH_MAX} characters on one line")
    with engine.database.begin() as tx:
        family = families.find_family(tx, kpm_id)
        if family is None:
            return Refused("family_id", f"no family {kpm_id}")
        found = _open(tx, kpm_id)
        if found is None:
            _ask(tx, engine, kpm_id, reason, office.strip(), officer, decree)
            return Asked(officer)
        return _confirm(tx, engine, found, reason, officer)


def _confirm(
    tx: Tx, engine: Engine, found: Suspension, reason: SuspensionReason, officer: str
) -> Asked | Refused | None:
    if found.status == IN_FORCE:
        return Refused("family_id", f"{found.kpm_id} is suspended already")
    if found.reason != reason.value:
        return Refused("reason", f"the first officer said {found.reason}")
    if standing_people.same_person(tx, found.asked_by, officer):
        return Asked(officer)
    suspensions.change_suspension(
        tx, found, status=IN_FORCE, confirmed_by=officer, confirmed_at=engine.now()
    )
    families.set_family_status(tx, found.kpm_id, SUSPENDED)
    return None


def _open(tx: Tx, kpm_id: str) -> Suspension | None:
    return next(iter(suspensions.open_suspensions(tx, [kpm_id])), None)


def _ask(
    tx: Tx,
    engine: Engine,
    kpm_id: str,
    reason: SuspensionReason,
    office: str,
    officer: str,
    decree: str,
) -> None:
    now = engine.now()
    new = Suspension(
        suspension_id=new_uuid7(now),
        kpm_id=kpm_id,
        reason=reason.value,
        office=office,
        decree=decree,
        status=ASKED,
        asked_by=officer,
        asked_at=now,
    )
    suspensions.add_suspension(tx, new)


def restore(engine: Engine, kpm_id: str, officer: str) -> Asked | Refused | None:
    """End a suspension by two officers; one that was only asked for by either at once."""
    with engine.database.begin() as tx:
        found = _open(tx, kpm_id)
        if found is None:
            return Refused("family_id", f"{kpm_id} is not suspended")
        first = found.restore_asked_by
        if found.status == IN_FORCE and first in {None, officer}:
            suspensions.change_suspension(tx, found, restore_asked_by=officer)
            return Asked(officer)
        suspensions.change_suspension(
            tx, found, status=RESTORED, restored_by=officer, restored_at=engine.now()
        )
        families.set_family_status(tx, kpm_id, families.ACTIVE)
    return None


def object_to(engine: Engine, kpm_id: str, words: str) -> Refused | None:
    """Keep what the family says against her suspension; she is answered within 3 days."""
    text = " ".join(words.split())
    if not 1 <= len(text) <= OBJECTION_LENGTH_MAX:
        return Refused("objection", f"1 to {OBJECTION_LENGTH_MAX} characters")
    with engine.database.begin() as tx:
        found = _open(tx, kpm_id)
        if found is None or found.status != IN_FORCE:
            return Refused("family_id", f"{kpm_id} is not suspended")
        suspensions.change_suspension(tx, found, objection=text, objected_at=engine.now())
    return None


def told(tx: Tx, zones: Zones, kpm_id: str) -> str:
    """Who suspended a family and why, for her; empty when nobody wrote it down."""
    found = _open(tx, kpm_id)
    family = families.find_family(tx, kpm_id)
    if found is None or family is None or found.confirmed_at is None:
        return ""
    try:
        day = zones.local_day(family.region, found.confirmed_at)
    except UnknownRegionError:
        day = found.confirmed_at.date()
    objected = found.objection is not None
    return next_step(
        SuspensionReason(found.reason), found.office, f"{day:%d-%m-%Y}", objected=objected
    )
