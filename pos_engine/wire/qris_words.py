"""Why a shown code is not paid, as a sentence in Indonesian with what to do next."""

from pos_engine.rules.qris import QrisRefusal

REFUSAL_WORDS: dict[QrisRefusal, str] = {
    QrisRefusal.CODE_BROKEN: "Kode QR ini bukan QRIS yang benar. Minta warung menampilkan lagi.",
    QrisRefusal.SHOP_UNKNOWN: "Kode QR ini bukan milik e-warong. Jangan dibayar.",
    QrisRefusal.OTHER_SHOP: (
        "Kode QR ini milik warung lain. Jangan dibayar; minta kode di layar kasir."
    ),
    QrisRefusal.BASKET_UNKNOWN: "Belanja dengan kode ini tidak ada. Minta kode baru dari kasir.",
    QrisRefusal.BASKET_EXPIRED: "Waktu kode QR ini habis. Minta kode baru dari kasir.",
    QrisRefusal.BASKET_NOT_LAWFUL: "Ada barang atau harga yang belum sesuai. Periksa di kasir.",
    QrisRefusal.AMOUNT_DIFFERS: "Jumlah di kode QR berbeda dengan belanja. Jangan dibayar.",
    QrisRefusal.PAID_ALREADY: "Belanja ini sudah dibayar.",
    QrisRefusal.NMID_PENDING: (
        "Warung ini belum punya NMID. Sementara pakai KKS, HP, KTP, atau wajah di kasir."
    ),
}
