// Every sentence the till says by itself, in plain Indonesian; the engine brings its own.

import { rupiah } from './money.js';

/** A problem as the screens show it: what happened and what to do. */
export const say = (message, nextStep = '') => ({ message, nextStep });

export const STEPS = ['Belanja', 'Kenali', 'Setuju', 'Hasil'];

/** Shelves of the goods screen: word on the key, heading, and the good that stands for it. */
export const SHELVES = {
  KARBO: { word: 'Pokok', title: 'Beras dan pangan pokok', picture: 'beras' },
  HEWANI: { word: 'Lauk', title: 'Telur, daging, ikan', picture: 'telur' },
  NABATI: { word: 'Kacang', title: 'Tahu, tempe, kacang', picture: 'tempe' },
  SAYUR: { word: 'Sayur', title: 'Sayur dan bumbu', picture: 'sayur' },
  BUAH: { word: 'Buah', title: 'Buah', picture: 'pisang' },
  LAIN: { word: 'Lain', title: 'Pangan lain', picture: 'minyak' },
  NON_PANGAN: { word: 'Lain', title: 'Bukan pangan', picture: 'barang' },
};
export const NOT_WITH_AID = 'Tidak bisa dengan bantuan';

/** @type {[RegExp, string][]} */
const UNIT_WORDS = [
  [/^karung(\d+)$/, 'karung $1 kg'],
  [/^botol(\d{3})$/, 'botol $1 ml'],
  [/^pouch(\d{3})$/, 'kantong $1 ml'],
  [/^pouch(\d+)$/, 'kantong $1 liter'],
  [/^bungkus(\d+)$/, 'bungkus $1 g'],
  [/^L$/i, 'liter'],
  [/^pack$/, 'kemasan'],
];

/** A unit's code as a cashier says it. @param {string} code @returns {string} */
export function unitName(code) {
  const found = UNIT_WORDS.find(([shape]) => shape.test(code));
  return found ? code.replace(found[0], found[1]) : code;
}

export const ROLES = { KASIR: 'Kasir', PEMILIK: 'Pemilik' };

export const WAYS = {
  FACE: { name: 'Wajah', hint: 'Tanpa kartu' },
  PHONE: { name: 'HP', hint: 'Kode lewat SMS' },
  KKS: { name: 'KKS', hint: 'Kartu dan PIN' },
  KTP: { name: 'KTP', hint: 'NIK dan wajah' },
};

export const METHODS = {
  KKS: 'KKS', PHONE: 'HP', FACE: 'Wajah', KTP: 'KTP', QR: 'QR', DELEGATE: 'Wakil', SUPERVISED: 'Pendampingan',
};

/** Why two people must vouch; codes as the engine knows them. */
export const NO_OTHER_WAY = [
  { code: 'CARD_LOST', word: 'Kartu hilang' },
  { code: 'PIN_FORGOTTEN', word: 'Lupa PIN' },
  { code: 'NO_PHONE', word: 'Tanpa HP' },
  { code: 'FACE_NOT_KNOWN', word: 'Wajah belum dikenali' },
  { code: 'OTHER', word: 'Lainnya' },
];
export const SUPERVISION_ENDED = ['Petugas belum menyetujui.', 'Minta sekali lagi ke petugas lain, atau pakai cara lain.'];

export const FACTORS = {
  PIN: { name: 'PIN belanja', title: 'PIN belanja, bukan PIN bank', hint: 'Enam angka. Hanya Ibu/Bapak KPM yang mengetik.' },
  CODE: { name: 'Kode SMS', title: 'Kode dari SMS', hint: 'Enam angka, dikirim ke HP Ibu/Bapak KPM.' },
  BIRTH_DATE: { name: 'Tanggal lahir', title: 'Tanggal lahir KPM', hint: 'Tanggal, bulan, tahun. Contoh: 07 03 1968.' },
};

/** Why an owner takes a purchase back. */
export const VOID_REASONS = ['Salah barang', 'Salah jumlah atau harga', 'Barang tidak jadi diambil'];

export const STATUSES = {
  APPROVED: 'Disetujui', DECLINED: 'Belum bisa', PENDING: 'Menunggu', VOIDED: 'Dibatalkan', REVERSED: 'Dikembalikan',
};

