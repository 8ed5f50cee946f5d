"""Shapes of requests about money put aside for selling without signal."""

from typing import Annotated

from pydantic import Discriminator, Field, StrictBool, StrictInt, Tag, model_validator

from pos_engine.web.card_body import CardIn
from pos_engine.web.schemas import UNIT_PRICE_MAX, Amount, TokenIn, Uuid7, payer_kind
from pos_engine.web.strict import Strict

SEQ_MAX = 2**53 - 1


class StickerIn(CardIn):
    """Our own card by its sticker: an offline sale is proven by it and the PIN."""

    @model_validator(mode="after")
    def _by_sticker(self) -> "StickerIn":
        if self.card_qr is None:
            message = "card_qr is needed: the sticker on the card"
            raise ValueError(message)
        return self


class AllowanceIn(Strict):
    """A family asks to put money aside for this device; without `amount` the usual sum."""

    allowance_id: Uuid7
    payer: StickerIn
    amount: Amount | None = None


ProvenIn = Annotated[
    Annotated[CardIn, Tag("KKS")] | Annotated[TokenIn, Tag("TOKEN")], Discriminator(payer_kind)
]


class RecallIn(Strict):
    """A family takes her money back: one proof of any kind, at any till."""

    recall_id: Uuid7
    payer: ProvenIn


class ClosingIn(Strict):
    """A device gives an allowance back: what it sold on it, and its newest envelope."""

    allowance_id: Uuid7
    spent: Annotated[StrictInt, Field(ge=0, le=UNIT_PRICE_MAX)]
    seq: Annotated[StrictInt, Field(ge=0, le=SEQ_MAX)]


class RemoteIn(Strict):
    """Does the shop lie beyond the signal."""

    remote: StrictBool = True
