// Everything the till says after the sale and about its day: receipts, cash, stock, money, help.

import { rupiah } from '../money.js';

/** @param {string} message @param {string} [nextStep] */
const say = (message, nextStep = '') => ({ message, nextStep });

export { RECEIPT } from './receipt.js';

export const PRINTER = {
  TITLE: 'Printer', HOW: 'Cara mencetak', PAPER: 'Lebar kertas', NARROW: '58 mm', WIDE: '80 mm', TRY: 'Cetak contoh',
  KINDS: { PAGE: 'Printer tablet', SERIAL: 'Kabel USB', BLUETOOTH: 'Bluetooth' },
  SAMPLE: '     CONTOH CETAKAN E-WARONG\n--------------------------------\nBeras medium\n 5 kg x Rp13.400        Rp67.000\n--------------------------------\n',
};

export const HISTORY = {
  ALL: 'Lihat semua', LAST: '5 terakhir', FIND: 'Nomor, jumlah, jam', NONE_FOUND: 'Tidak ada belanja seperti itu hari ini.', RECEIPT: 'Struk', VOID: 'Batalkan',
  FROM_TABLET: say('Ini catatan tablet, bukan dari mesin.', 'Saat ada sinyal, daftar lengkap datang sendiri.'),
};

export const SHIFT = {
  TITLE: 'Buka dan tutup kas', OPEN_TITLE: 'Buka kas', OPEN: 'Buka kas', COUNT_FIRST: 'Hitung uang di laci, lalu ketik.', NOT_OPEN: 'Kas belum dibuka hari ini.',
  LATER: 'Nanti', CHECKS: 'Pemeriksaan tablet', CHECKING: 'Sedang memeriksa', X_TITLE: 'Hari ini sampai sekarang (X)', X: 'Hitungan sekarang (X)',
  CASH_SALES: 'Jualan tunai', TAKEN_IN: 'Uang masuk', TAKEN_OUT: 'Uang keluar', AID: 'Belanja bantuan',
  EXPECTED: 'Seharusnya', COUNTED: 'Dihitung', RETURNED: 'Dibatalkan', WAITING: 'Belum terkirim',
  NOTE_IN: 'Uang masuk laci', NOTE_OUT: 'Uang keluar laci', KEEP: 'Simpan', WHY_IN: ['Tambah uang kembalian', 'Setoran pemilik', 'Lainnya'], WHY_OUT: ['Belanja stok', 'Diambil pemilik', 'Ongkos', 'Lainnya'],
  CHANGE: 'Ganti kasir', WHO: 'Siapa yang bertugas sekarang?', PIN_OF: 'PIN petugas', ENTER: 'Masuk',
  CLOSE: 'Tutup kas (Z)', CLOSE_TITLE: 'Tutup kas (Z)', BLIND: 'Hitung semua uang di laci. Jumlah seharusnya baru tampak sesudah dihitung.', COUNT_DONE: 'Selesai menghitung',
  OWNER_PIN: 'PIN pemilik', OWNER_HINT: 'Tutup kas dan batal belanja memerlukan pemilik warung.', CLOSE_NOW: 'Tutup kas sekarang', ONCE: 'Tutup kas hanya sekali sehari.',
  CLOSED: 'Kas hari ini sudah ditutup.', MATCHES: 'Uang di laci cocok.', PRINT: 'Cetak laporan', DONE: 'Selesai', SEND_NOW: 'Kirim sekarang', HAND_OVER: 'Serahkan ke kasir berikutnya',
  HAND_OVER_WHY: 'Belanja itu tetap tersimpan di tablet ini dan terkirim sendiri saat ada sinyal.', NO_OWNER: say('Pemilik warung ini belum terdaftar di tablet.', 'Pemilik memasang log-in-nya dahulu, atau menutup kas di tabletnya.'),
  TAKE_OVER: 'Ambil alih kas', OTHER_CASHIER: 'Kas ini dibuka petugas lain.',
  OWNER_WRONG: say('PIN pemilik belum cocok.', 'Periksa, lalu coba sekali lagi.'),
};

/** @param {number} count @param {number} amount */
export const unsentWord = (count, amount) => `${count} belanja (${rupiah(amount)}) belum terkirim`;
/** @param {number} difference */
export const differenceWord = (difference) => (difference > 0 ? `Lebih ${rupiah(difference)}` : `Kurang ${rupiah(-difference)}`);
/** @param {string} name */
export const openedBy = (name) => `Dibuka ${name}`;

