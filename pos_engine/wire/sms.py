"""Texts for any phone: GSM-7, at most 160 characters, no link, never a request for a code."""

import re
from datetime import datetime

from pos_engine.rules.money import written

LENGTH_MAX = 160
A_SHOP = "e-warong"  # said instead of a name that wants to be an address
_TWO_SEPTETS_OR_OTHER = re.compile(r"[^A-Za-z0-9 .,'&()-]")
_DOT_INSIDE_A_WORD = re.compile(r"\.(?=\w)")
_LINK = re.compile(r"http|www", re.IGNORECASE)


def code_text(code: str, shop_name: str, amount_max: int, valid_minutes: int) -> str:
    """The one-time code with what it is good for."""
    tail = f", paling banyak {written(amount_max)}. Berlaku {valid_minutes} menit."
    head = f"BPNT: kode belanja {code} di "
    return head + _fitted(shop_name, LENGTH_MAX - len(head) - len(tail)) + tail


def purchase_text(amount: int, shop_name: str, at: datetime, balance_after: int) -> str:
    """The notice after a purchase; the family can object by answering."""
    tail = f" {at:%d/%m %H.%M}. Sisa {written(balance_after)}. Bukan Anda? Balas LAPOR"
    head = f"BPNT: belanja {written(amount)} di "
    return head + _fitted(shop_name, LENGTH_MAX - len(head) - len(tail)) + tail


def _fitted(name: str, length: int) -> str:
    """A shop's name for an SMS: one septet a character, and nothing a phone turns into a link."""
    plain = _TWO_SEPTETS_OR_OTHER.sub(" ", name)
    plain = _DOT_INSIDE_A_WORD.sub(". ", plain)
    return (plain if not _LINK.search(plain) else A_SHOP)[:length]
