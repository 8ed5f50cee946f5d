// The highest lawful price of a good in the unit it is sold in: advice, the engine decides.

/** @typedef {import('./types.js').Good} Good */
/** @typedef {import('./types.js').Unit} Unit */

/**
 * The good's unit with this code.
 * @param {Good} good @param {string} code @returns {Unit}
 */
export function unitOf(good, code) {
  return good.units.find((unit) => unit.code === code) ?? good.units[0];
}

/**
 * The unit of the base first, then the others as the catalogue lists them.
 * @param {Good} good @returns {Unit[]}
 */
export function unitsOf(good) {
  const base = unitOf(good, good.base_unit);
  return [base, ...good.units.filter((unit) => unit.code !== base.code)];
}

/**
 * The ceiling per `unit`, rounded down; null when the good has none.
 * @param {Good} good @param {Unit} unit @returns {number|null}
 */
export function highestLawfulPrice(good, unit) {
  if (!good.ceiling) return null;
  return Math.floor((good.ceiling.amount * unit.numerator) / unit.denominator);
}

/**
 * FINE, ABOVE_REFERENCE (warns only) or ABOVE_CEILING (the engine refuses it, or pays the ceiling alone).
 * Compares without division, as the engine does.
 * @param {Good} good @param {Unit} unit @param {number} price
 * @returns {'FINE'|'ABOVE_REFERENCE'|'ABOVE_CEILING'}
 */
export function judgePrice(good, unit, price) {
  const { ceiling } = good;
  if (!ceiling || price * unit.denominator <= ceiling.amount * unit.numerator) return 'FINE';
  return ceiling.action === 'FLAG' ? 'ABOVE_REFERENCE' : 'ABOVE_CEILING';
}
