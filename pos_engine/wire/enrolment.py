"""Statuses and refusals of an enrolment as Indonesian sentences with the next step."""

from pos_engine.rules.enrolment import (
    ADULT_YEARS,
    PICTURES_ADVISED,
    PICTURES_MIN,
    EnrolmentReason,
    Status,
)

_OTHER_WAYS = "Kartu KKS, HP, dan KTP tetap bisa dipakai."

# (sentence, next step)
REASON_WORDS: dict[EnrolmentReason, tuple[str, str]] = {
    EnrolmentReason.NOT_FOUND: (
        "Keluarga, orang, atau pendaftaran ini tidak ada di wilayah Anda.",
        "Periksa nomornya.",
    ),
    EnrolmentReason.DUPLICATE_DIFFERENT: (
        "Nomor pendaftaran ini sudah dipakai dengan isi lain.",
        "Mulai lagi dengan nomor baru.",
    ),
    EnrolmentReason.FACES_OFF: (
        "Pengenalan wajah dimatikan di sini.",
        _OTHER_WAYS,
    ),
    EnrolmentReason.BIRTH_DATE_UNKNOWN: (
        "Tanggal lahir orang ini belum tercatat.",
        "Lengkapi data lewat pendamping dahulu. " + _OTHER_WAYS,
    ),
    EnrolmentReason.MINOR: (
        f"Wajah hanya didaftarkan mulai umur {ADULT_YEARS} tahun.",
        _OTHER_WAYS,
    ),
    EnrolmentReason.PLACE_OUTSIDE: (
        "Tempat pendaftaran di luar wilayah petugas.",
        "Isi kode wilayah tempat foto diambil.",
    ),
    EnrolmentReason.TIMES_WRONG: (
        "Waktu mulai dan selesai tidak masuk akal.",
        "Periksa jam perangkat, lalu ambil foto lagi.",
    ),
    EnrolmentReason.TOO_FEW_PICTURES: (
        f"Foto kurang: paling sedikit {PICTURES_MIN}, sebaiknya {PICTURES_ADVISED}.",
        "Tambah foto di tempat terang.",
    ),
    EnrolmentReason.ALREADY_OPEN: (
        "Masih ada pendaftaran wajah orang ini yang belum selesai.",
        "Selesaikan atau tarik pendaftaran itu dahulu.",
    ),
    EnrolmentReason.FACTOR_MISSING: (
        "KPM perlu membuktikan diri dengan PIN belanja atau kode SMS.",
        "Minta KPM mengetik PIN, atau kirim kode ke HP-nya.",
    ),
    EnrolmentReason.PIN_WRONG: ("PIN belanja belum cocok.", "Minta KPM mengetik lagi."),
    EnrolmentReason.PIN_BLOCKED: (
        "PIN belanja belum ada atau terkunci.",
        "Pakai kode SMS, atau buat PIN belanja baru.",
    ),
    EnrolmentReason.CODE_WRONG: ("Kode belum cocok.", "Periksa SMS terbaru, atau minta kode baru."),
    EnrolmentReason.CODE_EXPIRED: ("Kode sudah lewat waktunya.", "Minta kode baru."),
    EnrolmentReason.TWO_PEOPLE: (
        "Foto memuat lebih dari satu orang.",
        "Ambil ulang: hanya KPM di depan kamera.",
    ),
    EnrolmentReason.PICTURES_UNUSABLE: (
        "Foto belum bisa dipakai.",
        "Ambil ulang di tempat terang, tegak, lihat ke kamera.",
    ),
    EnrolmentReason.STAFF_FACE: (
        "Wajah ini milik petugas, bukan KPM.",
        "Pendaftaran dihentikan dan dicatat. " + _OTHER_WAYS,
    ),
    EnrolmentReason.WRONG_STATUS: (
        "Pendaftaran ini sudah diputuskan.",
        "Lihat statusnya.",
    ),
    EnrolmentReason.SECOND_PERSON_NEEDED: (
        "Yang mengusulkan tidak boleh memutuskan.",
        "Minta petugas lain.",
    ),
    EnrolmentReason.ROLE_NOT_ALLOWED: (
        "Pendaftaran ini harus diperiksa Dinas Sosial.",
        "Teruskan ke petugas Dinsos.",
    ),
    EnrolmentReason.DECISIONS_MISSING: (
        "Setiap wajah mirip perlu satu keputusan dengan catatan.",
        "Lengkapi keputusan untuk semua temuan.",
    ),
    EnrolmentReason.SAME_PERSON: (
        "Orang ini sudah terdaftar di keluarga lain.",
        "Hanya perubahan ini yang ditahan. Bantuan keluarga tetap jalan.",
    ),
    EnrolmentReason.BY_OFFICER: (
        "Pendaftaran tidak disetujui petugas.",
        "Lihat catatan. " + _OTHER_WAYS,
    ),
}

STATUS_WORDS: dict[Status, tuple[str, str]] = {
    Status.PROPOSED: (
        "Usulan wajah tersimpan.",
        "Menunggu persetujuan petugas lain.",
    ),
    Status.REVIEW: (
        "Usulan wajah tersimpan dan perlu diperiksa.",
        "Menunggu pemeriksaan Dinas Sosial.",
    ),
    Status.APPROVED: (
        "Wajah pengganti disetujui.",
        "Berlaku setelah 72 jam. Wajah lama tetap bisa dipakai.",
    ),
    Status.IN_FORCE: ("Wajah berlaku.", "KPM bisa belanja dengan wajah."),
    Status.REPLACED: ("Wajah ini sudah diganti.", "Wajah yang baru berlaku."),
    Status.DECLINED_BY_KPM: ("KPM memilih tidak mendaftarkan wajah.", _OTHER_WAYS),
    Status.REFUSED: ("Pendaftaran tidak disetujui.", _OTHER_WAYS),
    Status.WITHDRAWN: ("Pendaftaran ditarik.", _OTHER_WAYS),
    Status.CANCELLED: ("Pendaftaran dibatalkan oleh KPM.", _OTHER_WAYS),
}

# what the KPM reads at the till after she locked, unlocked or withdrew her face
LOCK_WORDS: dict[str, tuple[str, str]] = {
    "LOCKED": (
        "Wajah Ibu/Bapak dikunci.",
        f"Buka lagi dengan kartu dan PIN atau kode. {_OTHER_WAYS}",
    ),
    "OPEN": (
        "Wajah Ibu/Bapak tidak dikunci.",
        "Ibu/Bapak bisa belanja dengan wajah bila terdaftar.",
    ),
    "WITHDRAWN": (
        "Wajah Ibu/Bapak sudah dihapus.",
        f"Bila mau lagi, daftar baru lewat pendamping. {_OTHER_WAYS}",
    ),
}
