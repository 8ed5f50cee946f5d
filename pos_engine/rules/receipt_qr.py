"""The text in a receipt's QR code, taken apart: number, sum, time, hash of the goods, signature."""

import re
from dataclasses import dataclass
from datetime import datetime

QR_LENGTH_MAX = 300
_SHAPE = re.compile(
    r"EW1\*(\d{4}-\d{6}-[0-9A-F]{8})\*(\d{1,12})\*(\d{10})\*([0-9a-f]{16})\*([\w-]{86})", re.ASCII
)


@dataclass(frozen=True, slots=True)
class ReceiptQr:
    """What the code says. `at` is the shop's wall clock; `content` stands for goods and prices."""

    number: str
    amount: int
    at: datetime
    content: str
    plain: str  # what the signature covers, together with the purchase's id
    signature: str

    @property
    def id_ending(self) -> str:
        """How the purchase's id ends."""
        return self.number[-8:].lower()


def read_receipt_qr(text: str) -> ReceiptQr | None:
    """The parts of a code; None when this is no code of a receipt."""
    stripped = text.strip()
    found = _SHAPE.fullmatch(stripped) if len(stripped) <= QR_LENGTH_MAX else None
    if found is None:
        return None
    number, amount, at, content, signature = found.groups()
    try:
        moment = datetime.strptime(f"20{at}", "%Y%m%d%H%M")  # noqa: DTZ007 - a wall clock
    except ValueError:
        return None
    plain = stripped.rpartition("*")[0]
    return ReceiptQr(number, int(amount), moment, content, plain, signature)
