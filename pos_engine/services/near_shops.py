"""Shops near a family, village first, and the highest prices that hold there today."""

from dataclasses import dataclass

from catalog.zones import REGENCY_LENGTH, region_exists, region_name, region_path
from pos_engine.engine import Engine
from pos_engine.rules.ids import KpmId
from pos_engine.services.catalogue import ShownCeiling, show
from pos_engine.store import families, shops
from pos_engine.store.database import Tx

SHOPS_NEAR_MAX = 20
DISTRICT_LENGTH, VILLAGE_LENGTH = 8, 13
HOW_NEAR = (
    (VILLAGE_LENGTH, "Di desa/kelurahan Anda"),
    (DISTRICT_LENGTH, "Di kecamatan Anda"),
    (REGENCY_LENGTH, "Di kabupaten/kota Anda"),
)
OK = "OK"


@dataclass(frozen=True, slots=True)
class NearShop:
    """A shop as a neighbour would describe it."""

    name: str
    place: str
    own: bool  # where the family is registered


@dataclass(frozen=True, slots=True)
class Near:
    """Shops by how near they are, and ceilings; `place` is where these prices hold."""

    groups: tuple[tuple[str, tuple[NearShop, ...]], ...]
    ceilings: tuple[ShownCeiling, ...]
    place: str


def near(engine: Engine, kpm_id: KpmId) -> Near:
    """By the family's village: nothing is asked of her phone."""
    with engine.database.read() as tx:
        family = families.find_family(tx, kpm_id)
        if family is None:
            raise LookupError(kpm_id)  # a visit of nobody: a fault
        catalogue = engine.catalogue(tx)
        groups = _groups(tx, family)
    day = catalogue.zones.local_day(family.region, engine.now())
    rows = show(catalogue, engine.policy_id, family.region, day)
    priced = tuple(each for each in rows if each.verdict == OK and each.ceiling is not None)
    return Near(groups, priced, region_path(family.region[:REGENCY_LENGTH]))


def _groups(tx: Tx, family: families.Family) -> tuple[tuple[str, tuple[NearShop, ...]], ...]:
    """Each shop once, in the nearest group it belongs to; SHOPS_NEAR_MAX in all."""
    seen: set[str] = set()
    groups = []
    for length, title in HOW_NEAR:
        room = SHOPS_NEAR_MAX - len(seen)
        found = shops.shops_under(tx, family.region[:length], room + len(seen))
        fresh = [each for each in found if each.shop_id not in seen][:room]
        seen |= {each.shop_id for each in fresh}
        if fresh:
            groups.append((title, tuple(_shown(each, family) for each in fresh)))
    return tuple(groups)


def _shown(shop: shops.Shop, family: families.Family) -> NearShop:
    place = region_name(shop.region) if region_exists(shop.region) else shop.region
    return NearShop(shop.name, place, shop.shop_id == family.home_shop_id)
