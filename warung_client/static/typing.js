// What a press on the till's own keypad does to the digits typed so far.

export const BACK = 'hapus';
export const COMMA = ',';
const DIGITS_AFTER_COMMA = 3;

/**
 * @param {string} text what stands there
 * @param {string} key a digit, '000', COMMA or BACK
 * @param {{digitsMax: number, comma?: boolean}} limits
 * @returns {string}
 */
export function press(text, key, { digitsMax, comma = false }) {
  if (key === BACK) return text.slice(0, -1);
  if (key === COMMA) return comma && !text.includes(COMMA) ? `${text || '0'}${COMMA}` : text;
  const [, after] = text.split(COMMA);
  if (after !== undefined && after.length + key.length > DIGITS_AFTER_COMMA) return text;
  const next = text + key;
  return next.replace(COMMA, '').length > digitsMax ? text : next;
}

/**
 * A number without leading zeros; for amounts and quantities, never for cards or PINs.
 * @param {string} text @returns {string}
 */
export function tidy(text) {
  return text.replace(/^0+(?=\d)/, '');
}

/**
 * `1,5` -> 1500.
 * @param {string} text @returns {number}
 */
export function milli(text) {
  const [whole, after = ''] = text.split(COMMA);
  return Number(whole || '0') * 1000 + Number(after.padEnd(DIGITS_AFTER_COMMA, '0'));
}
