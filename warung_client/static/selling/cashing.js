// An ordinary sale for cash or QRIS: counted, written on this device, and no family in it.

import { EMPTY_CART } from '../cart.js';
import { Unreachable } from '../api.js';
import { date, hour } from '../clock.js';
import { lineTotal } from '../money.js';
import { uuid7 } from '../uuid7.js';
import { NOT_KEPT, QRIS_NONE } from '../words/cash.js';
import { cancelSale, keepSale } from './cash_book.js';

/** @param {import('../types.js').CartLine[]} lines */
export const sumOf = (lines) => lines.reduce((sum, { unitPrice, quantityMilli }) => sum + lineTotal(unitPrice, quantityMilli), 0);

/** A line as it is kept: no mark, no key. @param {import('../types.js').CartLine} line */
const bare = ({ mark: _mark, key: _key, ...line }) => line;

/**
 * Writes the sale; its receipt shows only when it lies on the disk.
 * @param {any} till @param {{way: 'CASH'|'QRIS', given: number}} paid
 */
export async function finishCash(till, { way, given }) {
  const { store, session } = till;
  const { cash, shop } = store.get();
  const atMs = session.serverNow();
  const id = cash.id ?? uuid7();
  store.set({ cash: { ...cash, id } });
  const day = till.today();
  let sale;
  try {
    sale = await keepSale({
      id, shop_id: shop.shop_id, day, at: `${date(day)} ${hour(atMs, shop.time_zone)}`, way, given,
      amount: sumOf(cash.lines), lines: cash.lines.map(bare),
    });
  } catch (failure) {
    console.error(failure);
    return store.set({ problem: NOT_KEPT });
  }
  till.goodsSold(cash.lines, false);
  return store.set((/** @type {any} */ state) => ({
    problem: null, aside: EMPTY_CART, cash: { ...state.cash, sale },
    ...(cash.all && { cart: EMPTY_CART, purchaseId: null, sale: null }),
  }));
}

/**
 * Takes an ordinary sale of today back; null when the disk refused.
 * @param {any} till @param {string} id @returns {Promise<import('./cash_slip.js').CashSale|null>}
 */
export async function takeBack(till, id) {
  const { session, store } = till;
  const at = `${date(till.today())} ${hour(session.serverNow(), store.get().shop.time_zone)}`;
  const done = await cancelSale(id, at).catch((failure) => { console.error(failure); return null; });
  if (done?.first) till.goodsBack?.(done.sale.lines);
  return done && done.sale;
}

/**
 * The shop's QRIS code for this sum; without signal its code for any sum, kept from before.
 * @param {any} till @param {number} amount @returns {Promise<{picture: string|null, typed: boolean, problem: any}>}
 */
export async function qrisPicture(till, amount) {
  const { session, drawer } = till;
  const path = `/v1/shops/${session.current.shop.shop_id}/qris.svg`;
  try {
    const response = await session.authorised(`${path}?amount=${amount}`);
    if (response.status === 401) await till.refuse({ status: 401, body: null });
    if (response.status !== 200) return { picture: null, typed: false, problem: QRIS_NONE };
    const drawn = await response.text();
    if (!drawer.read('qris', null)) await keepStatic(session, path, drawer);
    return { picture: drawing(drawn), typed: false, problem: null };
  } catch (failure) {
    if (!(failure instanceof Unreachable)) throw failure;
    const kept = drawer.read('qris', null);
    return { picture: kept && drawing(kept), typed: true, problem: kept ? null : QRIS_NONE };
  }
}

/** @param {any} session @param {string} path @param {any} drawer */
async function keepStatic(session, path, drawer) {
  const response = await session.authorised(path);
  if (response.status === 200) drawer.write('qris', await response.text());
}

/** @param {string} svg */
const drawing = (svg) => URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
