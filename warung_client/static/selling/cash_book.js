// Ordinary sales of this till, in a store of their own on the device: only their number ever leaves it.

import { PREFIX } from '../training/here.js';
import { openDB } from '../vendor/idb.js';

/** @typedef {import('./cash_slip.js').CashSale} CashSale */

const NAME = `${PREFIX}ewarong-cash`;
const VERSION = 1;
const KEPT_DAYS = 31;
const STRICT = Object.freeze({ durability: /** @type {const} */ ('strict') });

/** @type {Promise<any>|null} */
let opening = null;

/** @returns {Promise<any>} the open store, one for the page */
function open() {
  opening ??= openDB(NAME, VERSION, {
    upgrade(db) {
      const sales = db.createObjectStore('sales', { keyPath: 'id' });
      sales.createIndex('day', ['shop_id', 'day']);
    },
    blocking: (/** @type {any} */ _old, /** @type {any} */ _new, /** @type {any} */ event) => { event.target.close(); opening = null; },
    terminated: () => { opening = null; },
  });
  opening.catch(() => { opening = null; });
  return opening;
}

/**
 * Writes a sale to the disk under the day's next number; the same id again is the same sale.
 * @param {Omit<CashSale, 'number'>} sale @returns {Promise<CashSale>}
 */
export async function keepSale(sale) {
  const db = await open();
  const tx = db.transaction('sales', 'readwrite', STRICT);
  const there = await tx.store.get(sale.id);
  const number = there?.number ?? 1 + await tx.store.index('day').count([sale.shop_id, sale.day]);
  const kept = there ?? { ...sale, number };
  await tx.store.put(kept);
  await tx.done;
  return kept;
}

/**
 * Takes a sale back: it stays in the book, crossed out, and counts no more. Twice is once.
 * @param {string} id @param {string} at `21 Nov 2026 09.20 WIB` @returns {Promise<{sale: CashSale, first: boolean}|null>} null when it is not here
 */
export async function cancelSale(id, at) {
  const db = await open();
  const tx = db.transaction('sales', 'readwrite', STRICT);
  const there = await tx.store.get(id);
  const sale = there && { ...there, cancelled: there.cancelled ?? at };
  if (sale) await tx.store.put(sale);
  await tx.done;
  return sale ? { sale, first: !there.cancelled } : null;
}

/** @param {string} shopId @param {string} day @returns {Promise<CashSale[]>} in the order they were made */
export async function salesOf(shopId, day) {
  const db = await open();
  const sales = await db.getAllFromIndex('sales', 'day', [shopId, day]);
  return sales.sort((/** @type {CashSale} */ a, /** @type {CashSale} */ b) => a.number - b.number);
}

/** What a day came to: sales that stand and their lines, sums by way, and what was taken back. @param {CashSale[]} all */
export function sumsOf(all) {
  const sales = all.filter(({ cancelled }) => !cancelled);
  const by = (/** @type {string} */ way) => sales.filter((one) => one.way === way).reduce((sum, { amount }) => sum + amount, 0);
  return {
    sales: sales.length, goodsLines: sales.reduce((sum, { lines }) => sum + lines.length, 0), cash: by('CASH'), qris: by('QRIS'), cancelled: all.length - sales.length,
  };
}

/** Days with sales, newest first. @param {string} shopId @returns {Promise<string[]>} */
export async function daysWithSales(shopId) {
  const db = await open();
  /** @type {string[]} */
  const days = [];
  const range = IDBKeyRange.bound([shopId, ''], [shopId, '9']);
  let cursor = await db.transaction('sales').store.index('day').openKeyCursor(range, 'prevunique');
  while (cursor) {
    days.push(cursor.key[1]);
    cursor = await cursor.continue();
  }
  return days;
}

/** Forgets sales of days long ago. @param {string} shopId @param {string} today */
export async function forgetOld(shopId, today) {
  const first = new Date(Date.parse(today) - KEPT_DAYS * 86_400_000).toISOString().slice(0, 10);
  const db = await open();
  const tx = db.transaction('sales', 'readwrite');
  let cursor = await tx.store.index('day').openKeyCursor(IDBKeyRange.bound([shopId, ''], [shopId, first], false, true));
  while (cursor) {
    tx.store.delete(cursor.primaryKey);
    cursor = await cursor.continue();
  }
  await tx.done;
}
