"""Why a family's membership is looked into, said to her plainly and without blame."""

from enum import StrEnum


class SuspensionReason(StrEnum):
    """Why; each has a sentence for the family."""

    DATA_MATCH = "DATA_MATCH"
    MOVED = "MOVED"
    HEAD_DIED = "HEAD_DIED"
    REGISTERED_TWICE = "REGISTERED_TWICE"
    LEFT_LIST = "LEFT_LIST"
    COURT_ORDER = "COURT_ORDER"


SENTENCES: dict[SuspensionReason, str] = {
    SuspensionReason.DATA_MATCH: "data keluarga sedang dicocokkan",
    SuspensionReason.MOVED: "alamat keluarga tercatat pindah",
    SuspensionReason.HEAD_DIED: "pengurus keluarga tercatat meninggal, perlu pengurus baru",
    SuspensionReason.REGISTERED_TWICE: "keluarga tercatat dua kali",
    SuspensionReason.LEFT_LIST: "keluarga tidak ada di daftar terbaru",
    SuspensionReason.COURT_ORDER: "ada penetapan pengadilan",
}


def next_step(reason: SuspensionReason, office: str, since: str, *, objected: bool) -> str:
    """Who decided, why, since when, and what she can do: the next step of a refusal."""
    told = f"Oleh {office} sejak {since}: {SENTENCES[reason]}."
    if objected:
        return f"{told} Keberatan Ibu/Bapak sudah dicatat; pendamping mengabari hasilnya."
    return f"{told} Belum sesuai? Sampaikan keberatan ke pendamping. Saldo tetap utuh."
