"""Write a QRIS for a shop: static, or dynamic with an amount and the basket's reference."""

import re
import unicodedata
from dataclasses import dataclass
from uuid import UUID

from pos_engine.rules.ids import UUID_VERSION, PurchaseId
from pos_engine.wire.qris import CRC_HEAD, DYNAMIC, REPOSITORY_DOMAIN, STATIC, crc

REFERENCE_LENGTH = 25  # a UUID has 36 letters and 62.05 holds 25: 128 bits in base 36 are 25
NAME_LENGTH_MAX, CITY_LENGTH_MAX = 25, 15
VALUE_LENGTH_MAX = 99
TERMINAL = "A01"
_DIGITS36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_REFERENCE = re.compile(r"[0-9A-Z]{25}")
_NOT_PRINTABLE = re.compile(r"[^\x20-\x7e]")


@dataclass(frozen=True, slots=True)
class Merchant:
    """What the acquiring provider gave a shop: its account, its national id, how it is shown."""

    domain: str
    mpan: str
    merchant_id: str
    criteria: str
    nmid: str
    mcc: str
    name: str
    city: str
    postal_code: str


def build(merchant: Merchant, *, amount: int | None = None, reference: str | None = None) -> str:
    """The payload. No tip is ever asked for: a KPM must not pay extra. ValueError: too long."""
    account = [
        ("00", merchant.domain),
        ("01", merchant.mpan),
        ("02", merchant.merchant_id),
        ("03", merchant.criteria),
    ]
    repository = [("00", REPOSITORY_DOMAIN), ("02", merchant.nmid), ("03", merchant.criteria)]
    text = _joined(
        [
            ("00", "01"),
            ("01", STATIC if amount is None else DYNAMIC),
            ("26", _joined(account)),
            ("51", _joined(repository)),
            ("52", merchant.mcc),
            ("53", "360"),
            ("54", "" if amount is None else str(amount)),
            ("58", "ID"),
            ("59", shown(merchant.name, NAME_LENGTH_MAX)),
            ("60", shown(merchant.city, CITY_LENGTH_MAX)),
            ("61", merchant.postal_code),
            ("62", _joined([("05", reference or ""), ("07", TERMINAL)])),
        ]
    )
    return f"{text}{CRC_HEAD}{crc(text + CRC_HEAD)}"


def shown(text: str, length: int) -> str:
    """A name as a code can hold it: plain letters without accents, cut to its length."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _NOT_PRINTABLE.sub(" ", plain).strip()[:length].strip()


def reference_of(purchase_id: str) -> str:
    """A purchase id as 62.05 carries it: base 36, 25 letters. ValueError when it is no UUID."""
    number, letters = UUID(purchase_id).int, ""
    while number:
        number, digit = divmod(number, 36)
        letters = _DIGITS36[digit] + letters
    return letters.rjust(REFERENCE_LENGTH, "0")


def purchase_of(reference: str) -> PurchaseId | None:
    """The purchase id behind a reference; None when it is none of ours."""
    if not _REFERENCE.fullmatch(reference):
        return None
    number = int(reference, 36)
    if number >> 128:
        return None
    value = UUID(int=number)
    return PurchaseId(str(value)) if value.version == UUID_VERSION else None


def _joined(parts: list[tuple[str, str]]) -> str:
    """Tags in order; an empty value leaves its tag out."""
    if any(len(value) > VALUE_LENGTH_MAX for _, value in parts):
        raise ValueError("a value is longer than its two digits can say")
    return "".join(f"{tag}{len(value):02d}{value}" for tag, value in parts if value)
