// What the family has chosen so far: pure changes of a basket.

import { lineTotal } from './money.js';

/** @typedef {import('./types.js').Before} Before */
/** @typedef {import('./types.js').Cart} Cart */
/** @typedef {import('./types.js').CartLine} CartLine */
/** @typedef {import('./types.js').WireLine} WireLine */

export const LINES_MAX = 50;
export const QUANTITY_MILLI_MAX = 1_000_000;

/** @type {Cart} */
export const EMPTY_CART = Object.freeze({ lines: [], before: null, nextKey: 1 });

/**
 * Adds a line, or raises the quantity when the same good stands there at the same price.
 * @param {Cart} cart @param {Omit<CartLine, 'key'|'mark'>} chosen @returns {Cart}
 */
export function add(cart, chosen) {
  const before = { kind: /** @type {const} */ ('ADDED'), name: chosen.name, lines: cart.lines };
  const same = cart.lines.find((line) => line.sku === chosen.sku && line.gtin === chosen.gtin
    && line.unit === chosen.unit && line.unitPrice === chosen.unitPrice && line.name === chosen.name);
  if (same) return { ...change(cart, same.key, { quantityMilli: same.quantityMilli + chosen.quantityMilli }), before };
  const line = { ...chosen, key: cart.nextKey };
  return { lines: [...cart.lines, line], before, nextKey: cart.nextKey + 1 };
}

/**
 * Changes a line; what the engine said about it before no longer holds.
 * @param {Cart} cart @param {number} key @param {Partial<CartLine>} changes @returns {Cart}
 */
export function change(cart, key, changes) {
  const changed = cart.lines.find((line) => line.key === key);
  if (!changed) return cart;
  const lines = cart.lines.map((line) => {
    if (line.key !== key) return line;
    const { mark: _old, ...rest } = line;
    return { ...rest, ...changes };
  });
  return { ...cart, lines, before: { kind: 'CHANGED', name: changed.name, lines: cart.lines } };
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
  const removed = cart.lines.find((line) => line.key === key);
  if (!removed) return cart;
  const before = { kind: /** @type {const} */ ('REMOVED'), name: removed.name, lines: cart.lines };
  return { ...cart, lines: cart.lines.filter((line) => line !== removed), before };
}

/** The basket as it was before the last change. @param {Cart} cart @returns {Cart} */
export function undo(cart) {
  return cart.before ? { ...cart, lines: cart.before.lines, before: null } : cart;
}

/**
 * A basket of these lines, which keep their places and get keys of their own.
 * @param {Cart} cart what lay in it before @param {Omit<CartLine, 'key'>[]} lines @returns {Cart}
 */
export function withLines(cart, lines) {
  return lines.reduce((basket, { mark: _old, ...line }) => add(basket, line), cart);
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
  return cart.lines.map(({ sku, gtin, quantityMilli, unitPrice, unit }) => (gtin
    ? { gtin, quantity_milli: quantityMilli, unit_price: unitPrice }
    : { sku, quantity_milli: quantityMilli, unit_price: unitPrice, unit }));
}
