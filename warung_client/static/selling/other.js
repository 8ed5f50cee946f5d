// What no list names: a good of the shop that is paid with ordinary money, at the price the cashier types.

import { codedGood, OTHER_GOOD, UNKNOWN_CODE } from '../words/selling.js';

const PIECE = Object.freeze({ code: 'buah', numerator: 1, denominator: 1, whole: true });

/** @type {import('../types.js').Good} */
export const OTHER = Object.freeze({
  sku: '', name: OTHER_GOOD, group: 'NON_PANGAN', category: '', picture: 'barang', position: 0, base_unit: PIECE.code,
  units: [PIECE], verdict: 'ITEM_NOT_IN_PROGRAMME', message: '', flags: [], ceiling: null,
});

/** A pack with a barcode that the catalogue does not know. @param {string} gtin */
export function unlisted(gtin) {
  const name = codedGood(gtin);
  return { ...OTHER, name, message: UNKNOWN_CODE, pack: { gtin, sku: '', name, unit: PIECE } };
}
