// The few sentences about the signal that stand on every screen, so they are there at once.

import { rupiah } from '../money.js';

export const SIGNAL = 'Ada sinyal';
export const NO_SIGNAL = 'Tanpa sinyal';
export const ALL_SENT = 'Semua belanja terkirim';
/** @param {number} count @param {number} sum */
export const waitingWord = (count, sum) => `${count} belanja (${rupiah(sum)}) menunggu sinyal`;
/** @param {number} count */
export const servesWord = (count) => `${count} keluarga bisa dilayani tanpa sinyal`;
/** @param {number} count */
export const toSeeWord = (count) => `${count} perlu dilihat`;
export const OTHER_TAB_SHORT = 'Kasir ini sudah terbuka di tab lain';

export const WAY_OFFLINE = 'QR kartu KKS dan PIN';
export const OTHER_WAYS_WAIT = 'Tanpa sinyal. Wajah, HP, dan KTP menunggu sinyal kembali.';
export const RECORDED_TITLE = 'Dicatat - menunggu sinyal';
export const RECORDED_NOTE = 'Uang sudah disisihkan untuk belanja ini. Simpan struk ini. Belanja terkirim sendiri saat ada sinyal.';
export const KEPT_BEFORE = 'Belanja terakhir sudah tercatat di tablet. Ini struknya. Jangan mengulang belanja itu.';
export const RECORD_INSTEAD = 'Catat tanpa sinyal';
export const ENROL_BY_CODE = 'Pasang dengan kode pemilik';
export const SIGNAL_BACK = Object.freeze({
  message: 'Sinyal sudah kembali.', nextStep: 'Masuk sekali lagi supaya belanja langsung diputus mesin.',
});
