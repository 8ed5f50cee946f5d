"""A bank's own card in a request: what only the bank can read passes through, unkept."""

from typing import Annotated, Literal

from pydantic import SecretStr, model_validator
from pydantic.functional_validators import AfterValidator

from pos_engine.rules.identity import HEX, PIN_BLOCK_SIGNS, bank_card_ok, compact
from pos_engine.services.payer import BankCardProof
from pos_engine.web.strict import Strict


def _hexadecimal(value: SecretStr) -> SecretStr:
    if HEX.fullmatch(value.get_secret_value()) is None:
        message = "must be 10 to 20 hexadecimal signs, upper case"
        raise ValueError(message)
    return value


Hex = Annotated[SecretStr, AfterValidator(_hexadecimal)]


class BankCardIn(Strict):
    """A bank's own card with its PIN block (ISO 9564) and key serial number."""

    method: Literal["KKS"]
    card: SecretStr
    pin_block: Hex
    ksn: Hex

    @model_validator(mode="after")
    def _a_bank_card(self) -> "BankCardIn":
        if not bank_card_ok(compact(self.card.get_secret_value())):
            message = "card: 16 to 19 digits of a bank's card; one of ours comes with a pin"
            raise ValueError(message)
        if len(self.pin_block.get_secret_value()) != PIN_BLOCK_SIGNS:
            message = f"pin_block: {PIN_BLOCK_SIGNS} hexadecimal signs"
            raise ValueError(message)
        return self

    def to_proof(self) -> BankCardProof:
        """The value for the services."""
        return BankCardProof(
            compact(self.card.get_secret_value()),
            self.pin_block.get_secret_value(),
            self.ksn.get_secret_value(),
        )
