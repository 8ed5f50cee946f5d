"""Read a customer-presented QRIS: base64 of BER-TLV (EMVCo CPM). Never raises, never nests deep.

What it carries may name a person: values stay out of `repr`, only what a payment needs is taken.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass

from pos_engine.wire.tlv_issue import Issue

TEXT_LENGTH_MAX = 1_024
DEPTH_MAX = 4
NODES_MAX = 64
VERSION = b"CPV01"
AID = bytes.fromhex("A0000006022020")
NNS_DIGITS = 8  # 9360 and the bank's number
_MULTI_BYTE, _MORE, _CONSTRUCTED = 0x1F, 0x80, 0x20
_LONG = 0x80


@dataclass(frozen=True, slots=True, repr=False)
class Node:
    """One BER-TLV element; a constructed one has children."""

    tag: str
    value: bytes
    offset: int
    children: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Cpm:
    """A customer's code as read. `issuer_data` (9F74) is the issuer's one-use token."""

    pan: str | None
    issuer_data: str | None
    issues: tuple[Issue, ...]

    @property
    def valid(self) -> bool:
        """Was it a customer code of QRIS with a number in it."""
        return not self.issues

    @property
    def nns(self) -> str | None:
        """Who issued it: the first eight digits."""
        return self.pan[:NNS_DIGITS] if self.pan else None


def parse_cpm(text: str) -> Cpm:
    """Read any text as a customer's code; what is wrong is in `issues`, with tag and offset."""
    if len(text) > TEXT_LENGTH_MAX:
        return Cpm(None, None, (Issue("TOO_LONG", "", TEXT_LENGTH_MAX),))
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return Cpm(None, None, (Issue("NOT_BASE64", "", 0),))
    reader = _Reader(raw)
    nodes = reader.level(0, len(raw), 0)
    application = next(
        (each for each in _all(nodes) if each.tag == "61" and _first(each, "4F") == AID), None
    )
    issues = [*reader.issues, *_check(nodes, application)]
    if application is None:
        return Cpm(None, None, tuple(issues))
    pan, data = _pan(application), _first(application, "9F74")
    if pan is None:
        issues.append(Issue("PAN_MISSING", "5A", application.offset))
    return Cpm(pan, data.decode("ascii", "replace") if data is not None else None, tuple(issues))


class _Reader:
    """Bytes to nodes, with bounds on depth and number."""

    def __init__(self, raw: bytes) -> None:
        self._raw, self._count = raw, 0
        self.issues: list[Issue] = []

    def level(self, at: int, end: int, depth: int) -> tuple[Node, ...]:
        """The elements from `at` to `end`; a broken one ends the level."""
        found = []
        while at < end and not self.issues:
            start, tag_end = at, self._tag_end(at, end)
            tag = self._raw[start:tag_end].hex().upper()
            length, at = self._length(tag_end, end)
            self._count += 1
            if length is None or at + length > end:
                self.issues.append(Issue("TLV_CUT", tag, start))
            elif self._count > NODES_MAX or depth > DEPTH_MAX:
                self.issues.append(Issue("TLV_TOO_MANY", tag, start))
            else:
                inner = self._raw[start] & _CONSTRUCTED
                children = self.level(at, at + length, depth + 1) if inner else ()
                found.append(Node(tag, self._raw[at : at + length], start, children))
                at += length
        return tuple(found)

    def _tag_end(self, at: int, end: int) -> int:
        if self._raw[at] & _MULTI_BYTE != _MULTI_BYTE:
            return at + 1
        at += 1
        while at < end and self._raw[at] & _MORE:
            at += 1
        return min(at + 1, end)

    def _length(self, at: int, end: int) -> tuple[int | None, int]:
        """The length and where the value begins; None when it is cut or not definite."""
        if at >= end:
            return None, at
        first = self._raw[at]
        if first < _LONG:
            return first, at + 1
        count = first - _LONG
        if count not in (1, 2) or at + 1 + count > end:
            return None, at
        return int.from_bytes(self._raw[at + 1 : at + 1 + count]), at + 1 + count


def _all(nodes: tuple[Node, ...]) -> Iterator[Node]:
    for each in nodes:
        yield each
        yield from _all(each.children)


def _first(node: Node, tag: str) -> bytes | None:
    return next((each.value for each in _all(node.children) if each.tag == tag), None)


def _check(nodes: tuple[Node, ...], application: Node | None) -> Iterator[Issue]:
    if not nodes or (nodes[0].tag, nodes[0].value) != ("85", VERSION):
        yield Issue("VERSION_NOT_FIRST", "85", 0)
    if application is None:
        yield Issue("APPLICATION_MISSING", "61", 0)


def _pan(application: Node) -> str | None:
    """The number from 5A (padded with F), or from track 2 up to its separator D."""
    packed = _first(application, "5A")
    if packed is None:
        track = _first(application, "57")
        digits = track.hex().upper().partition("D")[0] if track is not None else ""
    else:
        digits = packed.hex().upper().rstrip("F")
    return digits if digits.isdigit() and len(digits) > NNS_DIGITS else None
