"""How one bank speaks ISO 8583: framing, encoding, own fields and values, read from its file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, get_args, get_type_hints

from pos_engine.wire.iso8583 import Codec, Encoding
from pos_engine.wire.iso_fields import Field, IsoError, changed

HEADER_BYTES_MAX = 32
PARTS = frozenset({"title", "frame", "encoding", "fields", "values", "codes"})
CODE_LENGTH = 2
NUMBERS = ("amount_decimals", "proof_field", "account_field", "ksn_field", "note_field")
LENGTHS: Mapping[str, int] = MappingProxyType({"binary2": 2, "ascii4": 4})


@dataclass(frozen=True, slots=True)
class Frame:
    """What goes before a message on the line: its length, then a header that is always the same.

    `inclusive`: the length counts itself.
    """

    length: str = "binary2"
    inclusive: bool = False
    header: bytes = b""


@dataclass(frozen=True, slots=True)
class Values:
    """What a bank wants where the standard leaves a choice."""

    purchase: str = "000000"
    balance: str = "310000"
    amount_decimals: int = 2
    currency: str = "360"
    reversal: str = "0400"
    repeat: str = "0401"
    sign_on: str = "001"
    sign_off: str = "002"
    echo: str = "301"
    key_change: str = "101"
    card_entry: str = "021"
    mcc: str = "5411"
    proof_field: int = 48
    account_field: int = 102
    ksn_field: int = 62
    note_field: int = 63  # basket, secrets and answers of our own terminals


@dataclass(frozen=True, slots=True)
class Dialect:
    """One bank's way. `codes` turns its own response codes into those of the standard."""

    name: str
    title: str
    frame: Frame
    codec: Codec
    values: Values
    codes: Mapping[str, str] = field(default_factory=dict)

    def amount(self, rupiah: int) -> str:
        """An amount field: twelve digits, with the decimals that this bank implies."""
        return f"{rupiah * 10**self.values.amount_decimals:012d}"

    def rupiah(self, text: str) -> int | None:
        """The whole rupiah in an amount field; None when it holds a part of one, or nothing."""
        if not (text.isascii() and text.isdigit()):
            return None
        whole, part = divmod(int(text), 10**self.values.amount_decimals)
        return None if part else whole

    def code(self, told: str) -> str:
        """The standard's response code for what the bank said."""
        return self.codes.get(told, told)


def read_dialect(name: str, text: str, table: Mapping[int, Field]) -> Dialect:
    """A dialect from its file (TOML); `IsoError` names what is wrong in it."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise IsoError(name, f"is no TOML: {error}") from None
    unknown = set(told) - PARTS
    if unknown:
        raise IsoError(min(unknown), f"is no part of a dialect ({', '.join(sorted(PARTS))})")
    values = _made(Values, _part(told, "values"))
    codec = Codec(changed(table, _part(told, "fields")), _encoding(_part(told, "encoding")))
    for each in NUMBERS[1:]:
        if getattr(values, each) not in codec.fields:
            raise IsoError(each, "names a field that is not in the table")
    return Dialect(
        name=name,
        title=str(told.get("title", name)),
        frame=_frame(_part(told, "frame")),
        codec=codec,
        values=values,
        codes=_codes(_part(told, "codes")),
    )


def _part(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = told.get(name, {})
    if not isinstance(part, Mapping):
        raise IsoError(name, "is a table")
    return part


def _made(kind: type[Values], told: Mapping[str, Any]) -> Values:
    known = {each.name: type(each.default) for each in fields(kind)}
    for name, value in told.items():
        if name not in known or type(value) is not known[name]:
            raise IsoError(name, "is no value of a dialect, or of another type")
    return kind(**told)


def _encoding(told: Mapping[str, Any]) -> Encoding:
    allowed = get_type_hints(Encoding)
    for name, value in told.items():
        if name not in allowed or value not in get_args(allowed[name]):
            raise IsoError(name, f"{value!r} is no encoding")
    return Encoding(**told)


def _frame(told: Mapping[str, Any]) -> Frame:
    length, inclusive = told.get("length", "binary2"), told.get("inclusive", False)
    if length not in LENGTHS or not isinstance(inclusive, bool):
        raise IsoError("frame", f"length is one of {', '.join(LENGTHS)}, inclusive true or false")
    if not set(told) <= {"length", "inclusive", "header"}:
        raise IsoError("frame", "takes length, inclusive and header")
    try:
        header = bytes.fromhex(told.get("header", ""))
    except (TypeError, ValueError):
        raise IsoError("header", "is not hexadecimal") from None
    if len(header) > HEADER_BYTES_MAX:
        raise IsoError("header", f"is longer than {HEADER_BYTES_MAX} bytes")
    return Frame(length, inclusive, header)


def _codes(told: Mapping[str, Any]) -> Mapping[str, str]:
    for name, value in told.items():
        if len(name) != CODE_LENGTH or not isinstance(value, str) or len(value) != CODE_LENGTH:
            raise IsoError("codes", f"{name!r} and what it means have two signs")
    return MappingProxyType(dict(told))
