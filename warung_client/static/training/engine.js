// The training ground's own engine: answers like the real one, in memory, for invented families.

import { judgePrice, unitOf } from '../ceiling.js';
import { lineTotal } from '../money.js';
import { cannotHere, DECLINES, LINE_WORDS } from '../words/training.js';
import { dayAnswer, closeAnswer, moneyAnswer } from './books.js';
import { FAMILIES, GOODS, SAMPLE_PIN, SHOP, STAFF } from './sample.js';
import { practiceSlip } from './slip.js';

const TOKEN_PREFIX = 'latihan-';
const SESSION_S = 43_200;

/** @typedef {{status: number, body: any}} Said */
/** @typedef {{method: string, path: string, body: any}} Asked */

/** @param {number} status @param {any} [body] @returns {Said} */
const said = (status, body = null) => ({ status, body });

/**
 * @param {{now: () => number}} around
 * @returns {(asked: Asked) => Said} an engine with full wallets and empty books
 */
export function trainingEngine({ now }) {
  /** @type {Map<string, any>} */
  const purchases = new Map();
  const balances = new Map(FAMILIES.map(({ card, balance }) => [card, balance]));
  const books = { purchases, closes: new Map(), now };
  const at = () => new Date(now()).toISOString();

  /** @param {any} payer */
  function family(payer) {
    const by = payer?.token ? payer.token.slice(TOKEN_PREFIX.length) : payer?.card;
    return FAMILIES.find(({ card, msisdn }) => card === by || sameNumber(msisdn, payer?.msisdn)) ?? null;
  }

  /** @param {any} body */
  function open(body) {
    const staff = STAFF.find(({ staff_id }) => staff_id === body.staff_id);
    if (!staff || body.pin !== SAMPLE_PIN) return said(401, { code: 'LOGIN_WRONG', detail: DECLINES.LOGIN });
    return said(200, {
      access_token: staff.staff_id, refresh_token: staff.staff_id, expires_in: SESSION_S, staff: { role: staff.role, name: staff.name },
      till_id: 'latihan', shop: SHOP, server_time: at(),
    });
  }

  /** @param {any} body */
  function quote({ lines, payer }) {
    const judged = judgeLines(lines);
    const amount = sum(judged);
    const who = payer && family(payer);
    const before = who ? balances.get(who.card) ?? 0 : undefined;
    return said(200, {
      quote_id: 'latihan', amount, approvable_amount: amount, lines: judged,
      ...(who && { balance_before: before, balance_after: Number(before) - amount, payer_token: TOKEN_PREFIX + who.card }),
    });
  }

  /** @param {any} body */
  function identify(body) {
    const token = body.continue;
    if (token) {
      const who = family({ token });
      const right = ['PIN', 'CODE'].includes(body.factor) && body.value === SAMPLE_PIN;
      if (!body.value) return said(200, { status: 'STEP_UP', step_up: ['CODE'], payer_token: token, reason: 'STEP_UP_REQUIRED', message: DECLINES.CODE_SENT });
      if (right && who) return said(200, { status: 'IDENTIFIED', payer_token: token, name: who.name, step_up: [] });
      return said(200, { status: 'STEP_UP', step_up: ['PIN'], payer_token: token, reason: 'PIN_WRONG', ...DECLINES.PIN_WRONG });
    }
    const who = family(body) ?? (body.msisdn || body.card ? null : FAMILIES[0]); // a face or a NIK is always the first family's
    if (!who) return said(200, { status: 'NOT_IDENTIFIED', step_up: [], reason: 'PAYER_UNKNOWN', ...DECLINES.PAYER_UNKNOWN });
    const factor = body.method === 'PHONE' ? 'CODE' : 'PIN';
    return said(200, {
      status: 'STEP_UP', step_up: [factor], payer_token: TOKEN_PREFIX + who.card, reason: 'STEP_UP_REQUIRED',
      message: factor === 'CODE' ? DECLINES.CODE_SENT : '', next_step: '',
    });
  }

  /** @param {string} id @param {any} body */
  function buy(id, body) {
    const known = purchases.get(id);
    if (known) return said(200, known);
    const lines = judgeLines(body.lines);
    const who = family(body.payer);
    const reason = refusedFor(who, body.payer, lines, who ? balances.get(who.card) ?? 0 : 0);
    const answer = reason || !who ? declined(id, reason || 'PAYER_UNKNOWN', lines) : approved(id, who, lines);
    purchases.set(id, answer);
    return said(200, answer);
  }

  /** @param {string} id @param {string} reason @param {any[]} lines */
  function declined(id, reason, lines) {
    const words = DECLINES[/** @type {keyof typeof DECLINES} */ (reason)] ?? DECLINES.OTHER;
    return { purchase_id: id, status: 'DECLINED', reason, .../** @type {object} */ (words), lines, decided_at: at(), amount: sum(lines) };
  }

  /** @param {string} id @param {any} who @param {any[]} lines */
  function approved(id, who, lines) {
    const amount = sum(lines);
    const before = balances.get(who.card) ?? 0;
    balances.set(who.card, before - amount);
    const number = `LATIHAN-${id.slice(-4).toUpperCase()}`;
    const text = practiceSlip({ shop: SHOP.name, number, at: now(), lines, amount, before });
    return {
      purchase_id: id, status: 'APPROVED', amount, balance_before: before, balance_after: before - amount, lines, decided_at: at(),
      receipt: { number, text, verify: 'LATIHAN' }, method: 'KKS',
    };
  }

  /** @param {any} body */
  function takeBack(body) {
    const bought = purchases.get(body.purchase_id);
    if (!bought || bought.status !== 'APPROVED') return said(404, { detail: cannotHere });
    purchases.set(body.purchase_id, { ...bought, status: 'VOIDED', returned: bought.amount });
    return said(200, {
      status: 'VOIDED', amount: bought.amount, lines: bought.lines, ...DECLINES.VOIDED,
      receipt: { number: bought.receipt.number, text: practiceSlip({ shop: SHOP.name, number: bought.receipt.number, at: now(), lines: bought.lines, amount: bought.amount, before: null }) },
    });
  }

  const list = () => said(200, {
    day: at().slice(0, 10), total_approved: sum([...purchases.values()].filter(({ status }) => status === 'APPROVED').map(({ amount }) => ({ line_total: amount }))),
    purchases: [...purchases.values()].map(({ receipt, lines: _lines, ...rest }) => ({ ...rest, number: receipt?.number ?? '' })),
  });

  /** @type {[string, RegExp, (found: RegExpMatchArray, body: any) => Said][]} */
  const routes = [
    ['GET', /^\/health$/, () => said(200, { status: 'ok' })],
    ['GET', /^\/demo\/devices$/, () => said(200, { staff: STAFF })],
    ['POST', /^\/v1\/sessions$/, (_, body) => open(body)],
    ['POST', /^\/v1\/sessions\/refresh$/, (_, body) => open({ staff_id: body.refresh_token, pin: SAMPLE_PIN })],
    ['DELETE', /^\/v1\/sessions$/, () => said(204)],
    ['GET', /^\/v1\/catalog/, () => said(200, {
      region: SHOP.region, region_name: 'Latihan', day: at().slice(0, 10), version: 'latihan', goods: GOODS, programmes: [], time_zone: SHOP.time_zone, server_time: at(),
    })],
    ['POST', /^\/v1\/quotes$/, (_, body) => quote(body)],
    ['POST', /^\/v1\/payers\/challenges$/, () => said(200, { challenge_id: 'latihan', action: 'TURN_LEFT', expires_at: new Date(now() + 60_000).toISOString() })],
    ['POST', /^\/v1\/payers\/identify$/, (_, body) => identify(body)],
    ['PUT', /^\/v1\/purchases\/([\w-]+)$/, (found, body) => buy(found[1], body)],
    ['GET', /^\/v1\/purchases\/([\w-]+)$/, (found) => (purchases.has(found[1]) ? said(200, purchases.get(found[1])) : said(404, { detail: cannotHere }))],
    ['GET', /^\/v1\/purchases(\?|$)/, list],
    ['PUT', /^\/v1\/voids\/[\w-]+$/, (_, body) => takeBack(body)],
    ['GET', /^\/v1\/shops\/latihan\/day$/, () => said(200, dayAnswer(books))],
    ['POST', /^\/v1\/shops\/latihan\/day\/close$/, (_, body) => closeAnswer(books, body)],
    ['GET', /^\/v1\/shops\/latihan\/money$/, () => said(200, moneyAnswer(books))],
  ];

  return ({ method, path, body }) => {
    for (const [verb, shape, answer] of routes) {
      const found = verb === method ? path.match(shape) : null;
      if (found) return answer(found, body);
    }
    return said(404, { code: 'TRAINING', detail: cannotHere });
  };
}

