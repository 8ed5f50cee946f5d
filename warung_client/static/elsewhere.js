// Goods that the food list does not name and another programme's money may pay.

const NOT_ON_THE_LIST = 'ITEM_NOT_IN_PROGRAMME';

/** @typedef {import('./types.js').Good} Good */

/**
 * The programmes whose money alone pays this good; none for one that the food list names, or a banned one.
 * @param {Good|undefined} good @returns {string[]}
 */
export function onlyFor(good) {
  return good?.verdict === NOT_ON_THE_LIST ? good.programmes ?? [] : [];
}

/**
 * The verdicts of a quote without a payer: what another programme may pay waits until she is known.
 * @template {{sku: string, verdict: string}} Said
 * @param {Said[]} lines @param {Good[]} goods @returns {Said[]}
 */
export function untilSheIsKnown(lines, goods) {
  const waits = ({ sku, verdict }) => verdict === NOT_ON_THE_LIST
    && onlyFor(goods.find((good) => good.sku === sku)).length > 0;
  return lines.map((line) => (waits(line) ? { ...line, verdict: 'OK' } : line));
}
