// What the till says about ordinary money, the shop's prices and the camera that scans.

import { rupiah } from '../money.js';

export const NOT_AID = 'Bukan belanja bantuan';
export const SLIP_WORDS = { total: 'JUMLAH', given: 'Uang', change: 'Kembali', thanks: 'Terima kasih', cancelled: 'DIBATALKAN' };
/** @type {Record<string, string>} */
export const WAYS_OF_MONEY = { CASH: 'Tunai', QRIS: 'QRIS' };
export const CASH_DAY = 'Tunai hari ini';
export const CASH_TITLE = 'Bayar tanpa bantuan';
export const ENOUGH = 'Uang pas';
export const GIVEN = 'Uang diterima';
export const PAID_CASH = 'Lunas tunai';
export const PAID_QRIS = 'Lunas QRIS';
export const QRIS_SEEN = 'Uang sudah masuk';
export const QRIS_HINT = 'Pembeli memindai kode ini. Tekan di bawah setelah uang masuk di HP warung.';
export const QRIS_TYPED_HINT = 'Tanpa sinyal: pembeli memindai kode warung dan mengetik sendiri jumlahnya.';
export const QRIS_NONE = { message: 'Kode QRIS warung belum ada di tablet ini.', nextStep: 'Pakai tunai, atau coba lagi saat ada sinyal.' };
export const NOT_KEPT = { message: 'Penjualan belum tersimpan di tablet.', nextStep: 'Tekan sekali lagi. Kalau tetap gagal, tulis di buku.' };
export const CASH_STAYS = 'Daftar ini hanya ada di tablet ini. Yang dikirim hanya banyaknya penjualan, tanpa barang dan tanpa nama.';
export const NO_CASH_YET = 'Belum ada penjualan tunai hari ini.';
export const TAKE_BACK = 'Batalkan';
export const TAKEN_BACK = 'Dibatalkan';
export const TAKE_BACK_TITLE = 'Batalkan penjualan';
/** What goes back to the buyer, and how. @type {Record<string, (sum: string) => string>} */
export const GIVE_BACK = {
  CASH: (sum) => `Kembalikan ${sum} tunai kepada pembeli. Barang kembali ke warung.`,
  QRIS: (sum) => `Kembalikan ${sum} kepada pembeli: tunai, atau transfer dari HP warung. Barang kembali ke warung.`,
};
export const TAKE_BACK_NOW = 'Ya, batalkan';
export const NOT_TAKEN_BACK = { message: 'Penjualan belum dibatalkan.', nextStep: 'Tekan sekali lagi. Jangan kembalikan uang dulu.' };
export const DAY_IS_CLOSED = 'Kas hari ini sudah ditutup, jadi penjualan hari ini tidak bisa dibatalkan lagi.';
/** @param {number} count */
export const takenBackWord = (count) => `${count} dibatalkan`;
/** @param {number} back */
export const changeWord = (back) => `Kembali ${rupiah(back)}`;
/** @param {number} missing */
export const missingWord = (missing) => `Kurang ${rupiah(missing)}`;
export const PAY_REST = 'Bayar sisa tunai';
export const FEWER = 'Kurangi barang';
export const CANCEL_SALE = 'Batal';
export const NOTHING_FITS = { message: 'Saldo belum cukup untuk satu barang pun.', nextStep: 'Kurangi barang, atau bayar semuanya tunai.' };
/** @param {number} aid @param {number} cash */
export const splitWord = (aid, cash) => `Bantuan ${rupiah(aid)}, tunai ${rupiah(cash)}`;
export const PRICES_TITLE = 'Harga warung';
export const PRICES_HINT = 'Harga yang ditulis di sini muncul sendiri saat barang dipilih.';
export const PRICE_LIST = 'Cetak daftar harga';
export const NO_PRICE = 'belum ada harga';
export const HIGHEST = 'Harga tertinggi (HET)';
/** @param {string} day */
export const listTitle = (day) => `Daftar harga, ${day}`;
export const LIST_FOOT = 'HET: harga eceran tertinggi yang berlaku di daerah ini. Ibu/Bapak KPM bebas memilih barang.';
/** @param {number} price @param {string} day */
export const beforeWord = (price, day) => `Sebelumnya ${rupiah(price)} (${day})`;
export const SCAN_TITLE = 'Pindai barang';
export const SCAN_HINT = 'Arahkan garis batang atau QR ke kamera, kira-kira satu jengkal.';
export const SCAN_STARTING = 'Kamera disiapkan...';
