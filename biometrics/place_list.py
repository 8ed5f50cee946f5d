"""Which slots are at a place: all of them sorted once, and a short tail of what came since."""

from collections.abc import Iterable, Sequence
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Slots = NDArray[np.int64]
PlaceOfSlot: TypeAlias = NDArray[np.uint32] | NDArray[np.uint16]
_TAIL_MAX: Final = 65_536  # slots in the tail before everything is sorted again
NOWHERE: Final = 0  # the code of what is not known
NOBODY: Final = 1 << 40  # a code that no place has


class PlaceList:
    """Places are small whole numbers from 1; 4 bytes a slot."""

    def __init__(self) -> None:
        """Nobody anywhere."""
        self._order: NDArray[np.uint32] = np.zeros(0, np.uint32)
        self._starts: NDArray[np.int64] = np.zeros(1, np.int64)
        self._tail: dict[int, list[int]] = {}
        self._waiting = 0

    def slots(self, place: int) -> Slots:
        """Every slot that was ever at the place, dead ones included."""
        start, end = self._starts[place : place + 2] if place + 1 < len(self._starts) else (0, 0)
        late = self._tail.get(place)
        sorted_ones = self._order[start:end].astype(np.int64)
        return np.concatenate([sorted_ones, np.array(late, np.int64)]) if late else sorted_ones

    def add(self, slot: int, place: int) -> bool:
        """One more; True when it is time to `sort`."""
        self._tail.setdefault(place, []).append(slot)
        self._waiting += 1
        return self._waiting > _TAIL_MAX

    def sort(self, places: PlaceOfSlot) -> None:
        """Anew, from the place of each slot."""
        # 28 million: two bytes 1.3 s by radix, four bytes 3.1 s by the vector sort (8.4 s stable)
        kind: Literal["stable"] | None = "stable" if places.itemsize == 2 else None  # noqa: PLR2004
        self._set(np.argsort(places, kind=kind).astype(np.uint32), places)

    def sorted_slots(self) -> NDArray[np.uint32]:
        """For a snapshot: slots by place; those behind the last one are in the tail."""
        return self._order

    def restore(self, order: NDArray[np.uint32], places: PlaceOfSlot) -> None:
        """From `sorted_slots` (sorting a nation takes seconds) and the place of each slot.

        Raises ValueError when the order does not fit the places.
        """
        known = places[: len(order)]
        if len(order) > len(places) or np.any(order >= len(order)):
            raise ValueError("an order of slots that are not there")
        self._set(order, known)
        for slot in range(len(order), len(places)):
            self.add(slot, int(places[slot]))

    def _set(self, order: NDArray[np.uint32], places: PlaceOfSlot) -> None:
        counts = np.bincount(places) if len(places) else np.zeros(1, np.int64)
        self._starts = np.concatenate([[0], np.cumsum(counts)])
        self._order = order
        self._tail.clear()
        self._waiting = 0


class PlaceNames:
    """Codes for the names of shops or regions, from 1, in the order they are met."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        """`names` as `names` gave them."""
        self.names: list[str] = []
        self._codes: dict[str | None, int] = {None: NOWHERE}
        self._inside: dict[str, list[int]] = {}
        for name in names:
            self._add(name)

    def codes(self, names: Sequence[str | None]) -> NDArray[np.uint32]:
        """The code of each name, new or known; NOWHERE for none."""
        for name in set(names).difference(self._codes):
            self._add(name or "")
        return np.fromiter(map(self._codes.__getitem__, names), np.uint32, len(names))

    def known(self, name: str) -> int:
        """The code of a name that was met, else one that nobody has."""
        return self._codes.get(name, NOBODY)

    def name(self, code: int) -> str | None:
        """The name of a code."""
        return self.names[code - 1] if code != NOWHERE else None

    def inside(self, region: str) -> list[int]:
        """Codes of the regions one level below: the villages of a kecamatan."""
        return self._inside.get(region, [])

    def _add(self, name: str) -> None:
        self.names.append(name)
        self._codes[name] = len(self.names)
        self._inside.setdefault(name.rpartition(".")[0], []).append(len(self.names))
