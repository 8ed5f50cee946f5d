"""What a bank's response code (DE39) means for a purchase, and how it is told to the KPM.

The other direction, a reason of ours as DE39 for a terminal, stands in `response.WORDINGS`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pos_engine.rules.bank import Said, Verdict
from pos_engine.rules.reasons import Reason
from pos_engine.wire.response import OTHER_WAYS

APPROVED = "00"
# The bank answered, but it may have paid: late, seen before, fault in the middle.
UNSURE_CODES = frozenset({"06", "09", "68", "94", "96"})


@dataclass(frozen=True, slots=True)
class Told:
    """A reason with the bank's own side of it: the KPM hears that it was the bank."""

    reason: Reason
    sentence: str
    next_step: str


_CARD = f"Bantuan tetap utuh. {OTHER_WAYS}"
CODES: Mapping[str, Told] = MappingProxyType(
    {
        "14": Told(Reason.CARD_UNKNOWN, "Bank belum mengenal kartu ini.", _CARD),
        "36": Told(Reason.CARD_BLOCKED, "Kartu ini diblokir bank.", _CARD),
        "38": Told(
            Reason.PIN_BLOCKED,
            "PIN kartu salah 3 kali, bank menghentikannya dulu.",
            "Pakai cara lain hari ini (HP, wajah, KTP). Bank membuka PIN kartu.",
        ),
        "41": Told(Reason.CARD_LOST, "Kartu ini dilaporkan hilang ke bank.", _CARD),
        "43": Told(Reason.CARD_LOST, "Kartu ini dilaporkan hilang ke bank.", _CARD),
        "51": Told(
            Reason.BANK_DECLINED,
            "Menurut bank, uang di rekening tidak cukup.",
            "Kurangi barang, atau tanyakan saldo rekening ke bank. Pendamping bisa membantu.",
        ),
        "54": Told(Reason.CARD_EXPIRED, "Masa berlaku kartu sudah habis menurut bank.", _CARD),
        "55": Told(
            Reason.PIN_WRONG,
            "PIN kartu belum cocok menurut bank.",
            "Coba lagi pelan-pelan, atau pakai cara lain.",
        ),
        "61": Told(
            Reason.LIMIT_REACHED,
            "Batas belanja hari ini di bank tercapai.",
            "Kurangi barang, atau lanjutkan besok.",
        ),
        "62": Told(Reason.CARD_BLOCKED, "Kartu ini dibatasi bank.", _CARD),
        "65": Told(
            Reason.LIMIT_REACHED,
            "Batas jumlah belanja hari ini di bank tercapai.",
            "Lanjutkan besok.",
        ),
        "75": Told(
            Reason.PIN_BLOCKED,
            "PIN kartu salah 3 kali, bank menghentikannya dulu.",
            "Pakai cara lain hari ini (HP, wajah, KTP). Bank membuka PIN kartu.",
        ),
        "91": Told(
            Reason.BANK_UNREACHABLE,
            "Bank sedang tidak melayani. Uang tidak terpotong.",
            "Tunggu sebentar lalu coba lagi, atau bayar tunai dengan struk terpisah.",
        ),
        "92": Told(
            Reason.BANK_UNREACHABLE,
            "Bank sedang tidak melayani. Uang tidak terpotong.",
            "Tunggu sebentar lalu coba lagi, atau bayar tunai dengan struk terpisah.",
        ),
    }
)
OTHERWISE = Told(
    Reason.BANK_DECLINED,
    "Bank belum menyetujui. Uang tidak terpotong.",
    f"Tanyakan ke bank. {OTHER_WAYS}",
)
NOT_ASKED = Told(
    Reason.BANK_UNREACHABLE,
    "Bank belum bisa dihubungi. Uang tidak terpotong.",
    "Tunggu sebentar lalu coba lagi.",
)
UNSURE = Told(
    Reason.BANK_UNREACHABLE,
    "Bank belum menjawab. Belanja ini batal dan pembatalannya dikirim ke bank.",
    "Uang disisihkan sampai bank menjawab, lalu kembali utuh. Coba lagi nanti.",
)


def verdict_of(code: str, approval: str = "") -> Verdict:
    """What a DE39 (by the standard) says of a purchase."""
    if code == APPROVED:
        return Verdict(Said.YES, code, approval)
    if code in UNSURE_CODES or not code:
        return Verdict(Said.UNSURE, code, reason=Reason.BANK_UNREACHABLE)
    return Verdict(Said.NO, code, reason=CODES.get(code, OTHERWISE).reason)


def told(verdict: Verdict) -> Told:
    """How a purchase that the bank did not pay is told."""
    if verdict.said is Said.NOT_ASKED:
        return NOT_ASKED
    return UNSURE if verdict.said is Said.UNSURE else CODES.get(verdict.code, OTHERWISE)


def method_not_taken(bank: str, methods: tuple[str, ...]) -> tuple[str, str]:
    """A bank that does not take this way of proving who pays: which ways it takes."""
    ways = ", ".join(methods) or "belum ada"
    return (
        f"Bank {bank} belum menerima cara ini.",
        f"Yang diterima bank {bank}: {ways}.",
    )
