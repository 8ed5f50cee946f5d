// Marks on a receipt's text: a copy says SALINAN, one of the training ground LATIHAN. Pure.

export const NARROW = 32;
export const WIDE = 48;
const COPY = 'SALINAN';
const PRACTICE = '*** LATIHAN ***';

/** @param {string} text @param {number} [columns] */
export const centred = (text, columns = NARROW) => `${' '.repeat(Math.max(0, Math.floor((columns - text.length) / 2)))}${text}`;

/** Does the text say by itself that it is a copy: the engine marks what was cancelled. @param {string} text */
const saysCopy = (text) => text.split('\n', 1)[0].includes(COPY);

/**
 * The text as it leaves the till: marks stand above and below, where a torn edge leaves one.
 * @param {string} text @param {{copy?: boolean, training?: boolean}} [marks] @returns {string}
 */
export function marked(text, { copy = false, training = false } = {}) {
  const marks = [];
  if (training && !text.includes(PRACTICE)) marks.push(centred(PRACTICE));
  if (copy && !saysCopy(text)) marks.push(centred(COPY));
  if (!marks.length) return text;
  const edge = marks.join('\n');
  return `${edge}\n${text.endsWith('\n') ? text : `${text}\n`}${edge}\n`;
}

/**
 * Rows of 32 columns on paper of this width: wide paper keeps the layout, in its middle.
 * @param {string} text @param {number} columns @returns {string[]}
 */
export function rowsOn(text, columns) {
  const margin = ' '.repeat(Math.max(0, Math.floor((columns - NARROW) / 2)));
  return text.replace(/\n+$/, '').split('\n').map((row) => (row ? margin + row : row));
}
