"""The sticker on a card: `EWK1:<token>:<secret>`, and the name that an allowance gives the card."""

import re
from dataclasses import dataclass
from hashlib import sha256

from pos_engine.wire.canonical import from_base64url, to_base64url

CARD_TOKEN_LETTERS = 16
CARD_SECRET_BYTES = 16
CARD_REF_LETTERS = 22

_CARD_QR = re.compile(r"EWK1:([A-Za-z0-9_-]{16}):([A-Za-z0-9_-]{22})", re.ASCII)


@dataclass(frozen=True, slots=True, repr=False)
class CardQr:
    """What a sticker says: which card (no number of it), and its 128-bit secret."""

    token: str
    secret: bytes

    @property
    def text(self) -> str:
        """As it is printed."""
        return f"EWK1:{self.token}:{to_base64url(self.secret)}"


def read_card_qr(text: str) -> CardQr | None:
    """What a sticker's text says; None when it is none of ours."""
    found = _CARD_QR.fullmatch(text)
    if found is None:
        return None
    secret = from_base64url(found[2], CARD_SECRET_BYTES)
    return CardQr(found[1], secret) if secret is not None else None


def card_ref(token: str) -> str:
    """The name of a card on a tablet: it finds the card by it, and cannot print its sticker."""
    return to_base64url(sha256(f"EWK1-ref:{token}".encode()).digest())[:CARD_REF_LETTERS]
