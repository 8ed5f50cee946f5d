// The tablet's own store: one IndexedDB, every write on disk before anybody is told.

import { openDB } from '../vendor/idb.js';

const NAME = 'ewarong-offline';
const VERSION = 1;
/** What is written is on the disk when the transaction says so. */
export const STRICT = Object.freeze({ durability: 'strict' });

/**
 * Stores: `meta` facts by name; `queue` envelopes by seq that the engine has not acknowledged; `sent` those it has, kept
 * for an engine that is restored from an older copy; `outcomes` what became of each; `allowances` by id; `cashiers` by
 * staff id; `catalogues` by region.
 */
function upgrade(db) {
  db.createObjectStore('meta');
  db.createObjectStore('queue', { keyPath: 'seq' }).createIndex('purchase', 'purchase_id', { unique: true });
  db.createObjectStore('sent', { keyPath: 'seq' }).createIndex('purchase', 'purchase_id');
  db.createObjectStore('outcomes', { keyPath: 'seq' });
  db.createObjectStore('allowances', { keyPath: 'alw' });
  db.createObjectStore('cashiers', { keyPath: 'staff_id' });
  db.createObjectStore('catalogues', { keyPath: 'region' });
}

/** @type {Promise<any>|null} */
let opening = null;

/** The open database, one for the page. @returns {Promise<any>} */
export function openStore() {
  opening ??= openDB(NAME, VERSION, {
    upgrade,
    blocking: (_old, _new, event) => { /** @type {any} */ (event.target).close(); opening = null; },
    terminated: () => { opening = null; },
  });
  opening.catch(() => { opening = null; });
  return opening;
}

/** Did the disk, not the program, refuse the write? @param {any} failure */
export const isFull = (failure) => failure?.name === 'QuotaExceededError'
  || (failure?.name === 'AbortError' && /quota|space|disk/i.test(String(failure?.message)));

/** @param {any} db @param {string} name @returns {Promise<any>} */
export const readFact = (db, name) => db.get('meta', name);

/** @param {any} db @param {string} name @param {any} value */
export async function writeFact(db, name, value) {
  const tx = db.transaction('meta', 'readwrite', STRICT);
  await Promise.all([value === undefined ? tx.store.delete(name) : tx.store.put(value, name), tx.done]);
}
