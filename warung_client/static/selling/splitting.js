// Split tender: the basket becomes what her balance pays, and what is paid with money, struk terpisah.

import { EMPTY_CART, toWire, withLines } from '../cart.js';
import { wayChosen } from '../steps.js';
import { NOTHING_FITS } from '../words/cash.js';
import { split } from './split.js';

/** The balance an answer or the agreement told, as far as the aid may use it. @param {any} state @returns {number} */
export function payableNow({ screen, sale, outcome }) {
  return (screen === 'result' ? outcome?.approvable_amount : sale?.balance?.before) ?? 0;
}

/**
 * Divides the basket and asks for a new quote; the family sees the smaller basket and says yes again.
 * @param {any} till the store, session and helpers of till.js
 */
export async function splitTender(till) {
  const { store, session } = till;
  const before = store.get();
  const { sale, catalogue } = before;
  /** @type {{payer?: {token: string}}} */
  const token = sale.token && !sale.stepUp.length ? { payer: { token: sale.token } } : {};
  const ask = (/** @type {any} */ cart) => session.call('/v1/quotes', { method: 'POST', body: { lines: toWire(cart), ...token } });
  const fresh = (/** @type {any} */ state) => state.sale?.visit === sale.visit;

  let money = payableNow(before);
  if (token.payer) { // her programmes may not pay everything: the engine knows what they pay here
    const answer = await ask(before.cart);
    if (answer.status !== 200) return till.refuse(answer);
    money = Math.min(money, answer.body.approvable_amount);
  }
  const parts = split(before.cart.lines, catalogue.goods, money);
  if (!parts.aid.length) return store.set({ problem: NOTHING_FITS });
  const cart = { ...withLines(EMPTY_CART, parts.aid), before: null };
  const answer = await ask(cart);
  if (!fresh(store.get())) return undefined;
  if (answer.status !== 200) return till.refuse(answer);
  return store.set((/** @type {any} */ state) => divided(state, cart, parts.cash, answer.body));
}

/**
 * Both baskets, and where the sale goes on: a proven payer agrees again, others prove again.
 * @param {any} state @param {any} cart @param {import('../types.js').CartLine[]} cash @param {any} quote
 */
export function divided(state, cart, cash, quote) {
  const { sale } = state;
  const both = { cart, aside: withLines(state.aside, cash), purchaseId: null, outcome: null, problem: null };
  const next = { ...sale, quoteId: quote.quote_id, amount: quote.amount, lines: quote.lines, visit: sale.visit + 1, asking: null };
  if (sale.token || (sale.way === 'KKS' && sale.card)) {
    const { balance_before: had, balance_after: after, programmes = [], day_limits: limits = [] } = quote;
    const balance = typeof had === 'number' ? { before: had, after, programmes, limits } : null;
    return { ...both, screen: 'agree', sale: { ...next, balance, token: quote.payer_token ?? sale.token } };
  }
  const again = wayChosen({ ...state, sale: next }, sale.way);
  return { ...both, ...again, sale: { ...again.sale, msisdn: sale.msisdn } };
}
