// What KENALI KPM and SETUJU say: cards, PIN, camera, the ladder, families that could not be served, and the queue of faces.

import { say } from '../words.js';

export const CARD_TITLE = 'Gesek kartu, atau pindai stikernya';
export const CARD_HINT = 'Pakai alat pembaca di samping tablet. Tidak perlu menekan apa pun dulu.';
export const CARD_CAMERA = 'Baca stiker dengan kamera';
export const CARD_CAMERA_HINT = 'Tunjukkan kotak QR pada kartu ke kamera.';
export const CARD_TYPE = 'Ketik nomor kartu (dicatat)';
export const CARD_TYPE_TITLE = 'Nomor kartu KKS';
export const CARD_STOP = 'Kembali ke pembaca';
export const BANK_CARD = say('Ini kartu bank. Nomornya tidak disimpan.', 'Pakai mesin EDC bank, stiker KKS, atau cara lain di layar ini.');
export const NOT_A_CARD = say('Kode ini bukan kartu KKS.', 'Pindai stiker pada kartu, atau pakai cara lain.');
export const HOLDER = 'KKS dipegang siapa?';
/** @type {{kind: 'SELF'|'FAMILY'|'OTHER', word: string}[]} */
export const HOLDERS = [
  { kind: 'SELF', word: 'Saya sendiri' },
  { kind: 'FAMILY', word: 'Keluarga' },
  { kind: 'OTHER', word: 'Orang lain' },
];

export const PIN_PAD = 'Papan angka acak';
export const ERASE_ONE = 'Hapus satu angka';
export const PIN_ORDER = 'Urutan angka diacak supaya PIN tidak bisa diintip.';
export const CANNOT_SEAL = say(
  'PIN belum bisa dikirim dengan aman dari tablet ini.', 'Buka kasir lewat alamat https atau tunggu sinyal. Cara lain tetap bisa dipakai.',
);

export const PHONE_YES = 'Tanya ke HP-nya';
export const PHONE_YES_HINT = 'Tanpa kode: Ibu/Bapak menekan Setuju di menu BPNT di HP sendiri.';
export const PHONE_OTHER = 'Tidak menunggu, pakai cara lain';

export const DELEGATE = 'Wakil keluarga';
export const DELEGATE_NIK = 'NIK wakil';
export const DELEGATE_FOR = 'Untuk keluarga siapa belanja ini?';
export const LADDER_ASK = 'Apa lagi yang bisa?';
/** The rungs as keys. @type {Record<string, {word: string, sign: string}>} */
export const RUNGS = {
  KKS: { word: 'Pakai kartu KKS', sign: 'card' },
  PHONE: { word: 'Pakai HP', sign: 'handset' },
  FACE: { word: 'Pakai wajah', sign: 'face' },
  KTP: { word: 'Pakai KTP', sign: 'idcard' },
  DELEGATE: { word: 'Wakil keluarga', sign: 'person' },
  SUPERVISED: { word: 'Minta pendampingan', sign: 'person' },
};

/** Corrections before the camera: written and, by the clip's name, spoken. @type {Record<string, {word: string, clip: string}>} */
export const CORRECTIONS = {
  NO_FACE: { word: 'Wajah belum terlihat. Lihat lurus ke kamera', clip: 'lihat-lurus' },
  SEVERAL: { word: 'Satu orang saja di depan kamera', clip: 'satu-orang' },
  CLOSER: { word: 'Mendekat sedikit', clip: 'mendekat' },
  BACK: { word: 'Mundur sedikit', clip: 'mundur' },
  DARK: { word: 'Terlalu gelap. Cari tempat terang', clip: 'terlalu-gelap' },
  BRIGHT: { word: 'Terlalu terang. Jauhi cahaya di belakang', clip: 'terlalu-terang' },
  STRAIGHT: { word: 'Lihat lurus ke kamera', clip: 'lihat-lurus' },
  BLURRED: { word: 'Tahan sebentar, gambar belum jelas', clip: 'tahan-sebentar' },
};
export const TURN_A_LITTLE = { word: 'Tengok sedikit, lalu lihat kamera lagi', clip: 'tengok-sedikit' };
export const GATE_GOOD = 'Bagus. Wajah terlihat jelas';
export const GATE_FREE = 'Boleh dicoba apa adanya.';

export const CANNOT_SERVE = 'Tidak bisa dilayani';
export const CANNOT_SERVE_WHY = 'Mengapa keluarga ini pulang tanpa barang?';
/** @type {{code: string, word: string, sign: string}[]} */
export const WHY_NOT = [
  { code: 'STOCK', word: 'Barang habis', sign: 'goods' },
  { code: 'SIGNAL', word: 'Tidak ada sinyal', sign: 'warn' },
  { code: 'POWER', word: 'Listrik mati', sign: 'warn' },
  { code: 'FACE', word: 'Wajah belum dikenali', sign: 'face' },
  { code: 'QUEUE', word: 'Antrean panjang', sign: 'person' },
];
export const CANNOT_SERVE_NOT = 'Batal';
export const CANNOT_SERVE_DONE = 'Sudah dicatat, tanpa nama. Terima kasih.';

export const HEAR_AMOUNT = 'Dengarkan jumlah';
export const HEAR_BALANCE = 'Dengarkan saldo';
export const QUEUE_TITLE = 'Sudah dikenali';
export const QUEUE_ADD = 'Antrekan, layani yang lain dulu';
export const QUEUE_FULL = say('Sudah empat keluarga menunggu.', 'Selesaikan salah satu dulu.');
export const QUEUE_OVER = say('Sudah lewat 10 menit, pengenalan berakhir.', 'Barangnya masih ada. Kenali Ibu/Bapak sekali lagi.');
