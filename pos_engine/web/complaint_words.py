"""What kinds, states and steps of complaints are called on the pages."""

from pos_engine.rules.complaints import Kind, MoneyStep, State, Swap

PROBLEMS = {
    Kind.BALANCE: "Saldo kosong atau kurang",
    Kind.PRICE: "Harga terlalu mahal",
    Kind.QUALITY: "Barang rusak, basi, atau bermutu jelek",
    Kind.FORCED: "Dipaksa membeli paket atau diminta biaya",
    Kind.NOT_ME: "Ada belanja yang bukan saya",
    Kind.CARD: "Kartu, PIN, atau nomor HP",
    Kind.OTHER: "Lainnya",
}
KINDS = {
    Kind.BALANCE: "Saldo",
    Kind.PRICE: "Harga",
    Kind.QUALITY: "Mutu barang",
    Kind.FORCED: "Paksaan atau pungutan",
    Kind.NOT_ME: "Bukan belanja saya",
    Kind.CARD: "Kartu atau PIN",
    Kind.OTHER: "Lainnya",
}
STATES = {
    State.OPEN: "belum dibuka petugas",
    State.IN_WORK: "sedang diperiksa",
    State.ANSWERED: "sudah dijawab",
    State.CLOSED: "selesai",
}
SWAPS = {
    Swap.WAITING: "menunggu warung menukar barang",
    Swap.BY_SHOP: "menurut warung sudah ditukar, menunggu kata KPM",
    Swap.DONE: "barang sudah ditukar",
}
CHANNELS = {
    "SMS": "SMS",
    "USSD": "menu HP",
    "PAGE": "halaman KPM",
    "TILL": "kasir",
    "PAPER": "kertas",
}
EVENTS = {
    "OPENED": "Laporan masuk",
    "TAKEN": "Mulai diperiksa",
    "ANSWERED": "Dijawab",
    "REOPENED": "KPM: belum selesai",
    "CLOSED": "Selesai",
    "ESCALATED": "Lewat batas waktu, diteruskan ke Kemensos",
    "SWAP_BY_SHOP": "Warung: barang sudah ditukar",
    "SWAP_DONE": "Barang ditukar, disetujui KPM atau petugas",
    "MONEY_ASKED": "Usul tentang uang",
    "MONEY_DONE": "Uang dijalankan, disetujui petugas kedua",
}
MONEY = {
    MoneyStep.DISPUTE: "Kembalikan dulu ke KPM (program menalangi)",
    MoneyStep.SHOP_PAYS: "Warung mengganti",
    MoneyStep.LOSS: "Program menanggung",
    MoneyStep.HERS: "Benar belanja KPM, uang tidak dipindah",
}
# of a refusal of the desk, by its field
REFUSALS = {
    "reference": "Laporan itu tidak ada di wilayah Anda.",
    "state": "Langkah itu tidak bisa lagi: keadaan laporan sudah berubah.",
    "words": "Tulis 1 sampai 170 huruf.",
    "role": "Hanya petugas Dinsos atau Kemensos.",
    "officer": "Petugas tidak memeriksa laporan keluarganya sendiri.",
    "purchase": "Laporan ini tidak menunjuk belanja.",
    "money": "Tidak ada usul yang menunggu, atau sudah diputuskan.",
    "decision": "Tidak bisa: dibayar dengan dua bukti, lewat 14 hari, atau uangnya di bank.",
    "subject": "Belanja itu tidak bisa disengketakan, atau sengketanya belum dibuka.",
    "approve": "Orang kedua harus petugas lain di wilayah warung.",
    "by": "Pengusul bukan petugas aktif di wilayah warung.",
    "swap": "Tidak ada barang yang menunggu ditukar.",
    "number": "Nomor struk atau keluarga itu tidak ada di wilayah Anda.",
    "kpm_id": "Sudah terlalu banyak laporan keluarga ini yang masih diperiksa.",
    "photo": "Foto harus JPEG, PNG, atau WebP, paling besar 2 MiB.",
}
NOT_DONE = "Belum bisa dijalankan. Periksa isiannya."
