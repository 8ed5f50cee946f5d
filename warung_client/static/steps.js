// The pure steps of a sale from one moment to the next: quoted, identified, answered, taken back.

import { EMPTY_CART, mark, refused } from './cart.js';
import { untilSheIsKnown } from './elsewhere.js';
import { refusal, SALE_CANCELLED, say, someRefused } from './words.js';

const STEP_UP_REQUIRED = 'STEP_UP_REQUIRED';
const CANCELLED = new Set(['VOIDED', 'REVERSED']);

/**
 * The quote answered: on to the payer, or back to the marked lines.
 * @param {any} state @param {any} quote @param {() => string} makeId
 */
export function quoted(state, quote, makeId) {
  const cart = mark(state.cart, untilSheIsKnown(quote.lines, state.catalogue?.goods ?? []));
  const count = refused(cart).length;
  if (count) return { cart, screen: 'cart', pane: 'cart', problem: someRefused(count) };
  return {
    cart, screen: 'who', problem: null, outcome: null,
    purchaseId: state.purchaseId ?? makeId(), // one id until it is answered
    sale: { quoteId: quote.quote_id, amount: quote.amount, lines: quote.lines, faceFailures: 0, visit: 0, ...NOBODY },
  };
}

const NOBODY = Object.freeze({
  way: null, card: '', msisdn: '', nik: '', token: null, stepUp: [], name: '', balance: null, asking: null,
  noMatch: false, birthDate: null, shown: null, ownCode: '', supervision: null,
  cardQr: '', typed: false, holder: 'SELF', families: null, forKpm: null, provenAtMs: 0, phoneAsked: false,
});

/**
 * A way chosen: what another way had found is forgotten, and what it still asks is not waited for.
 * @param {any} state @param {string|null} way
 */
export function wayChosen(state, way) {
  return { screen: 'who', problem: null, sale: { ...state.sale, ...NOBODY, way, visit: state.sale.visit + 1 } };
}

/** Identify answered. @param {any} state @param {any} said */
export function identified(state, said) {
  const calm = !said.reason || said.reason === STEP_UP_REQUIRED;
  const { sale } = state;
  const problem = said.message ? { message: said.message, nextStep: nextOf(said, sale.way), calm, reason: said.reason ?? '', way: wayOn(said, sale.way) } : null;
  if (said.families?.length) return { problem, sale: { ...sale, families: said.families, token: null, stepUp: [] } };
  if (said.status === 'IDENTIFIED') {
    return { problem: null, sale: { ...sale, token: said.payer_token, name: said.name ?? '', stepUp: [] } };
  }
  if (said.status !== 'STEP_UP') return { problem, sale: { ...sale, token: null, stepUp: [], ...faceFailed(sale, said) } };
  if (!said.step_up.length) return { problem: { ...problem, calm: false }, sale: { ...sale, token: null, stepUp: [] } };
  const told = !calm || sale.stepUp.length > 0 || sale.way === 'PHONE';
  return { problem: told ? problem : null, sale: { ...sale, stepUp: said.step_up, token: said.payer_token } };
}

/** Where this way ends, the engine names the next one; else its advice for the same way. */
function nextOf({ next_method: next, ladder, next_step: advice }, way) {
  return next && next !== way ? ladder.message : advice ?? '';
}

/** The way that the engine names next, when it is another one: a key leads there. */
const wayOn = ({ next_method: next }, way) => (next && next !== way && next !== 'VISIT' ? next : null);

/** A face that failed is counted; one that nobody here is known by may be helped by a birth date. */
function faceFailed({ way, faceFailures, noMatch }, { reason }) {
  if (way !== 'FACE') return {};
  return { faceFailures: faceFailures + 1, noMatch: noMatch || reason === 'FACE_NO_MATCH' };
}

/** The PUT was answered, one way or the other. @param {any} state @param {{status: number, body: any}} answer */
export function answered(state, { status, body }) {
  if (status !== 200) {
    return { screen: 'result', outcome: { kind: 'DECLINED', reason: body?.code ?? '', ...refusal({ status, body }) } };
  }
  if (CANCELLED.has(body.status)) {
    return { screen: 'result', purchaseId: null, outcome: { kind: 'DECLINED', reason: body.status, ...SALE_CANCELLED } };
  }
  if (body.status !== 'DECLINED') {
    return { screen: 'result', purchaseId: null, cart: EMPTY_CART, sale: null, outcome: { kind: 'APPROVED', ...body } };
  }
  const cart = mark(state.cart, body.lines ?? []);
  return {
    screen: 'result', purchaseId: null, cart, // a refused id stays refused: the next try gets a new one
    outcome: { kind: 'DECLINED', ...body, nextStep: body.next_step ?? '' },
  };
}

/**
 * A void was answered. A refusal is final for its id: the next try gets a new one; a fault is asked again.
 * @param {any} state @param {{status: number, body: any}} answer @param {() => string} makeId
 */
export function voidAnswered({ voiding }, { status, body }, makeId) {
  if (status === 200 && body.status === 'VOIDED') return { problem: null, voiding: { ...voiding, done: body } };
  if (status === 200) {
    return { problem: { ...say(body.message, body.next_step), reason: body.reason ?? '' }, voiding: { ...voiding, id: makeId(), reason: null } };
  }
  if (status >= 500) return { problem: refusal({ status, body }) };
  return { problem: refusal({ status, body }), voiding: { ...voiding, id: makeId(), reason: null } };
}

/** Reasons that lie with the goods: the way on is the basket. @param {any} state @param {any} outcome */
export function liesWithGoods(state, outcome) {
  return refused(state.cart).length > 0 || ['INSUFFICIENT_BALANCE', 'LIMIT_REACHED', 'BASKET_EMPTY', 'BASKET_TOO_LARGE'].includes(outcome.reason);
}
