// What the till says beside the basket: scanner, waiting baskets, goods paid apart.

import { OUTSIDE } from '../words.js';

export const CASH_APART = OUTSIDE;
export const CASH_OR_QRIS = 'Tunai / QRIS';
export const MOVE_TO_CASH = 'Pindah ke tunai';

export const OTHER_GOOD = 'Barang lain';
export const OTHER_HINT = 'Bayar tunai';
/** @param {string} gtin */
export const codedGood = (gtin) => `Barang ${gtin}`;
export const UNKNOWN_CODE = 'Kode ini belum ada di daftar pangan bantuan.';
export const CODE_UNREAD = { message: 'Kode belum terbaca benar.', nextStep: 'Pindai sekali lagi, atau pilih gambar barang.', calm: true };
export const CODE_OF_PERSON = { message: 'Ini kartu atau kode keluarga, bukan barang.', nextStep: 'Isi belanja dahulu, tekan Bayar, lalu pindai di Kenali KPM.', calm: true };
/** @param {string} name */
export const scanned = (name) => `Masuk keranjang: ${name}`;

export const FREE_CHOICE = 'Ibu/Bapak KPM bebas memilih barang.';
export const MOST_SOLD = 'Paling sering';
export const WAITING_BASKETS = 'Antrean';
export const ALL_GOODS = 'Semua barang';
export const PARK = 'Simpan antrean';
export const PARK_FULL = { message: 'Antrean sudah penuh.', nextStep: 'Selesaikan satu belanja dahulu, lalu simpan yang lain.', calm: true };
/** @type {Record<string, (name: string) => string>} What was done last, beside the key that undoes it. */
export const DONE = {
  ADDED: (name) => `${name} ditambah.`, CHANGED: (name) => `${name} diubah.`, REMOVED: (name) => `${name} dikeluarkan.`,
};


export const SCAN = 'Pindai';
