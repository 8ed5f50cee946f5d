// A simple count of what lies in the shop: falls with each sale, rises with goods received. Pure.

import { unitOf } from '../ceiling.js';

export const STOCK_MILLI_MAX = 1_000_000_000;
export const LOW_MILLI = 5_000; // five of the base unit, until the shop says another number
export const TRACKED_MAX = 500;

/** Thousandths of the good's base unit. @typedef {{milli: number, low: number}} Kept */
/** @typedef {Record<string, Kept>} Stock */

/** @param {number} milli */
const bounded = (milli) => Math.max(-STOCK_MILLI_MAX, Math.min(STOCK_MILLI_MAX, milli));

/**
 * How much of the base unit a line is; null when the good is not known.
 * @param {any} good @param {string} unit @param {number} milli @param {any} [pack] the unit of a scanned pack
 */
export function inBase(good, unit, milli, pack = null) {
  if (!good?.units?.length) return null;
  const { numerator, denominator } = pack ?? unitOf(good, unit);
  return Math.floor((milli * numerator) / denominator);
}

/** Somebody counted: that is what lies there. @param {Stock} stock @param {string} sku @param {number} milli @returns {Stock} */
export function countedAs(stock, sku, milli) {
  if (!stock[sku] && Object.keys(stock).length >= TRACKED_MAX) return stock;
  return { ...stock, [sku]: { low: LOW_MILLI, ...stock[sku], milli: bounded(milli) } };
}

/** Goods came. @param {Stock} stock @param {string} sku @param {number} milli @returns {Stock} */
export const received = (stock, sku, milli) => countedAs(stock, sku, (stock[sku]?.milli ?? 0) + milli);

/** @param {Stock} stock @param {string} sku @param {number} low @returns {Stock} */
export const warnedAt = (stock, sku, low) => (stock[sku] ? { ...stock, [sku]: { ...stock[sku], low: bounded(low) } } : stock);

/**
 * Goods left the shop, or came back with `sign` -1; goods nobody counts stay uncounted.
 * @param {Stock} stock @param {{sku: string, unit: string, quantityMilli: number, pack?: any}[]} lines @param {any[]} goods @param {1|-1} [sign] @returns {Stock}
 */
export function sold(stock, lines, goods, sign = 1) {
  return lines.reduce((kept, { sku, unit, quantityMilli, pack }) => {
    const base = inBase(goods.find((each) => each.sku === sku), unit, quantityMilli, pack);
    const was = kept[sku];
    return was && base !== null ? { ...kept, [sku]: { ...was, milli: bounded(was.milli - sign * base) } } : kept;
  }, stock);
}

/** GONE, LOW or FINE. @param {Kept} kept */
export const levelOf = ({ milli, low }) => (milli <= 0 ? 'GONE' : milli <= low ? 'LOW' : 'FINE');

/** What is counted, the scarcest first, then as the shelf stands. @param {Stock} stock @param {any[]} goods */
export function shelf(stock, goods) {
  const rank = { GONE: 0, LOW: 1, FINE: 2 };
  return goods.filter(({ sku }) => stock[sku])
    .map((good) => ({ good, kept: stock[good.sku], level: /** @type {keyof typeof rank} */ (levelOf(stock[good.sku])) }))
    .sort((a, b) => rank[a.level] - rank[b.level] || a.good.position - b.good.position);
}

/** How many are scarce. @param {Stock} stock */
export const scarce = (stock) => Object.values(stock).filter((each) => levelOf(each) !== 'FINE').length;
