"""What comes from an operator by SMPP 3.4: delivery reports, texts, dialogues."""

import re
from dataclasses import dataclass
from enum import StrEnum

from pos_engine.wire import gsm7

ESM_TYPE, ESM_DELIVERY_REPORT, ESM_HEADER = 0x3C, 0x04, 0x40  # bits of esm_class (§5.2.12)
UCS2, LATIN_1, ASCII = 0x08, 0x03, 0x01  # data_coding (§5.2.19)
TEXT_BYTES_MAX = 1_024
# ussd_service_op (§5.3.2.44): what the phone's network asks, and what we answer
PSSR_INDICATION, USSR_REQUEST, PSSR_RESPONSE, USSR_CONFIRM = 1, 2, 17, 18
_ID = re.compile(rb"\bid:([!-~]{1,64})")
_STATE = re.compile(rb"\bstat:([A-Z]{3,10})")
_CONCATENATED = {0x00: 5, 0x08: 6}  # kind of part: which octet of the header counts it


class Delivery(StrEnum):
    """What became of a text."""

    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    ON_ITS_WAY = "ON_ITS_WAY"


# message_state (§5.2.28) and its short form in the text of a report (appendix B)
_BY_NUMBER = {1: "ENROUTE", 2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 6: "ACCEPTD",
              7: "UNKNOWN", 8: "REJECTD"}  # fmt: skip
_BY_WORD = {"DELIVRD": Delivery.DELIVERED, "EXPIRED": Delivery.FAILED, "DELETED": Delivery.FAILED,
            "UNDELIV": Delivery.FAILED, "REJECTD": Delivery.FAILED}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """A delivery report: of which text (the operator's number), and what it says."""

    gateway_id: str
    delivery: Delivery
    word: str


def is_report(esm_class: int) -> bool:
    """Is this deliver_sm a delivery report."""
    return esm_class & ESM_TYPE == ESM_DELIVERY_REPORT


def read_report(text: bytes, told_id: bytes | None, told_state: int | None) -> Report | None:
    """The report in a text of appendix B, or in TLVs, which win; None when it names no text."""
    in_text, state = _ID.search(text), _STATE.search(text)
    number = told_id.split(b"\0", 1)[0].decode("ascii", "replace") if told_id else ""
    if not number and in_text:
        number = in_text[1].decode("ascii")
    word = _BY_NUMBER.get(told_state, "") if told_state is not None else ""
    if not word and state:
        word = state[1].decode("ascii")
    if not 1 <= len(number) <= 64:  # noqa: PLR2004 - message_id (§5.2.23)
        return None
    return Report(number, _BY_WORD.get(word, Delivery.ON_ITS_WAY), word)


def read_text(octets: bytes, data_coding: int, esm_class: int) -> str | None:
    """The text of a message; None for a second part of a long one. Never an error."""
    body = octets[:TEXT_BYTES_MAX]
    if esm_class & ESM_HEADER and body:
        header, body = body[: body[0] + 1], body[body[0] + 1 :]
        if _later_part(header):
            return None
    if data_coding == UCS2:
        return body.decode("utf-16-be", "replace")
    if data_coding in (ASCII, LATIN_1):
        return body.decode("latin-1")
    return gsm7.decode(body)


def _later_part(header: bytes) -> bool:
    """Is this the second or a later part (3GPP TS 23.040 §9.2.3.24)."""
    place = _CONCATENATED.get(header[1]) if len(header) > 1 else None
    return place is not None and len(header) > place and header[place] > 1
