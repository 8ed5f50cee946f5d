"""The field table of ISO 8583:1987 as data: what a field holds and how long it may be."""

import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

FIELD_MAX = 128  # two bitmaps; bit 1 says that there is a second, 65 would be a third
NO_FIELD = (1, 65)
PREFIXES = (0, 2, 3)  # digits of the length: fixed, LLVAR, LLLVAR
LENGTH_MAX = 999


class IsoError(ValueError):
    """A message or a table that cannot be used. Names the field, never what stood in it."""

    def __init__(self, field: int | str, why: str) -> None:
        super().__init__(f"field {field}: {why}")
        self.field, self.why = str(field), why


def _digits(value: str) -> bool:
    return not value or (value.isdigit() and value.isascii())


def _printable(value: str) -> bool:
    return value.isascii() and value.isprintable()


def _matching(pattern: str) -> Callable[[str], bool]:
    match = re.compile(pattern, re.ASCII).fullmatch
    return lambda value: match(value) is not None


# What may stand in a field; asked for every field of every message. `b` is upper-case hex.
FORMATS: Mapping[str, Callable[[str], bool]] = {
    "n": _digits,
    "an": _matching(r"[0-9A-Za-z ]*"),
    "ans": _printable,
    "xn": _matching(r"[CD][0-9]*"),
    "z": _matching(r"[0-9=D]*"),
    "b": _matching(r"(?:[0-9A-F]{2})*"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One row: `length` is exact without `prefix`, else the most; of `b` in bytes, else in signs.

    `prefix` is how many digits the length is written with.
    """

    number: int
    format: str
    length: int
    prefix: int
    title: str

    def __post_init__(self) -> None:
        """Refuse what cannot be a field."""
        if not 1 < self.number <= FIELD_MAX or self.number in NO_FIELD:
            raise IsoError(self.number, f"is none of 2 to {FIELD_MAX}")
        if self.format not in FORMATS:
            raise IsoError(self.number, f"format {self.format!r} is none of {', '.join(FORMATS)}")
        if self.prefix not in PREFIXES:
            raise IsoError(self.number, "prefix is 0, 2 or 3")
        most = {0: LENGTH_MAX, 2: 99, 3: LENGTH_MAX}[self.prefix]
        if self.format == "b":
            most //= 2  # where bytes are written as text each takes two signs
        if not 1 <= self.length <= most:
            raise IsoError(self.number, f"length is none of 1 to {most}")

    def fault(self, value: str) -> str | None:
        """Why this value may not stand here; None when it may."""
        if not FORMATS[self.format](value):
            return f"is not of format {self.format}"
        long = len(value) // 2 if self.format == "b" else len(value)
        if self.prefix == 0 and long != self.length:
            return f"is {long} long and must be {self.length}"
        return f"is {long} long, at most {self.length}" if long > self.length else None


def read_fields(text: str) -> dict[int, Field]:
    """The rows of a field table (`number,format,length,prefix,title`), by number."""
    found: dict[int, Field] = {}
    for place, row in enumerate(csv.DictReader(text.splitlines()), start=2):
        try:
            field = Field(
                int(row["number"]),
                row["format"],
                int(row["length"]),
                int(row["prefix"]),
                row["title"],
            )
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(error, IsoError):
                raise
            raise IsoError("?", f"row {place} is no row of a field table") from None
        if field.number in found:
            raise IsoError(field.number, "stands twice")
        found[field.number] = field
    return found


def changed(fields: Mapping[int, Field], own: Mapping[str, Any]) -> dict[int, Field]:
    """The table with a bank's own rows: `{"48": {"format": "ans", "length": 120, "prefix": 3}}`."""
    result = dict(fields)
    for name, values in own.items():
        number = int(name) if name.isascii() and name.isdigit() else 0
        before = result.get(number) or Field(number, "ans", 1, 0, "")
        if not isinstance(values, Mapping) or not set(values) <= {"format", "length", "prefix"}:
            raise IsoError(name, "takes format, length and prefix")
        try:
            result[number] = replace(before, **values)
        except TypeError:
            raise IsoError(name, "length and prefix are numbers") from None
    return result
