"""The body of a purchase: with a proof, or with a number whose owner is to agree on her phone."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Tag

from pos_engine.web.schemas import Code, Lines, Moment, Msisdn, PurchaseIn
from pos_engine.web.strict import Strict


class YesIn(Strict):
    """A phone number whose owner is to agree on that phone; the till sees no code."""

    method: Literal["PHONE"]
    msisdn: Msisdn
    confirm: Literal["USSD"]


class YesPurchaseIn(Strict):
    """A purchase that waits for her yes."""

    till_id: Code
    occurred_at: Moment
    payer: YesIn
    lines: Lines


def _proof_or_yes(value: Any) -> str:
    payer = value.get("payer") if isinstance(value, dict) else None
    return "YES" if isinstance(payer, dict) and "confirm" in payer else "PROOF"


PurchaseAsked = Annotated[
    Annotated[PurchaseIn, Tag("PROOF")] | Annotated[YesPurchaseIn, Tag("YES")],
    Discriminator(_proof_or_yes),
]