export const NO_ANSWER = say('Mesin belum menjawab.', 'Periksa sinyal, lalu coba sekali lagi. Belanja tidak hilang.');
export const SESSION_OVER = say('Waktu kerja di kasir ini sudah habis.', 'Masuk sekali lagi. Belanja tetap tersimpan.');
export const UNEXPECTED = say('Mesin belum bisa memproses ini.', 'Coba sekali lagi atau pakai cara lain.');
export const MALFORMED = say('Ada isian yang belum benar.', 'Periksa angkanya, lalu coba sekali lagi atau pakai cara lain.');
export const CLOCK_WRONG = say('Jam tablet berbeda dari jam mesin.', 'Nyalakan tanggal dan jam otomatis di pengaturan, lalu tekan Coba lagi. Belanja tidak hilang.');
export const SLIP = 'Ada angka yang keliru. Periksa satu per satu.';
export const CAMERA_OFF = say('Kamera belum bisa dipakai di tablet ini.', 'Izinkan kamera di pengaturan, atau pakai HP, KKS, atau KTP.');
export const PICTURE_FAILED = say('Foto belum berhasil diambil.', 'Coba sekali lagi di tempat terang, atau pakai cara lain.');
export const SALE_UNFINISHED = say('Belanja terakhir belum tercatat di mesin.', 'Isi keranjang masih ada. Tekan Bayar sekali lagi.');
export const SALE_CANCELLED = say('Belanja ini sudah dibatalkan.', 'Uangnya kembali ke saldo Ibu/Bapak. Lihat daftar Hari ini.');
export const OUTSIDE = 'Bayar tunai, struk terpisah';
export const OUTSIDE_WHY = 'Barang ini tidak bisa dibayar dengan bantuan. Ibu/Bapak tetap boleh membelinya dengan uang sendiri.';

/** An answer with an error status, in words. @param {{status: number, body: any}} answer */
export function refusal({ body }) {
  if (body?.code === 'MALFORMED') return MALFORMED;
  if (body?.code === 'CLOCK_SKEW') return CLOCK_WRONG;
  return body?.detail ? say(body.detail) : UNEXPECTED;
}

/** @param {number} count */
export const someRefused = (count) => say(
  count === 1 ? 'Satu barang belum bisa dibayar dengan bantuan.' : `${count} barang belum bisa dibayar dengan bantuan.`,
  'Perbaiki yang bertanda merah, lalu tekan Bayar lagi.',
);

/** @param {number} balance @param {number} amount */
export const tooLittle = (balance, amount) => say(
  `Saldo ${rupiah(balance)}, belanja ${rupiah(amount)}.`,
  `Kurangi barang, atau bayar sisanya ${rupiah(amount - balance)} tunai dengan struk terpisah.`,
);

export const LOOK_STRAIGHT = 'Lihat lurus ke kamera';
export const FACE_HINT = 'Wajah di dalam garis. Kerudung tidak perlu dibuka.';
/** What is offered after a face that failed, in this order. */
export const LADDER = [
  { way: 'KKS', sign: 'card', word: 'Pakai kartu KKS' },
  { way: 'PHONE', sign: 'handset', word: 'Pakai HP' },
  { way: 'KTP', sign: 'idcard', word: 'Pakai KTP' },
];

/** A good's limit of a day. @param {string} most @param {string} unit */
export const dailyWord = (most, unit) => `Paling banyak ${most} ${unitName(unit)} sehari satu keluarga`;

/** Whose money alone pays a good. @param {string[]} programmes */
export const onlyWith = (programmes) => `Hanya dengan uang ${programmes.join(' atau ')}`;

/** What is left of it today. @param {string} name @param {string} left empty: nothing @param {string} unit */
export const todayWord = (name, left, unit) => (
  left ? `${name}: hari ini masih boleh ${left} ${unitName(unit)}` : `${name}: hari ini sudah habis, beli lagi besok`);

export const MARKET_PRICE = 'Ikuti harga pasar setempat';

/** What the ceiling asks of the cashier: a bound, or a price to hold to. @param {string} action @param {number} highest @param {string} unit */
export const ceilingWord = (action, highest, unit) => (
  `${action === 'FLAG' ? 'Harga acuan' : 'Paling tinggi'} ${rupiah(highest)} per ${unitName(unit)}`);
