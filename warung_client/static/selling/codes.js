// What a scanned text means: a pack of the catalogue, a code nobody listed, a card, or nothing.

/** @typedef {import('../types.js').Catalogue} Catalogue */
/** @typedef {import('../types.js').Good} Good */
/** @typedef {import('../types.js').Pack} Pack */
/** @typedef {{kind: 'PACK', pack: Pack, good: Good}|{kind: 'UNKNOWN', gtin: string}|{kind: 'PERSON'}|{kind: 'NONE'}} Meaning */

const GTIN = /^(\d{8}|\d{12,14})$/;
const GTIN_DIGITS = 14;
const OF_A_PERSON = /^(EWK1:|KPM1\.)/;

/** Is the last digit the check digit (GS1 General Specifications 7.9). @param {string} digits @returns {boolean} */
export function gtinFits(digits) {
  if (!GTIN.test(digits)) return false;
  const weighted = [...digits.slice(0, -1)].reverse()
    .reduce((sum, digit, place) => sum + Number(digit) * (place % 2 ? 1 : 3), 0);
  return (weighted + Number(digits.slice(-1))) % 10 === 0;
}

/** One pack has one number, however many zeros a scanner puts before it. @param {string} gtin @returns {string} */
const full = (gtin) => gtin.padStart(GTIN_DIGITS, '0');

/**
 * @param {string} text as the scanner read it @param {Catalogue} catalogue
 * @returns {Meaning}
 */
export function meaningOf(text, { packs = [], goods }) {
  const code = text.trim();
  if (OF_A_PERSON.test(code)) return { kind: 'PERSON' };
  if (!gtinFits(code)) return { kind: 'NONE' };
  const pack = packs.find(({ gtin }) => full(gtin) === full(code));
  const good = pack && goods.find(({ sku }) => sku === pack.sku);
  return pack && good ? { kind: 'PACK', pack, good } : { kind: 'UNKNOWN', gtin: code };
}