/** What the self-test says: good, and otherwise what to do. */
export const CHECKS = {
  camera: { name: 'Kamera', good: 'Siap', bad: 'Belum bisa. Izinkan kamera di pengaturan; HP, KKS, dan KTP tetap bisa dipakai.' },
  printer: { name: 'Printer', good: 'Sudah dipilih', bad: 'Belum terhubung. Struk tetap bisa dibagikan dari layar.', page: 'Memakai printer tablet' },
  storage: { name: 'Penyimpanan', good: 'Cukup dan aman', bad: 'Hampir penuh. Hapus foto atau aplikasi yang tidak dipakai.', loose: 'Cukup. Simpan antrean ke berkas setiap hari.' },
  clock: { name: 'Jam', good: 'Cocok dengan mesin', bad: 'Berbeda dari mesin. Nyalakan tanggal dan jam otomatis.', unknown: 'Belum bisa dibandingkan: tidak ada sinyal.',
    off: 'Berbeda dari jam mesin terakhir. Belanja dicatat menurut jam mesin. Nyalakan tanggal dan jam otomatis.' },
  key: { name: 'Kunci tanpa sinyal', good: 'Siap', bad: 'Belum ada. Belanja memerlukan sinyal.' },
};

export const STOCK = {
  TITLE: 'Stok', FIND: 'Cari barang', RECEIVE: 'Terima', COUNT: 'Hitung', LOW: 'Hampir habis', GONE: 'Habis', NONE: 'Belum ada barang yang dihitung. Tekan satu barang untuk mulai.',
  HOW_MANY: 'Banyaknya', KEEP: 'Simpan', LOW_AT: 'Beri tahu di bawah', ADD: 'Barang lain', LEFT: 'Sisa',
};

export const MONEY = {
  TITLE: 'Uang Anda', WAITING: 'Belum dibayarkan', WAITING_WHY: 'Belanja bantuan sejak penyelesaian terakhir.', SENT: 'Dalam perjalanan ke bank', RECEIVED: 'Sudah masuk rekening',
  ACCOUNT: 'Rekening', NO_ACCOUNT: 'Rekening belum terdaftar. Hubungi petugas Dinsos.', REFERENCE: 'No. rujukan bank', NONE: 'Belum ada pembayaran.', DAYS: 'Hari bank',
  HELD: {
    NEGATIVE_CARRIED: 'Dikurangi belanja yang dikembalikan', SHOP_SUSPENDED: 'Warung sedang diperiksa', NO_ACCOUNT: 'Rekening belum terdaftar', BELOW_MINIMUM: 'Menunggu jumlah terkecil',
  },
  STILL: 'Menunggu',
};

export const LISTEN = 'Dengarkan';
export const GUIDE = {
  TITLE: 'Bantuan',
  CARDS: [
    { id: 'sale', sign: 'basket', title: 'Belanja', steps: ['goods', 'plus', 'cash'], word: 'Tekan gambar barang, ketik banyak dan harga, lalu tekan Bayar.' },
    { id: 'who', sign: 'face', title: 'Kenali', steps: ['face', 'handset', 'card'], word: 'Wajah, HP, KKS, atau KTP: semua sama sahnya, pilih yang mudah bagi Ibu/Bapak KPM.' },
    { id: 'agree', sign: 'turn', title: 'Setuju', steps: ['turn', 'eye', 'check'], word: 'Putar tablet, KPM membaca belanjanya dan menekan Ya sendiri.' },
    { id: 'price', sign: 'warn', title: 'Harga terlalu tinggi', steps: ['warn', 'pen', 'check'], word: 'Tekan Pakai harga tertinggi, atau keluarkan barangnya.' },
    { id: 'signal', sign: 'clock', title: 'Tanpa sinyal', steps: ['clock', 'tablet', 'check'], word: 'Belanja kuning sudah tercatat di tablet dan terkirim sendiri saat ada sinyal. Jangan diulang.' },
    { id: 'receipt', sign: 'printer', title: 'Struk', steps: ['printer', 'share', 'list'], word: 'Cetak atau bagikan. Struk lama ada di Hari ini, dan bertanda SALINAN.' },
    { id: 'void', sign: 'undo', title: 'Batal', steps: ['list', 'undo', 'person'], word: 'Buka Hari ini, pilih belanjanya, tekan Batalkan; pemilik mengetik PIN-nya.' },
    { id: 'close', sign: 'cash', title: 'Tutup kas', steps: ['cash', 'list', 'check'], word: 'Hitung uang di laci, ketik jumlahnya, lalu pemilik menutup hari itu satu kali.' },
  ],
};
