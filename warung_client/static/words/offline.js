// What the till says where it sells, waits and sends without signal; loaded with those screens.

import { rupiah } from '../money.js';

const say = (message, nextStep = '') => ({ message, nextStep });

export const OTHER_TAB = say('Kasir ini sudah terbuka di tab lain.', 'Belanja tanpa sinyal dilakukan di tab itu. Tutup salah satunya.');
export const NOT_APPROVED = say('Kunci tablet ini belum disetujui Dinsos.', 'Tunggu sinyal untuk belanja dengan bantuan. Tunai tetap bisa.');
export const REVOKED = say('Tablet ini sudah dicabut.', 'Belanja yang tersimpan tetap terkirim. Hubungi pemilik warung.');
export const QUARANTINED = say(
  'Tablet ini sedang diperiksa: ada dua salinan dari tablet ini.',
  'Belanja yang tersimpan tidak hilang. Buka Menu, Perangkat, lalu pasang ulang dengan kode pemilik.',
);
export const OWN_FAMILY = say('Petugas tidak melayani keluarganya sendiri.', 'Minta petugas lain masuk dan melayani belanja ini.');
export const OTHER_SHOP = say('Kunci tanpa sinyal tablet ini milik perangkat lain.', 'Masuk dengan petugas yang terdaftar di tablet ini, atau tunggu sinyal.');
export const INSECURE = say('Alamat kasir ini belum aman, jadi belum bisa berjualan tanpa sinyal.', 'Buka kasir lewat alamat https dari petugas.');

export const CARD_TITLE = 'Pindai QR di kartu KKS';
export const CARD_HINT = 'Tempelkan QR di stiker kartu ke alat pemindai.';
export const CARD_BY_CAMERA = 'Pindai dengan kamera';
export const CARD_FIELD = 'Atau ketik isi QR';
export const CARD_NOT_READ = say('Ini bukan QR kartu KKS.', 'Pindai stiker QR di kartu, bukan nomor kartunya.');
export const NO_ALLOWANCE = say('Keluarga ini belum punya jatah tanpa sinyal di tablet ini.', 'Bantuan tetap utuh. Layani saat ada sinyal, atau bayar tunai dengan struk terpisah.');
export const ALLOWANCE_OVER = say('Jatah tanpa sinyal keluarga ini sudah lewat tanggalnya.', 'Bantuan tetap utuh. Layani saat ada sinyal.');
export const ALLOWANCE_EARLY = say('Jatah tanpa sinyal keluarga ini belum mulai.', 'Periksa jam tablet, atau layani saat ada sinyal.');
export const TRIES_OVER = say('PIN belanja salah 3 kali.', 'Keluarga ini dilayani lagi setelah ada sinyal. Bantuan tetap utuh.');
/** @param {number} left */
export const pinWrong = (left) => say('PIN belanja belum cocok.', left > 0 ? `Boleh dicoba ${left} kali lagi.` : TRIES_OVER.nextStep);
/** @param {number} left @param {number} amount */
export const beyondAllowance = (left, amount) => say(
  `Jatah tanpa sinyal tinggal ${rupiah(left)}, belanja ${rupiah(amount)}.`,
  `Kurangi barang, atau bayar sisanya ${rupiah(amount - left)} tunai dengan struk terpisah.`,
);
/** A purchase with signal may have taken a part, and its answer was lost. @param {number} left */
export const inDoubt = (left) => say(
  `Jatah tanpa sinyal keluarga ini yang pasti masih ada: ${rupiah(left)}.`,
  'Belanja terakhir dengan sinyal belum diketahui hasilnya. Tunggu sinyal, kurangi barang, atau bayar tunai dengan struk terpisah.',
);
/** @param {number} most */
export const beyondOneSale = (most) => say(`Satu belanja tanpa sinyal paling banyak ${rupiah(most)}.`, 'Kurangi barang.');
export const TOO_MANY_SALES = say('Belanja tanpa sinyal keluarga ini sudah sebanyak yang boleh.', 'Layani lagi saat ada sinyal.');

export const LOCKED_COUNT = say('Sudah terlalu banyak belanja yang belum terkirim.', 'Cari sinyal dahulu supaya belanja terkirim. Tunai tetap bisa.');
export const LOCKED_AGE = say('Ada belanja yang sudah 7 hari belum terkirim.', 'Cari sinyal dahulu supaya belanja terkirim. Tunai tetap bisa.');
export const LOCKED_CATALOGUE = say('Daftar harga di tablet ini sudah lebih dari 7 hari.', 'Cari sinyal satu kali untuk mengambil yang baru. Tunai tetap bisa.');

