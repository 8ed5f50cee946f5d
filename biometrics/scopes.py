"""Which sets of people a template is searched in: shop, village, kecamatan, birth date, nation."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from biometrics.gallery import Scope


class ScopeKind(StrEnum):
    """`Scope.kind`, as in the contract."""

    SHOP = "SHOP"
    VILLAGE = "VILLAGE"
    KECAMATAN = "KECAMATAN"
    BIRTH_DATE = "BIRTH_DATE"
    NATION = "NATION"


NATION: Final = Scope(ScopeKind.NATION, "ID")
_VILLAGE_DOTS: Final = 3  # PP.RR.DD.VVVV


@dataclass(frozen=True, slots=True)
class Places:
    """Where a person is looked for; what is not known is `None` and narrows nothing.

    `region` is a Kemendagri code; a village's code says its kecamatan too.
    """

    shop_id: str | None = None
    region: str | None = None
    birth_date: date | None = None

    def scopes(self) -> tuple[Scope, ...]:
        """Every set that a template of this person belongs to; the nation always."""
        village = self.region if self.region and self.region.count(".") == _VILLAGE_DOTS else None
        keys = {
            ScopeKind.SHOP: self.shop_id,
            ScopeKind.VILLAGE: village,
            ScopeKind.KECAMATAN: kecamatan_of(village) if village else None,
            ScopeKind.BIRTH_DATE: self.birth_date.isoformat() if self.birth_date else None,
        }
        return (*(Scope(kind, key) for kind, key in keys.items() if key is not None), NATION)


def kecamatan_of(village: str) -> str:
    """The first three parts of a village's code."""
    return village.rpartition(".")[0]
