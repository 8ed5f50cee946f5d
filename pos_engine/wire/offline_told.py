"""What a shop is told about each envelope that it sent, in Indonesian."""

from pos_engine.rules.offline import Outcome
from pos_engine.rules.reasons import Reason

KEPT = "Saldo keluarga tetap utuh."
OUTCOMES_TOLD = {
    Outcome.ACCEPTED: "Belanja diterima dan dibayar seperti biasa.",
    Outcome.ACCEPTED_LATE: "Belanja diterima, walau terlambat sampai.",
    Outcome.PAID_FROM_BALANCE: (
        "Belanja sampai sesudah waktunya. Saldo keluarga masih cukup, warung tetap dibayar."
    ),
    Outcome.PROGRAMME_LOSS: (
        "Belanja dibayar oleh program. Tidak ada yang salah, saldo keluarga tidak berubah."
    ),
    Outcome.SHOP_LIABLE: "Belanja ini tidak bisa dibayar.",
    Outcome.BAD_SIGNATURE: (
        "Catatan ini rusak dan disimpan terpisah. Simpan struknya, petugas akan memeriksa."
    ),
    Outcome.HELD_FORK: (
        "Dua catatan berbeda memakai nomor yang sama. Petugas akan memeriksa, simpan struknya."
    ),
    Outcome.HELD_REVIEW: "Belanja sedang diperiksa petugas. Simpan struknya.",
    Outcome.PENDING_GAP: (
        "Ada catatan sebelumnya yang belum sampai. Kirim atau pindai struknya dalam 3 hari."
    ),
    Outcome.DISPUTED: "Keluarga menanyakan belanja ini. Petugas akan menghubungi warung.",
}
LIABLE_TOLD = {
    Reason.OFFLINE_LIMIT: "Jumlahnya melewati sisihan yang disetujui, atau sisihannya tidak ada.",
    Reason.OFFLINE_STALE: "Sampainya lewat batas waktu dan sisihannya sudah kembali ke keluarga.",
    Reason.STEP_UP_REQUIRED: "Tidak ada bukti dari keluarga pada catatan ini.",
    Reason.QUANTITY_INVALID: "Jumlah pada catatan ini tidak cocok dengan barangnya.",
}

# What two officers decided afterwards; a dispute's end says by itself who bears the sale.
DECIDED_TOLD = {
    "CLEAR": "Petugas sudah memeriksa belanja ini.",
    "REFUSE": "Petugas sudah memeriksa belanja ini dan tidak menerimanya.",
    "SKIP_GAP": "Petugas meneruskan tanpa catatan yang hilang.",
    "DISPUTE": "Keluarga menyatakan belanja ini bukan miliknya.",
    "SHOP_PAYS": "Petugas memutuskan: belanja ini ditanggung warung.",
    "LOSS": "Petugas memutuskan: ditanggung program. Warung tetap dibayar.",
    "HERS": "Petugas memutuskan: belanja ini memang milik keluarga itu. Warung tetap dibayar.",
}
LAST_WORDS = frozenset({"SHOP_PAYS", "LOSS", "HERS"})


def decided_told(decision: str | None, outcome: str) -> str:
    """What the shop is told once people decided; `outcome` are the words for the outcome."""
    if decision is None:
        return outcome
    told = DECIDED_TOLD[decision]
    return told if decision in LAST_WORDS else f"{told} {outcome}"


def outcome_told(outcome: Outcome, reason: Reason | None, goods: str = "") -> str:
    """One or two sentences; `goods` is what the rules say of unlawful goods."""
    told = OUTCOMES_TOLD[outcome]
    if outcome is not Outcome.SHOP_LIABLE:
        return told
    why = LIABLE_TOLD.get(reason, goods) if reason is not None else goods
    return " ".join(part for part in (told, why, KEPT) if part)
