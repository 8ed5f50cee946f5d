// The paper of a sale made without signal: text for 58 mm, and the envelope itself as QR.

import { hour, rfc3339, date } from '../clock.js';
import { lineTotal, quantity, rupiah } from '../money.js';
import { unitName } from '../words.js';
import { RECEIPT } from '../words/offline.js';
import { receiptText } from './envelope.js';

const COLUMNS = 32; // of 58 mm paper
const CELL_PIXELS = 4;
const MARGIN_CELLS = 4;

/** Left and right on one line, or on two when they do not fit. @param {string} left @param {string} right */
const row = (left, right) => (left.length + right.length < COLUMNS
  ? left + right.padStart(COLUMNS - left.length) : `${left}\n${right.padStart(COLUMNS)}`);

/**
 * @param {{shop: any, staff: any, cart: import('../types.js').Cart, total: number, left: number, seq: number, atMs: number, name: string}} sale
 * @returns {string}
 */
export function paper({ shop, staff, cart, total, left, seq, atMs, name }) {
  const day = date(rfc3339(atMs, shop.time_zone).slice(0, 10));
  const lines = cart.lines.flatMap((line) => [
    line.name,
    row(`  ${quantity(line.quantityMilli)} ${unitName(line.unit)} x ${rupiah(line.unitPrice)}`, rupiah(lineTotal(line.unitPrice, line.quantityMilli))),
  ]);
  return [
    RECEIPT.title, shop.name, `${day} ${hour(atMs, shop.time_zone)}`, row(RECEIPT.cashier, staff?.name ?? ''), row(RECEIPT.number, String(seq)), name,
    '-'.repeat(COLUMNS), ...lines, '-'.repeat(COLUMNS), row(RECEIPT.sum, rupiah(total)), row(RECEIPT.left, rupiah(left)), '', RECEIPT.keep, RECEIPT.proof,
  ].filter((line, place) => line !== '' || place > 5).join('\n');
}

/** The envelope as a picture; null in a browser that cannot pack it. @param {string} text of the envelope @returns {Promise<string|null>} */
export async function picture(text) {
  try {
    const [{ qrcode }, content] = await Promise.all([import('../vendor/qrcode-generator.js'), receiptText(text)]);
    const code = qrcode(0, 'L');
    code.addData(content, 'Byte');
    code.make();
    return code.createDataURL(CELL_PIXELS, MARGIN_CELLS);
  } catch (failure) {
    console.error(failure);
    return null;
  }
}
