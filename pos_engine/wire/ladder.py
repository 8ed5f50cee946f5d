"""The rungs of the fallback ladder as Indonesian sentences: what to do next, and why that."""

from pos_engine.rules.ladder import Step, Way, Why

WAY_WORDS: dict[Way, str] = {
    Way.KKS: "Pakai kartu KKS dan PIN belanja.",
    Way.PHONE: "Pakai HP: kode dikirim lewat SMS.",
    Way.FACE: "Pakai wajah di depan kamera.",
    Way.KTP: "Pakai KTP: ketik NIK, lalu lihat kamera.",
    Way.DELEGATE: "Wakil keluarga yang terdaftar boleh belanja dengan KTP-nya.",
    Way.SUPERVISED: "Minta pendampingan: warung dan satu petugas menyetujui bersama.",
    Way.VISIT: "Pendamping akan mendatangi keluarga. Dinsos sudah diberi tahu, bantuan tetap utuh.",
}
WHY_WORDS: dict[Why, str] = {
    Why.FIRST: "",
    Why.AGAIN: "Coba sekali lagi.",
    Why.CHOSEN: "",
    Why.SKIPPED: "Tidak apa-apa, ada cara lain.",
    Why.TRIES_SPENT: "Cara tadi sudah dicoba tiga kali.",
    Why.WAY_CLOSED: "Cara tadi belum bisa dipakai hari ini.",
    Why.DEVICE_LIMIT: "Terlalu banyak percobaan di kasir ini, cara lain dibuka lagi 10 menit lagi.",
    Why.SHOP_LIMIT: "Terlalu banyak percobaan di warung ini, cara lain dibuka lagi satu jam lagi.",
    Why.NOBODY_LEFT: "Hari ini belum ada cara yang berhasil.",
}


def told(step: Step) -> str:
    """What the till says: why, then what to do."""
    return f"{WHY_WORDS[step.why]} {WAY_WORDS[step.way]}".strip()
