// How the goods are laid out: shelves in a fixed order, what the aid cannot pay comes last.

import { NOT_WITH_AID, SHELVES } from './words.js';

/** @typedef {import('./types.js').Good} Good */
/** @typedef {{title: string, goods: Good[]}} Shelf */

const FRUIT = 'FRUIT';
const VEGETABLES_AND_FRUIT = 'VITMIN';
export const LAST_SHELF = 'LAIN';

/** @param {Good} good @returns {string} */
export function shelfOf({ group, category }) {
  if (group !== VEGETABLES_AND_FRUIT) return group;
  return category === FRUIT ? 'BUAH' : 'SAYUR';
}

/**
 * @param {Good[]} goods @param {{wanted?: string, only?: string|null}} [choice]
 * @returns {Shelf[]}
 */
export function shelves(goods, { wanted = '', only = null } = {}) {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = goods
    .filter(({ name, sku }) => words.every((word) => `${name} ${sku}`.toLowerCase().includes(word)))
    .sort((a, b) => a.position - b.position);
  const lawful = fits.filter(({ verdict }) => verdict === 'OK');
  const names = [...new Set([...Object.keys(SHELVES), ...lawful.map(shelfOf)])];
  const all = names.map((name) => ({
    name, title: SHELVES[name]?.title ?? name, goods: lawful.filter((good) => shelfOf(good) === name),
  }));
  const rest = { name: LAST_SHELF, title: NOT_WITH_AID, goods: fits.filter(({ verdict }) => verdict !== 'OK') };
  const last = [LAST_SHELF, 'NON_PANGAN'];
  const chosen = ({ name }) => !only || name === only || (only === LAST_SHELF && last.includes(name));
  return [...all, rest].filter((shelf) => shelf.goods.length && chosen(shelf));
}
