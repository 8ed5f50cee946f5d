"""Answers to what a person texted or chose: GSM-7, one message each, no link, no code asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pos_engine.rules.money import written
from pos_engine.wire.gsm7 import SEPTETS_MAX, septets
from pos_engine.wire.sms import fitted

UNREGISTERED = (
    "BPNT: nomor ini belum terdaftar. Datanglah ke pendamping atau kantor desa dengan KTP "
    "untuk mendaftarkannya."
)
SILENT = (
    "BPNT: nomor ini lama tidak dipakai, jadi saldo tidak ditampilkan di sini. "
    "Belanjalah dengan kartu, KTP atau wajah di e-warong."
)
HELP = (
    "BPNT: ketik SALDO untuk sisa bantuan, KODE untuk kode belanja lagi, HARGA beras untuk "
    "harga tertinggi, LAPOR untuk keluhan, STOP atau MULAI."
)
NO_PURCHASE_WAITS = (
    "BPNT: tidak ada belanja yang menunggu kode. Sebutkan nomor HP Anda ke kasir, "
    "lalu kode dikirim ke sini."
)
TOO_MANY_CODES = (
    "BPNT: terlalu banyak kode diminta. Tunggu 10 menit, atau pakai kartu, KTP atau wajah."
)
STOPPED = (
    "BPNT: kabar belanja tidak dikirim lagi ke nomor ini. Kode dan peringatan tetap dikirim. "
    "Bukan Anda? Balas MULAI, lalu LAPOR."
)
STARTED = "BPNT: kabar belanja dikirim lagi ke nomor ini."
GOOD_UNKNOWN = (
    "BPNT: barang itu tidak ada di daftar harga. Contoh: HARGA beras, HARGA telur, HARGA minyak."
)
USSD_NUMBER_LENGTH_MAX = 16


@dataclass(frozen=True, slots=True)
class Price:
    """A good's ceiling in rupiah per unit."""

    name: str
    amount: int
    unit: str


def balance_text(amount: int, last_day: date | None, at: datetime) -> str:
    """What is left, and the last day on which the first part of it may be spent."""
    until = f", belanjakan paling lambat {last_day:%d/%m/%Y}" if last_day else ""
    return f"BPNT {at:%d/%m %H.%M}: saldo bantuan {written(amount)}{until}."


def complaint_text(reference: str, within: str = "3 hari") -> str:
    """The number of a complaint and what follows; nothing of hers is stopped."""
    return (
        f"BPNT: laporan {reference} diterima, petugas memeriksanya paling lama {within}. "
        "Simpan nomor ini. Bantuan Anda tetap bisa dibelanjakan."
    )


def complaint_answered_text(reference: str, answer: str) -> str:
    """What was found; what the phone's alphabet has not, she reads on her page."""
    head, tail = f"BPNT: laporan {reference} dijawab: ", " Belum selesai? Balas LAPOR"
    room = SEPTETS_MAX - len(head) - len(tail)
    words = fitted(answer, room) if septets(answer) is not None else "lihat di halaman Anda."
    return head + words + tail


def confirm_text(amount: int, shop_name: str, ussd_number: str) -> str:
    """A basket waits for her yes on her own phone; nothing is asked for in the answer."""
    dialled = ussd_number[:USSD_NUMBER_LENGTH_MAX]
    where = f"Tekan {dialled}, pilih 2" if dialled else "Buka menu BPNT di HP, pilih 2"
    tail = f" menunggu persetujuan Anda. {where}. Bukan Anda? Balas LAPOR"
    head = f"BPNT: belanja {written(amount)} di "
    return head + fitted(shop_name, SEPTETS_MAX - len(head) - len(tail)) + tail


def prices_text(prices: Sequence[Price]) -> str:
    """Ceilings, as many as fit in one message."""
    return fitting("BPNT, harga tertinggi: ", [price_line(each) for each in prices], ", ")


def price_line(price: Price) -> str:
    """One good in a list."""
    return f"{price.name} {written(price.amount)}/{price.unit}"


def fitting(head: str, parts: Sequence[str], between: str, room: int = SEPTETS_MAX) -> str:
    """The head and as many whole parts as there is room for; letters of the phone's alphabet."""
    text = head
    for part in parts:
        longer = f"{text}{between if text != head else ''}{part}"
        size = septets(longer)
        if size is None:
            continue
        if size > room:
            break
        text = longer
    return text
