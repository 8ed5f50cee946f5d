// The receipt of the training ground: the layout of a real one, and LATIHAN where nobody can miss it.

import { hour } from '../clock.js';
import { quantity, rupiah } from '../money.js';
import { unitName } from '../words.js';

const COLUMNS = 32;
const RULE = '-'.repeat(COLUMNS);

/** @param {string} text */
const centred = (text) => `${' '.repeat(Math.max(0, Math.floor((COLUMNS - text.length) / 2)))}${text}`;

/** @param {string} left @param {string} right */
const pair = (left, right) => left + right.padStart(COLUMNS - left.length);

/**
 * @param {{shop: string, number: string, at: number, lines: any[], amount: number, before: number|null}} facts
 * @returns {string}
 */
export function practiceSlip({ shop, number, at, lines, amount, before }) {
  const rows = [centred('*** LATIHAN ***'), centred('BUKAN BUKTI BELANJA'), RULE, centred(shop.toUpperCase()), `No ${number}`, hour(at, 'Asia/Jakarta'), RULE];
  for (const line of lines) {
    rows.push(line.name, pair(` ${quantity(line.quantity_milli)} ${unitName(line.unit)} x ${rupiah(line.unit_price)}`, rupiah(line.line_total)));
  }
  rows.push(RULE, pair(before === null ? 'KEMBALI' : 'JUMLAH', rupiah(amount)));
  if (before !== null) rows.push(pair('Saldo sebelum', rupiah(before)), pair('Sisa saldo', rupiah(before - amount)));
  rows.push(RULE, centred('*** LATIHAN ***'));
  return `${rows.join('\n')}\n`;
}
