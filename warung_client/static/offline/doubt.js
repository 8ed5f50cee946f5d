// What an online purchase may have drawn of the money set aside here, until the engine has said what it drew.

/**
 * `alw`: the one allowance it can have drawn, null where nobody knows whose purchase it was; `settled`: it was approved.
 * @typedef {{purchase_id: string, amount: number, alw: string|null, settled: boolean, at_ms: number}} Doubt
 */
/** @typedef {import('./allowance.js').Kept} Kept */

export const DOUBTS_MAX = 50;
export const UNANSWERED_MS_MAX = 600_000; // an id that the engine does not know after this was never bought under

/**
 * How much of an allowance may be gone. A sale that is recorded here under an id that was sent online is one purchase,
 * whichever of the two the engine hears first: its own doubt does not count.
 * @param {Doubt[]} doubts @param {Kept} kept @param {string} [purchaseId]
 */
export function inDoubt(doubts, kept, purchaseId) {
  if (doubts.length >= DOUBTS_MAX) return kept.left;
  const may = doubts.filter(({ alw, purchase_id: id }) => id !== purchaseId && (alw === null || alw === kept.alw));
  return Math.min(Math.max(0, kept.left), may.reduce((sum, { amount }) => sum + amount, 0));
}

/** The allowance with what is certainly left of it. @param {Doubt[]} doubts @param {Kept} kept @param {string} [purchaseId] @returns {Kept} */
export const certain = (doubts, kept, purchaseId) => ({ ...kept, left: kept.left - inDoubt(doubts, kept, purchaseId) });

/** Before money is asked for; the same purchase again is the same doubt. @param {Doubt[]} doubts @param {Doubt} doubt @returns {Doubt[]} */
export function withDoubt(doubts, doubt) {
  const others = doubts.filter(({ purchase_id: id }) => id !== doubt.purchase_id);
  return [...others, doubt].slice(-DOUBTS_MAX); // so many make nothing certain, whichever they are
}

/** @param {Doubt[]} doubts @param {Iterable<string>} ids @returns {Doubt[]} */
export function without(doubts, ids) {
  const gone = new Set(ids);
  return doubts.filter(({ purchase_id: id }) => !gone.has(id));
}

/**
 * What is left of an allowance when the engine says `remaining`: less what it has not heard of. A sale may have gone out
 * while it answered; it counts all the same, the next answer puts that right.
 * @param {number} remaining @param {{seq: number, total: number}[]} before unsent when it was asked @param {{seq: number, total: number}[]} now
 */
export function leftOf(remaining, before, now) {
  const sales = new Map([...before, ...now].map(({ seq, total }) => [seq, total]));
  return remaining - [...sales.values()].reduce((sum, total) => sum + total, 0);
}
