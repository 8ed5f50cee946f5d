"""Shapes of requests: strict types, no unknown fields, no echo of what was sent."""

import base64
import binascii
import re
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import (
    AwareDatetime,
    BeforeValidator,
    Discriminator,
    Field,
    SecretStr,
    StrictInt,
    StrictStr,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.functional_validators import AfterValidator

from catalog.barcode import gtin_check_digit_ok
from pos_engine.rules.basket import Line
from pos_engine.rules.identity import phone_number as e164
from pos_engine.rules.ids import parse_uuid7
from pos_engine.rules.money import Rupiah
from pos_engine.rules.nik import nik_faults
from pos_engine.services.payer import (
    PayerProof,
    PhoneProof,
    TokenProof,
)
from pos_engine.web.bank_card_body import BankCardIn
from pos_engine.web.card_body import CardIn, Digits6, six_digits
from pos_engine.web.problem import ProblemError
from pos_engine.web.qr_payer_body import QrIn
from pos_engine.web.sealed_pin import Sealed
from pos_engine.web.strict import Strict

UNIT_PRICE_MAX = 100_000_000
QUANTITY_MILLI_BOUND = 10**12  # what an integer field may hold; the rules are stricter
TOKEN_LENGTH_MAX = 4_096
MSISDN_LENGTH_MAX = 32
LINES_READ_MAX = 1_000  # more than 50 is a refusal, more than this is no basket at all
IMAGES_MAX = 15
IMAGE_BYTES_MAX = 300 * 1024
IMAGES_BYTES_MAX = 2 * 1024 * 1024
YEAR_MIN, YEAR_MAX = 2000, 2100
DAY_PATTERN = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
FACTOR_PATTERN = f"^([0-9]{{6}}|{DAY_PATTERN})$"


def _text_only(value: Any) -> Any:
    if not isinstance(value, str):
        message = "must be a text"
        raise ValueError(message)  # noqa: TRY004 - pydantic turns ValueError into a field error
    return value


def _real_year(value: datetime) -> datetime:
    if not YEAR_MIN <= value.year <= YEAR_MAX:
        message = f"the year must be {YEAR_MIN} to {YEAR_MAX}"
        raise ValueError(message)
    return value


def _uuid7(value: str) -> str:
    parsed = parse_uuid7(value)
    if parsed is None:
        message = "must be a UUIDv7"
        raise ValueError(message)
    return parsed


def _mobile(value: str) -> str:
    number = e164(value)
    if number is None:
        message = "must be an Indonesian mobile number"
        raise ValueError(message)
    return number


def real_nik(value: str) -> str:
    """A NIK by its structure; a ValueError names the part that does not fit, never the number."""
    faults = nik_faults(value)
    if faults:
        message = f"must be a NIK of 16 digits; does not fit: {', '.join(faults)}"
        raise ValueError(message)
    return value


def _printable(value: SecretStr) -> SecretStr:
    if not (value.get_secret_value().isascii() and value.get_secret_value().isprintable()):
        message = "must be printable ASCII"
        raise ValueError(message)
    return value


def _day(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    message = "must be a day, written 1980-05-17"
    if re.fullmatch(DAY_PATTERN, text, re.ASCII) is None:
        raise ValueError(message)
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError(message) from None
    return value


def _gtin(value: str) -> str:
    if not gtin_check_digit_ok(value):
        message = "must be a GTIN whose check digit fits"
        raise ValueError(message)
    return value


Code = Annotated[StrictStr, Field(pattern=r"^[\x20-\x7e]{1,64}$")]
Moment = Annotated[AwareDatetime, BeforeValidator(_text_only), AfterValidator(_real_year)]
BirthDate = Annotated[date, BeforeValidator(_text_only)]
Uuid7 = Annotated[StrictStr, AfterValidator(_uuid7)]
Msisdn = Annotated[StrictStr, Field(max_length=MSISDN_LENGTH_MAX), AfterValidator(_mobile)]
Token = Annotated[StrictStr, Field(min_length=1, max_length=TOKEN_LENGTH_MAX)]
Amount = Annotated[StrictInt, Field(ge=1, le=UNIT_PRICE_MAX)]


class LineIn(Strict):
    """A line by `sku` (in `unit`, the good's own by default) or by `gtin` (per pack)."""

    sku: Code | None = None
    gtin: Annotated[StrictStr, AfterValidator(_gtin)] | None = None
    quantity_milli: Annotated[StrictInt, Field(ge=-QUANTITY_MILLI_BOUND, le=QUANTITY_MILLI_BOUND)]
    unit_price: Annotated[StrictInt, Field(ge=1, le=UNIT_PRICE_MAX)]
    unit: Code | None = None

    @model_validator(mode="after")
    def _one_name(self) -> "LineIn":
        if (self.sku is None) == (self.gtin is None):
            message = "exactly one of sku and gtin"
            raise ValueError(message)
        return self

    def to_line(self) -> Line:
        """The value for the rules."""
        return Line(self.sku, self.gtin, self.quantity_milli, Rupiah(self.unit_price), self.unit)


Lines = Annotated[list[LineIn], Field(max_length=LINES_READ_MAX)]


class TokenIn(Strict):
    """A payer token from identify."""

    token: Token

    def to_proof(self) -> PayerProof:
        """The value for the services."""
        return TokenProof(self.token)


class PhoneIn(Strict):
    """A phone number and the code that was sent to it for this purchase."""

    method: Literal["PHONE"]
    msisdn: Msisdn
    code: Digits6

    def to_proof(self) -> PayerProof:
        """The value for the services."""
        return PhoneProof(self.msisdn, self.code.get_secret_value())


def payer_kind(value: Any) -> str:
    """Which proof a payer's body is, by its fields."""
    if isinstance(value, dict):
        if value.get("method") == "KKS" and "pin_block" in value:
            return "BANK_CARD"
        return "TOKEN" if "token" in value else str(value.get("method"))
    return "TOKEN"


PayerIn = Annotated[
    Annotated[TokenIn, Tag("TOKEN")]
    | Annotated[CardIn, Tag("KKS")]
    | Annotated[BankCardIn, Tag("BANK_CARD")]
    | Annotated[PhoneIn, Tag("PHONE")]
    | Annotated[QrIn, Tag("QR")],
    Discriminator(payer_kind),
]


class PurchaseIn(Strict):
    """A purchase as the till asks it."""

    till_id: Code
    occurred_at: Moment
    payer: PayerIn
    lines: Lines


QuotePayerIn = Annotated[
    Annotated[TokenIn, Tag("TOKEN")] | Annotated[CardIn, Tag("KKS")], Discriminator(payer_kind)
]


class QuoteIn(Strict):
    """A basket to be judged, with the payer when one is known already."""

    lines: Lines
    payer: QuotePayerIn | None = None


def decoded_picture(value: str) -> bytes:
    """The bytes behind base64; a ValueError names the field."""
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        message = "must be base64"
        raise ValueError(message) from None


Pictures = Annotated[
    list[Annotated[StrictStr, AfterValidator(decoded_picture)]],
    Field(min_length=1, max_length=IMAGES_MAX),
]


class FaceIn(Strict):
    """Pictures of the face of somebody who brings nothing."""

    method: Literal["FACE"]
    till_id: Code
    images: Pictures
    challenge_id: Uuid7 | None = None
    birth_date: BirthDate | None = None
    quote_id: Token | None = None


class KtpIn(Strict):
    """A NIK and pictures of the face it claims; a delegate may say for which family she buys."""

    method: Literal["KTP"]
    till_id: Code
    nik: Annotated[
        SecretStr, AfterValidator(lambda value: SecretStr(real_nik(value.get_secret_value())))
    ]
    images: Pictures
    challenge_id: Uuid7 | None = None
    for_kpm_id: Code | None = None
    quote_id: Token | None = None


class PhoneAskIn(Strict):
    """Ask for a code: good for this purchase at this shop and at most this amount."""

    method: Literal["PHONE"]
    till_id: Code
    msisdn: Msisdn
    purchase_id: Uuid7
    amount: Amount
    quote_id: Token | None = None


class CardAskIn(CardIn):
    """Card and PIN, to get a payer token."""

    till_id: Code
    quote_id: Token | None = None


class ContinueIn(Strict):
    """The step-up of an earlier answer. A CODE without `value` asks for a code to be sent.

    `value` is six digits for PIN and CODE, a day as `1980-05-17` for BIRTH_DATE; a PIN may come
    as `pin_sealed` instead.
    """

    till_id: Code
    token: Token = Field(alias="continue")
    factor: Literal["PIN", "CODE", "BIRTH_DATE"]
    pin_sealed: Sealed | None = None
    value: SecretStr | None = Field(
        default=None, validate_default=True, json_schema_extra={"pattern": FACTOR_PATTERN}
    )
    purchase_id: Uuid7 | None = None
    amount: Amount | None = None
    quote_id: Token | None = None

    @field_validator("value")
    @classmethod
    def _fits_its_factor(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        factor = info.data.get("factor")  # missing when it was refused itself
        sealed = info.data.get("pin_sealed") is not None
        if sealed and (factor != "PIN" or value is not None):
            message = "a sealed PIN stands alone, with PIN"
            raise ValueError(message)
        if value is None and not sealed and factor in ("PIN", "BIRTH_DATE"):
            message = f"is needed with {factor}"
            raise ValueError(message)
        if value is not None and factor is not None:
            return _day(value) if factor == "BIRTH_DATE" else six_digits(value)
        return value

    @model_validator(mode="after")
    def _complete(self) -> "ContinueIn":
        if self.factor == "CODE" and (self.purchase_id is None or self.amount is None):
            message = "purchase_id and amount are needed with a code"
            raise ValueError(message)
        return self


def _identify_kind(value: Any) -> str:
    if isinstance(value, dict):
        return "CONTINUE" if "continue" in value else str(value.get("method"))
    return "FACE"


IdentifyIn = Annotated[
    Annotated[FaceIn, Tag("FACE")]
    | Annotated[KtpIn, Tag("KTP")]
    | Annotated[PhoneAskIn, Tag("PHONE")]
    | Annotated[CardAskIn, Tag("KKS")]
    | Annotated[ContinueIn, Tag("CONTINUE")],
    Discriminator(_identify_kind),
]


def pictures_within_limits(images: list[Any]) -> list[bytes]:
    """The pictures as bytes; 413 when one or all together are too large."""
    for place, image in enumerate(images):
        if len(image) > IMAGE_BYTES_MAX:
            raise ProblemError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                "IMAGE_TOO_LARGE",
                f"Gambar paling besar {IMAGE_BYTES_MAX // 1024} KiB.",
                f"images.{place}",
            )
    if sum(len(image) for image in images) > IMAGES_BYTES_MAX:
        raise ProblemError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "IMAGE_TOO_LARGE",
            f"Semua gambar bersama paling besar {IMAGES_BYTES_MAX // 1024} KiB.",
            "images",
        )
    return images


class SessionIn(Strict):
    """Log-in of a member of staff on a device."""

    device_id: Code
    device_secret: Annotated[SecretStr, Field(max_length=128)]
    staff_id: Code
    pin: Digits6
    code: Annotated[SecretStr, Field(max_length=32), AfterValidator(_printable)] | None = None


class RefreshIn(Strict):
    """A refresh token."""

    refresh_token: Annotated[SecretStr, Field(max_length=256), AfterValidator(_printable)]
