"""Words of the officers' pages for codes of the work lists, the meter, shops and acts."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

Row = Mapping[str, Any]
MORE_MONEY = frozenset({"listed_rupiah", "returned"})
MORE_SHARES = frozenset({"nation_share", "aid_share"})
DAYS = ("day", "since", "expires_on", "seal_day", "state_day")
MOMENTS = ("at", "last_seen")
MORE_WORDS = {
    # why a card waits
    "ABLE": "sudah mampu",
    "REFUSED": "menolak",
    "DEAD": "pengurus meninggal",
    "MOVED": "pindah",
    "MINOR": "pengurus di bawah umur",
    "NOT_FOUND": "tidak ditemukan",
    "ILL": "sakit, tidak bisa datang",
    "WRONG_NAME": "nama salah",
    "ISSUED": "dicetak, belum diserahkan",
    "UNDISTRIBUTED": "belum bisa diserahkan",
    # why money waits
    "SOME_LEFT": "sebagian sudah dibelanjakan",
    "CARD_NOT_WORKING": "belum ada kartu yang bisa dipakai",
    "NOT_YET_SHOPPED": "belum pernah belanja dari saldo ini",
    "FAILED": "gagal dikenali",
    "NEVER_TRIED": "belum pernah datang",
    # ways to prove who pays
    "KKS": "kartu KKS",
    "PHONE": "HP",
    "FACE": "wajah",
    "KTP": "KTP",
    "QR": "kode QR",
    "DELEGATE": "wakil",
    "SUPERVISED": "didampingi",
    "unknown": "umur belum tercatat",
    # distance
    "VILLAGE": "di desa sendiri",
    "DISTRICT": "di kecamatan",
    "REGENCY": "di kabupaten/kota",
    "NONE": "tidak ada di kabupaten/kota",
    # shops
    "YES": "jualan tiap hari",
    "AID_ONLY": "hanya bantuan",
    "SILENT": "tidak ada jualan",
    # why a family went home without food
    "STOCK": "barang habis",
    "SIGNAL": "sinyal",
    "POWER": "listrik",
    "QUEUE": "antrean",
    "ATTEMPT": "bukti gagal",
    "TURNED_AWAY": "pulang tanpa belanja",
    "CARD": "cara kartu datang",
    # the audit chain
    "WAITS": "menunggu segel (paling lama semenit)",
    "NOT_SEALED": "tidak disegel",
}


def shown(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Rows with days and moments as such, so that they are written as people say them."""
    return [{name: _value(name, value) for name, value in row.items()} for row in rows]


def _value(name: str, value: Any) -> Any:
    if not isinstance(value, str) or not value:
        return value
    if name in DAYS:
        return date.fromisoformat(value)
    return datetime.fromisoformat(value) if name in MOMENTS else value


def word(code: str) -> str:
    """What people say for a code; the code itself when it has no word."""
    return MORE_WORDS.get(code, code)
