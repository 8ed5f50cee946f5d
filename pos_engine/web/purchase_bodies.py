"""A purchase body read at once by msgspec: the request, or None when it needs a closer look.

It accepts nothing that `schemas.PurchaseIn` refuses, and reads the same values. What it does not
accept goes the ordinary way, where that model says what is wrong with which field.
"""

import re
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from catalog.barcode import gtin_check_digit_ok
from pos_engine.rules.basket import Line
from pos_engine.rules.identity import (
    CARD_DIGITS,
    HEX,
    PIN_BLOCK_SIGNS,
    PIN_DIGITS,
    bank_card_ok,
    compact,
    is_digits,
    is_own_card,
    luhn_ok,
    phone_number,
)
from pos_engine.rules.money import Rupiah
from pos_engine.services.payer import (
    BankCardProof,
    CardProof,
    PayerProof,
    PhoneProof,
    QrProof,
    SealedProof,
    TokenProof,
)
from pos_engine.services.pin_sealing import SEALED_LENGTH_MAX
from pos_engine.web.qr_payer_body import KPM_CODE_LENGTH_MAX
from pos_engine.web.schemas import (
    LINES_READ_MAX,
    MSISDN_LENGTH_MAX,
    QUANTITY_MILLI_BOUND,
    TOKEN_LENGTH_MAX,
    UNIT_PRICE_MAX,
    YEAR_MAX,
    YEAR_MIN,
)
from pos_engine.wire.card_qr import read_card_qr

_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
Code = Annotated[str, Meta(pattern=r"\A[\x20-\x7e]{1,64}\Z")]
Text = str | UnsetType
NO_PIN = "0" * PIN_DIGITS  # stands where a sealed one will be


class LineBody(Struct, forbid_unknown_fields=True):
    """A line by `sku` or by `gtin`."""

    quantity_milli: Annotated[int, Meta(ge=-QUANTITY_MILLI_BOUND, le=QUANTITY_MILLI_BOUND)]
    unit_price: Annotated[int, Meta(ge=1, le=UNIT_PRICE_MAX)]
    sku: Code | None = None
    gtin: str | None = None
    unit: Code | None = None


class PayerBody(Struct, forbid_unknown_fields=True):
    """A token, card, phone or shown code: which of them follows from the fields that are there."""

    token: Text = UNSET
    method: Literal["KKS", "PHONE", "QR"] | UnsetType = UNSET
    card: Text = UNSET
    card_qr: Text = UNSET
    pin: Text = UNSET
    pin_sealed: Text = UNSET
    pin_block: Text = UNSET
    ksn: Text = UNSET
    msisdn: Text = UNSET
    code: Text = UNSET


class PurchaseBody(Struct, forbid_unknown_fields=True):
    """A purchase as the till asks it."""

    till_id: Code
    occurred_at: str
    payer: PayerBody
    lines: Annotated[list[LineBody], Meta(max_length=LINES_READ_MAX)]


class Asked(Struct, frozen=True):
    """What a body asks for."""

    till_id: str
    occurred_at: datetime
    proof: PayerProof | SealedProof
    lines: tuple[Line, ...]


_decode = msgspec.json.Decoder(PurchaseBody).decode


def read_purchase(content: bytes) -> Asked | None:
    """What the body asks for, when every part of it is as it should be."""
    try:
        body = _decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    payer = body.payer
    sealed = payer.pin_sealed is not UNSET
    occurred_at, proof = _moment(body.occurred_at), (_sealed if sealed else _proof)(payer)
    lines = tuple(Line(e.sku, e.gtin, e.quantity_milli, Rupiah(e.unit_price), e.unit)
                  for e in body.lines)  # fmt: skip
    if occurred_at is None or proof is None or not all(map(_named_once, lines)):
        return None
    return Asked(body.till_id, occurred_at, proof, lines)


def _named_once(line: Line) -> bool:
    if line.gtin is None:
        return line.sku is not None
    return line.sku is None and gtin_check_digit_ok(line.gtin)


def _moment(text: str) -> datetime | None:
    """A moment with its zone, to the microsecond; other spellings take the ordinary way."""
    if _MOMENT.fullmatch(text) is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if YEAR_MIN <= moment.year <= YEAR_MAX else None


def _proof(payer: PayerBody) -> PayerProof | None:
    if payer.pin_block is not UNSET or payer.ksn is not UNSET:
        return _bank_card(payer)
    card = payer.card if payer.card_qr is UNSET else payer.card_qr
    match (payer.token, payer.method, card, payer.pin, payer.msisdn, payer.code):
        case (str(token), UnsetType(), UnsetType(), UnsetType(), UnsetType(), UnsetType()):
            return TokenProof(token) if 1 <= len(token) <= TOKEN_LENGTH_MAX else None
        case (UnsetType(), "KKS", str(), str(pin), UnsetType(), UnsetType()):
            return _card(payer, pin)
        case (UnsetType(), "PHONE", UnsetType(), UnsetType(), str(msisdn), str(code)):
            return _phone(msisdn, code)
        case (UnsetType(), "QR", UnsetType(), UnsetType(), UnsetType(), str(code)):
            return QrProof(code) if 1 <= len(code) <= KPM_CODE_LENGTH_MAX else None
    return None


def _sealed(payer: PayerBody) -> SealedProof | None:
    others = (payer.token, payer.pin, payer.pin_block, payer.ksn, payer.msisdn, payer.code)
    match (payer.method, payer.pin_sealed):
        case ("KKS", str(sealed)) if all(each is UNSET for each in others):
            proof = _card(payer, NO_PIN)
            right = 1 <= len(sealed) <= SEALED_LENGTH_MAX
            return SealedProof(replace(proof, pin=""), sealed) if proof and right else None
    return None


def _bank_card(payer: PayerBody) -> PayerProof | None:
    if payer.card_qr is not UNSET:
        return None
    match (payer.token, payer.method, payer.card, payer.pin, payer.msisdn, payer.code):
        case (UnsetType(), "KKS", str(card), UnsetType(), UnsetType(), UnsetType()):
            number, block, ksn = compact(card), payer.pin_block, payer.ksn
            if not (isinstance(block, str) and isinstance(ksn, str) and bank_card_ok(number)):
                return None
            right = len(block) == PIN_BLOCK_SIGNS and HEX.fullmatch(block) and HEX.fullmatch(ksn)
            return BankCardProof(number, block, ksn) if right else None
    return None


def _card(payer: PayerBody, pin: str) -> CardProof | None:
    named = _named(payer)
    return CardProof(named, pin) if named and is_digits(pin, PIN_DIGITS) else None


def _named(payer: PayerBody) -> str | None:
    """Our own card by its number, or by the sticker on it; never by both."""
    match (payer.card, payer.card_qr):
        case (str(card), UnsetType()):
            number = compact(card)
            ours = is_digits(number, CARD_DIGITS) and luhn_ok(number) and is_own_card(number)
            return number if ours else None
        case (UnsetType(), str(text)):
            return text if read_card_qr(text) else None
    return None


def _phone(msisdn: str, code: str) -> PhoneProof | None:
    number = phone_number(msisdn) if len(msisdn) <= MSISDN_LENGTH_MAX else None
    return PhoneProof(number, code) if number and is_digits(code, PIN_DIGITS) else None
