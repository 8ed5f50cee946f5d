// What the shift and the stock of this till leave on the device: counts and sums, nobody's name but the staff's.

import { apart } from '../training/here.js';

const SHIFT = 'ewarong.shift';
const STOCK = 'ewarong.stock';

/** @param {any} storage @param {string} name */
function read(storage, name) {
  try {
    return JSON.parse(storage.getItem(name) ?? 'null');
  } catch {
    return null; // a disk that lied: better no shift than a wrong one
  }
}

/** @param {string} till @param {any} [storage] @returns {import('./book.js').Shift|null} */
export const keptShift = (till, storage = apart(localStorage)) => read(storage, `${SHIFT}.${till}`);
/** @param {import('./book.js').Shift} shift @param {any} [storage] */
export const keepShift = (shift, storage = apart(localStorage)) => storage.setItem(`${SHIFT}.${shift.till}`, JSON.stringify(shift));

/** @param {string} shop @param {any} [storage] @returns {import('./stock.js').Stock} */
export const keptStock = (shop, storage = apart(localStorage)) => read(storage, `${STOCK}.${shop}`) ?? {};
/** @param {string} shop @param {import('./stock.js').Stock} stock @param {any} [storage] */
export const keepStock = (shop, stock, storage = apart(localStorage)) => storage.setItem(`${STOCK}.${shop}`, JSON.stringify(stock));
