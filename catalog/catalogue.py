"""The whole catalogue as one immutable snapshot, named by the hash of the files it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog.goods import Good, Pack
from catalog.policy import Policy
from catalog.price_book import PriceBook
from catalog.zones import Zones

DEFAULT_POLICY = "SEMBAKO-2021"


@dataclass(frozen=True)
class Catalogue:
    """Goods by SKU in till order, packs by GTIN, policies by id; `version` names this content."""

    version: str
    goods: Mapping[str, Good] = field(hash=False)
    packs: Mapping[str, Pack] = field(hash=False)
    policies: Mapping[str, Policy] = field(hash=False)
    price_book: PriceBook
    zones: Zones
    default_policy: str = DEFAULT_POLICY
