"""Who may move money by a command: active staff of an office, each act by another person."""

from collections.abc import Collection

from pos_engine.engine import Engine
from pos_engine.services.install import Refused
from pos_engine.services.sessions import Role
from pos_engine.store import shops, standing_people
from pos_engine.store.database import Tx

NATION = frozenset({Role.KEMENSOS})  # money of every region: lists, settlements, the escrow account
OFFICES = frozenset({Role.DINSOS, Role.KEMENSOS})  # within their own region


def may_act(staff: shops.Staff | None, roles: Collection[Role], region: str | None) -> bool:
    """Is this an active officer of one of these roles, for `region` or (None) for the nation."""
    if staff is None or staff.status != shops.ACTIVE or Role(staff.role) not in roles:
        return False
    if staff.region is None:
        return True
    return region is not None and f"{region}.".startswith(f"{staff.region}.")


def not_an_officer(
    tx: Tx,
    engine: Engine,
    staff_id: str,
    roles: Collection[Role] = NATION,
    *,
    region: str | None = None,
    field: str = "by",
) -> Refused | None:
    """Why this person may not do it. A demo takes any name: it has one person."""
    if engine.is_demo(tx) or may_act(shops.find_staff(tx, staff_id), roles, region):
        return None
    wanted, where = "/".join(sorted(roles)), f" of {region}" if region else ""
    return Refused(field, f"{staff_id!r} is no active officer{where}: a staff id of {wanted}")


def same_person(tx: Tx, engine: Engine, first: str, second: str) -> bool:
    """Two people are needed and this is one, also under two accounts; on a demo one is enough."""
    if engine.is_demo(tx):
        return False
    return first == second or standing_people.same_person(tx, first, second)
