// What the family has chosen so far: pure changes of a basket.

import { lineTotal } from './money.js';

/** @typedef {import('./types.js').Cart} Cart */
/** @typedef {import('./types.js').CartLine} CartLine */
/** @typedef {import('./types.js').WireLine} WireLine */

export const LINES_MAX = 50;
export const QUANTITY_MILLI_MAX = 1_000_000;

/** @type {Cart} */
export const EMPTY_CART = Object.freeze({ lines: [], removed: null, nextKey: 1 });

/**
 * Adds a line, or raises the quantity when the same good stands there at the same price.
 * @param {Cart} cart @param {Omit<CartLine, 'key'|'mark'>} chosen @returns {Cart}
 */
export function add(cart, chosen) {
  const same = cart.lines.find((line) => line.sku === chosen.sku
    && line.unit === chosen.unit && line.unitPrice === chosen.unitPrice);
  if (same) return change(cart, same.key, { quantityMilli: same.quantityMilli + chosen.quantityMilli });
  const line = { ...chosen, key: cart.nextKey };
  return { lines: [...cart.lines, line], removed: null, nextKey: cart.nextKey + 1 };
}

/**
 * Changes a line; what the engine said about it before no longer holds.
 * @param {Cart} cart @param {number} key @param {Partial<CartLine>} changes @returns {Cart}
 */
export function change(cart, key, changes) {
  const lines = cart.lines.map((line) => {
    if (line.key !== key) return line;
    const { mark: _old, ...rest } = line;
    return { ...rest, ...changes };
  });
  return { ...cart, lines, removed: null };
}

/**
 * One more or one less; never under the smallest step, never over the engine's limit.
 * @param {Cart} cart @param {number} key @param {number} stepMilli @returns {Cart}
 */
export function step(cart, key, stepMilli) {
  const line = cart.lines.find((each) => each.key === key);
  if (!line) return cart;
  const quantityMilli = line.quantityMilli + stepMilli;
  if (quantityMilli <= 0 || quantityMilli > QUANTITY_MILLI_MAX) return cart;
  return change(cart, key, { quantityMilli });
}

/** @param {Cart} cart @param {number} key @returns {Cart} */
export function remove(cart, key) {
  const removed = cart.lines.find((line) => line.key === key) ?? null;
  return { ...cart, lines: cart.lines.filter((line) => line.key !== key), removed };
}

/** @param {Cart} cart @returns {Cart} */
export function undo(cart) {
  if (!cart.removed) return cart;
  const lines = [...cart.lines, cart.removed].sort((a, b) => a.key - b.key);
  return { ...cart, lines, removed: null };
}

/**
 * Sets a refused line to the price the engine named.
 * @param {Cart} cart @param {number} key @returns {Cart}
 */
export function lowerToCeiling(cart, key) {
  const ceiling = cart.lines.find((line) => line.key === key)?.mark?.ceiling;
  return typeof ceiling === 'number' ? change(cart, key, { unitPrice: ceiling }) : cart;
}

/**
 * Writes the engine's verdict beside each line; lines answer in the order they were asked.
 * @param {Cart} cart @param {{sku: string, verdict: string, message?: string, ceiling?: number|null}[]} verdicts
 * @returns {Cart}
 */
export function mark(cart, verdicts) {
  const lines = cart.lines.map((line, place) => {
    const { mark: _old, ...rest } = line;
    const said = verdicts[place];
    if (!said || said.verdict === 'OK') return rest;
    const { verdict, message = '', ceiling = null } = said;
    return { ...rest, mark: { verdict, message, ceiling } };
  });
  return { ...cart, lines };
}

/** @param {Cart} cart @returns {CartLine[]} */
export function refused(cart) {
  return cart.lines.filter((line) => line.mark);
}

/** @param {Cart} cart @returns {number} */
export function total(cart) {
  return cart.lines.reduce((sum, line) => sum + lineTotal(line.unitPrice, line.quantityMilli), 0);
}

/** @param {Cart} cart @returns {WireLine[]} */
export function toWire(cart) {
  return cart.lines.map(({ sku, quantityMilli, unitPrice, unit }) => (
    { sku, quantity_milli: quantityMilli, unit_price: unitPrice, unit }));
}
