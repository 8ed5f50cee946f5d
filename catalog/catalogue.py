"""The whole catalogue as one immutable snapshot, named by the hash of the files it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from catalog.bank_days import BankHoliday
from catalog.bank_methods import NOTHING_AGREED, BankMethods
from catalog.barcode import GTIN_LENGTHS
from catalog.goods import Good, Pack
from catalog.limits import NO_LIMITS, LimitBook
from catalog.policy import Policy
from catalog.price_book import PriceBook
from catalog.programmes import BEFORE_PROGRAMMES, Programme
from catalog.zones import Zones

DEFAULT_POLICY = "SEMBAKO-2021"
BPNT_ONLY: Mapping[str, Programme] = MappingProxyType({BEFORE_PROGRAMMES.code: BEFORE_PROGRAMMES})


@dataclass(frozen=True)
class Catalogue:
    """Goods by SKU in till order, packs by GTIN, policies by id; `version` names this content."""

    version: str
    goods: Mapping[str, Good] = field(hash=False)
    packs: Mapping[str, Pack] = field(hash=False)
    policies: Mapping[str, Policy] = field(hash=False)
    price_book: PriceBook
    zones: Zones
    # empty in a catalogue that was stored before banks' holidays were part of it
    bank_holidays: Mapping[date, BankHoliday] = field(default_factory=dict, hash=False)
    default_policy: str = DEFAULT_POLICY
    programmes: Mapping[str, Programme] = field(default_factory=lambda: BPNT_ONLY, hash=False)
    # The policies of the programmes that the policy in force does not govern, by programme.
    own_policies: Mapping[str, Policy] = field(default_factory=dict, hash=False)
    limits: LimitBook = NO_LIMITS
    bank_methods: BankMethods = NOTHING_AGREED

    def pack(self, gtin: str) -> Pack | None:
        """The pack of a scanned GTIN: one pack is reported with 8, 12, 13 or 14 digits."""
        digits = gtin.lstrip("0")
        spelled = (digits.zfill(length) for length in sorted(GTIN_LENGTHS))
        return next((self.packs[each] for each in spelled if each in self.packs), None)