export const FULL = say('Penyimpanan tablet penuh. Belanja ini TIDAK tercatat.', 'Jangan serahkan barang dulu. Hapus foto atau aplikasi lain, lalu tekan Bayar lagi.');
export const NOT_KEPT = say('Belanja ini belum tersimpan di tablet.', 'Jangan serahkan barang dulu. Coba sekali lagi.');
export const ALREADY_KEPT = say('Belanja ini sudah tercatat di tablet.', 'Jangan mengulang. Lihat Menu, Tertunda.');
export const TOO_LARGE = say('Belanja ini terlalu panjang untuk dicatat tanpa sinyal.', 'Bagi menjadi dua belanja.');

/** Verdicts of a line judged by the tablet. */
export const VERDICTS = {
  ITEM_UNKNOWN: 'Barang ini tidak ada di daftar.',
  QUANTITY_INVALID: 'Banyaknya belum benar.',
  ITEM_BANNED: 'Barang ini tidak boleh dibeli dengan bantuan. Bisa dibayar tunai, struk terpisah.',
  ITEM_NOT_IN_PROGRAMME: 'Barang ini tidak bisa dibayar dengan bantuan tanpa sinyal. Bisa dibayar tunai, struk terpisah.',
  UNIT_MISMATCH: 'Satuan ini tidak dipakai untuk barang ini.',
  CEILING_MISSING: 'Harga tertinggi barang ini belum ada.',
  PRICE_ABOVE_CEILING: 'Harga terlalu tinggi.',
  QUANTITY_LIMIT: 'Lebih dari yang boleh dibeli satu keluarga sehari.',
};
/** @param {number} ceiling @param {string} unit */
export const aboveCeiling = (ceiling, unit) => `Harga terlalu tinggi. Paling tinggi ${rupiah(ceiling)} per ${unit}.`;

export const PENDING = {
  title: 'Tertunda', queue: 'Menunggu sinyal', none: 'Tidak ada belanja yang menunggu.', look: 'Perlu dilihat', send: 'Kirim sekarang',
  sending: 'Sedang mengirim', exported: 'Simpan antrean ke berkas', repair: 'Perbaiki aplikasi',
  repairWhy: 'Aplikasi diambil ulang dari mesin. Antrean belanja tetap di tablet.',
  repairNeedsSignal: say('Perbaiki aplikasi memerlukan sinyal.', 'Coba lagi saat ada sinyal. Antrean belanja tetap di tablet.'),
  notPersisted: say('Tablet ini bisa menghapus data bila penyimpanannya penuh.', 'Sisakan ruang kosong dan simpan antrean ke berkas setiap hari.'),
  unknown: say('Mesin belum mengenal kunci tablet ini.', 'Simpan antrean ke berkas dan berikan kepada petugas Dinsos.'),
  untrusted: say('Jawaban mesin belum bisa diperiksa.', 'Periksa alamat kasir. Belanja tetap tersimpan.'),
  split: say('Mesin menyimpan belanja lain dari tablet ini.', 'Jangan hapus apa pun. Simpan antrean ke berkas dan hubungi Dinsos.'),
};
/** @param {number} count @param {number} of */
export const moreWord = (count, of) => `${count} terbaru dari ${of}.`;

export const PENDING_AWAY = say('Mesin belum menjawab.', 'Belanja tetap tersimpan dan terkirim sendiri saat ada sinyal.');

/** Why a stopped tablet sells no more without signal, and what to do, step by step. */
export const STOPPED = {
  QUARANTINED: 'Mesin menemukan dua salinan dari tablet ini, jadi tablet ini tidak bisa lagi berjualan tanpa sinyal. Dengan sinyal tetap bisa.',
  REVOKED: 'Tablet ini dicabut oleh pemilik atau petugas, jadi tidak bisa lagi berjualan.',
  steps: [
    'Kirim belanja yang menunggu: Menu, Tertunda. Yang ditahan tetap diperiksa petugas.',
    'Minta kode baru kepada pemilik warung: Menu, Perangkat, Buat kode perangkat.',
    'Tekan tombol di bawah dan ketik kode itu. Tablet mendapat kunci baru.',
    'Jatah tanpa sinyal disisihkan lagi setelah Dinsos menyetujui kunci baru.',
  ],
  outside: [
    'Belanja yang menunggu terkirim sendiri saat ada sinyal. Yang ditahan diperiksa petugas, uangnya tidak hilang.',
    'Kalau tidak terkirim: simpan antrean ke berkas dan berikan kepada petugas Dinsos. Jangan hapus aplikasi.',
    'Untuk berjualan lagi: minta kode baru kepada pemilik warung, lalu tekan Pasang dengan kode pemilik.',
  ],
  again: 'Pasang ulang dengan kode pemilik',
};

