"""Who is where: from a scope to the slots of its people, by shop, region and birth date."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from biometrics.face_rows import Column, Columns, FaceRows
from biometrics.gallery import Scope
from biometrics.place_list import NOBODY, NOWHERE, PlaceList, PlaceNames, Slots
from biometrics.scopes import Places, ScopeKind

_DAY_ZERO: Final = date(1900, 1, 1).toordinal() - 1
_DAYS: Final = 1 << 16


class Owners(NamedTuple):
    """Whose templates they are and where each is looked for: as many of each."""

    person_ids: Sequence[str]
    family_ids: Sequence[str]
    shop_ids: Sequence[str | None]
    regions: Sequence[str | None]
    birth_dates: Sequence[date | None]

    @classmethod
    def one(cls, person_id: str, family_id: str, places: Places) -> "Owners":
        """Of one template."""
        return cls([person_id], [family_id], [places.shop_id], [places.region], [places.birth_date])


class Where:
    """The place columns of `FaceRows` and the lists over them."""

    def __init__(self, shops: Sequence[str] = (), regions: Sequence[str] = ()) -> None:
        """The names as a snapshot kept them."""
        self.shops, self.regions = PlaceNames(shops), PlaceNames(regions)
        self._lists = {"shop": PlaceList(), "region": PlaceList(), "born": PlaceList()}

    def columns(self, owners: Owners) -> dict[str, Column]:
        """The place columns of new rows."""
        return {
            "shop": self.shops.codes(owners.shop_ids),
            "region": self.regions.codes(owners.regions),
            "born": np.fromiter(map(_day, owners.birth_dates), np.uint16, len(owners.birth_dates)),
        }

    def places(self, columns: Columns, slot: int) -> Places:
        """Inverse of `columns` for one slot."""
        shop, region, born = (int(columns[name][slot]) for name in ("shop", "region", "born"))
        birth_date = date.fromordinal(born + _DAY_ZERO) if born != NOWHERE else None
        return Places(self.shops.name(shop), self.regions.name(region), birth_date)

    def add(self, rows: FaceRows, slot: int) -> None:
        """A row that was appended."""
        full = [each.add(slot, int(rows.columns[n][slot])) for n, each in self._lists.items()]
        if any(full):
            self.sort(rows)

    def sort(self, rows: FaceRows) -> None:
        """All lists anew."""
        for name, places in self._lists.items():
            places.sort(rows.column(name))

    def sorted_slots(self) -> list[NDArray[np.uint32]]:
        """For a snapshot."""
        return [each.sorted_slots() for each in self._lists.values()]

    def restore(self, orders: Sequence[NDArray[np.uint32]], rows: FaceRows) -> None:
        """From `sorted_slots`. Raises ValueError when they do not fit the rows."""
        for (name, places), order in zip(self._lists.items(), orders, strict=True):
            places.restore(order, rows.column(name))

    def slots(self, scope: Scope) -> Slots:
        """Raises ValueError for a kind of scope that has no list, or a date that is none."""
        match scope.kind:
            case ScopeKind.SHOP:
                return self._lists["shop"].slots(self.shops.known(scope.key))
            case ScopeKind.VILLAGE:
                return self._lists["region"].slots(self.regions.known(scope.key))
            case ScopeKind.KECAMATAN:
                villages = self.regions.inside(scope.key)
                lists = [self._lists["region"].slots(village) for village in villages]
                return np.concatenate([np.zeros(0, np.int64), *lists])
            case ScopeKind.BIRTH_DATE:
                return self._lists["born"].slots(_day(date.fromisoformat(scope.key)) or NOBODY)
        raise ValueError(f"no list of people for a scope of kind {scope.kind}")


@lru_cache(_DAYS)
def _day(born: date | None) -> int:
    """From 1 (the first of January 1900); outside of two bytes she is not looked for by it."""
    day = born.toordinal() - _DAY_ZERO if born else NOWHERE
    return day if 0 < day < _DAYS else NOWHERE
