"""A payer who shows the code on her telephone."""

from typing import Annotated, Literal

from pydantic import Field, StrictStr

from pos_engine.services.payer import PayerProof, QrProof
from pos_engine.web.strict import Strict

KPM_CODE_LENGTH_MAX = 2_048


class QrIn(Strict):
    """The code that the KPM's telephone shows: one purchase, one minute."""

    method: Literal["QR"]
    code: Annotated[StrictStr, Field(min_length=1, max_length=KPM_CODE_LENGTH_MAX)]

    def to_proof(self) -> PayerProof:
        """The value for the services."""
        return QrProof(self.code)
