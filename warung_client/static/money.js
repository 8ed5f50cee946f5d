// How rupiah and quantities are counted and written.

const QUANTITY_MILLI_ONE = 1000;

/**
 * `Rp12.500`: no space, no decimals.
 * @param {number} amount @returns {string}
 */
export function rupiah(amount) {
  const digits = String(Math.abs(amount)).replace(/\B(?=(\d{3})+$)/g, '.');
  return `${amount < 0 ? '-' : ''}Rp${digits}`;
}

/**
 * Rounded down, for the KPM; the engine counts the same way.
 * @param {number} unitPrice @param {number} quantityMilli @returns {number}
 */
export function lineTotal(unitPrice, quantityMilli) {
  return Math.floor((unitPrice * quantityMilli) / QUANTITY_MILLI_ONE);
}

/**
 * Thousandths as a person writes them: 1500 -> `1,5`.
 * @param {number} milli @returns {string}
 */
export function quantity(milli) {
  const whole = String(Math.floor(milli / QUANTITY_MILLI_ONE)).replace(/\B(?=(\d{3})+$)/g, '.');
  const rest = String(milli % QUANTITY_MILLI_ONE).padStart(3, '0').replace(/0+$/, '');
  return rest ? `${whole},${rest}` : whole;
}

/**
 * All but the last four digits hidden: `**** 4821`.
 * @param {string} digits @returns {string}
 */
export function masked(digits) {
  return `**** ${digits.slice(-4)}`;
}

/**
 * Digits in groups of four, as they stand on a card.
 * @param {string} digits @returns {string}
 */
export function grouped(digits) {
  return digits.replace(/(.{4})(?=.)/g, '$1 ');
}
