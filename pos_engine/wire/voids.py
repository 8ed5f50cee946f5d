"""One table: each reason of a void as an Indonesian sentence, next step and codes."""

from pos_engine.rules.money import written
from pos_engine.rules.reasons import Reason
from pos_engine.rules.voids import VoidReason
from pos_engine.wire.response import WORDINGS, Wording

_ASK_OFFICE = "Minta koreksi ke Dinas Sosial dengan nomor belanja ini; uang kembali lewat petugas."
NAME_THE_REST = "Sebagian sudah kembali. Sebut barang yang masih ingin dikembalikan."

VOID_WORDINGS: dict[VoidReason, Wording] = {
    VoidReason.OWNER_PIN_BLOCKED: Wording(
        "PIN pemilik terkunci.", "Minta PIN baru ke petugas, lalu batalkan lagi.", "75", "403-00"
    ),
    VoidReason.OWNER_PIN_WRONG: Wording(
        "PIN pemilik salah.", "Periksa PIN, lalu batalkan lagi dengan nomor baru.", "55", "403-00"
    ),
    VoidReason.VOID_OF_VOID: Wording(
        "Nomor ini bukan nomor belanja: pembatalan tidak dapat dibatalkan.",
        "Catat belanja baru bila barang tetap diambil.",
        "12",
        "404-18",
    ),
    VoidReason.VOID_NOT_APPROVED: Wording(
        "Belanja ini ditolak: tidak ada uang yang terpakai.",
        "Tidak ada yang perlu dibatalkan.",
        "12",
        "404-18",
    ),
    VoidReason.VOID_TOO_LATE: Wording(
        "Belanja hanya dapat dibatalkan pada hari yang sama.", _ASK_OFFICE, "12", "403-02"
    ),
    VoidReason.VOID_OTHER_PAYER: Wording(
        "Belanja ini milik keluarga lain.", "Periksa nomor belanja pada struk.", "12", "404-18"
    ),
    VoidReason.ALREADY_VOIDED: WORDINGS[Reason.ALREADY_VOIDED],
    VoidReason.VOID_LINE_UNKNOWN: Wording(
        "Barang ini tidak jelas pada belanja itu.",
        "Sebut barang, satuan dan harga seperti di struk.",
        "12",
        "404-18",
    ),
    VoidReason.VOID_ABOVE_PURCHASE: Wording(
        "Yang dikembalikan lebih banyak dari yang dibeli.",
        "Periksa jumlahnya pada struk.",
        "13",
        "404-13",
    ),
}


def returned_message(amount: int) -> tuple[str, str]:
    """What the cashier reads after a void."""
    return (
        f"{written(amount)} kembali ke bantuan keluarga ini.",
        "Barangnya kembali ke warung. Keluarga diberi tahu lewat HP bila ada.",
    )
