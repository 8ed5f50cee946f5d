// A receipt as the bytes of an ESC/POS printer: plain text, the QR drawn by the printer, feed and cut. Pure.

import { marked, rowsOn } from './mark.js';

const ESC = 0x1b;
const GS = 0x1d;
const LF = 0x0a;
const QUESTION = 0x3f;
export const QR_BYTES_MAX = 1_200; // an offline sale's proof is the longest; model 2 holds twice as much
const QR_LEVEL_M = 49;
const QR_LEVEL_L = 48;
const QR_DOTS_NARROW = 5;
const QR_DOTS_DENSE = 3;
const QR_SHORT = 180;
const FEED_ROWS = 4;

export const INIT = [ESC, 0x40];
export const CODE_PAGE_437 = [ESC, 0x74, 0];
export const LEFT = [ESC, 0x61, 0];
export const CENTRE = [ESC, 0x61, 1];
export const FEED = [ESC, 0x64, FEED_ROWS];
export const CUT = [GS, 0x56, 66, 0];

/**
 * Text as bytes of the printer's first code page: marks on letters are dropped, the rest is a question mark.
 * @param {string} text @returns {number[]}
 */
export function plain(text) {
  return [...text.normalize('NFKD').replace(/[\u0300-\u036f]/g, '')].map((letter) => {
    const code = letter.codePointAt(0) ?? QUESTION;
    return code >= 0x20 && code < 0x7f ? code : QUESTION;
  });
}

/** One function of the printer's QR codes (GS ( k, symbol 49). @param {number} name @param {number[]} parameters */
function symbol(name, parameters) {
  const length = parameters.length + 2;
  return [GS, 0x28, 0x6b, length & 0xff, length >> 8, 49, name, ...parameters];
}

/**
 * The printer draws the code by itself; empty when there is none, or more than it may hold.
 * @param {string} text ASCII @returns {number[]}
 */
export function qrCode(text) {
  const bytes = plain(text);
  if (!bytes.length || bytes.length > QR_BYTES_MAX) return [];
  const short = bytes.length <= QR_SHORT;
  return [
    ...CENTRE,
    ...symbol(65, [50, 0]), // model 2
    ...symbol(67, [short ? QR_DOTS_NARROW : QR_DOTS_DENSE]),
    ...symbol(69, [short ? QR_LEVEL_M : QR_LEVEL_L]),
    ...symbol(80, [48, ...bytes]),
    ...symbol(81, [48]),
    ...LEFT,
  ];
}

/**
 * Everything from waking the printer to cutting the paper.
 * @param {{text: string, qr?: string, columns?: number, copy?: boolean, training?: boolean}} receipt
 * @returns {Uint8Array}
 */
export function receiptBytes({ text, qr = '', columns = 32, copy = false, training = false }) {
  const rows = rowsOn(marked(text, { copy, training }), columns);
  return Uint8Array.from([
    ...INIT, ...LEFT, ...CODE_PAGE_437,
    ...rows.flatMap((row) => [...plain(row), LF]),
    ...qrCode(qr), LF, ...FEED, ...CUT,
  ]);
}
