"""People who stand in for others, told in Indonesian: delegates, two who vouch, a PIN made anew."""

import re
from datetime import date

from pos_engine.rules.delegation import DelegationReason
from pos_engine.rules.money import written
from pos_engine.rules.supervision import CaseReason, SupervisionReason

_NOT_YOU = "Bukan Anda? Balas LAPOR"
NAME_LENGTH_MAX = 30  # of a masked name in a text
_NOT_PLAIN = re.compile(r"[^A-Za-z*' -]")

# (sentence, next step) of whoever would serve her own family
OWN_FAMILY = (
    "Kasir tidak melayani belanja keluarganya sendiri.",
    "Minta kasir lain di warung ini, atau belanja di warung lain. Bantuan tetap utuh.",
)

# (sentence, next step)
DELEGATION_WORDS: dict[DelegationReason, tuple[str, str]] = {
    DelegationReason.NOT_FOUND: (
        "Keluarga atau wakil ini tidak ada di wilayah Anda.",
        "Periksa nomornya.",
    ),
    DelegationReason.DUPLICATE_DIFFERENT: (
        "Nomor ini sudah dipakai dengan isi lain.",
        "Mulai lagi dengan nomor baru.",
    ),
    DelegationReason.OWN_FAMILY: (
        "Petugas tidak mengurus wakil keluarganya sendiri.",
        "Minta petugas lain.",
    ),
    DelegationReason.DELEGATE_IS_STAFF: (
        "Wakil tidak boleh pemilik atau pegawai warung, atau pendamping.",
        "Pilih tetangga atau kerabat.",
    ),
    DelegationReason.ALREADY_MEMBER: (
        "Orang ini anggota keluarga, ia boleh belanja tanpa menjadi wakil.",
        "Daftarkan wajahnya, atau pakai kartu dan HP keluarga.",
    ),
    DelegationReason.BIRTH_DATE_UNKNOWN: (
        "Tanggal lahir wakil belum diketahui.",
        "Isi tanggal lahirnya.",
    ),
    DelegationReason.MINOR: (
        "Wakil paling muda 17 tahun.",
        "Pilih orang dewasa.",
    ),
    DelegationReason.EXPIRY_WRONG: (
        "Hari terakhir harus sesudah hari ini dan paling lama setahun.",
        "Perbaiki tanggalnya.",
    ),
    DelegationReason.ALREADY_OPEN: (
        "Orang ini sudah menjadi atau diusulkan sebagai wakil keluarga ini.",
        "Selesaikan yang itu dahulu.",
    ),
    DelegationReason.TOO_MANY_FAMILIES: (
        "Wakil ini sudah belanja untuk dua keluarga.",
        "Minta persetujuan Dinsos, atau pilih orang lain.",
    ),
    DelegationReason.WRONG_STATUS: (
        "Wakil ini sudah diputuskan.",
        "Muat ulang daftarnya.",
    ),
    DelegationReason.SECOND_PERSON_NEEDED: (
        "Perlu petugas lain yang menyetujui.",
        "Minta petugas kedua.",
    ),
}
SUPERVISION_WORDS: dict[SupervisionReason, tuple[str, str]] = {
    SupervisionReason.NOT_FOUND: (
        "Keluarga atau permintaan ini belum ditemukan.",
        "Periksa nomornya, atau tanyakan nomor keluarga ke pendamping.",
    ),
    SupervisionReason.DUPLICATE_DIFFERENT: (
        "Nomor ini sudah dipakai dengan isi lain.",
        "Mulai lagi dengan nomor baru.",
    ),
    SupervisionReason.STAFF_PIN_WRONG: (
        "PIN petugas belum cocok.",
        "Ketik lagi pelan-pelan.",
    ),
    SupervisionReason.STAFF_PIN_BLOCKED: (
        "PIN petugas terkunci.",
        "Minta admin membuka kembali, atau minta petugas lain.",
    ),
    SupervisionReason.OWN_FAMILY: (
        "Petugas tidak menyetujui untuk keluarganya sendiri.",
        "Minta petugas lain.",
    ),
    SupervisionReason.SECOND_PERSON_NEEDED: (
        "Perlu dua orang yang berbeda.",
        "Minta petugas lain yang menyetujui.",
    ),
    SupervisionReason.WRONG_STATUS: (
        "Permintaan ini sudah diputuskan atau sudah dipakai.",
        "Mulai permintaan baru.",
    ),
    SupervisionReason.EXPIRED: (
        "Waktu menunggu sudah habis.",
        "Minta pendampingan sekali lagi.",
    ),
}
CASE_WORDS: dict[CaseReason, str] = {
    CaseReason.FAMILY_QUOTA: "keluarga ini sering didampingi",
    CaseReason.SHOP_QUOTA: "warung ini sering mendampingi",
    CaseReason.PAIR_QUOTA: "dua orang yang sama sering menyetujui",
    CaseReason.ABOVE_COOL_DOWN_SUM: "di masa tunggu, di atas Rp100.000",
    CaseReason.OTHER_SHOP: "bukan di warung langganannya",
    CaseReason.NOBODY_COULD_PROVE: "tidak ada cara yang berhasil, kunjungi keluarganya",
}


def vouched_told(amount_max: int) -> str:
    """What to do when a basket is above the sum that two people have seen."""
    agreed = written(amount_max)
    return f"Dua petugas menyetujui paling banyak {agreed}. Kurangi barang, atau minta lagi."


def delegate_proposed_text(name: str, last: date) -> str:
    """The notice of a proposal: who did not ask for it can stop it."""
    until = f"s.d. {last:%d/%m/%y}"
    return f"BPNT: {_short(name)} diusulkan belanja untuk keluarga Anda {until}. {_NOT_YOU}"


def delegate_approved_text(name: str, last: date) -> str:
    """The notice that somebody may buy from now on."""
    return (
        f"BPNT: {_short(name)} boleh belanja untuk keluarga Anda s.d. {last:%d/%m/%y}. {_NOT_YOU}"
    )


def delegate_ended_text(name: str, _last: date) -> str:
    """The notice that somebody may not buy any more."""
    return f"BPNT: {_short(name)} tidak lagi belanja untuk keluarga Anda."


def supervised_text(amount: int) -> str:
    """The notice that two people vouched for her."""
    return (
        f"BPNT: dua petugas menyetujui belanja keluarga Anda paling banyak "
        f"{written(amount)}. {_NOT_YOU}"
    )


def pin_renewed_text() -> str:
    """The notice that the PIN belanja was made anew before two officers."""
    return f"BPNT: PIN belanja keluarga Anda dibuat baru di depan dua petugas. {_NOT_YOU}"


def _short(masked: str) -> str:
    """A masked name in one septet a character."""
    return _NOT_PLAIN.sub(" ", masked)[:NAME_LENGTH_MAX]
