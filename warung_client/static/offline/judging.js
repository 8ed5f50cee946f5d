// The tablet's own decision without signal: the engine's rules by the catalogue and allowance it signed.

import { judgePrice, highestLawfulPrice } from '../ceiling.js';
import { LINES_MAX, QUANTITY_MILLI_MAX } from '../cart.js';
import { lineTotal } from '../money.js';
import { unitName } from '../words.js';
import { aboveCeiling, VERDICTS } from '../words/offline.js';

/** @typedef {import('../types.js').Good} Good */
/** @typedef {{sku: string, quantity_milli: number, unit_price: number, unit: string}} WireLine */
/** @typedef {{sku: string, verdict: string, message: string, ceiling: number|null}} Verdict */

const LINE_TOTAL_RUPIAH_MAX = 100_000_000;
const WHOLE_MILLI = 1000;
const NO_UNIT = 'pack';

/**
 * The basket as an envelope writes it: a scanned pack by its good and the unit of the same size, since an envelope knows
 * no barcodes; a pack without such a unit has none, and is refused.
 * @param {import('../types.js').Cart} cart @param {{goods: any[]}} catalogue @returns {WireLine[]}
 */
export function envelopeLines({ lines }, { goods }) {
  return lines.map(({ sku, gtin, pack, unit, quantityMilli, unitPrice }) => {
    const units = goods.find((good) => good.sku === sku)?.units ?? [];
    const same = (each) => each.numerator * (pack?.denominator ?? 1) === each.denominator * (pack?.numerator ?? 1);
    const code = gtin ? units.find(same)?.code ?? NO_UNIT : unit;
    return { sku, quantity_milli: quantityMilli, unit: code, unit_price: unitPrice };
  });
}

/**
 * Each line by itself, then the day's limits over lines of one good.
 * @param {WireLine[]} lines @param {{goods: any[]}} catalogue @param {Record<string, number>} [takenToday] base units of each good
 * @returns {{lines: Verdict[], total: number, taken: Record<string, number>, reason: string|null}}
 */
export function judge(lines, catalogue, takenToday = {}) {
  const goods = new Map(catalogue.goods.map((/** @type {Good} */ good) => [good.sku, good]));
  const judged = lines.map((line) => verdictOf(line, goods.get(line.sku)));
  const taken = takenOf(lines, judged, goods);
  const limited = judged.map((each) => withinDay(each, goods.get(each.sku), taken, takenToday));
  const total = lines.reduce((sum, line) => sum + lineTotal(line.unit_price, line.quantity_milli), 0);
  return { lines: limited, total, taken, reason: basketReason(lines, limited) };
}

/** @param {WireLine[]} lines @param {Verdict[]} judged */
function basketReason(lines, judged) {
  if (!lines.length) return 'BASKET_EMPTY';
  if (lines.length > LINES_MAX) return 'BASKET_TOO_LARGE';
  return judged.find(({ verdict }) => verdict !== 'OK')?.verdict ?? null;
}

/** @param {WireLine} line @param {any} good @returns {Verdict} */
function verdictOf(line, good) {
  const said = (verdict, message = VERDICTS[verdict] ?? '', ceiling = null) => ({ sku: line.sku, verdict, message, ceiling });
  if (!good) return said('ITEM_UNKNOWN');
  const unit = good.units.find(({ code }) => code === (line.unit || good.base_unit));
  if (!quantityFits(line, unit)) return said('QUANTITY_INVALID');
  if (good.verdict !== 'OK') return said(good.verdict, good.message || VERDICTS[good.verdict]);
  if (!unit) return said('UNIT_MISMATCH');
  if (!good.ceiling) return good.price_rule === 'HET' ? said('CEILING_MISSING') : said('OK', '');
  if (judgePrice(good, unit, line.unit_price) !== 'ABOVE_CEILING') return said('OK', '');
  const highest = highestLawfulPrice(good, unit) ?? 0;
  return said('PRICE_ABOVE_CEILING', aboveCeiling(highest, unitName(unit.code)), highest);
}

/** @param {WireLine} line @param {any} unit */
function quantityFits({ quantity_milli: milli, unit_price: price }, unit) {
  if (!Number.isSafeInteger(milli) || !Number.isSafeInteger(price)) return false;
  if (milli <= 0 || milli > QUANTITY_MILLI_MAX || (unit?.whole && milli % WHOLE_MILLI)) return false;
  const total = lineTotal(price, milli);
  return total > 0 && total <= LINE_TOTAL_RUPIAH_MAX;
}

/** What the lawful lines take of goods with a limit a day, in thousandths of the base unit, down as the engine counts. */
function takenOf(lines, judged, goods) {
  /** @type {Record<string, number>} */
  const taken = {};
  lines.forEach((line, place) => {
    const good = goods.get(line.sku);
    if (judged[place].verdict !== 'OK' || !good?.daily_limit) return;
    const { numerator, denominator } = good.units.find(({ code }) => code === (line.unit || good.base_unit));
    taken[line.sku] = (taken[line.sku] ?? 0) + Math.floor((line.quantity_milli * numerator) / denominator);
  });
  return taken;
}

/** @param {Verdict} judged @param {any} good @param {Record<string, number>} taken @param {Record<string, number>} before @returns {Verdict} */
function withinDay(judged, good, taken, before) {
  if (judged.verdict !== 'OK' || !good.daily_limit) return judged;
  const all = taken[judged.sku] + (before[judged.sku] ?? 0);
  return all <= good.daily_limit.quantity_milli ? judged : { ...judged, verdict: 'QUANTITY_LIMIT', message: VERDICTS.QUANTITY_LIMIT };
}
