"""Release a held credit: two officers say that the family is no double."""

from dataclasses import dataclass

from pos_engine.engine import Engine
from pos_engine.services.install import Refused
from pos_engine.store import registry_holds as store
from pos_engine.store.registry_holds import HELD, HOLDS_LISTED_MAX, Hold


@dataclass(frozen=True, slots=True)
class Asked:
    """The first of two people said it; nothing has changed yet."""

    officer: str


def list_holds(engine: Engine) -> list[Hold]:
    """Families whose next credit waits, the oldest first."""
    with engine.database.read() as tx:
        return list(store.list_holds(tx, HOLDS_LISTED_MAX))


def release(engine: Engine, kpm_id: str, officer: str) -> Asked | Refused | None:
    """Say that the family may be credited again; the second officer's word counts."""
    with engine.database.begin() as tx:
        waiting = [each for each in store.holds_of(tx, [kpm_id]) if each.status == HELD]
        if not waiting:
            return Refused("family_id", f"{kpm_id} has no credit that waits")
        asked = {each.asked_by for each in waiting}
        if None in asked or officer in asked:
            store.ask_release(tx, kpm_id, officer)
            return Asked(officer)
        store.release(tx, kpm_id, officer, engine.now())
    return None
