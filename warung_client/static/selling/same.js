// The same basket again and again: a family chooses by itself, so the till says so, to nobody's blame.

/** @typedef {import('../types.js').CartLine} CartLine */
/** How often each basket was sold on a day. @typedef {{day: string, times: Record<string, number>}} Sold */

const SAME_MIN = 5;
const BASKETS_MAX = 300;

/** Goods and quantities, in no order; prices do not matter. @param {CartLine[]} lines @returns {string} */
function printOf(lines) {
  return lines.map(({ sku, gtin, unit, quantityMilli }) => `${sku}/${gtin ?? unit}/${quantityMilli}`).sort().join(' ');
}

/** @param {Sold|null} sold @param {string} day @param {CartLine[]} lines @returns {Sold} */
export function soldOnce(sold, day, lines) {
  const times = soldOn(sold, day)?.times ?? {};
  const print = printOf(lines);
  if (!print || (!times[print] && Object.keys(times).length >= BASKETS_MAX)) return { day, times };
  return { day, times: { ...times, [print]: (times[print] ?? 0) + 1 } };
}

/** What was sold on this day; another day's baskets count no more. @param {Sold|null} sold @param {string} day @returns {Sold|null} */
export const soldOn = (sold, day) => (sold?.day === day ? sold : null);

/** Would this basket be the fifth of its kind, or a later one. @param {Sold|null} sold @param {CartLine[]} lines @returns {boolean} */
export function isUsual(sold, lines) {
  return lines.length > 0 && (sold?.times[printOf(lines)] ?? 0) >= SAME_MIN - 1;
}
