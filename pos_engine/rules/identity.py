"""Names and numbers of people: compact, check, mask. Nothing here ever prints one in full."""

import re
from enum import StrEnum

from lokal.nik import parse_nik
from lokal.phone import parse_phone

CARD_PREFIX = "9991"  # our own cards (ENGINE wallets): no bank issues under it
CARD_DIGITS = 16
PIN_DIGITS = 6
BANK_CARD_DIGITS = (16, 19)  # the fewest and the most
PIN_BLOCK_SIGNS = 16  # of ISO 9564, as hexadecimal: opaque to us
HEX = re.compile(r"[0-9A-F]{10,20}", re.ASCII)  # a PIN block, or a key serial number
TRIES_MAX = 3
_DOUBLE_CARRY = 9


class Method(StrEnum):
    """How a payer was proven."""

    KKS = "KKS"
    PHONE = "PHONE"
    FACE = "FACE"
    KTP = "KTP"
    QR = "QR"
    DELEGATE = "DELEGATE"  # a person whom the family lets buy for her
    SUPERVISED = "SUPERVISED"  # two people vouch for her
    UNKNOWN = "UNKNOWN"  # a token that is not ours


def luhn_ok(digits: str) -> bool:
    """The check digit of ISO/IEC 7812-1 Annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - _DOUBLE_CARRY if value > _DOUBLE_CARRY else value
    return total % 10 == 0


def luhn_digit(payload: str) -> str:
    """The digit that makes `payload` + digit pass `luhn_ok`."""
    return next(digit for digit in "0123456789" if luhn_ok(payload + digit))


def compact(digits: str) -> str:
    """Digits without the spaces and dashes people put between them."""
    return digits.replace(" ", "").replace("-", "")


def is_digits(text: str, length: int) -> bool:
    """Exactly `length` ASCII digits."""
    return len(text) == length and text.isascii() and text.isdigit()


def is_own_card(card: str) -> bool:
    """A number of our own series (its check digit is looked at separately)."""
    return card.startswith(CARD_PREFIX)


def bank_card_ok(card: str) -> bool:
    """The shape of a card number that a bank issued: never one of our own series."""
    least, most = BANK_CARD_DIGITS
    digits = card.isascii() and card.isdigit() and least <= len(card) <= most
    return digits and luhn_ok(card) and not is_own_card(card)


def phone_number(text: str) -> str | None:
    """E.164 of an Indonesian mobile number written any common way, or None."""
    parsed = parse_phone(text)
    return parsed.e164 if parsed.valid and parsed.type == "mobile" else None


def nik_ok(nik: str) -> bool:
    """Structure of a NIK: place, date, serial. An unknown district is no fault: codes change."""
    return parse_nik(nik).valid


def masked_name(name: str) -> str:
    """`Siti Wahyuni` -> `S*** W******`: enough for her to know it is she, and no more."""
    return " ".join(
        "*" if len(word) == 1 else word[0] + "*" * (len(word) - 1) for word in name.split()
    )
