"""Texts for any phone: GSM-7, at most 160 characters, no link, never a request for a code."""

import re
from datetime import datetime

from pos_engine.rules.money import written

LENGTH_MAX = 160
_NOT_YOU = "Bukan Anda? Balas LAPOR"
BY_SHOP, BY_OFFICERS = "dibatalkan", "dikoreksi petugas"
A_SHOP = "e-warong"  # said instead of a name that wants to be an address
_TWO_SEPTETS_OR_OTHER = re.compile(r"[^A-Za-z0-9 .,'&()-]")
_DOT_INSIDE_A_WORD = re.compile(r"\.(?=\w)")
_LINK = re.compile(r"http|www", re.IGNORECASE)


def code_text(code: str, shop_name: str, amount_max: int, valid_minutes: int) -> str:
    """The one-time code with what it is good for."""
    tail = f", paling banyak {written(amount_max)}. Berlaku {valid_minutes} menit."
    head = f"BPNT: kode belanja {code} di "
    return head + fitted(shop_name, LENGTH_MAX - len(head) - len(tail)) + tail


def purchase_text(amount: int, shop_name: str, at: datetime, balance_after: int) -> str:
    """The notice after a purchase; the family can object by answering."""
    tail = f" {at:%d/%m %H.%M}. Sisa {written(balance_after)}. Bukan Anda? Balas LAPOR"
    head = f"BPNT: belanja {written(amount)} di "
    return head + fitted(shop_name, LENGTH_MAX - len(head) - len(tail)) + tail


def returned_text(amount: int, shop_name: str, at: datetime, balance: int, by: str) -> str:
    """The notice that money of a purchase came back. `by` is BY_SHOP or BY_OFFICERS."""
    tail = f" {by} {at:%d/%m %H.%M}: {written(amount)} kembali. Sisa {written(balance)}. {_NOT_YOU}"
    head = "BPNT: belanja di "
    return head + fitted(shop_name, LENGTH_MAX - len(head) - len(tail)) + tail


def idle_text(amount: int, days: int) -> str:
    """The announcement that money waits, what will happen, and that it stays hers."""
    return (
        f"BPNT: bantuan {written(amount)} belum dipakai {days} hari. Belanjalah di e-warong. "
        "Bila lama tak dipakai disisihkan; belanja lagi membukanya."
    )


def qris_refund_text(amount: int, shop_name: str) -> str:
    """The notice that a payment by code goes back."""
    tail = f" batal. Saldo bantuan tidak berkurang. {_NOT_YOU}"
    head = f"BPNT: bayar QR {written(amount)} di "
    return head + fitted(shop_name, LENGTH_MAX - len(head) - len(tail)) + tail


def pin_code_text(code: str, valid_minutes: int) -> str:
    """A code for a new PIN belanja: it says so, for a code given to a caller is lost."""
    return (
        f"BPNT: kode {code} untuk membuat PIN BELANJA BARU. "
        f"Berlaku {valid_minutes} menit. Tidak memintanya? Jangan beri tahu siapa pun."
    )


def page_code_text(code: str, valid_minutes: int) -> str:
    """A code that opens her own page: it says so, for a code given to a caller is lost."""
    return (
        f"BPNT: kode {code} untuk membuka halaman SALDO di HP, bukan belanja. "
        f"Berlaku {valid_minutes} menit. Tidak memintanya? Jangan beri tahu siapa pun."
    )


def face_code_text(code: str, valid_minutes: int) -> str:
    """A code that agrees to an enrolment: it says so, for a code given to a caller is lost."""
    return (
        f"BPNT: kode {code} untuk MENDAFTARKAN WAJAH, bukan belanja. "
        f"Berlaku {valid_minutes} menit. Tidak sedang mendaftar? Jangan beri tahu siapa pun."
    )


def face_enrolled_text(at: datetime) -> str:
    """The notice that a face works from now on."""
    return f"BPNT: wajah untuk belanja keluarga Anda berlaku {at:%d/%m %H.%M}. {_NOT_YOU}"


def face_replacing_text(effective_at: datetime) -> str:
    """The notice at the start of a cool-down: who did not ask for it can stop it."""
    return (
        f"BPNT: wajah pengganti keluarga Anda akan berlaku {effective_at:%d/%m %H.%M}. "
        f"{_NOT_YOU} atau kunci wajah di e-warong."
    )


def face_locked_text(at: datetime) -> str:
    """The notice that she, or somebody with her proof, locked her face."""
    return (
        f"BPNT: wajah keluarga Anda dikunci {at:%d/%m %H.%M}. Kartu, PIN, HP tetap bisa. {_NOT_YOU}"
    )


def face_unlocked_text(at: datetime) -> str:
    """The notice that a locked face works again."""
    return f"BPNT: wajah keluarga Anda bisa dipakai lagi sejak {at:%d/%m %H.%M}. {_NOT_YOU}"


def face_withdrawn_text(at: datetime) -> str:
    """The notice that the consent was taken back and the face destroyed."""
    return (
        f"BPNT: wajah keluarga Anda dihapus {at:%d/%m %H.%M}. Kartu, PIN, HP tetap bisa. {_NOT_YOU}"
    )


def fitted(name: str, length: int) -> str:
    """A shop's name for an SMS: one septet a character, and nothing a phone turns into a link."""
    plain = _TWO_SEPTETS_OR_OTHER.sub(" ", name)
    plain = _DOT_INSIDE_A_WORD.sub(". ", plain)
    return (plain if not _LINK.search(plain) else A_SHOP)[:length]
