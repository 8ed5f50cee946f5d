"""Drafts and proposals of ceilings as an officer reads them, in Indonesian."""

WRONG = {
    "act": "Formulir ini sudah dipakai untuk hal lain. Muat ulang halaman.",
    "officer": "Peran atau wilayah Anda tidak boleh melakukan ini.",
    "reason": "Tulis alasannya, paling banyak 300 huruf, satu baris.",
    "regulation": "Tulis dasar aturannya, paling banyak 200 huruf, satu baris.",
    "valid_from": "Mulai berlaku paling cepat besok dan paling lama setahun lagi; hari terakhir "
    "tidak boleh sebelum hari pertama.",
    "scope": "Tempat ini tidak dikenal untuk aturan seperti itu.",
    "target_kind": "Pilih barang, kategori, kelompok, atau kode batang.",
    "target": "Barang ini tidak ada, atau tidak memakai batas harga.",
    "rupiah": "Tulis harga satu satuan dasar dalam rupiah, tanpa titik.",
    "note": "Tulis alasannya, paling banyak 300 huruf, satu baris.",
    "draft": "Rancangan ini tidak ada.",
    "catalogue": "Daftar harga menolak baris ini: sudah ada batas lain untuk barang, tempat, dan "
    "hari yang sama, atau kodenya tidak dikenal.",
    "same_person": "Tanda tangan kedua harus dari orang lain.",
    "day_has_come": "Hari berlakunya sudah tiba. Buat rancangan baru untuk hari kemudian.",
    "done_already": "Ini sudah dilakukan.",
    "withdrawn": "Rancangan ini sudah ditarik. Buat yang baru.",
    "proposal": "Usulan ini tidak ada, atau batas harganya sudah tidak berlaku.",
    "answered": "Usulan ini sudah dijawab.",
    "mode": "Pilih bayar sebatas harga (CAP) atau catat saja (FLAG).",
    "days": "Paling lama 30 hari.",
}
STATES = {
    "DRAFT": "Rancangan",
    "SIGNED": "Satu tanda tangan",
    "PUBLISHED": "Terbit ke kasir",
    "WITHDRAWING": "Terbit, sedang ditarik",
    "WITHDRAWN": "Ditarik",
}
ACTS = {"SIGNED": "menandatangani", "WITHDRAWAL": "menarik"}
MODES = {
    "DECLINE": "Tolak di atas batas",
    "CAP": "Bayar sebatas harga, selisih ditanggung warung",
    "FLAG": "Catat saja",
    "": "Larangan",
}
ANSWERS = {"ACCEPTED": "Diterima", "DECLINED": "Tidak diterima"}


def wrong(field: str) -> str:
    """What to tell an officer whose act was refused."""
    return WRONG.get(field, WRONG["draft"])
