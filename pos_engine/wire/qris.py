"""Read a QRIS (EMVCo merchant-presented mode, QRIS of Bank Indonesia): fields and what is wrong.

Never raises, whatever the text: a stranger's sticker is data. Tags are two digits, lengths two
digits, values follow; tag 63 is a CRC over everything before its four digits.
"""

import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from pos_engine.rules.money import Rupiah
from pos_engine.wire.tlv_issue import Issue

TEXT_LENGTH_MAX = 512  # EMVCo's bound on the payload of a code
TEMPLATES = frozenset([*(f"{tag:02d}" for tag in range(26, 52)), "62", "64"])
ACCOUNTS = frozenset(f"{tag:02d}" for tag in range(26, 46))
REPOSITORY, ADDITIONAL = "51", "62"
REPOSITORY_DOMAIN = "ID.CO.QRIS.WWW"
STATIC, DYNAMIC = "11", "12"
CRITERIA = frozenset({"UMI", "UKE", "UME", "UBE", "URE", "PSO", "BLU", "DON"})
REQUIRED = ("52", "53", "58", "59", "60")
CRC_TAG, CRC_HEAD, CRC_LENGTH = "63", "6304", 4
_PRINTABLE = re.compile(r"[\x20-\x7e]*")
_NUMBER = re.compile(r"[0-9]{1,13}(?:\.[0-9]{1,2})?")
_CRC = re.compile(r"[0-9A-F]{4}")
NMID = re.compile(r"ID[0-9]{13}")
_MPAN = re.compile(r"9360[0-9]{11,15}")
# tag -> what its value must be
_SHAPES = {
    "01": re.compile(r"1[12]"),
    "52": re.compile(r"[0-9]{4}"),
    "53": re.compile(r"360"),
    "54": _NUMBER,
    "55": re.compile(r"0[123]"),
    "56": _NUMBER,
    "57": re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,2})?"),
    "58": re.compile(r"ID"),
    "59": re.compile(r".{1,25}"),
    "60": re.compile(r".{1,15}"),
    "61": re.compile(r".{1,10}"),
}


class Field(NamedTuple):
    """One tag with its value and place; templates have children."""

    tag: str
    value: str
    offset: int
    children: tuple["Field", ...] = ()

    def child(self, tag: str) -> str | None:
        """The value of a tag inside this template."""
        return next((each.value for each in self.children if each.tag == tag), None)


@dataclass(frozen=True, slots=True)
class Qris:
    """A code as read. `issues` that are no warnings make it invalid."""

    fields: tuple[Field, ...]
    issues: tuple[Issue, ...]

    @property
    def valid(self) -> bool:
        """May somebody be shown this code as a merchant's."""
        return all(each.warning for each in self.issues)

    def field(self, tag: str) -> Field | None:
        """The field of a tag."""
        return next((each for each in self.fields if each.tag == tag), None)

    def value(self, tag: str, inner: str | None = None) -> str | None:
        """The value of a tag, or of a tag inside it."""
        found = self.field(tag)
        if found is None or inner is None:
            return found.value if found else None
        return found.child(inner)

    @property
    def nmid(self) -> str | None:
        """The merchant's national id: what a forged sticker has different."""
        return self.value(REPOSITORY, "02")

    @property
    def dynamic(self) -> bool:
        """Is it good for one payment."""
        return self.value("01") == DYNAMIC

    @property
    def amount(self) -> Rupiah | None:
        """The sum in whole rupiah; None when the code asks for none, or for parts of a rupiah."""
        text = self.value("54")
        if text is None or not _NUMBER.fullmatch(text):
            return None
        whole, _, parts = text.partition(".")
        return Rupiah(int(whole)) if not parts.strip("0") else None

    @property
    def reference(self) -> str | None:
        """Reference label 62.05: the engine's purchase id in base 36."""
        return self.value(ADDITIONAL, "05")


def parse(text: str) -> Qris:
    """Read any text as a QRIS; what is wrong is in `issues`, with tag and offset."""
    if len(text) > TEXT_LENGTH_MAX:
        return Qris((), (Issue("TOO_LONG", "", TEXT_LENGTH_MAX),))
    clean = _PRINTABLE.match(text)
    if clean is not None and clean.end() < len(text):
        return Qris((), (Issue("NOT_PRINTABLE", "", clean.end()),))
    issues: list[Issue] = []
    fields = tuple(_read(text, 0, "", issues))
    issues.extend(_check_crc(text, fields))
    issues.extend(_check_top(fields))
    return Qris(fields, tuple(issues))


def crc(text: str) -> str:
    """CRC-16/CCITT-FALSE as four upper hexadecimal digits; "123456789" gives 29B1."""
    return f"{binascii.crc_hqx(text.encode(), 0xFFFF):04X}"