/** What became of a sale, for the shop. */
export const OUTCOMES = {
  ACCEPTED: 'Diterima', ACCEPTED_LATE: 'Diterima, terlambat', PAID_FROM_BALANCE: 'Dibayar dari saldo', PROGRAMME_LOSS: 'Dibayar program',
  SHOP_LIABLE: 'Ditanggung warung', HELD_FORK: 'Ditahan untuk diperiksa', HELD_REVIEW: 'Ditahan untuk diperiksa', PENDING_GAP: 'Menunggu belanja sebelumnya',
  BAD_SIGNATURE: 'Tanda tangan tidak cocok', DISPUTED: 'Disanggah keluarga',
};

/** How a family's complaint ended; other decisions say themselves by their outcome. */
export const ENDED = {
  SHOP_PAYS: 'Sanggahan selesai: ditanggung warung', LOSS: 'Sanggahan selesai: ditanggung program', HERS: 'Sanggahan selesai: belanja keluarga itu',
};
export const DECIDED = 'Keputusan petugas';
export const READ = 'Sudah dibaca';

export const ALLOWANCE = {
  title: 'Jatah tanpa sinyal', why: 'Atas permintaan Ibu/Bapak KPM, sebagian bantuan disisihkan supaya bisa belanja di sini saat tidak ada sinyal.',
  ask: 'Sisihkan jatah', recall: 'Tarik kembali jatah', whose: 'Uangnya tetap milik Ibu/Bapak KPM dan bisa ditarik kembali kapan saja.',
  all: 'Sebanyak yang boleh', made: 'Jatah sudah disisihkan', recalled: 'Jatah sudah ditarik kembali', none: 'Belum ada jatah di tablet ini.',
  needsSignal: say('Menyisihkan jatah memerlukan sinyal.', 'Coba lagi saat ada sinyal.'),
  untrusted: say('Jatah dari mesin belum bisa diperiksa.', 'Coba sekali lagi. Jika tetap, hubungi petugas.'),
};
/** @param {number} amount @param {string} until */
export const allowanceLine = (amount, until) => `${rupiah(amount)} sampai ${until}`;

export const DEVICE = {
  title: 'Perangkat', enrolTitle: 'Pasang dengan kode pemilik', label: 'Nama tablet', code: 'Kode 8 angka dari pemilik', codeHint: 'Kode berlaku 10 menit, satu kali pakai.',
  enrol: 'Pasang tablet ini', bind: 'Pasang kunci tablet', makeCode: 'Buat kode perangkat', codeMade: 'Berikan kode ini di tablet baru.', pin: 'PIN pemilik',
  needsSignal: say('Memasang tablet memerlukan sinyal.', 'Coba lagi saat ada sinyal.'),
  queueFirst: say('Masih ada belanja yang belum terkirim di tablet ini.', 'Kirim dahulu, baru pasang kunci baru.'),
  enrolled: say('Tablet ini sudah terpasang.', 'Pilih petugas, lalu masuk dengan PIN.'),
  bound: say('Kunci tablet sudah terpasang.', 'Bisa dipakai tanpa sinyal setelah disetujui Dinsos.'),
  notHere: say('Browser ini belum bisa membuat kunci.', 'Perbarui Chrome, atau pakai tablet lain.'),
};
export const DEVICE_STATES = {
  NONE: 'Belum ada kunci tanpa sinyal', ONLINE: 'Menunggu persetujuan Dinsos', APPROVED: 'Siap tanpa sinyal', REVOKED: 'Sudah dicabut', QUARANTINED: 'Sedang diperiksa',
};

export const UNLOCK = {
  /** @param {number} left */
  wrong: (left) => say('PIN belum cocok.', `Boleh dicoba ${left} kali lagi.`),
  blocked: say('PIN salah 5 kali.', 'Petugas ini masuk lagi setelah ada sinyal.'),
  unknown: say('Mesin belum menjawab.', 'Petugas ini harus masuk satu kali dengan sinyal dahulu.'),
};

/** The paper of a sale made without signal. */
export const RECEIPT = {
  title: 'DICATAT - MENUNGGU SINYAL', cashier: 'Kasir', number: 'Catatan', sum: 'JUMLAH', left: 'Sisa jatah',
  keep: 'Simpan sampai SMS datang.', proof: 'QR ini bukti belanja.',
};
