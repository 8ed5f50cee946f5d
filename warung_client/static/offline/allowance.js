// Money set aside for selling without signal, as the tablet keeps it: what is left, and until when.

import { PIN_TRIES_MAX } from './limits.js';

/** @typedef {{v: number, alw: string, kpm_ref: string, card_ref: string, name: string, shop: string, device: string, amount_max: number, not_before: string, not_after: string, catalog: string, methods: string[], verifier: import('./pin_proof.js').Verifier, limits: {tx_max?: number|null, tx_count?: number|null, daily?: any[], remote?: boolean}, time_anchor: string|number, kid: string, not_by?: string[]}} Allowance `not_by`: staff of her own family */
/** `left` is what the engine last said is there, less what was sold here since. @typedef {{alw: string, card_ref: string, allowance: Allowance, sig: string, left: number, spent: number, count: number, tries: number, days: Record<string, Record<string, number>>}} Kept */

/** A moment of the protocol: a text with offset, or milliseconds. @param {string|number} said @returns {number} */
export const momentOf = (said) => (typeof said === 'number' ? said : Date.parse(said));

/** @param {{allowance: Allowance, sig: string}} signed @param {number} [left] @returns {Kept} */
export function keep({ allowance, sig }, left = allowance.amount_max) {
  return { alw: allowance.alw, card_ref: allowance.card_ref, allowance, sig, left, spent: 0, count: 0, tries: 0, days: {} };
}

/**
 * Why it cannot be used now; null when it can.
 * @param {Kept} kept @param {number} nowMs @returns {null|'EARLY'|'OVER'|'TRIES'|'EMPTY'|'COUNT'}
 */
export function hindrance(kept, nowMs) {
  const { allowance, left, count, tries } = kept;
  if (nowMs > momentOf(allowance.not_after)) return 'OVER';
  if (nowMs < momentOf(allowance.not_before)) return 'EARLY';
  if (tries >= PIN_TRIES_MAX) return 'TRIES';
  if (left <= 0) return 'EMPTY';
  return allowance.limits.tx_count && count >= allowance.limits.tx_count ? 'COUNT' : null;
}

/** Families that can be served without signal now. @param {Kept[]} all @param {number} nowMs */
export const serves = (all, nowMs) => all.filter((each) => !hindrance(each, nowMs)).length;

/** Does an allowance of a REMOTE shop live? Then no age and no count locks the till. @param {Kept[]} all @param {number} nowMs */
export const anyRemote = (all, nowMs) => all.some(({ allowance }) => (
  allowance.limits.remote === true && nowMs <= momentOf(allowance.not_after)));

/**
 * After a sale: less money, one more sale, and what the day took.
 * @param {Kept} kept @param {{total: number, day: string, taken: Record<string, number>}} sale @returns {Kept}
 */
export function spend(kept, { total, day, taken }) {
  const today = { ...(kept.days[day] ?? {}) };
  Object.entries(taken).forEach(([sku, milli]) => { today[sku] = (today[sku] ?? 0) + milli; });
  return { ...kept, left: kept.left - total, spent: kept.spent + total, count: kept.count + 1, tries: 0, days: { [day]: today } };
}

/** The one of this card that lives longest. @param {Kept[]} all @param {string} ref @returns {Kept|null} */
export function ofCard(all, ref) {
  const fits = all.filter(({ card_ref: each }) => each === ref);
  fits.sort((one, other) => momentOf(other.allowance.not_after) - momentOf(one.allowance.not_after));
  return fits[0] ?? null;
}
