// The shop's own prices: one a good, unit and day; a newer day's price stands until it is changed.

export const PRICE_DAYS_MAX = 14; // of one good and unit
const PRICES_MAX = 500; // goods and units with a price

/** `set`: written down in the price list, and not only typed at a sale. @typedef {{day: string, price: number, set: boolean}} DayPrice */
/** Newest day first. @typedef {Record<string, DayPrice[]>} PriceBook */

/** Under which name a price is kept: a pack has its own. @param {{sku: string, unit: string, gtin?: string}} of */
export const priceKey = ({ sku, unit, gtin }) => `${sku} ${gtin ?? unit}`;

/**
 * Notes a price. What was typed at a sale never replaces what the list says for that day.
 * @param {PriceBook} book @param {string} key @param {DayPrice} noted @returns {PriceBook}
 */
export function note(book, key, noted) {
  const days = book[key] ?? [];
  const today = days.find(({ day }) => day === noted.day);
  if (today && (today.price === noted.price ? today.set === noted.set || today.set : today.set && !noted.set)) return book;
  if (!days.length && Object.keys(book).length >= PRICES_MAX) return book;
  const others = days.filter(({ day }) => day !== noted.day);
  const kept = [noted, ...others].sort((a, b) => (a.day < b.day ? 1 : -1)).slice(0, PRICE_DAYS_MAX);
  return { ...book, [key]: kept };
}

/** A price taken off the list. @param {PriceBook} book @param {string} key @returns {PriceBook} */
export function forget(book, key) {
  const { [key]: _gone, ...rest } = book;
  return rest;
}

/** What each is sold for now. @param {PriceBook} book @returns {Record<string, number>} */
export function pricesNow(book) {
  return Object.fromEntries(Object.entries(book).map(([key, [newest]]) => [key, newest.price]));
}

/** The newest price, and the one before it. @param {PriceBook} book @param {string} key */
export function lastTwo(book, key) {
  const [newest = null, before = null] = book[key] ?? [];
  return { newest, before };
}
