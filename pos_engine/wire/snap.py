"""SNAP of Bank Indonesia: what is signed, how money and moments are written, what is answered."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from pos_engine.rules.money import Rupiah
from pos_engine.rules.qris import QrisRefusal
from pos_engine.rules.reasons import Reason
from pos_engine.wire.response import WORDINGS

CURRENCY = "IDR"
EXTERNAL_ID = re.compile(r"[0-9A-Za-z-]{1,36}")
CHANNEL_ID = re.compile(r"[0-9A-Za-z]{1,5}")
_AMOUNT = re.compile(r"([0-9]{1,13})\.00")
# A whole text in quotes is kept, white space outside of them goes. A text that never ends is taken
# to the end at once: looking for its end again from each quote would take forever.
_TEXT_OR_SPACE = re.compile(rb'("(?:[^"\\]|\\.)*+"?)|[ \t\r\n]++', re.DOTALL)


class Service(Enum):
    """Two digits in the middle of every answer."""

    TOKEN = "73"  # noqa: S105 - SNAP's number of the service
    GENERATE = "47"
    QUERY = "51"
    NOTIFY = "52"
    CPM = "60"


@dataclass(frozen=True, slots=True)
class Case:
    """An answer: HTTP status, case, words. Machines read the number, the words are SNAP's own."""

    http: int
    case: str
    message: str

    def code(self, service: Service) -> str:
        """The responseCode."""
        return f"{self.http}{service.value}{self.case}"


OK = Case(200, "00", "Successful")
MALFORMED = Case(400, "01", "Invalid Field Format")
MISSING = Case(400, "02", "Invalid Mandatory Field")
UNAUTHORIZED = Case(401, "00", "Unauthorized. Signature")
TIME_OUTSIDE = Case(401, "00", "Unauthorized. X-TIMESTAMP")
UNKNOWN_CLIENT = Case(401, "00", "Unauthorized. Unknown Client")
TOKEN_INVALID = Case(401, "01", "Invalid Token (B2B)")
FEE_REFUSED = Case(403, "15", "Transaction Not Permitted. No fee on social aid")
# CPM of QRIS needs a national numbering prefix, which only a licensed provider has.
CPM_NOT_LICENSED = Case(
    403,
    "15",
    "Transaction Not Permitted. This NNS is no licensed partner of ours: show our own QR instead",
)
CODE_DEAD = Case(403, "12", "Invalid OTP. The customer's code has expired or is not ours")
NOT_FOUND = Case(404, "01", "Transaction Not Found")
MERCHANT_UNKNOWN = Case(404, "08", "Invalid Merchant")
AMOUNT_DIFFERS = Case(404, "13", "Invalid Amount")
INCONSISTENT = Case(404, "18", "Inconsistent Request")
EXTERNAL_ID_USED = Case(409, "00", "Conflict")
GENERAL_ERROR = Case(500, "00", "General Error")
TRY_AGAIN = Case(504, "00", "Timeout. Ask again")

REFUSALS: dict[QrisRefusal, Case] = {
    QrisRefusal.CODE_BROKEN: Case(400, "01", "Invalid Field Format qrContent"),
    QrisRefusal.SHOP_UNKNOWN: MERCHANT_UNKNOWN,
    QrisRefusal.OTHER_SHOP: MERCHANT_UNKNOWN,
    QrisRefusal.BASKET_UNKNOWN: NOT_FOUND,
    QrisRefusal.BASKET_EXPIRED: Case(403, "15", "Transaction Not Permitted. Expired"),
    QrisRefusal.BASKET_NOT_LAWFUL: Case(403, "15", "Transaction Not Permitted. Not lawful"),
    QrisRefusal.AMOUNT_DIFFERS: AMOUNT_DIFFERS,
    QrisRefusal.PAID_ALREADY: Case(404, "00", "Invalid Transaction Status. Paid already"),
    QrisRefusal.NMID_PENDING: MERCHANT_UNKNOWN,
}


def case_of(reason: Reason) -> Case:
    """The answer to a refused purchase, by the one table of reasons; the sentence is Indonesian."""
    http, _, case = WORDINGS[reason].snap.partition("-")
    return Case(int(http), case, f"{reason.value}. {WORDINGS[reason].next_step}")


def minified(body: bytes) -> bytes:
    """JSON without the white space between its values: what a signature covers."""
    return _TEXT_OR_SPACE.sub(rb"\1", body)


def text_for_token(client_key: str, timestamp: str) -> bytes:
    """What is signed to get a token: SHA256withRSA."""
    return f"{client_key}|{timestamp}".encode()


def text_for_call(method: str, path: str, token: str, body: bytes, timestamp: str) -> bytes:
    """What is signed with each call: HMAC-SHA512 with the client's secret."""
    digest = hashlib.sha256(minified(body)).hexdigest()
    return f"{method}:{path}:{token}:{digest}:{timestamp}".encode()


def moment(text: str) -> datetime | None:
    """An ISO 8601 moment with its offset; None for anything else."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return None
    return value if value.tzinfo is not None else None


def rupiah(value: str, currency: str) -> Rupiah | None:
    """The sum of `{"value":"67000.00","currency":"IDR"}`; None when it is no whole rupiah."""
    found = _AMOUNT.fullmatch(value)
    return Rupiah(int(found[1])) if found and currency == CURRENCY else None


def amount_json(amount: int) -> dict[str, str]:
    """A sum as SNAP writes it."""
    return {"value": f"{amount}.00", "currency": CURRENCY}
