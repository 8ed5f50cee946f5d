// Too little balance: what the aid still pays, and what is left to pay with money. Prices stay as they are.

import { lineTotal } from '../money.js';

/** @typedef {import('../types.js').CartLine} CartLine */
/** @typedef {import('../types.js').Good} Good */

const STEP_MILLI = 100; // no scale of a warung weighs finer
const WHOLE_MILLI = 1000;

/** @param {CartLine[]} lines */
const sum = (lines) => lines.reduce((total, { unitPrice, quantityMilli }) => total + lineTotal(unitPrice, quantityMilli), 0);

/** Only food that the aid may pay is divided, by its unit. @param {CartLine} line @param {Good[]} goods @returns {number} 0: not at all */
function stepOf(line, goods) {
  const good = goods.find(({ sku }) => sku === line.sku);
  if (!good || good.verdict !== 'OK' || line.mark) return 0;
  const unit = line.pack ?? good.units.find(({ code }) => code === line.unit);
  return !unit || unit.whole ? WHOLE_MILLI : STEP_MILLI;
}

/** The largest part of a line that so much money pays. @param {CartLine} line @param {number} step @param {number} money */
function payable(line, step, money) {
  if (!step || !line.unitPrice) return 0;
  let quantityMilli = Math.floor(Math.floor((money * WHOLE_MILLI) / line.unitPrice) / step) * step;
  while (lineTotal(line.unitPrice, quantityMilli + step) <= money) quantityMilli += step;
  return Math.min(quantityMilli, line.quantityMilli);
}

/**
 * Whole lines first, in the order of the basket; then parts of the others, as long as money is left.
 * @param {CartLine[]} lines @param {Good[]} goods @param {number} money what the aid can pay
 * @returns {{aid: CartLine[], cash: CartLine[], aidTotal: number, cashTotal: number}}
 */
export function split(lines, goods, money) {
  let left = money;
  /** @type {Map<number, number>} */
  const paid = new Map();
  lines.filter(({ mark }) => !mark).forEach((line) => {
    const total = lineTotal(line.unitPrice, line.quantityMilli);
    if (total > left) return;
    paid.set(line.key, line.quantityMilli);
    left -= total;
  });
  lines.filter(({ key }) => !paid.has(key)).forEach((line) => {
    const part = payable(line, stepOf(line, goods), left);
    paid.set(line.key, part);
    left -= lineTotal(line.unitPrice, part);
  });
  const aid = parts(lines, (line) => paid.get(line.key) ?? 0);
  const cash = parts(lines, (line) => line.quantityMilli - (paid.get(line.key) ?? 0));
  return { aid, cash, aidTotal: sum(aid), cashTotal: sum(cash) };
}

/** @param {CartLine[]} lines @param {(line: CartLine) => number} quantityOf @returns {CartLine[]} */
function parts(lines, quantityOf) {
  return lines.map((line) => ({ ...line, quantityMilli: quantityOf(line) })).filter(({ quantityMilli }) => quantityMilli > 0);
}
