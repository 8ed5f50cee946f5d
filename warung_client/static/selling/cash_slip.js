// The receipt of an ordinary sale, for the same narrow paper; plainly no purchase with aid.

import { lineTotal, quantity, rupiah } from '../money.js';
import { NOT_AID, SLIP_WORDS, WAYS_OF_MONEY } from '../words/cash.js';
import { unitName } from '../words.js';

const COLUMNS = 32;

/**
 * @typedef {object} CashSale
 * @property {string} id
 * @property {string} shop_id
 * @property {string} day the shop's own, `2026-11-22`
 * @property {number} number of this day on this device
 * @property {string} at `21 Nov 2026 09.14 WIB`
 * @property {'CASH'|'QRIS'} way
 * @property {number} amount
 * @property {number} given
 * @property {import('../types.js').CartLine[]} lines
 * @property {string} [cancelled] when it was taken back
 */

/** @param {string} text */
function centred(text) {
  return `${' '.repeat(Math.max(0, Math.floor((COLUMNS - text.length) / 2)))}${text}`;
}

/** A word at the left, a sum at the right; a long word is folded before it. @param {string} word @param {string} sum */
function row(word, sum) {
  const room = COLUMNS - sum.length - 1;
  const folded = fold(word, Math.max(room, COLUMNS / 2));
  const last = folded.pop() ?? '';
  return [...folded, `${last}${' '.repeat(Math.max(1, COLUMNS - last.length - sum.length))}${sum}`];
}

/** @param {string} text @param {number} width @returns {string[]} */
function fold(text, width) {
  /** @type {string[]} */
  const lines = [];
  text.split(' ').forEach((word) => {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word.slice(0, width));
  });
  return lines;
}

/** `T22-0007`: the day of the month and its place in it, on this device alone. @param {CashSale} sale */
export const numberOf = ({ day, number }) => `T${day.slice(-2)}-${String(number).padStart(4, '0')}`;

/**
 * @param {CashSale} sale @param {string} shopName
 * @returns {string} lines of at most 32 characters
 */
export function cashSlip(sale, shopName) {
  const rule = '-'.repeat(COLUMNS);
  const goods = sale.lines.flatMap((line) => [
    ...fold(line.name, COLUMNS),
    ...row(`  ${quantity(line.quantityMilli)} ${unitName(line.unit)} x ${rupiah(line.unitPrice)}`,
      rupiah(lineTotal(line.unitPrice, line.quantityMilli))),
  ]);
  const back = sale.way === 'CASH' && sale.given > sale.amount
    ? [...row(SLIP_WORDS.given, rupiah(sale.given)), ...row(SLIP_WORDS.change, rupiah(sale.given - sale.amount))] : [];
  return [
    ...fold(shopName, COLUMNS).map(centred),
    centred(NOT_AID.toUpperCase()), centred(sale.at), centred(`No ${numberOf(sale)}`),
    ...(sale.cancelled ? [centred(SLIP_WORDS.cancelled), centred(sale.cancelled)] : []), rule, ...goods, rule,
    ...row(SLIP_WORDS.total, rupiah(sale.amount)), ...row(WAYS_OF_MONEY[sale.way], ''), ...back,
    rule, centred(SLIP_WORDS.thanks),
  ].map((line) => line.trimEnd()).join('\n');
}
