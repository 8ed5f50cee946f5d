// What the training ground says by itself.

export const TRAINING_TITLE = 'Latihan';
export const BANNER = 'LATIHAN - tidak ada uang yang bergerak';
export const START_HINT = 'Belajar memakai kasir dengan warung dan keluarga contoh. Tidak ada yang dikirim ke mesin.';
export const BEGIN = 'Mulai latihan';
export const LEAVE = 'Selesai latihan';
export const SAMPLE_CARD = 'Pakai kartu contoh';
export const cannotHere = 'Langkah ini tidak ada di latihan. Pakai kartu KKS contoh.';

/** What to do next, screen by screen. */
export const COACH = {
  goods: 'Tekan gambar barang yang dipilih Ibu/Bapak KPM, misalnya Beras medium.',
  price: 'Ketik banyaknya, tekan Isi harga, lalu ketik harga per satuan, tidak lebih dari yang tertulis. Lalu tekan Tambah.',
  pay: 'Tambah barang lain, atau tekan Bayar.',
  way: 'Pilih cara mengenali. Untuk latihan ini: tekan KKS.',
  card: 'Tekan tombol ini, nomor kartunya terisi.',
  phone: 'Ketik nomor contoh 081200000001. Kodenya 123456.',
  yes: 'Putar tablet ke Ibu/Bapak KPM. Ia membaca, lalu menekan Ya.',
  pin: 'KPM mengetik PIN belanja. PIN contoh 123456.',
  done: 'Berhasil. Cetak atau bagikan struknya, lalu tekan Belanja berikutnya.',
  again: 'Baca sebabnya, lalu ikuti tombol di bawah.',
};

export const LINE_WORDS = {
  ITEM_UNKNOWN: 'Barang ini tidak ada di daftar.',
  PRICE_ABOVE_CEILING: 'Harga terlalu tinggi. Turunkan harga atau keluarkan barang.',
};

export const DECLINES = {
  LOGIN: 'PIN contoh 123456.',
  CODE_SENT: 'Kode contoh 123456.',
  CARD_UNKNOWN: { message: 'Kartu ini tidak dikenal di latihan.', next_step: 'Tekan Pakai kartu contoh.' },
  PAYER_UNKNOWN: { message: 'Nomor ini tidak dikenal di latihan.', next_step: 'Ketik 081200000001, atau pakai KKS.' },
  PIN_WRONG: { message: 'PIN belum cocok.', next_step: 'PIN contoh 123456.' },
  CODE_WRONG: { message: 'Kode belum cocok.', next_step: 'Kode contoh 123456.' },
  ITEM_BANNED: { message: 'Ada barang yang tidak boleh dibeli dengan bantuan.', next_step: 'Keluarkan barang itu.' },
  PRICE_ABOVE_CEILING: { message: 'Ada harga yang terlalu tinggi.', next_step: 'Turunkan harga atau keluarkan barang.' },
  INSUFFICIENT_BALANCE: { message: 'Saldo keluarga contoh tidak cukup.', next_step: 'Kurangi barang, atau bayar sisanya tunai dengan struk terpisah.' },
  OTHER: { message: 'Belum bisa dibayar.', next_step: 'Perbaiki belanja, lalu coba lagi.' },
  VOIDED: { message: 'Belanja latihan dibatalkan.', next_step: 'Uang contoh kembali.' },
  DAY_CLOSED: 'Kas latihan sudah ditutup. Tutup kas hanya sekali sehari.',
};
