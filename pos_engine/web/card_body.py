"""A payer who shows our own card: its number or its sticker, with the PIN belanja."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr, model_validator
from pydantic.functional_validators import AfterValidator

from pos_engine.rules.identity import (
    CARD_DIGITS,
    PIN_DIGITS,
    compact,
    is_digits,
    is_own_card,
    luhn_ok,
)
from pos_engine.services.payer import CardProof, SealedProof
from pos_engine.web.sealed_pin import Sealed
from pos_engine.web.strict import Strict
from pos_engine.wire.card_qr import read_card_qr


def six_digits(value: SecretStr) -> SecretStr:
    """A PIN or code; a ValueError names what is wrong, never the digits."""
    if not is_digits(value.get_secret_value(), PIN_DIGITS):
        message = f"must be {PIN_DIGITS} digits"
        raise ValueError(message)
    return value


def _sticker(value: SecretStr) -> SecretStr:
    if read_card_qr(value.get_secret_value()) is None:
        message = "must be the text of a card's sticker"
        raise ValueError(message)
    return value


Digits6 = Annotated[
    SecretStr, AfterValidator(six_digits), Field(json_schema_extra={"pattern": "^[0-9]{6}$"})
]
CardQrText = Annotated[
    SecretStr,
    AfterValidator(_sticker),
    Field(json_schema_extra={"pattern": "^EWK1:[A-Za-z0-9_-]{16}:[A-Za-z0-9_-]{22}$"}),
]


class CardIn(Strict):
    """Our own card, by number or by its sticker, with its PIN belanja. A bank card has no PIN."""

    method: Literal["KKS"]
    card: SecretStr | None = None
    card_qr: CardQrText | None = None
    pin: Digits6 | None = None
    pin_sealed: Sealed | None = None

    @model_validator(mode="after")
    def _one_pin(self) -> "CardIn":
        if (self.pin is None) == (self.pin_sealed is None):
            message = "exactly one of pin and pin_sealed"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _own_card(self) -> "CardIn":
        if (self.card is None) == (self.card_qr is None):
            message = "exactly one of card and card_qr"
            raise ValueError(message)
        if self.card is None:
            return self
        number = compact(self.card.get_secret_value())
        if not is_digits(number, CARD_DIGITS) or not luhn_ok(number):
            message = "card: 16 digits whose check digit fits"
            raise ValueError(message)
        if not is_own_card(number):
            message = "card: a bank card is never used with a PIN here; nothing was kept"
            raise ValueError(message)
        return self

    @property
    def number(self) -> str:
        """The card's number without spaces, or the text of its sticker."""
        if self.card is not None:
            return compact(self.card.get_secret_value())
        return self.card_qr.get_secret_value() if self.card_qr is not None else ""

    def to_proof(self) -> CardProof | SealedProof:
        """The value for the services, or one whose PIN is to be opened for them."""
        pin = self.pin.get_secret_value() if self.pin else ""
        proof = CardProof(self.number, pin)
        if self.pin_sealed is None:
            return proof
        return SealedProof(proof, self.pin_sealed.get_secret_value())
