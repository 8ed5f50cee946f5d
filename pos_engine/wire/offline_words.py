"""What is said of money that is put aside for buying without signal."""

from datetime import date

from pos_engine.rules.allowances import NoAllowance
from pos_engine.rules.money import written
from pos_engine.rules.reasons import Reason
from pos_engine.wire.kpm_words import day_shown

NOT_PUT_ASIDE = {
    NoAllowance.AT_BANK: (
        "Bantuan ini disimpan di bank, jadi belum bisa disisihkan untuk belanja tanpa sinyal.",
        "Belanja saat ada sinyal.",
    ),
    NoAllowance.NO_MONEY: (
        "Tidak ada bantuan pangan yang bisa disisihkan sekarang.",
        "Tanyakan saldo, lalu sisihkan setelah bantuan masuk.",
    ),
    NoAllowance.DEVICE_FULL: (
        "Tablet ini sudah menyimpan jatah tanpa sinyal paling banyak.",
        "Kirim belanja tertunda dan tutup jatah yang selesai, lalu coba lagi.",
    ),
}
REASONS = {
    NoAllowance.AT_BANK: Reason.OFFLINE_LIMIT,
    NoAllowance.NO_MONEY: Reason.INSUFFICIENT_BALANCE,
    NoAllowance.DEVICE_FULL: Reason.OFFLINE_LIMIT,
}
NOTHING_ASIDE = "Tidak ada bantuan yang disisihkan untuk belanja tanpa sinyal."


def reserved_told(amount: int, shop: str, last_day: date) -> tuple[str, str]:
    """Why money is not free here: where it is put aside, until when, and how to take it back."""
    aside = f"{written(amount)} disisihkan untuk belanja tanpa sinyal di {shop}"
    return (
        f"{aside} sampai {day_shown(last_day)}.",
        "Belanja di sana, atau tarik kembali sekarang dengan kartu dan PIN.",
    )


def taken_back(amount: int, shop: str) -> str:
    """What is said after a recall."""
    return f"{written(amount)} yang disisihkan di {shop} bisa dipakai lagi di mana saja."
