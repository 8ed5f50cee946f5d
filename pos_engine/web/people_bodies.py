"""Shapes of requests about people who stand in for others, and of the fallback ladder."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr, model_validator
from pydantic.functional_validators import AfterValidator

from pos_engine.rules.identity import (
    CARD_DIGITS,
    compact,
    is_digits,
    is_own_card,
    luhn_ok,
    phone_number,
)
from pos_engine.rules.ladder import Access, Way
from pos_engine.rules.supervision import NoOtherWay
from pos_engine.services.delegates import DelegationOrder
from pos_engine.services.ladder import LadderAsk
from pos_engine.services.supervise import Claim, SupervisionOrder
from pos_engine.web.card_body import Digits6
from pos_engine.web.enrolment_bodies import Note, Witness
from pos_engine.web.schemas import (
    Amount,
    BirthDate,
    Code,
    Token,
    Uuid7,
    real_nik,
)
from pos_engine.web.strict import Strict


def _own_card(value: SecretStr) -> SecretStr:
    number = compact(value.get_secret_value())
    if not (is_digits(number, CARD_DIGITS) and luhn_ok(number) and is_own_card(number)):
        message = "must be a card of our own series, 16 digits whose check digit fits"
        raise ValueError(message)
    return SecretStr(number)


Nik = Annotated[
    SecretStr, AfterValidator(lambda value: SecretStr(real_nik(value.get_secret_value())))
]
OwnCard = Annotated[SecretStr, AfterValidator(_own_card)]


class LadderIn(Strict):
    """What she says at the till: not this way, rather that one, and how she can."""

    till_id: Code
    quote_id: Token | None = None
    payer_token: Token | None = None
    skip: Way | None = None
    choose: Way | None = None
    access: list[Access] = Field(default_factory=list, max_length=len(Access))

    def to_ask(self) -> LadderAsk:
        """The value for the services."""
        return LadderAsk(self.skip, self.choose, frozenset(self.access), self.payer_token)


class DelegationIn(Strict):
    """Who shall buy for whom, until which last day."""

    delegation_id: Uuid7
    kpm_id: Code
    nik: Nik
    name: Witness
    birth_date: BirthDate
    expires_on: BirthDate

    def to_order(self) -> DelegationOrder:
        """The value for the services."""
        return DelegationOrder(
            delegation_id=self.delegation_id,
            kpm_id=self.kpm_id,
            nik=self.nik.get_secret_value(),
            name=self.name,
            birth_date=self.birth_date,
            expires_on=self.expires_on,
        )


class SupervisionIn(Strict):
    """Two people shall vouch for a family: named by one of four numbers, none of them a proof."""

    till_id: Code
    supervision_id: Uuid7
    card: OwnCard | None = None
    nik: Nik | None = None
    msisdn: SecretStr | None = None
    kpm_id: Code | None = None
    amount: Amount
    no_other_way: NoOtherWay
    pin: Digits6

    @model_validator(mode="after")
    def _one_claim(self) -> "SupervisionIn":
        given = [self.card, self.nik, self.msisdn, self.kpm_id]
        if sum(each is not None for each in given) != 1:
            message = "exactly one of card, nik, msisdn and kpm_id"
            raise ValueError(message)
        if self.msisdn is not None and phone_number(self.msisdn.get_secret_value()) is None:
            message = "msisdn must be an Indonesian mobile number"
            raise ValueError(message)
        return self

    def to_order(self) -> SupervisionOrder:
        """The value for the services."""
        return SupervisionOrder(
            self.supervision_id,
            self._claim(),
            self.amount,
            self.no_other_way,
            self.pin.get_secret_value(),
        )

    def _claim(self) -> Claim:
        if self.card is not None:
            return Claim("KKS", self.card.get_secret_value())
        if self.nik is not None:
            return Claim("NIK", self.nik.get_secret_value())
        if self.msisdn is not None:
            return Claim("PHONE", phone_number(self.msisdn.get_secret_value()) or "")
        return Claim("KPM", self.kpm_id or "")


class OfficerPinIn(Strict):
    """The PIN of the officer who says yes."""

    pin: Digits6


class AccessIn(Strict):
    """What a person told; an empty list takes it back."""

    kpm_id: Code
    person_id: Code
    classes: list[Access] = Field(max_length=len(Access))


class CaseIn(Strict):
    """What there was."""

    note: Note


class PinCodeIn(Strict):
    """Send a code for a new PIN to the phone of the card's family."""

    till_id: Code
    reset_id: Uuid7
    card: OwnCard


class PinIn(Strict):
    """A new PIN belanja, typed by the KPM: with card and code, or with two witnesses."""

    till_id: Code
    pin: Digits6
    reset_id: Uuid7 | None = None
    card: OwnCard | None = None
    code: Digits6 | None = None
    witness_id: Uuid7 | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "PinIn":
        with_card = [self.reset_id, self.card, self.code]
        both = all(each is not None for each in with_card)
        none = all(each is None for each in with_card)
        if not (both and self.witness_id is None) and not (none and self.witness_id is not None):
            message = "either witness_id, or reset_id with card and code"
            raise ValueError(message)
        return self


class WitnessIn(Strict):
    """The first officer saw the KPM."""

    witness_id: Uuid7
    kpm_id: Code
    pin: Digits6


CaseStatus = Literal["OPEN", "CLOSED"]
