"""DE63 of our own terminals: the basket, what proves the payer, and what we answer.

Parts are `NAME=value`, with `;` between them; in `L`, one for each line of the basket, stand item,
thousandths, price and perhaps the unit, with `*` between them. A terminal without item lines buys
nothing: a sum alone says neither what is bought nor at what price.
"""

import re
from dataclasses import dataclass, field

from pos_engine.rules.basket import LINES_MAX, Line
from pos_engine.rules.money import Rupiah
from pos_engine.wire.iso_fields import IsoError

NOTE_FIELD = 63
PARTS_MAX = LINES_MAX + 8
VALUE_LENGTH_MAX = 900
NAMES = frozenset({"L", "PIN", "KSN", "DEV", "KEY", "STAFF", "SPIN"})
SKU = re.compile(r"[A-Z0-9-]{1,64}", re.ASCII)
GTIN = re.compile(r"[0-9]{8,14}", re.ASCII)
COUNT = re.compile(r"-?[0-9]{1,12}", re.ASCII)
LINE_PARTS = (3, 4)
PRICE_MAX = 100_000_000


@dataclass(frozen=True, slots=True, repr=False)
class TerminalNotes:
    """What a terminal says beside the fields of the standard. Never shown: it holds secrets."""

    lines: tuple[Line, ...] = ()
    values: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """A part by its name; empty when it is not there."""
        return self.values.get(name, "")


def read_notes(text: str) -> TerminalNotes:
    """The parts of DE63; `IsoError` says which part is wrong, not what stood in it."""
    parts = [each for each in text.split(";") if each]
    if len(parts) > PARTS_MAX:
        raise IsoError(NOTE_FIELD, f"has more than {PARTS_MAX} parts")
    lines: list[Line] = []
    values: dict[str, str] = {}
    for place, part in enumerate(parts, start=1):
        name, equals, value = part.partition("=")
        if name not in NAMES or not equals or len(value) > VALUE_LENGTH_MAX:
            raise IsoError(NOTE_FIELD, f"part {place} is none of {', '.join(sorted(NAMES))}")
        if name == "L":
            lines.append(_line(place, value))
        elif name in values:
            raise IsoError(NOTE_FIELD, f"part {place} stands twice")
        else:
            values[name] = value
    return TerminalNotes(tuple(lines), values)


def _line(place: int, value: str) -> Line:
    parts = value.split("*")
    if not LINE_PARTS[0] <= len(parts) <= LINE_PARTS[1]:
        raise IsoError(NOTE_FIELD, f"part {place}: a line is ITEM*THOUSANDTHS*PRICE[*UNIT]")
    item, quantity, price = parts[:3]
    pack = GTIN.fullmatch(item) is not None
    if not pack and SKU.fullmatch(item) is None:
        raise IsoError(NOTE_FIELD, f"part {place}: the item is no code of a good or of a pack")
    if COUNT.fullmatch(quantity) is None or COUNT.fullmatch(price) is None:
        raise IsoError(NOTE_FIELD, f"part {place}: thousandths and price are whole numbers")
    if not 1 <= int(price) <= PRICE_MAX:
        raise IsoError(NOTE_FIELD, f"part {place}: the price is 1 to {PRICE_MAX}")
    unit = parts[3] if len(parts) > LINE_PARTS[0] else None
    sku, gtin = (None, item) if pack else (item, None)
    return Line(sku, gtin, int(quantity), Rupiah(int(price)), unit or None)


def written_line(line: Line) -> str:
    """A line as a terminal sends it."""
    item = line.gtin or line.sku or ""
    unit = f"*{line.unit}" if line.unit else ""
    return f"L={item}*{line.quantity_milli}*{line.unit_price}{unit}"
