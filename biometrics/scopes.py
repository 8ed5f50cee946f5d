"""Which sets of people a template is searched in: shop, village, kecamatan, birth date, nation."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from biometrics.gallery import GalleryEntry, Scope


class ScopeKind(StrEnum):
    """`Scope.kind`, as in the contract."""

    SHOP = "SHOP"
    VILLAGE = "VILLAGE"
    KECAMATAN = "KECAMATAN"
    BIRTH_DATE = "BIRTH_DATE"
    NATION = "NATION"


NATION: Final = Scope(ScopeKind.NATION, "ID")


@dataclass(frozen=True, slots=True)
class Places:
    """Where a person is looked for; what is not known is `None` and narrows nothing."""

    shop_id: str | None = None
    village_id: str | None = None
    kecamatan_id: str | None = None
    birth_date: date | None = None

    def scopes(self) -> tuple[Scope, ...]:
        """Every set that a template of this person belongs to; the nation always."""
        keys = {
            ScopeKind.SHOP: self.shop_id,
            ScopeKind.VILLAGE: self.village_id,
            ScopeKind.KECAMATAN: self.kecamatan_id,
            ScopeKind.BIRTH_DATE: self.birth_date.isoformat() if self.birth_date else None,
        }
        return (*(Scope(kind, key) for kind, key in keys.items() if key is not None), NATION)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One template with the places its person is looked for."""

    entry: GalleryEntry
    places: Places
