// What a family may buy of a good in a day: advice beside the basket, the engine decides.

import { unitOf } from './ceiling.js';
import { quantity } from './money.js';
import { dailyWord, todayWord } from './words.js';

/** @typedef {import('./types.js').Good} Good */
/** @typedef {import('./types.js').Cart} Cart */
/** @typedef {import('./types.js').DayLimit} DayLimit */

/**
 * `Paling banyak 2 liter sehari`; empty where nothing is limited.
 * @param {Good|undefined} good @returns {string}
 */
export function dailyLimit(good) {
  const limit = good?.daily_limit;
  return limit ? dailyWord(quantity(limit.quantity_milli), limit.unit) : '';
}

/**
 * Does the basket alone hold more of this good than a day allows; its lines share the limit.
 * @param {Cart} cart @param {Good|undefined} good @returns {boolean}
 */
export function beyondDaily(cart, good) {
  if (!good?.daily_limit) return false;
  const inBase = cart.lines.filter(({ sku }) => sku === good.sku).map(({ quantityMilli, unit, pack }) => {
    const { numerator, denominator } = pack ?? unitOf(good, unit);
    return Math.floor((quantityMilli * numerator) / denominator);
  });
  return inBase.reduce((sum, each) => sum + each, 0) > good.daily_limit.quantity_milli;
}

/**
 * What is left of a day's limit before this basket: `MinyaKita: hari ini masih boleh 1 liter`.
 * @param {DayLimit} limit @returns {string}
 */
export function leftToday(limit) {
  const left = Math.max(limit.maximum_milli - limit.used_milli, 0);
  return todayWord(limit.name, left ? quantity(left) : '', limit.unit);
}
