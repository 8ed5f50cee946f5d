"""Payouts as values and as rows for the bank's spreadsheet. Same payouts, same bytes."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

CURRENCY = "IDR"
BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
BANK_CODE = re.compile(r"[0-9]{3,7}")  # of Bank Indonesia's clearing
CSV_COLUMNS = (
    "payout_id", "message_id", "pays_on", "shop_id", "bank", "account", "name", "amount",
    "currency", "mdr", "windows",
)  # fmt: skip


@dataclass(frozen=True, slots=True, repr=False)
class PayoutLine:
    """One transfer: to which account of which bank (BIC or clearing code), for which days."""

    payout_id: str
    message_id: str
    shop_id: str
    bank: str
    account: str
    name: str
    amount: int
    windows: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """What all transfers of a file share. `escrow_bank` may be empty."""

    made_at: datetime
    pays_on: date
    debtor: str
    escrow: str
    escrow_bank: str


def payout_csv(order: Order, lines: Sequence[PayoutLine], *, header: bool) -> bytes:
    """The same transfers as rows."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if header:
        writer.writerow(CSV_COLUMNS)
    for each in lines:
        windows = " ".join(day.isoformat() for day in each.windows)
        writer.writerow(
            (each.payout_id, each.message_id, order.pays_on.isoformat(), each.shop_id, each.bank,
             each.account, each.name, each.amount, CURRENCY, 0, windows)
        )  # fmt: skip
    return text.getvalue().encode()


def is_bank(code: str) -> bool:
    """A BIC, or a clearing code of digits."""
    return BIC.fullmatch(code) is not None or BANK_CODE.fullmatch(code) is not None
