"""Texts for any phone: GSM-7, at most 160 characters, no link, never a request for a code."""

from datetime import datetime

from pos_engine.rules.money import written

LENGTH_MAX = 160


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


def _fitted(text: str, length: int) -> str:
    plain = text.encode("ascii", "replace").decode().replace("?", " ")
    return plain[:length]
