"""Stored lines read and judged: each distinct line under the same rules once for all purchases."""

from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec import Raw, Struct

from pos_engine.rules.basket import LINES_MAX, PACK_UNIT, JudgedLine, Line, Market, judge_line
from pos_engine.rules.money import Rupiah
from pos_engine.services.answers import line_json

LINES_REMEMBERED_MAX = 100_000  # about 150 MB in one process; then it begins anew
Spelled = list[str | int | None]


class UnreadableError(Exception):
    """A row's lines are no lines any more."""


class StoredLine(Struct):
    """What a stored line says of the line that was asked."""

    sku: str
    quantity_milli: int
    unit: str
    unit_price: int
    gtin: str | None = None
    asked_price: int | None = None


class KnownLine(Struct, frozen=True):
    """A line as it was asked, what it is judged to be, and that as JSON.

    A till may have named its unit or left it out: `named` and `bare` are both ways to ask it.
    """

    asked: Line
    judged: JudgedLine
    written: bytes
    named: Spelled
    bare: Spelled


class Basket(Struct, frozen=True):
    """The lines of one purchase, asked and judged; `written` is what they must be stored as."""

    lines: tuple[Line, ...]
    judged: tuple[JudgedLine, ...]
    written: bytes
    known: tuple[KnownLine, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """The rules of one place and day, and which of a process's offers its goods are."""

    market: Market
    offers: dict[tuple[str | None, str | None, str | None], int] = field(default_factory=dict)


_RAW = msgspec.json.Decoder(list[Raw])
_LINE = msgspec.json.Decoder(StoredLine)


@dataclass(slots=True)
class Lines:
    """What a process knows of lines.

    A verdict follows from the line and from what is offered for it (good, unit, policy's word,
    ceiling): places and days that offer the same share it. The key is every stored byte of a line,
    so that an altered one is another line.
    """

    _asked: dict[bytes, Line] = field(default_factory=dict)
    _offers: dict[Any, int] = field(default_factory=dict)
    _known: dict[tuple[bytes, int], KnownLine] = field(default_factory=dict)

    def basket(self, text: str, place: Place) -> Basket:
        """The basket of a row's lines; `UnreadableError`."""
        try:
            known = tuple([self._line(bytes(raw), place) for raw in _RAW.decode(text)])
        except msgspec.DecodeError as error:
            raise UnreadableError from error
        if len(known) > LINES_MAX:  # none is judged: which fifty would be a matter of order
            return Basket(tuple(each.asked for each in known), (), b"[]", known)
        return Basket(
            tuple([each.asked for each in known]),
            tuple([each.judged for each in known]),
            b"[" + b",".join([each.written for each in known]) + b"]",
            known,
        )

    def _line(self, raw: bytes, place: Place) -> KnownLine:
        asked = self._asked.get(raw)
        if asked is None:
            if len(self._asked) >= LINES_REMEMBERED_MAX:
                self._asked.clear()
                self._known.clear()
            asked = self._asked[raw] = _line_of(_LINE.decode(raw))
        offered = place.offers.get((asked.sku, asked.gtin, asked.unit))
        if offered is None:
            offered = self._offered(asked, place)
        known = self._known.get((raw, offered))
        if known is None:
            known = self._known[raw, offered] = _known(asked, place.market)
        return known

    def _offered(self, asked: Line, place: Place) -> int:
        """The number of an offer: the same one wherever the same is offered."""
        offer = place.market.offer(asked)
        same = (
            id(offer.good),
            offer.unit,
            offer.name,
            offer.judgement,
            offer.ceiling,
            offer.lawful,
        )
        found = self._offers.setdefault(same, len(self._offers))
        if offer.good is not None:  # words that no catalogue knows are without number
            place.offers[asked.sku, asked.gtin, asked.unit] = found
        return found


def _known(asked: Line, market: Market) -> KnownLine:
    judged = judge_line(asked, market)
    unit = asked.unit or (PACK_UNIT if asked.gtin else None)
    return KnownLine(
        asked,
        judged,
        msgspec.json.encode(line_json(judged)),
        _plain(asked, unit),
        _plain(asked, None),
    )


def _line_of(stored: StoredLine) -> Line:
    price = Rupiah(stored.unit_price if stored.asked_price is None else stored.asked_price)
    if stored.gtin is None:
        return Line(stored.sku, None, stored.quantity_milli, price, stored.unit or None)
    unit = None if stored.unit in ("", PACK_UNIT) else stored.unit
    return Line(None, stored.gtin, stored.quantity_milli, price, unit)


def _plain(line: Line, unit: str | None) -> Spelled:
    return [line.sku, line.gtin, line.quantity_milli, line.unit_price, unit]