def _read(text: str, start: int, above: str, issues: list[Issue]) -> list[Field]:
    """The fields of a level; a broken one ends the level, with its place."""
    at, seen, found = 0, set[str](), list[Field]()
    while at < len(text):
        head, begin = text[at : at + 4], at + 4
        tag = head[:2]
        if len(head) < len(CRC_HEAD) or not head.isdigit():
            issues.append(Issue("TLV_BROKEN", above + tag, start + at))
            break
        end = begin + int(head[2:])
        if end > len(text):
            issues.append(Issue("TLV_CUT", above + tag, start + at))
            break
        if tag in seen or end == begin:
            code = "TAG_TWICE" if tag in seen else "VALUE_EMPTY"
            issues.append(Issue(code, above + tag, start + at))
        seen.add(tag)
        value = text[begin:end]
        inner = not above and tag in TEMPLATES
        children = tuple(_read(value, start + begin, f"{tag}.", issues)) if inner else ()
        found.append(Field(tag, value, start + at, children))
        at = end
    return found


def _check_crc(text: str, fields: tuple[Field, ...]) -> Iterator[Issue]:
    found = next((each for each in fields if each.tag == CRC_TAG), None)
    if found is None:
        yield Issue("CRC_MISSING", CRC_TAG, len(text))
    elif found is not fields[-1]:
        yield Issue("CRC_NOT_LAST", CRC_TAG, found.offset)
    elif not _CRC.fullmatch(found.value):
        yield Issue("CRC_NOT_HEX", CRC_TAG, found.offset)
    elif crc(text[: found.offset + len(CRC_HEAD)]) != found.value:
        yield Issue("CRC_WRONG", CRC_TAG, found.offset)


def _check_top(fields: tuple[Field, ...]) -> Iterator[Issue]:
    present = {each.tag: each for each in fields}
    if not fields or fields[0].tag != "00" or fields[0].value != "01":
        yield Issue("FORMAT_NOT_FIRST", "00", 0)
    for tag in REQUIRED:
        if tag not in present:
            yield Issue("TAG_MISSING", tag, 0)
    for tag, shape in _SHAPES.items():
        found = present.get(tag)
        if found is not None and not shape.fullmatch(found.value):
            yield Issue("VALUE_WRONG", tag, found.offset)
    if "61" not in present:
        yield Issue("TAG_MISSING", "61", 0, warning=True)
    yield from _check_amount(present)
    yield from _check_accounts(fields)
    yield from _check_repository(present.get(REPOSITORY))
    yield from _check_additional(present.get(ADDITIONAL))


def _check_amount(present: dict[str, Field]) -> Iterator[Issue]:
    amount, initiation = present.get("54"), present.get("01")
    dynamic = initiation is not None and initiation.value == DYNAMIC
    if amount is None and dynamic:
        yield Issue("AMOUNT_MISSING", "54", 0)
    if amount is not None and not dynamic:
        yield Issue("AMOUNT_ON_STATIC", "54", amount.offset, warning=True)
    if amount is not None and not amount.value.strip("0."):
        yield Issue("AMOUNT_ZERO", "54", amount.offset)
    tip = present.get("55")
    needed = {"02": "56", "03": "57"}.get(tip.value if tip else "")
    if tip is not None and needed is not None and needed not in present:
        yield Issue("TAG_MISSING", needed, tip.offset)


def _check_accounts(fields: tuple[Field, ...]) -> Iterator[Issue]:
    accounts = [each for each in fields if each.tag in ACCOUNTS]
    if not accounts:
        yield Issue("ACCOUNT_MISSING", "26-45", 0)
    for each in accounts:
        yield from _judged(each, "00", bool, required=True)
        yield from _judged(each, "01", lambda value: bool(_MPAN.fullmatch(value)), warning=True)
        yield from _judged(each, "02", lambda value: len(value) <= 15)  # noqa: PLR2004 - the format's
        yield from _judged(each, "03", CRITERIA.__contains__, warning=True)


def _check_repository(found: Field | None) -> Iterator[Issue]:
    if found is None:
        yield Issue("TAG_MISSING", REPOSITORY, 0, warning=True)
        return
    yield from _judged(found, "00", lambda value: value == REPOSITORY_DOMAIN, required=True)
    yield from _judged(found, "02", lambda value: bool(NMID.fullmatch(value)), required=True)
    yield from _judged(found, "03", CRITERIA.__contains__, warning=True)


def _check_additional(found: Field | None) -> Iterator[Issue]:
    for each in found.children if found else ():
        if len(each.value) > 25 and each.tag < "50":  # noqa: PLR2004 - the format's bound
            yield Issue("VALUE_WRONG", f"{ADDITIONAL}.{each.tag}", each.offset)


def _judged(
    field: Field,
    tag: str,
    good: Callable[[str], bool],
    *,
    required: bool = False,
    warning: bool = False,
) -> Iterator[Issue]:
    child = next((each for each in field.children if each.tag == tag), None)
    if child is None:
        if required:
            yield Issue("TAG_MISSING", f"{field.tag}.{tag}", field.offset)
    elif not good(child.value):
        yield Issue("VALUE_WRONG", f"{field.tag}.{tag}", child.offset, warning)