/** @param {string} known @param {string|undefined} typed */
const sameNumber = (known, typed) => Boolean(typed) && String(typed).replace(/^(\+?62)/, '0') === known;

/** @param {any[]} lines */
const sum = (lines) => lines.reduce((all, { line_total: each }) => all + each, 0);

/** @param {any[]} lines the wire's */
function judgeLines(lines) {
  return lines.map(({ sku, quantity_milli, unit_price, unit }) => {
    const good = GOODS.find((each) => each.sku === sku);
    const line = { sku, name: good?.name ?? sku, unit: unit ?? good?.base_unit, quantity_milli, unit_price, line_total: lineTotal(unit_price, quantity_milli), ceiling: null, message: '' };
    if (!good) return { ...line, verdict: 'ITEM_UNKNOWN', message: LINE_WORDS.ITEM_UNKNOWN };
    if (good.verdict !== 'OK') return { ...line, verdict: good.verdict, message: good.message ?? '' };
    const sold = unitOf(good, line.unit);
    if (judgePrice(good, sold, unit_price) !== 'ABOVE_CEILING') return { ...line, verdict: 'OK' };
    const ceiling = Math.floor(((good.ceiling?.amount ?? 0) * sold.numerator) / sold.denominator);
    return { ...line, verdict: 'PRICE_ABOVE_CEILING', ceiling, message: LINE_WORDS.PRICE_ABOVE_CEILING };
  });
}

/** The first reason why this cannot be paid; empty: it can. @param {any} who @param {any} payer @param {any[]} lines @param {number} balance */
function refusedFor(who, payer, lines, balance) {
  if (!who) return 'CARD_UNKNOWN';
  if (payer.method === 'KKS' && payer.pin !== SAMPLE_PIN) return 'PIN_WRONG';
  if (payer.method === 'PHONE' && payer.code !== SAMPLE_PIN) return 'CODE_WRONG';
  const wrong = lines.find(({ verdict }) => verdict !== 'OK');
  if (wrong) return wrong.verdict;
  return sum(lines) > balance ? 'INSUFFICIENT_BALANCE' : '';
}
