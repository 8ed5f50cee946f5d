"""Staff and families: nobody vouches for her own, and no delegate is staff."""

from collections.abc import Collection

from pos_engine.engine import Engine
from pos_engine.rules.ids import KpmId
from pos_engine.rules.nik import nik_faults
from pos_engine.services.install import Refused
from pos_engine.services.payer import NIK
from pos_engine.store import devices, families, shops, standing_people
from pos_engine.store.database import Tx


def set_staff_nik(engine: Engine, staff_id: str, nik: str) -> Refused | None:
    """Keep the NIK of a member of staff as a keyed hash; it is asked for again by nobody."""
    faults = nik_faults(nik)
    if faults:
        return Refused("nik", f"does not fit: {', '.join(faults)}")
    with engine.database.begin() as tx:
        if shops.find_staff(tx, staff_id) is None:
            return Refused("staff", f"no staff {staff_id}")
        standing_people.set_staff_nik(tx, staff_id, engine.keys.lookup(NIK, nik), engine.now())
    return None


def kin_in_shop(tx: Tx, shop_id: str, kpm_id: KpmId) -> list[str]:
    """The staff of a shop that belong to a family, as far as we know."""
    here = [staff_id for staff_id, _ in devices.staff_of(tx, shop_id)]
    return sorted(each for each in here if kpm_id in families_of(tx, {each})[each])


def families_of(tx: Tx, staff_ids: Collection[str]) -> dict[str, frozenset[KpmId]]:
    """Their own families, as far as we know."""
    return {
        each: frozenset(map(KpmId, standing_people.families_of_staff(tx, each)))
        for each in staff_ids
    }


def own_family(tx: Tx, kpm_id: KpmId, *staff_ids: str) -> bool:
    """Does one of these members of staff belong to the family, as far as we know."""
    persons = [each.person_id for each in families.persons_of(tx, kpm_id)]
    return standing_people.staff_of_family(tx, staff_ids, kpm_id, persons)
