"""A shop becomes an e-warong: an officer applies with its owner, DINSOS decides as a second person.

It sells on our till from the approval on; by QRIS from the day its provider gives the NMID.
"""

from dataclasses import dataclass
from enum import StrEnum

from catalog.zones import region_exists
from pos_engine.engine import Engine
from pos_engine.rules.enrolment import in_scope
from pos_engine.rules.ids import TillId, new_uuid7
from pos_engine.rules.qris import NmidState, ShopState
from pos_engine.services.shop_papers import NewShop, picture_kind, seal
from pos_engine.store import shop_applications, shops, standing_people
from pos_engine.store.database import Tx
from pos_engine.store.shop_applications import Application, ShopQris

VILLAGE_DOTS = 3  # 35.07.13.2001: a fixed place is a village, not a regency


class ShopProblem(StrEnum):
    """Why an act on an application did nothing."""

    NOT_FOUND = "NOT_FOUND"  # also outside the officer's region
    DUPLICATE_DIFFERENT = "DUPLICATE_DIFFERENT"
    PLACE_OUTSIDE = "PLACE_OUTSIDE"
    PLACE_UNKNOWN = "PLACE_UNKNOWN"
    PHOTO_UNREADABLE = "PHOTO_UNREADABLE"
    SECOND_PERSON_NEEDED = "SECOND_PERSON_NEEDED"
    WRONG_STATUS = "WRONG_STATUS"
    NMID_WRONG = "NMID_WRONG"
    NMID_TAKEN = "NMID_TAKEN"
    PARTNER_UNKNOWN = "PARTNER_UNKNOWN"


@dataclass(frozen=True, slots=True)
class Actor:
    """The officer who acts, with her region (None: the nation)."""

    staff_id: str
    region: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a shop is. `owner_shops` counts all applications of the same owner."""

    application: Application
    qris: ShopQris | None
    owner_shops: int = 1

    @property
    def nmid_state(self) -> NmidState | None:
        """None before the approval."""
        if self.application.status != ShopState.APPROVED:
            return None
        return NmidState.NMID_GIVEN if self.qris else NmidState.NMID_PENDING


def apply(engine: Engine, actor: Actor, new: NewShop) -> Standing | ShopProblem:
    """Take down an application. The same again is the same; other content under the id is not."""
    if not region_exists(new.region) or new.region.count(".") != VILLAGE_DOTS:
        return ShopProblem.PLACE_UNKNOWN
    if not in_scope(actor.region, new.region):
        return ShopProblem.PLACE_OUTSIDE
    if new.photo is not None and picture_kind(new.photo) is None:
        return ShopProblem.PHOTO_UNREADABLE
    written = seal(engine, actor.staff_id, new)

    def write(tx: Tx) -> Standing | ShopProblem:
        known = shop_applications.find_application(tx, new.shop_id)
        if known is None and shops.find_shop(tx, new.shop_id) is None:
            shop_applications.add_application(tx, written)
            return _standing(tx, written)
        if known is None or known.content != written.content:
            return ShopProblem.DUPLICATE_DIFFERENT
        return _standing(tx, known)

    return engine.database.transact(write)


def approve(engine: Engine, actor: Actor, shop_id: str) -> Standing | ShopProblem:
    """Approve as a second person: the shop and its first till open in the same transaction."""
    now = engine.now()
    till_id = TillId(new_uuid7(now))

    def write(tx: Tx) -> Standing | ShopProblem:
        found = _to_decide(tx, actor, shop_id)
        if isinstance(found, ShopProblem):
            return found
        status = ShopState.APPROVED.value
        if not shop_applications.decide(tx, shop_id, status, None, till_id, actor.staff_id, now):
            return ShopProblem.WRONG_STATUS
        shop = shops.Shop(found.shop_id, found.name, found.region, shops.ACTIVE)
        shops.add_shop(tx, shop, now)
        shops.add_till(tx, till_id, shop.shop_id, now)
        return _found(tx, shop_id)

    return engine.database.transact(write)


def reject(engine: Engine, actor: Actor, shop_id: str, reason: str) -> Standing | ShopProblem:
    """Refuse as a second person, with a reason that the owner may read."""

    def write(tx: Tx) -> Standing | ShopProblem:
        found = _to_decide(tx, actor, shop_id)
        if isinstance(found, ShopProblem):
            return found
        status, by = ShopState.REJECTED.value, actor.staff_id
        if not shop_applications.decide(tx, shop_id, status, reason, None, by, engine.now()):
            return ShopProblem.WRONG_STATUS
        return _found(tx, shop_id)

    return engine.database.transact(write)


def standing(engine: Engine, region: str | None, shop_id: str) -> Standing | None:
    """How far a shop of a region is."""
    with engine.database.read() as tx:
        found = shop_applications.find_application(tx, shop_id)
        if found is None or not in_scope(region, found.region):
            return None
        return _standing(tx, found)


def listed(engine: Engine, region: str | None, status: ShopState, after: str) -> list[Application]:
    """Applications of a region in a state, by id."""
    with engine.database.read() as tx:
        return shop_applications.listed(tx, region, status.value, after)


def _to_decide(tx: Tx, actor: Actor, shop_id: str) -> Application | ShopProblem:
    found = shop_applications.find_application(tx, shop_id)
    if found is None or not in_scope(actor.region, found.region):
        return ShopProblem.NOT_FOUND
    if standing_people.same_person(tx, found.applied_by, actor.staff_id):
        return ShopProblem.SECOND_PERSON_NEEDED
    return found if found.status == ShopState.APPLIED else ShopProblem.WRONG_STATUS


def _found(tx: Tx, shop_id: str) -> Standing | ShopProblem:
    found = shop_applications.find_application(tx, shop_id)
    return ShopProblem.NOT_FOUND if found is None else _standing(tx, found)


def _standing(tx: Tx, application: Application) -> Standing:
    owned = shop_applications.shops_of_owner(tx, application.owner_hmac)
    return Standing(application, shop_applications.find_qris(tx, application.shop_id), owned)
